"""The registry of enterprises: what is known of each beyond its name and place."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Dialect,
    ForeignKey,
    Index,
    Numeric,
    String,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from app.domain.access import covers
from app.domain.enterprises import Card, Grade, Life, Production, Supervision, TermKind
from app.domain.measures import Measure
from app.domain.serving import Channel
from app.models import Base, BigId, PlaceCode, Scope, Scoped, within
from app.models.casework import Case, Participant


class Words(TypeDecorator[list[str]]):
    """A few codes in one text with a blank round each, so that LIKE finds one of them."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: list[str] | str | None, _dialect: Dialect) -> str:
        if isinstance(value, str):
            return value
        return f" {' '.join(value)} " if value else ""

    def process_result_value(self, value: str | None, _dialect: Dialect) -> list[str]:
        return (value or "").split()


class Term(Base):
    """A sector, a theme tag, a kind of ownership: words of the registry that an office may edit."""

    __tablename__ = "registry_term"

    kind: Mapped[TermKind] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(32))
    name_en: Mapped[str] = mapped_column(String(64))
    aliases: Mapped[str] = mapped_column(String(200), default="")
    """Other words for it in lists that people send, parted by blanks."""
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}


def _rows() -> Any:
    return mapped_column(JSON, default=list)


class Enterprise(Scoped, Base):
    """An enterprise: the organisation of the same id, and all that the registry knows of it.

    `place` is the organisation's. Card, life status and blacklist follow from procedures.
    """

    __tablename__ = "enterprise"
    __table_args__ = (
        CheckConstraint("(longitude IS NULL) = (latitude IS NULL)", name="whole_position"),
        Index(None, "place", "name_key"),
        Index(None, "place", "address_key"),
        Index(None, "place", "sector"),
    )

    id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    place: Mapped[str] = mapped_column(PlaceCode)
    name_key: Mapped[str] = mapped_column(String(128))
    """Name and address without what people write differently: to find the same plant again."""
    address_key: Mapped[str] = mapped_column(String(200))
    credit_code: Mapped[str | None] = mapped_column(String(18), unique=True)
    """统一社会信用代码; None while it is still to be found out (待补码)."""
    address: Mapped[str] = mapped_column(String(200))
    longitude: Mapped[float | None] = mapped_column(Numeric(9, 6, asdecimal=False))
    latitude: Mapped[float | None] = mapped_column(Numeric(9, 6, asdecimal=False))
    supervision: Mapped[Supervision] = mapped_column(default=Supervision.COUNTY)
    ownership: Mapped[str] = mapped_column(String(32), default="")
    sector: Mapped[str] = mapped_column(String(32), default="")
    tags: Mapped[list[str]] = mapped_column(Words(400), default=list)

    principal: Mapped[str] = mapped_column(String(64), default="")
    phone: Mapped[str] = mapped_column(String(32), default="")
    contact: Mapped[str] = mapped_column(String(64), default="")
    contact_phone: Mapped[str] = mapped_column(String(32), default="")
    pledged_on: Mapped[date | None]
    points: Mapped[int] = mapped_column(default=0)
    """Points against the principal (记分)."""

    production: Mapped[Production] = mapped_column(default=Production.UNKNOWN)
    idle: Mapped[bool] = mapped_column(default=False)
    """Long idle (长期停产，“僵尸企业”)."""
    catalogued: Mapped[bool] = mapped_column(default=False)
    """In a catalogue of what is to be given up (列入淘汰目录)."""
    electricity_account: Mapped[str] = mapped_column(String(32), default="")
    grade: Mapped[Grade] = mapped_column(default=Grade.UNKNOWN)
    dust_workers: Mapped[int] = mapped_column(default=0)
    dispatched: Mapped[int] = mapped_column(default=0)
    """Workers lent by an agency (劳务派遣); whether the five are unified (五统一)."""
    unified: Mapped[bool] = mapped_column(default=False)
    dispatcher: Mapped[str] = mapped_column(String(128), default="")
    insurer: Mapped[str] = mapped_column(String(128), default="")
    policy: Mapped[str] = mapped_column(String(64), default="")
    insured_until: Mapped[date | None]
    remark: Mapped[str] = mapped_column(String(500), default="")

    capacities: Mapped[list[dict[str, Any]]] = _rows()
    """What may be given up one by one: capacities and equipment, each with a number and a state."""
    equipment: Mapped[list[dict[str, Any]]] = _rows()
    cranes: Mapped[list[dict[str, Any]]] = _rows()
    permits: Mapped[list[dict[str, Any]]] = _rows()
    contractors: Mapped[list[dict[str, Any]]] = _rows()
    projects: Mapped[list[dict[str, Any]]] = _rows()

    key: Mapped[bool] = mapped_column(default=False)
    worrisome: Mapped[bool] = mapped_column(default=False)
    blacklisted: Mapped[bool] = mapped_column(default=False)
    card: Mapped[Card] = mapped_column(default=Card.NONE)
    life: Mapped[Life] = mapped_column(default=Life.REGISTERED)

    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        met = (
            select(Case.subject_id)
            .join(Participant, Participant.case_id == Case.id)
            .where(
                or_(
                    Participant.organisation_id.in_(scope.organisations),
                    Participant.account_id == scope.account,
                )
            )
        )
        return or_(
            within(cls.place, scope.areas),
            cls.id.in_(scope.organisations),
            cls.id.in_(met),
        )

    def writable(self, scope: Scope) -> bool:
        return self.id in scope.organisations or any(
            covers(place, self.place) for place in scope.areas
        )


