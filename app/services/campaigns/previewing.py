"""Who would be in a campaign, by name, before it starts: what its tasks only count."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from app.domain import NotFound
from app.domain.access import Permission
from app.domain.text import T
from app.models.casework import Case
from app.models.people import Organisation
from app.services import Work
from app.services.enlisting import opening, scope
from app.services.enterprises import registry
from app.services.enterprises.registry import Listed
from app.services.procedures import Running

LISTED = 50
_SUBJECT = Organisation.__table__.alias("subject")
"""Whoever sees a campaign reads whose it is, as on the page of its case."""


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
    """A page of those a campaign would take in, and what the list says beside them."""

    listed: Listed
    counts: Mapping[str, int]
    """How many are in each part."""
    place: str
    subject: str
    """The office whose campaign it is, by its name."""


@dataclass(frozen=True, slots=True)
class _Planned:
    """A campaign that has not started: whose it is, where, and the condition of each part."""

    place: str
    subject: str
    parts: Mapping[str, ColumnElement[bool]]


def offered(work: Work, case_id: int, running: Running) -> bool:
    """Test whether a case is a campaign whose scope is fixed and that has not started."""
    if opening.SCOPE not in running.definition.nodes:
        return False
    return opening.planned(work, case_id) is not None


def find(work: Work, sought: Sought, cursor: str = "", size: int = 0) -> Listed:
    """Return a page of those whom a campaign takes in as the registry is now, by name.

    :raises NotFound: if the actor knows of no such campaign, or it has started
    """
    return _listed(work, _planned(work, sought), sought, cursor, size)


def preview(work: Work, sought: Sought, cursor: str = "") -> Preview:
    """Return the same with how many are in each part, and whose campaign it is.

    :raises NotFound: if the actor knows of no such campaign, or it has started
    """
    planned = _planned(work, sought)
    return Preview(
        _listed(work, planned, sought, cursor, 0),
        {part: scope.count(work, condition) for part, condition in planned.parts.items()},
        planned.place,
        planned.subject,
    )


def _planned(work: Work, sought: Sought) -> _Planned:
    work.require_somewhere(Permission.SEE_CAMPAIGN)
    row = work.session.execute(
        select(Case.place, _SUBJECT.c.name)
        .join(_SUBJECT, _SUBJECT.c.id == Case.subject_id)
        .where(Case.id == sought.campaign)
    ).one_or_none()
    chosen = opening.planned(work, sought.campaign) if row is not None else None
    if row is None or chosen is None:
        raise NotFound(T("没有找到该专项行动"))
    place, subject = row
    return _Planned(place, subject, scope.parts(place, chosen))


def _listed(work: Work, planned: _Planned, sought: Sought, cursor: str, size: int) -> Listed:
    wanted = registry.Wanted(q=sought.q, division=sought.division, sector=sought.sector)
    here = planned.parts.get(sought.part, planned.parts["total"])
    return registry.find(work, wanted, cursor, size or LISTED, (here,))
