"""Who signed a paper and who approved its seal (用印): what must be so before it is sealed.

The approval of a paper's seal covers the proof of its service (送达回证): nobody is asked again.
"""

from typing import Any

from sqlalchemy import Select, or_, select

from app.domain.access import SEAL_KEEPERS
from app.domain.casework import ItemStatus
from app.domain.documents import SEAL
from app.models.casework import WorkItem
from app.models.documents import Document, ServiceRecord, SignatureRecord
from app.services import Work
from app.services.documents.issuing import ISSUED

SEALING = "document.seal"


def signed_by(work: Work, document_id: int) -> dict[str, int | None]:
    """Return who signed a paper, by place: a step of those who seal it."""
    rows = work.session.execute(
        select(SignatureRecord.slot, SignatureRecord.account_id).where(
            SignatureRecord.document_id == document_id
        ),
        execution_options=ISSUED,
    )
    return {slot: account for slot, account in rows}  # noqa: C416


def signed_instead(work: Work, kind: str, document_id: int) -> frozenset[str]:
    """Return the places in which others wrote why somebody did not sign: a step of telling it."""
    known = work.deps.papers.templates.kinds.get(kind)
    of_role = {one.id: one.roles for one in known.signers if one.roles} if known else {}
    rows = work.session.execute(
        select(SignatureRecord.slot, WorkItem.role)
        .join(WorkItem, WorkItem.id == SignatureRecord.item_id)
        .where(SignatureRecord.document_id == document_id, SignatureRecord.slot.in_(of_role))
        .where(SignatureRecord.manner.is_(None)),
        execution_options=ISSUED,
    )
    return frozenset(slot for slot, role in rows if role not in of_role[slot])


def makers(work: Work, document_id: int) -> frozenset[int]:
    """Return who drafted or signed a paper, or had it done in their place (授权代理).

    Its seal is none of theirs to approve.
    """
    signed = select(SignatureRecord.item_id).where(
        SignatureRecord.document_id == document_id, SignatureRecord.slot != SEAL
    )
    people = {person for person in signed_by(work, document_id).values() if person is not None}
    return drafters(work, document_id) | _who_did(work, signed) | people


def drafters(work: Work, document_id: int) -> frozenset[int]:
    """Return who drafted a paper, or had it done in their place: nobody lets out their own."""
    return _who_did(work, select(Document.item_id).where(Document.id == document_id))


def _who_did(work: Work, tasks: Select[Any]) -> frozenset[int]:
    done = work.session.execute(
        select(WorkItem.closed_by, WorkItem.on_behalf_of).where(WorkItem.id.in_(tasks)),
        execution_options=ISSUED,
    )
    return frozenset(person for row in done for person in row if person is not None)


def approval_of(work: Work, case_id: int, document_id: int) -> tuple[int, int | None] | None:
    """Return the task in which the seal keeper approved, and who did: a step of sealing."""
    row = work.session.execute(
        select(WorkItem.id, WorkItem.closed_by)
        .where(WorkItem.case_id == case_id, WorkItem.role.in_(SEAL_KEEPERS))
        .where(WorkItem.status == ItemStatus.DONE)
        # A task that was opened before tasks kept their paper has none.
        .where(or_(WorkItem.paper_id == document_id, WorkItem.paper_id.is_(None)))
        .order_by(WorkItem.paper_id.is_(None), WorkItem.id.desc())
        .limit(1),
        execution_options=ISSUED,
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def approval_on(work: Work, document_id: int) -> tuple[int, int] | None:
    """Return who approved the seal that a paper bears, and the task in which they did.

    A step of serving it.
    """
    row = work.session.execute(
        select(SignatureRecord.item_id, SignatureRecord.account_id).where(
            SignatureRecord.document_id == document_id, SignatureRecord.slot == SEAL
        ),
        execution_options=ISSUED,
    ).one_or_none()
    if row is None or row.item_id is None or row.account_id is None:
        return None
    return row.item_id, row.account_id


def approval_for(work: Work, document_id: int, case_id: int) -> tuple[int, int | None] | None:
    """Return the approval by which a paper is sealed: a step of sealing.

    Of a proof of service it is the one of the paper that was served.
    """
    served = work.session.scalar(
        select(ServiceRecord.document_id).where(ServiceRecord.receipt_id == document_id),
        execution_options=ISSUED,
    )
    if served is None:
        return approval_of(work, case_id, document_id)
    return approval_on(work, served)
