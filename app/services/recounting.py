"""Count open deadlines again: of tasks by their rule, of timers, and of cases.

They are counted again when a calendar was published, and when a campaign's day was moved. A scan
finds the cases in which something moves; each is changed in a transaction of its own, with a
line in its history. It is repeated until a scan finds nothing, so that no step which began before
the publication is left behind.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, or_, select, update

from app.domain.casework import ItemStatus, WaitKind
from app.domain.deadlines import BadRule, Calendar, Days, before, due, last_day
from app.domain.history import Stream
from app.domain.serving import notice_due
from app.models.casework import Case, Wait, WorkItem
from app.models.records import Installation
from app.models.workdays import CalendarYear
from app.services import Deps, Work, days, hazards, procedures
from app.services.cases.locked import LOCKED, Locked, lock_running
from app.services.cases.moving import hazards_of

SCAN, CASES = "recount", "recount_cases"
BATCH, AT_ONCE = 200, 1000
REASON = "工作日历公布或更正"
OPEN: ColumnElement[int] = literal_column(str(int(ItemStatus.OPEN)))
SETTLED = timedelta(minutes=1)
"""By then, every step that still counted by the calendar before is done or given up."""


@dataclass(frozen=True, slots=True)
class Move:
    """A deadline that another calendar puts elsewhere."""

    table: type[WorkItem | Wait | Case]
    key: int
    """The task's id, the timer's seq, the case's id."""
    case_id: int
    node: str
    was: datetime
    becomes: datetime
    wake_at: datetime | None = None


def moves(work: Work, calendar: Calendar, case_id: int | None = None) -> Iterator[Move]:
    """Yield the open deadlines that `calendar`, or a campaign's days, put elsewhere."""
    named = _Named(work)
    yield from _of_tasks(work, calendar, named, case_id)
    yield from _of_timers(work, calendar, named, case_id)
    if case_id is not None:
        yield from _of_case(work, calendar, named, case_id)


class _Named(dict[int | None, Days]):
    """The days that rules may name, by campaign, each looked up once."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def __missing__(self, campaign: int | None) -> Days:
        self[campaign] = days.named(self._work, campaign)
        return self[campaign]


def _of_tasks(work: Work, calendar: Calendar, named: _Named, case_id: int | None) -> Iterator[Move]:
    wanted = (
        select(
            WorkItem.id,
            WorkItem.case_id,
            WorkItem.node,
            WorkItem.opened_at,
            WorkItem.due_rule,
            WorkItem.due_at,
            WorkItem.wake_at,
            WorkItem.noticed_on,
            Case.deployment_id,
            Case.campaign_id,
        )
        .join(Case, Case.id == WorkItem.case_id)
        .where(WorkItem.status == OPEN, WorkItem.due_at.is_not(None))
        .where(or_(WorkItem.due_rule.is_not(None), WorkItem.noticed_on.is_not(None)))
        .execution_options(unscoped="deadlines are counted for everybody")
    )
    if case_id is not None:
        wanted = wanted.where(WorkItem.case_id == case_id)
    for row in work.session.execute(wanted.execution_options(yield_per=AT_ONCE)):
        moment = (
            _counted(row.due_rule, row.opened_at, calendar, named[row.campaign_id])
            if row.noticed_on is None
            else notice_due(row.noticed_on, calendar).astimezone(UTC)
        )
        reminder = (
            procedures.running(work, row.deployment_id).node(row.node).properties.get("reminder")
        )
        if moment is None:
            continue
        wake_at = _wake(work, row, moment, reminder, calendar)
        if moment != row.due_at or wake_at != row.wake_at:
            yield Move(WorkItem, row.id, row.case_id, row.node, row.due_at, moment, wake_at)


def _wake(
    work: Work, row: Any, moment: datetime, reminder: str | None, calendar: Calendar
) -> datetime | None:
    """Return when to tell somebody next: whoever was reminded is not reminded again."""
    if row.wake_at is None:
        return moment if moment > work.now else None
    if reminder is None or row.wake_at == row.due_at:
        return moment
    return before(reminder, moment, calendar)


def _of_timers(
    work: Work, calendar: Calendar, named: _Named, case_id: int | None
) -> Iterator[Move]:
    wanted = (
        select(
            Wait.case_id,
            Wait.seq,
            Wait.node,
            Wait.rule,
            Wait.armed_at,
            Wait.due_at,
            Case.campaign_id,
        )
        .join(Case, Case.id == Wait.case_id)
        .where(Wait.kind == WaitKind.TIMER, Wait.due_at.is_not(None))
        .execution_options(unscoped="deadlines are counted for everybody")
    )
    if case_id is not None:
        wanted = wanted.where(Wait.case_id == case_id)
    for row in work.session.execute(wanted.execution_options(yield_per=AT_ONCE)):
        moment = _counted(row.rule, row.armed_at, calendar, named[row.campaign_id])
        if moment is not None and row.due_at is not None and moment != row.due_at:
            yield Move(Wait, row.seq, row.case_id, row.node, row.due_at, moment)


def _of_case(work: Work, calendar: Calendar, named: _Named, case_id: int) -> Iterator[Move]:
    """Yield the deadline of a case that goes by a campaign's day."""
    row = work.session.execute(
        select(Case.deadline, Case.deadline_rule, Case.campaign_id).where(Case.id == case_id),
        execution_options=LOCKED,
    ).one()
    if row.deadline is not None and row.deadline_rule:
        moment = _counted(row.deadline_rule, work.now, calendar, named[row.campaign_id])
        if moment is not None and moment != row.deadline:
            yield Move(Case, case_id, case_id, "", row.deadline, moment)


