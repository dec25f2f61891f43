"""Deployed diagrams, running cases, and what is open in them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Computed,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    and_,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from app.domain.access import Role, covers
from app.domain.casework import CaseStatus, ItemStatus, WaitKind
from app.domain.progress import INSPECTION, VISITED
from app.models import Base, BigId, PlaceCode, Scope, Scoped, within


class Deployment(Base):
    """One immutable version of a procedure (部署): diagram, parts, decision tables and forms."""

    __tablename__ = "deployment"
    __table_args__ = (UniqueConstraint("procedure", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    procedure: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    bundle: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    name: Mapped[str] = mapped_column(String(128))
    name_en: Mapped[str] = mapped_column(String(128))
    deployed_at: Mapped[datetime]
    deployed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


IN_CAMPAIGN = text("campaign_id IS NOT NULL")


class Case(Scoped, Base):
    """One run of one deployed procedure (案件)."""

    __tablename__ = "case"
    __table_args__ = (
        CheckConstraint("(status = 'running') = (closed_at IS NULL)", name="closed_at_if_closed"),
        Index(None, "place", "id"),
        Index(None, "subject_id", "id"),
        Index(None, "procedure", "place", "id"),
        Index(None, "opened_by", "id"),
        Index(
            "ix__case__campaign",
            "campaign_id",
            "procedure",
            sqlite_where=IN_CAMPAIGN,
            postgresql_where=IN_CAMPAIGN,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"), index=True)
    procedure: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(PlaceCode)
    owner_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    subject_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    awaited_by: Mapped[int | None]
    """The seq of the parent's service task that waits for this case's end."""
    status: Mapped[CaseStatus]
    state: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """Where the engine stands; None when the case is closed."""
    step: Mapped[int]
    """How often the case was moved."""
    deadline: Mapped[datetime | None]
    deadline_rule: Mapped[str | None] = mapped_column(String(64))
    """The time rule behind `deadline`, where it names a campaign's day that may be moved."""
    campaign_id: Mapped[int | None] = mapped_column(BigId)
    """The campaign (专项行动) it belongs to; no foreign key, as a campaign points at its case."""
    ended: Mapped[str | None] = mapped_column(String(64))
    """The end event that was reached, or why the case was cancelled."""
    opened_at: Mapped[datetime]
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None]

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return or_(within(cls.place, scope.areas), cls.id.in_(_taking_part(scope)))

    def writable(self, scope: Scope) -> bool:
        return any(covers(place, self.place) for place in scope.areas)


def visited() -> ColumnElement[bool]:
    """Return the condition of the inspections that ended through a visit (R3)."""
    return and_(
        Case.procedure == INSPECTION,
        Case.status == CaseStatus.FINISHED,
        Case.ended.in_(VISITED),
    )


def counts_for(campaign_id: int, cases: Any = Case) -> ColumnElement[bool]:
    """Return the condition of the inspections that count for a campaign (R3).

    Its own do, and those started by hand, as one caught up that was called off; another's do not.

    :param cases: the columns of cases under another name
    """
    return or_(cases.campaign_id == campaign_id, cases.campaign_id.is_(None))


class Participant(Base):
    """Who takes part in a case without seeing its area: an organisation, or one person."""

    __tablename__ = "participant"
    __table_args__ = (
        CheckConstraint("(organisation_id IS NULL) <> (account_id IS NULL)", name="one_of_two"),
        Index(None, "organisation_id", "case_id", unique=True),
        Index(None, "account_id", "case_id", unique=True),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    from_step: Mapped[int]


def _taking_part(scope: Scope) -> Any:
    return select(Participant.case_id).where(
        or_(
            Participant.organisation_id.in_(scope.organisations),
            Participant.account_id == scope.account,
        )
    )


class ItemStatusType(TypeDecorator[ItemStatus]):
    """A small number: partial indexes are matched by the literal 0."""

    impl = SmallInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, _dialect: Any) -> int | None:
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, _dialect: Any) -> ItemStatus | None:
        return None if value is None else ItemStatus(value)


OPEN = text("status = 0")
WITH_PAPER = text("paper_id IS NOT NULL")


def _prefix(length: int) -> Any:
    return mapped_column(
        PlaceCode, Computed(f"substr(place, 1, {length})", persisted=True), nullable=True
    )


