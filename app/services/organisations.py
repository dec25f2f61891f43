"""The organisations of a division."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select

from app.domain import Invalid, NotFound, entered
from app.domain.access import Family, Permission, Role, Thing
from app.domain.history import Stream
from app.domain.text import T, Text
from app.models import within
from app.models.people import Division, Organisation, OrganisationKind
from app.services import Stale, Work, divisions
from app.services import history as histories
from app.services.accounts import LONGEST_QUERY, contains
from app.services.history import Lines

NAME, SHORT, PAGE = 128, 16, 50


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


def of(work: Work, place: str) -> list[OrganisationRow]:
    """Return the organisations of one division of the administrator's area."""
    divisions.managed(work, place)
    here = select(Organisation).where(
        Organisation.place == place, OrganisationKind.family != Family.ENTERPRISE
    )
    return _rows(work, here)


def find(work: Work, q: str) -> list[OrganisationRow]:
    """Return organisations of the administrator's area by a part of the name, a page at most."""
    named_so = select(Organisation).where(
        within(Organisation.place, divisions.areas(work)),
        contains(Organisation.name, q.strip()[:LONGEST_QUERY]),
    )
    return _rows(work, named_so.limit(PAGE))


def _rows(work: Work, organisations: Select[Organisation]) -> list[OrganisationRow]:
    found = work.session.execute(
        organisations.add_columns(Division.name, OrganisationKind)
        .join(Division, Division.place == Organisation.place)
        .join(OrganisationKind, OrganisationKind.code == Organisation.kind)
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
    managed(work, organisation_id)
    (row,) = _rows(work, select(Organisation).where(Organisation.id == organisation_id))
    return row


def managed(work: Work, organisation_id: int) -> Organisation:
    """Return an organisation that the actor administers.

    :raises NotFound: if there is none such in their area
    """
    organisation = work.session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound(T("没有找到该单位"))
    work.require(Permission.MANAGE_ORGANISATIONS, Thing(place=organisation.place))
    return organisation


def history(work: Work, organisation_id: int, before: int = 0) -> Lines:
    """Return what was done to an organisation of the administrator's area, the newest first.

    :raises NotFound: if there is none such there
    """
    managed(work, organisation_id)
    return histories.newest(work, Stream.ORGANISATION, organisation_id, before)


def create(work: Work, place: str, kind: str, form: OrganisationForm) -> int:
    """Add an organisation to a division.

    :raises NotFound: if the division lies outside the administrator's area
    :raises Invalid: if a field is missing or the name is taken there
    """
    grant = divisions.managed(work, place)
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


def _own_office(work: Work, organisation_id: int, field: str) -> Organisation:
    """Return an organisation that is kept here; an enterprise is kept in the registry."""
    organisation = managed(work, organisation_id)
    if work.session.get_one(OrganisationKind, organisation.kind).family is Family.ENTERPRISE:
        raise Invalid({field: T("企业信息在企业台账中维护")})
    return organisation


def update(work: Work, organisation_id: int, revision: int, form: OrganisationForm) -> None:
    """Rename an organisation or change the character in its document numbers.

    :raises Conflict: if somebody changed it since `revision`
    """
    organisation = _own_office(work, organisation_id, "/name")
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
    after = {"name": form.name.strip(), "short": form.short.strip()}
    before = {key: was for key in after if (was := getattr(organisation, key)) != after[key]}
    organisation.name, organisation.short = after["name"], after["short"]
    work.record(Stream.ORGANISATION, organisation.id, "organisation.update", grant, before=before)


def set_active(work: Work, organisation_id: int, *, active: bool, reason: str) -> None:
    """Close an organisation: its people keep their accounts, its roles no longer count."""
    organisation = _own_office(work, organisation_id, "/reason")
    grant = work.require(Permission.MANAGE_ORGANISATIONS, Thing(place=organisation.place))
    reason = entered.reason(reason)
    own = (g.organisation for g in work.actor.grants if g.role is Role.ADMIN)
    if not active and organisation.id in own:
        raise Invalid({"/reason": T("不能停用您任系统管理员的单位，否则无人可以再启用")})
    if organisation.active != active:
        organisation.active = active
        action = "organisation.open" if active else "organisation.close"
        work.record(Stream.ORGANISATION, organisation.id, action, grant, reason=reason)
