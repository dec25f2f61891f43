"""Timers and reminders, by the business clock, each once; and what becomes of those that fail."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from app.cli.incident import incident
from app.domain import Conflict, Forbidden, NotFound
from app.domain.access import Role
from app.models.casework import Incident, Message, Wait, WorkItem
from app.models.records import Installation
from app.services import incidents, reminders, timers
from app.services.cases import ending, moving
from app.services.sweeping import KEYED, Sweep
from app.services.tasks import commands
from tests import drawn
from tests.casework import Play
from tests.engine.draw import FORM, Drawing, timer

STAFF, LEADER, ADMIN = "xingxian.staff1", "xingxian.deputy", "xingxian.admin"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def sweep(deps):
    """Hand out what is due and do it, each job twice; the night's and the year's go unsaid."""
    sweeper = Sweep(deps)

    def run():
        sweeper.run()
        return [key for key in deps.jobs.drain(deps) if key.split(":")[0] not in KEYED]

    return run


def rows(deps, statement):
    with deps.system_reading("test") as work:
        return work.session.execute(statement).all()


def write(deps, statement):
    with deps.system("test") as work:
        work.session.execute(statement)


def actions(play, case, who=STAFF):
    return [line.action for line in play.case(who, case).history]


class TestTimers:
    def test_fires_once_when_the_business_clock_gets_there(self, deps, play, clock, sweep):
        drawn.deploy(deps, drawn.ticking(rule="P10D"))
        case = play.start(STAFF, "ticking", ok="")
        ((due,),) = rows(deps, select(Wait.due_at))
        assert due == datetime(2026, 11, 30, 16, tzinfo=UTC)  # the end of the tenth day, Beijing
        clock.now = due - timedelta(seconds=1)
        assert sweep() == []
        clock.now = due
        assert len(sweep()) == 1
        assert sweep() == []
        assert actions(play, case) == ["case.start", "timer.fire"]
        assert play.case(STAFF, case).current == ["ask"]
        assert rows(deps, select(Wait.seq)) == []

    def test_the_demo_clock_counts(self, deps, play, sweep):
        drawn.deploy(deps, drawn.ticking(rule="P10D"))
        case = play.start(STAFF, "ticking", ok="")
        write(deps, update(Installation).values(clock_offset=11 * 24 * 3600))
        assert len(sweep()) == 1
        history = play.case(STAFF, case).history
        assert history[-1].at - history[0].at == timedelta(days=11)

    def test_later_steps_tell_when_it_was_armed(self, deps, play, clock):
        drawn.deploy(deps, drawn.waiting(rule="P10D"))
        play.start(STAFF, "waiting", ok="")
        clock.advance(days=3)
        (wait,) = play.do(STAFF, "ask").waits
        assert wait.due_at == datetime(2026, 11, 30, 16, tzinfo=UTC)
        assert rows(deps, select(Wait.due_at, Wait.armed_at)) == [(wait.due_at, wait.armed_at)]

    def test_handed_out_by_several_it_still_fires_once(self, deps, play, clock):
        drawn.deploy(deps, drawn.ticking(rule="PT1H"))
        case = play.start(STAFF, "ticking", ok="")
        clock.advance(hours=1)
        every = 1 + len(KEYED)
        assert [Sweep(deps).run() for _ in range(3)] == [every] * 3
        assert len(deps.jobs.waiting) == every
        ((seq,),) = rows(deps, select(Wait.seq))
        assert [timers.fire(deps, case, seq) for _ in range(3)] == [True, False, False]

    def test_a_row_whose_job_was_lost_is_handed_out_again(self, deps, play, clock, sweep):
        drawn.deploy(deps, drawn.ticking(rule="PT1H"))
        case = play.start(STAFF, "ticking", ok="")
        clock.advance(hours=1)
        sweeper = Sweep(deps)
        sweeper.run()
        deps.jobs.waiting.clear()
        assert sweeper.run() == 0
        clock.advance(minutes=6)
        sweeper.run()
        deps.jobs.drain(deps)
        assert actions(play, case)[-1] == "timer.fire"

    def test_not_of_a_case_that_ended(self, deps, play, clock, sweep):
        drawn.deploy(deps, drawn.ticking(rule="PT1H"))
        case = play.start(STAFF, "ticking", ok="")
        ((seq,),) = rows(deps, select(Wait.seq))
        play.run(LEADER, ending.cancel, case, "重复立案")
        clock.advance(hours=1)
        assert sweep() == []
        assert not timers.fire(deps, case, seq)
        assert not timers.fire(deps, 999, 1)

    def test_a_border_timer_leaves_the_task(self, deps, play, clock, sweep):
        case = play.start(STAFF)
        play.through("draft_order", "serve_order", "plan")
        waits = rows(deps, select(Wait.node, Wait.due_at).order_by(Wait.due_at))
        assert [node for node, _due in waits] == ["rectify_due_soon", "rectify_overdue"]
        clock.now = waits[0].due_at
        assert [key.split(":")[0] for key in sweep() if key.startswith("timer")] == ["timer"]
        assert "rectify" in play.case(STAFF, case).current
        assert rows(deps, select(Message.key).where(Message.key == "rectification_due"))


class TestReminders:
    def test_before_and_after_the_deadline(self, deps, play, clock, sweep):
        drawn.deploy(deps, drawn.asking(due="P10D", reminder="P3D"))
        case = play.start(STAFF, "asking", ok="")
        ((wake, due),) = rows(deps, select(WorkItem.wake_at, WorkItem.due_at).filter_by(status=0))
        assert due - wake == timedelta(days=3)
        clock.now = wake
        assert len(sweep()) == 1
        assert sweep() == []
        assert rows(deps, select(WorkItem.wake_at).filter_by(status=0)) == [(due,)]
        assert [m.key for m in play.messages(STAFF)] == ["task_due_soon"]
        assert play.messages(LEADER) == []
        clock.now = due
        assert len(sweep()) == 1
        assert sweep() == []
        assert rows(deps, select(WorkItem.wake_at).filter_by(status=0)) == [(None,)]
        assert [m.key for m in play.messages(STAFF)] == ["task_overdue", "task_due_soon"]
        assert [m.key for m in play.messages(LEADER)] == ["task_overdue"]
        assert actions(play, case) == ["case.start", "task.remind", "task.overdue"]

    def test_the_one_who_claimed_it_hears_of_it(self, deps, play, clock, sweep):
        drawn.deploy(deps, drawn.asking(due="P1D"))
        play.start(STAFF, "asking", ok="")
        play.run(STAFF, commands.claim, play.todo(STAFF)[0].id)
        clock.advance(days=4)
        sweep()
        assert [m.key for m in play.messages(STAFF)] == ["task_overdue"]
        assert play.messages("xingxian.staff2") == []

    def test_of_an_enterprises_task_the_owners_leader_hears(self, deps, play, clock, sweep):
        drawn.deploy(deps, drawn.asking(due="P1D", lane="企业"))
        play.start(STAFF, "asking", ok="")
        clock.advance(days=4)
        sweep()
        assert [m.key for m in play.messages("xingxian.plant")] == ["task_overdue"]
        assert [m.key for m in play.messages(LEADER)] == ["task_overdue"]
        assert len(rows(deps, select(Message.id).filter_by(role=Role.DEPUTY_HEAD))) == 1

    def test_a_leaders_own_task_is_told_once(self, deps, play, clock, sweep):
        drawn.deploy(deps, drawn.asking(due="P1D", lane="分管领导"))
        play.start(STAFF, "asking", ok="")
        clock.advance(days=4)
        sweep()
        assert [m.key for m in play.messages(LEADER)] == ["task_overdue"]

    def test_nobody_hears_of_what_is_done(self, deps, play, clock, sweep):
        drawn.deploy(deps, drawn.asking(due="P1D"))
        case = play.start(STAFF, "asking", ok="")
        item = play.todo(STAFF)[0].id
        play.do(STAFF, "ask")
        clock.advance(days=4)
        assert sweep() == []
        assert not reminders.remind(deps, case, item)
        assert play.messages(STAFF) == []


@pytest.fixture
def broken(monkeypatch):
    """Make every step fail with what the switch says, as long as it says something."""
    switch = {"on": ""}
    carry_out = moving._settle

    def settle(*given):
        if switch["on"]:
            raise RuntimeError(switch["on"])
        return carry_out(*given)

    monkeypatch.setattr(moving, "_settle", settle)
    return switch


class TestFailures:
    @pytest.fixture
    def failed(self, deps, play, clock, sweep, broken):
        drawn.deploy(deps, drawn.ticking(rule="PT1H"))
        case = play.start(STAFF, "ticking", ok="")
        broken["on"] = "boom"
        clock.advance(hours=1)
        assert len(sweep()) == 1
        return case

    def test_an_incident_not_a_hot_loop(self, deps, play, clock, sweep, failed):
        (row,) = play.run(ADMIN, incidents.find)
        assert (row.command, row.case_id, row.attempts, row.retriable) == (
            "timer.fire",
            failed,
            2,  # each job is done twice here
            True,
        )
        assert re.fullmatch(r"RuntimeError app/services/cases/moving.py:[0-9]+", row.fault)
        assert "boom" in incidents.trace(deps, row.id)
        assert sweep() == []
        clock.advance(minutes=6)
        assert len(sweep()) == 1
        (row,) = play.run(ADMIN, incidents.find)
        assert row.attempts == 4
        assert actions(play, failed) == ["case.start", "incident.open"]

    def test_the_operator_reads_the_whole_trace(
        self, play, failed, database_url, tmp_path, monkeypatch
    ):
        assert failed
        (row,) = play.run(ADMIN, incidents.find)
        monkeypatch.setenv("DATABASE_URL", database_url)
        asked = [str(row.id), "--data", str(tmp_path / "data")]
        told = CliRunner().invoke(incident, asked)
        assert "RuntimeError: boom" in told.output
        asked[0] = "987654321"
        unknown = CliRunner().invoke(incident, asked)
        assert (unknown.exit_code, "没有找到该故障" in unknown.output) == (1, True)

    def test_its_cause_quotes_no_row(self, deps, play, clock, sweep, broken, failed):
        broken["on"] = "refused\nDETAIL:  Failing row contains (秘密).\n[SQL: UPDATE x]"
        clock.advance(minutes=6)
        sweep()
        (row,) = play.run(ADMIN, incidents.find)
        kept = incidents.trace(deps, row.id)
        assert "DETAIL: …\n[SQL: UPDATE x]" in kept
        assert "秘密" not in kept

    def test_it_heals_by_itself(self, deps, play, clock, sweep, broken, failed):
        broken["on"] = ""
        clock.advance(minutes=6)
        sweep()
        assert actions(play, failed) == [
            "case.start",
            "incident.open",
            "timer.fire",
            "incident.close",
        ]
        assert play.run(ADMIN, incidents.find) == []

    def test_retry_at_once(self, deps, play, sweep, broken, failed):
        (row,) = play.run(ADMIN, incidents.find)
        with pytest.raises(Forbidden):
            play.run(LEADER, incidents.retry, row.id)
        for stranger in ("fenyang.admin",):
            with pytest.raises(NotFound):
                play.run(stranger, incidents.retry, row.id)
        broken["on"] = ""
        play.run(ADMIN, incidents.retry, row.id)
        sweep()
        assert play.case(STAFF, failed).current == ["ask"]
        with pytest.raises(Conflict):
            play.run(ADMIN, incidents.retry, row.id)

    def test_skipped_it_never_fires(self, deps, play, clock, sweep, broken, failed):
        broken["on"] = ""
        (row,) = play.run(ADMIN, incidents.find)
        play.run(ADMIN, incidents.close, row.id, "改为人工通知")
        clock.advance(days=30)
        assert sweep() == []
        assert rows(deps, select(Wait.due_at)) == [(None,)]
        assert actions(play, failed)[-1] == "incident.close"

    def test_what_a_person_did_they_do_again(self, deps, play, broken):
        drawn.deploy(deps, drawn.asking())
        play.start(STAFF, "asking", ok="")
        broken["on"] = "boom"
        item = play.todo(STAFF)[0].id
        for _ in range(2):
            with pytest.raises(incidents.Noted), incidents.noting(deps):
                play.run(STAFF, commands.complete, item, {})
        found = play.run(ADMIN, incidents.find)
        assert [(row.command, row.retriable) for row in found] == [("task.complete", False)] * 2
        with pytest.raises(Conflict):
            play.run(ADMIN, incidents.retry, found[0].id)
        assert len(rows(deps, select(Incident.id))) == 2


class TestAwaited:
    """A case that waits for another."""

    @pytest.fixture
    def started(self, deps, play):
        drawn.deploy(deps, drawn.asking(), drawn.parent())
        case = play.start(STAFF, "parent", ok="")
        (child,) = play.case(STAFF, case).children
        return case, child.id

    def test_the_childs_end_moves_the_parent(self, deps, play, started):
        case, child = started
        assert play.case(STAFF, case).current == ["child"]
        play.do(STAFF, "ask")
        assert play.case(STAFF, child).row.status == "finished"
        assert len(deps.jobs.waiting) == 1
        deps.jobs.drain(deps)
        assert play.case(STAFF, case).current == ["after"]
        assert actions(play, case) == ["case.start", "effect.resume"]

    def test_a_cancelled_child_moves_it_too(self, deps, play, started):
        case, child = started
        play.run(LEADER, ending.cancel, child, "不再需要")
        deps.jobs.drain(deps)
        assert play.case(STAFF, case).current == ["after"]

    def test_a_cancelled_parent_takes_the_child_along(self, deps, play, started):
        case, child = started
        play.run(LEADER, ending.cancel, case, "重复立案")
        deps.jobs.drain(deps)
        view = play.case(STAFF, child)
        assert view.row.status == "cancelled"
        assert view.history[-1].detail["reason"] == "上级案件已终止"
        assert deps.jobs.drain(deps) == []

    def test_lost_jobs_are_found_again(self, deps, play, clock, sweep, started):
        case, _child = started
        play.do(STAFF, "ask")
        deps.jobs.waiting.clear()
        clock.advance(minutes=6)
        assert len(sweep()) == 1
        assert play.case(STAFF, case).current == ["after"]
        assert sweep() == []

    def test_a_lost_withdrawal_is_found_again(self, deps, play, sweep, started):
        case, child = started
        play.run(LEADER, ending.cancel, case, "重复立案")
        deps.jobs.waiting.clear()
        sweep()
        assert play.case(STAFF, child).row.status == "cancelled"

    def test_failing_it_can_be_skipped(self, deps, play, clock, broken, sweep, started):
        case, _child = started
        play.do(STAFF, "ask")
        broken["on"] = "boom"
        deps.jobs.drain(deps)
        (row,) = play.run(ADMIN, incidents.find)
        assert (row.command, row.retriable) == ("effect.resume", True)
        assert sweep() == []  # held
        broken["on"] = ""
        play.run(ADMIN, incidents.close, row.id, "按未办结处理")
        deps.jobs.drain(deps)
        assert play.case(STAFF, case).current == ["after"]

    def test_a_rolled_back_step_leaves_no_job(self, deps, play, started):
        deps.jobs.waiting.clear()
        item = next(row for row in play.todo(STAFF) if row.node == "ask").id

        def fail(work):
            commands.complete(work, item, {})
            return 1 / 0

        with pytest.raises(ZeroDivisionError):
            play.run(STAFF, fail)
        assert deps.jobs.waiting == {}


def test_two_timers_of_one_case_fire_in_order(deps, play, clock, sweep):
    p = Drawing("two")
    p.start(props=FORM)
    p.both("split")
    p.catch("first", timer("PT1H"))
    p.catch("second", timer("PT2H"))
    p.both("join")
    p.end()
    p.chain("start", "split", "first", "join", "end").chain("split", "second", "join")
    drawn.deploy(deps, p)
    case = play.start(STAFF, "two", ok="")
    clock.advance(hours=3)
    assert len(sweep()) == 2
    told = [line.node for line in play.case(STAFF, case).history if line.action == "timer.fire"]
    assert told == ["first", "second"]
    assert play.case(STAFF, case).row.status == "finished"
