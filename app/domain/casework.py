"""The states of cases and tasks, and what a case waits for."""

from enum import IntEnum, StrEnum


class CaseStatus(StrEnum):
    """Where a case stands (案件状态)."""

    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class ItemStatus(IntEnum):
    """Where a task stands (事项状态); a number, which the database's partial indexes name."""

    OPEN = 0
    DONE = 1
    CANCELLED = 2


class WaitKind(StrEnum):
    """What a case waits for besides people."""

    TIMER = "timer"
    MESSAGE = "message"
    EFFECT = "effect"


LAST = ":last"
"""Behind a task's id in `notBy`: of those who have done it, only whoever did it last is meant."""
DRAFTER = "@drafter"
"""In `notBy`: whoever drafted the paper in hand, where a part makes papers for many."""
