"""Reports as their pages show them: what is owed, who of a period is how far, the figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from app.domain import NotFound
from app.domain.access import Permission
from app.domain.entered import whole
from app.domain.statistics import SOURCES, By, Column, ReportState, Table, said
from app.domain.text import T, Term
from app.models.campaigns import Campaign, CampaignBatch, CampaignStart
from app.models.people import Organisation
from app.models.reports import Report
from app.services import Work
from app.services.history import names_of_people
from app.services.reports import tables
from app.services.reports.drafting import REPORTING, asked

GUARDED = {"unscoped": "the campaign is one that the actor sees"}
PAGE = 50
LISTED = 20
DONE = (ReportState.SUBMITTED, ReportState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which table somebody takes away."""

    campaign: int
    kind: str
    period: str


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report as lists show it; without an id where its case has not begun."""

    id: int | None
    case_id: int | None
    organisation_id: int
    name: str
    kind: str
    period: str
    campaign_id: int
    campaign: str
    state: ReportState
    due_at: datetime | None
    zero: bool
    late: bool
    returns: int
    corrected: int
    submitted_at: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """What a campaign asks for one period, and how far its enterprises are."""

    campaign_id: int
    campaign: str
    kind: str
    period: str
    opened_at: datetime
    total: int
    accepted: int
    submitted: int
    returned: int
    zero: int
    late: int
    overdue: int
    tabled: bool
    office: ReportRow | None = None
    """The consolidated report of the campaign's office, once it is asked for."""

    @property
    def missing(self) -> int:
        """How many have not reported, or have to report again."""
        return self.total - self.accepted - self.submitted


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure with the list behind it."""

    column: Column
    group: Term
    computed: int | None
    value: Any
    reason: str | None
    behind: Sequence[int]
    of: str
    """What the list holds: `hazards`, `documents`, `tasks`, `enterprises` or `reports`."""


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report."""

    row: ReportRow
    by: By
    begins: date
    table: Term | None
    version: int | None
    counted_at: datetime | None
    filler: str
    signer: str
    opinion: str
    figures: Sequence[FigureView]
    details: Sequence[Mapping[str, Any]]
    columns: Sequence[Column]
    """Of the details."""


_ROW = (
    Report.id,
    Report.case_id,
    Report.organisation_id,
    Organisation.name,
    Report.kind,
    Report.period,
    Report.campaign_id,
    Campaign.name.label("campaign"),
    Report.state,
    Report.due_at,
    Report.zero,
    Report.late,
    Report.returns,
    Report.figures,
    Report.submitted_at,
)


def row_of(work: Work, row: Any) -> ReportRow:
    """Return a report as lists show it."""
    open_ = row.state not in (*DONE, ReportState.DRAFTED)
    return ReportRow(
        id=row.id,
        case_id=row.case_id,
        organisation_id=row.organisation_id,
        name=row.name,
        kind=row.kind,
        period=row.period,
        campaign_id=row.campaign_id,
        campaign=row.campaign,
        state=row.state,
        due_at=row.due_at,
        zero=row.zero,
        late=row.late,
        returns=row.returns,
        corrected=sum(one.get("reason") is not None for one in (row.figures or {}).values()),
        submitted_at=row.submitted_at,
        overdue=open_ and row.due_at is not None and row.due_at < work.now,
    )


def _joined() -> Select[*tuple[Any, ...]]:
    return (
        select(*_ROW)
        .select_from(Report)
        .join(Organisation, Organisation.id == Report.organisation_id)
        .join(Campaign, Campaign.id == Report.campaign_id)
    )


SEEN = {"unscoped": "the reports of the actor's own organisations"}


def own(work: Work, cursor: str = "") -> tuple[list[ReportRow], str | None]:
    """Return a page of what the actor's organisations report, what is owed first, and a cursor."""
    work.require_somewhere(Permission.SEE_REPORTS)
    places = [grant.organisation for grant in work.actor.grants]
    wanted = _joined().where(Report.organisation_id.in_(places)).order_by(Report.id.desc())
    if (before := whole(cursor)) is not None:
        wanted = wanted.where(Report.id < before)
    found = work.session.execute(wanted.limit(PAGE + 1), execution_options=SEEN).all()
    rows = [row_of(work, row) for row in found[:PAGE]]
    following = str(rows[-1].id) if len(found) > PAGE else None
    return sorted(rows, key=lambda row: row.state in (*DONE, ReportState.DRAFTED)), following


