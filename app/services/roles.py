"""Who holds which role where: given and taken away by administrators, never by oneself."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.domain import Invalid, NotFound
from app.domain.access import (
    ROLE_FAMILIES,
    ROLE_NAMES,
    Permission,
    Role,
    Thing,
    covers,
    incompatible,
)
from app.domain.history import Stream
from app.domain.text import T
from app.models.people import Account, Organisation, OrganisationKind, RoleGrant
from app.services import Work, accounts, scope_of

MOST_SEATS = 200


@dataclass(frozen=True, slots=True)
class Seat:
    """An organisation in which an administrator can give roles, and which roles it has."""

    organisation_id: int
    name: str
    roles: Sequence[Role]


def seats(work: Work, place: str) -> list[Seat]:
    """Return the organisations of the administrator's area at a place and above it.

    Elsewhere a role is given from the page of the organisation.
    """
    work.require_somewhere(Permission.MANAGE_ACCOUNTS)
    managed = scope_of(work.actor).managed
    above = [place[:end] for end in range(len(place), -1, -1)]
    found = work.session.execute(
        select(Organisation.id, Organisation.name, Organisation.place, OrganisationKind.family)
        .join(OrganisationKind, OrganisationKind.code == Organisation.kind)
        .where(Organisation.place.in_(above), Organisation.active)
        .order_by(Organisation.place.desc(), OrganisationKind.family, Organisation.id)
        .limit(MOST_SEATS)
    )
    return [
        Seat(row.id, row.name, _roles(row.family))
        for row in found
        if any(covers(area, row.place) for area in managed)
    ]


def of_kind(work: Work, kind: str) -> list[Role]:
    """Return the roles that a kind of organisation has."""
    work.require_somewhere(Permission.MANAGE_ACCOUNTS)
    return _roles(work.session.get_one(OrganisationKind, kind).family)


def _roles(family: object) -> list[Role]:
    return [role for role, families in ROLE_FAMILIES.items() if family in families]


def add(work: Work, account_id: int, role: Role, organisation_id: int) -> None:
    """Let an account hold a role in an organisation; nobody gives themselves one.

    :raises Invalid: if that kind of organisation has no such role, or the two are closed
    """
    account, organisation = _role_ends(work, account_id, organisation_id)
    grant = work.require(
        Permission.MANAGE_ACCOUNTS, Thing(place=organisation.place, account=account.id)
    )
    kind = work.session.get_one(OrganisationKind, organisation.kind)
    if not organisation.active:
        raise Invalid({"/organisation": T("该单位已停用")})
    if not account.active:
        raise Invalid({"/username": T("该用户已停用")})
    if kind.family not in ROLE_FAMILIES[role]:
        raise Invalid({"/role": T("该类单位没有此角色")})
    if work.session.get(RoleGrant, (account.id, role, organisation.id)) is not None:
        raise Invalid({"/role": T("该用户在此单位已有此角色")})
    held = work.session.scalars(
        select(RoleGrant.role).where(RoleGrant.account_id == account.id),
        execution_options={"unscoped": "roles of one person that exclude each other"},
    )
    if clash := next((other for other in held if incompatible(role, other)), None):
        told = T("该用户已任“{other}”，不能兼任此角色", other=ROLE_NAMES[clash])
        raise Invalid({"/role": told})
    work.session.add(RoleGrant(account_id=account.id, role=role, organisation_id=organisation.id))
    work.record(
        Stream.ACCOUNT,
        account.id,
        "role.add",
        grant,
        added=role.value,
        in_organisation=organisation.id,
    )


def add_by_name(work: Work, username: str, role: Role, organisation_id: int) -> None:
    """Let an account of the administrator's area, named by its username, hold a role.

    :raises Invalid: as `add`, and if there is no such account in the area
    """
    work.require_somewhere(Permission.MANAGE_ACCOUNTS)
    found = work.session.scalar(
        select(Account.id).where(Account.username == username.strip().lower())
    )
    if found is None:
        raise Invalid({"/username": T("您管辖的范围内没有此用户")})
    add(work, found, role, organisation_id)


def remove(work: Work, account_id: int, role: Role, organisation_id: int) -> None:
    """Take a role away; it no longer counts from the next request on."""
    account, organisation = _role_ends(work, account_id, organisation_id)
    grant = work.require(
        Permission.MANAGE_ACCOUNTS, Thing(place=organisation.place, account=account.id)
    )
    row = work.session.get(RoleGrant, (account.id, role, organisation.id))
    if row is None:
        raise NotFound(T("该用户在此单位没有此角色"))
    work.session.delete(row)
    work.record(
        Stream.ACCOUNT,
        account.id,
        "role.remove",
        grant,
        removed=role.value,
        in_organisation=organisation.id,
    )


def _role_ends(work: Work, account_id: int, organisation_id: int) -> tuple[Account, Organisation]:
    account = accounts.managed(work, account_id)
    organisation = work.session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound(T("没有找到该单位"))
    return account, organisation
