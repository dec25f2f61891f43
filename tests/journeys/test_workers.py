"""Worker processes on a real database: jobs are done once, whoever dies."""

import os
import signal
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.adapters.jobs import DbosJobs
from app.adapters.jobs.lives import AdvisoryLocks, LockedFiles
from app.models.casework import Wait
from app.models.records import HistoryEntry
from app.services import Deps
from tests import drawn
from tests.casework import Play
from tests.journeys.processes import Process, Server, runs, wait_for
from tests.people import actor_of

STAFF = "xingxian.staff1"


@pytest.fixture
def deps(deps, database_url):
    """The test's own database with real jobs, by the real clock."""
    lives = AdvisoryLocks(database_url)
    return Deps(
        database=deps.database,
        clock=lambda: datetime.now(UTC),
        passwords=deps.passwords,
        files=deps.files,
        jobs=DbosJobs(deps.database.jobs, lives),
    )


@pytest.fixture
def play(deps):
    """Act an hour ago, so that what is armed for an hour is due now."""
    earlier = replace(deps, clock=lambda: datetime.now(UTC) - timedelta(hours=1))
    return Play(earlier, lambda username: actor_of(deps, username))


@pytest.fixture
def start(tmp_path, database_url):
    """Start worker processes; they are gone when the test ends."""
    started = []

    def make(number=1):
        workers = [Process(tmp_path, database_url, "worker") for _ in range(number)]
        started.extend(workers)
        return workers

    yield make
    for worker in started:
        worker.kill()


def fired(deps) -> dict[int, int]:
    """Return how often the timer of each case fired."""
    with deps.system_reading("test") as work:
        bodies = work.session.execute(
            select(HistoryEntry.subject, HistoryEntry.body).where(
                HistoryEntry.stream == "case", HistoryEntry.body.contains("timer.fire")
            )
        )
        count: dict[int, int] = {}
        for case, _body in bodies:
            count[case] = count.get(case, 0) + 1
        return count


def armed(deps) -> int:
    with deps.system_reading("test") as work:
        return len(work.session.scalars(select(Wait.seq)).all())


def test_four_workers_fire_each_timer_once(deps, play, start):
    drawn.deploy(deps, drawn.ticking(rule="PT1H"))
    cases = [play.start(STAFF, "ticking", ok="") for _ in range(40)]
    workers = start(4)
    wait_for(lambda: not armed(deps), "timers are left", 60)
    assert fired(deps) == dict.fromkeys(cases, 1)
    wait_for(lambda: deps.jobs.stats().running + deps.jobs.stats().queued == 0)
    stats = deps.jobs.stats()
    assert (stats.failed, stats.done >= len(cases)) == (0, True)
    for worker in workers:
        assert worker.stop() == 0, worker.said
        assert "Traceback" not in worker.said


def test_a_killed_workers_jobs_are_taken_over(deps, play, start):
    drawn.deploy(deps, drawn.ticking(rule="PT1H"))
    cases = {play.start(STAFF, "ticking", ok="") for _ in range(60)}
    (first,) = start()
    wait_for(lambda: fired(deps))
    first.kill()
    (second,) = start()
    began = time.monotonic()
    wait_for(lambda: not armed(deps), second.said, 60)
    wait_for(lambda: deps.jobs.stats().running + deps.jobs.stats().queued == 0, second.said, 30)
    assert time.monotonic() - began < 30
    assert fired(deps) == dict.fromkeys(cases, 1)


def test_run_stops_its_worker_and_restarts_it(tmp_path, database_url):
    server = Server(tmp_path, database_url)
    try:
        first = wait_for(server.worker)
        os.kill(first, signal.SIGKILL)
        second = wait_for(lambda: (found := server.worker()) and found != first and found)
        began = time.monotonic()
        assert server.stop() == 0, server.said
        assert time.monotonic() - began < 8
        assert not runs(second)
    finally:
        server.kill()


def test_no_orphan_when_the_server_is_killed(tmp_path, database_url):
    server = Server(tmp_path, database_url)
    worker = wait_for(server.worker)
    server.kill()
    wait_for(lambda: not runs(worker), server.said)


class TestLives:
    @pytest.fixture
    def lives(self, request, tmp_path, database_url):
        if database_url.startswith("sqlite"):
            return LockedFiles(tmp_path / "workers"), LockedFiles(tmp_path / "workers")
        return AdvisoryLocks(database_url), AdvisoryLocks(database_url)

    def test_who_lives_is_not_dead(self, lives):
        here, there = lives
        with there.live() as other, here.live() as me:
            assert me != other
            with here.dead(other) as dead:
                assert not dead
            with there.dead("nobody") as dead:
                assert dead
        with here.live(), here.dead(other) as dead:
            assert dead

    def test_only_one_hears_of_a_death(self, lives):
        here, there = lives
        with there.live() as name:
            pass
        with here.live(), there.live(), here.dead(name) as first, there.dead(name) as second:
            assert first
            assert second == isinstance(here, LockedFiles)  # no file, nothing to hold


def test_rolled_back_jobs_never_were(deps):
    class Undone(Exception):
        pass

    def undone():
        with deps.system("test") as work:
            work.enqueue("tidy", "one", {})
            raise Undone

    with pytest.raises(Undone):
        undone()
    with deps.system("test") as work:
        work.enqueue("tidy", "two", {})
        work.enqueue("tidy", "two", {})
    assert deps.jobs.stats().queued == 1
    deps.jobs.cancel("two")
    assert (deps.jobs.stats().queued, deps.jobs.stats().done) == (0, 1)


def test_what_is_done_is_forgotten_after_its_time(deps, start):
    with deps.system("test") as work:
        for number in range(3):
            work.enqueue("withdraw", f"done{number}", {"case": 0})
        work.enqueue("withdraw", "later", {"case": 0}, at=work.wall + timedelta(days=1))
        work.enqueue("unknown", "failing", {})
    start()
    wait_for(lambda: deps.jobs.stats().done >= 3)
    assert deps.jobs.stats().later == 1
    assert deps.jobs.forget(timedelta(days=30)) == 0
    assert deps.jobs.forget(timedelta(days=-1)) >= 3
    stats = deps.jobs.stats()
    assert (stats.done, stats.later) == (0, 1)
