"""The wording of papers, version by version: in force, read, published, taken up again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select

from app.adapters.papers import Bundle
from app.domain import Conflict, Invalid, NotFound, entered
from app.domain.access import Permission, granted_by
from app.domain.history import Stream
from app.domain.text import T, Text
from app.domain.wordings import (
    Changes,
    Entry,
    Wording,
    changed,
    differing,
    entries,
    problem,
    typed,
    whole,
)
from app.models.wordings import PaperWording
from app.services import Stale, Work
from app.services.divisions import topmost
from app.services.documents.data import unprintable
from app.services.history import names_of_people

MOST_VERSION = 32_767
_TOLD = (
    PaperWording.version,
    PaperWording.sha256,
    PaperWording.changes,
    PaperWording.reason,
    PaperWording.published_at,
    PaperWording.published_by,
)
"""What a line tells of a version: what it says in whole is long, and no line shows it."""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version, and who published it, when and why."""

    version: int
    sha256: str
    changed: int
    """How many entries are otherwise than the product shipped then."""
    reason: str
    published_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class KindRow:
    """What papers of a kind say, in numbers."""

    kind: str
    title: Text
    group: str
    """Of the kinds that are made on a page; "" if procedures make it."""
    entries: int
    changed: int


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry of a kind's wording."""

    key: str
    place: Text
    shipped: Entry
    said: Entry

    @property
    def changed(self) -> bool:
        """Whether it is otherwise than what came with the product."""
        return self.said != self.shipped


@dataclass(frozen=True, slots=True)
class Difference:
    """An entry that one version says otherwise than another."""

    title: Text
    place: Text
    was: Entry
    becomes: Entry


def in_force(work: Work) -> tuple[int, Bundle]:
    """Return the newest version with all that papers are made of: a step of those who make one.

    What was read is kept, as long as no newer version was published.
    """
    row = work.session.execute(_newest(PaperWording.version, PaperWording.sha256)).one()
    known = work.deps.papers.bundles
    key = (row.version, row.sha256)
    if key not in known:
        said = work.session.scalars(
            select(PaperWording.whole).where(PaperWording.version == row.version)
        ).one()
        content = work.deps.papers.templates.bundled(said)
        known.clear()
        known[key] = Bundle(content, sha256(content).hexdigest())
    return row.version, known[key]


def _newest(*columns: Any) -> Any:
    newest = select(func.max(PaperWording.version)).scalar_subquery()
    return select(*columns).where(PaperWording.version == newest)


def may_keep(work: Work) -> bool:
    """Test whether the actor makes the next version: it holds for everybody."""
    work.require_somewhere(Permission.SEE_WORDING)
    return granted_by(work.actor, Permission.MANAGE_WORDING, topmost(work)) is not None


def find(work: Work) -> Sequence[VersionRow]:
    """Return every version, the newest first."""
    work.require_somewhere(Permission.SEE_WORDING)
    rows = work.session.execute(select(*_TOLD).order_by(PaperWording.version.desc())).all()
    people = names_of_people(work, [row.published_by for row in rows if row.published_by])
    return [_told(row, people) for row in rows]


def newest(work: Work) -> int:
    """Return the number of the version in force."""
    work.require_somewhere(Permission.SEE_WORDING)
    found: int = work.session.execute(_newest(PaperWording.version)).scalar_one()
    return found


def get(work: Work, version: int) -> VersionRow:
    """Return one version.

    :raises NotFound: if there is none such
    """
    work.require_somewhere(Permission.SEE_WORDING)
    row = _read(work, version, *_TOLD)
    return _told(row, names_of_people(work, [row.published_by] if row.published_by else []))


def _told(row: Any, people: Mapping[int, str]) -> VersionRow:
    return VersionRow(
        row.version,
        row.sha256,
        sum(len(part) for part in row.changes.values()),
        row.reason,
        row.published_at,
        people.get(row.published_by or 0, ""),
    )


def said(work: Work, version: int | None = None) -> Wording:
    """Return what all papers say by a version, the newest unless told.

    :raises NotFound: if there is none such
    """
    work.require_somewhere(Permission.SEE_WORDING)
    found: Wording = _read(work, version, PaperWording.whole).whole
    return found


def changes(work: Work, version: int) -> Changes:
    """Return what a version says otherwise than the product that it was published on.

    :raises NotFound: if there is none such
    """
    work.require_somewhere(Permission.SEE_WORDING)
    found: Changes = _read(work, version, PaperWording.changes).changes
    return found


def kinds(work: Work, version: int | None = None) -> Sequence[KindRow]:
    """Return the kinds of paper that say something by a version, the newest unless told.

    :raises NotFound: if there is none such
    """
    shipped, now = work.deps.papers.templates.wording, said(work, version)
    other = differing(shipped, now)
    known = work.deps.papers.templates.kinds
    return [
        KindRow(
            kind,
            _title(work, kind),
            known[kind].group if kind in known else "",
            len(entries(part)),
            len(other.get(kind, {})),
        )
        for kind, part in shipped.items()
        if kind in now
    ]


def of_kind(work: Work, kind: str, version: int | None = None) -> Sequence[EntryRow]:
    """Return what papers of a kind say by a version, in the order of the paper.

    :raises NotFound: if there is no such kind or version
    """
    now, templates = said(work, version), work.deps.papers.templates
    if kind not in now:
        raise NotFound(T("没有找到该文书用语"))
    shipped = entries(templates.wording.get(kind, {}))
    order = templates.order(kind)
    rows = [
        EntryRow(key, templates.place_of(kind, key), shipped[key], value)
        for key, value in entries(now[kind]).items()
        if key in shipped
    ]
    return sorted(rows, key=lambda row: order.index(row.key.partition(".")[0]))


