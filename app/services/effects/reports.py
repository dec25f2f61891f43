"""Effects on the report of a case: asked for, handed in, sent, accepted or returned."""

from app.domain.statistics import By
from app.services.effects import Context
from app.services.reports import drafting, handing, of_case


def open_report(context: Context, report: str, period: str | None = None) -> str | None:
    """Note that a report of a kind is asked for; "figures", "words", or None outside campaigns."""
    case = handing.Asked(
        context.case_id,
        context.campaign_id,
        context.owner_id,
        context.subject_id,
        context.place,
        context.deadline,
    )
    return handing.open_report(context.work, case, report, period or "")


def hand_in_report(context: Context, source: str) -> str:
    """Keep what the last answers of `source` state as the report: "zero", or "new"."""
    return handing.hand_in(context.work, context.case_id, source, context.grant)


def send_report(context: Context) -> str:
    """Note that the report of an office has gone upward, and tell when."""
    handing.send(context.work, context.case_id, context.grant)
    return context.work.now.isoformat()


def judge_report(context: Context, source: str) -> str:
    """Accept or return the report as the last answers of `source` say: "accepted", "returned"."""
    return handing.judge(context.work, context.case_id, source, context.grant)


def count_missing(context: Context) -> int:
    """Tell how many of those who were asked have no accepted report for the period."""
    report = of_case(context.work, context.case_id)
    if report is None or report.by is not By.OFFICE:
        return 0
    of = (report.campaign_id, report.kind, report.period)
    lines = drafting.lines_of(context.work, *of)
    return len(drafting.missing_of(context.work, *of, lines))
