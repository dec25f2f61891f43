"""Campaigns (专项行动): what one is for, its days, who is in it, and which cases it has started."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.access import covers
from app.models import Base, BigId, PlaceCode, Scope, Scoped, within

WAITING = text("case_id IS NULL AND problem IS NULL")


class Campaign(Scoped, Base):
    """One run of a campaign's diagram; its id is that of its case."""

    __tablename__ = "campaign"
    __table_args__ = (Index(None, "place", "id"),)

    id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    place: Mapped[str] = mapped_column(PlaceCode)
    owner_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(100))
    year: Mapped[int]
    sought: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Whom it is for: `divisions`, `sectors` and `tags`, each a list of codes; empty: all."""
    opened_at: Mapped[datetime]

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return within(cls.place, scope.areas)

    def writable(self, scope: Scope) -> bool:
        return any(covers(place, self.place) for place in scope.areas)


class CampaignDay(Base):
    """A day that the campaign's diagram names: a stage's end, when a report is due."""

    __tablename__ = "campaign_day"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[date]
    planned: Mapped[date]
    """The day as the campaign was started with it."""


class CampaignMember(Scoped, Base):
    """An enterprise in a campaign."""

    __tablename__ = "campaign_member"
    __table_args__ = (Index(None, "enterprise_id"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    place: Mapped[str] = mapped_column(PlaceCode)
    joined_at: Mapped[datetime]

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return within(cls.place, scope.areas) | cls.enterprise_id.in_(scope.organisations)

    def writable(self, scope: Scope) -> bool:
        return any(covers(place, self.place) for place in scope.areas)


class CampaignBatch(Base):
    """One procedure started for every member: by a service task of the diagram, for a period."""

    __tablename__ = "campaign_batch"
    __table_args__ = (UniqueConstraint("campaign_id", "node", "period"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    node: Mapped[str] = mapped_column(String(64))
    procedure: Mapped[str] = mapped_column(String(64))
    period: Mapped[str] = mapped_column(String(32), default="")
    """Which of several: the day a report is for; "" where there is one alone."""
    deadline: Mapped[str] = mapped_column(String(64), default="")
    """The time rule by which its cases are to be done."""
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What its cases are started with."""
    opened_at: Mapped[datetime]


class CampaignStart(Base):
    """A member of a batch: its case, or why there is none; neither while it waits its turn."""

    __tablename__ = "campaign_start"
    __table_args__ = (
        Index(
            "ix__campaign_start__waiting",
            "batch_id",
            "enterprise_id",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("campaign_batch.id"), primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    problem: Mapped[str | None] = mapped_column(String(500))
