"""严重失信主体名单 (R28): on it once the decision is served, off it once somebody deals with its end."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.domain import Conflict
from app.domain.history import Stream
from app.models.enterprises import Enterprise
from app.services import history
from app.services.cases import ending
from tests.casework import Play
from tests.lasting import STAFF, listed, seized, to_be_listed
from tests.paper_samples import OFFICERS

DEPUTY = "xingxian.deputy"
EARLY = {"outcome": "early", "ground": "列入满十二个月，已按要求整改，申请提前移出"}
DONE = {"done_on": "2026-11-20"}


@pytest.fixture
def play(deps, actor, monkeypatch):
    """A play in which nobody has to be punished before they are listed."""
    kinds = deps.papers.templates.kinds
    alone = replace(kinds["blacklist_decision"], after=())
    monkeypatch.setitem(kinds, "blacklist_decision", alone)
    return Play(deps, actor)


def on_it(play):
    with play.deps.system_reading("test") as work:
        plant = select(Enterprise.blacklisted).where(Enterprise.id == play.subject())
        return work.session.scalars(plant).one()


def told(play):
    """Return what the enterprise's history says of the list, and the reasons."""
    with play.deps.system_reading("test") as work:
        lines = history.whole(work, Stream.ENTERPRISE, play.subject()).rows
        found = [line.detail for line in lines if line.action == "enterprise.blacklist"]
        return [(line["blacklisted"], line["reason"], line["case"]) for line in found]


def end(play, case, **answers):
    (task,) = play.open_of(case)
    play.complete(STAFF, task.id, **answers)


def test_it_is_on_the_list_once_the_decision_is_served_and_not_before(play):
    case = to_be_listed(play)
    assert not on_it(play)
    play.do(STAFF, "serve", officers=OFFICERS)
    assert on_it(play)
    (paper,) = (row for row in play.papers(STAFF, case) if row.kind == "blacklist_decision")
    assert told(play) == [(True, paper.number, case)]


@pytest.mark.parametrize(
    "outcome",
    [{"outcome": "expired"}, EARLY, {**EARLY, "outcome": "revoked"}],
    ids=["expired", "early", "revoked"],
)
def test_who_deals_with_its_end_takes_it_off(play, outcome):
    case = listed(play)
    end(play, case, **outcome, **DONE)
    assert not on_it(play)
    assert told(play)[1] == (False, outcome.get("ground", ""), case)
    assert play.case(STAFF, case).row.ended.wording == "期限已处理"


def test_it_stays_while_another_decision_is_in_force(play):
    first, second = listed(play), listed(play)
    end(play, first, **EARLY, **DONE)
    assert on_it(play)
    end(play, second, **EARLY, **DONE)
    assert not on_it(play)
    assert [line[0] for line in told(play)] == [True, False]


def test_what_is_sealed_is_on_no_list_and_its_end_takes_nobody_off(play):
    case = listed(play)
    sealing = seized(play)
    assert len(told(play)) == 1
    released = {"outcome": "released", "release_number": "（兴）应急解封〔2026〕1号"}
    end(play, sealing, **released, **DONE)
    assert on_it(play)
    assert [line[2] for line in told(play)] == [case]


@pytest.mark.parametrize("begin", [listed, seized])
def test_a_case_is_not_called_off_while_its_decision_lasts(play, begin):
    """Else a plant would stay on the list, or its things sealed, with nobody to end it."""
    case = begin(play)
    before = play.case(STAFF, case).current
    with pytest.raises(Conflict, match="请先办结期限"):
        play.run(DEPUTY, ending.cancel, case, "不再办理")
    assert play.case(STAFF, case).current == before
