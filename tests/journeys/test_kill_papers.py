"""kill -9 when a paper's file is there and not yet registered: it ends with one, under one number."""

import os
import signal
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import orjson
import pytest
from sqlalchemy import func, select

from app.adapters.files import FolderStore
from app.adapters.jobs import DbosJobs
from app.adapters.jobs.lives import LockedFiles
from app.domain.deadlines import BEIJING
from app.models.casework import Case
from app.models.documents import Document, DocumentRevision, NumberCounter
from app.models.records import HistoryEntry
from app.services import verifying
from app.services.demo.people import PIN
from app.services.documents import reading as documents
from app.services.tasks import commands
from app.services.verifying import Tally
from config import Config
from tests import documents_made as made
from tests.answers import answers_for
from tests.casework import ANSWERS, Play
from tests.journeys.processes import Server, wait_for
from tests.people import actor_of

STAFF, SECOND, KEEPER = "xingxian.staff1", "xingxian.staff2", "xingxian.seal"
MOST = 5
"""Papers to try with: on a busy machine a process may be faster than the kill."""
DIGITS = 64
"""Of a file's name, once it is there as a whole."""

pytestmark = pytest.mark.skipif(not made.READY, reason="manage.py papers brings fonts and pango")


class Killed:
    """A paper from its draft to its seal; who makes a file of it is killed as the file appears."""

    def __init__(self, data, url, deps) -> None:
        self.data, self.url, self.deps = data, url, deps
        self.play = Play(deps, lambda username: actor_of(deps, username))
        self.hit: Counter[str] = Counter()
        (data / "files").mkdir()
        self.server = Server(data, url)

    # --- Killing ------------------------------------------------------------------------------

    def _files(self) -> set[str]:
        found = (path.name for path in (self.data / "files").glob("*/*"))
        return {name for name in found if len(name) == DIGITS}

    def kill(self, moment: str, case: int, whom, act) -> None:
        """Do what has a file made, and kill `whom` at the moment it is there."""
        victim = wait_for(whom)
        known = self._files() | {self.deps.papers.templates.digest}
        act()
        until = time.monotonic() + 20
        while not (fresh := self._files() - known):
            assert time.monotonic() < until, self.server.said
        os.kill(victim, signal.SIGKILL)
        with self.deps.system("test") as work:  # waits for what the dead had begun
            work.session.scalar(select(Case.id).where(Case.id == case).with_for_update())
            wanted = select(func.count()).where(DocumentRevision.sha256.in_(fresh))
            self.hit[moment] += work.session.scalar(wanted) == 0
        if moment == "typeset":
            self.first = fresh

    def worker(self):
        return self.server.worker()

    # --- Acting -------------------------------------------------------------------------------

    def run(self) -> None:
        """Take one paper through, with a kill at each file."""
        (case, item) = self._start()
        self.kill("typeset", case, self.worker, self._completing(STAFF, item, **self._draft()))
        paper = wait_for(lambda: self._ready(case, "signing", 1), self.server.said)
        assert {paper.sha256} == self.first  # the same bytes again
        self._sign(case, paper)
        (paper,) = self.play.papers(SECOND, case)
        self.play.sign(SECOND, paper)
        (item,) = [row.id for row in self.play.todo(KEEPER) if row.case_id == case]
        self.kill("sealed", case, self.worker, self._completing(KEEPER, item))
        paper = wait_for(lambda: self._ready(case, "sealed", 4), self.server.said)
        self._check(case, paper)

    def _start(self):
        case = self.play.start(STAFF)
        return case, next(row.id for row in self.play.todo(STAFF) if row.case_id == case)

    def _draft(self):
        today = datetime.now(BEIJING).date()
        days = {"check_date": 0, "plan_deadline": 10, "deadline": 30}
        given = {name: (today + timedelta(days=n)).isoformat() for name, n in days.items()}
        return ANSWERS["draft_order"] | given

    def _completing(self, username, item, **wanted):
        form = self.play.task(username, item).form
        answers = answers_for(form, wanted, lambda: self.play.upload(username))
        return partial(self.play.run, username, commands.complete, item, answers)

    def _sign(self, case, paper) -> None:
        """Sign through the API, twice with one key: the server dies on the first."""
        body, key = {"pin": PIN, "sha256": paper.sha256}, f"sign {case}"
        token = self.server.token(STAFF)
        call = ("POST", f"/documents/{paper.id}/sign", body, token, key)
        calling = threading.Thread(target=self.server.call, args=call)
        self.kill("signed", case, lambda: self.server.child.pid, calling.start)
        calling.join()
        self.server.kill()
        self.server = Server(self.data, self.url)
        status, answer = self.server.call(*call)
        assert status == 200, answer
        assert self.server.call(*call) == (status, answer)

    def _ready(self, case, state, revisions):
        (paper,) = self.play.papers(STAFF, case)
        if paper.state != state:
            return None
        assert len(self.play.run(STAFF, documents.get, paper.id).revisions) == revisions
        return paper

    # --- Counting -----------------------------------------------------------------------------

    def _check(self, case, paper) -> None:
        view = self.play.run(STAFF, documents.get, paper.id)
        assert [r.made_by for r in view.revisions] == ["", "officer1", "officer2", "seal"]
        assert [s.slot for s in view.signatures] == ["officer1", "officer2", "seal"]
        assert self.play.case(STAFF, case).current == ["serve_order"]
        with self.deps.system_reading("test") as work:
            numbers = work.session.scalars(select(Document.serial).order_by(Document.serial)).all()
            last = work.session.scalars(select(NumberCounter.last)).one()
            lines = work.session.scalars(
                select(HistoryEntry.body).filter_by(stream="case", subject=case)
            )
            acts = Counter(orjson.loads(line)["action"] for line in lines)
        assert numbers == list(range(1, last + 1))
        assert (acts["document.issue"], acts["document.register"]) == (1, 4)
        assert (acts["document.sign"], acts["effect.resume"]) == (2, 2)
        faults = [fault for check in verifying.CHECKS for fault in check(self.deps, Tally())]
        assert faults == []


@pytest.fixture
def killed(deps, tmp_path, database_url):
    config = Config.load(tmp_path, {"DATABASE_URL": database_url})
    real = replace(
        deps,
        clock=lambda: datetime.now(UTC),
        files=FolderStore(tmp_path / "files"),
        jobs=DbosJobs(deps.database.jobs, LockedFiles(tmp_path / "nobody")),
        papers=config.papers(),
    )
    found = Killed(tmp_path, database_url, real)
    yield found
    found.server.kill()
    real.papers.press.close()


def test_one_file_under_one_number_whoever_dies_before_it_is_registered(killed):
    for _ in range(MOST):
        killed.run()
        if all(killed.hit[moment] for moment in ("typeset", "signed", "sealed")):
            return
    raise AssertionError(f"Too slow to kill: {killed.hit}")
