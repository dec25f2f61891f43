"""The tree of divisions and the organisations in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select

from app.domain import Invalid, NotFound
from app.domain.access import ROLE_FAMILIES, Family, Grant, Permission, Role, Thing, covers
from app.domain.history import Stream
from app.domain.text import T, Text
from app.models.people import Division, Organisation, OrganisationKind
from app.services import Stale, Work, scope_of

NAME, SHORT = 128, 16


@dataclass(frozen=True, slots=True)
class Kind:
    code: str
    name: str
    name_en: str
    family: Family


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    id: int
    kind: Kind
    place: str
    division: str
    name: str
    short: str
    parent_id: int | None
    active: bool
    revision: int


@dataclass(frozen=True, slots=True)
class DivisionRow:
    """A division with its organisations, in a tree's depth-first order."""

    place: str
    name: str
    zone: bool
    depth: int
    organisations: Sequence[OrganisationRow]


@dataclass(frozen=True, slots=True)
class OrganisationForm:
    """What an administrator types about an organisation."""

    name: str
    short: str = ""


def kinds(work: Work) -> list[Kind]:
    """Return the kinds to choose from; enterprises have a registry of their own."""
    work.require(Permission.SEE_ORGANISATIONS, Thing())
    rows = work.session.scalars(select(OrganisationKind).order_by(OrganisationKind.code))
    return [_kind(row) for row in rows if row.family is not Family.ENTERPRISE]


def _kind(row: OrganisationKind) -> Kind:
    return Kind(row.code, row.name, row.name_en, row.family)


@dataclass(frozen=True, slots=True)
class Seat:
    """An organisation in which an administrator can give roles, and which roles it has."""

    organisation_id: int
    name: str
    roles: Sequence[Role]


def seats(work: Work) -> list[Seat]:
    """Return the organisations of the administrator's area with the roles each kind can have."""
    work.require_somewhere(Permission.MANAGE_ACCOUNTS)
    return [
        Seat(
            row.id,
            row.name,
            [role for role, families in ROLE_FAMILIES.items() if row.kind.family in families],
        )
        for row in _rows(work, select(Organisation).where(Organisation.active))
    ]


def tree(work: Work) -> list[DivisionRow]:
    """Return the divisions in the administrator's area, each with its organisations."""
    work.require_somewhere(Permission.MANAGE_ORGANISATIONS)
    organisations: dict[str, list[OrganisationRow]] = {}
    for row in _rows(work, select(Organisation)):
        organisations.setdefault(row.place, []).append(row)
    managed = scope_of(work.actor).managed
    divisions = work.session.scalars(select(Division).order_by(Division.place))
    shown = [d for d in divisions if any(covers(place, d.place) for place in managed)]
    depth: dict[str, int] = {}
    result = []
    for division in shown:
        depth[division.place] = depth.get(division.parent or "-", -1) + 1
        result.append(
            DivisionRow(
                division.place,
                division.name,
                division.zone,
                depth[division.place],
                organisations.get(division.place, []),
            )
        )
    return result


def _rows(work: Work, organisations: Select[Organisation]) -> list[OrganisationRow]:
    found = work.session.execute(
        organisations.add_columns(Division.name, OrganisationKind)
        .join(Division, Division.place == Organisation.place)
        .join(OrganisationKind, OrganisationKind.code == Organisation.kind)
        .where(OrganisationKind.family != Family.ENTERPRISE)
        .order_by(Organisation.place, OrganisationKind.family, Organisation.id)
    )
    return [
        OrganisationRow(
            o.id, _kind(kind), o.place, division, o.name, o.short, o.parent_id, o.active, o.revision
        )
        for o, division, kind in found
    ]


def named(work: Work, ids: Sequence[int]) -> dict[int, str]:
    """Return the names of organisations: a name is no secret, and stands wherever its acts do."""
    work.require(Permission.SEE_ORGANISATIONS, Thing())
    rows = work.session.execute(
        select(Organisation.id, Organisation.name)
        .where(Organisation.id.in_(set(ids)))
        .execution_options(unscoped="names stand wherever acts are shown")
    )
    return {organisation_id: name for organisation_id, name in rows}  # noqa: C416


def get(work: Work, organisation_id: int) -> OrganisationRow:
    """Return one organisation of the administrator's area.

    :raises NotFound: if there is none such there
    """
    _managed(work, organisation_id)
    (row,) = _rows(work, select(Organisation).where(Organisation.id == organisation_id))
    return row


def _managed(work: Work, organisation_id: int) -> Organisation:
    organisation = work.session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound(T("没有找到该单位"))
    work.require(Permission.MANAGE_ORGANISATIONS, Thing(place=organisation.place))
    return organisation


