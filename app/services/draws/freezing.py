"""Freeze the roster (锁定名录): from here on it is what it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select

from app.domain.access import Grant
from app.domain.deadlines import BEIJING
from app.domain.draws import LEAST_PERCENT, DrawState
from app.domain.draws.roster import Entry, reasons_text, roster_text, sha256
from app.domain.enterprises import TermKind
from app.domain.history import Stream
from app.domain.text import T, Text
from app.models.draws import Draw, DrawEntry
from app.models.enterprises import Term
from app.services import Work
from app.services.draws import DRAWS
from app.services.draws.roster import Found, Selection, roster

SUPPLEMENT = "supplement"
BEGUN = (DrawState.COMMITTED, DrawState.DRAWN, DrawState.CONFIRMED, DrawState.CLOSED)
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """Whose draw it is, and in which case."""

    case_id: int
    organisation_id: int
    place: str


class Unfit(Exception):
    """The scope that was asked for is none; `text` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


def problem(work: Work, where: Place, answers: Mapping[str, Any]) -> Text | None:
    """Say what keeps a roster from being frozen, or None: for the form that asks for its scope."""
    try:
        return roster(work, _selection(work, where, answers)).problem
    except Unfit as unfit:
        return unfit.text


def freeze(
    work: Work, where: Place, answers: Mapping[str, Any], grant: Grant | None
) -> Text | None:
    """Freeze the roster that the answers ask for; the result says why it cannot be, or is None."""
    try:
        wanted = _selection(work, where, answers)
    except Unfit as unfit:
        return unfit.text
    found = roster(work, wanted)
    if found.problem is not None:
        return found.problem
    draw = _new(work, where, wanted, found, max(answers["percent"], LEAST_PERCENT))
    for some in _batches(draw.id, found.entries):
        work.session.execute(insert(DrawEntry), some, execution_options=DRAWS)
    work.record(
        Stream.DRAW,
        draw.id,
        "draw.freeze",
        grant,
        case=where.case_id,
        enterprises=len(found.entries),
        roster=draw.roster_sha256,
        reasons=draw.reasons_sha256,
    )
    return None


def _new(work: Work, where: Place, wanted: Selection, found: Found, percent: int) -> Draw:
    year = work.now.astimezone(BEIJING).year
    serial = _serial(work, where.organisation_id, year)
    entries = found.entries.values()
    draw = Draw(
        number=f"{where.place or 0}-{year}-{serial}",
        year=year,
        serial=serial,
        place=where.place,
        organisation_id=where.organisation_id,
        case_id=where.case_id,
        supplements_id=wanted.supplements,
        replaces_id=_cancelled(work, where.case_id),
        state=DrawState.FROZEN,
        sectors=list(wanted.sectors),
        themes=list(wanted.themes),
        percent=percent,
        frozen_at=work.now,
        frozen_by=work.actor.id,
        roster_sha256=sha256(roster_text(entries)),
        reasons_sha256=sha256(reasons_text(entries)),
    )
    work.session.add(draw)
    work.session.flush()
    return draw


def _serial(work: Work, organisation_id: int, year: int) -> int:
    """Return the next number of an office: they have no gap, whatever becomes of a draw."""
    work.lock(f"draws {organisation_id} {year}")
    last = work.session.scalar(
        select(func.max(Draw.serial)).where(
            Draw.organisation_id == organisation_id, Draw.year == year
        ),
        execution_options=DRAWS,
    )
    return (last or 0) + 1


def _cancelled(work: Work, case_id: int) -> int | None:
    """Return the draw of this case that was cancelled last."""
    return work.session.scalar(
        select(func.max(Draw.id)).where(Draw.case_id == case_id), execution_options=DRAWS
    )


def _batches(draw_id: int, entries: Mapping[int, Entry]) -> Iterable[list[dict[str, Any]]]:
    rows = [
        {
            "draw_id": draw_id,
            "enterprise_id": enterprise,
            "county": entry.county,
            "code": entry.id,
            "name": entry.name,
            "key": entry.key,
            "worrisome": entry.worrisome,
            "reason": entry.reason,
        }
        for enterprise, entry in entries.items()
    ]
    for begin in range(0, len(rows), AT_ONCE):
        yield rows[begin : begin + AT_ONCE]


def _selection(work: Work, where: Place, answers: Mapping[str, Any]) -> Selection:
    if answers.get("kind") != SUPPLEMENT:
        sectors = _codes(work, TermKind.SECTOR, answers.get("sectors", ()))
        themes = _codes(work, TermKind.TAG, answers.get("themes", ()))
        return Selection(where.place, sectors, themes)
    number = str(answers.get("supplements", "")).strip()
    first = work.session.execute(
        select(Draw.id, Draw.sectors, Draw.themes, Draw.supplements_id, Draw.state).where(
            Draw.number == number, Draw.organisation_id == where.organisation_id
        ),
        execution_options=DRAWS,
    ).one_or_none()
    if first is None or first.supplements_id is not None or first.state not in BEGUN:
        raise Unfit(T("没有编号为 {number}、已承诺的抽查，不能补抽", number=number or "—"))
    return Selection(where.place, tuple(first.sectors), tuple(first.themes), first.id)


def _codes(work: Work, kind: TermKind, words: Iterable[str]) -> tuple[str, ...]:
    """Return the registry's codes of words that somebody wrote down."""
    known: dict[str, str] = {}
    for row in work.session.scalars(select(Term).where(Term.kind == kind)):
        for word in (*row.aliases.split(), row.name_en.lower(), row.name, row.code):
            known[word] = row.code
    written = [word.strip() for word in words]
    for word in written:
        if word.lower() not in known and word not in known:
            raise Unfit(T("企业台账没有“{word}”这个行业或者主题", word=word))
    return tuple(sorted({known.get(word) or known[word.lower()] for word in written}))
