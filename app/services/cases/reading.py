"""Read cases: lists, and one case with all that its reader may know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.orm import undefer

from app.domain import NotFound
from app.domain.access import OF_ENTERPRISES, Permission, Role, Thing, covers
from app.domain.casework import CaseStatus, ItemStatus, WaitKind
from app.domain.entered import whole
from app.domain.forms import Form
from app.domain.history import Stream
from app.domain.lazy import lazy
from app.domain.text import T, Term, Text
from app.models.campaigns import CampaignStart
from app.models.casework import Case, Deployment, Participant, Wait, WorkItem
from app.models.people import Organisation
from app.services import Work, history, procedures, scope_of
from app.services.history import HistoryRow, Names
from app.services.items import TaskRow, rows_of
from app.services.procedures import Running

PAGE = 20


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list is narrowed by; "" and None leave it wide."""

    procedure: str = ""
    subject_id: int | None = None
    status: str = ""
    q: str = ""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of a list of cases."""

    id: int
    procedure: str
    name: Text
    version: int
    place: str
    subject_id: int
    subject: str
    owner_id: int
    owner: str
    status: CaseStatus
    ended: Text | None
    deadline: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    parent_id: int | None
    campaign_id: int | None
    """The campaign (专项行动) that it belongs to; its own id if it is one."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody answered at a step, for those who decide later."""

    item_id: int
    node: str
    title: Text
    by: str
    on_behalf_of: str | None
    at: datetime
    form: Form | None
    answers: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WaitRow:
    kind: WaitKind
    node: str
    title: Text
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as its reader may know it."""

    row: CaseRow
    running: Running
    inside: bool
    """Whether the reader sees the whole case, or only what concerns their own organisation."""
    tasks: Sequence[TaskRow]
    waits: Sequence[WaitRow]
    opinions: Sequence[Opinion]
    history: Sequence[HistoryRow]
    names: Names
    """Those that lines of the history mention."""
    parent: CaseRow | None
    children: Sequence[CaseRow]
    """The cases it started, but for those of a campaign's batches: the campaign shows these."""
    passed: Sequence[str]
    """Ids of the diagram's nodes and flows that were passed."""
    current: Sequence[str]
    """Ids of the nodes where the case stands."""


_SUBJECT = Organisation.__table__.alias("subject")
_OWNER = Organisation.__table__.alias("owner")
_ROWS = (
    select(
        Case.id,
        Case.deployment_id,
        Case.place,
        Case.subject_id,
        _SUBJECT.c.name.label("subject"),
        Case.owner_id,
        _OWNER.c.name.label("owner"),
        Case.status,
        Case.ended,
        Case.deadline,
        Case.opened_at,
        Case.closed_at,
        Case.parent_id,
        Case.campaign_id,
        Deployment.version,
    )
    .join(Deployment, Deployment.id == Case.deployment_id)
    .join(_SUBJECT, _SUBJECT.c.id == Case.subject_id)
    .join(_OWNER, _OWNER.c.id == Case.owner_id)
)


def find(
    work: Work, wanted: CaseFilter | None = None, cursor: str | None = None
) -> tuple[list[CaseRow], str | None]:
    """Return a page of the cases the actor may know of, the newest first, and a cursor."""
    work.require_somewhere(Permission.SEE_CASE)
    wanted = wanted or CaseFilter()
    rows = _ROWS
    if wanted.procedure:
        rows = rows.where(Case.procedure == wanted.procedure)
    if wanted.subject_id is not None:
        rows = rows.where(Case.subject_id == wanted.subject_id)
    if wanted.status in set(CaseStatus):
        rows = rows.where(Case.status == wanted.status)
    if wanted.q:
        words = wanted.q.strip()[:64]
        rows = rows.where(rows.selected_columns.subject.contains(words, autoescape=True))
    if (before := whole(cursor)) is not None:
        rows = rows.where(Case.id < before)
    found = work.session.execute(rows.order_by(Case.id.desc()).limit(PAGE + 1)).all()
    listed = [_row(work, row) for row in found[:PAGE]]
    return listed, str(listed[-1].id) if len(found) > PAGE else None


def mine(work: Work, most: int) -> list[CaseRow]:
    """Return running cases that the actor began, or that are about their enterprise."""
    work.require_somewhere(Permission.SEE_CASE)
    plants = [g.organisation for g in work.actor.grants if g.role in OF_ENTERPRISES]
    own = or_(Case.opened_by == work.me, Case.subject_id.in_(plants))
    running = _ROWS.where(own, Case.status == CaseStatus.RUNNING)
    return [
        _row(work, row)
        for row in work.session.execute(running.order_by(Case.id.desc()).limit(most))
    ]


def _row(work: Work, row: Row[*tuple[Any, ...]]) -> CaseRow:
    running = procedures.running(work, row.deployment_id)
    ended = None
    if row.ended is not None:
        ended = running.title(row.ended) if row.ended in running.definition.nodes else Term("")
    return CaseRow(
        id=row.id,
        procedure=running.procedure,
        name=running.name,
        version=row.version,
        place=row.place,
        subject_id=row.subject_id,
        subject=row.subject,
        owner_id=row.owner_id,
        owner=row.owner,
        status=row.status,
        ended=ended,
        deadline=row.deadline,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        parent_id=row.parent_id,
        campaign_id=row.campaign_id,
    )


