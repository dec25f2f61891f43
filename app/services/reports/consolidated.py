"""The table of a period, consolidated: of a campaign's office, and of the offices of an area."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.domain import NotFound
from app.domain.access import Permission
from app.domain.statistics import By, ReportState, Table, figures_of, said, total
from app.domain.statistics.sheet import Line, Sheet, lay_out
from app.domain.text import T, Term
from app.models.campaigns import Campaign
from app.models.documents import Document
from app.models.people import Organisation
from app.models.reports import Report
from app.services import Work
from app.services.reports import COLUMNS, Held, tables
from app.services.reports.drafting import Line as Reported
from app.services.reports.drafting import draft, lines_of, missing_of
from app.services.reports.facts import TOTAL, office_lines, rows_of
from app.services.reports.reading import (
    GUARDED,
    FigureView,
    PeriodRow,
    ReportRow,
    figures_told,
    period,
    reports_of,
    row_of,
)

PAPER = "campaign_statistics"


@dataclass(frozen=True, slots=True)
class SheetView:
    """The consolidated table of a period."""

    period: PeriodRow
    title: Term
    office: str
    sheet: Sheet
    counted_at: datetime | None
    filler: str
    filled_at: datetime | None
    state: ReportState | None
    """Of the office's report; None while it is but added up for a look."""
    reported: int
    zero: int
    missing: Sequence[str]
    paper: int | None
    """The newest paper of it."""
    corrections: Sequence[FigureView]


def sheet(work: Work, campaign_id: int, kind: str, day: str) -> SheetView:
    """Return the consolidated table of a period: as it was handed in, else as it adds up by now.

    :param kind: "" for the newest period that has a table
    :raises NotFound: if the actor knows of no such campaign, or no table belongs to the report
    """
    here = period(work, campaign_id, kind, day)
    held, office = _held(work, here)
    if held is None or held.table_id is None:
        raise NotFound(T("没有找到该统计报表"))
    table = tables.load(work, held.table_id)
    report = work.session.get(Report, held.id) if held.id else None
    if report is not None and report.submitted_at is not None:
        figures, counted = report.figures, report.counted_at
        lines: Sequence[Reported] = _added_up(work, here, table, figures)
        missing: Sequence[str] = missing_of(work, campaign_id, here.kind, here.period, lines)
    else:
        report, found = None, draft(work, held)
        if found is None:
            raise NotFound(T("没有找到该统计报表"))
        figures, counted = figures_of(table, rows_of(found, By.OFFICE)), found.counted_at
        lines, missing = found.lines, found.missing
    return SheetView(
        period=here,
        title=tables.name(work, held.table_id),
        office=office,
        sheet=lay_out(table, office_lines(table, lines, said(figures))),
        counted_at=counted,
        filler=report.filler if report else "",
        filled_at=report.submitted_at if report else None,
        state=report.state if report else None,
        reported=len(lines),
        zero=sum(line.zero for line in lines),
        missing=missing,
        paper=_paper(work, held.case_id),
        corrections=[
            one for one in figures_told(table, figures, By.OFFICE) if one.reason is not None
        ],
    )


def _added_up(
    work: Work, here: PeriodRow, table: Table, figures: Mapping[str, Any]
) -> Sequence[Reported]:
    """Return the reports that figures handed in are the sums of; later ones are no part of them."""
    named = {
        report
        for column in table.figures(By.PLANT)
        for report in figures.get(column.key, {}).get("behind", ())
    }
    lines = lines_of(work, here.campaign_id, here.kind, here.period)
    return [line for line in lines if line.id in named]


def _held(work: Work, here: PeriodRow) -> tuple[Held | None, str]:
    """Return the office's report of a period, or one as it will be; and the office's name."""
    owner = work.session.execute(
        select(Campaign.owner_id, Organisation.name)
        .join(Organisation, Organisation.id == Campaign.owner_id)
        .where(Campaign.id == here.campaign_id),
        execution_options=GUARDED,
    ).one()
    found = select(*COLUMNS).where(
        Report.campaign_id == here.campaign_id,
        Report.kind == here.kind,
        Report.period == here.period,
    )
    row = work.session.execute(
        found.order_by(Report.by == By.PLANT, Report.id).limit(1), execution_options=GUARDED
    ).one_or_none()
    if row is None:
        return None, owner.name
    held = Held(*row)
    if held.by is By.OFFICE:
        return held, owner.name
    return (
        Held(
            0,
            0,
            held.campaign_id,
            owner.owner_id,
            By.OFFICE,
            held.kind,
            held.period,
            held.begins,
            held.table_id,
            ReportState.ASKED,
            None,
        ),
        owner.name,
    )


def _paper(work: Work, case_id: int) -> int | None:
    return work.session.scalar(
        select(func.max(Document.id)).where(Document.case_id == case_id, Document.kind == PAPER)
    )


@dataclass(frozen=True, slots=True)
class Offices:
    """The tables of several offices for one period, added up by the office above them."""

    title: Term
    sheet: Sheet
    summed: Sequence[ReportRow]
    """The accepted reports, each with the campaign that it is of: these are added up."""
    waiting: Sequence[ReportRow]
    """Reports of offices that are not accepted yet."""
    campaigns: Mapping[int, str]
    """The names of all campaigns of the period, whether one was chosen or not."""


def offices(work: Work, kind: str, day: str, campaign: int | None = None) -> Offices | None:
    """Return what the offices of the actor's area report for a period, and the sum of it.

    Only accepted reports count: of one campaign if it is named, else of all. None where no office
    was asked.
    """
    work.require_somewhere(Permission.SEE_CAMPAIGN)
    found = reports_of(work, kind, day)
    campaigns = {row.campaign_id: row.campaign for row in found}
    rows = [row for row in found if campaign in (None, row.campaign_id)]
    tabled = [row for row in rows if row.table_id is not None]
    if not tabled:
        return None
    newest = max(row.table_id for row in tabled)
    table = tables.load(work, newest)
    accepted = [row for row in tabled if row.state is ReportState.ACCEPTED]
    values = [said(row.figures) for row in accepted]
    lines = [
        Line(row.name, value, frozenset(By), number=number, key=row.id)
        for number, (row, value) in enumerate(zip(accepted, values, strict=True), 1)
    ]
    sums = {**total(table, values), **total(table, values, By.OFFICE)}
    waiting = [row_of(work, row) for row in rows if row.state is not ReportState.ACCEPTED]
    sheet_ = lay_out(table, [*lines, Line(TOTAL, sums, frozenset(By))])
    summed = [row_of(work, row) for row in accepted]
    return Offices(tables.name(work, newest), sheet_, summed, waiting, campaigns)
