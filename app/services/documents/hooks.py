"""What completing or returning a task means for papers: checked, served, void."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from app.domain import Conflict, Invalid
from app.domain.access import Grant
from app.domain.deadlines import BEIJING
from app.domain.documents import (
    ANSWERED,
    IN_FORCE,
    VOIDED,
    Act,
    DocumentState,
    about_paper,
    handles,
    is_declined,
    papers_of,
)
from app.domain.entered import MOST_REASON
from app.domain.history import Stream
from app.domain.serving import Manner
from app.domain.text import T
from app.models.documents import Document, ServiceRecord, SignatureRecord
from app.services import Work
from app.services.documents import data, inhand, issuing, preceding, voiding
from app.services.documents.approving import approval_on
from app.services.documents.data import About
from app.services.enterprises import consents


@dataclass(frozen=True, slots=True)
class Step:
    """A task in hand, as papers need to know it; its case is locked."""

    item_id: int
    case_id: int
    place: str
    organ_id: int
    """Who gives what is drafted here, and proves the service of what is served."""
    subject_id: int
    words: tuple[str, ...]
    """Its property `papers`."""
    schema: Mapping[str, Any]
    """Of its form."""
    grant: Grant
    made_for: int | None = None
    """The case that a paper belongs to whose kind its case chose."""
    chosen: bool = False
    """Whether the case chose which paper is drafted here."""


OWN = {"unscoped": "papers of a locked case", "synchronize_session": False}


def check(work: Work, step: Step, answers: Mapping[str, Any]) -> None:
    """Refuse answers that make no paper, a signing without a signature, and the other way round.

    A step of completing. Nor is an order sealed or served whose deadline is over by then.

    :raises Invalid: if something is missing or cannot be printed, at its field
    """
    kinds = work.deps.papers.templates.kinds
    for paper in papers_of(step.words):
        kind = kinds.get(paper.kind)
        if paper.act is Act.SIGN:
            _must_be_signed(work, step, unless=bool(about_paper(step.schema, answers)))
        elif paper.act is Act.DRAFT and kind is not None:
            if step.chosen:
                preceding.must_be_there(work, kind, step.made_for)
            # Which paper a proof is about is known when it is made; here it is what was typed.
            more = {"@served": {"title": kind.title, "number": kind.code}} if kind.proof else {}
            about = About(step.organ_id, step.subject_id, step.case_id, answers, more)
            data.of_paper(work, kind, about)
        elif paper.act is Act.SERVE:
            in_time(work, step, answers.get("served_on", ""), "/served_on")
        elif paper.act is Act.SEAL:
            in_time(work, step, work.now.astimezone(BEIJING).date().isoformat(), "/approved")


def in_time(work: Work, step: Step, day: str, at: str) -> None:
    """Refuse to go on with a paper whose term is over on a day: a step of those who asked.

    :raises Invalid: at that field
    """
    in_hand = inhand.of_task(work, step.item_id, step.case_id, step.words)
    found = work.session.execute(
        select(Document.kind, Document.data).where(Document.id == in_hand), execution_options=OWN
    ).one_or_none()
    kind = work.deps.papers.templates.kinds.get(found.kind) if found is not None else None
    if found is None or kind is None or not kind.served_in_time:
        return
    until = json.loads(found.data)[kind.in_time]
    if day > until:
        told = T(
            "文书载明的期限 {day} 在送达前已经届满，请退回重新制作", day=date.fromisoformat(until)
        )
        raise Invalid({at: told})


def _must_be_signed(work: Work, step: Step, *, unless: bool) -> None:
    """Refuse a task whose paper was not signed; or was, though its answers say that it is not."""
    made = work.session.scalar(
        select(SignatureRecord.slot)
        .join(Document, Document.id == SignatureRecord.document_id)
        .where(Document.case_id == step.case_id, SignatureRecord.item_id == step.item_id)
        .limit(1),
        execution_options=OWN,
    )
    if made is None and not unless:
        raise Invalid({"/pin": T("请先查看文书，再输入签名口令签署")})
    if made is not None and unless:
        raise Invalid({"/pin": T("所选的结果是不签署，不能同时签署文书")})


def closed(work: Work, step: Step, answers: Mapping[str, Any]) -> None:
    """Record the service of a paper, and issue the proof of it: a step of completing a task.

    A choice may say that the paper in hand is void, as when its signing or seal is refused, that
    it is answered, as a letter to a government is, or that what it proposes was declined.

    :raises Conflict: if the paper to be served is not complete, or its seal was approved by nobody
    """
    if handles(step.words, Act.SERVE):
        receipt = next(
            (other.kind for other in papers_of(step.words) if other.act is Act.DRAFT), None
        )
        _serve(work, step, answers, receipt)
    about = about_paper(step.schema, answers)
    received, declined = handles(step.words, Act.RECEIVE), is_declined(step.schema, answers)
    if not (received or declined or VOIDED in about or ANSWERED in about):
        return
    in_hand = inhand.of_task(work, step.item_id, step.case_id, step.words)
    if in_hand is None:
        return
    if VOIDED in about:
        voiding.void_one(work, step.case_id, in_hand, _reason(step.schema, answers), step.grant)
        return
    if declined:
        work.session.execute(
            update(Document).where(Document.id == in_hand).values(declined=True),
            execution_options=OWN,
        )
        _note(work, step, in_hand, "document.decline")
    if received:
        _arrived(work, step, in_hand, DocumentState.RECEIVED, "document.receive")
    if ANSWERED in about:
        _arrived(work, step, in_hand, DocumentState.ANSWERED, "document.answer")


def _arrived(work: Work, step: Step, paper: int, state: DocumentState, action: str) -> None:
    """Note that a letter came to the organ it went to, or that it was answered."""
    work.session.execute(
        update(Document)
        .where(Document.id == paper, Document.state.in_(IN_FORCE))
        .values(state=state),
        execution_options=OWN,
    )
    _note(work, step, paper, action)


def _note(work: Work, step: Step, paper: int, action: str) -> None:
    work.record(Stream.CASE, step.case_id, action, step.grant, document=paper, task=step.item_id)


def _reason(schema: Mapping[str, Any], answers: Mapping[str, Any]) -> str:
    """Return why a paper is void: the reason that was given, else the choice that was made."""
    told = answers.get("reason") or answers.get("opinion")
    chosen = (
        choice["title"]
        for name, field in schema["properties"].items()
        for choice in field.get("oneOf", ())
        if choice.get("x-paper") == VOIDED and answers.get(name) == choice["const"]
    )
    return str(told or next(chosen))[:MOST_REASON]


def _serve(work: Work, step: Step, answers: Mapping[str, Any], receipt: str | None) -> None:
    in_hand = inhand.of_task(work, step.item_id, step.case_id, step.words)
    served = work.session.execute(
        select(Document.id, Document.kind, Document.state, Document.number).where(
            Document.id == in_hand
        ),
        execution_options=OWN,
    ).one_or_none()
    if served is None or served.state is not DocumentState.SEALED:
        raise Conflict(T("文书尚未制发，或已经送达"))
    kinds = work.deps.papers.templates.kinds
    receipt_id = None
    if receipt in kinds:
        if kinds[receipt].sealed and approval_on(work, served.id) is None:
            raise Conflict(T("文书没有经批准的用印，不能出具送达回证"))
        told = {"title": kinds[served.kind].title, "number": served.number}
        about = About(step.organ_id, step.subject_id, step.case_id, answers, {"@served": told})
        receipt_id = issuing.issue(
            work,
            kinds[receipt],
            about,
            case=(step.case_id, step.place),
            item=step.item_id,
            grant=step.grant,
        )
    work.session.execute(
        update(Document)
        .where(Document.id == served.id)
        .values(state=DocumentState.SERVED, served_at=work.now),
        execution_options=OWN,
    )
    day = date.fromisoformat(answers["served_on"])
    consent = None
    if answers["manner"] == Manner.ELECTRONIC:
        consent = consents.known(work, step.subject_id).consent_on(day)
    work.session.execute(
        insert(ServiceRecord).values(
            document_id=served.id,
            receipt_id=receipt_id,
            item_id=step.item_id,
            manner=answers["manner"],
            receipt=answers["receipt"],
            served_on=day,
            served_at=answers["served_at"],
            receiver=answers.get("receiver"),
            consent_id=consent.id if consent else None,
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


def returned(work: Work, step: Step, node: str, reason: str) -> None:
    """Void what was made of the answers that are to be given anew: a step of returning a task.

    :param node: the task that is to be done again
    """
    voiding.void_open(work, step.case_id, node, reason, grant=step.grant)
    in_hand = inhand.of_task(work, step.item_id, step.case_id, step.words)
    if in_hand is not None and inhand.is_making(work, in_hand):
        voiding.void_one(work, step.case_id, in_hand, reason, step.grant)
