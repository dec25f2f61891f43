"""The statements on the path of a step, built once: what is written at every completed task.

They are plain tables and parameters, not mapped classes. The case is locked when they run, and who
may do it was checked; those that find something carry the scope's own conditions.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import Insert, Select, Table, Update, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.casework import ItemStatus
from app.models import Scope, Unscoped, table_of
from app.models.casework import Case, Participant, Wait, WorkItem
from app.services import Work

CASE, ITEM, WAIT = table_of(Case), table_of(WorkItem), table_of(Wait)
STEP = {"unscoped": "a step of a locked case"}
FOUND = {"unscoped": "the scope's conditions are written out"}

CASE_COLUMNS = (
    CASE.c.id.label("case_id"),
    CASE.c.deployment_id,
    CASE.c.place,
    CASE.c.owner_id,
    CASE.c.subject_id,
    CASE.c.parent_id,
    CASE.c.status,
    CASE.c.state,
    CASE.c.step,
    CASE.c.deadline,
    CASE.c.campaign_id,
)


def sight(work: Work) -> Scope | Unscoped:
    """Return the scope of a transaction."""
    found: Scope | Unscoped = work.session.info["scope"]
    return found


@lru_cache(maxsize=4096)
def locked_case(scope: Scope | Unscoped) -> Select[*tuple[Any, ...]]:
    """Return the statement that locks the case `:case`."""
    statement = select(*CASE_COLUMNS).where(CASE.c.id == bindparam("case"))
    if isinstance(scope, Scope):
        statement = statement.where(Case.visible(scope))
    return statement.with_for_update(of=CASE).execution_options(**FOUND)


@lru_cache(maxsize=4096)
def held_item(scope: Scope | Unscoped) -> Select[*tuple[Any, ...]]:
    """Return the statement that locks the case of the task `:item` and returns both."""
    statement = (
        select(
            ITEM.c.id,
            ITEM.c.seq,
            ITEM.c.node,
            ITEM.c.organisation_id,
            ITEM.c.role,
            ITEM.c.assignee_id,
            ITEM.c.status.label("item_status"),
            ITEM.c.urged_at,
            ITEM.c.due_at,
            ITEM.c.choice,
            *CASE_COLUMNS,
        )
        .join(CASE, CASE.c.id == ITEM.c.case_id)
        .where(ITEM.c.id == bindparam("item"))
    )
    if isinstance(scope, Scope):
        statement = statement.where(WorkItem.visible(scope), Case.visible(scope))
    return statement.with_for_update(of=CASE).execution_options(**FOUND)


@lru_cache(maxsize=64)
def change_item(names: tuple[str, ...]) -> Update:
    """Return the statement that writes `names` to an open task, if its assignee is as it was."""
    return (
        update(ITEM)
        .where(ITEM.c.id == bindparam("item"), ITEM.c.status == ItemStatus.OPEN)
        .where(ITEM.c.assignee_id.is_not_distinct_from(bindparam("held_by")))
        .values({name: bindparam(f"new_{name}") for name in names})
        .execution_options(**STEP)
    )


ADD_CASE = insert(CASE).returning(CASE.c.id).execution_options(**STEP)
ADD_START = insert(ITEM).execution_options(**STEP)
WITHDRAW = (
    update(ITEM)
    .where(ITEM.c.case_id == bindparam("case"), ITEM.c.status == ItemStatus.OPEN)
    .where(ITEM.c.seq.not_in(bindparam("open", expanding=True)))
    .values(status=ItemStatus.CANCELLED, closed_at=bindparam("now"), draft=None)
    .execution_options(**STEP)
)
DISARM = (
    delete(WAIT)
    .where(WAIT.c.case_id == bindparam("case"))
    .where(WAIT.c.seq.not_in(bindparam("open", expanding=True)))
    .execution_options(**STEP)
)


@lru_cache(maxsize=16)
def save_case(names: tuple[str, ...]) -> Update:
    """Return the statement that writes `names` to the case `:case`."""
    return (
        update(CASE)
        .where(CASE.c.id == bindparam("case"))
        .values({name: bindparam(f"new_{name}") for name in names})
        .execution_options(**STEP)
    )


def _adding(table: Table) -> dict[bool, Insert]:
    """Return inserts, for SQLite and PostgreSQL, that pass over rows that are there already."""
    return {
        True: sqlite.insert(table).on_conflict_do_nothing().execution_options(**STEP),
        False: postgresql.insert(table).on_conflict_do_nothing().execution_options(**STEP),
    }


ADD_ITEMS = {
    kind: adding.returning(ITEM.c.id, ITEM.c.seq, ITEM.c.node)
    for kind, adding in _adding(ITEM).items()
}
ADD_WAITS = {kind: adding.returning(WAIT.c.seq) for kind, adding in _adding(WAIT).items()}
ARMED = (
    select(WAIT.c.seq, WAIT.c.armed_at, WAIT.c.due_at)
    .where(WAIT.c.case_id == bindparam("case"))
    .execution_options(**FOUND)
)
ADD_PARTICIPANTS = _adding(table_of(Participant))
