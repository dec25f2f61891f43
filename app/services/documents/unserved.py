"""Papers that are complete and not served yet (待送达), by when they have to be.

A paper that is served counts from its service on. Until when it is to be served, the task of
serving it says, which runs by the law's term; what that task is late with, is overdue here. Where
none is open, the case ended without one, or has not come to it. A paper that is served by public
notice is to be served on the day on which the notice is over, and is not late before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.adapters.templates import Kind
from app.domain.access import Permission, Role
from app.domain.casework import CaseStatus, ItemStatus
from app.domain.deadlines import soon_until
from app.domain.documents import DocumentState
from app.domain.entered import whole
from app.domain.text import Term, Text
from app.models.casework import Case, WorkItem
from app.models.documents import Document
from app.models.people import Account, Organisation
from app.services import Work

PAGE, MOST = 20, 5_000
MOST_COUNTED = 100
DUE = ("late", "soon", "later", "none")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed by; "" leaves it wide."""

    kind: str = ""
    due: str = ""
    """`late`, `soon` within three days, `later`, or `none` if no task serves it."""
    q: str = ""
    """Part of a number or of the unit's name."""


@dataclass(frozen=True, slots=True)
class UnservedRow:
    """A paper that is to be served."""

    id: int
    kind: str
    title: Text
    number: str
    organisation: str
    subject: str
    case_id: int
    running: bool
    """Whether its case still runs."""
    issued_at: datetime
    task_id: int | None
    """The task of serving it, if one is open."""
    due_at: datetime | None
    role: Role | None
    assignee: str
    late: bool
    noticed_on: date | None
    """When the public notice was published that its service waits for, until `due_at`."""


def kinds(work: Work) -> list[tuple[str, Text]]:
    """Return the kinds of paper that are served on the one they are about, with their titles."""
    work.require_somewhere(Permission.SEE_DOCUMENT)
    return [(one.id, Term(one.title, english=one.english)) for one in _served(work)]


def _served(work: Work) -> list[Kind]:
    return [kind for kind in work.deps.papers.templates.kinds.values() if kind.served]


def find(work: Work, wanted: Wanted, cursor: str = "") -> tuple[list[UnservedRow], str | None]:
    """Return a page of the papers to be served, those due first, and the cursor of the next."""
    work.require_somewhere(Permission.SEE_DOCUMENT)
    begun = whole(cursor) or 0
    rows = work.session.execute(_rows(work, wanted).offset(begun).limit(PAGE + 1)).all()
    found = [_row(work, row) for row in rows[:PAGE]]
    return found, str(begun + PAGE) if len(rows) > PAGE else None


def everything(work: Work, wanted: Wanted) -> list[UnservedRow]:
    """Return all of them, those due first: to be taken away as a file."""
    work.require_somewhere(Permission.SEE_DOCUMENT)
    rows = work.session.execute(_rows(work, wanted).limit(MOST))
    return [_row(work, row) for row in rows]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are, and how many of them are late, each at most 100."""

    all: int
    late: int


def counts(work: Work) -> Counts:
    """Return the numbers of what the actor's offices have to serve."""
    work.require_somewhere(Permission.SEE_DOCUMENT)

    def number(wanted: Wanted) -> int:
        some = _rows(work, wanted).order_by(None).limit(MOST_COUNTED).subquery()
        return work.session.scalar(select(func.count()).select_from(some)) or 0

    return Counts(number(Wanted()), number(Wanted(due="late")))


def _rows(work: Work, wanted: Wanted) -> Select[*tuple[Any, ...]]:
    subject = Organisation.__table__.alias("subject")
    organ = Organisation.__table__.alias("organ")
    person = Account.__table__.alias("person")
    served = [kind.id for kind in _served(work)]
    serving = and_(
        WorkItem.case_id == Document.case_id,
        WorkItem.paper_id == Document.id,
        WorkItem.status == ItemStatus.OPEN,
    )
    rows = (
        select(
            Document.id,
            Document.kind,
            Document.number,
            organ.c.name.label("organisation"),
            subject.c.name.label("subject"),
            Document.case_id,
            Case.status,
            Document.issued_at,
            WorkItem.id.label("task_id"),
            WorkItem.due_at,
            WorkItem.role,
            WorkItem.noticed_on,
            person.c.name.label("assignee"),
        )
        .join(subject, subject.c.id == Document.subject_id)
        .join(organ, organ.c.id == Document.organisation_id)
        .join(Case, Case.id == Document.case_id)
        .outerjoin(WorkItem, serving)
        .outerjoin(person, person.c.id == WorkItem.assignee_id)
        .where(Document.state == DocumentState.SEALED, Document.kind.in_(served))
        .where(*_narrowed(work, wanted, subject.c.name))
    )
    # Those without a time limit come last, whatever a database thinks of NULL.
    return rows.order_by(WorkItem.due_at.is_(None), WorkItem.due_at, Document.id)


def _narrowed(work: Work, wanted: Wanted, subject: Any) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.kind:
        found.append(Document.kind == wanted.kind)
    if words := wanted.q.strip()[:64]:
        named = subject.contains(words, autoescape=True)
        found.append(or_(Document.number.contains(words, autoescape=True), named))
    soon = soon_until(work.now)
    match wanted.due:
        case "late":
            found.append(WorkItem.due_at < work.now)
        case "soon":
            found.append(WorkItem.due_at.between(work.now, soon))
        case "later":
            found.append(WorkItem.due_at > soon)
        case "none":
            found.append(WorkItem.due_at.is_(None))
    return found


def _row(work: Work, row: Any) -> UnservedRow:
    return UnservedRow(
        id=row.id,
        kind=row.kind,
        title=work.deps.papers.templates.title(row.kind),
        number=row.number,
        organisation=row.organisation,
        subject=row.subject,
        case_id=row.case_id,
        running=row.status == CaseStatus.RUNNING,
        issued_at=row.issued_at,
        task_id=row.task_id,
        due_at=row.due_at,
        role=row.role,
        assignee=row.assignee or "",
        late=row.due_at is not None and row.due_at < work.now,
        noticed_on=row.noticed_on,
    )
