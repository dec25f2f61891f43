"""What must outlive the people: the installation, its history, answers to repeated requests."""

from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary, SmallInteger, String, Text
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


class Answered(Base):
    """The answer given to a request with an idempotency key, for 72 hours."""

    __tablename__ = "answered"

    account_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int] = mapped_column(SmallInteger)
    answer: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(index=True)
