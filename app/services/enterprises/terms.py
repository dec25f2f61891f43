"""The registry's lists of words: sectors, themes, kinds of ownership, and the divisions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.domain import text
from app.domain.access import Permission, Role, areas, covers
from app.domain.enterprises import TermKind, facts_form
from app.domain.forms import Form
from app.models import within
from app.models.enterprises import Term
from app.models.people import Division
from app.services import Work

FIELDS: Mapping[str, TermKind] = {
    "sector": TermKind.SECTOR,
    "tags": TermKind.TAG,
    "ownership": TermKind.OWNERSHIP,
}


@dataclass(frozen=True, slots=True)
class TermRow:
    """One word of a list, with what else it is called in lists that people send."""

    code: str
    name: text.Term
    aliases: tuple[str, ...]
    active: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """All lists of words."""

    lists: Mapping[TermKind, tuple[TermRow, ...]]

    def active(self, kind: TermKind) -> list[TermRow]:
        return [row for row in self.lists[kind] if row.active]

    def name(self, kind: TermKind, code: str) -> text.Term:
        """Return the word for a code; a code that nobody knows stands for itself."""
        found = (row.name for row in self.lists[kind] if row.code == code)
        return next(found, text.Term(code))


def everything(work: Work) -> Terms:
    """Return all lists of words; they are no secret."""
    work.require_somewhere(Permission.SEE_ENTERPRISES)
    lists: dict[TermKind, list[TermRow]] = {kind: [] for kind in TermKind}
    for row in work.session.scalars(select(Term).order_by(Term.kind, Term.position, Term.code)):
        name = text.Term(row.name, english=row.name_en)
        lists[row.kind].append(TermRow(row.code, name, tuple(row.aliases.split()), row.active))
    return Terms({kind: tuple(rows) for kind, rows in lists.items()})


@dataclass(frozen=True, slots=True)
class Place:
    """A division or zone to choose."""

    place: str
    name: str
    zone: bool


def places(work: Work, role: Role | None = None) -> list[Place]:
    """Return the divisions and zones that the actor sees, or those where they hold a role."""
    work.require_somewhere(Permission.SEE_ENTERPRISES)
    grants = [grant for grant in work.actor.grants if role is None or grant.role is role]
    rows = work.session.scalars(
        select(Division).where(within(Division.place, areas(grants))).order_by(Division.place)
    )
    return [Place(row.place, row.name, row.zone) for row in rows]


def names(work: Work, only: Collection[str] = ()) -> dict[str, str]:
    """Return the names of divisions by place; they are no secret."""
    work.require_somewhere(Permission.SEE_ENTERPRISES)
    rows = select(Division.place, Division.name)
    if only:
        rows = rows.where(Division.place.in_(set(only)))
    return {place: name for place, name in work.session.execute(rows)}  # noqa: C416


def form(work: Work, facts: Mapping[str, Any] | None = None, *, changing: bool = False) -> Form:
    """Return the form of an enterprise's facts, with the words that are in use.

    A word that was retired stays for the enterprise that has it (`facts`); whoever is
    `changing` facts gives a reason.
    """
    known = everything(work)
    choices = {key: _words(known.lists[kind], facts, key) for key, kind in FIELDS.items()}
    choices["place"] = [
        {"const": place.place, "title": place.name} for place in places(work, Role.STAFF)
    ]
    here = (facts or {}).get("place")
    if here and not any(covers(here, choice["const"]) for choice in choices["place"]):
        name = work.session.scalar(select(Division.name).where(Division.place == here))
        choices["place"].append({"const": here, "title": name or here})
    return facts_form(choices, changing=changing)


def _words(
    rows: Collection[TermRow], facts: Mapping[str, Any] | None, key: str
) -> list[dict[str, Any]]:
    held = (facts or {}).get(key) or ()
    used = {held} if isinstance(held, str) else set(held)
    return [
        {"const": row.code, "title": row.name.wording, "x-en": {"title": row.name.english}}
        for row in rows
        if row.active or row.code in used
    ]
