"""What must hold whatever people did: each function yields a line for each thing that does not."""

from collections import defaultdict

from sqlalchemy import select

from app.domain.casework import DRAFTER, LAST, CaseStatus, ItemStatus
from app.domain.documents import Act, handles
from app.domain.measures import DECIDED, card_of, life_of
from app.models.casework import Case, Incident, Wait, WorkItem
from app.models.documents import Document
from app.models.enterprises import Enterprise, EnterpriseMeasure
from app.models.hazards import Hazard, HazardChange
from app.services import verifying
from app.services.verifying import Tally

CONCLUDED = ("end_clear", "end_caught_up")
"""The ends of a look-back that say that all is put right."""


def broken(robots):
    """Return a line for everything that does not hold."""
    return [line for rule in RULES for line in rule(robots)]


def sound(robots):
    """Every chain of the history, engine, tables and files agree (`manage.py verify`)."""
    for check in verifying.CHECKS:
        for fault in check(robots.deps, Tally()):
            yield f"verify: {fault}"


def no_incident(robots):
    for row in robots.rows(select(Incident.case_id, Incident.node, Incident.cause)):
        yield f"incident: case {row.case_id} at {row.node}: {row.cause.strip().splitlines()[-1]}"


def nobody_is_waited_for_in_vain(robots):
    """A case that runs waits for a person who may act, for a day, or for another case that runs."""
    running = robots.rows(select(Case.id, Case.procedure).where(Case.status == CaseStatus.RUNNING))
    waits = defaultdict(list)
    for row in robots.rows(select(Wait.case_id, Wait.due_at, Wait.node, Wait.seq)):
        waits[row.case_id].append(row)
    awaited = {
        (row.parent_id, row.awaited_by)
        for row in robots.rows(
            select(Case.parent_id, Case.awaited_by).where(
                Case.status == CaseStatus.RUNNING, Case.awaited_by.is_not(None)
            )
        )
    }
    tasks = defaultdict(list)
    for task in robots.open_tasks():
        tasks[task.case_id].append(task)
        if not any(robots.may(username, task) for username in robots.people(task)):
            yield f"nobody may do {task.procedure} {task.node} of case {task.case_id}"
    for case in running:
        told = any(
            row.due_at is not None or (case.id, row.seq) in awaited for row in waits[case.id]
        )
        if not tasks[case.id] and not told:
            yield f"case {case.id} of {case.procedure} waits for nothing"


def duties_are_held_apart(robots):
    """Nobody did a task after one that its diagram holds apart from it."""
    columns = (
        WorkItem.case_id,
        WorkItem.node,
        WorkItem.closed_by,
        WorkItem.on_behalf_of,
        WorkItem.id,
        WorkItem.paper_id,
        Case.deployment_id,
    )
    drafted = robots.rows(
        select(Document.id, WorkItem.closed_by, WorkItem.on_behalf_of).join(
            WorkItem, WorkItem.id == Document.item_id
        )
    )
    made_by = {row.id: {row.closed_by, row.on_behalf_of} - {None} for row in drafted}
    done = robots.rows(
        select(*columns)
        .join(Case, Case.id == WorkItem.case_id)
        .where(WorkItem.status == ItemStatus.DONE)
        .order_by(WorkItem.closed_at, WorkItem.id)
    )
    before, last = defaultdict(set), defaultdict(set)
    for item in done:
        people = {item.closed_by, item.on_behalf_of} - {None}
        nodes = robots.running(item.deployment_id).definition.nodes
        for word in nodes[item.node].words("notBy"):
            if word == DRAFTER:
                if both := people & made_by.get(item.paper_id, set()):
                    yield f"case {item.case_id}: {both} drafted what they did {item.node} with"
                continue
            other = word.removesuffix(LAST)
            signs = handles(nodes[other].words("papers"), Act.SIGN)
            did = last if word != other or signs else before
            if both := people & did[item.case_id, other]:
                yield f"case {item.case_id}: {both} did {other} and {item.node}"
        last[item.case_id, item.node] = people
        before[item.case_id, item.node] |= people


def the_ledger_is_what_was_told(robots):
    """A hazard is what its last change and the history of its cases say."""
    last = {}
    for row in robots.rows(
        select(HazardChange.hazard_id, HazardChange.state).order_by(HazardChange.id)
    ):
        last[row.hazard_id] = row.state
    running = {
        row.id for row in robots.rows(select(Case.id).where(Case.status == CaseStatus.RUNNING))
    }
    handed = {
        row.parent_id
        for row in robots.rows(select(Case.parent_id).where(Case.procedure == "handover"))
    }
    over = {
        row.id for row in robots.rows(select(Enterprise.id).where(Enterprise.life.in_(DECIDED)))
    }
    handovers = {row.id for row in robots.rows(select(Case.id).where(Case.procedure == "handover"))}
    for hazard in robots.rows(
        select(Hazard.id, Hazard.state, Hazard.closed_at, Hazard.case_id, Hazard.enterprise_id)
    ):
        if hazard.state != last.get(hazard.id):
            yield f"hazard {hazard.id} is {hazard.state}, told as {last.get(hazard.id)}"
        if hazard.id not in robots.hazards:
            yield f"hazard {hazard.id} is in no line of the history"
        followed = hazard.case_id in running | handed | handovers or hazard.enterprise_id in over
        if hazard.closed_at is None and not followed:
            yield f"hazard {hazard.id} is followed by nobody: case {hazard.case_id} has ended"


def cards_are_what_is_in_force(robots):
    """An enterprise bears the gravest card and stop that some case has given and none has lifted."""
    in_force = defaultdict(set)
    for row in robots.rows(
        select(EnterpriseMeasure.enterprise_id, EnterpriseMeasure.measure).where(
            EnterpriseMeasure.lifted_at.is_(None)
        )
    ):
        in_force[row.enterprise_id].add(row.measure)
    for plant in robots.rows(select(Enterprise.id, Enterprise.card, Enterprise.life)):
        measures = in_force[plant.id]
        if plant.life not in DECIDED and plant.card != card_of(measures):
            yield f"enterprise {plant.id} bears {plant.card}, in force are {measures}"
        if plant.life != life_of(measures, plant.life):
            yield f"enterprise {plant.id} is {plant.life}, in force are {measures}"


def nothing_is_concluded_beside_an_open_hazard(robots):
    """Where a look-back says that all is put right, every hazard known by then was closed by then."""
    said = select(Case.id, Case.subject_id, Case.closed_at).where(Case.ended.in_(CONCLUDED))
    for case in robots.rows(said.where(Case.procedure == "look_back")):
        columns = (Hazard.id, Hazard.found_at, Hazard.closed_at)
        for hazard in robots.rows(select(*columns).where(Hazard.enterprise_id == case.subject_id)):
            known = hazard.found_at < case.closed_at
            if known and (hazard.closed_at is None or hazard.closed_at > case.closed_at):
                yield f"look-back {case.id} was concluded while hazard {hazard.id} was open"


RULES = (
    sound,
    no_incident,
    nobody_is_waited_for_in_vain,
    duties_are_held_apart,
    the_ledger_is_what_was_told,
    cards_are_what_is_in_force,
    nothing_is_concluded_beside_an_open_hazard,
)
