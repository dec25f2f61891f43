"""Who would be in a campaign, by name, before it starts: what its tasks only count."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from app.domain import NotFound
from app.domain.access import Permission
from app.domain.text import T
from app.models.casework import Case
from app.services import Work
from app.services.enlisting import opening, scope
from app.services.enterprises import registry
from app.services.enterprises.registry import Listed
from app.services.procedures import Running

LISTED = 50


@dataclass(frozen=True, slots=True)
class Sought:
    """What the list is narrowed by; "" leaves it wide."""

    campaign: int
    part: str = "total"
    """A part of `scope.parts`: taken in, key ones of them, or left out."""
    division: str = ""
    sector: str = ""
    q: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """A page of those a campaign would take in."""

    listed: Listed
    counts: Mapping[str, int]
    """How many are in each part."""


def offered(work: Work, case_id: int, running: Running) -> bool:
    """Test whether a case is a campaign whose scope is fixed and that has not started."""
    if opening.SCOPE not in running.definition.nodes:
        return False
    return opening.planned(work, case_id) is not None


def find(work: Work, sought: Sought, cursor: str = "", size: int = 0) -> Preview:
    """Return a page of those whom a campaign takes in as the registry is now, by name.

    :raises NotFound: if the actor knows of no such campaign, or it has started
    """
    work.require_somewhere(Permission.SEE_CAMPAIGN)
    place = work.session.scalar(select(Case.place).where(Case.id == sought.campaign))
    chosen = opening.planned(work, sought.campaign) if place is not None else None
    if place is None or chosen is None:
        raise NotFound(T("没有找到该专项行动"))
    parts = scope.parts(place, chosen)
    wanted = registry.Wanted(q=sought.q, division=sought.division, sector=sought.sector)
    here = parts.get(sought.part, parts["total"])
    return Preview(
        registry.find(work, wanted, cursor, size or LISTED, (here,)),
        {part: scope.count(work, condition) for part, condition in parts.items()},
    )
