"""Stand-ins for the world outside: a clock that moves when told to, cheap password hashes."""

from datetime import UTC, datetime, timedelta

from app.adapters.passwords import Argon2


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)  # 09:00 in Beijing, a Friday

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


def quick_passwords() -> Argon2:
    """Argon2 at its smallest: the demo data is filled in before every run."""
    return Argon2(memory_kib=8, passes=1)
