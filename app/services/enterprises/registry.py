"""The list of enterprises: searched, narrowed, sorted, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, or_, select, tuple_

from app.domain.access import Permission
from app.domain.entered import whole
from app.domain.enterprises import Card, Life, Production
from app.models import within
from app.models.enterprises import Enterprise
from app.models.people import Division, Organisation
from app.services import Work

PAGE = 20
LONGEST_QUERY = 64
SORTS = ("name", "place", "sector", "card", "life", "updated")
FLAGS = ("key", "worrisome", "idle", "catalogued", "blacklisted", "codeless")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed by; "" leaves it wide."""

    q: str = ""
    division: str = ""
    sector: str = ""
    tag: str = ""
    card: str = ""
    status: str = ""
    production: str = ""
    flag: str = ""
    sort: str = "name"
    down: bool = False


@dataclass(frozen=True, slots=True)
class EnterpriseRow:
    """One line of the list."""

    id: int
    name: str
    credit_code: str | None
    address: str
    place: str
    division: str
    sector: str
    tags: list[str]
    production: Production
    key: bool
    worrisome: bool
    idle: bool
    blacklisted: bool
    card: Card
    life: Life
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list, how many there are in all, and the cursor of the next page."""

    rows: list[EnterpriseRow]
    count: int
    following: str | None


# The name stands in the organisation, which not everybody sees who meets the enterprise in a case.
NAMED = Organisation.__table__.alias("named")
COLUMNS = (
    Enterprise.id,
    NAMED.c.name,
    Enterprise.credit_code,
    Enterprise.address,
    Enterprise.place,
    Division.name.label("division"),
    Enterprise.sector,
    Enterprise.tags,
    Enterprise.production,
    Enterprise.key,
    Enterprise.worrisome,
    Enterprise.idle,
    Enterprise.blacklisted,
    Enterprise.card,
    Enterprise.life,
    Enterprise.updated_at,
)
ORDER: Mapping[str, Any] = {
    "name": NAMED.c.name,
    "place": Enterprise.place,
    "sector": Enterprise.sector,
    "card": case({card: rank for rank, card in enumerate(Card)}, value=Enterprise.card),
    "life": case({life: rank for rank, life in enumerate(Life)}, value=Enterprise.life),
    "updated": Enterprise.updated_at,
}


def find(
    work: Work,
    wanted: Wanted,
    cursor: str = "",
    size: int = PAGE,
    among: Sequence[ColumnElement[bool]] = (),
) -> Listed:
    """Return a page of the enterprises that the actor may know of, `among` those that are meant."""
    work.require_somewhere(Permission.SEE_ENTERPRISES)
    rows = narrowed(select(*COLUMNS), wanted).where(*among)
    count = work.session.scalar(narrowed(select(func.count()), wanted).where(*among))
    column = ORDER[wanted.sort if wanted.sort in ORDER else "name"]
    if (anchor := _anchor(work, column, cursor)) is not None:
        here = tuple_(column, Enterprise.id)
        last = tuple_(*anchor)
        rows = rows.where(here < last if wanted.down else here > last)
    order = (column.desc(), Enterprise.id.desc()) if wanted.down else (column, Enterprise.id)
    found = work.session.execute(rows.order_by(*order).limit(size + 1)).all()
    listed = [as_row(row) for row in found[:size]]
    return Listed(listed, count or 0, str(listed[-1].id) if len(found) > size else None)


def _anchor(work: Work, column: Any, cursor: str) -> tuple[Any, int] | None:
    """Return where the page before ended: the cursor is the id of its last row."""
    last = whole(cursor)
    if last is None:
        return None
    value = work.session.execute(_joined(select(column)).where(Enterprise.id == last)).one_or_none()
    return None if value is None else (value[0], last)


def as_row(row: Row[*tuple[Any, ...]]) -> EnterpriseRow:
    return EnterpriseRow(*row)


def _joined(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.select_from(Enterprise)
        .join(NAMED, NAMED.c.id == Enterprise.id)
        .join(Division, Division.place == Enterprise.place)
    )


def narrowed(query: Select[*tuple[Any, ...]], wanted: Wanted) -> Select[*tuple[Any, ...]]:
    """Return a query on the enterprises that `wanted` asks for."""
    query = _joined(query)
    if q := wanted.q.strip()[:LONGEST_QUERY]:
        query = query.where(
            or_(
                func.lower(NAMED.c.name).contains(q.lower(), autoescape=True),
                func.lower(Enterprise.address).contains(q.lower(), autoescape=True),
                Enterprise.credit_code.contains(q.upper(), autoescape=True),
            )
        )
    if wanted.division:
        query = query.where(within(Enterprise.place, (wanted.division[:16],)))
    if wanted.tag:
        query = query.where(Enterprise.tags.contains(f" {wanted.tag[:32]} ", autoescape=True))
    if wanted.sector:
        query = query.where(Enterprise.sector == wanted.sector[:32])
    for column, kind, value in (
        (Enterprise.card, Card, wanted.card),
        (Enterprise.life, Life, wanted.status),
        (Enterprise.production, Production, wanted.production),
    ):
        if value and value in set(kind):
            query = query.where(column == value)
    if wanted.flag == "codeless":
        query = query.where(Enterprise.credit_code.is_(None))
    elif wanted.flag in FLAGS:
        query = query.where(getattr(Enterprise, wanted.flag))
    return query
