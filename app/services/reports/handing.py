"""What becomes of a report at the steps of its case: asked for, handed in, accepted, returned.

Each is a step of those who move the case, under its lock. What an earlier hand said stays in the
history and in the answers of the task; the report holds what was handed in last.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from app.domain import entered
from app.domain.access import Grant
from app.domain.deadlines import BEIJING
from app.domain.history import Stream
from app.domain.statistics import TABLES, By, ReportState, corrections, figures_of, said
from app.domain.text import T
from app.engine import CaseFault
from app.models.campaigns import Campaign, CampaignBatch
from app.models.casework import WorkItem, last_done
from app.models.reports import Report
from app.services import Work
from app.services.reports import STEP, Held, midnight, of_case
from app.services.reports.drafting import draft
from app.services.reports.tables import in_force


@dataclass(frozen=True, slots=True)
class Asked:
    """The case of a report: whose, and by when."""

    case_id: int
    campaign_id: int | None
    owner_id: int
    subject_id: int
    place: str
    deadline: datetime | None


def open_report(work: Work, case: Asked, kind: str, period: str) -> str | None:
    """Note that a report is asked for, or asked for again, and return how it is told.

    "figures" where a table belongs to it, else "words"; None outside campaigns: nobody adds it up.
    """
    if case.campaign_id is None:
        return None
    known = of_case(work, case.case_id)
    if known is not None:
        _change(work, known, due_at=case.deadline)
        return "figures" if known.table_id else "words"
    begins = _begins(work, case.campaign_id, period)
    code = TABLES.get(kind)
    table = in_force(work, code, midnight(begins)) if code else None
    work.session.execute(
        insert(Report).values(
            case_id=case.case_id,
            campaign_id=case.campaign_id,
            organisation_id=case.subject_id,
            place=case.place,
            by=By.OFFICE if case.subject_id == case.owner_id else By.PLANT,
            kind=kind,
            period=period,
            begins=begins,
            table_id=table,
            state=ReportState.ASKED,
            due_at=case.deadline,
        ),
        execution_options=STEP,
    )
    return "figures" if table else "words"


def _begins(work: Work, campaign_id: int, period: str) -> date:
    """Return the first day of a period: after the last reporting day, else the campaign's first."""
    before = None
    if period:
        before = work.session.scalar(
            select(func.max(CampaignBatch.period)).where(
                CampaignBatch.campaign_id == campaign_id,
                CampaignBatch.period != "",
                CampaignBatch.period < period,
            )
        )
    if before:
        return date.fromisoformat(before) + timedelta(days=1)
    opened = work.session.execute(
        select(Campaign.opened_at).where(Campaign.id == campaign_id), execution_options=STEP
    ).scalar_one()
    return opened.astimezone(BEIJING).date()


def hand_in(work: Work, case_id: int, source: str, grant: Grant | None) -> str:
    """Keep what the last answers of the task `source` state as the report; "zero", or "new".

    :raises CaseFault: if the task was not done
    """
    report = of_case(work, case_id)
    item = work.session.execute(
        last_done(case_id, source, WorkItem.id, WorkItem.answers), execution_options=STEP
    ).one_or_none()
    if item is None:
        raise CaseFault(T("环节 {node} 没有办理结果，不能报送", node=source))
    answers: Mapping[str, Any] = item.answers or {}
    zero = answers.get("zero") is True
    if report is None:
        return "zero" if zero else "new"
    figures, details, counted = _stated(work, report, answers)
    first = report.state is ReportState.ASKED
    _change(
        work,
        report,
        state=ReportState.SUBMITTED if report.by is By.PLANT else ReportState.DRAFTED,
        zero=zero,
        figures=figures,
        details=details,
        counted_at=counted,
        filler=answers.get("filler") or answers.get("principal") or "",
        submitted_at=work.now,
        submitted_by=work.actor.id,
        **({"late": _late(work, report)} if first else {}),
    )
    work.record(
        Stream.CASE,
        case_id,
        "report.submit",
        grant,
        report=report.id,
        task=item.id,
        zero=zero,
        figures=said(figures),
        corrected=corrections(figures),
    )
    return "zero" if zero else "new"


def _late(work: Work, report: Held) -> bool:
    return report.due_at is not None and work.now > report.due_at


def _stated(
    work: Work, report: Held, answers: Mapping[str, Any]
) -> tuple[dict[str, Any], list[dict[str, Any]], Any]:
    """Return figures as handed in, each with the list behind it; details; as of when."""
    found = draft(work, report)
    if found is None:
        return {}, [], None
    figures = figures_of(found.table, answers.get("figures", ()))
    for key, figure in figures.items():
        if key in found.figures:
            figure["behind"] = list(found.figures[key].behind)
    return figures, [dict(line) for line in found.details], found.counted_at


def send(work: Work, case_id: int, grant: Grant | None) -> None:
    """Note that an office's report, signed and sealed, has gone upward."""
    report = _held(work, case_id)
    _change(work, report, state=ReportState.SUBMITTED)
    work.record(Stream.CASE, case_id, "report.send", grant, report=report.id)


def judge(work: Work, case_id: int, source: str, grant: Grant | None) -> str:
    """Accept or return the report as the last answers of the task `source` say, and tell which."""
    report = of_case(work, case_id)
    answers = (
        work.session.scalar(last_done(case_id, source, WorkItem.answers), execution_options=STEP)
        or {}
    )
    accepted = answers.get("accepted") == "yes"
    word = "accepted" if accepted else "returned"
    if report is None:
        return word
    opinion = str(answers.get("opinion") or "")
    if accepted:
        _change(work, report, state=ReportState.ACCEPTED, closed_at=work.now, opinion=opinion)
        work.record(Stream.CASE, case_id, "report.accept", grant, report=report.id)
    else:
        _change(
            work,
            report,
            state=ReportState.RETURNED,
            opinion=opinion,
            returns=Report.returns + 1,
        )
        reason = entered.reason(opinion)
        work.record(Stream.CASE, case_id, "report.return", grant, report=report.id, reason=reason)
    return word


def _held(work: Work, case_id: int) -> Held:
    report = of_case(work, case_id)
    if report is None:
        raise CaseFault(T("此案件没有报送事项"))
    return report


def _change(work: Work, report: Held, **values: Any) -> None:
    work.session.execute(
        update(Report).where(Report.id == report.id).values(values), execution_options=STEP
    )
