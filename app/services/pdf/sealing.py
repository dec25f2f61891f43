"""Put the organ's seal on a paper (用印): a job, after the seal keeper has approved.

A proof of service (送达回证) is sealed as soon as it is typeset: the approval of the paper that was
served covers it.

The seal closes the paper: nothing can be added afterwards, and it carries what is needed to check
it in twenty years. The paper is complete once the sealed file is registered. A kind without seal
that somebody refused to sign is closed here as it is.

Where the installation makes a second signature (国密 SM2/SM3), it comes before the seal, as a
revision of its own: a seal that is tried again, or put by a service outside, finds the same file.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from app.adapters.signature import authority, drawing
from app.adapters.signature.outside import SealService
from app.adapters.signature.sealers import KeySealer, Sealer, SealOrder, ServiceSealer
from app.adapters.signature.signing import Look, close, sign_beside
from app.domain.documents import SEAL, SM2, DocumentState
from app.domain.text import T
from app.engine import CaseFault
from app.models.documents import Document, SignatureRecord
from app.models.people import Organisation
from app.services import Deps, Work, incidents
from app.services.cases.locked import Command, Locked, StepFailed, lock_any, lock_running
from app.services.documents.approving import SEALING, approval_for, signed_by
from app.services.pdf import elsewhere, keys, organs
from app.services.pdf.registering import awaited, make_and_register
from app.services.pdf.typesetting import add_revision, node_of
from app.services.resuming import answer

DEMO = "演示专用"
OPACITY = 0.88
FINISHING = ("seal_document", "close_document")
CLOSED = "closed"
"""What made the last revision of a paper that was completed without a signature."""
BESIDE = "国密 SM2/SM3 签名（本系统自设签发机构）"
"""What the second signature says of itself in the file."""


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
    found = _to_be_sealed(deps, document_id)
    if found is not None and _lacks_second(deps, found):
        if not make_and_register(deps, found, _signed_beside, _failed, _register_second):
            return False
        found = _to_be_sealed(deps, document_id)
    if found is None:
        return False
    return make_and_register(deps, found, _sealed, _failed, _register)


def seal_waiting(deps: Deps, case_id: int, seq: int) -> bool:
    """Seal the paper that a case waits for: the retry of an incident."""
    return awaited(deps, case_id, seq, DocumentState.SIGNING, seal)


def _to_be_sealed(deps: Deps, document_id: int) -> Waiting | None:
    with deps.system_reading("a paper to be sealed") as work:
        return _waiting(work, document_id)


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


def _lacks_second(deps: Deps, found: Waiting) -> bool:
    wanted = deps.papers.second and deps.papers.templates.kinds[found.kind].sealed
    return wanted and SM2 not in found.signed


def _signed_beside(deps: Deps, found: Waiting) -> tuple[bytes, int]:
    """Return the paper with the organ's second signature, and the key that made it.

    It is made under the approval of the seal: nobody is asked twice.
    """
    _require_approval(found)
    key_id, identity = organs.of_second(deps, found.organisation_id)
    pdf = deps.files.get(found.sha256)
    return sign_beside(pdf, SM2, identity, keys.stamp(deps), BESIDE, deps.clock()), key_id


def _require_approval(found: Waiting) -> None:
    if found.approval is None:
        raise CaseFault(T("没有用印管理人的批准，不能用印"))


def _sealed(deps: Deps, found: Waiting) -> tuple[bytes, datetime, int | None]:
    """Return the complete paper, until when it lasts, and the key of the seal.

    A kind without seal is only closed.
    """
    stamp = keys.stamp(deps)
    until = authority.ends_at(stamp.der)
    if not deps.papers.templates.kinds[found.kind].sealed:
        made = close(deps.files.get(found.sha256), stamp, deps.clock(), keys.trust(deps))
        return made, until, None
    _require_approval(found)
    side = drawing.DIAMETER * drawing.MILLIMETRE
    below = DEMO if deps.installation.demo else ""
    look = drawing.seal(found.organisation, deps.papers.engraving, below)
    order = SealOrder(
        pdf=deps.files.get(found.sha256),
        field=SEAL,
        look=Look(look, side, side, OPACITY),
        reason=deps.papers.templates.kinds[found.kind].title,
        key=f"{found.id}-{found.sha256[:32]}",
        stamp=stamp,
        trust=keys.trust(deps),
        now=deps.clock(),
    )
    sealer, key_id = _sealer(deps, found)
    pdf, certificate = sealer.seal(order)
    if key_id is None:
        key_id = elsewhere.registered(deps, found.organisation_id, certificate)
    return pdf, until, key_id


def _sealer(deps: Deps, found: Waiting) -> tuple[Sealer, int | None]:
    """Return who seals for an organ, and with which key; a service outside tells which, after."""
    kept = deps.papers.seals.get(found.organisation)
    if isinstance(kept, SealService):
        return ServiceSealer(kept), None
    key = organs.of_seal(deps, found.organisation_id)
    return KeySealer(key.identity), key.id


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


def _register_second(work: Work, found: Waiting, pdf: bytes, key_id: int) -> bool:
    lock_running(work, found.case_id)
    if _waiting(work, found.id) != found:
        return False
    add_revision(work, found.id, found.case_id, pdf, SM2)
    _note(work, found, SM2, key_id)
    return True


def _register(work: Work, found: Waiting, pdf: bytes, until: datetime, key_id: int | None) -> bool:
    case = lock_running(work, found.case_id)
    if _waiting(work, found.id) != found:
        return False
    add_revision(
        work,
        found.id,
        found.case_id,
        pdf,
        SEAL if key_id is not None else CLOSED,
        lasts_until=until,
        approval=found.approval if key_id is not None else None,
        state=DocumentState.SEALED,
    )
    if key_id is not None:
        item, keeper = found.approval or (None, None)
        _note(work, found, SEAL, key_id, item, keeper)
    if found.seq is None:
        incidents.overcome(work, found.case_id, 0, SEALING)
    elif case is not None:
        answer(work, case, found.seq, str(found.id))
    return True


def _note(
    work: Work,
    found: Waiting,
    slot: str,
    key_id: int,
    item: int | None = None,
    keeper: int | None = None,
) -> None:
    work.session.add(
        SignatureRecord(
            document_id=found.id,
            slot=slot,
            account_id=keeper,
            item_id=item,
            key_id=key_id,
            name=found.organisation,
            at=work.wall,
        )
    )
