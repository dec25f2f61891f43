"""Effects on the case itself: its deadline, messages about it, other procedures."""

from datetime import date

from app.domain.access import Role
from app.domain.deadlines import BadRule, last_day
from app.domain.history import Stream
from app.domain.text import T
from app.engine import CaseFault
from app.models.casework import Message
from app.services import hazards
from app.services.effects import LATER, Context, Later

AUDIENCES = {
    "enterprise": Role.PRINCIPAL,
    "staff": Role.STAFF,
    "deputy_head": Role.DEPUTY_HEAD,
    "head": Role.HEAD,
    "superior_deputy": Role.DEPUTY_HEAD,
}
SUPERIORS = frozenset({"superior_deputy"})
"""Those who sit in the bureau above the one that owns the case."""


def notify(context: Context, audience: str, message: str) -> bool:
    """Send a message to a role: of the enterprise, of the office that owns the case, or above it.

    False if there is no office above it.
    """
    role = AUDIENCES.get(audience)
    if role is None:
        raise CaseFault(T("没有名为“{audience}”的通知对象", audience=audience))
    told: int | None = context.subject_id if role is Role.PRINCIPAL else context.owner_id
    if audience in SUPERIORS:
        told = context.superior_id
    if told is None:
        return False
    context.work.session.add(
        Message(
            case_id=context.case_id,
            organisation_id=told,
            role=role,
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


def start_case(
    context: Context,
    procedure: str,
    reason: str = "",
    wait: str = "",
    report: str = "",
    period: str = "",
) -> int | Later:
    """Start another procedure on the same subject, as a case of its own; its id is the result.

    With `wait` "yes" the task waits until that case ends: then its end event's id is the result, or
    "cancelled". What is reported says so in `report` and `period`.
    """
    if wait not in ("", "yes"):
        raise CaseFault(T("参数 wait 只能是 yes，不能是“{wait}”", wait=wait))
    more = {name: told for name, told in (("report", report), ("period", period)) if told}
    case_id = context.start_child(procedure, reason, wait=bool(wait), more=more)
    return LATER if wait else case_id
