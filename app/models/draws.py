"""Draws (双随机抽查): the frozen roster, who may be drawn to go, the list and who goes."""

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.access import covers
from app.domain.draws import DrawState, How
from app.models import Base, BigId, PlaceCode, Scope, Scoped, within

NOT_CANCELLED = text("cancelled_at IS NULL")


class Draw(Scoped, Base):
    """One draw of a city bureau: settled, committed, drawn, confirmed; or cancelled with a reason.

    It lies where the city does, so that no county of it knows its list.
    """

    __tablename__ = "draw"
    __table_args__ = (
        UniqueConstraint("organisation_id", "year", "serial"),
        CheckConstraint(
            "(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_at_if_cancelled"
        ),
        CheckConstraint("(seed IS NULL) = (drawn_at IS NULL)", name="seed_if_drawn"),
        Index(None, "place", "id"),
        Index(
            "ix__draw__one_of_a_case",
            "case_id",
            unique=True,
            sqlite_where=NOT_CANCELLED,
            postgresql_where=NOT_CANCELLED,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    """1411-2026-1: place, year, and how many that office began in it."""
    year: Mapped[int] = mapped_column(SmallInteger)
    serial: Mapped[int]
    place: Mapped[str] = mapped_column(PlaceCode)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    supplements_id: Mapped[int | None] = mapped_column(ForeignKey("draw.id"), index=True)
    """The draw whose late entrants this one draws from."""
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("draw.id"))
    """The cancelled draw of the same case that this one comes after."""
    state: Mapped[DrawState]

    sectors: Mapped[list[str]] = mapped_column(JSON)
    themes: Mapped[list[str]] = mapped_column(JSON)
    percent: Mapped[int] = mapped_column(SmallInteger)
    frozen_at: Mapped[datetime]
    frozen_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    roster_sha256: Mapped[str] = mapped_column(String(64))
    reasons_sha256: Mapped[str] = mapped_column(String(64))

    load: Mapped[int | None]
    parameters: Mapped[str | None] = mapped_column(Text)
    """The exact text whose digest was committed."""
    salt: Mapped[str | None] = mapped_column(String(64))
    """The secret; nobody is shown it before the list is public or was drawn."""
    commitment: Mapped[str | None] = mapped_column(String(64))
    rule: Mapped[str | None] = mapped_column(String(64))
    after: Mapped[date | None]
    """The day after which the public value is drawn."""
    committed_at: Mapped[datetime | None]
    committed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    value: Mapped[str | None] = mapped_column(String(128))
    typed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    typed_again_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    seed: Mapped[str | None] = mapped_column(String(64))
    drawn_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(500))
    """Why it was cancelled."""

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return within(cls.place, scope.areas)

    def writable(self, scope: Scope) -> bool:
        return any(covers(place, self.place) for place in scope.areas)


class OfDraw(Scoped):
    """What belongs to a draw: who may know of the draw may know of it, and only steps write."""

    draw_id: Mapped[int]

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return cls.draw_id.in_(select(Draw.id).where(Draw.visible(scope)))

    def writable(self, scope: Scope) -> bool:
        return False


class DrawEntry(OfDraw, Base):
    """An enterprise of the frozen roster and, once drawn, whether and why it is on the list."""

    __tablename__ = "draw_entry"
    __table_args__ = (UniqueConstraint("draw_id", "code"), Index(None, "visit_id"))

    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    county: Mapped[str] = mapped_column(PlaceCode)
    code: Mapped[str] = mapped_column(String(24))
    """Its credit code, else E and its number with us."""
    name: Mapped[str] = mapped_column(String(128))
    key: Mapped[bool]
    worrisome: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(1000))
    how: Mapped[How | None]
    ticket: Mapped[str | None] = mapped_column(String(64))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    """The case of its visit, once started."""
    visited_at: Mapped[datetime | None]
    """When both inspectors were there: until then nobody outside the city's area knows of it."""


class DrawOwn(OfDraw, Base):
    """An enterprise that the city supervises itself, inspected outside the draw (R1)."""

    __tablename__ = "draw_own"

    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    """The case of its inspection, once started; the newest, if one came to nothing."""


class DrawInspector(OfDraw, Base):
    """An inspector who has declared whether there are conflicts of interest; the pool is these."""

    __tablename__ = "draw_inspector"
    __table_args__ = (UniqueConstraint("draw_id", "licence"),)

    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    licence: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(64))
    declared_at: Mapped[datetime]
    pooled: Mapped[bool] = mapped_column(default=False)
    """Whether they were still of the bureau when the pool was frozen."""


class DrawConflict(OfDraw, Base):
    """An interest that an inspector has declared in an enterprise of the roster (回避)."""

    __tablename__ = "draw_conflict"

    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(500))
    declared_at: Mapped[datetime]


class DrawVisitor(OfDraw, Base):
    """Who was drawn to go to an enterprise."""

    __tablename__ = "draw_visitor"

    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
