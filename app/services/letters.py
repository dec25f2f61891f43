"""Letters (公文) to other organs: received, answered, sent anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.domain.access import Permission
from app.domain.casework import ItemStatus
from app.domain.documents import ANSWERED, Act, DocumentState, about_paper, papers_of
from app.domain.text import Term, Text
from app.models.casework import Case, WorkItem
from app.models.documents import Document
from app.services import Work, procedures
from app.services.documents.organs import FACTS
from app.services.documents.reading import DocumentRow


@dataclass(frozen=True, slots=True)
class Renewed:
    """The letter that took the place of one that was answered."""

    id: int
    number: str


@dataclass(frozen=True, slots=True)
class LetterRow:
    """What became of a letter at the organ it went to."""

    received_on: date | None
    docket: str
    """The number under which it was received."""
    answer: Text | None
    answered_at: datetime | None
    renewed: Renewed | None


def of(work: Work, row: DocumentRow) -> LetterRow | None:
    """Return what became of a letter that was found, None of another paper.

    It is told by the answers of the tasks that were about it.
    """
    work.require_somewhere(Permission.SEE_DOCUMENT)
    known = work.deps.papers.templates.kinds.get(row.kind)
    if known is None or not known.letter:
        return None
    items = work.session.execute(
        select(
            WorkItem.node,
            WorkItem.choice,
            WorkItem.answers,
            WorkItem.closed_at,
            Case.deployment_id,
        )
        .join(Case, Case.id == WorkItem.case_id)
        .where(WorkItem.paper_id == row.id, WorkItem.status == ItemStatus.DONE)
        .order_by(WorkItem.id),
        execution_options=FACTS,
    )
    received: dict[str, Any] = {}
    answer: Text | None = None
    answered_at = None
    for item in items:
        running = procedures.running(work, item.deployment_id)
        words = papers_of(running.papers(item.node, item.choice))
        form = running.form(item.node, item.choice)
        if any(paper.act is Act.RECEIVE for paper in words):
            received, answer, answered_at = item.answers or {}, None, None
        if form is not None and ANSWERED in about_paper(form.schema, item.answers or {}):
            answer, answered_at = _answer(form.schema, item.answers), item.closed_at
    on = received.get("received_on")
    return LetterRow(
        received_on=date.fromisoformat(on) if on else None,
        docket=received.get("docket", ""),
        answer=answer,
        answered_at=answered_at,
        renewed=_renewed(work, row) if answer is not None else None,
    )


def _answer(schema: Mapping[str, Any], answers: Mapping[str, Any]) -> Text:
    chosen = (
        choice
        for name, field in schema["properties"].items()
        for choice in field.get("oneOf", ())
        if choice.get("x-paper") == ANSWERED and answers.get(name) == choice["const"]
    )
    said = next(chosen)
    return Term(said["title"], english=said["x-en"]["title"])


def _renewed(work: Work, row: DocumentRow) -> Renewed | None:
    found = work.session.execute(
        select(Document.id, Document.number)
        .where(Document.case_id == row.case_id, Document.kind == row.kind)
        .where(Document.id > row.id, Document.state != DocumentState.VOID)
        .order_by(Document.id)
        .limit(1)
    ).one_or_none()
    return None if found is None else Renewed(found.id, found.number)
