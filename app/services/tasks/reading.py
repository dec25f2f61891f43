"""One task with its form, what the case says so far, and what one can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from app.domain import NotFound
from app.domain.access import Grant, Permission, Thing, granted_by, leads
from app.domain.casework import ItemStatus
from app.domain.documents import Act, handles
from app.domain.forms import Form
from app.domain.text import T, Term, Text
from app.engine.model import Flow, Node
from app.models.casework import Case, WorkItem
from app.models.people import Account, RoleGrant
from app.services import Work, procedures
from app.services.campaigns import previewing
from app.services.cases import reading as cases
from app.services.cases.reading import CaseView
from app.services.documents import inhand
from app.services.items import TaskRow, rows_of
from app.services.procedures import Running
from app.services.tasks import claims
from app.services.tasks.held import Apart, Task, apart_from, barred, taken
from app.services.tasks.returning import targets
from app.services.tasks.sources import first_values, given_values

FOLLOWING = frozenset(
    {"userTask", "serviceTask", "callActivity", "endEvent", "businessRuleTask", "receiveTask"}
)
UNMANNED = frozenset({"serviceTask", "businessRuleTask", "receiveTask", "endEvent"})


@dataclass(frozen=True, slots=True)
class NextStep:
    """What may come after a task: under which condition, and who does it."""

    title: Text
    condition: Text
    """The gateway's question with the answer that leads there."""
    lane: str | None
    """Who does it; None if nobody has to."""
    ends: bool


@dataclass(frozen=True, slots=True)
class Colleague:
    username: str
    name: str


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task as the person in front of it needs it."""

    row: TaskRow
    case: CaseView
    form: Form | None
    papers: Sequence[str]
    """What it has to do with papers."""
    paper: int | None
    """The paper it is about."""
    prefill: dict[str, Any]
    draft: dict[str, Any] | None
    answers: dict[str, Any] | None
    operations: Sequence[str]
    barred: Text | None
    """Why the reader may not do it though it is of their role: duties are held apart."""
    return_to: Sequence[tuple[str, Text]]
    colleagues: Sequence[Colleague]
    following: Sequence[NextStep]
    previews: bool
    """Whether it is a step of a campaign that names whom it would take in."""


def get(work: Work, item_id: int) -> TaskView:
    """Return one task with all that belongs on its page.

    :raises NotFound: if the actor may not know of it
    """
    found, running = _found(work, item_id)
    (row,) = rows_of(work, select(WorkItem.id).where(WorkItem.id == item_id))
    view = cases.get(work, found.case_id)
    grant = _grant(work, found) if row.status is ItemStatus.OPEN else None
    words = running.papers(row.node, found.choice)
    grant = claims.best(work.actor, grant, row.assignee_id, words) if grant is not None else None
    task = Task(row.id, row.case_id, row.node)
    apart = apart_from(work, task, running) if row.status is ItemStatus.OPEN else {}
    why = barred(work, apart, grant) if grant is not None else None
    returns = _returns(work, view, row) if grant is not None and why is None else []
    operations = _operations(
        work, row, view, grant, words, barred=why is not None, returns=bool(returns)
    )
    performing = "complete" in operations
    form = running.form(row.node, found.choice)
    paper = inhand.of_task(work, item_id, found.case_id, words)
    given = {}
    if performing:
        case = (found.case_id, found.subject_id, running)
        back = row.node if row.reason is not None else ""
        given = first_values(work, *case, form, paper, returned=back)
    return TaskView(
        row=row,
        case=view,
        form=form,
        papers=words,
        paper=paper,
        prefill=given,
        draft=found.draft if performing else None,
        answers=found.answers,
        operations=operations,
        barred=why,
        return_to=returns if performing else [],
        colleagues=_colleagues(work, row, apart) if "transfer" in operations else [],
        following=following(running, row.node),
        previews=previewing.offered(work, found.case_id, running),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What it takes to read the form of a task as it was sent."""

    form: Form | None
    given: dict[str, Any]
    """What its read-only fields and given rows say, to whom the task is given."""
    signs: bool
    """Whether a paper is signed with it."""


def asked(work: Work, item_id: int) -> Asked:
    """Return the form of a task, without all else that belongs on its page.

    :raises NotFound: if the actor may not know of it
    """
    found, running = _found(work, item_id)
    form = running.form(found.node, found.choice)
    words = running.papers(found.node, found.choice)
    given = {}
    if _grant(work, found) is not None:
        paper = inhand.of_task(work, item_id, found.case_id, words)
        given = given_values(work, found.case_id, found.subject_id, running, form, paper)
    return Asked(form, given, handles(words, Act.SIGN))


