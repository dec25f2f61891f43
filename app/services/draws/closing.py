"""How a draw ends: closed and public, or cancelled with its trace."""

from app.domain.access import Grant
from app.domain.draws import OPEN, DrawState
from app.domain.entered import MOST_REASON
from app.domain.history import Stream
from app.models.draws import Draw
from app.services import Work
from app.services.draws import held, newest
from app.services.draws.reading import lines, published


def cancel(work: Work, case_id: int, reason: str, grant: Grant | None) -> None:
    """Cancel the draw of a case with a reason; it keeps its number and stays to be seen.

    :raises Conflict: if it is closed
    """
    _cancel(work, held(work, case_id, *OPEN), reason, grant)


def cancel_with_case(work: Work, case_id: int, reason: str, grant: Grant | None) -> None:
    """Cancel the draw of a case that is cancelled, if it has one that is open: a step of that."""
    draw = newest(work, case_id)
    if draw is not None and draw.state in OPEN:
        _cancel(work, draw, reason, grant)


def _cancel(work: Work, draw: Draw, reason: str, grant: Grant | None) -> None:
    draw.state, draw.reason = DrawState.CANCELLED, reason[:MOST_REASON]
    draw.cancelled_at, draw.cancelled_by = work.now, work.actor.id
    work.record(Stream.DRAW, draw.id, "draw.cancel", grant, reason=draw.reason)


def close(work: Work, case_id: int, grant: Grant | None) -> bool:
    """Close the draw of a case: its list is public from now on.

    False if a visit has not ended: nobody who is still to be visited is to read the list.

    :raises Conflict: if it is not confirmed
    """
    draw = held(work, case_id, DrawState.CONFIRMED)
    if not published(draw.state, lines(work, draw.id)):
        return False
    draw.state, draw.closed_at = DrawState.CLOSED, work.now
    work.record(Stream.DRAW, draw.id, "draw.close", grant)
    return True
