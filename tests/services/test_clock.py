"""A demo's clock: it stops wherever something is due, and only one moves it."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.domain import Conflict, Invalid, NotFound
from app.models.casework import Wait
from app.models.records import Installation
from app.services import clock as clocks
from app.services.cases import ending, moving
from tests import drawn
from tests.casework import Play
from tests.engine.draw import FORM, Drawing, timer

STAFF, LEADER = "xingxian.staff1", "xingxian.deputy"


@pytest.fixture
def play(deps, actor):
    deps.jobs.worker = deps
    return Play(deps, actor)


@pytest.fixture
def advance(deps, actor):
    return lambda span, who=STAFF: clocks.advance(deps, actor(who), span)


def told(advanced):
    return [(fired.kind, str(fired.title), fired.done) for fired in advanced.fired]


def test_it_stops_at_every_due_row_in_order(deps, play, advance):
    drawn.deploy(deps, drawn.ticking(rule="P3D", due="P10D", reminder="P2D"))
    case = play.start(STAFF, "ticking", ok="")
    done = advance("P1M")
    assert [fired.kind for fired in done.fired] == ["timer", "reminder", "overdue"]
    assert done.now == datetime(2026, 12, 20, 1, 0, tzinfo=UTC)
    history = play.case(STAFF, case).history
    assert [line.action for line in history] == [
        "case.start",
        "timer.fire",
        "task.remind",
        "task.overdue",
    ]
    # Each happened at its own time, and the task's term ran from when its timer fired.
    assert [line.at for line in history[1:]] == [fired.at for fired in done.fired]
    opened = play.todo(STAFF)[0]
    assert opened.opened_at == done.fired[0].at
    assert opened.due_at == done.fired[2].at


def test_what_comes_up_on_the_way_happens_too(deps, play, advance):
    p = Drawing("twice")
    p.start(props=FORM)
    p.catch("first", timer("P1D"))
    p.catch("second", timer("PT5H"))
    p.end()
    drawn.deploy(deps, p.chain("start", "first", "second", "end"))
    case = play.start(STAFF, "twice", ok="")
    done = advance("P10D")
    assert [kind for kind, _title, _done in told(done)] == ["timer", "timer"]
    assert done.fired[1].at - done.fired[0].at == timedelta(hours=5)
    assert play.case(STAFF, case).row.status == "finished"


def test_jobs_are_done_before_it_goes_on(deps, play, advance):
    p = Drawing("short")
    p.start(props=FORM)
    p.catch("pause", timer("P1D"))
    p.end()
    q = drawn.parent(child="short")
    drawn.deploy(deps, p.chain("start", "pause", "end"), q)
    case = play.start(STAFF, "parent", ok="")
    deps.jobs.worker = deps
    done = advance("P10D")
    assert len(done.fired) == 1
    opened = play.todo(STAFF)[0]
    assert (opened.case_id, opened.node) == (case, "after")
    assert opened.opened_at == done.fired[0].at


def test_without_a_worker_it_stops(deps, play, advance, monkeypatch):
    drawn.deploy(deps, drawn.asking(), drawn.parent(), drawn.ticking(rule="P2D"))
    play.start(STAFF, "parent", ok="")
    play.start(STAFF, "ticking", ok="")
    deps.jobs.worker = None
    play.do(STAFF, "ask")
    monkeypatch.setattr(clocks, "PATIENCE", 0.1)
    with pytest.raises(Conflict):
        advance("P10D")
    deps.jobs.drain(deps)
    assert told(advance("P10D")) == []


def test_a_failed_timer_is_listed_and_passed_over(deps, play, advance, monkeypatch):
    drawn.deploy(deps, drawn.ticking(rule="P1D"))
    play.start(STAFF, "ticking", ok="")

    def fail(*_given):
        raise RuntimeError("boom")

    monkeypatch.setattr(moving, "_settle", fail)
    ((kind, _title, done),) = told(advance("P5D"))
    assert (kind, done) == ("timer", False)


@pytest.mark.parametrize(
    "span", ["", "P", "PT", "P0D", "-P1D", "P1X", "P3Y", "P800D", "P9999M", "10", "P1.5D"]
)
def test_no_span(advance, span):
    with pytest.raises(Invalid):
        advance(span)


@pytest.mark.parametrize(
    ("span", "days"), [("P1D", 1), ("P2W", 14), ("P1M", 30), ("P1M2DT24H", 33), ("PT36H", 1.5)]
)
def test_spans(deps, advance, span, days):
    with deps.system_reading("test") as work:
        before = work.now
    assert advance(span).now - before == timedelta(days=days)


def test_only_one_moves_it(deps, play, advance):
    drawn.deploy(deps, drawn.ticking(rule="P1D"))
    for _ in range(5):
        play.start(STAFF, "ticking", ok="")
    gate, outcomes = threading.Barrier(3), []

    def move():
        gate.wait()
        try:
            outcomes.append(advance("P1D"))
        except Conflict as refused:
            outcomes.append(refused)

    threads = [threading.Thread(target=move) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(outcomes) == 3
    winners = [one for one in outcomes if not isinstance(one, Conflict)]
    assert winners
    with deps.system_reading("test") as work:
        moved = work.session.scalar(select(Installation.clock_offset))
    assert moved == len(winners) * 24 * 3600


def test_who_died_moving_it_holds_it_for_two_minutes_at_most(deps, advance, clock):
    with deps.system("test") as work:
        held = work.wall + timedelta(minutes=2)
        work.session.execute(update(Installation).values(clock_held_until=held))
    with pytest.raises(Conflict):
        advance("P1D")
    clock.advance(minutes=3)
    assert advance("P1D").fired == []


def test_to_the_next(deps, play, actor):
    with pytest.raises(Conflict):
        clocks.advance_to_next(deps, actor(STAFF))
    drawn.deploy(deps, drawn.ticking(rule="P3D"))
    case = play.start(STAFF, "ticking", ok="")
    ((due,),) = deps_rows(deps, select(Wait.due_at))
    done = clocks.advance_to_next(deps, actor(STAFF))
    assert (done.now, len(done.fired)) == (due, 1)
    assert play.case(STAFF, case).current == ["ask"]


def test_not_of_closed_cases(deps, play, advance):
    drawn.deploy(deps, drawn.ticking(rule="P3D"))
    case = play.start(STAFF, "ticking", ok="")
    play.run(LEADER, ending.cancel, case, "重复")
    assert advance("P9D").fired == []


def test_a_real_installations_clock_stands(deps, advance):
    with deps.system("test") as work:
        work.session.execute(update(Installation).values(demo=False))
    with pytest.raises(NotFound):
        advance("P1D")


def deps_rows(deps, statement):
    with deps.system_reading("test") as work:
        return work.session.execute(statement).all()
