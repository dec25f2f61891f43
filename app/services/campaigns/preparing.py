"""What the tasks that fix a campaign start with: whom it could take in, and its days."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from app.models.casework import Case
from app.models.people import Organisation
from app.services import Work
from app.services.campaigns import gates, plans, summing
from app.services.enlisting import opening, scope
from app.services.look_back import listing as look_back
from app.services.procedures import Running


def facts(
    work: Work, case_id: int, running: Running, answers: Mapping[str, Any], office_id: int
) -> dict[str, Callable[[], Any]]:
    """Return the facts that the forms of a campaign may name; `office_id` is the one it is of."""

    def place() -> str:
        return (
            work.session.scalar(
                select(Organisation.place).where(Organisation.id == office_id),
                execution_options=scope.SEEN,
            )
            or ""
        )

    def year() -> int:
        return int(answers.get(running.definition.start.id, {}).get("year", work.now.year))

    def prescribed() -> dict[str, str]:
        campaign = work.session.scalar(
            select(Case.campaign_id).where(Case.id == case_id), execution_options=scope.SEEN
        )
        return opening.prescribed(work, campaign)

    chosen = scope.sought(answers.get(opening.SCOPE, {}))
    return {
        "@prescribed": prescribed,
        "@scope_divisions": lambda: scope.divisions(work, place()),
        "@scope_sectors": lambda: scope.sectors(work, place()),
        "@scope_tags": lambda: scope.tags(work, place()),
        "@scope": lambda: scope.summary(work, place(), chosen),
        "@open_hazards": lambda: look_back.open_in(work, case_id),
        "@stages": lambda: gates.stages_now(work, case_id),
        "@campaign_summary": lambda: summing.facts(work, case_id, running, answers),
        "@campaign_days": lambda: plans.first_days(work, running, year()),
    }
