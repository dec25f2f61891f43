"""What is handed out, what is tidied up, and what a step costs."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from app.models.people import LoginSession, SignInFailure
from app.models.records import Answered
from app.models.workers import Worker
from app.services import sweeping, timers, workers
from app.services.sweeping import Sweep
from app.services.tasks import commands
from tests import drawn
from tests.casework import Play
from tests.engine.draw import FORM, Drawing

STAFF = "xingxian.staff1"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def count(deps, table):
    with deps.system_reading("test") as work:
        return work.session.scalar(select(func.count()).select_from(table))


def test_tidying_is_handed_out_once_a_night(deps, clock):
    sweep = Sweep(deps)
    assert [sweep.run(), sweep.run()] == [2, 0]  # the other once a year
    deps.jobs.drain(deps)
    clock.advance(minutes=6)
    Sweep(deps).run()
    assert deps.jobs.waiting == {}
    clock.advance(days=1)
    sweep.run()
    assert list(deps.jobs.waiting) == ["tidy:2026-11-21"]


def test_what_has_had_its_time_is_forgotten(deps, clock, actor):
    me = actor(STAFF).id
    with deps.system("test") as work:
        work.session.add_all(
            [
                Answered(
                    account_id=me,
                    key=f"k{age}",
                    digest=bytes(32),
                    status=200,
                    answer=b"{}",
                    at=work.wall - timedelta(hours=age),
                )
                for age in (1, 73)
            ]
        )
        work.session.add_all(
            [
                LoginSession(
                    digest=bytes([number] * 32),
                    account_id=me,
                    created_at=work.wall,
                    seen_at=work.wall,
                    expires_at=work.wall + timedelta(hours=number),
                    address="",
                    agent="",
                )
                for number in (0, 1)
            ]
        )
        work.session.add(
            SignInFailure(username="x", address="y", at=work.wall - timedelta(days=31))
        )
    workers.Presence(deps).renew()
    sweeping.tidy(deps)
    sweeping.tidy(deps)
    assert [count(deps, table) for table in (Answered, LoginSession, SignInFailure, Worker)] == [
        1,
        1,
        0,
        1,
    ]
    clock.advance(days=31)
    sweeping.tidy(deps)
    assert count(deps, Worker) == 0


def test_workers_say_that_they_are_there(deps, clock, play):
    presence = workers.Presence(deps)
    assert play.run("xingxian.admin", workers.health).workers == 0
    presence.renew()
    presence.renew()
    health = play.run("xingxian.admin", workers.health)
    assert (health.workers, health.seen_at) == (1, clock.now)
    clock.advance(minutes=1)
    assert play.run("xingxian.admin", workers.health).workers == 0
    presence.renew()
    assert play.run("xingxian.admin", workers.health).workers == 1
    presence.leave()
    assert play.run("xingxian.admin", workers.health).workers == 0


class TestCosts:
    """A step takes few statements and one commit, with working days and the clock read in one."""

    @pytest.fixture
    def counted(self, deps):
        def run(act):
            statements, commits = [], []

            def see(_connection, _cursor, statement, *_more):
                if not statement.startswith(("PRAGMA", "BEGIN")):
                    statements.append(statement)

            def committed(_connection):
                commits.append(True)

            engine = deps.database.engine
            event.listen(engine, "before_cursor_execute", see)
            event.listen(engine, "commit", committed)
            act()
            event.remove(engine, "before_cursor_execute", see)
            event.remove(engine, "commit", committed)
            return len(statements), len(commits)

        return run

    def test_of_completing_a_task(self, deps, play, actor, counted):
        p = Drawing("costs")
        p.start(props=FORM)
        p.user("first", due="P5BD")
        p.user("second", due="P5BD", reminder="P1BD")
        p.end()
        drawn.deploy(deps, p.chain("start", "first", "second", "end"))
        for _ in range(2):
            play.start(STAFF, "costs", ok="")
        who, items = actor(STAFF), [row.id for row in play.todo(STAFF)]

        def complete(item):
            with deps.transaction(who) as work:
                commands.complete(work, item, {})

        complete(items[0])  # what is read once a process is read
        statements, commits = counted(lambda: complete(items[1]))
        assert statements <= 12
        assert commits == 1

    def test_of_firing_a_timer(self, deps, play, counted):
        drawn.deploy(deps, drawn.ticking(rule="PT0M"))
        for _ in range(2):
            play.start(STAFF, "ticking", ok="")
        with deps.system_reading("test") as work:
            first, second = timers.due(work, 9)
        timers.fire(deps, first.case_id, first.seq)
        statements, commits = counted(lambda: timers.fire(deps, second.case_id, second.seq))
        assert statements <= 12
        assert commits == 1
