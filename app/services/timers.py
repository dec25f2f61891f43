"""Timers: each fires once, when the business clock has reached it.

The row in `wait` decides. A sweep hands due rows to workers; whoever gets one locks the case and
reads the row again, so that it does not matter how often it was handed out.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from app.domain.casework import WaitKind
from app.engine import runtime
from app.models.casework import Wait
from app.services import Deps, Work, incidents
from app.services.cases.locked import Command, lock_running
from app.services.cases.moving import carry_out

JOB = "timer"


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer whose time has come."""

    case_id: int
    seq: int
    node: str
    due_at: datetime
    attempts: int

    @property
    def at(self) -> datetime:
        return self.due_at

    @property
    def kind(self) -> str:
        return "timer"

    @property
    def key(self) -> str:
        return f"{JOB}:{self.case_id}:{self.seq}:{self.due_at.timestamp():.0f}:{self.attempts}"


def due(work: Work, most: int) -> list[DueTimer]:
    """Return timers that are to fire now, the earliest first; not those that failed just now."""
    rows = work.session.execute(
        select(Wait.case_id, Wait.seq, Wait.node, Wait.due_at, Wait.attempts)
        .where(Wait.due_at <= work.now)
        .where(or_(Wait.held_until.is_(None), Wait.held_until <= work.wall))
        .order_by(Wait.due_at, Wait.case_id, Wait.seq)
        .limit(most)
    )
    return [
        DueTimer(case, seq, node, at, attempts)
        for case, seq, node, at, attempts in rows
        if at is not None
    ]


def fire(deps: Deps, case_id: int, seq: int) -> bool:
    """Fire a timer if it is due, and say whether it did; a failure becomes an incident."""
    try:
        with incidents.noting(deps), deps.system("fire a timer") as work:
            return _fire(work, case_id, seq)
    except incidents.Noted:
        return False


def _fire(work: Work, case_id: int, seq: int) -> bool:
    case = lock_running(work, case_id)
    if case is None:
        return False
    row = work.session.execute(
        select(Wait.kind, Wait.node, Wait.due_at, Wait.attempts).where(
            Wait.case_id == case_id, Wait.seq == seq
        )
    ).one_or_none()
    if row is None or row.kind is not WaitKind.TIMER:
        return False
    if row.due_at is None or row.due_at > work.now:
        return False
    carry_out(
        work,
        case,
        lambda: runtime.fire(case.running.definition, case.id, case.state, seq),
        Command("timer.fire", row.node, seq=seq),
    )
    if row.attempts:
        incidents.overcome(work, case_id, seq)
    return True
