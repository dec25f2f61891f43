"""A case whose row this transaction holds, and the words for what moves it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.domain import Conflict, NotFound
from app.domain.access import Grant, Role
from app.domain.casework import CaseStatus
from app.domain.deadlines import NO_DAYS, Days, due, named
from app.domain.text import T
from app.models.casework import Wait
from app.services import Work, days, procedures
from app.services.cases.statements import locked_case, sight
from app.services.procedures import Running

# The case is locked, and its owner or performer was checked: the guard has nothing to add.
LOCKED = {"unscoped": "a step of a locked case", "synchronize_session": False}


@dataclass
class Locked:
    """A case whose row this transaction holds."""

    id: int
    running: Running
    place: str
    owner_id: int
    subject_id: int
    parent_id: int | None
    status: CaseStatus
    state: bytes
    step: int
    deadline: datetime | None
    campaign_id: int | None
    deadline_rule: str | None = None
    """The rule of a deadline that this step has set, where it names a campaign's day."""
    joined: bool = False
    """It has become one of a campaign's in this step."""
    seats: dict[str, tuple[int, Role]] = field(default_factory=dict)
    """Organisation and role of each lane that was looked up."""
    holders: dict[tuple[int, Role], dict[str, int]] = field(default_factory=dict)
    """Who holds a role, by name, where it was looked up."""
    days: Days | None = None
    """The days that its rules may name, once they were looked up."""

    def hold_to(self, work: Work, rule: str) -> datetime:
        """Make what a time rule means the deadline of the case and return it.

        It follows the campaign's day that it names; any other stays where it was put.

        :raises BadRule: as `due` does
        """
        self.deadline = self.due(work, rule)
        self.deadline_rule = rule if named(rule) else ""
        return self.deadline

    def due(self, work: Work, rule: str) -> datetime:
        """Return when a time rule is due, counted from now.

        :raises BadRule: if it is none, or names a day that the case does not know
        """
        if self.days is None and named(rule) is not None:
            self.days = days.named(work, self.campaign_id)
        return due(rule, work.now, work.calendar, self.days or NO_DAYS)


@dataclass(frozen=True, slots=True)
class Opened:
    """A task that a step has opened."""

    id: int
    seq: int
    node: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What a step did."""

    case_id: int
    finished: bool
    opened: Sequence[Opened]
    waits: Sequence[Wait]


class Ended(Conflict):
    """The case has ended."""


def lock_running(work: Work, case_id: int) -> Locked | None:
    """Lock a case for a job; None if it ended meanwhile, which leaves the job nothing to do."""
    try:
        return lock(work, case_id)
    except (Ended, NotFound):
        return None


def lock(work: Work, case_id: int) -> Locked:
    """Lock a case that the actor may know of and return it.

    :raises NotFound: if there is none such
    :raises Ended: if it is closed
    """
    case = lock_any(work, case_id)
    if case.status is not CaseStatus.RUNNING:
        raise Ended(T("案件已经结束"))
    return case


def lock_any(work: Work, case_id: int) -> Locked:
    """Lock a case whether it runs or not, as some papers outlive it, and return it.

    :raises NotFound: if there is none such
    """
    row = work.run(locked_case(sight(work)), {"case": case_id}).one_or_none()
    if row is None:
        raise NotFound(T("没有找到该案件"))
    return read(work, row)


def read(work: Work, row: Row[*tuple[Any, ...]]) -> Locked:
    """Return the case in a row that holds `statements.CASE_COLUMNS`."""
    return Locked(
        row.case_id,
        procedures.running(work, row.deployment_id),
        row.place,
        row.owner_id,
        row.subject_id,
        row.parent_id,
        row.status,
        row.state,
        row.step,
        row.deadline,
        row.campaign_id,
    )


@dataclass(frozen=True, slots=True)
class Command:
    """What moves the case, as its history tells it."""

    action: str
    node: str
    grant: Grant | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    returned: tuple[str, str, int | None] | None = None
    """For a return (退回): node, reason, and who is to do it again."""
    seq: int = 0
    """What the system moves by itself: the timer or the waiting effect; 0 when a person acts."""


class StepFailed(Conflict):
    """A step could not be done: it was undone as a whole, and becomes an incident."""

    def __init__(self, case: Locked, command: Command) -> None:
        super().__init__(
            T("流程在“{node}”处出现故障，本次操作未生效", node=case.running.title(command.node))
        )
        self.case_id = case.id
        self.place = case.place
        self.command = command
