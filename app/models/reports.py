"""Reports (报送): the tables of statistics by version, and who reports what for which period."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.statistics import By, ReportState
from app.models import Base, BigId, PlaceCode, Scope, Scoped, within


class ReportTable(Base):
    """One version of a table of statistics (统计报表); what was published never changes.

    A report uses the version that was in force when its period began.
    """

    __tablename__ = "report_table"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(64))
    name_en: Mapped[str] = mapped_column(String(128))
    source: Mapped[str] = mapped_column(String(200))
    """The notice that asks for it (依据文件)."""
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`groups`, `columns` and `checks`, as `app.domain.statistics` reads them."""
    published_at: Mapped[datetime]
    """By the business clock, as reports run by it."""
    published_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class Report(Scoped, Base):
    """What one enterprise, or the office of a campaign, reports for one period."""

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("campaign_id", "kind", "period", "organisation_id"),
        Index(None, "organisation_id", "id"),
        Index(None, "place", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    place: Mapped[str] = mapped_column(PlaceCode)
    by: Mapped[By]
    kind: Mapped[str] = mapped_column(String(16))
    period: Mapped[str] = mapped_column(String(32))
    """The day that it is for; "" where the campaign has one of its kind alone."""
    begins: Mapped[date]
    """The first day of its period."""
    table_id: Mapped[int | None] = mapped_column(ForeignKey("report_table.id"))
    """None where it is told in words alone."""
    state: Mapped[ReportState]
    due_at: Mapped[datetime | None]
    zero: Mapped[bool] = mapped_column(default=False)
    late: Mapped[bool] = mapped_column(default=False)
    """Whether it was handed in, the first time, after the day it was due."""
    returns: Mapped[int] = mapped_column(default=0)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """By column: `computed`, `value` and `reason` where corrected, `behind` the list."""
    details: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """The lines of the groups that repeat, each by column."""
    counted_at: Mapped[datetime | None]
    """The moment as of which the ledgers were counted."""
    filler: Mapped[str] = mapped_column(String(64), default="")
    submitted_at: Mapped[datetime | None]
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None]
    """When it was accepted."""
    opinion: Mapped[str] = mapped_column(String(500), default="")
    """Why it was returned, or what was said when it was accepted."""

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return within(cls.place, scope.areas) | cls.organisation_id.in_(scope.offices)

    def writable(self, scope: Scope) -> bool:
        return False
