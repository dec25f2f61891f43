"""Counties are scored by the published rule, ranked, and told by a circular (R20).

All but reading are steps of a case of `city_spot_check`, in its transaction and under its lock.
"""

from sqlalchemy import select

from app.models.draws import Draw
from app.models.rankings import Ranking
from app.services import Work

RANKS = {"unscoped": "the ranking of a locked case", "synchronize_session": False}


def of_case(work: Work, case_id: int) -> Ranking | None:
    """Return the ranking of a case's draw: a step of the case, whose lock is enough."""
    return work.session.scalar(
        select(Ranking)
        .join(Draw, Draw.id == Ranking.draw_id)
        .where(Draw.case_id == case_id, Draw.cancelled_at.is_(None))
        .execution_options(populate_existing=True)
    )
