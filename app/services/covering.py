"""What counts for a campaign: the inspections that cover its members, and the hazards they find."""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from app.domain.progress import INSPECTION
from app.models.campaigns import Campaign, CampaignMember
from app.models.casework import Case, counts_for
from app.models.hazards import Hazard
from app.services import Work

GUARDED = {"unscoped": "the times of a campaign tell nothing of its cases"}
# In which case a hazard was found is no secret of that case's.
_FOUND_IN = Case.__table__.alias("found_in")


def counting(work: Work, campaign_id: int, cases: Any = Case) -> ColumnElement[bool]:
    """Return the condition of the inspections by which a campaign covers its members.

    Its own count, and those that its office started by hand while it ran: so is one caught up that
    was called off. Another campaign's do not.

    :param cases: the columns of cases under another name
    """
    columns = (Campaign.id, Campaign.place, Campaign.owner_id, Campaign.opened_at, Case.closed_at)
    campaign = work.session.execute(
        select(*columns).join(Case, Case.id == Campaign.id).where(Campaign.id == campaign_id),
        execution_options=GUARDED,
    ).one_or_none()
    if campaign is None:
        return false()
    return and_(
        cases.procedure == INSPECTION,
        cases.place == campaign.place,
        cases.owner_id == campaign.owner_id,
        cases.opened_at >= campaign.opened_at,
        counts_for(campaign.id, cases),
        true() if campaign.closed_at is None else cases.opened_at <= campaign.closed_at,
    )


def found_for(work: Work, campaign_id: int) -> ColumnElement[bool]:
    """Return the condition of the hazards that a campaign has found.

    In its own cases, and at its members in the inspections that cover them: what counts for the
    coverage counts here. Who sees a hazard sees it whether or not they see the case it is from.
    """
    found_in, members = _FOUND_IN.c, CampaignMember
    covering = and_(
        counting(work, campaign_id, found_in),
        select(members.enterprise_id)
        .where(members.campaign_id == campaign_id, members.enterprise_id == Hazard.enterprise_id)
        .exists(),
    )
    own = found_in.campaign_id == campaign_id
    finding = select(found_in.id).where(found_in.id == Hazard.found_in, or_(own, covering))
    return finding.correlate(Hazard).exists()
