"""Effects on the case itself: its deadline, messages about it, other procedures."""

from datetime import date

from app.domain.deadlines import BEIJING, BadRule, last_day
from app.domain.history import Stream
from app.domain.lanes import LANES, Relation
from app.domain.text import T
from app.engine import CaseFault
from app.models.casework import Message
from app.services import hazards
from app.services.effects import LATER, Context, Later

AUDIENCES = {
    "enterprise": "企业",
    "staff": "执法人员",
    "deputy_head": "分管领导",
    "head": "主要负责人",
    "county_staff": "县局",
    "county_deputy_head": "县局分管领导",
    "county_head": "县局主要负责人",
    "county_government": "县级人民政府",
    "superior_deputy": "上级分管领导",
}
"""Whom a message can go to, by the lane that they are."""
OWNERS = {"": "", "county": "县局"}
"""Whose a case can be that another one starts, by the lane that they are."""
EXPERT = "专家"
"""The lane of whoever is invited by name."""


def notify(context: Context, audience: str, message: str) -> bool:
    """Send a message to who a lane of the case is; another office takes part from then on.

    False if the message is for an office above the topmost one.
    """
    lane = AUDIENCES.get(audience)
    if lane is None:
        raise CaseFault(T("没有名为“{audience}”的通知对象", audience=audience))
    if LANES[lane].relation is Relation.UPPER and context.superior_id is None:
        return False
    organisation = context.office(lane)
    context.admit(organisation)
    context.work.session.add(
        Message(
            case_id=context.case_id,
            organisation_id=organisation,
            role=LANES[lane].role,
            key=message,
            node=context.node,
            at=context.work.now,
        )
    )
    return True


def set_case_deadline(context: Context, deadline: str) -> str:
    """Write down the day by which the case has to be done; its hazards go by it too.

    The case's history says which day it became, and which it was.
    """
    before = context.deadline
    try:
        until = context.hold_to(deadline)
    except BadRule as wrong:
        raise CaseFault(T("“{deadline}”不是期限", deadline=deadline)) from wrong
    earlier, later = last_day(before) if before else None, last_day(until)
    hazards.prolong(context.hazards, context.node, earlier, later)
    if earlier != later:
        _record_deadline(context, earlier, later)
    return deadline


def set_order_deadlines(context: Context, deadline: str, plan: str) -> str:
    """Write down the day of an order that was served, and tell by when the plan is due.

    That is the day that was drafted; if the order was served after it, that of all the rest:
    nobody is late for what they had not been told.
    """
    set_case_deadline(context, deadline)
    today = context.work.now.astimezone(BEIJING).date().isoformat()
    return plan if today <= plan else deadline


def _record_deadline(context: Context, was: date | None, becomes: date) -> None:
    detail = {"from": was.isoformat()} if was else {}
    context.work.record(
        Stream.CASE,
        context.case_id,
        "case.deadline",
        context.grant,
        node=context.node,
        until=becomes.isoformat(),
        **detail,
    )


def find_expert(context: Context, name: str) -> str:
    """Tell whether the expert who is named has an account of their own: "known", else "none".

    Who has none gives their opinion on paper, which the inspectors enter.
    """
    return "none" if context.person(EXPERT, name) is None else "known"


def start_case(
    context: Context,
    procedure: str,
    reason: str = "",
    wait: str = "",
    owner: str = "",
    report: str = "",
    period: str = "",
) -> int | Later:
    """Start another procedure on the same subject, as a case of its own; its id is the result.

    It belongs to the office that owns this one or, with `owner` "county", to the bureau of the
    subject's county. With `wait` "yes" the task waits until that case ends: then its end event's
    id is the result, or "cancelled". What is reported says so in `report` and `period`.
    """
    if wait not in ("", "yes"):
        raise CaseFault(T("参数 wait 只能是 yes，不能是“{wait}”", wait=wait))
    if owner not in OWNERS:
        raise CaseFault(T("参数 owner 只能是 county，不能是“{owner}”", owner=owner))
    more = {name: told for name, told in (("report", report), ("period", period)) if told}
    case_id = context.start_child(
        procedure, reason, wait=bool(wait), owner=OWNERS[owner], more=more
    )
    return LATER if wait else case_id
