"""How a draw ends: closed and public, or cancelled with its trace."""

from sqlalchemy import select

from app.domain.access import Grant
from app.domain.draws import OPEN, DrawState
from app.domain.entered import MOST_REASON
from app.domain.history import Stream
from app.models.draws import Draw, DrawEntry
from app.services import Work
from app.services.draws import DRAWS, held, newest, owned
from app.services.draws.reading import published


def cancel(work: Work, case_id: int, reason: str, grant: Grant | None) -> None:
    """Cancel the draw of a case with a reason; it keeps its number and stays to be seen.

    :raises Conflict: if it is closed
    """
    _cancel(work, held(work, case_id, *OPEN), reason, grant)


def cancel_with_case(work: Work, case_id: int, reason: str, grant: Grant | None) -> None:
    """Cancel the draw of a case that is cancelled, if it has one that is open: a step of that.

    One whose visits have begun stays confirmed: they go on, and its list becomes public with the
    last of them, as it would have.
    """
    draw = newest(work, case_id)
    if draw is not None and draw.state in OPEN and not _begun(work, draw.id):
        _cancel(work, draw, reason, grant)


def _begun(work: Work, draw_id: int) -> bool:
    wanted = select(DrawEntry.draw_id).where(
        DrawEntry.draw_id == draw_id, DrawEntry.visit_id.is_not(None)
    )
    return work.session.scalar(wanted.limit(1), execution_options=DRAWS) is not None


def _cancel(work: Work, draw: Draw, reason: str, grant: Grant | None) -> None:
    draw.state, draw.reason = DrawState.CANCELLED, reason[:MOST_REASON]
    draw.cancelled_at, draw.cancelled_by = work.now, work.actor.id
    work.record(Stream.DRAW, draw.id, "draw.cancel", grant, reason=draw.reason)


def close(work: Work, case_id: int, grant: Grant | None) -> bool:
    """Close the draw of a case: its list is public from now on.

    False if somebody was not visited yet, as nobody who is still to be visited is to read the
    list, or if the city has not inspected all that it supervises itself.

    :raises Conflict: if it is not confirmed
    """
    draw = held(work, case_id, DrawState.CONFIRMED)
    inspected = not any(one.left for one in owned.of_draw(work, draw.id))
    if not (inspected and published(work, draw)):
        owned.renew(work, draw)
        return False
    draw.state, draw.closed_at = DrawState.CLOSED, work.now
    work.record(Stream.DRAW, draw.id, "draw.close", grant)
    return True