def periods(work: Work, campaign_id: int | None = None) -> list[PeriodRow]:
    """Return what the campaigns of the actor's area have asked for, the newest first.

    :raises NotFound: if the actor knows of no such campaign
    """
    work.require_somewhere(Permission.SEE_REPORTS)
    wanted = select(Campaign.id, Campaign.name)
    if campaign_id is not None:
        wanted = wanted.where(Campaign.id == campaign_id)
    campaigns = {row.id: row.name for row in work.session.execute(wanted)}
    if campaign_id is not None and not campaigns:
        raise NotFound(T("没有找到该专项行动"))
    return _periods(work, campaigns)


COUNTS = ("total", "accepted", "submitted", "returned", "zero", "late", "overdue")


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _periods(work: Work, campaigns: Mapping[int, str]) -> list[PeriodRow]:
    open_ = Report.state.in_((ReportState.ASKED, ReportState.RETURNED))
    rows = work.session.execute(
        select(
            CampaignBatch,
            func.count(),
            _count(Report.state == ReportState.ACCEPTED),
            _count(Report.state == ReportState.SUBMITTED),
            _count(Report.state == ReportState.RETURNED),
            _count(Report.zero & Report.state.in_(DONE)),
            _count(Report.late.is_(True)),
            _count(open_ & (Report.due_at < work.now)),
            func.max(Report.table_id),
        )
        .join(CampaignStart, CampaignStart.batch_id == CampaignBatch.id)
        .outerjoin(Report, Report.case_id == CampaignStart.case_id)
        .where(CampaignBatch.campaign_id.in_(list(campaigns)))
        .where(CampaignBatch.procedure == REPORTING)
        .group_by(CampaignBatch.id)
        .order_by(CampaignBatch.id.desc()),
        execution_options=GUARDED,
    )
    offices = _offices(work, campaigns)
    return [
        PeriodRow(
            campaign_id=batch.campaign_id,
            campaign=campaigns[batch.campaign_id],
            kind=kind,
            period=batch.period,
            opened_at=batch.opened_at,
            **dict(zip(COUNTS, counts, strict=True)),
            tabled=table is not None,
            office=offices.get((batch.campaign_id, kind, batch.period)),
        )
        for batch, *counts, table in rows
        if (kind := batch.answers.get("report", ""))
    ]


def _offices(work: Work, campaigns: Mapping[int, str]) -> dict[tuple[int, str, str], ReportRow]:
    rows = work.session.execute(
        _joined().where(Report.by == By.OFFICE, Report.campaign_id.in_(list(campaigns))),
        execution_options=GUARDED,
    )
    return {(row.campaign_id, row.kind, row.period): row_of(work, row) for row in rows}


def reports_of(work: Work, kind: str, day: str) -> list[Any]:
    """Return the reports of the offices of the actor's area for a period, by place: a step."""
    return list(
        work.session.execute(
            select(*_ROW, Report.table_id)
            .select_from(Report)
            .join(Campaign, Campaign.id == Report.campaign_id)
            .join(Organisation, Organisation.id == Report.organisation_id)
            .where(Report.by == By.OFFICE, Report.kind == kind, Report.period == day)
            .order_by(Report.place, Report.id)
        )
    )


def period(work: Work, campaign_id: int, kind: str, day: str) -> PeriodRow:
    """Return one period of a campaign; without a kind the newest that has a table.

    :raises NotFound: if the actor knows of no such campaign, or it asked for no such report
    """
    for row in periods(work, campaign_id):
        if (row.kind, row.period) == (kind, day) or (not kind and row.tabled):
            return row
    raise NotFound(T("没有找到该报送期"))