def _counted(rule: str, anchor: datetime, calendar: Calendar, known: Days) -> datetime | None:
    try:
        return due(rule, anchor, calendar, known).astimezone(UTC)
    except BadRule:  # no rule of today's; what was counted by it stands
        return None


def scan(deps: Deps) -> int:
    """Have every case counted again in which something moves; say how many there are."""
    with deps.system_reading("find deadlines to count again") as work:
        revision = work.session.scalar(select(Installation.calendar_revision)) or 0
        published = work.session.scalar(select(func.max(CalendarYear.published_at)))
        cases = sorted({move.case_id for move in moves(work, work.calendar)})
    with deps.system("have deadlines counted again") as work:
        for first in range(0, len(cases), BATCH):
            batch = cases[first : first + BATCH]
            key = f"{CASES}:{revision}:{batch[0]}:{work.wall.timestamp():.0f}"
            work.enqueue(CASES, key, {"cases": batch})
        if not cases and (published is None or work.wall - published > SETTLED):
            work.session.execute(update(Installation).values(calendar_recounted=revision))
    return len(cases)


def is_due(work: Work) -> bool:
    """Test whether a published calendar is still to be counted by: the sweep asks."""
    row = work.session.execute(
        select(Installation.calendar_revision, Installation.calendar_recounted)
    ).one_or_none()
    return row is not None and row.calendar_revision > row.calendar_recounted


def recount_all(deps: Deps, case_ids: Sequence[int], reason: str = REASON) -> int:
    """Count the open deadlines of some cases again, and say how many moved."""
    return sum(recount(deps, case_id, reason) for case_id in case_ids)


def recount(deps: Deps, case_id: int, reason: str = REASON) -> int:
    """Count the open deadlines of one case again, and say how many moved."""
    with deps.system("count deadlines again") as work:
        case = lock_running(work, case_id)
        if case is None:
            return 0
        found = list(moves(work, work.calendar, case_id))
        for move in found:
            _write(work, case, move, reason)
        return len(found)


def _write(work: Work, case: Locked, move: Move, reason: str) -> None:
    detail: dict[str, Any] = {"node": move.node} if move.node else {}
    if move.table is Case:
        work.session.execute(
            update(Case).where(Case.id == case.id).values(deadline=move.becomes),
            execution_options=LOCKED,
        )
        followed = hazards_of(work, case)
        hazards.prolong(followed, "", last_day(move.was), last_day(move.becomes))
        if followed.changes:
            detail["hazards"] = followed.changes
    elif move.table is WorkItem:
        work.session.execute(
            update(WorkItem)
            .where(WorkItem.id == move.key)
            .values(due_at=move.becomes, wake_at=move.wake_at),
            execution_options=LOCKED,
        )
        detail["task"] = move.key
    else:
        work.session.execute(
            update(Wait)
            .where(Wait.case_id == move.case_id, Wait.seq == move.key)
            .values(due_at=move.becomes),
            execution_options=LOCKED,
        )
    if move.was != move.becomes:
        detail |= {"from": move.was.isoformat(), "to": move.becomes.isoformat(), "reason": reason}
        work.record(Stream.CASE, move.case_id, "deadline.recount", **detail)
