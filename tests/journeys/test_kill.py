"""kill -9 of server and worker in a loop: nothing acknowledged is lost, nothing happens twice."""

import secrets
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.adapters.files import FolderStore
from app.adapters.jobs import DbosJobs
from app.adapters.jobs.lives import LockedFiles
from tests.journeys.killing import Killing, dice

KILLS = 15
"""For each database: 30 in the suite."""


@pytest.fixture
def killing(deps, tmp_path, database_url):
    real = replace(
        deps,
        clock=lambda: datetime.now(UTC),
        files=FolderStore(tmp_path / "files"),
        jobs=DbosJobs(deps.database.jobs, LockedFiles(tmp_path / "nobody")),
    )
    made = Killing(tmp_path, database_url, real)
    yield made
    made.stop()


def test_nothing_is_lost_and_nothing_happens_twice(killing, capsys):
    seed = secrets.randbits(32)
    with capsys.disabled():
        sys.stdout.write(f"\nseed {seed}: ")
        tally = killing.run(KILLS, dice(seed))
        killing.check()
        sys.stdout.write(f"{tally}\n")
    assert sum(tally.kills.values()) == KILLS
    assert tally.of("/complete")
    assert max(tally.costs) < 5  # processor time: the machine may be busy with other tests
