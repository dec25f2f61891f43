"""Messages to roles and people: reminders, urgings, hand-overs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select

from app.domain.access import Permission
from app.domain.text import Text
from app.models.casework import Case, Message
from app.models.people import Organisation
from app.services import Work, procedures

PAGE = 20


@dataclass(frozen=True, slots=True)
class MessageRow:
    id: int
    case_id: int
    key: str
    title: Text
    procedure_name: Text
    subject: str
    at: datetime


def find(work: Work, most: int = PAGE) -> Sequence[MessageRow]:
    """Return the newest messages to the actor, or to a role that the actor holds."""
    work.require_somewhere(Permission.SEE_CASE)
    pairs = sorted({(grant.organisation, grant.role) for grant in work.actor.grants})
    mine = or_(
        Message.account_id == work.me,
        *[and_(Message.organisation_id == place, Message.role == role) for place, role in pairs],
    )
    subject = Organisation.__table__.alias("subject")
    rows = work.session.execute(
        select(
            Message.id,
            Message.case_id,
            Message.key,
            Message.node,
            Message.at,
            Case.deployment_id,
            subject.c.name,
        )
        .join(Case, Case.id == Message.case_id)
        .join(subject, subject.c.id == Case.subject_id)
        .where(mine)
        .order_by(Message.id.desc())
        .limit(most)
    )
    found = []
    for row in rows:
        running = procedures.running(work, row.deployment_id)
        found.append(
            MessageRow(
                row.id,
                row.case_id,
                row.key,
                running.title(row.node),
                running.name,
                row.name,
                row.at,
            )
        )
    return found
