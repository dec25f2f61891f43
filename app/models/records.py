"""What must outlive the people: the installation, its history, answers to repeated requests."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    literal_column,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.history import Stream
from app.models import Base, BigId, PlaceCode


class Installation(Base):
    """The one row that says what this installation is; made with the data directory."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    demo: Mapped[bool]
    root: Mapped[str] = mapped_column(PlaceCode)
    """The place of the whole installation: its administrators deploy diagrams."""
    created_at: Mapped[datetime]
    clock_offset: Mapped[int] = mapped_column(BigId, default=0)
    """Seconds by which the business clock runs ahead of the wall clock; 0 outside demo mode."""
    clock_held_until: Mapped[datetime | None]
    """Somebody is moving the clock: until when at most, by the wall clock."""
    calendar_revision: Mapped[int] = mapped_column(BigId, default=0)
    """Counts what was published in the working-day calendar."""
    calendar_recounted: Mapped[int] = mapped_column(BigId, default=0)
    """The revision by which every open deadline was counted."""


class HistoryEntry(Base):
    """One sealed line of a history; rows are inserted, never changed (a trigger sees to it)."""

    __tablename__ = "history"
    __table_args__ = (CheckConstraint("seq > 0", name="from_one"), {"sqlite_with_rowid": False})

    stream: Mapped[Stream] = mapped_column(primary_key=True)
    subject: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[str] = mapped_column(Text)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


# What an entry says, drawn from its sealed text word for word as the indexes of migration 0008 draw
# it: a database uses an index only for the expression that it was made with.
SAID: Mapping[str, Mapping[str, str]] = {
    "sqlite": {
        "at": "substr(history.body ->> 'at', 1, 19)",
        "by": "history.body ->> 'by'",
        "for": "history.body ->> 'for'",
        "action": "history.body ->> 'action'",
        "reason": "history.body ->> '$.detail.reason'",
    },
    "postgresql": {
        "at": "substr(history.body::jsonb ->> 'at', 1, 19) COLLATE \"C\"",
        "by": "history.body::jsonb ->> 'by'",
        "for": "history.body::jsonb ->> 'for'",
        "action": "history.body::jsonb ->> 'action'",
        "reason": "history.body::jsonb #>> '{detail,reason}'",
    },
}


def said(dialect: str, word: str) -> ColumnElement[Any]:
    """Return what an entry says of `word`: when (to the second), by whom, for whom, what, why.

    People's ids are numbers on SQLite and texts on PostgreSQL.
    """
    return literal_column(f"({SAID[dialect][word]})")


class Answered(Base):
    """The answer given to a request with an idempotency key, for 72 hours."""

    __tablename__ = "answered"

    account_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int] = mapped_column(SmallInteger)
    answer: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(index=True)
