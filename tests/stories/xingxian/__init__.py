"""兴县's notice of 2022 for next year, carried out for all its plants: five stages, by the demo's clock."""

from tests.stories.xingxian import city, county, obligations
from tests.stories.xingxian.action import Action


def play(story):
    """Play it all, and tell of each obligation what the server knows; return the campaign's case."""
    action = Action(story)
    county.deployed(action)
    county.self_inspected(action)
    county.inspected(action)
    city.spot_checked(action)
    county.looked_back(action)
    county.ended(action)
    for obligation in obligations.ALL:
        story.tell(obligation(action))
    return action.case
