"""Lists of tasks: mine to do, done by me, started by me, and those I look over (督办)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from app.domain.access import Grant, Permission, Role
from app.domain.casework import ItemStatus
from app.domain.deadlines import soon_until
from app.domain.entered import whole
from app.domain.text import Text
from app.models.casework import Case, WorkItem
from app.models.people import Organisation
from app.services import Work, scope_of
from app.services.holders import has_task, holder_of, names_of
from app.services.items import TaskRow, rows_of
from app.services.tasks import claims

PAGE = 20
MOST_COUNTED = 100
BOXES = ("todo", "done", "started", "supervised")
# Written into the statement: a partial index is matched by the literal, never by a parameter.
IS_OPEN: ColumnElement[bool] = literal_column("work_item.status") == literal_column("0")


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed by; "" and None leave it wide."""

    q: str = ""
    procedure: str = ""
    due: str = ""
    """`late`, `soon`, or `later` for all that is neither."""
    campaign: int = 0
    holder: str = ""
    """Who has it: a word of `app.services.holders`."""


@dataclass(frozen=True, slots=True)
class TaskPage:
    rows: Sequence[TaskRow]
    next: str | None


def find(work: Work, box: str, wanted: Filter | None = None, cursor: str | None = None) -> TaskPage:
    """Return a page of a box, the newest first, and the cursor of the next page."""
    work.require_somewhere(Permission.SEE_CASE)
    ids = _ids(work, box, wanted or Filter(), whole(cursor))
    if ids is None:
        return TaskPage([], None)
    rows = rows_of(work, ids)
    more = len(rows) > PAGE
    return TaskPage(rows[:PAGE], str(rows[PAGE - 1].id) if more else None)


def _ids(work: Work, box: str, wanted: Filter, before: int | None) -> Select[int] | None:
    """Return a select of the ids of a page and one more, each branch served by one index."""
    branches = [
        _narrowed(work, branch, wanted, before).order_by(WorkItem.id.desc()).limit(PAGE + 1)
        for branch in _branches(work, box)
    ]
    if not branches:
        return None
    if len(branches) == 1:
        return branches[0]
    united = union_all(*[select(branch.subquery()) for branch in branches]).subquery()
    return select(united.c.id).distinct().order_by(united.c.id.desc()).limit(PAGE + 1)


def _branches(work: Work, box: str) -> list[Select[int]]:
    """Return one select of ids for each index that has a part of the box."""
    items = select(WorkItem.id)
    if box == "todo":
        return todo(work)
    if box == "done":
        # Sequence 0 is the start form: what one began stands under `started`.
        done = items.where(WorkItem.closed_by == work.me, WorkItem.status == ItemStatus.DONE)
        return [done.where(WorkItem.seq > 0)]
    if box == "started":
        mine = select(Case.id).where(Case.opened_by == work.me)
        return [items.where(IS_OPEN, WorkItem.case_id.in_(mine))]
    return [items.where(IS_OPEN, _in_area(place)) for place in scope_of(work.actor).areas]


def todo(work: Work) -> list[Select[int]]:
    """Return selects of the ids of the actor's tasks, none in two: a step of those who asked."""
    free = or_(WorkItem.assignee_id.is_(None), WorkItem.assignee_id.in_(_selves(work)))
    return [
        select(WorkItem.id).where(
            IS_OPEN,
            or_(free, WorkItem.assignee_id.not_in(claims.able(work, organisation, role))),
            WorkItem.organisation_id == organisation,
            WorkItem.role == role,
        )
        for organisation, role in sorted({_pair(grant) for grant in work.actor.grants})
    ]


def _pair(grant: Grant) -> tuple[int, Role]:
    return grant.organisation, grant.role


def _selves(work: Work) -> list[int]:
    """Return the actor and the leaders they stand in for."""
    others = {grant.on_behalf_of for grant in work.actor.grants if grant.on_behalf_of is not None}
    return sorted({work.me, *others})


def _in_area(place: str) -> ColumnElement[bool]:
    """Return the condition on the column whose index serves an area of that size."""
    column: Any = {2: WorkItem.province, 4: WorkItem.city, 6: WorkItem.county}.get(len(place))
    if column is not None:
        return cast("ColumnElement[bool]", column == place)
    return WorkItem.id.is_not(None) if not place else WorkItem.place == place


def _narrowed(work: Work, items: Select[int], wanted: Filter, before: int | None) -> Select[int]:
    if before is not None:
        items = items.where(WorkItem.id < before)
    if wanted.due == "late":
        items = items.where(WorkItem.due_at < work.now)
    elif wanted.due == "soon":
        items = items.where(WorkItem.due_at.between(work.now, soon_until(work.now)))
    elif wanted.due == "later":
        later = or_(WorkItem.due_at.is_(None), WorkItem.due_at > soon_until(work.now))
        items = items.where(later)
    if wanted.holder:
        items = items.where(has_task(wanted.holder))
    if wanted.q or wanted.procedure or wanted.campaign:
        items = items.join(Case, Case.id == WorkItem.case_id)
    if wanted.campaign:
        items = items.where(Case.campaign_id == wanted.campaign)
    if wanted.procedure:
        items = items.where(Case.procedure == wanted.procedure)
    if wanted.q:
        subject = Organisation.__table__.alias("filtered")
        items = items.join(subject, subject.c.id == Case.subject_id).where(
            subject.c.name.contains(wanted.q.strip()[:64], autoescape=True)
        )
    return items


def everything(work: Work, box: str, wanted: Filter, most: int) -> list[TaskRow]:
    """Return the tasks of a box, the newest first, `most` at most: to be taken away as a file."""
    work.require_somewhere(Permission.SEE_CASE)
    ids = all_ids(work, box, wanted)
    if ids is None:
        return []
    found = ids.subquery()
    return rows_of(work, select(found.c.id).order_by(found.c.id.desc()).limit(most))


def all_ids(work: Work, box: str, wanted: Filter) -> CompoundSelect[int] | None:
    """Return a select of the ids of all that a box holds: a step of those who asked."""
    branches = [_narrowed(work, branch, wanted, None) for branch in _branches(work, box)]
    return union_all(*branches) if branches else None


def holder_name(work: Work, key: str) -> Text | None:
    """Return what a person or a role is called that has a task which the actor looks over."""
    work.require_somewhere(Permission.SEE_CASE)
    holder = holder_of(key) if key else None
    if holder is None:
        return None
    for branch in _branches(work, "supervised"):
        if work.session.scalar(branch.where(has_task(key)).limit(1)) is not None:
            return names_of(work, [holder])[key]
    return None


def one(work: Work, item_id: int) -> list[TaskRow]:
    """Return the line of one task, or none if the actor may not know of it."""
    work.require_somewhere(Permission.SEE_CASE)
    return rows_of(work, select(WorkItem.id).where(WorkItem.id == item_id))


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tasks there are, each at most 100: nobody reads a larger number."""

    todo: int
    late: int
    soon: int


def counts(work: Work) -> Counts:
    """Return the numbers beside the actor's task list."""
    work.require_somewhere(Permission.SEE_CASE)

    def number(due: str) -> Any:
        """Return how many tasks of the box there are, each branch counted to the limit."""
        total: Any = literal_column("0")
        for branch in branches:
            some = _narrowed(work, branch, Filter(due=due), None).limit(MOST_COUNTED).subquery()
            total += select(func.count()).select_from(some).scalar_subquery()
        return total

    branches = todo(work)
    found = work.session.execute(select(number(""), number("late"), number("soon"))).one()
    return Counts(*[min(int(one), MOST_COUNTED) for one in found])
