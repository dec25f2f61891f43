"""Worker processes: whether any is there, and how the jobs stand."""

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from app.adapters import JobStats
from app.domain.access import Permission
from app.models.workers import Worker
from app.services import Deps, Work

EVERY = timedelta(seconds=10)
"""How often a worker says that it is there."""
LOST = timedelta(seconds=45)


class Presence:
    """Keeps the row of one worker process."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._host = socket.gethostname()[:64]
        self._name = f"{self._host[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
        self._seen: datetime | None = None

    def renew(self) -> None:
        """Say that the worker is there, if it did not say so just now."""
        wall = self._deps.clock()
        if self._seen is not None and wall - self._seen < EVERY:
            return
        with self._deps.system("a worker is there") as work:
            if self._seen is None:
                work.session.add(
                    Worker(name=self._name, host=self._host, started_at=wall, seen_at=wall)
                )
            else:
                work.session.execute(
                    update(Worker).where(Worker.name == self._name).values(seen_at=wall)
                )
        self._seen = wall

    def leave(self) -> None:
        """Say that the worker stops."""
        with self._deps.system("a worker stops") as work:
            work.session.execute(delete(Worker).where(Worker.name == self._name))


@dataclass(frozen=True, slots=True)
class Health:
    """What an administrator sees of the work in the background."""

    jobs: JobStats
    workers: int
    seen_at: datetime | None
    """When a worker was last seen, by the wall clock."""


def health(work: Work) -> Health:
    """Return how the jobs stand, and how many workers are there."""
    work.require_somewhere(Permission.SEE_INCIDENT)
    seen = work.session.scalars(select(Worker.seen_at).order_by(Worker.seen_at.desc())).all()
    there = [at for at in seen if work.wall - at < LOST]
    return Health(work.deps.jobs.stats(), len(there), seen[0] if seen else None)
