"""Who has how many tasks of a campaign, and until when."""

from sqlalchemy import case, literal, select

from app.domain.deadlines import soon_until
from app.models.casework import WorkItem
from app.services import Work
from app.services.campaigns.figures import Group, by_holder, numbers
from app.services.campaigns.reading import known
from app.services.holders import whose
from app.services.tasks.lists import Filter, all_ids


def of_campaign(work: Work, campaign_id: int) -> list[Group]:
    """Return how many open tasks of a campaign each has: `late`, `soon` within three days, `later`.

    They are those of the box `supervised`.

    :raises NotFound: if the actor knows of no such campaign
    """
    known(work, campaign_id)
    ids = all_ids(work, "supervised", Filter(campaign=campaign_id))
    if ids is None:
        return []
    due = case(
        (WorkItem.due_at < work.now, literal("late")),
        (WorkItem.due_at <= soon_until(work.now), literal("soon")),
        else_=literal("later"),
    )
    wanted = ids.subquery()
    rows = (
        select(*whose(WorkItem.assignee_id), due.label("due"))
        .where(WorkItem.id.in_(select(wanted.c.id)))
        .subquery()
    )
    return by_holder(work, numbers(work, rows))
