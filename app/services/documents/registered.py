"""Whether the register of papers is what its history told: what was numbered, made, signed, served.

The rows of the register can be written by whoever owns the database; the history is chained, and
its head may have been noted elsewhere. So each row is held against the lines of its case.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from app.domain.documents import MAKING, SEAL, SM2, DocumentState
from app.domain.history import FORGED, Stream
from app.models.documents import (
    Document,
    DocumentRevision,
    NumberCounter,
    ServiceRecord,
    SignatureRecord,
)
from app.models.records import HistoryEntry
from app.services import Work

AT_ONCE = 200
HIGHEST = 2**63
"""Ids that a database has lie below it."""
ACTS = '{"action":"document.'
"""How a line of history begins that tells of a paper: its keys are sorted."""
ISSUE = f'{ACTS}issue"'
SIGNED = ("document.sign", "document.pad", "document.scan")
AFTERWARDS: Mapping[str, DocumentState] = {
    "document.receive": DocumentState.RECEIVED,
    "document.answer": DocumentState.ANSWERED,
    "document.serve": DocumentState.SERVED,
    "document.void": DocumentState.VOID,
}
"""Acts on a complete paper, and where it stands then."""


@dataclass(slots=True)
class Told:
    """What the history of its case tells of a paper."""

    number: str = ""
    """"" if it was not issued."""
    template: str = ""
    data: str = ""
    revisions: list[tuple[str, str]] = field(default_factory=list)
    signed: dict[str, int | None] = field(default_factory=dict)
    served: tuple[Any, ...] | None = None
    reason: str | None = None
    declined: bool = False
    state: DocumentState | None = None
    """Where an act on the complete paper left it."""

    def add(self, line: Mapping[str, Any]) -> None:
        """Take in one line of history."""
        action, detail = line["action"], line["detail"]
        if action == "document.issue":
            self.number, self.template = detail["number"], detail["template"]
            self.data = detail["data"]
        elif action == "document.redate":
            self.data = detail["data"]
        elif action == "document.register":
            self.revisions.append((detail["sha256"], detail["by"]))
            if "approved" in detail:
                self.signed[detail["by"]] = detail["approved"]
        elif action in SIGNED:
            self.signed[detail["slot"]] = line["by"]
        elif action == "document.serve":
            self.served = (detail["receipt"], detail["manner"], detail["on"])
        elif action == "document.void":
            self.reason = detail["reason"]
        elif action == "document.decline":
            self.declined = True
        self.state = AFTERWARDS.get(action, self.state)


@dataclass(frozen=True, slots=True)
class Kept:
    """What the register has of some papers beside their own rows, by paper."""

    revisions: Mapping[int, Sequence[tuple[str, str]]]
    signed: Mapping[int, Mapping[str, int | None]]
    served: Mapping[int, ServiceRecord]


def checked(work: Work) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield each paper by its number, with what of it is not as its history tells.

    A history is read once, however many papers its case has, and no more is held than that.
    """
    for cases in _cases(work):
        told = _told(work, cases)
        wanted = select(*Document.__table__.c).where(Document.case_id.in_(cases))
        rows = work.session.execute(
            wanted.order_by(Document.case_id, Document.id).execution_options(yield_per=AT_ONCE)
        )
        for some in rows.partitions():
            kept = _kept(work, [row.id for row in some])
            for row in some:
                yield row.number, list(_differing(row, told.get(row.id, Told()), kept))


def _cases(work: Work) -> Iterator[Sequence[int]]:
    """Yield the cases that have papers: so many together as have `AT_ONCE`, or one with more."""
    counted = select(Document.case_id, func.count()).group_by(Document.case_id)
    together: list[int] = []
    papers = 0
    for case, count in work.session.execute(
        counted.order_by(Document.case_id).execution_options(yield_per=AT_ONCE)
    ):
        if together and papers + count > AT_ONCE:
            yield together
            together, papers = [], 0
        together.append(case)
        papers += count
    if together:
        yield together


def _told(work: Work, cases: Iterable[int]) -> dict[int, Told]:
    lines = work.session.scalars(
        select(HistoryEntry.body)
        .where(HistoryEntry.stream == Stream.CASE, HistoryEntry.subject.in_(cases))
        .where(HistoryEntry.body.startswith(ACTS, autoescape=True))
        .order_by(HistoryEntry.subject, HistoryEntry.seq)
    )
    found: dict[int, Told] = {}
    for text in lines:
        with suppress(*FORGED):
            line = json.loads(text)
            found.setdefault(line["detail"]["document"], Told()).add(line)
    return found


