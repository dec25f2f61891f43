"""What must not happen to a hazard, a stop or a card without its basis in law."""

import pytest

from app.domain import Invalid
from tests.casework import Play
from tests.services.test_chain import inspected, running

STAFF = "xingxian.staff1"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def stopped(play, until="supervision_review", **answers):
    """Return the case of a temporary stop, and its open task `until`."""
    inspected(play)
    case = running(play, "stop_production").id
    wanted = {
        "choose": {"comply_by": "2027-03-31"},
        "supervision_rectify": {"request": "review"},
        **answers,
    }
    (task,) = play.walk(case, until, **wanted)
    return case, task


def reviewed(play, task, *results):
    begun = play.task(STAFF, task.id).prefill["points"]
    return [
        {**row, "result": result, "note": "现场核查"}
        for row, result in zip(begun, results, strict=True)
    ]


class TestReviewOfAStop:
    def test_no_open_hazard_is_left_out(self, play):
        _case, task = stopped(play)
        gas, crane = reviewed(play, task, "pass", "pass")
        for points in ([gas], [gas, {**crane, "hazard_id": gas["hazard_id"]}], [gas, gas]):
            with pytest.raises(Invalid) as refused:
                play.complete(STAFF, task.id, points=points, result="pass")
            assert "/points" in refused.value.errors
        play.complete(STAFF, task.id, points=[gas, crane], result="pass")
