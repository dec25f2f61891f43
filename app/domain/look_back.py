"""Where the hazards of an enterprise stand for a look-back (回头看), and what may be said of it.

"All put right" is said of `CLEAR` and `CAUGHT_UP` alone. Hazards that a stop or a closure has taken
over are handed over (`ESCALATED`), which is never a conclusion.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from app.domain.enterprises import Life

GONE = (Life.CLOSED, Life.BANNED)
"""Enterprises in which there is nothing left to look back on."""
ELSEWHERE = ("stop_production", "closure_request", "closure_execution")
"""Procedures that take hazards over for good: until the stop is lifted, or the plant is closed."""
FOUND = (
    "self_inspection",
    "county_inspection",
    "spot_check_visit",
    "look_back",
    "rectification",
    "stop_production",
    "closure_request",
)
"""The procedures that forms of a look-back name; any other is "other" there."""


class Left(StrEnum):
    """What is left to do, the first that holds."""

    GONE = "gone"
    OWN = "own"
    LATE = "late"
    ELSEWHERE = "elsewhere"
    ESCALATED = "escalated"
    REST = "rest"
    CAUGHT_UP = "caught_up"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Following:
    """An open hazard, as a look-back sees it."""

    own: bool
    """The look-back follows it, or nobody does."""
    procedure: str
    """The procedure that follows it."""
    late: bool


def left_of(opened: Collection[Following], *, late: bool) -> Left:
    """Return what open hazards leave to do; `late` if the look-back itself is past its day."""
    if any(hazard.own for hazard in opened):
        return Left.OWN
    others = [hazard for hazard in opened if hazard.procedure not in ELSEWHERE]
    if not others:
        return Left.ESCALATED
    return Left.LATE if late or any(hazard.late for hazard in others) else Left.ELSEWHERE
