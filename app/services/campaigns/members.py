"""Who is in a campaign: the lists behind its figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, select

from app.domain.entered import whole
from app.domain.progress import Cover, Standing
from app.domain.text import Text
from app.models.campaigns import CampaignMember, CampaignStart
from app.models.casework import Case, WorkItem
from app.models.enterprises import Enterprise
from app.models.hazards import Hazard
from app.models.people import Organisation
from app.services import Work
from app.services.campaigns.reading import BatchView, get_batch, known
from app.services.campaigns.standings import (
    DONE,
    GUARDED,
    NOT_DONE,
    RANKS,
    covered,
    holders,
    in_sector,
    inspections,
    named,
    of_batches,
    of_members,
    standing,
)
from app.services.holders import held_by, key_of, names_of

LISTED = 50
_FOUND = Case.__table__.alias("found")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list of a batch's members is narrowed by; "" leaves it wide."""

    campaign: int
    batch: int
    state: str = ""
    """A `Standing`, or `open` for all that are not done."""
    division: str = ""
    sector: str = ""
    holder: str = ""
    """Who has the case's task or did the last one: a word of `app.services.holders`."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member of a batch: its case, or why there is none."""

    enterprise_id: int
    name: str
    place: str
    sector: str
    case_id: int | None
    standing: Standing
    problem: str | None
    deadline: datetime | None
    holder: Text | None = None
    """Who has the task of its case, or did the last one."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the members of a batch."""

    batch: BatchView
    rows: list[MemberRow]
    count: int
    following: str | None


def find(work: Work, wanted: Wanted, cursor: str = "", size: int = LISTED) -> Page:
    """Return a page of the members of a batch by id.

    :raises NotFound: if the actor knows of no such batch
    """
    batch = get_batch(work, wanted.campaign, wanted.batch)
    count = work.session.scalar(_narrowed(work, wanted, func.count()), execution_options=GUARDED)
    columns = (
        *(CampaignStart.enterprise_id, Organisation.name, CampaignMember.place, Enterprise.sector),
        *(CampaignStart.case_id, standing(work.now), CampaignStart.problem, Case.deadline),
    )
    query = named(_narrowed(work, wanted, *columns)).order_by(CampaignStart.enterprise_id)
    if (after := whole(cursor)) is not None:
        query = query.where(CampaignStart.enterprise_id > after)
    found = work.session.execute(query.limit(size + 1), execution_options=GUARDED).all()
    rows = [
        MemberRow(number, name, place, sector, one, Standing(word), problem, deadline)
        for number, name, place, sector, one, word, problem, deadline in map(tuple, found[:size])
    ]
    following = str(rows[-1].enterprise_id) if len(found) > size else None
    return Page(batch, _with_holders(work, rows), count or 0, following)


STATES: dict[str, ColumnElement[bool]] = {"open": NOT_DONE, Standing.DONE.value: DONE}


def _narrowed(work: Work, wanted: Wanted, *columns: Any) -> Select[*tuple[Any, ...]]:
    query = of_batches(*columns).where(CampaignStart.batch_id == wanted.batch)
    if wanted.state in STATES:
        query = query.where(STATES[wanted.state])
    elif wanted.state in set(Standing):
        query = query.where(standing(work.now) == wanted.state)
    if wanted.division:
        query = query.where(CampaignMember.place == wanted.division[:16])
    if wanted.sector:
        query = query.where(in_sector(wanted.sector))
    if wanted.holder:
        held = holders(of_batch(wanted.batch))
        query = query.outerjoin(held, held.c.case_id == CampaignStart.case_id)
        query = query.where(held_by(held, wanted.holder))
    return query


def of_batch(batch_id: int) -> ColumnElement[bool]:
    """Return the condition of the tasks in the cases of a batch."""
    cases = select(CampaignStart.case_id).where(CampaignStart.batch_id == batch_id)
    return WorkItem.case_id.in_(cases.where(CampaignStart.case_id.is_not(None)))


