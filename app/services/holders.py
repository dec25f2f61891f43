"""Who has a task: a person, or the holders of a role where nobody has claimed it.

Addresses name them by a word: `a12` a person, `o5.staff` a role in an organisation.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, false, null, select

from app.domain.access import ROLE_NAMES, Role
from app.domain.text import T, Term, Text
from app.models.casework import WorkItem
from app.models.people import Account, Organisation
from app.services import Work
from app.services.parts import parts

NOBODY = "-"
"""Stands for "none" where "" means "any"."""
GUARDED = {"unscoped": "who has a task that the actor sees"}
LONGEST_NUMBER = 18

Holder = tuple[int | None, int | None, Role | None]
"""A person, or else an organisation and a role; nothing at all if nobody has the task."""


def whose(person: SQLColumnExpression[int | None]) -> tuple[Any, ...]:
    """Return who has a task as columns of it: where a person has it, no organisation is told."""
    return (
        person.label("account"),
        case((person.is_(None), WorkItem.organisation_id), else_=null()).label("organisation"),
        case((person.is_(None), WorkItem.role), else_=null()).label("role"),
    )


def key_of(holder: Holder) -> str:
    """Return the word by which an address names who has a task."""
    account, organisation, role = holder
    if account is not None:
        return f"a{account}"
    return NOBODY if organisation is None else f"o{organisation}.{role}"


def holder_of(key: str) -> Holder | None:
    """Return who is named by a word; None if it names nobody there could be."""
    if key == NOBODY:
        return None, None, None
    number, dot, role = key[1:].partition(".")
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER):
        return None
    if key[0] == "a" and not dot:
        return int(number), None, None
    return (None, int(number), Role(role)) if key[0] == "o" and role in set(Role) else None


def held_by(table: Any, key: str) -> ColumnElement[bool]:
    """Return the condition that a row with `whose` is who a word names."""
    found = holder_of(key)
    if found is None:
        return false()
    account, organisation, role = found
    return and_(
        table.c.account.is_not_distinct_from(account),
        table.c.organisation.is_not_distinct_from(organisation),
        table.c.role.is_not_distinct_from(role),
    )


def has_task(key: str) -> ColumnElement[bool]:
    """Return the condition that an open task is had by who a word names."""
    found = holder_of(key)
    if found is None or found == (None, None, None):
        return false()
    account, organisation, role = found
    if account is not None:
        return WorkItem.assignee_id == account
    return and_(
        WorkItem.assignee_id.is_(None),
        WorkItem.organisation_id == organisation,
        WorkItem.role == role,
    )


def names_of(work: Work, found: Collection[Holder]) -> dict[str, Text]:
    """Return what those who have tasks are called, by their words: a step of those who asked."""
    person, office = Account.__table__.alias("person"), Organisation.__table__.alias("office")
    people = _names(work, person, [holder[0] for holder in found])
    offices = _names(work, office, [holder[1] for holder in found])
    return {key_of(holder): _name(holder, people, offices) for holder in found}


def _names(work: Work, table: Any, ids: Collection[int | None]) -> Mapping[int, str]:
    return {
        row.id: row.name
        for some in parts({number for number in ids if number is not None})
        for row in work.session.execute(
            select(table.c.id, table.c.name).where(table.c.id.in_(some)), execution_options=GUARDED
        )
    }


def _name(holder: Holder, people: Mapping[int, str], offices: Mapping[int, str]) -> Text:
    account, organisation, role = holder
    if account is not None:
        return Term(people.get(account, str(account)))
    if organisation is None or role is None:
        return T("无人经办")
    office = offices.get(organisation, str(organisation))
    return T("{office}：{role}（未签收）", office=office, role=ROLE_NAMES[role])
