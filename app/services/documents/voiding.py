"""Void papers (作废): the number stays taken, with the reason."""

from collections.abc import Collection

from sqlalchemy import select, update

from app.domain import Conflict, NotFound, entered
from app.domain.access import Grant, Permission, Thing
from app.domain.documents import MAKING, DocumentState
from app.domain.history import Stream
from app.domain.text import T
from app.models.casework import Case, WorkItem
from app.models.documents import Document, ServiceRecord
from app.services import Work

OPEN = (*MAKING, DocumentState.SEALED)
LOCKED = {"unscoped": "a paper of a locked case", "synchronize_session": False}


def void_open(
    work: Work,
    case_id: int,
    node: str | None,
    reason: str,
    states: Collection[DocumentState] = OPEN,
    grant: Grant | None = None,
) -> None:
    """Void a case's papers that were not served yet: a step of a locked case.

    The proof of a service stays, as what was served does.

    :param grant: of who asked for it; None if it is the system's doing
    :param node: only those that were made of the answers of this task
    """
    proofs = select(ServiceRecord.receipt_id).where(ServiceRecord.receipt_id.is_not(None))
    wanted = (
        select(Document.id)
        .where(Document.case_id == case_id, Document.state.in_(states))
        .where(Document.id.not_in(proofs))
    )
    if node is not None:
        drafted = select(WorkItem.id).where(WorkItem.case_id == case_id, WorkItem.node == node)
        wanted = wanted.where(Document.item_id.in_(drafted))
    for document in work.session.scalars(wanted, execution_options=LOCKED).all():
        void_one(work, case_id, document, reason, grant)


def void(work: Work, document_id: int, reason: str) -> None:
    """Void a paper: who asks whether it is genuine is told that it was revoked.

    :raises NotFound: if the actor may not know of it
    :raises Conflict: if it is void
    :raises Invalid: if the reason is missing
    """
    found = work.session.execute(
        select(Document.organisation_id, Document.case_id, Document.place).where(
            Document.id == document_id
        )
    ).one_or_none()
    if found is None:
        raise NotFound(T("没有找到该文书"))
    thing = Thing(place=found.place, organisation=found.organisation_id)
    grant = work.require(Permission.VOID_DOCUMENT, thing)
    reason = entered.reason(reason, T("请填写作废原因（不超过 {n} 个字）", n=entered.MOST_REASON))
    work.session.execute(
        select(Case.id).where(Case.id == found.case_id).with_for_update(),
        execution_options=LOCKED,
    )
    state = work.session.scalar(select(Document.state).where(Document.id == document_id))
    if state in MAKING:
        raise Conflict(T("文书尚在制作，请在办理环节退回重做"))
    if state is DocumentState.VOID:
        raise Conflict(T("文书已经作废"))
    void_one(work, found.case_id, document_id, reason, grant)


def void_one(work: Work, case_id: int, document_id: int, reason: str, grant: Grant | None) -> None:
    """Void a paper, and record by which grant: a step of a locked case."""
    work.session.execute(
        update(Document)
        .where(Document.id == document_id)
        .values(state=DocumentState.VOID, void_at=work.now, void_reason=reason),
        execution_options=LOCKED,
    )
    work.record(Stream.CASE, case_id, "document.void", grant, document=document_id, reason=reason)