def _with_holders(work: Work, rows: Sequence[MemberRow]) -> list[MemberRow]:
    """Return the rows, each with who has the task of its case or did the last one."""
    cases = [row.case_id for row in rows if row.case_id is not None]
    if not cases:
        return list(rows)
    held = holders(WorkItem.case_id.in_(cases))
    query = select(held.c.case_id, held.c.account, held.c.organisation, held.c.role)
    found = {
        case: holder
        for case, *holder in map(tuple, work.session.execute(query, execution_options=GUARDED))
    }
    keys = {case: key_of((one, two, three)) for case, (one, two, three) in found.items()}
    names = names_of(work, [(one, two, three) for one, two, three in found.values()])
    return [
        replace(row, holder=names[keys[row.case_id]]) if row.case_id in keys else row
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Sought:
    """What the list of a campaign's members is narrowed by; "" leaves it wide."""

    campaign: int
    cover: str = ""
    """A `Cover`, or `left` for all that were not visited."""
    found: str = ""
    """`none`: inspected, and nobody found any hazard there in the campaign (检查查不出问题)."""
    division: str = ""
    sector: str = ""


@dataclass(frozen=True, slots=True)
class CoverRow:
    """A member of a campaign, and whether it was inspected."""

    enterprise_id: int
    name: str
    place: str
    sector: str
    cover: Cover
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class CoverPage:
    """A page of the members of a campaign."""

    rows: list[CoverRow]
    count: int
    following: str | None


def covers(work: Work, sought: Sought, cursor: str = "", size: int = LISTED) -> CoverPage:
    """Return a page of the members of a campaign by id, each with how far its inspection is.

    :raises NotFound: if the actor knows of no such campaign
    """
    inspected = inspected_by(work, sought.campaign)
    count = work.session.scalar(_sought(sought, inspected, func.count()), execution_options=GUARDED)
    query = _sought(
        sought,
        inspected,
        CampaignMember.enterprise_id,
        Organisation.name,
        CampaignMember.place,
        Enterprise.sector,
        inspected.c.rank,
        CampaignMember.joined_at,
    ).order_by(CampaignMember.enterprise_id)
    if (after := whole(cursor)) is not None:
        query = query.where(CampaignMember.enterprise_id > after)
    found = work.session.execute(query.limit(size + 1), execution_options=GUARDED).all()
    rows = [
        CoverRow(number, name, place, sector, RANKS.get(rank, Cover.NONE), joined_at)
        for number, name, place, sector, rank, joined_at in map(tuple, found[:size])
    ]
    return CoverPage(rows, count or 0, str(rows[-1].enterprise_id) if len(found) > size else None)


def inspected_by(work: Work, campaign_id: int) -> Subquery:
    """Return how far the inspections of a campaign are.

    :raises NotFound: if the actor knows of no such campaign
    """
    campaign = known(work, campaign_id)
    closed = select(Case.closed_at).where(Case.id == campaign_id)
    return inspections(campaign, work.session.scalar(closed, execution_options=GUARDED))


def _sought(sought: Sought, inspected: Subquery, *columns: Any) -> Select[*tuple[Any, ...]]:
    query = of_members(inspected, *columns).where(CampaignMember.campaign_id == sought.campaign)
    if sought.cover:
        query = query.where(covered(inspected, sought.cover))
    if sought.found:
        query = query.where(covered(inspected, Cover.VISITED), nothing_found(sought.campaign))
    if sought.division:
        query = query.where(CampaignMember.place == sought.division[:16])
    if sought.sector:
        query = query.where(in_sector(sought.sector))
    return query


def nothing_found(campaign_id: int) -> ColumnElement[bool]:
    """Return the condition of the members at whom a campaign has found no hazard."""
    return ~(
        select(Hazard.id)
        .join(_FOUND, _FOUND.c.id == Hazard.found_in)
        .where(Hazard.enterprise_id == CampaignMember.enterprise_id)
        .where(_FOUND.c.campaign_id == campaign_id)
        .exists()
    )
