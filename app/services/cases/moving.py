"""Move a case by one step, and make the tables say what the engine says.

Whatever moves a case ends here: a completed task, a returned one, a fired timer, a delivered
message, the late answer of an effect. The case row is locked first and nothing before it;
everything is written in the caller's transaction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.access import Grant, Role
from app.domain.casework import CaseStatus, ItemStatus
from app.domain.deadlines import Days
from app.domain.history import Stream
from app.domain.procedures import PROCEDURES
from app.domain.text import T
from app.engine import CaseFault, runtime
from app.engine.runtime import Step
from app.models.casework import Deployment
from app.services import Work, procedures
from app.services.cases import awaiting, seats, storing
from app.services.cases.locked import Command, Locked, Moved, StepFailed
from app.services.cases.statements import ADD_CASE, ADD_START
from app.services.effects import LATER
from app.services.effects.table import EFFECTS
from app.services.hazards import Followed, follow
from app.services.leaving import left

HANDOVER = "handover"


@dataclass
class Context:
    """The case in hand, as an effect sees it (see `app.services.effects`)."""

    work: Work
    case: Locked
    node: str
    grant: Grant | None
    seq: int
    hazards: Followed

    @property
    def case_id(self) -> int:
        return self.case.id

    @property
    def owner_id(self) -> int:
        return self.case.owner_id

    @property
    def subject_id(self) -> int:
        return self.case.subject_id

    @property
    def place(self) -> str:
        return self.case.place

    @property
    def deadline(self) -> datetime | None:
        return self.case.deadline

    @property
    def campaign_id(self) -> int | None:
        return self.case.campaign_id

    @property
    def superior_id(self) -> int | None:
        return seats.superior(self.work, self.case.place)

    def belong_to(self, campaign_id: int) -> None:
        self.case.campaign_id, self.case.days, self.case.joined = campaign_id, None, True

    def hold_to(self, rule: str) -> datetime:
        return self.case.hold_to(self.work, rule)

    def start_child(
        self,
        procedure: str,
        reason: str,
        *,
        wait: bool = False,
        owner: str = "",
        more: Mapping[str, str] | None = None,
    ) -> int:
        given = {"reason": reason, **(more or {})}
        wanted, answers = newest_or_handover(self.work, procedure, given)
        moved = begin(
            self.work,
            wanted,
            owner=seats.office(self.work, self.case, owner),
            subject_id=self.case.subject_id,
            answers=answers,
            grant=self.grant,
            parent_id=self.case.id,
            awaited_by=self.seq if wait else None,
            campaign_id=self.case.campaign_id,
        )
        return moved.case_id

    def office(self, lane: str) -> int:
        return seats.seat(self.work, self.case, lane)[0]

    def place_of(self, lane: str) -> str:
        return seats.office(self.work, self.case, lane)[1]

    def person(self, lane: str, name: str) -> int | None:
        return seats.voice(self.work, self.case, seats.seat(self.work, self.case, lane), name)

    def admit(self, organisation: int) -> None:
        if organisation not in (self.case.owner_id, self.case.subject_id):
            storing.admit(self.work, self.case.id, self.case.step, [organisation])


def newest_or_handover(
    work: Work, procedure: str, answers: dict[str, Any]
) -> tuple[Deployment, dict[str, Any]]:
    """Return what a procedure runs on and the answers it starts with: a step of starting it.

    One that is not modelled yet becomes a named person's task of handing it over.

    :raises CaseFault: if not even that is deployed
    """
    wanted = procedures.find_newest(work, procedure)
    if wanted is None:
        wanted = procedures.find_newest(work, HANDOVER)
        answers = answers | {"procedure": str(PROCEDURES.get(procedure, procedure))}
    if wanted is None:
        raise CaseFault(T("流程“{procedure}”尚未部署", procedure=procedure))
    return wanted, answers


def begin(
    work: Work,
    deployment: Deployment,
    *,
    owner: tuple[int, str],
    subject_id: int,
    answers: dict[str, Any],
    grant: Grant | None,
    parent_id: int | None = None,
    awaited_by: int | None = None,
    campaign_id: int | None = None,
    deadline: str = "",
    days: Days | None = None,
) -> Moved:
    """Start a case of a deployment with the answers of its start form.

    `owner` is an organisation and its place; `awaited_by` the parent's task that waits for the end;
    `deadline` a time rule by which the case is to be done, which its variable `deadline` holds too;
    `days` those that its rules may name, where they are known already.
    """
    running = procedures.running(work, deployment.id)
    case_id = work.run(
        ADD_CASE,
        {
            "deployment_id": deployment.id,
            "procedure": deployment.procedure,
            "place": owner[1],
            "owner_id": owner[0],
            "subject_id": subject_id,
            "parent_id": parent_id,
            "awaited_by": awaited_by,
            "campaign_id": campaign_id,
            "status": CaseStatus.RUNNING,
            "state": b"",
            "step": 0,
            "opened_at": work.now,
            "opened_by": work.actor.id,
        },
    ).scalar_one()
    case = Locked(
        case_id,
        running,
        owner[1],
        owner[0],
        subject_id,
        parent_id,
        CaseStatus.RUNNING,
        b"",
        0,
        None,
        campaign_id,
        days=days,
    )
    work.begins(Stream.CASE, case_id)
    start = running.definition.start
    _keep_start(work, case, start.id, answers, grant)
    variables = {name: answers.get(name) for name in start.variables}
    if deadline:
        case.hold_to(work, deadline)
        variables |= {name: deadline for name in variables if name == "deadline"}
    step = runtime.start(running.definition, case_id, variables)
    detail = {"procedure": running.procedure, "version": running.version}
    return settle(work, case, step, Command("case.start", start.id, grant, detail))


def hand_on(work: Work, case: Locked, grant: Grant | None) -> None:
    """Give somebody the task of going on with what a case leaves behind: a step of its end.

    Hazards that are not closed and measures in force are never followed by nobody, unless the
    enterprise is to be closed.
    """
    found, measures = left(work, case.id, case.subject_id)
    if not (found or measures) or (wanted := procedures.find_newest(work, HANDOVER)) is None:
        return
    reason = T(
        "“{procedure}”已经结束，仍有{found}项未销号隐患、{measures}项执行中的监管措施没有案件跟进",
        procedure=case.running.name,
        found=found,
        measures=measures,
    )
    answers = {"procedure": str(T("隐患和监管措施的后续监管")), "reason": str(reason)}
    owner = (case.owner_id, case.place)
    begin(
        work,
        wanted,
        owner=owner,
        subject_id=case.subject_id,
        answers=answers,
        grant=grant,
        parent_id=case.id,
        campaign_id=case.campaign_id,
    )


def _keep_start(
    work: Work, case: Locked, node: str, answers: dict[str, Any], grant: Grant | None
) -> None:
    """Keep the start form's answers like those of a task: done at once, by whoever started."""
    work.run(
        ADD_START,
        {
            "case_id": case.id,
            "seq": 0,
            "node": node,
            "place": case.place,
            "organisation_id": grant.organisation if grant else case.owner_id,
            "role": grant.role if grant else Role.STAFF,
            "assignee_id": work.actor.id,
            "status": ItemStatus.DONE,
            "opened_at": work.now,
            "closed_at": work.now,
            "closed_by": work.actor.id,
            "on_behalf_of": grant.on_behalf_of if grant else None,
            "answers": answers,
        },
    )