def get(work: Work, case_id: int) -> CaseView:
    """Return one case with all that the actor may know of it.

    :raises NotFound: if the actor may not know of it
    """
    work.require(Permission.SEE_CASE, Thing())
    found = work.session.execute(_ROWS.where(Case.id == case_id)).one_or_none()
    if found is None:
        raise NotFound(T("没有找到该案件"))
    row = _row(work, found)
    running = procedures.running(work, found.deployment_id)
    sight = Sight(work, row, running, case_id)
    found_tasks = rows_of(work, _items_of(case_id))
    tasks = [t for t in found_tasks if sight.task(t.organisation_id, t.role, t.node)]
    told = history.whole(work, Stream.CASE, case_id)
    lines = [line for line in told.rows if sight.line(line)]
    waits = _waits(work, case_id, running) if sight.inside else []
    passed = [step for line in lines for step in line.detail.get("passed", ())]
    current = [task.node for task in tasks if task.status is ItemStatus.OPEN]
    current += [wait.node for wait in waits if wait.kind is WaitKind.EFFECT]
    of_batch = select(CampaignStart.case_id).where(CampaignStart.case_id == Case.id)
    children = (Case.parent_id == case_id) & ~of_batch.exists()
    family = work.session.execute(_ROWS.where(children | (Case.id == (row.parent_id or 0)))).all()
    relatives = [_row(work, relative) for relative in family]
    return CaseView(
        row=row,
        running=running,
        inside=sight.inside,
        tasks=tasks,
        waits=waits,
        opinions=opinions(work, sight),
        history=lines,
        names=told.names,
        parent=next((r for r in relatives if r.id == row.parent_id), None),
        children=[r for r in relatives if r.parent_id == case_id],
        passed=passed,
        current=list(dict.fromkeys(current)),
    )


def _items_of(case_id: int) -> Select[int]:
    return select(WorkItem.id).where(WorkItem.case_id == case_id, WorkItem.seq > 0)


class Sight:
    """What of a case a reader may know.

    Whoever sees the case's area sees all of it. Others take part with their organisation: they see
    its own steps, and those whose diagram discloses them to a lane of theirs (`disclosedTo`). An
    expert is a guest of the bureau that keeps them: of its steps they see those of experts only.
    """

    def __init__(
        self, work: Work, row: CaseRow | Row[*tuple[Any, ...]], running: Running, case_id: int
    ) -> None:
        scope = scope_of(work.actor)
        self._work, self._case_id = work, case_id
        self.row = row
        self.running = running
        self.inside = any(covers(area, row.place) for area in scope.areas)
        self.organisations = set(scope.organisations)
        self.offices = set(scope.offices)
        self.seats = {(grant.organisation, grant.role) for grant in work.actor.grants}

    def node(self, node: str) -> bool:
        """Whether the answers of a step are the reader's to see."""
        if self.inside:
            return True
        found = self.running.definition.nodes.get(node)
        told = found.properties.get("disclosedTo", "").split() if found is not None else ()
        return (
            ("企业" in told and self.row.subject_id in self.organisations)
            or ("专家" in told and (self.row.owner_id, Role.EXPERT) in self.seats)
            or ("参与单位" in told and self.takes_part)
        )

    @lazy
    def takes_part(self) -> bool:
        """Whether an office of the reader's takes part in the case."""
        wanted = select(Participant.id).where(
            Participant.case_id == self._case_id, Participant.organisation_id.in_(self.offices)
        )
        return self._work.session.scalar(wanted.limit(1)) is not None

    def own(self, organisation_id: int | None, role: Role | None) -> bool:
        """Whether a step is of the reader's own organisation, or of a role they hold in it."""
        return organisation_id in self.offices or (organisation_id, role) in self.seats

    def task(self, organisation_id: int, role: Role, node: str) -> bool:
        return self.own(organisation_id, role) or self.node(node)

    def line(self, line: HistoryRow) -> bool:
        return (
            self.own(line.organisation_id, line.role)
            or (line.node is not None and self.node(line.node))
            or self.inside
        )


def sight_of(work: Work, case_id: int) -> Sight:
    """Return what the actor may know of a case that the guard has let through."""
    found = work.session.execute(_ROWS.where(Case.id == case_id)).one()
    return Sight(work, found, procedures.running(work, found.deployment_id), case_id)


def opinions(work: Work, sight: Sight) -> list[Opinion]:
    """Return what was answered in a case so far, oldest first: a step of those who asked."""
    rows = work.session.scalars(
        select(WorkItem)
        .where(WorkItem.case_id == sight.row.id, WorkItem.status == ItemStatus.DONE)
        .order_by(WorkItem.closed_at, WorkItem.id)
        .options(undefer(WorkItem.answers))
    ).all()
    people = history.names_of_people(
        work, [p for row in rows for p in (row.closed_by, row.on_behalf_of) if p is not None]
    )
    return [
        Opinion(
            item_id=row.id,
            node=row.node,
            title=sight.running.title(row.node),
            by=people.get(row.closed_by or 0, ""),
            on_behalf_of=people.get(row.on_behalf_of or 0),
            at=row.closed_at,
            form=sight.running.form(row.node, row.choice),
            answers=row.answers or {},
        )
        for row in rows
        if row.closed_at is not None and sight.task(row.organisation_id, row.role, row.node)
    ]


def _waits(work: Work, case_id: int, running: Running) -> list[WaitRow]:
    rows = work.session.scalars(select(Wait).where(Wait.case_id == case_id).order_by(Wait.due_at))
    return [WaitRow(row.kind, row.node, running.title(row.node), row.due_at) for row in rows]
