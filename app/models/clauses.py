"""Clauses of laws and standards, version by version."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.clauses import Use
from app.models import Base, BigId


class Law(Base):
    """One version of a law or standard as it is cited here; what was published never changes."""

    __tablename__ = "law"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(100))
    number: Mapped[str] = mapped_column(String(64))
    """Of its document or as a standard, as GB 30871; or empty."""
    since: Mapped[date | None]
    """From which day until which it holds, where that is known."""
    until: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))
    """What was changed, or where it was taken from."""
    published_at: Mapped[datetime]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    retired_at: Mapped[datetime | None]


class Clause(Base):
    """One article or clause, and the ready wording of what it is cited for."""

    __tablename__ = "clause"

    law_id: Mapped[int] = mapped_column(ForeignKey("law.id"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    article: Mapped[str] = mapped_column(String(64))
    usage: Mapped[Use]
    sector: Mapped[str] = mapped_column(String(32))
    """Whose criterion it is; empty for all sectors."""
    text: Mapped[str] = mapped_column(String(500))
    hazard: Mapped[str] = mapped_column(String(300))
    demand: Mapped[str] = mapped_column(String(300))
    sought: Mapped[str] = mapped_column(Text)
    """What it is found by, in small letters."""
