"""Read histories: who did what, when, on whose behalf, and why."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.domain.access import Role
from app.domain.history import Stream
from app.domain.text import Text
from app.models.documents import Document
from app.models.people import Account, Organisation
from app.models.records import HistoryEntry
from app.services import Work

PAGE = 20
NAMES = {"unscoped": "names stand wherever acts are shown"}
# Details that hold the id of an organisation, or of a person.
OFFICES, PEOPLE = ("home", "in_organisation"), ("deputy", "to")

PAPER = "document"
"""The detail that holds the id of a paper."""

Sealed = tuple[int, Mapping[str, Any], bytes]
"""An entry as it is kept: its seq, its body, its hash."""


@dataclass(frozen=True, slots=True)
class PaperName:
    """What a paper is called where an act on it is told."""

    title: Text
    number: str


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One line of a history, with the names of those who acted."""

    seq: int
    at: datetime
    actor_id: int | None
    actor: str | None
    on_behalf_of: str | None
    role: Role | None
    organisation_id: int | None
    organisation: str | None
    action: str
    node: str | None
    detail: dict[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class Names:
    """The names of those whom lines mention, by id."""

    people: Mapping[int, str]
    organisations: Mapping[int, str]
    papers: Mapping[int, PaperName]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a history, the names they mention, and the seq to go on from, or None."""

    rows: Sequence[HistoryRow]
    names: Names
    before: int | None


def entries(work: Work, stream: Stream, subject: int) -> list[HistoryRow]:
    """Return a whole history, oldest first: a step of those who asked for its subject."""
    return list(whole(work, stream, subject).rows)


def whole(work: Work, stream: Stream, subject: int) -> Lines:
    """Return a whole history, oldest first, with the names it mentions: a step as `entries`."""
    found = work.session.execute(
        select(HistoryEntry.seq, HistoryEntry.body, HistoryEntry.hash)
        .where(HistoryEntry.stream == stream, HistoryEntry.subject == subject)
        .order_by(HistoryEntry.seq)
    )
    sealed = [(row.seq, json.loads(row.body), row.hash) for row in found]
    names = names_in(work, sealed)
    return Lines(written_out(sealed, names), names, before=None)


def newest(work: Work, stream: Stream, subject: int, before: int = 0) -> Lines:
    """Return a page of a history, the newest first: a step of those who asked for its subject."""
    wanted = (
        select(HistoryEntry.seq, HistoryEntry.body, HistoryEntry.hash)
        .where(HistoryEntry.stream == stream, HistoryEntry.subject == subject)
        .order_by(HistoryEntry.seq.desc())
        .limit(PAGE + 1)
    )
    if before:
        wanted = wanted.where(HistoryEntry.seq < before)
    found = [(row.seq, json.loads(row.body), row.hash) for row in work.session.execute(wanted)]
    page = found[:PAGE]
    names = names_in(work, page)
    return Lines(written_out(page, names), names, before=page[-1][0] if len(found) > PAGE else None)


def names_in(work: Work, sealed: Sequence[Sealed]) -> Names:
    """Return the names of all whom entries mention: a step of those who show them."""
    bodies = [body for _seq, body, _hash in sealed]
    details = [body.get("detail", {}) for body in bodies]
    people = {body.get(key) for body in bodies for key in ("by", "for")}
    people |= {detail.get(key) for detail in details for key in PEOPLE}
    offices = {body.get("organisation") for body in bodies}
    offices |= {detail.get(key) for detail in details for key in OFFICES}
    return Names(
        names_of_people(work, (one for one in people if isinstance(one, int))),
        _names_of_organisations(work, offices),
        _names_of_papers(work, {detail.get(PAPER) for detail in details}),
    )


def written_out(sealed: Sequence[Sealed], names: Names) -> list[HistoryRow]:
    """Return entries as people read them."""
    return [_row(seq, body, hashed, names) for seq, body, hashed in sealed]


def _row(seq: int, body: Mapping[str, Any], hashed: bytes, names: Names) -> HistoryRow:
    detail = dict(body.get("detail", {}))
    return HistoryRow(
        seq=seq,
        at=datetime.fromisoformat(body["at"]),
        actor_id=body["by"],
        actor=names.people.get(body["by"]),
        on_behalf_of=names.people.get(body.get("for", 0)),
        role=Role(body["role"]) if "role" in body else None,
        organisation_id=body.get("organisation"),
        organisation=names.organisations.get(body.get("organisation", 0)),
        action=body["action"],
        node=detail.pop("node", None),
        detail=detail,
        hash=hashed.hex(),
    )


def names_of_people(work: Work, ids: Iterable[int]) -> dict[int, str]:
    """Return the names of accounts: a step of those who show what they did."""
    rows = work.session.execute(
        select(Account.id, Account.name).where(Account.id.in_(set(ids))), execution_options=NAMES
    )
    return {account: name for account, name in rows}  # noqa: C416


def _names_of_organisations(work: Work, ids: Iterable[int | None]) -> dict[int, str]:
    wanted = {organisation for organisation in ids if organisation is not None}
    if not wanted:
        return {}
    rows = work.session.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted)),
        execution_options=NAMES,
    )
    return {organisation: name for organisation, name in rows}  # noqa: C416


def _names_of_papers(work: Work, ids: Iterable[Any]) -> dict[int, PaperName]:
    wanted = {paper for paper in ids if isinstance(paper, int)}
    if not wanted:
        return {}
    rows = work.session.execute(
        select(Document.id, Document.kind, Document.number).where(Document.id.in_(wanted)),
        execution_options=NAMES,
    )
    titles = work.deps.papers.templates
    return {paper: PaperName(titles.title(kind), number) for paper, kind, number in rows}
