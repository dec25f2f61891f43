"""Leave nobody out: take in who fits a campaign by now, try again what could not be started."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, insert, select, update

from app.domain import Conflict, NotFound
from app.domain.access import Grant, Permission, Thing
from app.domain.deadlines import due
from app.domain.history import Stream
from app.domain.text import T
from app.models.campaigns import Campaign, CampaignBatch, CampaignMember, CampaignStart
from app.models.enterprises import Enterprise
from app.services import Work, days
from app.services.campaigns.reading import known
from app.services.cases.locked import lock
from app.services.enlisting import scope
from app.services.enlisting.batches import ALL, BATCH, starts


def outside(work: Work, campaign_id: int) -> int:
    """Return how many enterprises fit the scope of a campaign and are not in it: entered since.

    :raises NotFound: if the actor knows of no such campaign
    """
    return scope.count(work, _outside(known(work, campaign_id)))


def _outside(campaign: Campaign) -> ColumnElement[bool]:
    inside = select(CampaignMember.enterprise_id).where(CampaignMember.campaign_id == campaign.id)
    return scope.wanted(campaign.place, campaign.sought) & Enterprise.id.not_in(inside)


def _held(work: Work, campaign_id: int) -> tuple[Campaign, Grant]:
    """Lock a running campaign and return it with the grant by which the actor tends it."""
    case = lock(work, campaign_id)
    thing = Thing(place=case.place, organisation=case.owner_id)
    return known(work, campaign_id), work.require(Permission.TEND_CAMPAIGN, thing)


def take_in(work: Work, campaign_id: int) -> int:
    """Take in whoever fits a running campaign by now, and return how many that were.

    They get what others have got already, but for what is over.

    :raises NotFound: if the actor knows of no such campaign
    :raises Forbidden: unless they are staff of its office
    :raises Conflict: if it has ended, or nobody is outside
    """
    campaign, grant = _held(work, campaign_id)
    wanted = select(Enterprise.id, Enterprise.place).where(_outside(campaign))
    found = work.session.execute(wanted.order_by(Enterprise.id), execution_options=ALL).all()
    if not found:
        raise Conflict(T("没有尚未纳入的企业"))
    work.session.execute(
        insert(CampaignMember),
        [
            {
                "campaign_id": campaign_id,
                "enterprise_id": row.id,
                "place": row.place,
                "joined_at": work.now,
            }
            for row in found
        ],
        execution_options=ALL,
    )
    ids = [row.id for row in found]
    for batch in _going_on(work, campaign_id):
        there = select(CampaignStart.enterprise_id).where(CampaignStart.batch_id == batch.id)
        rows = starts(campaign_id, batch.id, batch.procedure).where(
            CampaignMember.enterprise_id.not_in(there)
        )
        columns = ("batch_id", "enterprise_id")
        work.session.execute(
            insert(CampaignStart).from_select(columns, rows), execution_options=ALL
        )
        _again(work, batch.id)
    work.record(Stream.CASE, campaign_id, "campaign.admit", grant, enterprises=ids)
    return len(ids)


def _going_on(work: Work, campaign_id: int) -> Sequence[CampaignBatch]:
    """Return the batches of a campaign whose deadline has not passed."""
    known = days.named(work, campaign_id)
    batches = work.session.scalars(select(CampaignBatch).filter_by(campaign_id=campaign_id))
    return [
        batch
        for batch in batches
        if not batch.deadline or due(batch.deadline, work.now, work.calendar, known) > work.now
    ]


def _again(work: Work, batch_id: int) -> None:
    key = f"{BATCH}:{batch_id}:{work.wall.timestamp():.3f}"
    work.enqueue(BATCH, key, {"batch": batch_id})


def try_again(work: Work, campaign_id: int, batch_id: int) -> int:
    """Have the cases started that could not be started, and return how many these are.

    :raises NotFound: if the actor knows of no such batch
    :raises Forbidden: unless they are staff of its office
    :raises Conflict: if the campaign has ended, or nothing failed
    """
    _campaign_row, grant = _held(work, campaign_id)
    batch = select(CampaignBatch.id).filter_by(id=batch_id, campaign_id=campaign_id)
    if work.session.scalar(batch) is None:
        raise NotFound(T("没有找到该专项行动"))
    failed = (CampaignStart.batch_id == batch_id) & CampaignStart.problem.is_not(None)
    number = work.session.scalar(select(func.count()).select_from(CampaignStart).where(failed)) or 0
    if not number:
        raise Conflict(T("没有未能启动的企业"))
    work.session.execute(update(CampaignStart).where(failed).values(problem=None))
    _again(work, batch_id)
    work.record(Stream.CASE, campaign_id, "campaign.retry", grant, batch=batch_id, failed=number)
    return number
