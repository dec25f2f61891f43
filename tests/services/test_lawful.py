"""What must not happen to a hazard, a stop or a card without its basis in law."""

from datetime import timedelta

import pytest

from app.domain import Invalid
from app.domain.hazards import HazardState
from tests.casework import Play
from tests.services.test_chain import inspected, rows, running

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

    def test_a_review_closes_nothing_after_the_head_refused(self, play, clock):
        case, task = stopped(play)
        points = reviewed(play, task, "pass", "pass")
        wanted = {"points": points, "result": "pass"}
        (listing,) = play.walk(
            case, "supervision_list", supervision_review=wanted, consent={"consent": "no"}
        )
        clock.now += timedelta(days=3)
        play.walk(
            case,
            "major_decision_file_case",
            supervision_list={"comply_by": "2027-03-31"},
            supervision_review_plan={"result": "not_secured"},
            decide_failure={"measure": "penalty"},
        )
        assert listing.node == "supervision_list"
        assert HazardState.CLOSED not in {row.state for row in rows(play)}