def create(work: Work, place: str, kind: str, form: OrganisationForm) -> int:
    """Add an organisation to a division.

    :raises NotFound: if the division lies outside the administrator's area
    :raises Invalid: if a field is missing or the name is taken there
    """
    if work.session.get(Division, place) is None:
        raise NotFound(T("没有找到该行政区划"))
    grant = _in_area(work, place)
    found = work.session.get(OrganisationKind, kind)
    errors = _problems(form)
    if found is None or found.family is Family.ENTERPRISE:
        errors["/kind"] = T("请选择单位类别")
    elif _taken(work, place, kind, form.name):
        errors["/name"] = T("该区划已有同名单位")
    if errors:
        raise Invalid(errors)
    organisation = Organisation(
        kind=kind, place=place, name=form.name.strip(), short=form.short.strip()
    )
    work.session.add(organisation)
    work.session.flush()
    work.record(Stream.ORGANISATION, organisation.id, "organisation.create", grant, kind=kind)
    return organisation.id


def _in_area(work: Work, place: str) -> Grant:
    """Return the administrator's grant for a place; elsewhere nothing is known to exist."""
    work.require_somewhere(Permission.MANAGE_ORGANISATIONS)
    if not any(covers(managed, place) for managed in scope_of(work.actor).managed):
        raise NotFound(T("没有找到该行政区划"))
    return work.require(Permission.MANAGE_ORGANISATIONS, Thing(place=place))


def _problems(form: OrganisationForm) -> dict[str, Text]:
    errors: dict[str, Text] = {}
    if not form.name.strip():
        errors["/name"] = T("请填写单位名称")
    elif len(form.name.strip()) > NAME:
        errors["/name"] = T("不能超过 {n} 个字", n=NAME)
    if len(form.short.strip()) > SHORT:
        errors["/short"] = T("不能超过 {n} 个字", n=SHORT)
    return errors


def _taken(work: Work, place: str, kind: str, name: str) -> bool:
    same = select(Organisation.id).filter_by(place=place, kind=kind, name=name.strip())
    return work.session.scalar(same) is not None


def update(work: Work, organisation_id: int, revision: int, form: OrganisationForm) -> None:
    """Rename an organisation or change the character in its document numbers.

    :raises Conflict: if somebody changed it since `revision`
    """
    organisation = _managed(work, organisation_id)
    grant = work.require(Permission.MANAGE_ORGANISATIONS, Thing(place=organisation.place))
    errors = _problems(form)
    if organisation.name != form.name.strip() and _taken(
        work, organisation.place, organisation.kind, form.name
    ):
        errors["/name"] = T("该区划已有同名单位")
    if errors:
        raise Invalid(errors)
    if organisation.revision != revision:
        raise Stale
    before = {"name": organisation.name, "short": organisation.short}
    organisation.name, organisation.short = form.name.strip(), form.short.strip()
    work.record(Stream.ORGANISATION, organisation.id, "organisation.update", grant, before=before)


def set_active(work: Work, organisation_id: int, *, active: bool, reason: str) -> None:
    """Close an organisation: its people keep their accounts, its roles no longer count."""
    organisation = _managed(work, organisation_id)
    grant = work.require(Permission.MANAGE_ORGANISATIONS, Thing(place=organisation.place))
    if not reason.strip():
        raise Invalid({"/reason": T("请填写原因")})
    if organisation.active != active:
        organisation.active = active
        action = "organisation.open" if active else "organisation.close"
        work.record(Stream.ORGANISATION, organisation.id, action, grant, reason=reason.strip())


def create_zone(work: Work, parent: str, name: str) -> str:
    """Add a development zone (开发区) to a division and return its place.

    :raises NotFound: if the division lies outside the administrator's area
    :raises Invalid: if the name is missing or taken there
    """
    if work.session.get(Division, parent) is None:
        raise NotFound(T("没有找到该行政区划"))
    grant = _in_area(work, parent)
    name = name.strip()
    siblings = work.session.scalars(select(Division).where(Division.parent == parent)).all()
    if not name:
        raise Invalid({"/name": T("请填写开发区名称")})
    if len(name) > 64:  # noqa: PLR2004  (the column's length)
        raise Invalid({"/name": T("不能超过 {n} 个字", n=64)})
    if any(sibling.name == name for sibling in siblings):
        raise Invalid({"/name": T("该区划已有同名开发区")})
    zones = sum(sibling.zone for sibling in siblings)
    place = f"{parent}K{zones + 1:02d}"
    work.session.add(Division(place=place, name=name, zone=True, parent=parent))
    work.session.flush()
    work.record(Stream.INSTALLATION, 1, "zone.create", grant, place=place, name=name)
    return place
