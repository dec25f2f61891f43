"""Put the organ's seal on a paper (用印): a job, after the seal keeper has approved.

A proof of service (送达回证) is sealed as soon as it is typeset: the approval of the paper that was
served covers it.

The seal closes the paper: nothing can be added afterwards, and it carries what is needed to check
it in twenty years. The paper is complete once the sealed file is registered. A kind without seal
that somebody refused to sign is closed here as it is.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import select

from app.adapters.signature import drawing
from app.adapters.signature.signing import Look, close, put_seal
from app.domain.documents import SEAL, DocumentState
from app.domain.text import T
from app.engine import CaseFault
from app.models.documents import Document, SignatureRecord
from app.models.people import Organisation
from app.services import Deps, Work, incidents
from app.services.cases.locked import Command, Locked, StepFailed, lock_any, lock_running
from app.services.documents.approving import SEALING, approval_for, signed_by
from app.services.pdf import keys
from app.services.pdf.registering import awaited, make_and_register
from app.services.pdf.typesetting import add_revision, node_of
from app.services.resuming import answer

DEMO = "演示专用"
OPACITY = 0.88
FINISHING = ("seal_document", "close_document")
CLOSED = "closed"
"""What made the last revision of a paper that was completed without a signature."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A signed paper whose seal was approved."""

    id: int
    kind: str
    case_id: int
    seq: int | None
    """What waits for it in the case; nothing waits for a proof of service."""
    sha256: str
    organisation_id: int
    organisation: str
    signed: Collection[str]
    approval: tuple[int, int | None] | None = field(compare=False)
    """The task of the newest approval, and who approved."""


def seal(deps: Deps, document_id: int) -> bool:
    """Seal a paper, register it and move its case on; say whether that was still to do.

    A failure becomes an incident; the case waits on.
    """
    with deps.system_reading("a paper to be sealed") as work:
        found = _waiting(work, document_id)
    if found is None:
        return False
    return make_and_register(deps, found, _sealed, _failed, _register)


def seal_waiting(deps: Deps, case_id: int, seq: int) -> bool:
    """Seal the paper that a case waits for: the retry of an incident."""
    return awaited(deps, case_id, seq, DocumentState.SIGNING, seal)


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
    if row is None or row.sha256 is None:
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
        approval=approval_for(work, document_id, row.case_id),
    )


def _sealed(deps: Deps, found: Waiting) -> tuple[bytes, int | None]:
    """Return the complete paper, and the key of the seal; a kind without seal is only closed."""
    if not deps.papers.templates.kinds[found.kind].sealed:
        made = close(deps.files.get(found.sha256), keys.stamp(deps), deps.clock(), keys.trust(deps))
        return made, None
    if found.approval is None:
        raise CaseFault(T("没有用印管理人的批准，不能用印"))
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
        case = lock_any(work, found.case_id)
        return StepFailed(case, Command(SEALING, _node(case, found), seq=found.seq or 0))


def _node(case: Locked, found: Waiting) -> str:
    sealing = (
        node.id
        for node in case.running.definition.nodes.values()
        if node.operator is not None and node.operator.name in FINISHING
    )
    if found.seq is None:
        return node_of(case, found.kind)
    return next(sealing, case.running.definition.start.id)


def _register(work: Work, found: Waiting, pdf: bytes, key_id: int | None) -> bool:
    case = lock_running(work, found.case_id)
    if _waiting(work, found.id) != found:
        return False
    add_revision(
        work,
        found.id,
        found.case_id,
        pdf,
        SEAL if key_id is not None else CLOSED,
        state=DocumentState.SEALED,
    )
    if key_id is not None:
        _note_seal(work, found, key_id)
    if found.seq is None:
        incidents.overcome(work, found.case_id, 0, SEALING)
    elif case is not None:
        answer(work, case, found.seq, str(found.id))
    return True


def _note_seal(work: Work, found: Waiting, key_id: int) -> None:
    item, keeper = found.approval or (None, None)
    work.session.add(
        SignatureRecord(
            document_id=found.id,
            slot=SEAL,
            account_id=keeper,
            item_id=item,
            key_id=key_id,
            name=found.organisation,
            at=work.wall,
        )
    )
