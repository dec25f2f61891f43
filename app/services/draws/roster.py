"""Who is drawn from: the enterprises below a city that a county supervises, and why some are sure.

Here and nowhere else it is said where the roster comes from.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select

from app.domain.draws.roster import Entry, plain
from app.domain.enterprises import Life, Supervision
from app.domain.history import Stream
from app.domain.text import T, Text
from app.models import within
from app.models.draws import Draw, DrawEntry, DrawOwn
from app.models.enterprises import Enterprise
from app.models.people import Organisation
from app.models.records import HistoryEntry
from app.services import Work
from app.services.parts import parts

ROSTER = {"unscoped": "every enterprise that the counties of the city supervise"}
OWN = {2: Supervision.PROVINCE, 4: Supervision.CITY}
"""Whom an office supervises itself, by the digits of its place."""
GONE = (Life.CLOSED, Life.BANNED)
COUNTY, CITY = 6, 4
"""Digits of a county's place, and the most of an office that has counties below it."""
ZONE = "K"
SHOWN = 3
WHY = {"key": "企业台账列为重点监管对象", "worrisome": "企业台账列为不放心企业"}
MOST_REASON = 400


@dataclass(frozen=True, slots=True)
class Selection:
    """Which enterprises a draw is about; no sector and no theme leave none out."""

    place: str
    sectors: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    supplements: int | None = None
    """Only what came after the roster of this draw, and after those that supplement it."""


@dataclass(frozen=True, slots=True)
class Found:
    """The roster by enterprise, or why there is none."""

    entries: Mapping[int, Entry]
    problem: Text | None = None


def roster(work: Work, wanted: Selection) -> Found:
    """Return the roster as the registry has it now: a step of freezing it."""
    if len(wanted.place) > CITY:
        return Found({}, T("只有市级以上应急管理部门可以抽查县级监管的企业"))
    rows = _rows(work, wanted)
    if lost := [row.name for row in rows if county_of(row.place) is None]:
        names = "、".join(lost[:SHOWN])
        return Found(
            {},
            T(
                "{n} 家县直管企业没有登记到县（{names}），请先补正企业台账",
                n=len(lost),
                names=names,
            ),
        )
    if not rows:
        late = wanted.supplements is not None
        return Found({}, T("没有新增企业，无需补抽") if late else T("所选范围内没有县直管企业"))
    why = reasons(work, [row.id for row in rows if row.key or row.worrisome])
    return Found(
        {
            row.id: Entry(
                county_of(row.place) or "",
                row.credit_code or f"E{row.id}",
                plain(row.name),
                row.key,
                row.worrisome,
                "；".join(why.get((row.id, mark), WHY[mark]) for mark in WHY if getattr(row, mark)),
            )
            for row in rows
        }
    )


def own(work: Work, wanted: Selection) -> list[int]:
    """Return whom the office itself supervises and so inspects in full, outside the draw (R1)."""
    level = OWN.get(len(wanted.place))
    if level is None:
        return []
    query = _narrowed(
        select(Enterprise.id)
        .join(Organisation, Organisation.id == Enterprise.id)
        .where(Enterprise.supervision == level)
        .order_by(Enterprise.id),
        wanted,
    )
    if wanted.supplements is not None:
        of_series = or_(Draw.id == wanted.supplements, Draw.supplements_id == wanted.supplements)
        had = select(DrawOwn.enterprise_id).join(Draw, Draw.id == DrawOwn.draw_id)
        query = query.where(Enterprise.id.not_in(had.where(of_series, Draw.cancelled_at.is_(None))))
    return list(work.session.scalars(query, execution_options=ROSTER))


def county_of(place: str) -> str | None:
    """Return the county that a place lies in, or the zone that stands beside counties."""
    digits = place.partition(ZONE)[0]
    if len(digits) >= COUNTY:
        return digits[:COUNTY]
    return place if ZONE in place else None


def _rows(work: Work, wanted: Selection) -> Sequence[Any]:
    query = (
        select(
            Enterprise.id,
            Enterprise.place,
            Enterprise.credit_code,
            Organisation.name,
            Enterprise.key,
            Enterprise.worrisome,
        )
        .join(Organisation, Organisation.id == Enterprise.id)
        .where(Enterprise.supervision == Supervision.COUNTY)
        .order_by(Enterprise.id)
    )
    query = _narrowed(query, wanted)
    if wanted.supplements is not None:
        query = query.where(Enterprise.id.not_in(_had(wanted.supplements)))
    return work.session.execute(query, execution_options=ROSTER).all()


def _narrowed(query: Select[*tuple[Any, ...]], wanted: Selection) -> Select[*tuple[Any, ...]]:
    """Narrow a query of enterprises to those that a draw is about."""
    query = query.where(
        within(Enterprise.place, (wanted.place,)),
        Organisation.active,
        Enterprise.life.not_in(GONE),
    )
    if wanted.sectors:
        query = query.where(Enterprise.sector.in_(wanted.sectors))
    if wanted.themes:
        # A tag stands between blanks, and is one of the registry's words.
        tagged = [
            Enterprise.tags.contains(f" {theme} ", autoescape=True) for theme in wanted.themes
        ]
        query = query.where(or_(*tagged))
    return query


def _had(draw_id: int) -> Any:
    """Return whom a draw and those that supplement it had on their rosters."""
    of_series = or_(Draw.id == draw_id, Draw.supplements_id == draw_id)
    return (
        select(DrawEntry.enterprise_id)
        .join(Draw, Draw.id == DrawEntry.draw_id)
        .where(of_series, Draw.cancelled_at.is_(None))
    )


def reasons(work: Work, enterprises: Collection[int]) -> dict[tuple[int, str], str]:
    """Return why enterprises are key or worrisome, as was said when it was last written down."""
    query = (
        select(HistoryEntry.subject, HistoryEntry.body)
        .where(HistoryEntry.stream == Stream.ENTERPRISE)
        .where(or_(*(HistoryEntry.body.contains(f'"{mark}"') for mark in WHY)))
        .order_by(HistoryEntry.subject, HistoryEntry.seq)
    )
    rows = (
        row
        for some in parts(enterprises)
        for row in work.session.execute(query.where(HistoryEntry.subject.in_(some)))
    )
    found = {}
    for enterprise, body in rows:
        detail = json.loads(body).get("detail", {})
        for mark, words in WHY.items():
            said = plain(detail.get("reason") or "")[:MOST_REASON]
            if said and (mark in detail.get("fields", ()) or detail.get(mark) is True):
                found[enterprise, mark] = f"{words}：{said}"
    return found
