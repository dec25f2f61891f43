"""Many at once on the same task: one wins, the others are told so, and nobody waits in a circle."""

import threading
from collections import Counter
from functools import partial

import orjson
import pytest
from sqlalchemy import select

from app.domain import AppError, Conflict
from app.domain import history as chain
from app.models.casework import WorkItem
from app.models.records import HistoryEntry
from app.services import timers
from app.services.cases import ending
from app.services.tasks import commands
from tests import drawn
from tests.casework import Play
from tests.engine.draw import FORM, Drawing, timer

PEOPLE = ("xingxian.staff1", "xingxian.staff2", "xingxian.staff3")
LEADER = "xingxian.deputy"
AT_ONCE, ROUNDS = 12, 8


@pytest.fixture
def play(deps, actor):
    known = {username: actor(username) for username in (*PEOPLE, LEADER)}
    return Play(deps, known.__getitem__)


@pytest.fixture
def two_steps(deps):
    p = Drawing("steps")
    p.start(props=FORM)
    p.user("first")
    p.user("second", returnTo="first")
    p.end()
    drawn.deploy(deps, p.chain("start", "first", "second", "end"))
    return "steps"


def at_once(*acts):
    """Do all at the same moment; return the outcome of each: its value, or the refusal."""
    gate = threading.Barrier(len(acts))
    outcomes = [None] * len(acts)

    def run(number, act):
        gate.wait()
        try:
            outcomes[number] = act() or True
        except AppError as refused:
            outcomes[number] = refused
        except BaseException as failed:  # noqa: BLE001 - shown by the test
            outcomes[number] = failed

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "somebody waits for ever"
    foreseen = [one for one in outcomes if one is None or isinstance(one, BaseException)]
    assert all(isinstance(one, AppError) for one in foreseen), foreseen
    return outcomes


def won(outcomes):
    return sum(not isinstance(outcome, AppError) for outcome in outcomes)


def acts_of(deps, case):
    with deps.system_reading("test") as work:
        lines = work.session.scalars(
            select(HistoryEntry)
            .where(HistoryEntry.stream == "case", HistoryEntry.subject == case)
            .order_by(HistoryEntry.seq)
        ).all()
    assert chain.first_break(lines) is None
    return Counter(orjson.loads(line.body)["action"] for line in lines)


def test_one_completes(deps, play, two_steps):
    for _ in range(ROUNDS):
        case = play.start(PEOPLE[0], two_steps, ok="")
        item = max(row.id for row in play.todo(PEOPLE[0]))
        acts = [
            partial(play.run, PEOPLE[number % 3], commands.complete, item, {})
            for number in range(AT_ONCE)
        ]
        outcomes = at_once(*acts)
        assert won(outcomes) == 1
        assert all(isinstance(one, Conflict) for one in outcomes if isinstance(one, AppError))
        assert acts_of(deps, case)["task.complete"] == 1


def test_one_claims(deps, play, two_steps):
    for _ in range(ROUNDS):
        case = play.start(PEOPLE[0], two_steps, ok="")
        item = max(row.id for row in play.todo(PEOPLE[0]))
        outcomes = at_once(*[partial(play.run, who, commands.claim, item) for who in PEOPLE])
        assert won(outcomes) == 1
        assert acts_of(deps, case)["task.claim"] == 1


def test_whatever_comes_first_keeps_the_case_whole(deps, play, two_steps):
    ways = Counter()
    for _ in range(ROUNDS):
        case = play.start(PEOPLE[0], two_steps, ok="")
        play.do(PEOPLE[0], "first")
        item = max(row.id for who in PEOPLE for row in play.todo(who))
        a, b, c = PEOPLE
        outcomes = at_once(
            partial(play.run, a, commands.complete, item, {}),
            partial(play.run, b, commands.complete, item, {}),
            partial(play.run, b, commands.return_to, item, "first", "再来"),
            partial(play.run, c, commands.claim, item),
            partial(play.run, LEADER, ending.cancel, case, "撤"),
            partial(play.run, LEADER, commands.transfer, item, c, "换人"),
            partial(play.run, LEADER, commands.urge, item),
            partial(play.run, a, commands.save_draft, item, {"ok": "x"}),
        )
        assert won(outcomes)
        told = acts_of(deps, case)
        view = play.case(a, case)
        moved = told["task.complete"] - 1 + told["task.return"] + told["case.cancel"]
        assert moved >= 1
        assert told["case.finish"] + told["case.cancel"] <= 1
        open_items = [task.node for task in view.tasks if task.status == 0]
        if view.row.status == "running":
            assert open_items == ["first"]
            assert told["task.return"] == 1
        else:
            assert open_items == []
        ways[view.row.status] += 1
    assert ways


def test_a_timer_against_people(deps, play, clock):
    """A border timer fires while its task is completed: one of the two comes first."""
    p = Drawing("hurried")
    p.start(props=FORM)
    p.user("ask")
    p.boundary("late", "ask", timer("PT1H"))
    p.user("after")
    p.end("end")
    p.end("end_late")
    drawn.deploy(deps, p.chain("start", "ask", "end").chain("late", "after", "end_late"))
    for _ in range(ROUNDS):
        case = play.start(PEOPLE[0], "hurried", ok="")
        item = max(row.id for row in play.todo(PEOPLE[0]))
        clock.advance(hours=1)
        with deps.system_reading("test") as work:
            (row,) = timers.due(work, 9)
        outcomes = at_once(
            *[partial(timers.fire, deps, row.case_id, row.seq)] * 4,
            *[partial(play.run, who, commands.complete, item, {}) for who in PEOPLE],
        )
        told = acts_of(deps, case)
        assert told["timer.fire"] + told["task.complete"] == 1
        assert won(outcomes)
        with deps.system_reading("test") as work:
            left = work.session.scalars(
                select(WorkItem.node).where(WorkItem.case_id == case, WorkItem.status == 0)
            ).all()
        assert left == (["after"] if told["timer.fire"] else [])
        if left:
            play.run(LEADER, ending.cancel, case, "完")