def _kept(work: Work, papers: Sequence[int]) -> Kept:
    files: dict[int, list[tuple[str, str]]] = {}
    revision = DocumentRevision
    for row in work.session.execute(
        select(revision.document_id, revision.sha256, revision.made_by)
        .where(revision.document_id.in_(papers))
        .order_by(revision.document_id, revision.revision)
    ):
        files.setdefault(row.document_id, []).append((row.sha256, row.made_by))
    signed: dict[int, dict[str, int | None]] = {}
    signature = SignatureRecord
    for one in work.session.execute(
        select(signature.document_id, signature.slot, signature.account_id).where(
            signature.document_id.in_(papers)
        )
    ):
        signed.setdefault(one.document_id, {})[one.slot] = one.account_id
    served = work.session.scalars(
        select(ServiceRecord).where(ServiceRecord.document_id.in_(papers))
    )
    return Kept(files, signed, {one.document_id: one for one in served})


def _differing(row: Any, told: Told, kept: Kept) -> Iterator[str]:
    """Yield what of a paper is not as told."""
    if not told.number:
        yield "its history does not tell that it was issued"
        return
    files = kept.revisions.get(row.id, [])
    newest = files[-1][0] if files and row.state is not DocumentState.ISSUED else None
    service = kept.served.get(row.id)
    # The organ's own need nobody by name; who approved a seal was not always told.
    signed = {
        slot: account
        for slot, account in kept.signed.get(row.id, {}).items()
        if slot in told.signed or slot not in (SEAL, SM2)
    }
    facts: tuple[tuple[str, Any, Any], ...] = (
        ("number", row.number, told.number),
        ("templates", row.template_sha256, told.template),
        ("data", hashlib.sha256(row.data).hexdigest(), told.data),
        ("digest of data", row.data_sha256, told.data),
        ("files", list(files), told.revisions),
        ("newest file", row.sha256, newest),
        ("who signed", signed, told.signed),
        ("whether what it proposes was declined", row.declined, told.declined),
        ("why it is void", row.void_reason, told.reason),
        ("how it was served", service and _service(service), told.served),
    )
    yield from (f"not what its history tells: {what}" for what, is_, was in facts if is_ != was)
    if not _stands(row.state, told):
        yield f"it is {row.state}, which its history does not tell"


def _service(row: ServiceRecord) -> tuple[Any, ...]:
    return row.receipt_id, row.manner, row.served_on.isoformat()


def _stands(state: DocumentState, told: Told) -> bool:
    """Test whether a paper may stand where it does."""
    if told.state is not None:
        return state is told.state
    if any(by == SEAL for _sha256, by in told.revisions):
        return state is DocumentState.SEALED
    return state in ((*MAKING, DocumentState.SEALED) if told.revisions else MAKING[:1])


def lost(work: Work) -> Iterator[str]:
    """Yield the numbers that were given, and of which the register has no paper."""
    lines = work.session.scalars(
        select(HistoryEntry.body)
        .where(HistoryEntry.stream == Stream.CASE)
        .where(HistoryEntry.body.startswith(ISSUE, autoescape=True))
        .execution_options(yield_per=AT_ONCE)
    )
    for some in lines.partitions():
        given = list(_given(some))
        asked = {paper for paper, _number in given if abs(paper) < HIGHEST}
        there = set(work.session.scalars(select(Document.id).where(Document.id.in_(asked))))
        yield from (number for paper, number in given if paper not in there)


def _given(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the papers that lines of history tell of, with the numbers that were given them."""
    for text in lines:
        with suppress(*FORGED):
            detail = json.loads(text)["detail"]
            yield int(detail["document"]), detail["number"]


def gaps(work: Work) -> Iterator[tuple[int, str, int]]:
    """Yield whose numbers of which kind and year have a gap, or go on from elsewhere."""
    counter = NumberCounter
    mine = (Document.organisation_id, Document.kind, Document.year)
    given = work.session.execute(
        select(*mine, func.count(), func.max(Document.serial)).group_by(*mine)
    )
    taken = {(organ, kind, year): (many, top) for organ, kind, year, many, top in given}
    counted = work.session.execute(
        select(counter.organisation_id, counter.kind, counter.year, counter.last)
    )
    last = {(organ, kind, year): top for organ, kind, year, top in counted}
    for one in sorted({*taken, *last}):
        if taken.get(one, (0, 0)) != (last.get(one, 0),) * 2:
            yield one
