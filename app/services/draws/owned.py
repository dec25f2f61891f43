"""What a city supervises itself is inspected in full, outside the draw (R1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, or_, select

from app.domain.casework import CaseStatus
from app.domain.enterprises import Life
from app.domain.progress import CALLED_OFF
from app.models.casework import Case
from app.models.draws import Draw, DrawOwn
from app.models.enterprises import Enterprise
from app.models.people import Organisation
from app.services import Work
from app.services.draws import DRAWS, JOB
from app.services.draws.roster import GONE, Selection, own

CAME_TO_NOTHING = or_(
    DrawOwn.case_id.is_(None), Case.status == CaseStatus.CANCELLED, Case.ended.in_(CALLED_OFF)
)


@dataclass(frozen=True, slots=True)
class Own:
    """An enterprise that the city itself supervises, and its inspection."""

    enterprise_id: int
    name: str
    case_id: int | None
    done: bool
    gone: bool
    """Whether it was closed meanwhile, so that nothing is left to inspect."""

    @property
    def left(self) -> bool:
        """Whether it is still to be inspected."""
        return not (self.done or self.gone)


def enlist(work: Work, draw: Draw) -> int:
    """Write down who is to be inspected outside a draw, and return how many: a step of its case."""
    wanted = Selection(draw.place, tuple(draw.sectors), tuple(draw.themes), draw.supplements_id)
    rows = [{"draw_id": draw.id, "enterprise_id": one} for one in own(work, wanted)]
    if rows:
        work.session.execute(insert(DrawOwn), rows, execution_options=DRAWS)
    return len(rows)


def of_draw(work: Work, draw_id: int) -> list[Own]:
    """Return them with how far each is: a step of those who may know of the draw."""
    rows = work.session.execute(
        select(
            DrawOwn.enterprise_id,
            Organisation.name,
            DrawOwn.case_id,
            Case.status,
            Case.ended,
            Enterprise.life,
        )
        .join(Enterprise, Enterprise.id == DrawOwn.enterprise_id)
        .join(Organisation, Organisation.id == DrawOwn.enterprise_id)
        .outerjoin(Case, Case.id == DrawOwn.case_id)
        .where(DrawOwn.draw_id == draw_id)
        .order_by(DrawOwn.enterprise_id),
        execution_options=DRAWS,
    )
    return [
        Own(
            row.enterprise_id,
            row.name,
            row.case_id,
            row.status is CaseStatus.FINISHED and row.ended not in CALLED_OFF,
            Life(row.life) in GONE,
        )
        for row in rows
    ]


def waiting(work: Work, draw_id: int, most: int) -> Sequence[int]:
    """Return whose inspection is to be started, or started anew as the last came to nothing."""
    query: Any = (
        select(DrawOwn.enterprise_id)
        .join(Enterprise, Enterprise.id == DrawOwn.enterprise_id)
        .outerjoin(Case, Case.id == DrawOwn.case_id)
        .where(DrawOwn.draw_id == draw_id, CAME_TO_NOTHING, Enterprise.life.not_in(GONE))
        .order_by(DrawOwn.enterprise_id)
        .limit(most)
    )
    return list(work.session.scalars(query, execution_options=DRAWS))


def renew(work: Work, draw: Draw) -> None:
    """Have inspections that came to nothing started anew: a step of the draw's case."""
    if waiting(work, draw.id, 1):
        work.enqueue(JOB, f"{JOB}:{draw.id}:{work.now.timestamp():.0f}", {"draw": draw.id})
