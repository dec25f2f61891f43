"""Whom a campaign takes in: chosen by division, sector and theme, from the registry as it is."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, or_, select

from app.domain.campaigns import GONE
from app.domain.enterprises import Supervision, TermKind
from app.models import within
from app.models.enterprises import Enterprise, Term
from app.models.people import Division, Organisation
from app.services import Work

LEVELS = {2: Supervision.PROVINCE, 4: Supervision.CITY, 6: Supervision.COUNTY}
SEEN = {"unscoped": "the office of a campaign counts the enterprises of its own area"}


def own(place: str) -> ColumnElement[bool]:
    """Return the condition of the enterprises that an office of `place` supervises directly (R3).

    A zone's belong to the county that it lies in.
    """
    level = LEVELS.get(len(place.partition("K")[0]), Supervision.COUNTY)
    return and_(
        within(Enterprise.place, (place,)),
        Enterprise.supervision == level,
        there(),
    )


def there() -> ColumnElement[bool]:
    """Return the condition of the enterprises that are neither closed, banned nor struck off."""
    active = select(Organisation.id).where(Organisation.active)
    return and_(Enterprise.life.not_in(GONE), Enterprise.id.in_(active))


def wanted(place: str, sought: Mapping[str, Any]) -> ColumnElement[bool]:
    """Return the condition of the enterprises a campaign of `place` takes in.

    In one of the divisions, and of one of the sectors or with one of the themes.
    """
    themes = [Enterprise.tags.contains(f" {tag} ") for tag in sought["tags"]]
    return and_(
        own(place),
        Enterprise.place.in_(sought["divisions"]),
        or_(Enterprise.sector.in_(sought["sectors"]), *themes),
    )


def divisions(work: Work, place: str) -> list[dict[str, Any]]:
    """Return a row for each division and zone of an area with how many enterprises it has."""
    counts = _counts(work, place, Enterprise.place)
    names = work.session.execute(
        select(Division.place, Division.name).where(within(Division.place, (place,)))
    )
    return [_row(code, name, counts[code]) for code, name in sorted(names.all()) if counts[code]]


def sectors(work: Work, place: str) -> list[dict[str, Any]]:
    """Return a row for each sector with how many enterprises of an area are in it."""
    counts = _counts(work, place, Enterprise.sector)
    rows = [
        _row(code, name, counts[code], english)
        for code, name, english in _terms(work, TermKind.SECTOR)
    ]
    if counts[""]:
        rows.append(_row(UNKNOWN, "（未填行业）", counts[""], "(sector not known)"))
    return [row for row in rows if row["count"]]


def tags(work: Work, place: str) -> list[dict[str, Any]]:
    """Return a row for each theme with how many enterprises of an area bear it."""
    counts: Counter[str] = Counter()
    for told in work.session.scalars(
        select(Enterprise.tags).where(own(place)), execution_options=SEEN
    ):
        counts.update(told)
    found = [
        _row(code, name, counts[code], english)
        for code, name, english in _terms(work, TermKind.TAG)
    ]
    return [{**row, "included": False} for row in found if row["count"]]


UNKNOWN = "-"
"""Stands for "no sector": a row needs a key."""


def _counts(work: Work, place: str, column: Any) -> Counter[str]:
    rows = work.session.execute(
        select(column, func.count()).where(own(place)).group_by(column), execution_options=SEEN
    )
    return Counter({row[0]: row[1] for row in rows})


def _terms(work: Work, kind: TermKind) -> list[tuple[str, str, str]]:
    columns = (Term.code, Term.name, Term.name_en)
    rows = work.session.execute(
        select(*columns).filter_by(kind=kind).order_by(Term.position, Term.code)
    )
    return [(code, name, english) for code, name, english in rows]


def _row(code: str, name: str, count: int, english: str = "") -> dict[str, Any]:
    return {"code": code, "name": name, "name_en": english, "count": count, "included": True}


def sought(answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what the rows of the task that fixes the scope have ticked."""
    return {
        "divisions": _ticked(answers.get("divisions", ())),
        "sectors": [
            "" if code == UNKNOWN else code for code in _ticked(answers.get("sectors", ()))
        ],
        "tags": _ticked(answers.get("tags", ())),
    }


def _ticked(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    return [row["code"] for row in rows if row.get("included")]


def summary(work: Work, place: str, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return how many enterprises of an area a campaign takes in, in words for its papers."""
    others = count(work, and_(within(Enterprise.place, (place,)), Enterprise.life.not_in(GONE)))
    return {
        **{part: count(work, condition) for part, condition in parts(place, chosen).items()},
        "elsewhere": others - count(work, own(place)),
    }


def parts(place: str, chosen: Mapping[str, Any]) -> dict[str, ColumnElement[bool]]:
    """Return the conditions of those a campaign takes in, the key ones of them, and the others."""
    within_scope = wanted(place, chosen)
    return {
        "total": within_scope,
        "key": and_(within_scope, or_(Enterprise.key, Enterprise.worrisome)),
        "left": and_(own(place), not_(within_scope)),
    }


def count(work: Work, condition: ColumnElement[bool]) -> int:
    """Return how many enterprises a condition finds."""
    number = work.session.scalar(
        select(func.count()).select_from(Enterprise).where(condition), execution_options=SEEN
    )
    return number or 0
