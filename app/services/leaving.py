"""What a case leaves behind at its end: open hazards, measures in force."""

from sqlalchemy import bindparam, func, select

from app.domain.measures import DECIDED
from app.models.enterprises import Enterprise, EnterpriseMeasure
from app.models.hazards import Hazard
from app.services import Work

# What a case leaves behind, asked once at its end: who is no enterprise leaves nothing.
LEFT = (
    select(
        Enterprise.life,
        select(func.count())
        .where(Hazard.case_id == bindparam("case"), Hazard.closed_at.is_(None))
        .scalar_subquery()
        .label("hazards"),
        select(func.count())
        .where(EnterpriseMeasure.case_id == bindparam("case"))
        .where(EnterpriseMeasure.lifted_at.is_(None))
        .scalar_subquery()
        .label("measures"),
    )
    .where(Enterprise.id == bindparam("enterprise"))
    .execution_options(unscoped="what a case leaves behind")
)


def left(work: Work, case_id: int, enterprise_id: int) -> tuple[int, int]:
    """Return how many open hazards and measures in force a case answers for: a step of its end.

    Of an enterprise that is to be closed nothing is left to go on with.
    """
    row = work.run(LEFT, {"case": case_id, "enterprise": enterprise_id}).one_or_none()
    return (0, 0) if row is None or row.life in DECIDED else (row.hazards, row.measures)
