"""Until when what papers of a case order lasts (措施期限): what is sealed or seized, who is listed.

A paper that lasts says until when; what prolongs it says until when from then on.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select

from app.domain.access import Permission
from app.domain.casework import CaseStatus
from app.domain.documents import DocumentState
from app.domain.procedures import ISSUE_PAPER
from app.domain.text import Text
from app.models.casework import Case
from app.models.documents import Document
from app.services import Work

_COURSE = Case.__table__.alias("course")
"""Who sees a paper sees until when it lasts; a plant takes no part in some cases that make one."""
DECIDES = {"unscoped": "what is decided about an enterprise, wherever it was made"}


@dataclass(frozen=True, slots=True)
class TermRow:
    """How long one paper's order lasts."""

    document_id: int
    title: Text
    number: str
    since: date
    until: date
    before: date | None
    """Until when it was to last before it was prolonged."""
    over: bool
    """Whether somebody has dealt with its end, or its case was ended."""


def of_case(work: Work, case_id: int) -> Sequence[TermRow]:
    """Return the terms of what was served in a case, and in papers made for it, oldest first."""
    work.require_somewhere(Permission.SEE_DOCUMENT)
    made_for = and_(_COURSE.c.procedure == ISSUE_PAPER, _COURSE.c.parent_id == case_id)
    return _terms(work, or_(Document.case_id == case_id, made_for))


def of_enterprise(work: Work, enterprise_id: int) -> Sequence[TermRow]:
    """Return the terms that run against an enterprise, of papers the actor may know of."""
    work.require_somewhere(Permission.SEE_ENTERPRISES)
    running = _COURSE.c.status == CaseStatus.RUNNING
    return _terms(work, and_(Document.subject_id == enterprise_id, running))


def _terms(work: Work, wanted: ColumnElement[bool]) -> list[TermRow]:
    templates = work.deps.papers.templates
    lasting = {kind.id for kind in templates.kinds.values() if kind.lasts}
    longer = {kind.id: kind.prolongs for kind in templates.kinds.values() if kind.prolongs}
    rows = work.session.execute(
        select(
            Document.id,
            Document.kind,
            Document.number,
            Document.data,
            Document.case_id,
            _COURSE.c.status,
        )
        .join(_COURSE, _COURSE.c.id == Document.case_id)
        .where(wanted)
        .where(Document.state == DocumentState.SERVED, Document.kind.in_([*lasting, *longer]))
        .order_by(Document.id)
    ).all()
    found = []
    for row in rows:
        if row.kind not in lasting:
            continue
        stated = json.loads(row.data)
        later = [
            json.loads(other.data)["to_day"]
            for other in rows
            if longer.get(other.kind) == row.kind and other.case_id == row.case_id
        ]
        first = date.fromisoformat(stated["to_day"])
        found.append(
            TermRow(
                document_id=row.id,
                title=templates.title(row.kind),
                number=row.number,
                since=date.fromisoformat(stated["from_day"]),
                until=date.fromisoformat(later[-1]) if later else first,
                before=first if later else None,
                over=row.status is not CaseStatus.RUNNING,
            )
        )
    return found


def lasting(work: Work, case_id: int) -> str | None:
    """Return the number of a paper whose order lasts while its case runs: a step of ending it."""
    kinds = [kind.id for kind in work.deps.papers.templates.kinds.values() if kind.lasts]
    number: str | None = work.session.scalar(
        select(Document.number)
        .where(Document.case_id == case_id, Document.kind.in_(kinds))
        .where(Document.state == DocumentState.SERVED)
        .limit(1),
        execution_options=DECIDES,
    )
    return number


def number_of(work: Work, document_id: int) -> str:
    """Return the number of a paper: a step of those who move its case."""
    number = select(Document.number).where(Document.id == document_id)
    return work.session.scalars(number, execution_options=DECIDES).one()


def listed_elsewhere(work: Work, enterprise_id: int, case_id: int) -> bool:
    """Test whether a decision of another case keeps an enterprise on the blacklist: such a step."""
    kinds = [kind.id for kind in work.deps.papers.templates.kinds.values() if kind.lists]
    other = (
        select(Document.id)
        .join(Case, Case.id == Document.case_id)
        .where(Document.subject_id == enterprise_id, Document.kind.in_(kinds))
        .where(Document.state == DocumentState.SERVED)
        .where(Case.id != case_id, Case.status == CaseStatus.RUNNING)
        .limit(1)
    )
    return work.session.scalar(other, execution_options=DECIDES) is not None
