"""What is to be done first: one's own tasks by urgency, and what is overdue in one's office."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select, union_all

from app.domain.access import LEADERS, Permission
from app.domain.deadlines import is_soon
from app.models.casework import WorkItem
from app.services import Work
from app.services.items import TaskRow, rows_of
from app.services.tasks.lists import IS_OPEN, todo

MOST = 12
# Those without a time limit come last, whatever a database thinks of NULL.
FIRST_DUE = (WorkItem.due_at.is_(None), WorkItem.due_at, WorkItem.id)


@dataclass(frozen=True, slots=True)
class Agenda:
    """The actor's tasks, those due first, in three groups."""

    late: Sequence[TaskRow]
    soon: Sequence[TaskRow]
    """Due today or within three days."""
    later: Sequence[TaskRow]
    """Due later, or without a time limit."""


def mine(work: Work, most: int = MOST) -> Agenda:
    """Return the actor's tasks by urgency, `most` in all."""
    work.require_somewhere(Permission.SEE_CASE)
    rows = _first(work, todo(work), most)
    late = [row for row in rows if row.due_at is not None and row.due_at < work.now]
    soon = [row for row in rows if row.due_at is not None and is_soon(row.due_at, work.now)]
    return Agenda(late, soon, rows[len(late) + len(soon) :])


def overdue(work: Work, most: int = MOST) -> Sequence[TaskRow]:
    """Return what is overdue in the offices that the actor leads, the longest overdue first."""
    work.require_somewhere(Permission.SEE_CASE)
    led = sorted({grant.organisation for grant in work.actor.grants if grant.role in LEADERS})
    return _first(
        work,
        [
            select(WorkItem.id).where(
                IS_OPEN, WorkItem.organisation_id == office, WorkItem.due_at < work.now
            )
            for office in led
        ],
        most,
    )


def _first(work: Work, branches: Sequence[Select[int]], most: int) -> list[TaskRow]:
    """Return the lines of the tasks that are due first, read in one statement."""
    if not branches:
        return []
    ends = [select(branch.order_by(*FIRST_DUE).limit(most).subquery()) for branch in branches]
    rows = rows_of(work, union_all(*ends) if len(ends) > 1 else ends[0])
    rows.sort(key=lambda row: (row.due_at is None, row.due_at, row.id))
    return rows[:most]
