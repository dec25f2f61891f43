"""What completing or returning a task means for papers: checked, served, void."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from app.domain import Conflict, Invalid
from app.domain.documents import Act, DocumentState, papers_of
from app.domain.history import Stream
from app.domain.text import T
from app.models.documents import Document, ServiceRecord, SignatureRecord
from app.services import Work
from app.services.documents import data, issuing, voiding
from app.services.documents.data import About
from app.services.tasks.held import Held

OWN = {"unscoped": "papers of a locked case", "synchronize_session": False}


def check(work: Work, held: Held, answers: Mapping[str, Any]) -> None:
    """Refuse answers that make no paper, and a signing without a signature: a step of completing.

    :raises Invalid: if something is missing or cannot be printed, at its field
    """
    kinds = work.deps.papers.templates.kinds
    for paper in papers_of(held.node.words("papers")):
        kind = kinds.get(paper.kind)
        if kind is None:
            continue
        if paper.act is Act.SIGN:
            _must_be_signed(work, held)
        elif paper.act is Act.DRAFT and kind.signers:
            about = About(held.case.owner_id, held.case.subject_id, answers, {})
            data.of_paper(work, kind, about)


def _must_be_signed(work: Work, held: Held) -> None:
    made = work.session.scalar(
        select(SignatureRecord.slot)
        .join(Document, Document.id == SignatureRecord.document_id)
        .where(Document.case_id == held.case.id, SignatureRecord.item_id == held.id)
        .limit(1),
        execution_options=OWN,
    )
    if made is None:
        raise Invalid({"/pin": T("请先查看文书，再输入签名口令签署")})


def closed(work: Work, held: Held, answers: Mapping[str, Any]) -> None:
    """Record the service of a paper, and issue the proof of it: a step of completing a task.

    :raises Conflict: if the paper to be served is not complete
    """
    words = papers_of(held.node.words("papers"))
    for paper in words:
        if paper.act is Act.SERVE and paper.kind in work.deps.papers.templates.kinds:
            receipt = next((other.kind for other in words if other.act is Act.DRAFT), None)
            _serve(work, held, answers, paper.kind, receipt)


def _serve(
    work: Work, held: Held, answers: Mapping[str, Any], kind: str, receipt: str | None
) -> None:
    case = held.case
    served = work.session.execute(
        select(Document.id, Document.state, Document.number, Document.data)
        .where(Document.case_id == case.id, Document.kind == kind)
        .where(Document.state != DocumentState.VOID)
        .order_by(Document.id.desc())
        .limit(1),
        execution_options=OWN,
    ).one_or_none()
    if served is None or served.state is not DocumentState.SEALED:
        raise Conflict(T("文书尚未制发，或已经送达"))
    kinds = work.deps.papers.templates.kinds
    receipt_id = None
    if receipt in kinds:
        told = {"title": kinds[kind].title, "number": served.number}
        about = About(case.owner_id, case.subject_id, answers, {"@served": told})
        receipt_id = issuing.issue(
            work, kinds[receipt], about, case=(case.id, case.place), item=held.id
        )
    work.session.execute(
        update(Document)
        .where(Document.id == served.id)
        .values(state=DocumentState.SERVED, served_at=work.now),
        execution_options=OWN,
    )
    work.session.execute(
        insert(ServiceRecord).values(
            document_id=served.id,
            receipt_id=receipt_id,
            item_id=held.id,
            manner=answers["manner"],
            receipt=answers["receipt"],
            served_on=date.fromisoformat(answers["served_on"]),
            served_at=answers["served_at"],
            receiver=answers.get("receiver"),
            recorded_at=work.now,
            recorded_by=work.me,
        ),
        execution_options=OWN,
    )
    work.record(
        Stream.CASE,
        case.id,
        "document.serve",
        held.grant,
        document=served.id,
        receipt=receipt_id,
        manner=answers["manner"],
        on=answers["served_on"],
    )


def returned(work: Work, held: Held, target: str, reason: str) -> None:
    """Void what was made of the answers that are to be given anew: a step of returning a task."""
    again = papers_of(held.case.running.node(target).words("papers"))
    kinds = [paper.kind for paper in again if paper.act is Act.DRAFT]
    if kinds:
        voiding.void_open(work, held.case.id, kinds, reason)