OPEN = Report.state.in_((ReportState.ASKED, ReportState.RETURNED)) | Report.id.is_(None)
STATES: Mapping[str, ColumnElement[bool]] = {
    "missing": OPEN,
    "submitted": Report.state == ReportState.SUBMITTED,
    "returned": Report.state == ReportState.RETURNED,
    "accepted": Report.state == ReportState.ACCEPTED,
    "zero": Report.zero & Report.state.in_(DONE),
    "late": Report.late.is_(True),
}


def members(
    work: Work, here: PeriodRow, state: str = "", cursor: str = ""
) -> tuple[list[ReportRow], str | None]:
    """Return a page of those who were asked for a report of a period, by id, and a cursor.

    :param here: a period that the actor may know of
    :param state: a key of `STATES`; "" for all
    """
    work.require_somewhere(Permission.SEE_REPORTS)
    batches = asked(work, here.campaign_id, here.kind, here.period)
    wanted = (
        select(
            *(column for column in _ROW if column.key not in ("name", "organisation_id")),
            CampaignStart.enterprise_id.label("organisation_id"),
            Organisation.name,
        )
        .select_from(CampaignStart)
        .join(Organisation, Organisation.id == CampaignStart.enterprise_id)
        .outerjoin(Report, Report.case_id == CampaignStart.case_id)
        .outerjoin(Campaign, Campaign.id == Report.campaign_id)
        .where(CampaignStart.batch_id.in_(batches))
        .order_by(CampaignStart.enterprise_id)
        .limit(PAGE + 1)
    )
    if state in STATES:
        wanted = wanted.where(STATES[state])
    if (after := whole(cursor)) is not None:
        wanted = wanted.where(CampaignStart.enterprise_id > after)
    found = work.session.execute(wanted, execution_options=GUARDED).all()
    rows = [row_of(work, row) if row.id else _unasked(row, here) for row in found[:PAGE]]
    return rows, str(rows[-1].organisation_id) if len(found) > PAGE else None


def _unasked(row: Any, here: PeriodRow) -> ReportRow:
    """Return the line of an enterprise whose case has not begun."""
    return ReportRow(
        id=None,
        case_id=None,
        organisation_id=row.organisation_id,
        name=row.name,
        kind=here.kind,
        period=here.period,
        campaign_id=here.campaign_id,
        campaign=here.campaign,
        state=ReportState.ASKED,
        due_at=None,
        zero=False,
        late=False,
        returns=0,
        corrected=0,
        submitted_at=None,
        overdue=False,
    )


def get(work: Work, report_id: int) -> ReportView:
    """Return a report with its figures; one that is not handed in has none yet.

    :raises NotFound: if the actor may not know of it
    """
    work.require_somewhere(Permission.SEE_REPORTS)
    report = work.session.scalar(select(Report).where(Report.id == report_id))
    if report is None:
        raise NotFound(T("没有找到该报送"))
    found = work.session.execute(
        _joined().where(Report.id == report_id), execution_options=SEEN
    ).one()
    table, name, version = None, None, None
    if report.table_id is not None:
        table = tables.load(work, report.table_id)
        name, version = tables.name(work, report.table_id), tables.version(work, report.table_id)
    people = names_of_people(work, [report.submitted_by] if report.submitted_by else [])
    return ReportView(
        row=row_of(work, found),
        by=report.by,
        begins=report.begins,
        table=name,
        version=version,
        counted_at=report.counted_at,
        filler=report.filler,
        signer=people.get(report.submitted_by or 0, ""),
        opinion=report.opinion,
        figures=figures_told(table, report.figures, report.by) if table else [],
        details=report.details,
        columns=table.details if table and report.details else [],
    )


def figures_told(table: Table, figures: Mapping[str, Any], by: By) -> list[FigureView]:
    groups = {group.key: group.title for group in table.groups}
    return [
        FigureView(
            column,
            groups[column.group],
            figure["computed"],
            said({column.key: figure})[column.key],
            figure.get("reason"),
            figure.get("behind", ()),
            SOURCES[column.source].behind if column.by is by else "reports",
        )
        for column in table.figures()
        if (figure := figures.get(column.key)) is not None
    ]
