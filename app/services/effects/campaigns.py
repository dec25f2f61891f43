"""Effects of a campaign: it opens, starts a procedure for all its members, counts its reports."""

from app.domain.text import T
from app.engine import CaseFault
from app.services.effects import Context
from app.services.enlisting import batches, opening


def count_scope(context: Context) -> int:
    """Tell how many enterprises the scope takes in that the campaign's tasks have fixed."""
    return opening.total(context.work, context.case_id, context.place)


def open_campaign(context: Context) -> int:
    """Make the case a campaign, as its tasks have fixed it; how many it takes in is the result."""
    total = opening.open_campaign(context.work, context.case_id, context.owner_id, context.place)
    context.belong_to(context.case_id)
    return total


def start_batch(
    context: Context,
    procedure: str,
    deadline: str = "",
    period: str = "",
    report: str = "",
    kind: str = "",
) -> int:
    """Have a procedure started for every member, in the background; their number is the result."""
    if context.campaign_id != context.case_id:
        raise CaseFault(T("只有专项行动才能为所有企业启动流程"))
    return batches.open_batch(
        context.work, context.case_id, context.node, procedure, deadline, period, report, kind
    )


def next_report(context: Context, day: int, until: str) -> str | None:
    """Tell the next day on which the members report: the `day` of a month, up to a campaign's day.

    None when there is no more, or when the campaign asks for no such report.
    """
    return batches.next_report(context.work, context.case_id, day, until)
