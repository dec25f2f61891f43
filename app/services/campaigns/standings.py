"""Where the members of a campaign stand, as conditions of the database: for figures and lists.

Figures and the lists behind them are made of the same pieces, so that a number is the number of
rows of its list.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)

from app.domain.casework import CaseStatus, ItemStatus
from app.domain.progress import REFUSED, UNDONE, Cover, Standing
from app.models.campaigns import CampaignBatch, CampaignMember, CampaignStart
from app.models.casework import Case, WorkItem, visited
from app.models.enterprises import Enterprise
from app.models.hazards import Hazard
from app.models.people import Organisation
from app.services.enlisting import scope
from app.services.holders import NOBODY, whose

GUARDED = {"unscoped": "the campaign is one that the actor sees"}

_UNDONE = or_(
    *(and_(Case.procedure == name, Case.ended.in_(ends)) for name, ends in UNDONE.items())
)
DONE = and_(Case.status == CaseStatus.FINISHED, or_(Case.ended.is_(None), ~_UNDONE))
GONE = ~scope.there()
"""Closed or struck off meanwhile: whatever was not done by then is asked of nobody any more."""
NOT_DONE = and_(or_(Case.status.is_(None), ~DONE), ~GONE)


def standing(now: datetime) -> ColumnElement[str]:
    """Return where a member of a batch stands: a `Standing`."""
    return case(
        (DONE, literal(Standing.DONE.value)),
        (GONE, literal(Standing.GONE.value)),
        (CampaignStart.problem.is_not(None), literal(Standing.FAILED.value)),
        (CampaignStart.case_id.is_(None), literal(Standing.WAITING.value)),
        (Case.status != CaseStatus.RUNNING, literal(Standing.STOPPED.value)),
        (Case.deadline < now, literal(Standing.LATE.value)),
        else_=literal(Standing.RUNNING.value),
    )


def of_batches(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Return a select of the members of batches, each with its case if it has one."""
    return (
        select(*columns)
        .select_from(CampaignStart)
        .join(CampaignBatch, CampaignBatch.id == CampaignStart.batch_id)
        .join(
            CampaignMember,
            and_(
                CampaignMember.campaign_id == CampaignBatch.campaign_id,
                CampaignMember.enterprise_id == CampaignStart.enterprise_id,
            ),
        )
        .join(Enterprise, Enterprise.id == CampaignStart.enterprise_id)
        .outerjoin(Case, Case.id == CampaignStart.case_id)
    )


def named(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Return a select of the members of batches that may tell their names too."""
    return query.join(Organisation, Organisation.id == CampaignStart.enterprise_id)


RANKS: Mapping[int, Cover] = {
    5: Cover.VISITED,
    4: Cover.GONE,
    3: Cover.RUNNING,
    2: Cover.REFUSED,
    1: Cover.CALLED_OFF,
}


def inspections(counted: ColumnElement[bool]) -> Subquery:
    """Return each enterprise that was inspected in cases that count, with the `rank` of how far."""
    rank = case(
        (visited(), _rank(Cover.VISITED)),
        (Case.status == CaseStatus.RUNNING, 3),
        (and_(Case.status == CaseStatus.FINISHED, Case.ended.in_(REFUSED)), 2),
        else_=1,
    )
    found = (
        select(Case.subject_id, func.max(rank).label("rank"))
        .where(counted)
        .group_by(Case.subject_id)
    )
    return found.subquery("inspected")


def nothing_found(campaign_id: int, counted: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition of the members at whom nobody has found a hazard in a campaign.

    What an inspection has found that only counts for the campaign was found, too.
    """
    return ~(
        select(Hazard.id)
        .join(Case, Case.id == Hazard.found_in)
        .where(Hazard.enterprise_id == CampaignMember.enterprise_id)
        .where(or_(Case.campaign_id == campaign_id, counted))
        .exists()
    )


def ranked(inspected: Subquery) -> ColumnElement[int | None]:
    """Return the rank of a member: who is gone and was not visited before is not to be any more."""
    visit, gone = _rank(Cover.VISITED), _rank(Cover.GONE)
    rank = inspected.c.rank
    return case((and_(GONE, func.coalesce(rank, 0) != visit), gone), else_=rank)


def of_members(inspected: Subquery, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Return a select of the members of campaigns, each with how far its inspection is."""
    return (
        select(*columns)
        .select_from(CampaignMember)
        .join(Enterprise, Enterprise.id == CampaignMember.enterprise_id)
        .join(Organisation, Organisation.id == CampaignMember.enterprise_id)
        .outerjoin(inspected, inspected.c.subject_id == CampaignMember.enterprise_id)
    )


def covered(inspected: Subquery, wanted: str) -> ColumnElement[bool]:
    """Return the condition of a `Cover`, or of `left`: whoever is still to be visited."""
    rank = ranked(inspected)
    if wanted == "left":
        return func.coalesce(rank, 0).not_in((_rank(Cover.VISITED), _rank(Cover.GONE)))
    if wanted == Cover.NONE:
        return rank.is_(None)
    return rank == _rank(wanted)


def _rank(cover: str) -> int:
    return next((rank for rank, known in RANKS.items() if known == cover), -1)


def in_sector(sector: str) -> ColumnElement[bool]:
    """Return the condition of the enterprises of a sector; `NOBODY` is none at all."""
    return Enterprise.sector == ("" if sector == NOBODY else sector[:32])


def holders(cases: ColumnElement[bool]) -> Subquery:
    """Return for each case who has its task that is due first, or else did the last one."""
    is_open = WorkItem.status == ItemStatus.OPEN
    person = case((is_open, WorkItem.assignee_id), else_=WorkItem.closed_by)
    turn = func.row_number().over(
        partition_by=WorkItem.case_id,
        order_by=(
            WorkItem.status,
            case((and_(is_open, WorkItem.due_at.is_(None)), 1), else_=0),
            case((is_open, WorkItem.due_at)),
            case((~is_open, WorkItem.closed_at)).desc(),
            WorkItem.id.desc(),
        ),
    )
    ranked = (
        select(WorkItem.case_id, *whose(person), turn.label("turn"))
        .where(WorkItem.seq > 0, WorkItem.status != ItemStatus.CANCELLED, cases)
        .subquery()
    )
    told = [column for column in ranked.c if column.name != "turn"]
    return select(*told).where(ranked.c.turn == 1).subquery("holder")
