"""Enter an enterprise into the registry, and change what is known of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select, update
from stdnum.cn import uscc

from app.domain import Invalid, NotFound
from app.domain.access import Grant, Permission, Thing
from app.domain.enterprises import CONTACT, FIELDS, NUMBERED, contact_form
from app.domain.enterprises.likeness import address_key, name_key, same_address
from app.domain.enterprises.positions import position_fault
from app.domain.history import Stream
from app.domain.text import T, Text
from app.models.enterprises import Enterprise
from app.models.people import ENTERPRISE, Account, Division, Organisation
from app.services import Stale, Work
from app.services.enterprises import terms

Facts = dict[str, Any]

# Facts of these fields are spelled out in the history; of the others it names the field alone.
SPELLED = {
    *("name", "credit_code", "place", "address", "supervision", "ownership", "sector", "tags"),
    *("production", "idle", "catalogued", "grade", "dust_workers", "key", "worrisome", "points"),
}
DATES = {"pledged_on", "insured_until"}
ELSEWHERE = {"name", "place"}


def create(work: Work, answers: Mapping[str, Any], *, distinct: bool = True) -> int:
    """Enter an enterprise and return its id; `distinct` says that one alike is another one.

    :raises Invalid: if a fact is missing or wrong, or the enterprise is there already
    """
    work.require_somewhere(Permission.MANAGE_ENTERPRISES)
    facts = checked(work, answers)
    return enter(work, facts, distinct=distinct)


def checked(
    work: Work,
    answers: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
    *,
    changing: bool = False,
) -> Facts:
    """Return the facts cleaned, when `changing` with the reason: a step of those who asked.

    :raises Invalid: if one is missing or wrong
    """
    answers = {**answers}
    if isinstance(code := answers.get("credit_code"), str):
        answers["credit_code"] = uscc.compact(code)
    faults: dict[str, Text] = {}
    facts: Facts = {}
    try:
        facts = terms.form(work, before, changing=changing).check(answers)
    except Invalid as invalid:
        faults |= invalid.errors
    longitude, latitude = facts.get("longitude"), facts.get("latitude")
    if faults := faults or position_fault(longitude, latitude):
        raise Invalid(faults)
    return facts


def enter(work: Work, facts: Facts, *, distinct: bool = True, **told: Any) -> int:
    """Write a new enterprise whose facts were checked: a step of those who asked.

    :raises Invalid: if it is there already
    """
    place = facts["place"]
    grant = work.require(Permission.MANAGE_ENTERPRISES, Thing(place=place))
    keys = keys_of(facts, around(work, place))
    if errors := taken(work, facts) or ({} if distinct else _resembling(work, place, keys)):
        raise Invalid(errors)
    organisation = Organisation(kind=ENTERPRISE, place=place, name=facts["name"])
    work.session.add(organisation)
    work.session.flush()
    enterprise = Enterprise(
        id=organisation.id, place=place, created_at=work.now, updated_at=work.now, **keys
    )
    _write(enterprise, facts)
    work.session.add(enterprise)
    work.session.flush()
    work.record(Stream.ENTERPRISE, organisation.id, "enterprise.create", grant, **told)
    return organisation.id


def around(work: Work, place: str) -> tuple[str, ...]:
    """Return the names of a division and those round it, the widest first: a step."""
    places = [place[:end] for end in range(len(place) + 1)]
    rows = work.session.execute(
        select(Division.name).where(Division.place.in_(places)).order_by(Division.place)
    )
    return tuple(name for (name,) in rows)


def keys_of(facts: Mapping[str, Any], divisions: tuple[str, ...]) -> dict[str, str]:
    """Return by what the enterprise is found again."""
    return {
        "name_key": name_key(facts["name"])[:128],
        "address_key": address_key(facts.get("address", ""), divisions)[:200],
    }


def taken(work: Work, facts: Mapping[str, Any], but: int = 0) -> dict[str, Text]:
    """Return which of the facts belong to another enterprise already, by field: a step."""
    errors: dict[str, Text] = {}
    if code := facts.get("credit_code"):
        same = select(Enterprise.id).where(Enterprise.credit_code == code, Enterprise.id != but)
        options = {"unscoped": "a credit code belongs to one enterprise in the country"}
        if work.session.scalar(same, execution_options=options):
            errors["/credit_code"] = T("该统一社会信用代码已登记在其他企业名下")
    named = select(Organisation.id).where(
        Organisation.kind == ENTERPRISE,
        Organisation.place == facts["place"],
        Organisation.name == facts["name"],
        Organisation.id != but,
    )
    if work.session.scalar(named):
        errors["/name"] = T("该区划已有同名企业")
    return errors


def _resembling(work: Work, place: str, keys: Mapping[str, str]) -> dict[str, Text]:
    """Return a warning if the same name stands at about the same address."""
    rows = work.session.execute(
        select(Enterprise.id, Enterprise.address_key, Enterprise.address).where(
            Enterprise.place == place, Enterprise.name_key == keys["name_key"]
        )
    )
    for row in rows:
        if same_address(row.address_key, keys["address_key"]):
            told = T("台账中已有名称相近的企业（{address}），请核对是否重复", address=row.address)
            return {"/name": told}
    return {}


def facts_of(organisation_name: str, enterprise: Enterprise) -> Facts:
    """Return the facts of an enterprise as the form has them; what is unknown is left out."""
    facts: Facts = {"name": organisation_name}
    for column in Enterprise.__table__.columns:
        value = getattr(enterprise, column.name)
        if value is None or value in ("", []):
            continue
        facts[column.name] = value.isoformat() if column.name in DATES else value
    return facts


def _write(enterprise: Enterprise, facts: Mapping[str, Any]) -> None:
    for key in FIELDS:
        if key not in ELSEWHERE:
            before = getattr(enterprise, key, None) if key in NUMBERED else None
            setattr(enterprise, key, column_value(key, facts.get(key), before))


def column_value(key: str, value: Any, before: Any = None) -> Any:
    """Return a fact as its column keeps it."""
    column = Enterprise.__table__.columns[key]
    if key in DATES:
        return date.fromisoformat(value) if value else None
    if key in NUMBERED:
        return _numbered(key, value or [], before or [])
    if value is None and not column.nullable:
        default: Any = column.default
        return [] if default.is_callable else default.arg
    return value


def _numbered(key: str, rows: list[Facts], before: list[Facts]) -> list[Facts]:
    """Give each row a number of its own, which nothing else gets once it was given."""
    letter = NUMBERED[key]
    used = {row.get("no", "") for row in [*rows, *before]}
    top = max((int(no[1:]) for no in used if no), default=0)
    numbered, seen = [], set()
    for row in rows:
        number = row.get("no", "")
        if not number or number in seen:
            top += 1
            number = f"{letter}{top}"
        seen.add(number)
        numbered.append({**row, "no": number})
    return numbered


def update_facts(
    work: Work, enterprise_id: int, revision: int | None, answers: Mapping[str, Any]
) -> None:
    """Change what is known of an enterprise, with a reason; `revision` is what the actor saw.

    :raises NotFound: if it lies outside the actor's area
    :raises Conflict: if somebody changed it since `revision`
    :raises Invalid: if a fact is wrong, or the reason missing
    """
    enterprise, name = kept(work, enterprise_id)
    grant = work.require(Permission.MANAGE_ENTERPRISES, Thing(place=enterprise.place))
    before = facts_of(name, enterprise)
    facts = checked(work, answers, before, changing=True)
    reason = facts.pop("reason")
    if errors := taken(work, facts, enterprise_id):
        raise Invalid(errors)
    change(work, enterprise, revision, facts, grant, reason=reason)


def change(
    work: Work,
    enterprise: Enterprise,
    revision: int | None,
    facts: Facts,
    grant: Grant,
    **told: Any,
) -> bool:
    """Write changed facts that were checked: a step of those who asked; say whether any changed."""
    organisation = work.session.get_one(Organisation, enterprise.id)
    if revision is not None and enterprise.revision != revision:
        raise Stale
    before = facts_of(organisation.name, enterprise)
    place = facts["place"]
    if place != enterprise.place:
        work.require(Permission.MANAGE_ENTERPRISES, Thing(place=place))
        _move(work, organisation, enterprise, place)
    organisation.name = facts["name"]
    for column, value in keys_of(facts, around(work, place)).items():
        setattr(enterprise, column, value)
    _write(enterprise, facts)
    after = facts_of(organisation.name, enterprise)
    changed = [key for key in FIELDS if before.get(key) != after.get(key)]
    if not changed:
        return False
    enterprise.updated_at = work.now
    was = {key: before.get(key) for key in changed if key in SPELLED}
    action = "enterprise.update"
    work.record(Stream.ENTERPRISE, enterprise.id, action, grant, fields=changed, before=was, **told)
    return True


def _move(work: Work, organisation: Organisation, enterprise: Enterprise, place: str) -> None:
    """Give an enterprise to another division; the accounts that it keeps go along."""
    organisation.place = enterprise.place = place
    work.session.execute(
        update(Account).where(Account.home_id == enterprise.id).values(place=place),
        execution_options={
            "unscoped": "accounts lie where their organisation does",
            "synchronize_session": False,
        },
    )


def kept(work: Work, enterprise_id: int) -> tuple[Enterprise, str]:
    """Return an enterprise that the actor may know of, and its name: a step of those who asked.

    :raises NotFound: if they may not
    """
    enterprise = work.session.get(Enterprise, enterprise_id)
    if enterprise is None:
        raise NotFound(T("没有找到该企业"))
    name = work.session.execute(
        select(Organisation.name).where(Organisation.id == enterprise_id),
        execution_options={"unscoped": "the enterprise itself is the actor's to see"},
    ).scalar_one()
    return enterprise, name


def update_contact(
    work: Work, enterprise_id: int, revision: int, answers: Mapping[str, Any]
) -> None:
    """Change how an enterprise is reached: its own principal's to do.

    :raises NotFound: if it is not the actor's to see
    :raises Conflict: if somebody changed it since `revision`
    :raises Invalid: if an answer is wrong
    """
    enterprise, _name = kept(work, enterprise_id)
    grant = work.require(Permission.EDIT_OWN_ENTERPRISE, Thing(organisation=enterprise_id))
    facts = contact_form().check(answers)
    if enterprise.revision != revision:
        raise Stale
    changed = [key for key in CONTACT if getattr(enterprise, key) != facts.get(key, "")]
    if not changed:
        return
    for key in changed:
        setattr(enterprise, key, facts.get(key, ""))
    enterprise.updated_at = work.now
    work.record(Stream.ENTERPRISE, enterprise_id, "enterprise.contact", grant, fields=changed)
