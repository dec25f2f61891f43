"""Effects on the visit of a spot-check: who was drawn to go, and that they are there."""

from app.services.draws import visiting
from app.services.effects import Context
from app.services.effects.hazards import COUNTY


def drawn_visitors(context: Context) -> dict[str, int]:
    """Tell who was drawn to go to the enterprise, as `first` and `second`: they do the tasks."""
    return visiting.pair(visiting.drawn(context.work, context.case_id))


def record_arrival(context: Context, first: str, second: str) -> dict[str, int]:
    """Note that both are there, by who did these tasks last, and tell who they are.

    Until then nobody outside the city's area knows of the visit; now the county's bureau takes part
    in the case, and the case in the campaign.
    """
    people = visiting.arrive(context.work, context.case_id, (first, second), context.grant)
    context.admit(context.office(COUNTY))
    campaign = visiting.campaign_of(context.work, context.case_id)
    if campaign is not None:
        context.belong_to(campaign)
    return visiting.pair(people)
