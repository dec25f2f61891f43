"""Effects on papers: issue one, have it sealed. The case waits until the file is registered."""

from sqlalchemy import select, update

from app.domain.casework import ItemStatus
from app.domain.documents import DocumentState
from app.domain.text import T
from app.engine import CaseFault
from app.models.casework import WorkItem
from app.models.documents import Document
from app.services.documents import voiding
from app.services.documents.approving import SEALING, approval_of, signed_by
from app.services.documents.data import About
from app.services.documents.issuing import ISSUED, issue, kind_of
from app.services.effects import LATER, Context, Later


def issue_document(context: Context, kind: str, source: str) -> Later:
    """Issue a paper of this kind from the answers of the task `source`; the case waits for it.

    An earlier paper of the kind that was not served yet is void from now on, and keeps its number.
    """
    work = context.work
    wanted = kind_of(work, kind)
    item = work.session.execute(
        select(WorkItem.id, WorkItem.answers)
        .where(WorkItem.case_id == context.case_id, WorkItem.node == source)
        .where(WorkItem.status == ItemStatus.DONE)
        .order_by(WorkItem.id.desc())
        .limit(1),
        execution_options=ISSUED,
    ).one_or_none()
    if item is None:
        raise CaseFault(T("环节 {node} 没有办理结果，不能制作文书", node=source))
    voiding.void_open(work, context.case_id, [kind], "重新制作")
    about = About(context.owner_id, context.subject_id, item.answers or {}, {})
    issue(work, wanted, about, case=(context.case_id, context.place), item=item.id, seq=context.seq)
    return LATER


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
