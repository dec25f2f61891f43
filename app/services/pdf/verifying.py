"""Say to anybody whether a paper is genuine: by the code on it, or by the file itself.

The register decides: a file is the original if it is the one that was registered last. What differs
from it was altered, or has lost its last signatures. Nothing is told of a paper that was not
completed, and nothing beyond what the paper says to whoever holds it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import aliased

from app.adapters.signature.apart import check_apart
from app.adapters.signature.verifying import Found, NotAPaper, keywords_of
from app.domain import Invalid
from app.domain.credentials import network
from app.domain.documents import (
    IN_FORCE,
    SEAL,
    SM2,
    DocumentState,
    Manner,
    masked,
    masked_person,
    normal_code,
)
from app.domain.text import T, Text
from app.models.casework import WorkItem
from app.models.documents import (
    Document,
    DocumentRevision,
    Lookup,
    SignatureRecord,
    SigningKey,
)
from app.models.people import Account, Organisation
from app.services import Deps, Work
from app.services.documents import cards
from app.services.documents.approving import signed_instead
from app.services.documents.cards import Card, Lifted
from app.services.pdf import keys
from app.services.pdf.sealing import CLOSED
from app.services.sessions import Origin, TooMany

WINDOW = timedelta(minutes=10)
MOST_CODES, MOST_FILES = 60, 20
MOST_BYTES = 10 * 2**20


class Verdict(StrEnum):
    """What a paper turned out to be."""

    ORIGINAL = "original"
    ALTERED = "altered"
    CUT_BACK = "cut_back"
    UNKNOWN = "unknown"
    REVOKED = "revoked"
    REPLACED = "replaced"
    """It was taken back, and the same step of its case made another one in its place."""
    EXPIRED = "expired"
    """It is what was registered, but its archive stamp has ended: by itself it proves nothing."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A signature as the public may know it."""

    name: str
    seal: bool
    second: bool
    """Whether it is the organ's second signature (国密 SM2/SM3)."""
    at: datetime
    instead: bool
    """Whether somebody else was to sign there, and did not."""
    manner: Manner | None
    """How they signed by hand: then it is no electronic signature of theirs."""
    checked_by: str
    """Who certified that; "" if nobody had to."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the public may know of a paper: what it says itself, names masked."""

    number: str
    title: Text
    organ: str
    issued_at: datetime
    unit: str
    """In full where the paper itself speaks to everybody."""
    signers: Sequence[Signer]
    sha256: str
    revoked_at: datetime | None
    replaced_by: str
    """The number of the paper in its place, if it was taken back and there is one; else ""."""
    cards: Sequence[Card]
    """The cards that it publishes, or says to have ended."""
    lifted: Lifted | None
    """How the card ended that it publishes."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A state of a paper's file that was registered."""

    document_id: int
    lasts_until: datetime | None
    """Until when its archive stamp proves it; None if it was not complete."""


@dataclass(frozen=True, slots=True)
class Verified:
    """The answer to whoever asked."""

    verdict: Verdict
    known: Known | None
    sha256: str = ""
    """Of the file that was handed in."""
    found: Sequence[Found] = ()
    """The signatures in a file that is not the original."""


def by_code(deps: Deps, code: str, origin: Origin) -> Verified:
    """Say what is registered under the code on a paper.

    :raises TooMany: if too much was asked from this address
    """
    _count(deps, origin, upload=False)
    plain = normal_code(code)
    with deps.system_reading("the public asks about a code") as work:
        document = _by_code(work, plain) if plain else None
        if document is None:
            return Verified(Verdict.UNKNOWN, None)
        known = _known(work, document)
    return Verified(_taken_back(known) or Verdict.ORIGINAL, known)