def differences(work: Work, version: int, since: int) -> Sequence[Difference]:
    """Return what a version says otherwise than an earlier one.

    :raises NotFound: if there is none of the two
    """
    before, after = said(work, since), said(work, version)
    templates = work.deps.papers.templates
    return [
        Difference(
            _title(work, kind), templates.place_of(kind, key), entries(before[kind])[key], value
        )
        for kind, part in differing(before, after).items()
        for key, value in part.items()
        if key in entries(templates.wording.get(kind, {}))
    ]


def checked(work: Work, kind: str, given: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the entries of a kind as somebody wants to have them, those not given as they are.

    :raises NotFound: if there is no such kind
    :raises Invalid: at the key of each entry that is wrong, or that cannot be printed
    """
    work.require(Permission.MANAGE_WORDING, topmost(work))
    rows = of_kind(work, kind)
    errors: dict[str, Text] = {}
    wanted = {row.key: typed(row.shipped, given.get(row.key, row.said)) for row in rows}
    for row in rows:
        if wrong := _wrong(work, row.shipped, wanted[row.key]):
            errors[f"/{row.key}"] = wrong
    if unknown := sorted(set(given) - set(wanted)):
        errors[f"/{unknown[0]}"] = T("没有这一处用语")
    if errors:
        raise Invalid(errors)
    return wanted


def _wrong(work: Work, shipped: Entry, wanted: Entry) -> Text | None:
    if found := problem(shipped, wanted):
        return found
    return unprintable(work, str(wanted))


def publish(work: Work, kind: str, given: Mapping[str, Entry], reason: str, seen: int) -> int:
    """Publish a version in which papers of one kind say something else, and return its number.

    `seen` is the version it was made from. Papers that were made stay as they are.

    :raises NotFound: if there is no such kind
    :raises Invalid: if an entry is wrong, the reason is missing, or nothing was changed
    :raises Stale: if somebody published another version meanwhile
    """
    grant = work.require(Permission.MANAGE_WORDING, topmost(work))
    wanted = checked(work, kind, given)
    reason = entered.reason(reason)
    before = kept(work)
    if before.version != seen:
        raise Stale
    after = {**before.whole, kind: changed(before.whole[kind], wanted)}
    other = differing(before.whole, after)
    if not other:
        raise Invalid({"/": T("用语没有改动")})
    version = add(work, seen + 1, after, reason, work.me)
    work.record(
        Stream.INSTALLATION,
        1,
        "wording.publish",
        grant,
        edition=version,
        kind=kind,
        name=str(_title(work, kind)),
        entries=sorted(other[kind]),
        reason=reason,
    )
    return version


def restore(work: Work, version: int, reason: str, seen: int) -> int:
    """Publish what an earlier version says once more, and return the number of the new one.

    :raises NotFound: if there is none such
    :raises Conflict: if it says what is in force already
    :raises Invalid: if the reason is missing
    :raises Stale: if somebody published another version meanwhile
    """
    grant = work.require(Permission.MANAGE_WORDING, topmost(work))
    reason = entered.reason(reason)
    before, shipped = kept(work), work.deps.papers.templates.wording
    if before.version != seen:
        raise Stale
    # Kinds that came since, and entries that templates no longer fill, are as the product has them.
    after = whole(shipped, fitting(work, differing(shipped, kept(work, version).whole)))
    if after == before.whole:
        raise Conflict(T("与现行版本的用语相同"))
    found = add(work, seen + 1, after, reason, work.me)
    work.record(
        Stream.INSTALLATION,
        1,
        "wording.restore",
        grant,
        edition=found,
        taken_up=version,
        reason=reason,
    )
    return found


def kept(work: Work, version: int | None = None) -> PaperWording:
    """Return a version, the newest unless told: a step of those who publish the next one.

    :raises NotFound: if there is none such
    """
    found: PaperWording = _read(work, version, PaperWording)[0]
    return found


def _read(work: Work, version: int | None, *columns: Any) -> Any:
    """Return columns of a version, the newest unless told; what it says in whole is long."""
    wanted = _newest(*columns)
    if version is not None:
        wanted = select(*columns).where(PaperWording.version == version)
    # Numbers that the column cannot hold are nobody's, whatever the database makes of them.
    row = None
    if version is None or version <= MOST_VERSION:
        row = work.session.execute(wanted).one_or_none()
    if row is None:
        raise NotFound(T("没有文书用语第 {version} 版", version=version or 0))
    return row


def _title(work: Work, kind: str) -> Text:
    return work.deps.papers.templates.title(kind)


def fitting(work: Work, changes: Changes) -> dict[str, dict[str, Entry]]:
    """Return those of an office's changes that the product's templates can still fill in."""
    shipped = work.deps.papers.templates.wording
    found = {}
    for kind, part in changes.items():
        known = entries(shipped.get(kind, {}))
        found[kind] = {
            key: value
            for key, value in part.items()
            if key in known and value != known[key] and problem(known[key], value) is None
        }
    return {kind: part for kind, part in found.items() if part}


def add(
    work: Work, version: int, said: Wording, reason: str, by: int | None, at: datetime | None = None
) -> int:
    """Publish a version: a step of those who may. Of two at once the other is told."""
    exact = json.dumps(said, ensure_ascii=False, sort_keys=True).encode()
    work.session.add(
        PaperWording(
            version=version,
            whole=said,
            changes=differing(work.deps.papers.templates.wording, said),
            sha256=sha256(exact).hexdigest(),
            reason=reason,
            published_at=at or work.now,
            published_by=by,
        )
    )
    work.session.flush()
    return version
