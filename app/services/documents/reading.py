"""Read papers: the register of those the actor may know of, one with its facts, its file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, select

from app.domain import NotFound
from app.domain.access import Permission, Thing, granted_by
from app.domain.documents import DECLINED, IN_FORCE, SEAL, DocumentState, Manner
from app.domain.entered import whole
from app.domain.text import T, Term, Text
from app.models.documents import Document, DocumentRevision, ServiceRecord, SignatureRecord
from app.models.people import Organisation
from app.services import Work, history
from app.services.documents.approving import signed_instead

PAGE = 20


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """What the register is narrowed by; "" leaves it wide."""

    kind: str = ""
    state: str = ""
    """Of `DocumentState`, or `DECLINED`."""
    q: str = ""
    """Part of a number or of the unit's name."""


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One line of the register."""

    id: int
    kind: str
    title: Text
    number: str
    state: DocumentState
    declined: bool
    """Whether who decided by signing it declined what it proposes."""
    organisation: str
    subject: str
    case_id: int
    sha256: str | None
    pages: int | None
    issued_at: datetime
    served_at: datetime | None

    @property
    def ready(self) -> bool:
        """Whether there is a file to look at."""
        return self.sha256 is not None


@dataclass(frozen=True, slots=True)
class SignatureRow:
    slot: str
    name: str
    at: datetime
    by: str
    """The person who signed or who approved the seal."""
    instead: bool
    """Whether it is the place of somebody who did not sign: why, was written there."""
    handwritten: bool
    """Whether they wrote on the pad; what, only the paper shows."""
    manner: Manner | None
    """How they signed by hand, if `by` certifies that; then it is no electronic signature."""
    scans: Sequence[str]
    """Ids of the files that show what was signed on paper."""


@dataclass(frozen=True, slots=True)
class RevisionRow:
    revision: int
    sha256: str
    size: int
    made_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ServiceRow:
    manner: str
    receipt: str
    served_on: date
    served_at: str
    receiver: str | None
    receipt_id: int | None
    by: str


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A paper with all that is known of it."""

    row: DocumentRow
    code: str
    data: dict[str, Any]
    data_sha256: str
    template_sha256: str
    wording: int | None
    """The version of the wording that it was made with."""
    drafted_by: str
    """Who had it numbered and made (拟稿人)."""
    approval: SignatureRow | None
    """The leader's signature by which it goes out (签发), if its kind has one and it was given."""
    void_at: datetime | None
    void_reason: str | None
    signatures: Sequence[SignatureRow]
    revisions: Sequence[RevisionRow]
    service: ServiceRow | None
    may_void: bool


def find(
    work: Work, wanted: DocumentFilter | None = None, cursor: str | None = None
) -> tuple[list[DocumentRow], str | None]:
    """Return a page of the register, the newest first, and the cursor of the next page."""
    work.require_somewhere(Permission.SEE_DOCUMENT)
    wanted = wanted or DocumentFilter()
    rows = _rows()
    if wanted.kind:
        rows = rows.where(Document.kind == wanted.kind)
    if wanted.state in set(DocumentState):
        rows = rows.where(Document.state == wanted.state)
    elif wanted.state == DECLINED:
        rows = rows.where(Document.declined)
    if wanted.q.strip():
        words = wanted.q.strip()[:64]
        subject = rows.selected_columns.subject
        rows = rows.where(
            Document.number.contains(words, autoescape=True)
            | subject.contains(words, autoescape=True)
        )
    if (before := whole(cursor)) is not None:
        rows = rows.where(Document.id < before)
    found = work.session.execute(rows.order_by(Document.id.desc()).limit(PAGE + 1)).all()
    listed = [_row(work, row) for row in found[:PAGE]]
    return listed, str(listed[-1].id) if len(found) > PAGE else None


def of_case(work: Work, case_id: int) -> list[DocumentRow]:
    """Return the papers of a case that the actor may know of, oldest first."""
    work.require_somewhere(Permission.SEE_DOCUMENT)
    rows = _rows().where(Document.case_id == case_id).order_by(Document.id)
    return [_row(work, row) for row in work.session.execute(rows)]


def kinds(work: Work) -> list[tuple[str, Text]]:
    """Return the kinds of paper there are, with their titles."""
    work.require_somewhere(Permission.SEE_DOCUMENT)
    known = work.deps.papers.templates.kinds.values()
    return [(kind.id, Term(kind.title, english=kind.english)) for kind in known]


def _rows() -> Select[*tuple[Any, ...]]:
    subject = Organisation.__table__.alias("subject")
    organ = Organisation.__table__.alias("organ")
    return (
        select(
            Document.id,
            Document.kind,
            Document.number,
            Document.state,
            Document.declined,
            organ.c.name.label("organisation"),
            subject.c.name.label("subject"),
            Document.case_id,
            Document.sha256,
            Document.pages,
            Document.issued_at,
            Document.served_at,
        )
        .join(subject, subject.c.id == Document.subject_id)
        .join(organ, organ.c.id == Document.organisation_id)
    )


