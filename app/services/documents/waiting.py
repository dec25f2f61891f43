"""Papers that wait for a job: whoever lost one finds it here."""

from datetime import timedelta

from sqlalchemy import and_, or_, select

from app.domain.documents import DocumentState
from app.models.casework import Wait
from app.models.documents import Document
from app.services import Work
from app.services.documents.approving import SEALING
from app.services.documents.issuing import RENDER

PATIENCE = timedelta(minutes=5)
"""That long the job that was enqueued with the paper has for itself."""


def due(work: Work, most: int) -> list[tuple[str, int]]:
    """Return the jobs still to be done, each with its paper: a step of the sweep."""
    awaited = and_(Wait.case_id == Document.case_id, Wait.seq == Document.seq)
    free = or_(Wait.held_until.is_(None), Wait.held_until <= work.wall)
    since = work.now - PATIENCE
    typeset = work.session.scalars(
        select(Document.id)
        .outerjoin(Wait, awaited)
        .where(Document.state == DocumentState.ISSUED, Document.issued_at < since, free)
        .limit(most)
    )
    proof = and_(Document.seq.is_(None), Document.issued_at < since)
    sealed = work.session.scalars(
        select(Document.id)
        .outerjoin(Wait, awaited)
        .where(Document.state == DocumentState.SIGNING, or_(Wait.armed_at < since, proof), free)
        .limit(most)
    )
    return [*((RENDER, paper) for paper in typeset), *((SEALING, paper) for paper in sealed)]
