"""Who is in a campaign: the lists behind its figures."""

from collections.abc import Iterator, Sequence
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
from app.models.people import Organisation
from app.services import Work
from app.services.campaigns.reading import BatchView, get_batch, known
from app.services.campaigns.standings import (
    GUARDED,
    NOT_DONE,
    RANKS,
    covered,
    holders,
    in_sector,
    inspections,
    named,
    nothing_found,
    of_batches,
    of_members,
    ranked,
    standing,
)
from app.services.covering import counting
from app.services.holders import Holder, held_by, key_of, names_of
from app.services.parts import parts

LISTED = 50


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


def _narrowed(work: Work, wanted: Wanted, *columns: Any) -> Select[*tuple[Any, ...]]:
    query = of_batches(*columns).where(CampaignStart.batch_id == wanted.batch)
    query = query.where(*_among(wanted))
    if wanted.state == "open":
        query = query.where(NOT_DONE)
    elif wanted.state in set(Standing):
        query = query.where(standing(work.now) == wanted.state)
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
    found: dict[int, Holder] = {}
    for some in parts(row.case_id for row in rows if row.case_id is not None):
        held = holders(WorkItem.case_id.in_(some))
        query = select(held.c.case_id, held.c.account, held.c.organisation, held.c.role)
        for case, *holder in map(tuple, work.session.execute(query, execution_options=GUARDED)):
            account, organisation, role = holder
            found[case] = (account, organisation, role)
    names = names_of(work, list(found.values()))
    return [
        replace(row, holder=names[key_of(found[row.case_id])]) if row.case_id in found else row
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
    known(work, sought.campaign)
    counted = counting(work, sought.campaign)
    inspected = inspections(counted)
    which = tuple(_sought(sought, counted, inspected))
    many = of_members(inspected, func.count()).where(*which)
    columns = (
        *(CampaignMember.enterprise_id, Organisation.name, CampaignMember.place, Enterprise.sector),
        *(ranked(inspected), CampaignMember.joined_at),
    )
    query = of_members(inspected, *columns).where(*which).order_by(CampaignMember.enterprise_id)
    if (after := whole(cursor)) is not None:
        query = query.where(CampaignMember.enterprise_id > after)
    found = work.session.execute(query.limit(size + 1), execution_options=GUARDED).all()
    rows = [
        CoverRow(number, name, place, sector, RANKS.get(rank, Cover.NONE), joined_at)
        for number, name, place, sector, rank, joined_at in map(tuple, found[:size])
    ]
    count = work.session.scalar(many, execution_options=GUARDED) or 0
    return CoverPage(rows, count, str(rows[-1].enterprise_id) if len(found) > size else None)


def _among(wanted: Wanted | Sought) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions of the members of a division and a sector."""
    if wanted.division:
        yield CampaignMember.place == wanted.division[:16]
    if wanted.sector:
        yield in_sector(wanted.sector)


def _sought(
    sought: Sought, counted: ColumnElement[bool], inspected: Subquery
) -> Iterator[ColumnElement[bool]]:
    yield CampaignMember.campaign_id == sought.campaign
    yield from _among(sought)
    if sought.cover:
        yield covered(inspected, sought.cover)
    if sought.found:
        yield covered(inspected, Cover.VISITED)
        yield nothing_found(sought.campaign, counted)