def _row(work: Work, row: Row[*tuple[Any, ...]]) -> DocumentRow:
    return DocumentRow(
        id=row.id,
        kind=row.kind,
        title=work.deps.papers.templates.title(row.kind),
        number=row.number,
        state=row.state,
        declined=row.declined,
        organisation=row.organisation,
        subject=row.subject,
        case_id=row.case_id,
        sha256=row.sha256,
        pages=row.pages,
        issued_at=row.issued_at,
        served_at=row.served_at,
    )


def get(work: Work, document_id: int) -> DocumentView:
    """Return one paper.

    :raises NotFound: if the actor may not know of it
    """
    work.require(Permission.SEE_DOCUMENT, Thing())
    found = work.session.execute(_rows().where(Document.id == document_id)).one_or_none()
    if found is None:
        raise NotFound(T("没有找到该文书"))
    row = _row(work, found)
    more = work.session.execute(
        select(
            Document.code,
            Document.data,
            Document.data_sha256,
            Document.template_sha256,
            Document.wording,
            Document.issued_by,
            Document.void_at,
            Document.void_reason,
            Document.place,
            Document.organisation_id,
        ).where(Document.id == document_id)
    ).one()
    signatures = work.session.execute(
        select(
            SignatureRecord.slot,
            SignatureRecord.name,
            SignatureRecord.at,
            SignatureRecord.account_id,
            SignatureRecord.strokes.is_not(None).label("handwritten"),
            SignatureRecord.manner,
            SignatureRecord.scans,
        )
        .where(SignatureRecord.document_id == document_id)
        .order_by(SignatureRecord.at, SignatureRecord.slot == SEAL, SignatureRecord.slot)
    ).all()
    revisions = work.session.scalars(
        select(DocumentRevision)
        .where(DocumentRevision.document_id == document_id)
        .order_by(DocumentRevision.revision)
    ).all()
    service = work.session.get(ServiceRecord, document_id)
    ids = [more.issued_by, *(s.account_id for s in signatures)]
    ids += [service.recorded_by] if service else []
    people = history.names_of_people(work, [person for person in ids if person is not None])
    instead = signed_instead(work, row.kind, document_id)
    signed = [
        SignatureRow(
            slot=s.slot,
            name=s.name,
            at=s.at,
            by=people.get(s.account_id or 0, ""),
            instead=s.slot in instead,
            handwritten=s.handwritten,
            manner=s.manner,
            scans=s.scans or (),
        )
        for s in signatures
    ]
    approving = _approving(work, row.kind)
    thing = Thing(place=more.place, organisation=more.organisation_id)
    return DocumentView(
        row=row,
        code=more.code,
        data=json.loads(more.data),
        data_sha256=more.data_sha256,
        template_sha256=more.template_sha256,
        wording=more.wording,
        drafted_by=people.get(more.issued_by or 0, ""),
        approval=next((one for one in signed if one.slot in approving), None),
        void_at=more.void_at,
        void_reason=more.void_reason,
        signatures=signed,
        revisions=[RevisionRow(r.revision, r.sha256, r.size, r.made_by, r.at) for r in revisions],
        service=_service(service, people) if service else None,
        may_void=row.state in IN_FORCE
        and granted_by(work.actor, Permission.VOID_DOCUMENT, thing) is not None,
    )


def _approving(work: Work, kind: str) -> set[str]:
    """Return the places of the signatures by which papers of a kind go out."""
    known = work.deps.papers.templates.kinds.get(kind)
    return {signer.id for signer in known.signers if signer.approves} if known else set()


def _service(row: ServiceRecord, people: dict[int, str]) -> ServiceRow:
    return ServiceRow(
        manner=row.manner,
        receipt=row.receipt,
        served_on=row.served_on,
        served_at=row.served_at,
        receiver=row.receiver,
        receipt_id=row.receipt_id,
        by=people.get(row.recorded_by or 0, ""),
    )


@dataclass(frozen=True, slots=True)
class File:
    """A paper's newest file."""

    name: str
    sha256: str
    data: bytes


def file(work: Work, document_id: int) -> File:
    """Return a paper's newest file.

    :raises NotFound: if there is none that the actor may see
    """
    work.require(Permission.SEE_DOCUMENT, Thing())
    row = work.session.execute(
        select(Document.number, Document.sha256, Document.kind).where(Document.id == document_id)
    ).one_or_none()
    if row is None or row.sha256 is None:
        raise NotFound(T("没有找到该文书"))
    name = f"{work.deps.papers.templates.title(row.kind).wording}{row.number}.pdf"
    return File(name, row.sha256, work.deps.files.get(row.sha256))
