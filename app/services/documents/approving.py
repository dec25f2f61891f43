"""Who signed a paper and who approved its seal (用印): what must be so before it is sealed."""

from sqlalchemy import select

from app.domain.access import Role
from app.domain.casework import ItemStatus
from app.models.casework import WorkItem
from app.models.documents import SignatureRecord
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
