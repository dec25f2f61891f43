"""Stand-ins for the world outside: a clock that moves when told to, jobs, cheap password hashes."""

import io
from datetime import UTC, datetime, timedelta
from functools import cache

import pypdfium2
from sqlalchemy import event

from app.adapters import JobStats, Typeset
from app.adapters.papers import TEMPLATES, Papers
from app.adapters.passwords import Argon2
from app.adapters.signature.vault import Vault
from app.adapters.templates import Templates
from app.services.jobs import HANDLERS


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)  # 09:00 in Beijing, a Friday

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


class Jobs:
    """Jobs that are done when the test says so: what a rolled-back transaction added never was."""

    def __init__(self) -> None:
        self.worker = None
        self.waiting: dict[str, tuple[str, dict]] = {}
        self.known: set[str] = set()
        self.failed = 0

    def enqueue(self, session, name, key, arguments, delay=None) -> None:
        @event.listens_for(session, "after_commit", once=True)
        def add(_session) -> None:
            if key not in self.known:
                self.known.add(key)
                self.waiting[key] = (name, dict(arguments))

    def cancel(self, key) -> None:
        self.waiting.pop(key, None)

    def register(self, name, handler) -> None:
        raise NotImplementedError

    def run_worker(self, stop, beat, pause) -> None:
        raise NotImplementedError

    def stats(self) -> JobStats:
        if self.worker is not None:
            self.drain(self.worker)
        done = len(self.known) - len(self.waiting) - self.failed
        return JobStats(queued=len(self.waiting), later=0, running=0, failed=self.failed, done=done)

    def forget(self, age) -> int:
        return 0

    def drain(self, deps) -> list[str]:
        """Do all jobs, those that come up meanwhile too, each twice: a worker may die in between."""
        done = []
        while self.waiting:
            key = next(iter(self.waiting))
            name, arguments = self.waiting.pop(key)
            HANDLERS[name](deps, arguments)
            HANDLERS[name](deps, arguments)
            done.append(key)
        return done


class Press:
    """Typesets nothing: one empty page, on which everything has a place."""

    ready = True
    BOXES = {
        "officer1": (0, 250.0, 300.0, 360.0, 330.0),
        "officer2": (0, 250.0, 260.0, 360.0, 290.0),
        "principal": (0, 250.0, 220.0, 360.0, 250.0),
        "head": (0, 100.0, 220.0, 210.0, 250.0),
        "deputy": (0, 100.0, 180.0, 210.0, 210.0),
        "reviewer": (0, 100.0, 140.0, 210.0, 170.0),
        "host": (0, 100.0, 100.0, 210.0, 130.0),
        "expert": (0, 100.0, 60.0, 210.0, 90.0),
        "leader": (0, 100.0, 20.0, 210.0, 50.0),
        "seal": (0, 360.0, 110.0, 480.0, 230.0),
    }

    def lacking(self, text) -> str:
        return ""

    def typeset(self, order) -> Typeset:
        return Typeset(_empty_page(), 1, self.BOXES)

    def close(self) -> None:
        """Nothing was begun."""


@cache
def _empty_page() -> bytes:
    made, out = pypdfium2.PdfDocument.new(), io.BytesIO()
    made.new_page(595, 842)
    made.save(out)
    return out.getvalue()


def papers(press=None) -> Papers:
    """Return what papers need, with keys that open at once."""
    vault = Vault(bytes(32), cost=2)
    return Papers(press or Press(), Templates(TEMPLATES), vault)


def quick_passwords() -> Argon2:
    """Argon2 at its smallest: the demo data is filled in before every run."""
    return Argon2(memory_kib=8, passes=1)
