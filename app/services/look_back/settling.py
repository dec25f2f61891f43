"""What the steps of a look-back make of the hazards: confirmed, come back, taken over.

Each is a step of those who move the case, in its transaction. Whoever records a hazard, and whoever
asks whether one is open, first locks the enterprise: so they come one after the other, and nothing
is concluded beside a hazard that is just being recorded.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from app.domain.casework import CaseStatus
from app.domain.hazards import HazardEvent
from app.domain.look_back import Left
from app.models.casework import Case, WorkItem, last_done
from app.models.hazards import Hazard
from app.services import hazards
from app.services.enterprises import standing
from app.services.hazards import FOLLOWED, Followed
from app.services.look_back import listing

CLOSED, OWN, NEW = "closed", "own", "found"
"""The rows of a verification: hazards closed before, open ones of the case, new ones."""
LONGEST = 500


def take_stock(case: Followed, node: str) -> Left:
    """Go on with the open hazards that no running case follows, and tell what is left to do."""
    standing.lock(case.work, case.enterprise_id)
    if not listing.gone(case.work, case.enterprise_id):
        _take(case, node)
    return listing.left(case.work, case.case_id, case.enterprise_id)


def _take(case: Followed, node: str) -> None:
    """Take over what nobody follows; hazards of a plant that is to be closed stay as they are."""
    if listing.closing(case.work, case.enterprise_id):
        return
    ended = select(Case.id).where(
        Case.subject_id == case.enterprise_id, Case.status != CaseStatus.RUNNING
    )
    if hazards.take_from(case, node, ended):
        standing.take_over(case.work, case.enterprise_id, case.case_id, None)


def record(case: Followed, node: str, task: str) -> int:
    """Enter what the last verification says of each hazard; return how many rows it has."""
    standing.lock(case.work, case.enterprise_id)
    answers = (
        case.work.session.scalar(
            last_done(case.case_id, task, WorkItem.answers), execution_options=FOLLOWED
        )
        or {}
    )
    closed, own = answers.get(CLOSED, ()), answers.get(OWN, ())
    _confirm(case, node, _numbers(closed, "confirmed"))
    for row in closed:
        if row["result"] == "recurred":
            _recur(case, node, row)
    for row in own:
        if row["result"] == "fixed":
            hazards.close(case, node, int(row["hazard_id"]), row.get("photos", []))
    hazards.record(case, node, task, NEW)
    return len(closed) + len(own) + len(answers.get(NEW, ()))


def _numbers(rows: Iterable[Mapping[str, Any]], result: str) -> list[int]:
    return [int(row["hazard_id"]) for row in rows if row["result"] == result]


def _still_closed(case: Followed, numbers: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    return (
        Hazard.enterprise_id == case.enterprise_id,
        Hazard.id.in_(numbers),
        Hazard.closed_at.is_not(None),
    )


def _confirm(case: Followed, node: str, numbers: Sequence[int]) -> None:
    hazards.note(case, node, HazardEvent.CONFIRMED, _still_closed(case, numbers))


def _recur(case: Followed, node: str, row: Mapping[str, Any]) -> None:
    """Record a hazard that has come back as a new one that names the old one as its origin."""
    number = int(row["hazard_id"])
    if not hazards.note(case, node, HazardEvent.RECURRED, _still_closed(case, [number])):
        return
    old = case.work.session.execute(
        select(Hazard.description, Hazard.spot, Hazard.basis, Hazard.major, Hazard.criterion).where(
            Hazard.id == number
        ),
        execution_options=FOLLOWED,
    ).one()
    how = f"（复发：{row['note']}）"
    facts = {
        **old._mapping,  # noqa: SLF001 - SQLAlchemy's own name for a row as a mapping
        "description": old.description[: LONGEST - len(how)] + how,
        "photos": row.get("photos", []),
        "origin_id": number,
    }
    hazards.enter(case, node, [facts])
