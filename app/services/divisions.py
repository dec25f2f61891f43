"""The tree of administrative divisions (行政区划) and development zones (开发区)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.domain import Invalid, NotFound
from app.domain.access import Family, Grant, Permission, Thing, covers, places, stem
from app.domain.history import Stream
from app.domain.text import T, Text
from app.models.people import Division, Organisation, OrganisationKind
from app.services import Work

NAME, CODE = 64, 6
# Two digits: with a hundredth, the place of zone 10 would begin that of zone 100.
MOST_ZONES = 99


@dataclass(frozen=True, slots=True)
class DivisionRow:
    """A division in a list; `organisations` counts those in it and below it."""

    place: str
    name: str
    zone: bool
    organisations: int = 0


@dataclass(frozen=True, slots=True)
class DivisionPage:
    """One division: the way to it within the administrator's area, and what lies directly below."""

    here: DivisionRow | None
    above: Sequence[DivisionRow]
    below: Sequence[DivisionRow]


def areas(work: Work) -> tuple[str, ...]:
    """Return the widest places that the actor administers."""
    work.require_somewhere(Permission.MANAGE_ORGANISATIONS)
    return places(work.actor, Permission.MANAGE_ORGANISATIONS)


def get(work: Work, place: str | None) -> DivisionPage:
    """Return a division of the administrator's area, by default its top.

    Whoever administers several separate areas finds them below a top that is no division itself.

    :raises NotFound: if it lies outside the area
    """
    tops = areas(work)
    if place is None:
        if len(tops) > 1:
            rows = work.session.scalars(select(Division).where(Division.place.in_(tops)))
            return DivisionPage(None, [], _counted(work, rows.all()))
        (place,) = tops
    managed(work, place)
    way = work.session.scalars(
        select(Division)
        .where(Division.place.in_([place[:end] for end in range(len(place) + 1)]))
        .order_by(Division.place)
    ).all()
    rows = work.session.scalars(select(Division).where(Division.parent == place))
    *above, here = [_row(d) for d in way if any(covers(top, d.place) for top in tops)]
    return DivisionPage(here, above, _counted(work, rows.all()))


def _row(division: Division, organisations: int = 0) -> DivisionRow:
    return DivisionRow(division.place, division.name, division.zone, organisations)


def _counted(work: Work, divisions: Sequence[Division]) -> list[DivisionRow]:
    counts = work.session.execute(
        select(Organisation.place, func.count())
        .join(OrganisationKind, OrganisationKind.code == Organisation.kind)
        .where(OrganisationKind.family != Family.ENTERPRISE)
        .group_by(Organisation.place)
    ).all()
    rows = [
        _row(division, sum(n for place, n in counts if covers(division.place, place)))
        for division in divisions
    ]
    return sorted(rows, key=lambda row: (row.zone, row.place))


def managed(work: Work, place: str) -> Grant:
    """Return the administrator's grant for a division; elsewhere nothing is known to exist.

    :raises NotFound: if there is none such in their area
    """
    work.require_somewhere(Permission.MANAGE_ORGANISATIONS)
    if not any(covers(area, place) for area in areas(work)) or not work.session.get(
        Division, place
    ):
        raise NotFound(T("没有找到该行政区划"))
    return work.require(Permission.MANAGE_ORGANISATIONS, Thing(place=place))


def topmost(work: Work) -> Thing:
    """Return what belongs to everybody, as permissions see it: the place of the topmost bureau."""
    places = select(Organisation.place).where(Organisation.kind == "emergency_bureau")
    found = work.session.scalars(
        places.execution_options(unscoped="which bureau is the topmost is no secret")
    )
    return Thing(place=min(found, key=lambda place: (len(place), place), default=""))


def create(work: Work, parent: str, name: str, code: str) -> str:
    """Add a division below another by its GB/T 2260 code and return its place.

    :raises NotFound: if the one above lies outside the administrator's area
    :raises Invalid: if the code does not belong there, or is taken
    """
    grant = managed(work, parent)
    errors, name, code = _name_problems(work, parent, name), name.strip(), code.strip()
    place = stem(code) if len(code) == CODE and code.isascii() and code.isdigit() else ""
    if not place or place[:-2] != parent:
        errors["/code"] = T("请填写直属于此区划的六位行政区划代码")
    elif work.session.get(Division, place) is not None:
        errors["/code"] = T("此代码的区划已经存在")
    if errors:
        raise Invalid(errors)
    return _add(work, Division(place=place, name=name, zone=False, parent=parent), grant)


def create_zone(work: Work, parent: str, name: str) -> str:
    """Add a development zone (开发区) to a division and return its place.

    :raises NotFound: if the division lies outside the administrator's area
    :raises Invalid: if the name is missing or taken there, or there is no room for a zone
    """
    grant = managed(work, parent)
    if work.session.get_one(Division, parent).zone or not parent:
        raise Invalid({"/name": T("此处不能设开发区")})
    if errors := _name_problems(work, parent, name):
        raise Invalid(errors)
    zones = work.session.scalar(
        select(func.count()).where(Division.parent == parent, Division.zone)
    )
    number = (zones or 0) + 1
    if number > MOST_ZONES:
        raise Invalid({"/name": T("一个区划最多设 {n} 个开发区", n=MOST_ZONES)})
    place = f"{parent}K{number:02d}"
    return _add(work, Division(place=place, name=name.strip(), zone=True, parent=parent), grant)


def _add(work: Work, division: Division, grant: Grant) -> str:
    work.session.add(division)
    work.session.flush()
    kind = "zone.create" if division.zone else "division.create"
    work.record(Stream.INSTALLATION, 1, kind, grant, place=division.place, name=division.name)
    return division.place


def _name_problems(work: Work, parent: str, name: str) -> dict[str, Text]:
    name = name.strip()
    if not name:
        return {"/name": T("请填写名称")}
    if len(name) > NAME:
        return {"/name": T("不能超过 {n} 个字", n=NAME)}
    taken = select(Division.place).where(Division.parent == parent, Division.name == name)
    if work.session.scalar(taken) is not None:
        return {"/name": T("该区划下已有同名区划或开发区")}
    return {}
