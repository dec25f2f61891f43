"""What completing or returning a task means for papers: checked, served, void."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from app.domain import Conflict, Invalid
from app.domain.access import Grant
from app.domain.documents import Act, DocumentState, papers_of
from app.domain.history import Stream
from app.domain.text import T
from app.models.documents import Document, ServiceRecord, SignatureRecord
from app.services import Work
from app.services.documents import data, issuing, voiding
from app.services.documents.approving import approval_on
from app.services.documents.data import About


@dataclass(frozen=True, slots=True)
class Step:
    """A task in hand, as papers need to know it; its case is locked."""

    item_id: int
    case_id: int
    place: str
    owner_id: int
    subject_id: int
    words: tuple[str, ...]
    """Its property `papers`."""
    grant: Grant


OWN = {"unscoped": "papers of a locked case", "synchronize_session": False}


def check(work: Work, step: Step, answers: Mapping[str, Any]) -> None:
    """Refuse answers that make no paper, and a signing without a signature: a step of completing.

    :raises Invalid: if something is missing or cannot be printed, at its field
    """
    kinds = work.deps.papers.templates.kinds
    for paper in papers_of(step.words):
        kind = kinds.get(paper.kind)
        if kind is None:
            continue
        if paper.act is Act.SIGN:
            _must_be_signed(work, step)
        elif paper.act is Act.DRAFT and kind.signers:
            about = About(step.owner_id, step.subject_id, answers, {})
            data.of_paper(work, kind, about)


def _must_be_signed(work: Work, step: Step) -> None:
    made = work.session.scalar(
        select(SignatureRecord.slot)
        .join(Document, Document.id == SignatureRecord.document_id)
        .where(Document.case_id == step.case_id, SignatureRecord.item_id == step.item_id)
        .limit(1),
        execution_options=OWN,
    )
    if made is None:
        raise Invalid({"/pin": T("请先查看文书，再输入签名口令签署")})


def closed(work: Work, step: Step, answers: Mapping[str, Any]) -> None:
    """Record the service of a paper, and issue the proof of it: a step of completing a task.

    :raises Conflict: if the paper to be served is not complete, or its seal was approved by nobody
    """
    words = papers_of(step.words)
    for paper in words:
        if paper.act is Act.SERVE and paper.kind in work.deps.papers.templates.kinds:
            receipt = next((other.kind for other in words if other.act is Act.DRAFT), None)
            _serve(work, step, answers, paper.kind, receipt)


def _serve(
    work: Work, step: Step, answers: Mapping[str, Any], kind: str, receipt: str | None
) -> None:
    served = work.session.execute(
        select(Document.id, Document.state, Document.number, Document.data)
        .where(Document.case_id == step.case_id, Document.kind == kind)
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
        if kinds[receipt].sealed and approval_on(work, served.id) is None:
            raise Conflict(T("文书没有经批准的用印，不能出具送达回证"))
        told = {"title": kinds[kind].title, "number": served.number}
        about = About(step.owner_id, step.subject_id, answers, {"@served": told})
        receipt_id = issuing.issue(
            work, kinds[receipt], about, case=(step.case_id, step.place), item=step.item_id
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
            item_id=step.item_id,
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
        step.case_id,
        "document.serve",
        step.grant,
        document=served.id,
        receipt=receipt_id,
        manner=answers["manner"],
        on=answers["served_on"],
    )


def returned(work: Work, case_id: int, words: tuple[str, ...], reason: str) -> None:
    """Void what was made of the answers that are to be given anew: a step of returning a task.

    :param words: the property `papers` of the task that is to be done again
    """
    kinds = [paper.kind for paper in papers_of(words) if paper.act is Act.DRAFT]
    if kinds:
        voiding.void_open(work, case_id, kinds, reason)
