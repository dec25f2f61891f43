"""Reports (定期报送): asked for, drafted from the ledgers, corrected, signed, consolidated.

What the steps of their cases do is in `drafting` and `handing`, what forms and papers are told in
`facts`, pages in `reading`, the tables' versions in `tables`.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from app.domain.deadlines import BEIJING
from app.domain.statistics import By, ReportState
from app.models.campaigns import Campaign
from app.models.reports import Report
from app.services import Work

STEP = {"unscoped": "a report of a locked case", "synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Held:
    """The report of a case, as its steps need to know it."""

    id: int
    case_id: int
    campaign_id: int
    organisation_id: int
    by: By
    kind: str
    period: str
    begins: date
    table_id: int | None
    state: ReportState
    due_at: datetime | None


COLUMNS = (
    Report.id,
    Report.case_id,
    Report.campaign_id,
    Report.organisation_id,
    Report.by,
    Report.kind,
    Report.period,
    Report.begins,
    Report.table_id,
    Report.state,
    Report.due_at,
)


def of_case(work: Work, case_id: int) -> Held | None:
    """Return the report of a case, None if it has none: a step of those who do its tasks."""
    row = work.session.execute(
        select(*COLUMNS).where(Report.case_id == case_id), execution_options=STEP
    ).one_or_none()
    return Held(*row) if row else None


def midnight(day: date) -> datetime:
    """Return the moment at which a day begins in Beijing."""
    return datetime.combine(day, time(), BEIJING)


@dataclass(frozen=True, slots=True)
class Bounds:
    """From when to when the ledgers are counted."""

    campaign: datetime
    period: datetime
    until: datetime


def bounds(work: Work, report: Held) -> Bounds:
    """Return since when a report counts, and until when: never beyond its period, nor beyond now.

    A step of those who draft it.
    """
    opened = work.session.execute(
        select(Campaign.opened_at).where(Campaign.id == report.campaign_id), execution_options=STEP
    ).scalar_one()
    until = work.now
    if report.period:
        until = min(until, midnight(date.fromisoformat(report.period) + timedelta(days=1)))
    since = midnight(opened.astimezone(BEIJING).date())
    return Bounds(since, max(since, midnight(report.begins)), until)
