"""A task in hand: its row and its case locked, and the grant that lets the actor work on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from app.domain import Conflict, Forbidden, NotFound
from app.domain.access import Grant, Permission, Role, Thing
from app.domain.casework import DRAFTER, LAST, ItemStatus
from app.domain.documents import Act, handles
from app.domain.forms import Form
from app.domain.text import T, Text
from app.engine.definitions import Node
from app.models.casework import WorkItem
from app.services import Work, procedures
from app.services.cases.locked import Locked, read
from app.services.cases.reading import Sight
from app.services.cases.statements import held_item, sight
from app.services.documents import approving, inhand
from app.services.tasks import claims

Apart = dict[int | None, Text]
"""Who is held apart from a task (职责分离), by account, each with what they are told."""


class AlreadyDone(Conflict):
    """Somebody closed the task first."""


class TakenByOther(Conflict):
    """Somebody else has claimed the task."""


@dataclass(frozen=True, slots=True)
class Task:
    """Which task of which case, at which step."""

    id: int
    case_id: int
    node_id: str


@dataclass(frozen=True, slots=True)
class Held:
    """An open task and its locked case."""

    id: int
    seq: int
    node_id: str
    organisation_id: int
    role: Role
    assignee_id: int | None
    urged_at: datetime | None
    due_at: datetime | None
    choice: str | None
    """What its form and its paper were chosen by."""
    case: Locked
    grant: Grant

    @property
    def task(self) -> Task:
        return Task(self.id, self.case.id, self.node_id)

    @property
    def node(self) -> Node:
        return self.case.running.node(self.node_id)

    @property
    def form(self) -> Form | None:
        return self.case.running.form(self.node_id, self.choice)

    @property
    def papers(self) -> tuple[str, ...]:
        """What it has to do with papers."""
        return self.case.running.papers(self.node_id, self.choice)


def hold(work: Work, item_id: int, permission: Permission) -> Held:
    """Lock a task's case and return the task, if the actor has the permission on it.

    :raises NotFound: if the actor may not know of it
    :raises Forbidden: if the table does not grant `permission`
    :raises AlreadyDone: if it is not open any more
    """
    row = work.run(held_item(sight(work)), {"item": item_id}).one_or_none()
    if row is None:
        raise NotFound(T("没有找到该事项"))
    # Who only takes part in a case is not told of every step of it.
    running = procedures.running(work, row.deployment_id)
    if not Sight(work, row, running, row.case_id).task(row.organisation_id, row.role, row.node):
        raise NotFound(T("没有找到该事项"))
    thing = Thing(place=row.place, organisation=row.organisation_id, role=row.role)
    grant, words = work.require(permission, thing), running.papers(row.node, row.choice)
    grant = claims.best(work.actor, grant, row.assignee_id, words)
    if row.item_status is not ItemStatus.OPEN:
        raise AlreadyDone(T("此事项已办结或已撤销"))
    return Held(
        row.id,
        row.seq,
        row.node,
        row.organisation_id,
        row.role,
        row.assignee_id,
        row.urged_at,
        row.due_at,
        row.choice,
        read(work, row),
        grant,
    )


def must_be_free(work: Work, held: Held) -> None:
    """Refuse a task that somebody else has claimed.

    :raises TakenByOther: unless nobody, the actor, or the leader they stand in for has it, or
        whoever has it cannot do it any more
    """
    if taken(work, held.node, held.organisation_id, held.role, held.assignee_id):
        raise TakenByOther(T("此事项已由他人签收，请先联系签收人转办"))


def taken(
    work: Work, node: Node, organisation_id: int, role: Role, assignee_id: int | None
) -> bool:
    """Test whether somebody else than the actor has a task: a step of those who asked.

    Where one person has to do it, a leader alone names another.
    """
    leaders = claims.stands_in_for(work.actor, organisation_id, role)
    if assignee_id in (None, work.me, *leaders):
        return False
    return "performer" in node.properties or claims.binds(work, organisation_id, role, assignee_id)


def must_not_have_done(work: Work, held: Held) -> None:
    """Hold apart the duties that the diagram tells apart (职责分离), and the voices of a 会签.

    :raises Forbidden: if the actor, or whom they stand in for, did one of the steps before, or
        has given their opinion in this round of a step that several people answer, or is to
        approve the seal of a paper that is theirs
    """
    apart = apart_from(work, held.task, held.case.running)
    if why := barred(work, apart, held.grant):
        raise Forbidden(why)


def barred(work: Work, apart: Apart, grant: Grant) -> Text | None:
    """Say why the actor, or whom they stand in for, may not do a task of theirs, or None."""
    people = (work.me, grant.on_behalf_of)
    return next((apart[person] for person in people if person in apart), None)


def apart_from(work: Work, task: Task, running: procedures.Running) -> Apart:
    """Return who may not do a task for what they did before, each with what they are told."""
    node = running.node(task.node_id)
    told = _of_own_paper(work, task, node)
    earlier = [word for word in node.words("notBy") if word != DRAFTER]
    if not earlier and node.repetition is None:
        return told
    apart = _apart(task, running, earlier)
    if node.repetition is not None:
        mine = select(WorkItem.round).where(WorkItem.id == task.id).scalar_subquery()
        apart |= (WorkItem.node == task.node_id) & (WorkItem.round == mine)
    done = work.session.execute(
        select(WorkItem.node, WorkItem.closed_by, WorkItem.on_behalf_of)
        .where(WorkItem.case_id == task.case_id, WorkItem.status == ItemStatus.DONE)
        .where(apart)
        .order_by(WorkItem.id)
        .execution_options(unscoped="who did the earlier steps of the case")
    )
    for name, *people in done:
        for person in people:
            told.setdefault(person, _of_earlier(name, task, running))
    told.pop(None, None)
    return told


def _of_earlier(node: str, task: Task, running: procedures.Running) -> Text:
    if node == task.node_id:
        return T("您已经在本轮会签中发表意见，每人只能办理一份")
    return T("您办理过“{node}”，按职责分离要求不能办理本环节", node=running.title(node))


def _apart(task: Task, running: procedures.Running, earlier: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition of what was done before and excludes who did it.

    Of signing it is the last time alone: a paper that was made anew bears no earlier signature.
    """
    plain = [word.removesuffix(LAST) for word in earlier]
    last = [
        node
        for node, word in zip(plain, earlier, strict=True)
        if word != node or handles(running.node(node).words("papers"), Act.SIGN)
    ]
    times = (
        select(func.max(WorkItem.id))
        .where(WorkItem.case_id == task.case_id, WorkItem.status == ItemStatus.DONE)
        .where(WorkItem.node.in_(last))
        .group_by(WorkItem.node)
    )
    always: ColumnElement[bool] = WorkItem.node.in_(set(plain) - set(last))
    return always | WorkItem.id.in_(times) if last else always


def _of_own_paper(work: Work, task: Task, node: Node) -> Apart:
    """Return who approves no paper as it is their own: neither its seal, nor that it goes out."""
    words = node.words("papers")
    seals, apart = handles(words, Act.SEAL), DRAFTER in node.words("notBy")
    paper = inhand.of_task(work, task.id, task.case_id, words) if seals or apart else None
    if paper is None:
        return {}
    if seals:
        why = T("您起草或者签署过该文书，按职责分离要求不能审核用印")
        return dict.fromkeys(approving.makers(work, paper), why)
    why = T("您起草了该文书，按职责分离要求不能签发")
    return dict.fromkeys(approving.drafters(work, paper), why)
