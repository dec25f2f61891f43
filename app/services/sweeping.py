"""Hand what is due to workers, every two seconds; and once a night, tidy up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, text

from app.domain.credentials import WINDOW
from app.domain.deadlines import BEIJING
from app.models.people import LoginSession, SignInFailure
from app.models.workers import Worker
from app.services import Deps, Work, answers, recounting, reminders, timers
from app.services.cases import awaiting
from app.services.documents import waiting as papers
from app.services.pdf import renewing

MOST = 500
"""Rows handed out by one sweep."""
AGAIN = timedelta(minutes=5)
"""After that long, a row that is still due is handed out once more."""
KEPT = timedelta(days=30)
NIGHT = 3
"""The hour, in Beijing, at which the tidying is due."""
TIDY = "tidy"
KEYED = (TIDY, renewing.JOB)
"""What is done once a night, or a year, and then not again."""

# One process hands out at a time; the others have nothing to wait for.
ALONE = text("SELECT pg_try_advisory_xact_lock(4774, 2)")


@dataclass(frozen=True, slots=True)
class Handout:
    """A job to be made of a row that is due."""

    key: str
    job: str
    arguments: dict[str, int]


class Sweep:
    """Hands out what is due, each row once; a worker process has one."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._handed: dict[str, datetime] = {}

    def run(self) -> int:
        """Hand out what is due now, and say how many jobs that made."""
        wall = self._deps.clock()
        self._handed = {key: at for key, at in self._handed.items() if wall - at < AGAIN}
        with self._deps.system_reading("what is due") as work:
            fresh = [found for found in _due(work) if found.key not in self._handed]
        if not fresh:
            return 0
        with self._deps.system("hand due rows to workers") as work:
            if not self._alone(work):
                return 0
            # A row that stays due, because its job was lost, is handed out again under a fresh key.
            turn = int(work.wall.timestamp() // AGAIN.total_seconds())
            for found in fresh:
                key = found.key if found.job in KEYED else f"{found.key}:{turn}"
                work.enqueue(found.job, key, found.arguments)
        self._handed |= {found.key: wall for found in fresh}
        return len(fresh)

    def _alone(self, work: Work) -> bool:
        return self._deps.database.sqlite or bool(work.session.scalar(ALONE))


def _due(work: Work) -> list[Handout]:
    night = (work.wall.astimezone(BEIJING) - timedelta(hours=NIGHT)).date().isoformat()
    return [
        *(
            Handout(row.key, timers.JOB, {"case": row.case_id, "seq": row.seq})
            for row in timers.due(work, MOST)
        ),
        *(
            Handout(row.key, reminders.JOB, {"case": row.case_id, "item": row.item_id})
            for row in reminders.due(work, MOST)
        ),
        *(
            Handout(row.key, row.job, {"case": row.case_id} | ({"seq": row.seq} if row.seq else {}))
            for row in awaiting.due(work, MOST)
        ),
        *([Handout(recounting.SCAN, recounting.SCAN, {})] if recounting.is_due(work) else []),
        *(
            Handout(f"{job}:{paper}:late", job, {"document": paper})
            for job, paper in papers.due(work, MOST)
        ),
        Handout(f"{TIDY}:{night}", TIDY, {}),
        Handout(f"{renewing.JOB}:{night[:4]}", renewing.JOB, {}),
    ]


def tidy(deps: Deps) -> None:
    """Forget what has had its time: answers, sessions, failed sign-ins, old jobs, dead workers."""
    deps.jobs.forget(KEPT)
    with deps.system("tidy up") as work:
        answers.sweep(work)
        work.session.execute(delete(LoginSession).where(LoginSession.expires_at <= work.wall))
        work.session.execute(delete(SignInFailure).where(SignInFailure.at <= work.wall - WINDOW))
        work.session.execute(delete(Worker).where(Worker.seen_at <= work.wall - KEPT))
