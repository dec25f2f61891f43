"""Have a paper sealed that all have signed: what a diagram asks for after the approval (用印)."""

from sqlalchemy import select, update

from app.domain.access import Role
from app.domain.casework import ItemStatus
from app.domain.documents import DocumentState
from app.domain.text import T
from app.engine import CaseFault
from app.models.casework import WorkItem
from app.models.documents import Document, SignatureRecord
from app.services import Work
from app.services.documents.issuing import ISSUED, kind_of
from app.services.effects import LATER, Context, Later

SEALING = "document.seal"


def seal_document(context: Context, kind: str) -> Later:
    """Have a signed paper sealed; the case waits until the sealed file is registered.

    The seal keeper's last task of the case is the approval; it is nobody's who drafted or signed.
    """
    work = context.work
    wanted = kind_of(work, kind)
    row = work.session.execute(
        select(Document.id, Document.item_id)
        .where(Document.case_id == context.case_id, Document.kind == kind)
        .where(Document.state == DocumentState.SIGNING)
        .order_by(Document.id.desc())
        .limit(1),
        execution_options=ISSUED,
    ).one_or_none()
    if row is None:
        raise CaseFault(T("没有待用印的文书"))
    signed = signed_by(work, row.id)
    if lacking := set(wanted.signers) - set(signed):
        raise CaseFault(T("文书还缺 {n} 人签名，不能用印", n=len(lacking)))
    drafter = work.session.scalar(
        select(WorkItem.closed_by).where(WorkItem.id == row.item_id), execution_options=ISSUED
    )
    approval = approval_of(work, context.case_id)
    if approval is None or approval[1] in {drafter, *signed.values()}:
        raise CaseFault(T("用印须由起草人和签名人以外的用印管理人批准"))
    work.session.execute(
        update(Document).where(Document.id == row.id).values(seq=context.seq),
        execution_options=ISSUED,
    )
    work.enqueue(SEALING, f"{SEALING}:{row.id}:{context.seq}", {"document": row.id})
    return LATER


def signed_by(work: Work, document_id: int) -> dict[str, int | None]:
    """Return who signed a paper, by place: a step of those who seal it."""
    rows = work.session.execute(
        select(SignatureRecord.slot, SignatureRecord.account_id).where(
            SignatureRecord.document_id == document_id
        ),
        execution_options=ISSUED,
    )
    return {slot: account for slot, account in rows}  # noqa: C416


def approval_of(work: Work, case_id: int) -> tuple[int, int | None] | None:
    """Return the task in which the seal keeper approved, and who did: a step of sealing."""
    row = work.session.execute(
        select(WorkItem.id, WorkItem.closed_by)
        .where(WorkItem.case_id == case_id, WorkItem.role == Role.SEAL_KEEPER)
        .where(WorkItem.status == ItemStatus.DONE)
        .order_by(WorkItem.id.desc())
        .limit(1),
        execution_options=ISSUED,
    ).one_or_none()
    return None if row is None else (row[0], row[1])
