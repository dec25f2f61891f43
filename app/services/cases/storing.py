"""Make the tables say what the engine says: work items, what is waited for, the case row.

Rows that are there already are passed over by the database, so that nothing has to be read first.
"""

from collections.abc import Iterable
from typing import Any

from app.domain.access import Role
from app.domain.casework import CaseStatus, ItemStatus, WaitKind
from app.domain.deadlines import waking
from app.engine import OpenTask, Outcome
from app.engine.expressions import evaluate
from app.models.casework import Wait
from app.services import Work
from app.services.cases.locked import Command, Locked, Opened
from app.services.cases.seats import seat_for, voice
from app.services.cases.statements import (
    ADD_ITEMS,
    ADD_PARTICIPANTS,
    ADD_WAITS,
    ARMED,
    DISARM,
    WITHDRAW,
    save_case,
)
from app.services.documents import inhand


def write_items(work: Work, case: Locked, outcome: Outcome, command: Command) -> list[Opened]:
    open_seqs = [task.seq for task in outcome.tasks]
    if case.step:
        work.run(WITHDRAW, {"case": case.id, "open": open_seqs, "now": work.now})
    if not outcome.tasks:
        return []
    rows = [_item(work, case, task, command) for task in outcome.tasks]
    made = work.run(ADD_ITEMS[work.deps.database.sqlite], rows)
    opened = [Opened(row.id, row.seq, row.node) for row in made]
    outside = {row["organisation_id"] for row in rows if row["organisation_id"] != case.owner_id}
    if opened and outside:
        admit(work, case.id, case.step, sorted(outside))
    if guests := {row["assignee_id"] for row in rows if row["role"] is Role.EXPERT} - {None}:
        invite(work, case.id, case.step, guests)
    return sorted(opened, key=lambda task: task.seq)


def admit(work: Work, case_id: int, step: int, organisations: Iterable[int]) -> None:
    """Let organisations take part in a case whose area they do not see: a step of it."""
    work.run(
        ADD_PARTICIPANTS[work.deps.database.sqlite],
        [
            {"case_id": case_id, "organisation_id": organisation, "from_step": step}
            for organisation in organisations
        ],
    )


def invite(work: Work, case_id: int, step: int, guests: Iterable[int]) -> None:
    """Let people take part in a case whose area they do not see: a step of a locked case."""
    work.run(
        ADD_PARTICIPANTS[work.deps.database.sqlite],
        [{"case_id": case_id, "account_id": guest, "from_step": step} for guest in sorted(guests)],
    )


def _item(work: Work, case: Locked, task: OpenTask, command: Command) -> dict[str, Any]:
    node = case.running.node(task.node)
    (organisation, role), named = seat_for(work, case, node.lane or "", task.variables)
    due_at = case.due(work, task.due) if task.due else None
    again = command.returned if command.returned and command.returned[0] == task.node else None
    if bound := node.properties.get("performer"):
        named = evaluate(bound, task.variables)
    assignee = again[2] if again else named
    if node.repetition is not None:
        name = task.variables.get(node.repetition.item)
        assignee = voice(work, case, (organisation, role), name)
    return {
        "case_id": case.id,
        "seq": task.seq,
        "round": task.round,
        "node": task.node,
        "place": case.place,
        "organisation_id": organisation,
        "role": role,
        "assignee_id": assignee,
        "status": ItemStatus.OPEN,
        "opened_at": work.now,
        "due_at": due_at,
        "due_rule": task.due,
        "wake_at": waking(node.properties.get("reminder"), due_at, work.calendar),
        "reason": again[1] if again else None,
        "paper_id": inhand.settle(work, case.id, node.words("papers"), task.variables),
        "choice": case.running.choose(task.node, task.variables),
    }


def write_waits(work: Work, case: Locked, outcome: Outcome) -> list[Wait]:
    waits = [
        Wait(
            case_id=case.id,
            seq=timer.seq,
            kind=WaitKind.TIMER,
            node=timer.node,
            rule=timer.rule,
            armed_at=work.now,
            due_at=case.due(work, timer.rule),
        )
        for timer in outcome.timers
    ]
    waits += [
        Wait(
            case_id=case.id,
            seq=s.seq,
            kind=WaitKind.MESSAGE,
            node=s.node,
            rule=s.message,
            armed_at=work.now,
        )
        for s in outcome.subscriptions
    ]
    waits += [
        Wait(
            case_id=case.id,
            seq=waiting.seq,
            kind=WaitKind.EFFECT,
            node=waiting.node,
            rule=operator(case, waiting.node),
            armed_at=work.now,
        )
        for waiting in outcome.waiting
    ]
    if case.step:
        work.run(DISARM, {"case": case.id, "open": [wait.seq for wait in waits]})
    if waits:
        columns = ("case_id", "seq", "kind", "node", "rule", "armed_at", "due_at")
        added = work.run(
            ADD_WAITS[work.deps.database.sqlite],
            [{name: getattr(wait, name) for name in columns} for wait in waits],
        )
        if len(added.all()) < len(waits):  # some were armed by an earlier step
            armed = {row.seq: row for row in work.run(ARMED, {"case": case.id})}
            for wait in waits:
                wait.armed_at, wait.due_at = armed[wait.seq].armed_at, armed[wait.seq].due_at
    return waits


def operator(case: Locked, node: str) -> str:
    """Return the name of the effect that a node asks for; "" if it asks for none."""
    found = case.running.node(node).operator
    return found.name if found else ""


def write_case(work: Work, case: Locked, outcome: Outcome) -> None:
    changes: dict[str, Any] = {
        "state": None if outcome.finished else outcome.state,
        "step": case.step + 1,
        "deadline": case.deadline,
    }
    if case.joined:
        changes["campaign_id"] = case.campaign_id
    if case.deadline_rule is not None:
        changes["deadline_rule"] = case.deadline_rule
    if outcome.finished:
        ended = outcome.ended[-1] if outcome.ended else None
        changes |= {"status": CaseStatus.FINISHED, "closed_at": work.now, "ended": ended}
    values = {f"new_{name}": value for name, value in changes.items()}
    work.run(save_case(tuple(changes)), {"case": case.id, **values})
