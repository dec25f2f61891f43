"""Stand-ins for the world outside: a clock that moves when told to, jobs, cheap password hashes."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import event

from app.adapters import JobStats
from app.adapters.passwords import Argon2
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
        done = len(self.known) - len(self.waiting) - self.failed
        return JobStats(queued=len(self.waiting), running=0, failed=self.failed, done=done)

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


def quick_passwords() -> Argon2:
    """Argon2 at its smallest: the demo data is filled in before every run."""
    return Argon2(memory_kib=8, passes=1)
