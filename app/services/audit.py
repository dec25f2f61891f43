"""Search all histories of an auditor's area (督查、审计), and take away what was found."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
)

from app.domain import Invalid
from app.domain.access import Permission, covers, places
from app.domain.deadlines import BEIJING
from app.domain.history import Stream
from app.domain.text import T, Text
from app.models import within
from app.models.casework import Case
from app.models.draws import Draw
from app.models.people import Account, Organisation
from app.models.records import HistoryEntry, said
from app.services import Work, procedures
from app.services import history as histories
from app.services.accounts import LONGEST_QUERY, contains
from app.services.divisions import topmost
from app.services.history import HistoryRow, Names

PAGE = 50
MOST = 10_000
"""As many lines as one export holds: more than anybody reads, and no more than memory bears."""
MOST_NAMED, MOST_PEOPLE = 200, 10
OWN = {"unscoped": "the auditor's area is written out"}
CURSOR = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)~([a-z]{1,32})~(\d{1,18})~(\d{1,9})", re.ASCII
)
STREAM: ColumnElement[str] = type_coerce(HistoryEntry.stream, String)
# The same, but not the key's own column: the key is not in order of time, and SQLite would take it.
KIND: ColumnElement[str] = func.coalesce(STREAM, "")

Key = tuple[str, str, int, int]
"""Where a line stands among all: when, in which history, and its place there."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for; what is empty leaves the search wide."""

    since: date | None = None
    until: date | None = None
    """The last day, included."""
    stream: str = ""
    number: int = 0
    """The number of the case, or the id of what `stream` names."""
    about: str = ""
    """A part of the name of the enterprise, office or person that it was done to."""
    person: str = ""
    """A username, or a part of the name of who did it or had it done in their place."""
    action: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One line of a history, and what it is a history of."""

    stream: Stream
    subject: int
    row: HistoryRow
    about: Text | str
    """What the case is called; the name of the enterprise, office or person."""
    under: str
    """The enterprise of a case; the username of a person."""
    node: Text | None
    """The step of the case."""
    username: str
    """Of who did it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of lines, the newest first, the names they mention, and the next page's cursor."""

    lines: Sequence[Found]
    names: Names
    following: str | None


def find(work: Work, wanted: Wanted, cursor: str = "", size: int = PAGE) -> Listed:
    """Return a page of the lines of the auditor's area, the newest first."""
    work.require_somewhere(Permission.SEARCH_HISTORY)
    rows = _search(work, wanted, _key(cursor), size + 1)
    lines, names = _written_out(work, rows[:size])
    following = "~".join(map(str, rows[size - 1][0])) if len(rows) > size else None
    return Listed(lines, names, following)


def everything(work: Work, wanted: Wanted) -> Listed:
    """Return all lines that a search finds.

    :raises Invalid: if there are more than one export holds
    """
    found = find(work, wanted, size=MOST)
    if found.following is not None:
        raise Invalid({"": T("记录超过 {n} 条，请缩小查询范围后再导出", n=MOST)})
    return found


def _key(cursor: str) -> Key | None:
    found = CURSOR.fullmatch(cursor)
    return (found[1], found[2], int(found[3]), int(found[4])) if found else None


def _search(work: Work, wanted: Wanted, before: Key | None, most: int) -> list[tuple[Key, Any]]:
    """Return keys and entries, the newest first; each branch is served by one index."""
    database = "sqlite" if work.deps.database.sqlite else "postgresql"
    at = said(database, "at")
    key = (at, STREAM, HistoryEntry.subject, HistoryEntry.seq)
    every = [_area(work), *_narrowed(database, wanted)]
    if before is not None:
        every += [at <= before[0], or_(at < before[0], tuple_(*key[1:]) < tuple_(*before[1:]))]
    entries: Select[Any] = select(*key, HistoryEntry.body, HistoryEntry.hash)
    found = [
        [
            (tuple(row[:4]), row)
            for row in work.session.execute(
                entries.where(*every, *branch).order_by(*[part.desc() for part in key]).limit(most),
                execution_options=OWN,
            )
        ]
        for branch in _branches(work, database, wanted)
    ]
    lines: dict[Any, Any] = {}
    for position, row in merge(*found, key=lambda pair: pair[0], reverse=True):
        lines.setdefault(position, row)  # who did something for themselves is found twice
    return list(islice(lines.items(), most))


def _area(work: Work) -> ColumnElement[bool]:
    """Return the condition that an entry is of the auditor's area."""
    mine = places(work.actor, Permission.SEARCH_HISTORY)
    subject = HistoryEntry.subject

    def lies(model: Any, *streams: Stream) -> ColumnElement[bool]:
        here = exists(select(model.id).where(model.id == subject, within(model.place, mine)))
        return and_(KIND.in_(streams), here)

    whole = any(covers(place, topmost(work).place) for place in mine)
    return or_(
        lies(Case, Stream.CASE),
        lies(Organisation, Stream.ENTERPRISE, Stream.ORGANISATION),
        lies(Account, Stream.ACCOUNT),
        lies(Draw, Stream.DRAW),
        KIND == Stream.INSTALLATION if whole else false(),
    )