def by_file(deps: Deps, data: bytes, origin: Origin) -> Verified:
    """Say what a file is.

    :raises TooMany: if too much was asked from this address
    :raises Invalid: if there is no file, or it is too large
    """
    if not data or len(data) > MOST_BYTES:
        raise Invalid({"/file": T("请选择不超过 {n} MB 的 PDF 文件", n=MOST_BYTES // 2**20)})
    _count(deps, origin, upload=True)
    digest = hashlib.sha256(data).hexdigest()
    with deps.system_reading("the public asks about a file") as work:
        found = _by_digest(work, digest)
        document = found.document_id if found else _by_code(work, normal_code(_keywords(data)))
        if document is None:
            return Verified(Verdict.UNKNOWN, None, digest)
        known = _known(work, document)
        if found is not None:
            verdict = _taken_back(known) or _verdict(found, known, digest, work.wall)
            if found.lasts_until is not None:  # as registered, if not the newest of its stamps
                known = replace(known, sha256=digest)
            return Verified(verdict, known, digest)
    return Verified(Verdict.ALTERED, known, digest, _found(deps, data))


def _taken_back(known: Known) -> Verdict | None:
    """Say whether a paper or a certificate on it was taken back, and with another in its place."""
    if known.revoked_at is None:
        return None
    return Verdict.REPLACED if known.replaced_by else Verdict.REVOKED


def _verdict(found: Registered, known: Known, digest: str, now: datetime) -> Verdict:
    """Say what a registered file is: whole once it was complete, however often stamped since."""
    if found.lasts_until is None:
        return Verdict.ORIGINAL if known.sha256 == digest else Verdict.CUT_BACK
    return Verdict.ORIGINAL if now < found.lasts_until else Verdict.EXPIRED


def _keywords(data: bytes) -> str:
    try:
        return keywords_of(data)
    except NotAPaper:
        return ""


def _found(deps: Deps, data: bytes) -> Sequence[Found]:
    try:
        return check_apart(data, keys.trust(deps), deps.clock())
    except NotAPaper:
        return ()


def _count(deps: Deps, origin: Origin, *, upload: bool) -> None:
    """Note a question, and refuse it if there were too many: nobody tries codes one by one."""
    address = network(origin.address)
    with deps.system("count questions to the public page") as work:
        since = work.wall - WINDOW
        work.session.execute(delete(Lookup).where(Lookup.at < since))
        asked = work.session.scalar(
            select(func.count()).where(Lookup.address == address, Lookup.upload == upload)
        )
        if (asked or 0) >= (MOST_FILES if upload else MOST_CODES):
            seconds = int(WINDOW.total_seconds())
            raise TooMany(T("查询次数过多，请稍后再试"), retry_after=seconds)
        work.session.add(Lookup(address=address, upload=upload, at=work.wall))


def _by_code(work: Work, code: str) -> int | None:
    if not code:
        return None
    return work.session.scalar(select(Document.id).where(Document.code == code, _complete(work)))


def _by_digest(work: Work, digest: str) -> Registered | None:
    row = work.session.execute(
        select(Document.id, DocumentRevision.lasts_until)
        .join(DocumentRevision, DocumentRevision.document_id == Document.id)
        .where(DocumentRevision.sha256 == digest, _complete(work))
    ).one_or_none()
    return None if row is None else Registered(*row)


def _complete(work: Work) -> ColumnElement[bool]:
    """Return the condition that a paper was completed once: a void one only if it was."""
    closed = select(DocumentRevision.document_id).where(
        DocumentRevision.made_by.in_((SEAL, CLOSED))
    )
    signed = (
        select(func.count())
        .where(SignatureRecord.document_id == Document.id)
        .correlate(Document)
        .scalar_subquery()
    )
    by_the_last = (
        and_(Document.kind == kind.id, signed == len(kind.signers))
        for kind in work.deps.papers.templates.kinds.values()
        if kind.signers and not kind.sealed
    )
    was = or_(Document.served_at.is_not(None), Document.id.in_(closed), *by_the_last)
    return Document.state.in_(IN_FORCE) | ((Document.state == DocumentState.VOID) & was)


def _known(work: Work, document_id: int) -> Known:
    """Return what may be told of a paper."""
    row = work.session.execute(
        select(
            Document.kind,
            Document.number,
            Document.issued_at,
            Document.sha256,
            Document.void_at,
            Document.subject_id,
            Document.data,
            Organisation.name,
        )
        .join(Organisation, Organisation.id == Document.organisation_id)
        .where(Document.id == document_id)
    ).one()
    unit = work.session.scalar(select(Organisation.name).where(Organisation.id == row.subject_id))
    signatures = work.session.execute(
        select(
            SignatureRecord.slot,
            SignatureRecord.name,
            SignatureRecord.at,
            SignatureRecord.manner,
            SigningKey.revoked_at,
            Account.name.label("by"),
        )
        .join(SigningKey, SigningKey.id == SignatureRecord.key_id)
        .outerjoin(Account, Account.id == SignatureRecord.account_id)
        .where(SignatureRecord.document_id == document_id)
        .order_by(SignatureRecord.at, SignatureRecord.slot == SEAL, SignatureRecord.slot)
    ).all()
    taken_back = [row.revoked_at for row in signatures if row.revoked_at is not None]
    kind = work.deps.papers.templates.kinds.get(row.kind)
    instead = signed_instead(work, row.kind, document_id)
    return Known(
        number=row.number,
        title=work.deps.papers.templates.title(row.kind),
        organ=row.name,
        issued_at=row.issued_at,
        unit=(unit or "") if kind is not None and kind.public else masked(unit or ""),
        signers=[
            Signer(
                name=row.name if row.slot in (SEAL, SM2) else masked_person(row.name),
                seal=row.slot == SEAL,
                second=row.slot == SM2,
                at=row.at,
                instead=row.slot in instead,
                manner=row.manner,
                checked_by=masked_person(row.by or "") if row.manner else "",
            )
            for row in signatures
        ],
        sha256=row.sha256 or "",
        revoked_at=row.void_at or min(taken_back, default=None),
        replaced_by=_replaced_by(work, document_id) if row.void_at is not None else "",
        cards=cards.told_by(kind, row.number, row.data),
        lifted=cards.ended(work, document_id),
    )


def _replaced_by(work: Work, document_id: int) -> str:
    """Return the number of what the same step of the same case made once a paper was void."""
    void, made, instead = Document, aliased(WorkItem), aliased(Document)
    other = aliased(WorkItem)
    return (
        work.session.scalar(
            select(instead.number)
            .join(other, other.id == instead.item_id)
            .join(void, void.case_id == instead.case_id)
            .join(made, made.id == void.item_id)
            .where(void.id == document_id, other.node == made.node)
            .where(instead.kind == void.kind, instead.subject_id == void.subject_id)
            .where(instead.id > void.id, instead.issued_at >= void.void_at)
            .where(instead.state.in_(IN_FORCE))
            .order_by(instead.id.desc())
            .limit(1)
        )
        or ""
    )
