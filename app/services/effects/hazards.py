"""Effects on the hazards of the case: entered, closed, supervised by name."""

from app.domain.hazards import HazardState
from app.services import acceptance, hazards
from app.services.documents import earlier
from app.services.effects import Context
from app.services.look_back import settling

COUNTY = "县局"


def weigh_hazards(context: Context) -> str:
    """Tell whether a major hazard of the case is open: "major", "general", or "none" at all."""
    return hazards.heaviest(context.hazards)


def record_hazards(context: Context, source: str) -> int:
    """Enter the hazards that the last answers of the task `source` list; their number is told."""
    return hazards.record(context.hazards, context.node, source)


def close_hazards(context: Context) -> str:
    """Close the hazards that are still open in the case (销号), and tell when."""
    hazards.put(context.hazards, context.node, HazardState.CLOSED)
    return context.work.now.isoformat()


def list_supervision(context: Context) -> str:
    """Put the major hazards of the case on the list of the organ that owns it (挂牌督办)."""
    hazards.put_on_list(context.hazards, context.node)
    return context.work.now.isoformat()


def lift_supervision(context: Context) -> str:
    """Take the hazards of the case off the list, if its organ put them there (R5a).

    Whether the plant was told of the listing, and so is told of its end, is the result: "yes" or
    "none".
    """
    taken = hazards.take_off_list(context.hazards, context.node)
    told = earlier.served(context.work, context.case_id, earlier.ORDERS["listing"])
    return "yes" if taken and told else "none"


def record_look_back(context: Context, source: str) -> int:
    """Enter what a look-back's verification `source` says of each hazard; how many is the result.

    What is closed is confirmed, or has come back and is recorded anew; what nobody follows is
    closed if it was seen put right; what was found beside is recorded.
    """
    return settling.record(context.hazards, context.node, source)


def take_stock(context: Context) -> str:
    """Go on with what nobody follows, and tell where all hazards of the enterprise stand.

    "clear" and "caught_up" if every one is closed; "own" or "elsewhere" by who follows an open one,
    "late" where it is overdue, "escalated" where a stop or a closure has taken all of them over;
    "rest" if some were not looked at yet, "gone" if the enterprise is closed.
    """
    return settling.take_stock(context.hazards, context.node).value


def hand_down_hazards(context: Context) -> int:
    """Leave what was found to the bureau of the county; this case accepts that it is gone.

    The number of open hazards is told.
    """
    return hazards.hand_down(context.hazards, context.node, context.place_of(COUNTY))


def accept_hazards(context: Context) -> str:
    """Close the hazards that were waiting for this case to accept it, and tell when."""
    hazards.put(context.hazards, context.node, HazardState.CLOSED)
    acceptance.release(context.work, context.case_id)
    return context.work.now.isoformat()


def release_hazards(context: Context) -> str:
    """Let the hazards be closed without this case, and tell when."""
    acceptance.release(context.work, context.case_id)
    return context.work.now.isoformat()