def _narrowed(database: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    at = said(database, "at")
    found: list[ColumnElement[bool]] = []
    if wanted.since and wanted.since > date.min:
        found.append(at >= _midnight(wanted.since))
    if wanted.until and wanted.until < date.max:
        found.append(at < _midnight(wanted.until + timedelta(days=1)))
    if wanted.action:
        found.append(said(database, "action") == wanted.action)
    if reason := wanted.reason.strip()[:LONGEST_QUERY]:
        # The sealed text is looked through first: taking it apart costs ten times as much.
        spelled = json.dumps(reason, ensure_ascii=False)[1:-1]
        found.append(HistoryEntry.body.contains(spelled, autoescape=True))
        found.append(said(database, "reason").contains(reason, autoescape=True))
    if wanted.stream:
        most = wanted.stream == Stream.CASE and not (wanted.number or wanted.about.strip())
        found.append((KIND if most else STREAM) == wanted.stream)
    if wanted.number:
        found.append(HistoryEntry.subject == wanted.number)
    return found


def _midnight(day: date) -> str:
    """Return the beginning of a day in China as entries write a moment."""
    begins = datetime.combine(day, time(), BEIJING).astimezone(UTC)
    return begins.isoformat()[:19]


def _branches(work: Work, database: str, wanted: Wanted) -> list[list[ColumnElement[bool]]]:
    """Return the conditions of each search that together make the whole one."""
    by: list[ColumnElement[bool]] = [true()]
    if person := wanted.person.strip()[:LONGEST_QUERY]:
        ids = _people(work, person)
        own = ids if database == "sqlite" else [str(one) for one in ids]
        by = [said(database, word) == one for word in ("by", "for") for one in own]
    about: list[ColumnElement[bool]] = [true()]
    if name := wanted.about.strip()[:LONGEST_QUERY]:
        about = _subjects(work, name)
    return [[one, other] for one in by for other in about]


def _people(work: Work, person: str) -> list[int]:
    """Return whose acts are meant: the one with that username, or all whose name has it."""
    exact = select(Account.id).where(Account.username == person.lower())
    named = select(Account.id).where(contains(Account.name, person)).limit(MOST_PEOPLE)
    found = work.session.scalars(exact, execution_options=OWN).all()
    return [*(found or work.session.scalars(named, execution_options=OWN).all())]


def _subjects(work: Work, name: str) -> list[ColumnElement[bool]]:
    """Return what has the name: enterprises and offices, their cases, and people."""
    mine = places(work.actor, Permission.SEARCH_HISTORY)

    def ids(model: Any, *columns: Any) -> Sequence[int]:
        named = or_(*[contains(column, name) for column in columns])
        wanted = select(model.id).where(named, within(model.place, mine)).limit(MOST_NAMED)
        return work.session.scalars(wanted, execution_options=OWN).all()

    offices = ids(Organisation, Organisation.name)
    people = ids(Account, Account.name, Account.username)
    cases = select(Case.id).where(Case.subject_id.in_(offices))
    subject = HistoryEntry.subject
    return [
        and_(HistoryEntry.stream == Stream.CASE, subject.in_(cases)),
        and_(HistoryEntry.stream == Stream.ENTERPRISE, subject.in_(offices)),
        and_(HistoryEntry.stream == Stream.ORGANISATION, subject.in_(offices)),
        and_(HistoryEntry.stream == Stream.ACCOUNT, subject.in_(people)),
    ]


def _written_out(work: Work, rows: Sequence[tuple[Key, Any]]) -> tuple[list[Found], Names]:
    """Return entries with the names of all whom they mention, and of what they are about."""
    sealed = [(row.seq, json.loads(row.body), row.hash) for _key, row in rows]
    names = histories.names_in(work, sealed)
    of: dict[str, set[int]] = {stream: set() for stream in Stream}
    for (_at, stream, subject, _seq), _row in rows:
        of[stream].add(subject)
    cases = _cases(work, of[Stream.CASE])
    offices = _pairs(work, Organisation.name, of[Stream.ENTERPRISE] | of[Stream.ORGANISATION])
    lines = histories.written_out(sealed, names)
    actors = {line.actor_id for line in lines if line.actor_id is not None}
    people = _pairs(work, Account.name, of[Stream.ACCOUNT])
    draws = _pairs(work, Draw.number, of[Stream.DRAW])
    usernames = _pairs(work, Account.username, of[Stream.ACCOUNT] | actors)
    found = []
    for ((_at, stream, subject, _seq), _row), line in zip(rows, lines, strict=True):
        about: Text | str = T("系统")
        under, node = "", None
        if stream == Stream.CASE:
            running, under = cases[subject]
            about = running.name
            known = line.node in running.definition.nodes
            node = running.title(line.node) if line.node and known else None
        elif stream == Stream.ACCOUNT:
            about, under = people.get(subject, ""), usernames.get(subject, "")
        elif stream == Stream.DRAW:
            about = draws.get(subject, "")
        elif stream != Stream.INSTALLATION:
            about = offices.get(subject, "")
        username = usernames.get(line.actor_id or 0, "")
        found.append(Found(Stream(stream), subject, line, about, under, node, username))
    return found, names


def _cases(work: Work, ids: Collection[int]) -> Mapping[int, tuple[procedures.Running, str]]:
    rows = work.session.execute(
        select(Case.id, Case.deployment_id, Organisation.name)
        .join(Organisation, Organisation.id == Case.subject_id)
        .where(Case.id.in_(ids)),
        execution_options=OWN,
    )
    return {case: (procedures.running(work, deployment), name) for case, deployment, name in rows}


def _pairs(work: Work, column: Any, ids: Collection[int]) -> dict[int, str]:
    model = column.class_
    rows = work.session.execute(
        select(model.id, column).where(model.id.in_(ids)), execution_options=OWN
    )
    return {one: name for one, name in rows}  # noqa: C416
