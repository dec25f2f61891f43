"""Draft a report: an enterprise's from its ledgers, an office's from reports and its own ledgers.

A figure is what was counted; what somebody corrects stands beside it with the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.domain.statistics import By, Column, ReportState, Span, Table, said, total
from app.models.campaigns import CampaignBatch, CampaignStart
from app.models.enterprises import Enterprise
from app.models.people import Organisation
from app.models.reports import Report
from app.services import Work
from app.services.enlisting import scope
from app.services.reports import STEP, Held, bounds
from app.services.reports.counting import Found, Ledgers
from app.services.reports.tables import load

REPORTING = "periodic_report"
"""The procedure by which enterprises report."""
THING = "_hazard"
"""The id of the hazard that a line is about; no column has such a key."""


@dataclass(frozen=True, slots=True)
class Line:
    """An accepted report of an enterprise, as its office adds it up."""

    id: int
    organisation_id: int
    name: str
    zero: bool
    values: Mapping[str, Any]
    details: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a report starts with."""

    table: Table
    counted_at: datetime
    figures: Mapping[str, Found]
    """By column, where anything could be counted."""
    details: Sequence[Mapping[str, Any]]
    new: bool
    """Whether the ledgers have anything new in the period."""
    lines: Sequence[Line] = ()
    """Of an office: the reports that it adds up."""
    missing: Sequence[str] = ()
    """Of an office: the names of those whose reports it does not have."""
    typed: Mapping[str, Any] = field(default_factory=dict)
    """What was typed last time in columns that nothing counts."""


def draft(work: Work, report: Held) -> Draft | None:
    """Return the draft of a report as of now; None where it is told in words alone.

    A step of those who do the tasks of its case.
    """
    if report.table_id is None:
        return None
    table = load(work, report.table_id)
    limits = bounds(work, report)
    spans = {
        Span.CAMPAIGN: Ledgers(work, report, limits.campaign, limits.until),
        Span.PERIOD: Ledgers(work, report, limits.period, limits.until),
    }
    figures = {
        column.key: spans[column.span].count(column.source)
        for column in table.figures(report.by)
        if not column.typed
    }
    typed = _typed_before(work, report, table)
    new = spans[Span.PERIOD].changed()
    if report.by is By.PLANT:
        details = _lines_of(table.details, spans[Span.CAMPAIGN].major())
        return Draft(table, limits.until, figures, details, new, typed=typed)
    lines = lines_of(work, report.campaign_id, report.kind, report.period)
    behind = tuple(line.id for line in lines)
    sums = total(table, (line.values for line in lines))
    figures |= {key: Found(sum_, behind) for key, sum_ in sums.items()}
    missing = missing_of(work, report.campaign_id, report.kind, report.period, lines)
    return Draft(table, limits.until, figures, [], new, lines, missing, typed)


def _lines_of(
    columns: Sequence[Column], things: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    return [
        {THING: thing["hazard"], **{column.key: thing[column.fact] for column in columns}}
        for thing in things
    ]


def _typed_before(work: Work, report: Held, table: Table) -> dict[str, Any]:
    """Return what the same one typed in the last report of the campaign: nothing is typed twice."""
    before = work.session.scalar(
        select(Report.figures)
        .where(Report.campaign_id == report.campaign_id)
        .where(Report.organisation_id == report.organisation_id, Report.by == report.by)
        .where(Report.submitted_at.is_not(None))
        .order_by(Report.submitted_at.desc(), Report.id.desc())
        .limit(1),
        execution_options=STEP,
    )
    known = said(before or {})
    return {
        column.key: known[column.key]
        for column in table.figures(report.by)
        if column.typed and known.get(column.key) is not None
    }


def lines_of(work: Work, campaign_id: int, kind: str, period: str) -> list[Line]:
    """Return the accepted reports of a campaign's enterprises for a period, by name.

    A step of those who may know of the campaign.
    """
    rows = work.session.execute(
        select(
            Report.id,
            Report.organisation_id,
            Organisation.name,
            Report.zero,
            Report.figures,
            Report.details,
        )
        .join(Organisation, Organisation.id == Report.organisation_id)
        .where(Report.campaign_id == campaign_id, Report.kind == kind, Report.period == period)
        .where(Report.by == By.PLANT, Report.state == ReportState.ACCEPTED)
        .order_by(Organisation.name, Report.id),
        execution_options=STEP,
    )
    return [
        Line(
            row.id,
            row.organisation_id,
            row.name,
            row.zero,
            said(row.figures),
            row.details,
        )
        for row in rows
    ]


def missing_of(
    work: Work, campaign_id: int, kind: str, period: str, lines: Sequence[Line]
) -> list[str]:
    """Return the names of those who were asked and whose report is not among the lines, in order.

    Who is closed or struck off by now owes none. A step of those who may know of the campaign.
    """
    rows = work.session.execute(
        select(Organisation.id, Organisation.name)
        .distinct()
        .join(CampaignStart, CampaignStart.enterprise_id == Organisation.id)
        .join(Enterprise, Enterprise.id == Organisation.id)
        .where(CampaignStart.batch_id.in_(asked(work, campaign_id, kind, period)), scope.there())
        .order_by(Organisation.name, Organisation.id),
        execution_options=STEP,
    )
    there = {line.organisation_id for line in lines}
    return [row.name for row in rows if row.id not in there]


def asked(work: Work, campaign_id: int, kind: str, period: str) -> list[int]:
    """Return the batches by which a campaign has asked for reports of a kind for a period."""
    rows = work.session.execute(
        select(CampaignBatch.id, CampaignBatch.answers).where(
            CampaignBatch.campaign_id == campaign_id,
            CampaignBatch.procedure == REPORTING,
            CampaignBatch.period == period,
        )
    )
    return [row.id for row in rows if row.answers.get("report") == kind]