IN_FORCE = text("lifted_at IS NULL")


class EnterpriseMeasure(Scoped, Base):
    """A card or a stop (监管措施): which case gave it and why, which answers for it, when it ended.

    `case_id` is the case that goes on with it, and the only one that can lift it.
    """

    __tablename__ = "enterprise_measure"
    __table_args__ = (
        Index("ix__enterprise_measure__enterprise_id_id", "enterprise_id", "id"),
        Index(
            "ix__enterprise_measure__in_force",
            "case_id",
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
        CheckConstraint("(lifted_at IS NULL) = (lifted_in IS NULL)", name="lifted_in_if_lifted"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    measure: Mapped[Measure]
    reason: Mapped[str] = mapped_column(String(500))
    given_in: Mapped[int] = mapped_column(ForeignKey("case.id"))
    given_at: Mapped[datetime]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    lifted_in: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    lifted_at: Mapped[datetime | None]
    lift_reason: Mapped[str] = mapped_column(String(500), default="")

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return cls.enterprise_id.in_(select(Enterprise.id).where(Enterprise.visible(scope)))

    def writable(self, _scope: Scope) -> bool:
        return False  # procedures give and lift them


class ServiceConsent(Scoped, Base):
    """A party's consent to electronic service at an address it confirmed (送达地址确认书).

    `ended_on` is the day on which it was withdrawn, or another took its place; none is removed.
    """

    __tablename__ = "service_consent"
    __table_args__ = (
        Index(None, "enterprise_id", "id"),
        CheckConstraint("(ended_on IS NULL) = (ended_at IS NULL)", name="ended_at_if_ended"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    channel: Mapped[Channel]
    address: Mapped[str] = mapped_column(String(120))
    receiver: Mapped[str] = mapped_column(String(64))
    confirmed_on: Mapped[date]
    signer: Mapped[str] = mapped_column(String(64))
    """Who confirmed it for the party."""
    own: Mapped[bool]
    """Whether the party gave it with its own account; else staff entered what it signed."""
    papers: Mapped[list[str]] = mapped_column(JSON)
    """Ids of the uploads that show what was signed."""
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    ended_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    end_reason: Mapped[str] = mapped_column(String(500))

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        # Who meets the enterprise in a case only has no business with its addresses.
        here = select(Enterprise.id).where(within(Enterprise.place, scope.areas))
        return or_(cls.enterprise_id.in_(here), cls.enterprise_id.in_(scope.organisations))

    def writable(self, _scope: Scope) -> bool:
        return False  # a use case enters and ends them