def carry_out(work: Work, case: Locked, begin_step: Callable[[], Step], command: Command) -> Moved:
    """Move a case by a step that nobody stands in front of: whatever fails is an incident."""
    try:
        step = begin_step()
    except Exception as cause:
        raise StepFailed(case, command) from cause
    return settle(work, case, step, command)


def settle(work: Work, case: Locked, step: Step, command: Command) -> Moved:
    """Carry out the effects of a step and write down where the case stands."""
    try:
        return _settle(work, case, step, command)
    except StepFailed:
        raise
    except Exception as cause:
        # Whatever it was, the step is undone as a whole and becomes an incident.
        raise StepFailed(case, command) from cause


def hazards_of(work: Work, case: Locked) -> Followed:
    """Return the hazards that a locked case follows: a step of moving it."""
    return Followed(
        work,
        case.id,
        case.place,
        case.owner_id,
        case.subject_id,
        case.parent_id,
        case.running.procedure,
    )


def _settle(work: Work, case: Locked, step: Step, command: Command) -> Moved:
    told: list[str] = []
    hazards = hazards_of(work, case)
    while step.effect is not None:
        wanted = step.effect
        context = Context(work, case, wanted.node, command.grant, wanted.seq, hazards)
        result = EFFECTS[wanted.name].function(context, **wanted.parameters)
        told.append(wanted.node)
        if result is LATER:
            step.wait()
        else:
            step.answer(result)
    outcome = step.outcome()
    words = ((id_, case.running.definition.property(id_, "hazards")) for id_ in outcome.passed)
    follow(hazards, ((id_, word) for id_, word in words if word))
    opened = storing.write_items(work, case, outcome, command)
    waits = storing.write_waits(work, case, outcome)
    storing.write_case(work, case, outcome)
    detail = dict(command.detail)
    if told:
        detail["effects"] = told
    if opened:
        detail["opened"] = [task.node for task in opened]
    detail["passed"] = list(outcome.passed)
    if hazards.changes:
        detail["hazards"] = hazards.changes
    if hazards.citations.told:
        detail["cited"] = hazards.citations.told
    work.record(Stream.CASE, case.id, command.action, command.grant, node=command.node, **detail)
    if outcome.finished:
        work.record(Stream.CASE, case.id, "case.finish", ended=list(outcome.ended))
        awaiting.tell_parent(work, case)
        if not any(storing.operator(case, node) == "start_case" for node in told):
            hand_on(work, case, command.grant)
    return Moved(case.id, outcome.finished, opened, waits)
