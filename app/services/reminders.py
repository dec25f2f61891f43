"""Tell people of deadlines: a reminder before, a word when one has passed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from app.domain.access import Family, Role
from app.domain.casework import ItemStatus
from app.domain.history import Stream
from app.models.casework import OPEN, Message, WorkItem
from app.models.people import Organisation, OrganisationKind
from app.services import Deps, Work
from app.services.cases.locked import LOCKED, Locked, lock_running
from app.services.tasks import claims

JOB = "wake"


@dataclass(frozen=True, slots=True)
class DueReminder:
    """A task of which somebody is to be told."""

    item_id: int
    case_id: int
    node: str
    wake_at: datetime
    overdue: bool

    @property
    def at(self) -> datetime:
        return self.wake_at

    @property
    def kind(self) -> str:
        return "overdue" if self.overdue else "reminder"

    @property
    def key(self) -> str:
        return f"{JOB}:{self.item_id}:{self.wake_at.timestamp():.0f}"


def due(work: Work, most: int) -> list[DueReminder]:
    """Return the open tasks of which somebody is to be told now, the earliest first."""
    rows = work.session.execute(
        select(WorkItem.id, WorkItem.case_id, WorkItem.node, WorkItem.wake_at, WorkItem.due_at)
        .where(OPEN, WorkItem.wake_at <= work.now)
        .order_by(WorkItem.wake_at, WorkItem.id)
        .limit(most)
    )
    return [
        DueReminder(item, case, node, at, overdue=due_at is None or due_at <= work.now)
        for item, case, node, at, due_at in rows
        if at is not None
    ]


def remind(deps: Deps, case_id: int, item_id: int) -> bool:
    """Tell of a task's deadline if it is time to, and say whether anybody was told."""
    with deps.system("remind of a deadline") as work:
        case = lock_running(work, case_id)
        row = work.session.execute(
            select(
                WorkItem.status,
                WorkItem.node,
                WorkItem.organisation_id,
                WorkItem.role,
                WorkItem.assignee_id,
                WorkItem.due_at,
                WorkItem.wake_at,
            ).where(WorkItem.id == item_id)
        ).one_or_none()
        if case is None or row is None or row.status is not ItemStatus.OPEN:
            return False
        if row.wake_at is None or row.wake_at > work.now:
            return False
        overdue = row.due_at is None or row.due_at <= work.now
        key = "task_overdue" if overdue else "task_due_soon"
        told: set[tuple[int | None, Role | None, int | None]] = {
            (None, None, row.assignee_id)
            if claims.binds(work, row.organisation_id, row.role, row.assignee_id)
            else (row.organisation_id, row.role, None)
        }
        if overdue:
            told.add((_over(work, case, row.organisation_id), Role.DEPUTY_HEAD, None))
        for organisation, role, account in sorted(told, key=str):
            work.session.add(
                Message(
                    case_id=case_id,
                    organisation_id=organisation,
                    role=role,
                    account_id=account,
                    key=key,
                    node=row.node,
                    at=work.now,
                )
            )
        work.session.execute(
            update(WorkItem)
            .where(WorkItem.id == item_id)
            .values(wake_at=None if overdue else row.due_at),
            execution_options=LOCKED,
        )
        action = "task.overdue" if overdue else "task.remind"
        work.record(Stream.CASE, case_id, action, node=row.node, task=item_id)
        return True


def _over(work: Work, case: Locked, organisation_id: int) -> int:
    """Return whose leaders hear of a task that is overdue: the acting bureau's, or the owner's."""
    family = work.session.scalar(
        select(OrganisationKind.family)
        .join(Organisation, Organisation.kind == OrganisationKind.code)
        .where(Organisation.id == organisation_id)
    )
    return organisation_id if family is Family.BUREAU else case.owner_id
