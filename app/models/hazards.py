"""The ledger of hazards, across cases and procedures."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ColumnElement, ForeignKey, Index, String, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.access import covers
from app.domain.hazards import HazardEvent, HazardState
from app.models import Base, BigId, PlaceCode, Scope, Scoped, within

UNCLOSED = text("closed_at IS NULL")
AWAITED = text("awaited_by IS NOT NULL")


def _words() -> Any:
    return mapped_column(JSON, default=list)


class Hazard(Scoped, Base):
    """One hazard of one enterprise (隐患), until it is closed (销号) and after."""

    __tablename__ = "hazard"
    __table_args__ = (
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at_if_closed"),
        Index(None, "place", "id"),
        Index(None, "enterprise_id", "id"),
        Index(None, "case_id"),
        Index(None, "found_in"),
        Index(
            "ix__hazard__awaited_by",
            "awaited_by",
            sqlite_where=AWAITED,
            postgresql_where=AWAITED,
        ),
        Index(
            "ix__hazard__unclosed",
            "place",
            "id",
            sqlite_where=UNCLOSED,
            postgresql_where=UNCLOSED,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    place: Mapped[str] = mapped_column(PlaceCode)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    found_in: Mapped[int] = mapped_column(ForeignKey("case.id"))
    procedure: Mapped[str] = mapped_column(String(64))
    """The procedure that found it: a self-inspection, an inspection."""
    found_at: Mapped[datetime]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    """The case that follows it now, or was the last to do so."""
    origin_id: Mapped[int | None] = mapped_column(BigId)
    """The hazard that has come back in this one (复发); no foreign key, as no table is rebuilt."""

    description: Mapped[str] = mapped_column(String(500))
    spot: Mapped[str] = mapped_column(String(80), default="")
    """Where in the plant (部位)."""
    basis: Mapped[str] = mapped_column(String(300), default="")
    major: Mapped[bool]
    """重大隐患, by a clause of its sector's criteria; else 一般隐患."""
    criterion: Mapped[str] = mapped_column(String(300), default="")
    cited: Mapped[list[dict[str, Any]]] = _words()
    """The clauses that basis and criterion cite, each in the version that held when written."""
    known: Mapped[str] = mapped_column(String(16), default="")
    """Of one that a city found: who had found it before (`self`, `county`), or `none`."""
    photos: Mapped[list[str]] = _words()
    after: Mapped[list[str]] = _words()

    owner: Mapped[str] = mapped_column(String(20), default="")
    """The five points (五定): in charge, measure, deadline, who does it, who verifies."""
    measure: Mapped[str] = mapped_column(String(500), default="")
    finish: Mapped[date | None]
    """When the enterprise plans to be done; `deadline` is what it is held to."""
    deadline: Mapped[date | None]
    doer: Mapped[str] = mapped_column(String(20), default="")
    checker: Mapped[str] = mapped_column(String(20), default="")

    secured: Mapped[list[str]] = _words()
    """Of a major one: what its enterprise has secured (五到位)."""
    listed_by: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    """The organ that supervises it by name (挂牌督办), until it takes it off the list."""
    awaited_by: Mapped[int | None] = mapped_column(BigId)
    """The case that has to accept that it is gone before anybody closes it: a city's visit."""
    state: Mapped[HazardState]
    state_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return or_(within(cls.place, scope.areas), cls.enterprise_id.in_(scope.organisations))

    def writable(self, scope: Scope) -> bool:
        return any(covers(place, self.place) for place in scope.areas)


class HazardChange(Base):
    """What became of a hazard, step by step; each is sealed in the history of its case as well."""

    __tablename__ = "hazard_change"
    __table_args__ = (Index(None, "hazard_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazard.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    node: Mapped[str] = mapped_column(String(64))
    what: Mapped[HazardEvent]
    state: Mapped[HazardState]
    deadline: Mapped[date | None]
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
