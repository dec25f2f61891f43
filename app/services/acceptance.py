"""Hazards that a case has to accept as gone before anybody closes them (市局认可)."""

from sqlalchemy import func, select, update

from app.domain.hazards import HazardState
from app.domain.measures import DECIDED
from app.models.enterprises import Enterprise
from app.models.hazards import Hazard
from app.services import Work
from app.services.hazards import FOLLOWED


def release(work: Work, case_id: int) -> None:
    """Let the hazards that a case was to accept be closed by whoever follows them."""
    work.session.execute(
        update(Hazard).where(Hazard.awaited_by == case_id).values(awaited_by=None),
        execution_options=FOLLOWED,
    )


def awaited(work: Work, case_id: int) -> dict[HazardState, int]:
    """Return how many hazards that a case has to accept are in each state: a step of the case.

    Those of an enterprise that is to be closed are for nobody to put right any more.
    """
    rows = work.session.execute(
        select(Hazard.state, func.count())
        .join(Enterprise, Enterprise.id == Hazard.enterprise_id)
        .where(Hazard.awaited_by == case_id, Enterprise.life.not_in(DECIDED))
        .group_by(Hazard.state),
        execution_options=FOLLOWED,
    )
    return {state: count for state, count in rows}  # noqa: C416