class WorkItem(Scoped, Base):
    """A human task of a case (待办事项): who may perform it, and what they answered.

    `place` is the case's: it decides who may look on. Who acts is the organisation with the role.
    """

    __tablename__ = "work_item"
    __table_args__ = (
        UniqueConstraint("case_id", "seq"),
        CheckConstraint("(status = 0) = (closed_at IS NULL)", name="closed_at_if_closed"),
        Index(
            "ix__work_item__todo",
            "organisation_id",
            "role",
            "id",
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index("ix__work_item__mine", "assignee_id", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix__work_item__done", "closed_by", "id"),
        Index("ix__work_item__county", "county", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix__work_item__city", "city", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index(
            "ix__work_item__province", "province", "id", sqlite_where=OPEN, postgresql_where=OPEN
        ),
        Index("ix__work_item__due", "due_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix__work_item__wake", "wake_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index(
            "ix__work_item__paper",
            "organisation_id",
            "paper_id",
            sqlite_where=WITH_PAPER,
            postgresql_where=WITH_PAPER,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    seq: Mapped[int]
    round: Mapped[int | None]
    """Of one of several that everybody answers (会签): what those of its round share."""
    node: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(PlaceCode)
    county: Mapped[str] = _prefix(6)
    city: Mapped[str] = _prefix(4)
    province: Mapped[str] = _prefix(2)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[Role]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    status: Mapped[ItemStatus] = mapped_column(ItemStatusType)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    due_rule: Mapped[str | None] = mapped_column(String(64))
    """The time rule behind `due_at`, to be counted again when a calendar is published."""
    wake_at: Mapped[datetime | None]
    """When somebody is to be told next: a reminder, or that it is overdue."""
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    on_behalf_of: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(500))
    """Why it was returned here."""
    paper_id: Mapped[int | None] = mapped_column(BigId)
    """The paper it is about; no foreign key, as papers point at tasks."""
    choice: Mapped[str | None] = mapped_column(String(64))
    """What the case chose its form and its paper by, where the diagram has a place for it."""
    urged_at: Mapped[datetime | None]
    noticed_on: Mapped[date | None]
    """When the public notice was published by which its paper is served; `due_at` is its end."""
    draft: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    answers: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return or_(
            within(cls.place, scope.areas),
            cls.organisation_id.in_(scope.organisations),
            cls.case_id.in_(_taking_part(scope)),
        )

    def writable(self, scope: Scope) -> bool:
        return self.organisation_id in scope.organisations or any(
            covers(place, self.place) for place in scope.areas
        )


def last_done(case_id: int, node: str, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Return the statement of the last time a task of a case was done, of which `columns`."""
    return (
        select(*columns)
        .where(WorkItem.case_id == case_id, WorkItem.node == node)
        .where(WorkItem.status == ItemStatus.DONE)
        .order_by(WorkItem.id.desc())
        .limit(1)
    )


class Wait(Base):
    """What a case waits for besides people: a time, a message, the end of an effect."""

    __tablename__ = "wait"
    __table_args__ = (Index(None, "due_at"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[WaitKind]
    node: Mapped[str] = mapped_column(String(64))
    rule: Mapped[str] = mapped_column(String(128))
    """A timer's rule, a message's name, an effect's name."""
    armed_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    """When a timer is to fire; None for what is no timer, and for one that was given up."""
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    held_until: Mapped[datetime | None]
    """It failed, and is left alone until then, by the wall clock."""


class Upload(Scoped, Base):
    """A file somebody handed in: evidence, kept as it came; a shown copy is made beside it."""

    __tablename__ = "upload"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigId)
    shown_sha256: Mapped[str | None] = mapped_column(String(64))
    """The copy that browsers get: an image drawn anew, without what was hidden in the original."""
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    uploaded_at: Mapped[datetime]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        seen = select(Case.id).where(Case.visible(scope))
        return or_(cls.uploaded_by == scope.account, cls.case_id.in_(seen))

    def writable(self, scope: Scope) -> bool:
        return self.uploaded_by == scope.account


class Incident(Scoped, Base):
    """A step that failed (故障): its cause, and what became of it."""

    __tablename__ = "incident"
    __table_args__ = (Index("ix__incident__open", "id", sqlite_where=text("closed_at IS NULL")),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    place: Mapped[str] = mapped_column(PlaceCode)
    node: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    command: Mapped[str] = mapped_column(String(32))
    cause: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=1)
    at: Mapped[datetime]
    retried_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(500))

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return within(cls.place, scope.areas + scope.managed)

    def writable(self, scope: Scope) -> bool:
        return any(covers(place, self.place) for place in scope.areas + scope.managed)


class Message(Base):
    """A word to the holders of a role in an organisation, or to one person."""

    __tablename__ = "message"
    __table_args__ = (
        Index(None, "organisation_id", "role", "id"),
        Index(None, "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[Role | None]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    key: Mapped[str] = mapped_column(String(64))
    """What it says: a key of `app.domain.messages`."""
    node: Mapped[str] = mapped_column(String(64), default="")
    at: Mapped[datetime]
