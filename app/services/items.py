"""Lines of tasks, as lists and pages show them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.domain.access import Role
from app.domain.casework import ItemStatus
from app.domain.text import T, Text
from app.models.casework import Case, WorkItem
from app.models.people import Account, Organisation
from app.services import Work, procedures
from app.services.procedures import Running


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One line of a list of tasks."""

    id: int
    case_id: int
    node: str
    name: Text
    procedure: str
    procedure_name: Text
    subject_id: int
    subject: str
    role: Role
    organisation_id: int
    organisation: str
    opened_at: datetime
    due_at: datetime | None
    assignee_id: int | None
    assignee: str | None
    status: ItemStatus
    closed_at: datetime | None
    reason: str | None
    noticed_on: date | None
    """When the public notice was published that it waits for, until `due_at`."""


# Plain tables: a name stands wherever the act does, whoever may see its organisation.
_SUBJECT = Organisation.__table__.alias("subject")
_ACTING = Organisation.__table__.alias("acting")
_PERSON = Account.__table__.alias("person")
_ROWS = (
    select(
        WorkItem.id,
        WorkItem.case_id,
        WorkItem.node,
        WorkItem.choice,
        Case.deployment_id,
        Case.subject_id,
        _SUBJECT.c.name.label("subject"),
        WorkItem.role,
        WorkItem.organisation_id,
        _ACTING.c.name.label("organisation"),
        WorkItem.opened_at,
        WorkItem.due_at,
        WorkItem.assignee_id,
        _PERSON.c.name.label("assignee"),
        WorkItem.status,
        WorkItem.closed_at,
        WorkItem.reason,
        WorkItem.noticed_on,
    )
    .join(Case, Case.id == WorkItem.case_id)
    .join(_SUBJECT, _SUBJECT.c.id == Case.subject_id)
    .join(_ACTING, _ACTING.c.id == WorkItem.organisation_id)
    .outerjoin(_PERSON, _PERSON.c.id == WorkItem.assignee_id)
    .order_by(WorkItem.id.desc())
)


def rows_of(work: Work, ids: Any) -> list[TaskRow]:
    """Return the lines of the tasks with these ids, the newest first: a step of those who asked."""
    rows = []
    for row in work.session.execute(_ROWS.where(WorkItem.id.in_(ids))):
        running = procedures.running(work, row.deployment_id)
        rows.append(
            TaskRow(
                id=row.id,
                case_id=row.case_id,
                node=row.node,
                name=_name(work, running, row.node, row.choice),
                procedure=running.procedure,
                procedure_name=running.name,
                subject_id=row.subject_id,
                subject=row.subject,
                role=row.role,
                organisation_id=row.organisation_id,
                organisation=row.organisation,
                opened_at=row.opened_at,
                due_at=row.due_at,
                assignee_id=row.assignee_id,
                assignee=row.assignee,
                status=row.status,
                closed_at=row.closed_at,
                reason=row.reason,
                noticed_on=row.noticed_on,
            )
        )
    return rows


def _name(work: Work, running: Running, node: str, choice: str | None) -> Text:
    """Return what a task is called; where its case chose the paper, with the paper's title."""
    title = running.title(node)
    if choice is None or choice not in running.papers(node, choice):
        return title
    return T("{step}：{paper}", step=title, paper=work.deps.papers.templates.title(choice))
