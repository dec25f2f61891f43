"""End a case before its diagram does (终止)."""

from sqlalchemy import delete, update

from app.domain import Conflict, entered
from app.domain.access import Grant, Permission, Thing
from app.domain.casework import CaseStatus, ItemStatus
from app.domain.history import Stream
from app.domain.text import T
from app.models.casework import Case, Wait, WorkItem
from app.services import Deps, Work, acceptance
from app.services.cases import awaiting
from app.services.cases.locked import LOCKED, Locked, lock, lock_running
from app.services.cases.moving import hand_on
from app.services.documents import terms, voiding
from app.services.draws import closing as draws

WITH_PARENT = "上级案件已终止"


def cancel(work: Work, case_id: int, reason: str) -> None:
    """Cancel a case with a reason: its tasks are withdrawn, its timers disarmed.

    Cases that it started go on: each is ended by itself; but those whose end it waited for are
    cancelled with it, by jobs.

    :raises NotFound: if the actor may not know of it
    :raises Conflict: if it has ended, or waits for the end of what it has sealed, seized or listed
    :raises Invalid: if the reason is missing
    """
    case = lock(work, case_id)
    grant = work.require(
        Permission.CANCEL_CASE, Thing(place=case.place, organisation=case.owner_id)
    )
    reason = entered.reason(reason, T("请填写终止原因（不超过 {n} 个字）", n=entered.MOST_REASON))
    if number := terms.lasting(work, case_id):
        raise Conflict(T("{number}的期限尚未办结，请先办结期限，再终止案件", number=number))
    _end(work, case, reason, grant)


def withdraw(deps: Deps, case_id: int) -> bool:
    """Cancel a case whose parent was cancelled while waiting for it; say whether it still ran."""
    with deps.system("cancel a case with its parent") as work:
        case = lock_running(work, case_id)
        if case is None:
            return False
        _end(work, case, WITH_PARENT, None)
        return True


def _end(work: Work, case: Locked, reason: str, grant: Grant | None) -> None:
    work.session.execute(
        update(WorkItem)
        .where(WorkItem.case_id == case.id, WorkItem.status == ItemStatus.OPEN)
        .values(status=ItemStatus.CANCELLED, closed_at=work.now, draft=None),
        execution_options=LOCKED,
    )
    work.session.execute(delete(Wait).where(Wait.case_id == case.id), execution_options=LOCKED)
    work.session.execute(
        update(Case)
        .where(Case.id == case.id)
        .values(status=CaseStatus.CANCELLED, closed_at=work.now, state=None, step=case.step + 1),
        execution_options=LOCKED,
    )
    voiding.void_open(work, case.id, None, reason, grant=grant)
    draws.cancel_with_case(work, case.id, reason, grant)
    acceptance.release(work, case.id)
    work.record(Stream.CASE, case.id, "case.cancel", grant, reason=reason)
    awaiting.withdraw_children(work, case)
    awaiting.tell_parent(work, case)
    hand_on(work, case, grant)
