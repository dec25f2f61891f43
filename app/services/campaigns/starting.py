"""The job that starts a campaign's cases, a hundred in each transaction.

Which case each member got stands in its row, so that a batch goes on where it was broken off and
nobody gets two. One that cannot be started is passed over and said so; it can be tried again.
"""

import logging
from typing import Any

from sqlalchemy import select, update

from app.domain import AppError
from app.domain.deadlines import due, last_day
from app.models.campaigns import Campaign, CampaignBatch, CampaignStart
from app.services import Deps, Work, days
from app.services.cases.locked import StepFailed
from app.services.cases.moving import begin, newest_or_handover

AT_ONCE = 100

logger = logging.getLogger(__name__)


def carry_out(deps: Deps, batch_id: int) -> None:
    """Start what a batch has not started yet."""
    after: int | None = 0
    while after is not None:
        with deps.system("start a campaign's cases") as work:
            after = _start_some(work, batch_id, after)


def _start_some(work: Work, batch_id: int, after: int) -> int | None:
    """Start the next cases of a batch; return the member to go on from, None where none is left."""
    batch = work.session.scalars(
        select(CampaignBatch).filter_by(id=batch_id).with_for_update()
    ).one()
    waiting = (
        select(CampaignStart.enterprise_id)
        .where(CampaignStart.batch_id == batch_id, CampaignStart.enterprise_id > after)
        .where(CampaignStart.case_id.is_(None), CampaignStart.problem.is_(None))
        .order_by(CampaignStart.enterprise_id)
        .limit(AT_ONCE)
    )
    found = work.session.scalars(waiting).all()
    campaign = work.session.get_one(Campaign, batch.campaign_id)
    told = _deadline(work, batch)
    for enterprise in found:
        _start(work, campaign, batch, enterprise, told)
    return found[-1] if len(found) == AT_ONCE else None


def _deadline(work: Work, batch: CampaignBatch) -> dict[str, str]:
    """Return the last day of a batch's cases, as their start forms tell it."""
    if not batch.deadline:
        return {}
    until = due(batch.deadline, work.now, work.calendar, days.named(work, batch.campaign_id))
    return {"deadline": last_day(until).isoformat()}


def _start(
    work: Work, campaign: Campaign, batch: CampaignBatch, enterprise: int, told: dict[str, str]
) -> None:
    values: dict[str, Any]
    try:
        with work.attempt():
            deployment, answers = newest_or_handover(work, batch.procedure, batch.answers | told)
            moved = begin(
                work,
                deployment,
                owner=(campaign.owner_id, campaign.place),
                subject_id=enterprise,
                answers=answers,
                grant=None,
                parent_id=campaign.id,
                campaign_id=campaign.id,
                deadline=batch.deadline,
            )
        values = {"case_id": moved.case_id}
    except (StepFailed, AppError) as failed:
        logger.warning("A campaign's case was not started: %s", failed.text, exc_info=failed)
        values = {"problem": str(failed.text)[:500]}
    work.session.execute(
        update(CampaignStart)
        .where(CampaignStart.batch_id == batch.id, CampaignStart.enterprise_id == enterprise)
        .values(**values)
    )
