"""A case that waits for another it started: the end of the child moves the parent, by a job.

Moving another case in the same transaction would take two locks, and so could wait in a circle.
"""

from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from app.domain.casework import CaseStatus, WaitKind
from app.models.casework import Case, Wait
from app.services import Work
from app.services.cases.locked import Locked

RESUME, WITHDRAW = "resume", "withdraw"
_CHILD, _PARENT = aliased(Case), aliased(Case)


@dataclass(frozen=True, slots=True)
class DueMove:
    """A case that is to be moved because its parent or its child ended."""

    job: str
    case_id: int
    seq: int | None
    key: str


def due(work: Work, most: int) -> list[DueMove]:
    """Return what the jobs below have still to do: whoever lost one finds it here."""
    ended = work.session.execute(
        select(Wait.case_id, Wait.seq, _CHILD.id, Wait.attempts)
        .join(_CHILD, and_(_CHILD.parent_id == Wait.case_id, _CHILD.awaited_by == Wait.seq))
        .where(Wait.kind == WaitKind.EFFECT, _CHILD.status != CaseStatus.RUNNING)
        .where(or_(Wait.held_until.is_(None), Wait.held_until <= work.wall))
        .limit(most)
    )
    orphans = work.session.scalars(
        select(_CHILD.id)
        .join(_PARENT, _PARENT.id == _CHILD.parent_id)
        .where(_CHILD.awaited_by.is_not(None), _CHILD.status == CaseStatus.RUNNING)
        .where(_PARENT.status == CaseStatus.CANCELLED)
        .limit(most)
    )
    return [
        *(
            DueMove(RESUME, case, seq, f"{RESUME}:{case}:{seq}:{child_id}:{attempts}")
            for case, seq, child_id, attempts in ended
        ),
        *(DueMove(WITHDRAW, case, None, f"{WITHDRAW}:{case}") for case in orphans),
    ]


def tell_parent(work: Work, case: Locked) -> None:
    """Have the parent moved on if it waits for the end of this case: a step of ending it."""
    if case.parent_id is None:
        return
    seq = work.session.scalar(
        select(Case.awaited_by)
        .where(Case.id == case.id)
        .execution_options(unscoped="the case is locked")
    )
    if seq is not None:
        key = f"{RESUME}:{case.parent_id}:{seq}:{case.id}"
        work.enqueue(RESUME, key, {"case": case.parent_id, "seq": seq})


def withdraw_children(work: Work, case: Locked) -> None:
    """Have the cases cancelled for whose end this case waited: a step of cancelling it."""
    children = work.session.scalars(
        select(Case.id)
        .where(Case.parent_id == case.id, Case.awaited_by.is_not(None))
        .where(Case.status == CaseStatus.RUNNING)
        .order_by(Case.id)
        .execution_options(unscoped="the case is locked")
    )
    for child in children.all():
        work.enqueue(WITHDRAW, f"{WITHDRAW}:{child}", {"case": child})


def result_of_child(work: Work, parent_id: int, seq: int) -> str | None:
    """Return how the case that was waited for ended: its end event or "cancelled"; None if it runs.

    A step of the job that moves the parent.
    """
    row = work.session.execute(
        select(Case.status, Case.ended)
        .where(Case.parent_id == parent_id, Case.awaited_by == seq)
        .order_by(Case.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None or row.status is CaseStatus.RUNNING:
        return None
    return row.ended or CaseStatus.CANCELLED.value
