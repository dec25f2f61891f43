"""What the steps of a look-back make of the hazards: confirmed, come back, taken over.

Each is a step of those who move the case, in its transaction. Whoever records a hazard, and whoever
asks whether one is open, first locks the enterprise: so they come one after the other, and nothing
is concluded beside a hazard that is just being recorded.
"""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select

from app.domain.hazards import HazardEvent, facts_of
from app.domain.look_back import Left
from app.domain.measures import DECIDED
from app.models.hazards import Hazard
from app.services import hazards
from app.services.enterprises import standing
from app.services.hazards import FOLLOWED, Followed, Row
from app.services.look_back import listing

CLOSED, OWN, NEW = "closed", "own", "found"
"""The rows of a verification: hazards closed before, open ones of the case, new ones."""
LONGEST = 500


def take_stock(case: Followed, node: str) -> Left:
    """Go on with the open hazards that no running case follows, and tell what is left to do.

    What nobody follows of a plant that is to be closed, or is closed, stays as it is.
    """
    standing.lock(case.work, case.enterprise_id)
    life = listing.life(case.work, case.enterprise_id)
    if life is not None and life not in DECIDED:
        _take(case, node)
    return listing.left(case.work, case.case_id, case.enterprise_id, life)


def _take(case: Followed, node: str) -> None:
    if hazards.take_from(case, node, standing.left_by(case.enterprise_id, None)):
        standing.take_over(case.work, case.enterprise_id, case.case_id, None)


def record(case: Followed, node: str, task: str) -> int:
    """Enter what the last verification says of each hazard; return how many rows it has."""
    standing.lock(case.work, case.enterprise_id)
    answers, _given_at = hazards.last_of(case, task)
    closed, own, new = (answers.get(rows, ()) for rows in (CLOSED, OWN, NEW))
    _note(case, node, HazardEvent.CONFIRMED, _rows(closed, "confirmed"))
    again = _come_back(case, node, _rows(closed, "recurred"))
    seen = _rows(own, "fixed")
    hazards.close(case, node, {number: row.get("photos", []) for number, row in seen.items()})
    hazards.enter(case, node, [*again, *(facts_of(row, {}) for row in new)])
    return len(closed) + len(own) + len(new)


def _rows(rows: Iterable[Row], result: str) -> dict[int, Row]:
    """Return the rows with a result, by the hazard that each is about."""
    return {int(row["hazard_id"]): row for row in rows if row["result"] == result}


def _note(case: Followed, node: str, what: HazardEvent, rows: Collection[int]) -> list[int]:
    """Write down what was seen of closed hazards, and return those that are closed still."""
    wanted = (
        Hazard.enterprise_id == case.enterprise_id,
        Hazard.id.in_(rows),
        Hazard.closed_at.is_not(None),
    )
    return hazards.note(case, node, what, wanted) if rows else []


def _come_back(case: Followed, node: str, rows: Mapping[int, Row]) -> list[Row]:
    """Return hazards that have come back as new ones, each of which names the old as its origin."""
    numbers = _note(case, node, HazardEvent.RECURRED, rows)
    if not numbers:
        return []
    columns = (Hazard.description, Hazard.spot, Hazard.basis, Hazard.major, Hazard.criterion)
    found = case.work.session.execute(
        select(Hazard.id.label("origin_id"), *columns)
        .where(Hazard.id.in_(numbers))
        .order_by(Hazard.id),
        execution_options=FOLLOWED,
    )
    return [_again(old._asdict(), rows[old.origin_id]) for old in found]


def _again(old: Row, row: Row) -> Row:
    how = f"（复发：{row['note']}）"
    description = old["description"][: LONGEST - len(how)] + how
    return {**old, "description": description, "photos": row.get("photos", [])}
