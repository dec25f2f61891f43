"""Each rule that robots are held to finds a fault that is planted in a sound demo."""

import pytest
from sqlalchemy import insert, select, update

from app.domain.casework import CaseStatus, ItemStatus
from app.domain.enterprises import Card
from app.domain.hazards import HazardState
from app.models.casework import Case, Incident, WorkItem
from app.models.enterprises import Enterprise
from app.models.hazards import Hazard
from tests.findings import GAS
from tests.robots import rules
from tests.robots.robots import Habits, Robots
from tests.robots.seen import Seen


@pytest.fixture
def robots(deps):
    """A demo with an order that is served: a hazard is followed, a plan is asked for."""
    made = Robots(deps, 1, Seen(), Habits())
    made.start("xingxian.staff1")
    made.do("xingxian.staff1", "draft_order", hazards=[GAS])
    made.do("xingxian.staff1", "serve_order")
    made.note()
    return made


def change(robots, statement):
    with robots.deps.database.engine.begin() as connection:
        connection.execute(statement, execution_options={"unscoped": "a fault is planted"})


def case_of(robots):
    return robots.rows(select(Case.id))[0].id


def test_what_is_sound_breaks_no_rule(robots):
    assert rules.broken(robots) == []


def test_a_step_that_engine_and_tables_tell_differently(robots):
    done = update(WorkItem).where(WorkItem.node == "sign_order")
    change(robots, done.values(status=ItemStatus.OPEN, closed_at=None))
    assert any(rules.sound(robots))


def test_an_incident(robots):
    values = {"node": "plan", "seq": 1, "command": "task.complete", "cause": "planted"}
    now = robots.deps.clock()
    change(robots, insert(Incident).values(case_id=case_of(robots), place="14", at=now, **values))
    (line,) = rules.no_incident(robots)
    assert "planted" in line


def test_a_task_that_nobody_may_do(robots):
    change(robots, update(WorkItem).where(WorkItem.node == "plan").values(role="head"))
    (line,) = rules.nobody_is_waited_for_in_vain(robots)
    assert "nobody may do rectification plan" in line


def test_a_case_that_waits_for_nothing(robots):
    case = robots.start("xingxian.staff1")
    now = robots.deps.clock()
    done = update(WorkItem).where(WorkItem.case_id == case)
    change(robots, done.values(status=ItemStatus.CANCELLED, closed_at=now))
    assert list(rules.nobody_is_waited_for_in_vain(robots)) == [
        f"case {case} of rectification waits for nothing"
    ]


def test_one_who_signed_both_times(robots):
    signed = select(WorkItem.closed_by).where(WorkItem.node == "sign_order").scalar_subquery()
    second = update(WorkItem).where(WorkItem.node == "countersign_order")
    change(robots, second.values(closed_by=signed))
    (line,) = rules.duties_are_held_apart(robots)
    assert line.endswith("did sign_order and countersign_order")


def test_a_hazard_of_which_the_history_tells_another_state(robots):
    change(robots, update(Hazard).values(state=HazardState.OVERDUE))
    (line,) = rules.the_ledger_is_what_was_told(robots)
    assert "is overdue, told as" in line


def test_a_hazard_of_which_the_history_says_nothing(robots):
    robots.hazards.clear()
    (line,) = rules.the_ledger_is_what_was_told(robots)
    assert line.endswith("is in no line of the history")


def test_a_hazard_that_is_followed_by_nobody(robots):
    ended = {"status": CaseStatus.FINISHED, "closed_at": robots.deps.clock()}
    change(robots, update(Case).values(**ended))
    (line,) = rules.the_ledger_is_what_was_told(robots)
    assert "is followed by nobody" in line


def test_a_card_that_nobody_has_given(robots):
    plant = robots.subject()
    change(robots, update(Enterprise).where(Enterprise.id == plant).values(card=Card.YELLOW))
    (line,) = rules.cards_are_what_is_in_force(robots)
    assert f"enterprise {plant} bears yellow" in line


def test_a_look_back_that_is_concluded_beside_an_open_hazard(robots):
    robots.deps.clock.advance(days=1)
    said = {"procedure": "look_back", "ended": rules.CONCLUDED[0]}
    ended = {"status": CaseStatus.FINISHED, "closed_at": robots.deps.clock()}
    change(robots, update(Case).values(**said, **ended))
    (line,) = rules.nothing_is_concluded_beside_an_open_hazard(robots)
    assert "was concluded while hazard" in line
