"""Fill a fresh database with the demo data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count

from sqlalchemy import select

from app.domain import NotFound
from app.domain.access import Family, Role, stem
from app.domain.history import Stream
from app.domain.text import T
from app.models.people import Account, Division, Organisation, OrganisationKind, RoleGrant
from app.services import Deps, Work, installation
from app.services.demo import registry
from app.services.demo.divisions import DIVISIONS
from app.services.demo.people import (
    AREAS,
    ENTERPRISE,
    LISTED,
    MARK,
    ORGANISATIONS,
    PASSWORD,
    PIN,
    SURNAMES,
    Area,
    Seats,
)

SHOWN = {
    suffix
    for seats in (ENTERPRISE, *(given for _kind, _name, given in ORGANISATIONS))
    for suffix, _role, _given in seats
}
"""What follows the area in the username of those who are not of a plant of the list."""


LICENSED = {Role.STAFF: 1, Role.GOVERNMENT_OFFICER: 501}
"""Who has a licence, and from which number on."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account anybody may try in a demo."""

    username: str
    password: str
    pin: str
    name: str
    area: str
    area_name: str
    organisation_id: int
    organisation: str
    role: Role
    listed: bool
    """Whether it is of a plant of the list: too many to be shown."""


def fill(deps: Deps) -> None:
    """Make a demo installation and everybody in it, all in one transaction."""
    with deps.system("make the demo installation") as work:
        installation.found(work, root="", demo=True)
        _divisions(work)
        # One hash for all: they share a password that is shown to everybody anyway.
        hashes = deps.passwords.hash(PASSWORD), deps.passwords.hash(PIN)
        licences = {role: count(first) for role, first in LICENSED.items()}
        for area in AREAS:
            for kind, suffix, seats in ORGANISATIONS:
                name = _named(area, kind, suffix)
                office = _organisation(work, area, kind, name)
                _accounts(work, area, office, seats, hashes, licences)
            _accounts(work, area, registry.enter_plant(work, area), ENTERPRISE, hashes, licences)
        registry.import_list(work, AREAS[0])
        _listed(work, AREAS[0], hashes, licences)
        work.record(Stream.INSTALLATION, 1, "installation.create", demo=True)


def _divisions(work: Work) -> None:
    for line in DIVISIONS.split("\n"):
        if not line:
            continue
        code, name = line.split(" ", 1)
        zone = "K" in code
        place = code if zone else stem(code)
        parent = code[: code.index("K")] if zone else place[:-2] if place else None
        work.session.add(Division(place=place, name=name, zone=zone, parent=parent))
        work.session.flush()


def _named(area: Area, kind: str, suffix: str) -> str:
    if area.level == "省":
        suffix = suffix.replace("局", "厅")
        if kind in ("power_supply", "water_supply"):
            suffix = {"power_supply": "电力公司", "water_supply": "水务集团"}[kind]
    return area.name + suffix


def _organisation(work: Work, area: Area, kind: str, name: str) -> Organisation:
    short = area.short if kind in ("emergency_bureau", "government", "committee_office") else ""
    organisation = Organisation(kind=kind, place=area.place, name=name, short=short)
    work.session.add(organisation)
    work.session.flush()
    return organisation


def _accounts(
    work: Work,
    area: Area,
    office: Organisation,
    seats: Seats,
    hashes: tuple[str, str],
    licences: Mapping[Role, Iterator[int]],
) -> None:
    for suffix, role, given in seats:
        account = Account(
            username=f"{area.prefix}.{suffix}",
            name=f"{area.surname}{given}{MARK}",
            password_hash=hashes[0],
            pin_hash=hashes[1],
            licence=f"14-{next(licences[role]):06d}" if role in licences else "",
            home_id=office.id,
            place=area.place,
            created_at=work.wall,
        )
        work.session.add(account)
        work.session.flush()
        work.session.add(RoleGrant(account_id=account.id, role=role, organisation_id=office.id))


def _listed(
    work: Work, area: Area, hashes: tuple[str, str], licences: Mapping[Role, Iterator[int]]
) -> None:
    """Give every plant of the list its people, that a campaign may be played for all of them."""
    plants = work.session.scalars(
        select(Organisation)
        .join(OrganisationKind, OrganisationKind.code == Organisation.kind)
        .where(
            OrganisationKind.family == Family.ENTERPRISE, Organisation.place.startswith(area.place)
        )
        .where(Organisation.id.not_in(select(RoleGrant.organisation_id)))
        .order_by(Organisation.id)
    ).all()
    for number, plant in enumerate(plants, 1):
        surname = SURNAMES[number % len(SURNAMES)]
        seats = tuple((suffix.format(number), role, given) for suffix, role, given in LISTED)
        _accounts(work, replace(area, surname=surname), plant, seats, hashes, licences)


def accounts(deps: Deps) -> list[DemoAccount]:
    """Return the demo accounts in the order of the areas.

    :raises NotFound: outside demo mode
    """
    if not deps.installation.demo:
        raise NotFound(T("此系统不是演示环境"))
    with deps.system_reading("the demo accounts are public") as work:
        rows = work.session.execute(
            select(
                Account.username,
                Account.name,
                Organisation.id,
                Organisation.name,
                RoleGrant.role,
            )
            .join(RoleGrant, RoleGrant.account_id == Account.id)
            .join(Organisation, Organisation.id == RoleGrant.organisation_id)
            .join(OrganisationKind, OrganisationKind.code == Organisation.kind)
            .where(Account.name.endswith(MARK), Account.active)
            .order_by(OrganisationKind.family == Family.ENTERPRISE, Account.id)
        ).all()
    order = {area.prefix: number for number, area in enumerate(AREAS)}
    found = []
    for username, name, organisation_id, organisation, role in rows:
        prefix, _, suffix = username.partition(".")
        area = AREAS[order[prefix]]
        listed = suffix not in SHOWN
        seat = (f"{order[area.prefix]}", area.name, organisation_id, organisation, role, listed)
        found.append(DemoAccount(username, PASSWORD, PIN, name, *seat))
    return sorted(found, key=lambda account: account.area)
