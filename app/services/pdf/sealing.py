"""Put the organ's seal on a paper (用印): a job, after the seal keeper has approved.

The seal closes the paper: nothing can be added afterwards, and it carries what is needed to check
it in twenty years. The paper is complete once the sealed file is registered.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from app.adapters.signature import drawing
from app.adapters.signature.signing import Look, put_seal
from app.domain.documents import DocumentState
from app.domain.text import T
from app.engine import CaseFault
from app.models.documents import Document, SignatureRecord
from app.models.people import Organisation
from app.services import Deps, Work, incidents
from app.services.cases.locked import Command, StepFailed, lock_running
from app.services.documents.approving import SEALING, approval_of, signed_by
from app.services.pdf import keys
from app.services.pdf.typesetting import SEAL, add_revision
from app.services.resuming import answer

DEMO = "演示专用"
OPACITY = 0.88


@dataclass(frozen=True, slots=True)
class Waiting:
    """A signed paper whose seal was approved."""

    id: int
    kind: str
    case_id: int
    seq: int
    sha256: str
    organisation_id: int
    organisation: str
    signed: Collection[str]


def seal(deps: Deps, document_id: int) -> bool:
    """Seal a paper, register it and move its case on; say whether that was still to do.

    A failure becomes an incident; the case waits on.
    """
    with deps.system_reading("a paper to be sealed") as work:
        found = _waiting(work, document_id)
    if found is None:
        return False
    try:
        with incidents.noting(deps):
            try:
                pdf, key_id = _sealed(deps, found)
            except Exception as cause:  # whatever it was becomes an incident
                raise _failed(deps, found) from cause
            with deps.system("register a sealed paper") as work:
                return _register(work, found, pdf, key_id)
    except incidents.Noted:
        return False


def seal_waiting(deps: Deps, case_id: int, seq: int) -> bool:
    """Seal the paper that a case waits for: the retry of an incident."""
    with deps.system_reading("the paper a case waits for") as work:
        document = work.session.scalar(
            select(Document.id)
            .where(Document.case_id == case_id, Document.seq == seq)
            .where(Document.state == DocumentState.SIGNING)
        )
    return document is not None and seal(deps, document)


def _waiting(work: Work, document_id: int) -> Waiting | None:
    row = work.session.execute(
        select(
            Document.id,
            Document.kind,
            Document.case_id,
            Document.seq,
            Document.sha256,
            Document.organisation_id,
            Organisation.name,
        )
        .join(Organisation, Organisation.id == Document.organisation_id)
        .where(Document.id == document_id, Document.state == DocumentState.SIGNING)
    ).one_or_none()
    if row is None or row.seq is None or row.sha256 is None:
        return None
    return Waiting(
        id=row.id,
        kind=row.kind,
        case_id=row.case_id,
        seq=row.seq,
        sha256=row.sha256,
        organisation_id=row.organisation_id,
        organisation=row.name,
        signed=tuple(sorted(signed_by(work, document_id))),
    )


def _sealed(deps: Deps, found: Waiting) -> tuple[bytes, int]:
    key = keys.of_seal(deps, found.organisation_id)
    side = drawing.DIAMETER * drawing.MILLIMETRE
    below = DEMO if deps.installation.demo else ""
    look = drawing.seal(found.organisation, deps.papers.engraving, below)
    pdf = put_seal(
        deps.files.get(found.sha256),
        SEAL,
        key.identity,
        keys.stamp(deps),
        Look(look, side, side, OPACITY),
        deps.papers.templates.kinds[found.kind].title,
        deps.clock(),
        keys.trust(deps),
    )
    return pdf, key.id


def _failed(deps: Deps, found: Waiting) -> StepFailed:
    with deps.system("a paper that failed") as work:  # it locks the case
        case = lock_running(work, found.case_id)
        if case is None:
            raise CaseFault(T("案件已经结束"))
        node = next(
            (
                node.id
                for node in case.running.definition.nodes.values()
                if node.operator is not None and node.operator.name == "seal_document"
            ),
            case.running.definition.start.id,
        )
        return StepFailed(case, Command(SEALING, node, seq=found.seq))


def _register(work: Work, found: Waiting, pdf: bytes, key_id: int) -> bool:
    case = lock_running(work, found.case_id)
    if case is None or _waiting(work, found.id) != found:
        return False
    approval = approval_of(work, found.case_id)
    add_revision(
        work,
        found.id,
        found.case_id,
        len(found.signed) + 1,
        pdf,
        SEAL,
        state=DocumentState.SEALED,
    )
    work.session.add(
        SignatureRecord(
            document_id=found.id,
            slot=SEAL,
            account_id=approval[1] if approval else None,
            item_id=approval[0] if approval else None,
            key_id=key_id,
            name=found.organisation,
            at=work.wall,
        )
    )
    answer(work, case, found.seq, str(found.id))
    return True