def _found(work: Work, item_id: int) -> tuple[Row[*tuple[Any, ...]], Running]:
    """Return a task that the actor may know of, and what its case runs by."""
    work.require(Permission.SEE_CASE, Thing())
    found = work.session.execute(
        select(
            WorkItem.case_id,
            WorkItem.node,
            WorkItem.choice,
            WorkItem.organisation_id,
            WorkItem.role,
            WorkItem.draft,
            WorkItem.answers,
            Case.deployment_id,
            Case.subject_id,
            Case.owner_id,
            Case.place,
        )
        .join(Case, Case.id == WorkItem.case_id)
        .where(WorkItem.id == item_id)
    ).one_or_none()
    if found is None:
        raise NotFound(T("没有找到该事项"))
    running = procedures.running(work, found.deployment_id)
    sight = cases.Sight(work, found, running, found.case_id)
    if not sight.task(found.organisation_id, found.role, found.node):
        raise NotFound(T("没有找到该事项"))
    return found, running


def _grant(work: Work, found: Row[*tuple[Any, ...]]) -> Grant | None:
    """Return the grant by which the actor may perform a task."""
    thing = Thing(place=found.place, organisation=found.organisation_id, role=found.role)
    return granted_by(work.actor, Permission.PERFORM_TASK, thing)


def _operations(
    work: Work,
    row: TaskRow,
    view: CaseView,
    grant: Grant | None,
    words: Sequence[str],
    *,
    barred: bool,
    returns: bool,
) -> list[str]:
    """Return what the actor can do with an open task, in the order of the buttons.

    :param grant: by which they may perform it
    :param words: what it has to do with papers
    :param barred: from doing it; they can still hand it over, or put it back
    :param returns: whether there is a step to which it may be returned
    """
    if row.status is not ItemStatus.OPEN:
        return []
    thing = Thing(place=view.row.place, organisation=row.organisation_id, role=row.role)
    mine = row.assignee_id == work.me
    node = view.running.node(row.node)
    lane = (row.organisation_id, row.role, row.assignee_id)
    free = grant is not None and not taken(work, node, *lane)
    operations = []
    if free and not barred:
        operations += ["complete", "draft"]
        operations += ["announce"] if handles(words, Act.SERVE) else []
        operations += [] if mine else ["claim"]
    leading = leads(work.actor, row.organisation_id)
    bound = "performer" in node.properties and not leading
    operations += ["release"] if free and mine and not bound else []
    if "complete" in operations and returns:
        operations.append("return")
    manager = granted_by(work.actor, Permission.MANAGE_TASK, thing)
    if manager is not None and ((free and not bound) or leading):
        operations.append("transfer")
    if not mine and granted_by(work.actor, Permission.URGE_TASK, thing) is not None:
        operations.append("urge")
    return operations


def _returns(work: Work, view: CaseView, row: TaskRow) -> list[tuple[str, Text]]:
    """Return where a task may be returned to, each with its title."""
    found = targets(work, row.case_id, view.running.node(row.node))
    return [(node, view.running.title(node)) for node in found]


def _colleagues(work: Work, row: TaskRow, apart: Apart) -> list[Colleague]:
    """Return who could do a task instead: none who is held apart from it."""
    people = work.session.execute(
        select(Account.id, Account.username, Account.name)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.organisation_id == row.organisation_id, RoleGrant.role == row.role)
        .where(Account.active, Account.id != (row.assignee_id or 0))
        .order_by(Account.name)
        .execution_options(unscoped="those who could take the task")
    )
    return [Colleague(*names) for person, *names in people if person not in apart]


def following(running: Running, node: str) -> list[NextStep]:
    """Return the steps that may come next, through gateways, each with what leads to it."""
    definition = running.definition
    steps: dict[str, NextStep] = {}
    seen: set[str] = set()
    waiting = [(flow, Term("")) for flow in definition.nodes[node].outgoing]
    while waiting:
        flow_id, condition = waiting.pop(0)
        if flow_id in seen:
            continue
        seen.add(flow_id)
        flow = definition.flows[flow_id]
        if flow.name:
            condition = _answered(definition.nodes[flow.source], flow)
        target = definition.nodes[flow.target]
        if target.kind in FOLLOWING:
            ends = target.kind == "endEvent"
            lane = None if target.kind in UNMANNED else target.lane
            steps.setdefault(target.id, NextStep(running.title(target.id), condition, lane, ends))
        else:
            waiting += [(outgoing, condition) for outgoing in target.outgoing]
    return list(steps.values())


def _answered(gateway: Node, flow: Flow) -> Term:
    """Return a gateway's question with one of its answers, which may say it all: 批准？批准."""
    question = "" if gateway.name.rstrip("？?") == flow.name else gateway.name
    asked = "" if gateway.name_en.rstrip("?") == flow.name_en else gateway.name_en
    return Term(question + flow.name, english=f"{asked} {flow.name_en}".strip())
