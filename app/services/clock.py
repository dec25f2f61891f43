"""Move a demo's business clock ahead: it stops wherever something is due, and has it done.

Between two stops nothing is locked but the clock itself, so that people go on working. What is due
at a stop is done here and by the worker alike; each row is done once, whoever comes first.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any, cast

from sqlalchemy import CursorResult, func, or_, select, update

from app.domain import Conflict, NotFound
from app.domain.access import Actor, Permission
from app.domain.history import Stream
from app.domain.spans import after
from app.domain.text import T, Text
from app.models.casework import OPEN, Case, Wait, WorkItem
from app.models.records import Installation
from app.services import Deps, Work, procedures, reminders, timers
from app.services.reminders import DueReminder
from app.services.timers import DueTimer

HELD = timedelta(minutes=2)
MOST = 500
ENDLESS = 10_000
PATIENCE, PAUSE = 20.0, 0.05
"""Seconds to wait for the worker at each stop, and between two looks."""


@dataclass(frozen=True, slots=True)
class Fired:
    """Something that became due on the way."""

    at: datetime
    kind: str
    """`timer`, `reminder` or `overdue`."""
    case_id: int
    procedure: Text
    title: Text
    done: bool
    """Whether it was done; else it is an incident now."""


@dataclass(frozen=True, slots=True)
class Advanced:
    """Where the clock stands, and what happened on the way."""

    now: datetime
    fired: list[Fired]


def advance(deps: Deps, actor: Actor, span: str) -> Advanced:
    """Move the clock by an ISO 8601 duration, doing on the way what becomes due.

    :raises NotFound: outside demo mode
    :raises Invalid: if `span` is no duration, or too long
    :raises Conflict: if somebody else is moving it, or the worker does not keep up
    """
    with deps.reading(actor) as work:
        work.require_somewhere(Permission.MOVE_CLOCK)
    if not deps.installation.demo:
        raise NotFound(T("只有演示环境可以拨动时钟"))
    with _held(deps):
        with deps.system_reading("the time") as work:
            target = after(work.now, span)
        journey = _Journey(deps, target)
        journey.go()
        with deps.transaction(actor) as work:
            fired = len(journey.fired)
            work.record(Stream.INSTALLATION, 1, "clock.advance", span=span, fired=fired)
            return Advanced(work.now, journey.fired)


def advance_to_next(deps: Deps, actor: Actor) -> Advanced:
    """Move the clock to the next moment at which something is due.

    :raises Conflict: if nothing is due any more
    """
    with deps.reading(actor) as work:
        found = upcoming(work)
        if found is None:
            raise Conflict(T("没有待到期的事项"))
        span = f"PT{max(1, ceil((found - work.now).total_seconds()))}S"
    return advance(deps, actor, span)


def upcoming(work: Work) -> datetime | None:
    """Return when something is due next, in the whole installation."""
    work.require_somewhere(Permission.MOVE_CLOCK)
    return _next(work)


@contextmanager
def _held(deps: Deps) -> Iterator[None]:
    """Let nobody else move the clock meanwhile."""
    with deps.system("hold the clock") as work:
        free = or_(
            Installation.clock_held_until.is_(None), Installation.clock_held_until < work.wall
        )
        got = cast(
            "CursorResult[Any]",
            work.session.execute(
                update(Installation).where(free).values(clock_held_until=work.wall + HELD)
            ),
        )
        if got.rowcount != 1:
            raise Conflict(T("其他人正在拨动时钟，请稍后再试"))
    try:
        yield
    finally:
        with deps.system("let go of the clock") as work:
            work.session.execute(update(Installation).values(clock_held_until=None))


def _next(work: Work) -> datetime | None:
    """Return the next moment after now at which a timer fires or somebody is told."""
    timer = select(func.min(Wait.due_at)).where(Wait.due_at > work.now)
    told = select(func.min(WorkItem.wake_at)).where(OPEN, WorkItem.wake_at > work.now)
    found = [
        work.session.scalar(timer),
        work.session.scalar(told.execution_options(unscoped="only the moment is told")),
    ]
    return min((moment for moment in found if moment is not None), default=None)


@dataclass
class _Journey:
    """One way of the clock to its target."""

    deps: Deps
    target: datetime
    fired: list[Fired] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def go(self) -> None:
        while True:
            self._do_what_is_due()
            with self.deps.system_reading("the next stop") as work:
                stop = _next(work)
                if work.now >= self.target:
                    return
            self._set(self.target if stop is None or stop > self.target else stop)

    def _set(self, moment: datetime) -> None:
        """Put the clock to `moment`; it never goes back."""
        with self.deps.system("move the clock") as work:
            offset = ceil((moment - work.wall).total_seconds())
            work.session.execute(
                update(Installation)
                .where(Installation.clock_offset < offset)
                .values(clock_offset=offset)
            )
            work.session.execute(update(Installation).values(clock_held_until=work.wall + HELD))

    def _do_what_is_due(self) -> None:
        while found := self._fresh():
            for row in found:
                self.seen.add(row.key)
                if isinstance(row, DueTimer):
                    timers.fire(self.deps, row.case_id, row.seq)
                else:
                    reminders.remind(self.deps, row.case_id, row.item_id)
            self._note(found)
            if len(self.seen) > ENDLESS:
                raise Conflict(T("到期事项没有穷尽，时钟停在当前时刻"))
            self._drain()

    def _fresh(self) -> list[DueTimer | DueReminder]:
        """Return what is due and was not tried on this way, in order of its time."""
        with self.deps.system_reading("what is due") as work:
            found: list[DueTimer | DueReminder] = [*timers.due(work, MOST)]
            found += reminders.due(work, MOST)
        fresh = [row for row in found if row.key not in self.seen]
        return sorted(fresh, key=lambda row: row.at)

    def _note(self, rows: list[DueTimer | DueReminder]) -> None:
        with self.deps.system_reading("what was done") as work:
            cases = {row.case_id for row in rows}
            deployments = work.session.execute(
                select(Case.id, Case.deployment_id).where(Case.id.in_(cases))
            )
            running = {case: procedures.running(work, which) for case, which in deployments}
            for row in rows:
                of_case = running[row.case_id]
                self.fired.append(
                    Fired(
                        at=row.at,
                        kind=row.kind,
                        case_id=row.case_id,
                        procedure=of_case.name,
                        title=of_case.title(row.node),
                        done=not (isinstance(row, DueTimer) and _stands(work, row)),
                    )
                )

    def _drain(self) -> None:
        """Wait until the worker has done what came up."""
        for _ in range(int(PATIENCE / PAUSE)):
            stats = self.deps.jobs.stats()
            if not stats.queued and not stats.running:
                return
            time.sleep(PAUSE)
        raise Conflict(T("后台任务没有及时完成，时钟停在当前时刻，请检查后台进程"))


def _stands(work: Work, row: DueTimer) -> bool:
    """Test whether a timer that was due is still there: then it failed."""
    found = select(Wait.seq).where(Wait.case_id == row.case_id, Wait.seq == row.seq)
    return work.session.scalar(found.where(Wait.due_at == row.due_at)) is not None
