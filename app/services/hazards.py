"""What a step of a case means for its hazards: recorded, taken over, moved on, closed.

Everything here is a step of those who move the case, in the case's own transaction and under its
lock. What was changed is returned, for the history of the case.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select, SQLColumnExpression, func, insert, select, update

from app.domain.access import Role
from app.domain.hazards import (
    FACTS,
    MOST,
    PUT_RIGHT,
    HazardEvent,
    HazardState,
    Order,
    Verb,
    blank,
    facts_of,
    fixed,
    known_id,
    order_of,
    passed,
    rows_of,
    secured_in,
)
from app.models.casework import Message, WorkItem, last_done
from app.models.hazards import Hazard, HazardChange
from app.services import Work
from app.services.clauses import citing
from app.services.enterprises import standing

FOLLOWED = {"unscoped": "hazards of a locked case", "synchronize_session": False}

Row = Mapping[str, Any]
Line = tuple[int, HazardState, date | None]
"""A hazard, its state and its deadline, as a line of its way has them."""


@dataclass
class Followed:
    """A case in hand as its hazards need to know it, and what its step has changed so far."""

    work: Work
    case_id: int
    place: str
    owner_id: int
    enterprise_id: int
    parent_id: int | None
    procedure: str
    changes: dict[str, list[int]] = field(default_factory=dict)
    """Ids of hazards, by what became of them."""
    citations: citing.Citations = field(init=False)
    """The clauses that they cite."""

    def __post_init__(self) -> None:
        self.citations = citing.Citations(self.work)

    @property
    def own(self) -> tuple[ColumnElement[bool], ...]:
        """The condition of the open hazards of this case."""
        return (Hazard.case_id == self.case_id, Hazard.closed_at.is_(None))


def follow(case: Followed, elements: Iterable[tuple[str, str]]) -> None:
    """Do what the diagram asks for at the elements passed: each with its property `hazards`."""
    for element, words in elements:
        order = order_of(words)
        if order is not None:
            _obey(case, element, order)


def _obey(case: Followed, element: str, order: Order) -> None:
    if order.state is not None:
        put(case, element, order.state)
    elif order.verb is Verb.TAKE:
        take(case, element)
    elif order.verb is Verb.RECORD:
        record(case, element, order.task)
    elif order.verb is Verb.REVIEWED:
        review(case, element, order.task)


def take(case: Followed, node: str) -> None:
    """Go on with the open hazards of the parent, or with those that no case follows any more.

    So it does with the measures in force against the enterprise. Of more hazards than a case can
    follow, the major ones and those that are due first are taken; staff are told of the rest.
    """
    standing.take_over(case.work, case.enterprise_id, case.case_id, case.parent_id)
    take_from(case, node, standing.left_by(case.enterprise_id, case.parent_id))


def take_from(case: Followed, node: str, cases: Select[int]) -> int:
    """Go on with the open hazards of other cases of the enterprise; return how many were taken."""
    wanted = (
        Hazard.enterprise_id == case.enterprise_id,
        Hazard.case_id.in_(cases),
        Hazard.closed_at.is_(None),
    )
    first = (
        select(Hazard.id)
        .where(*wanted)
        .order_by(Hazard.major.desc(), func.coalesce(Hazard.deadline, date.max), Hazard.id)
        .limit(MOST)
    )
    few = (*wanted, Hazard.id.in_(first))
    taken = _change(case, node, HazardEvent.TAKEN, few, case_id=case.case_id)
    if taken == MOST and case.work.session.scalar(
        select(func.count()).select_from(Hazard).where(*wanted), execution_options=FOLLOWED
    ):
        _tell_of_the_rest(case, node)
    return taken


def _tell_of_the_rest(case: Followed, node: str) -> None:
    case.work.session.add(
        Message(
            case_id=case.case_id,
            organisation_id=case.owner_id,
            role=Role.STAFF,
            key="hazards_left",
            node=node,
            at=case.work.now,
        )
    )


def put(case: Followed, node: str, state: HazardState) -> None:
    """Give every open hazard of the case a state."""
    _move(case, node, (*case.own, Hazard.state != state), state)


def _move(
    case: Followed, node: str, wanted: Iterable[SQLColumnExpression[bool]], state: HazardState
) -> None:
    """Give hazards a state; those that another case has to accept go back to it, not closed yet."""
    values: dict[str, Any] = {"state": state, "state_at": case.work.now, "closed_at": None}
    if state is HazardState.CLOSED:
        ours = func.coalesce(Hazard.awaited_by, case.case_id) == case.case_id
        closed, back = (sa.literal(to, Hazard.state.type) for to in (state, HazardState.PASSED))
        now = sa.literal(case.work.now, Hazard.closed_at.type)
        values |= {"state": sa.case((ours, closed), else_=back), "closed_at": sa.case((ours, now))}
        values["case_id"] = func.coalesce(Hazard.awaited_by, Hazard.case_id)
    _change(case, node, HazardEvent.MOVED, wanted, **values)


def hand_down(case: Followed, node: str, place: str) -> int:
    """Let what the case found lie at another place; return how many hazards of it are open.

    Whoever sees that place follows them from now on, and nobody closes them before the case accepts
    that they are gone.
    """
    done = (Hazard.found_in == case.case_id, Hazard.closed_at.is_not(None))
    _change(case, node, HazardEvent.HANDED, done, place=place)
    values = {"place": place, "awaited_by": case.case_id}
    return _change(case, node, HazardEvent.HANDED, case.own, **values)


def record(case: Followed, node: str, task: str) -> int:
    """Enter what the last answers of a task list, and add to what is known; return how many."""
    answers, _given_at = last_of(case, task)
    known, listed = _open(case), 0
    changed: dict[HazardEvent, list[Line]] = {}
    fresh: list[dict[str, Any]] = []
    done: list[int] = []
    for row in rows_of(answers):
        facts, hazard = facts_of(row, answers), known.get(known_id(row) or 0)
        if hazard is not None:
            listed += 1
            if told := _add_to(case, hazard, facts):
                changed.setdefault(told[0], []).append(told[1])
            done += [hazard["id"]] if fixed(row) else []
        elif "description" in facts:
            fresh.append(_new(case, facts, done=fixed(row)))
    for event, lines in changed.items():
        _keep(case, node, event, lines)
    _close(case, node, done)
    _insert(case, node, fresh)
    _secure(case, answers)
    return listed + len(fresh)


def enter(case: Followed, node: str, found: Iterable[Row]) -> None:
    """Enter new hazards that a step of the case tells of, each as facts by the ledger's names."""
    _insert(case, node, [_new(case, facts, done=False) for facts in found])


def _insert(case: Followed, node: str, fresh: Sequence[Row]) -> None:
    """Write new hazards into the ledger, after whoever is just asking whether one is open."""
    if not fresh:
        return
    standing.lock(case.work, case.enterprise_id)
    made = case.work.session.execute(
        insert(Hazard).returning(
            Hazard.id, Hazard.state, Hazard.deadline, sort_by_parameter_order=True
        ),
        fresh,
        execution_options=FOLLOWED,
    ).all()
    _keep(case, node, HazardEvent.RECORDED, made)


def _secure(case: Followed, answers: Row) -> None:
    """Note what a plan secures for the major hazards of the case (五到位)."""
    if secured := secured_in(answers):
        case.work.session.execute(
            update(Hazard).where(*case.own, Hazard.major).values(secured=secured),
            execution_options=FOLLOWED,
        )


def _open(case: Followed) -> dict[int, Row]:
    columns = (Hazard.id, Hazard.state, Hazard.deadline, Hazard.major)
    rows = case.work.session.execute(
        select(*columns, *(getattr(Hazard, fact) for fact in (*FACTS.values(), "finish"))).where(
            *case.own
        ),
        execution_options=FOLLOWED,
    )
    return {row["id"]: dict(row) for row in rows.mappings()}


def _add_to(case: Followed, was: Row, facts: Row) -> tuple[HazardEvent, Line] | None:
    """Add to a hazard what is new of it, and return what that makes of it, if anything."""
    values = {name: value for name, value in facts.items() if was[name] != value}
    if not values:
        return None
    if values.keys() & set(citing.FROM):
        values["cited"] = case.citations.of({**was, **values})
    case.work.session.execute(
        update(Hazard).where(Hazard.id == was["id"]).values(**values),
        execution_options=FOLLOWED,
    )
    event = HazardEvent.CHANGED
    if "major" in values:
        event = HazardEvent.RAISED if values["major"] else HazardEvent.LOWERED
    now = {**was, **values}
    return event, (now["id"], now["state"], now["deadline"])


def _new(case: Followed, facts: Row, *, done: bool) -> dict[str, Any]:
    now = case.work.now
    return {
        **blank(),
        **facts,
        "cited": case.citations.of(facts),
        "place": case.place,
        "enterprise_id": case.enterprise_id,
        "found_in": case.case_id,
        "procedure": case.procedure,
        "found_at": now,
        "case_id": case.case_id,
        "state": HazardState.CLOSED if done else HazardState.OPEN,
        "state_at": now,
        "closed_at": now if done else None,
    }


def review(case: Followed, node: str, task: str) -> None:
    """Let each hazard take the result of its row in the last answers of a task (复查).

    What was put to work again since is for the next review: an old one says nothing of it.
    """
    answers, reviewed_at = last_of(case, task)
    results: dict[HazardState, list[int]] = {}
    for row in rows_of(answers):
        number, good = known_id(row), passed(row)
        if number is not None and good is not None:
            state = HazardState.CLOSED if good else HazardState.FAILED
            results.setdefault(state, []).append(number)
    for state, numbers in results.items():
        wanted = (*case.own, Hazard.id.in_(numbers), Hazard.state_at <= reviewed_at)
        _move(case, node, wanted, state)


def close(case: Followed, node: str, seen: Mapping[int, list[str]]) -> None:
    """Close open hazards of the case that inspectors saw put right, each with their photos."""
    for number, after in seen.items():
        case.work.session.execute(
            update(Hazard).where(*case.own, Hazard.id == number).values(after=after),
            execution_options=FOLLOWED,
        )
    _close(case, node, seen)


def _close(case: Followed, node: str, numbers: Collection[int]) -> None:
    if numbers:
        _move(case, node, (*case.own, Hazard.id.in_(numbers)), HazardState.CLOSED)


def note(
    case: Followed, node: str, what: HazardEvent, wanted: Iterable[SQLColumnExpression[bool]]
) -> list[int]:
    """Write down what was found of hazards that stay as they are, and return which they are."""
    rows = case.work.session.execute(
        select(Hazard.id, Hazard.state, Hazard.deadline).where(*wanted).order_by(Hazard.id),
        execution_options=FOLLOWED,
    ).all()
    _keep(case, node, what, rows)
    return [row.id for row in rows]


def prolong(case: Followed, node: str, before: date | None, until: date) -> None:
    """Move the deadline of the hazards that went by the case's; one of its own stays.

    A case in which nothing is put right, as a look-back, has no day for hazards: it sets none.
    """
    if case.procedure not in PUT_RIGHT:
        return
    wanted = (
        *case.own,
        Hazard.deadline.is_(None) | (Hazard.deadline == before),
        Hazard.deadline.is_distinct_from(until),
    )
    _change(case, node, HazardEvent.PROLONGED, wanted, deadline=until)


def heaviest(case: Followed) -> str:
    """Return the gravest class among the open hazards of the case, "none" if none is open."""
    found = set(
        case.work.session.scalars(
            select(Hazard.major).where(*case.own).distinct(), execution_options=FOLLOWED
        )
    )
    return "none" if not found else "major" if True in found else "general"


def put_on_list(case: Followed, node: str) -> int:
    """List the open major hazards of the case for supervision by its organ (挂牌督办)."""
    wanted = (*case.own, Hazard.major, Hazard.listed_by.is_(None))
    return _change(case, node, HazardEvent.LISTED, wanted, listed_by=case.owner_id)


def take_off_list(case: Followed, node: str) -> int:
    """End the supervision of the case's hazards: only the organ that listed them can (R5a)."""
    wanted = (Hazard.case_id == case.case_id, Hazard.listed_by == case.owner_id)
    return _change(case, node, HazardEvent.UNLISTED, wanted, listed_by=None)


def last_of(case: Followed, task: str) -> tuple[dict[str, Any], datetime]:
    """Return the last answers of a task of the case, and when they were given."""
    found = case.work.session.execute(
        last_done(case.case_id, task, WorkItem.answers, WorkItem.closed_at),
        execution_options=FOLLOWED,
    ).one_or_none()
    answers, given_at = found or ({}, None)
    return answers or {}, given_at or case.work.now


def _change(
    case: Followed,
    node: str,
    what: HazardEvent,
    wanted: Iterable[SQLColumnExpression[bool]],
    **values: Any,
) -> int:
    """Write values to the hazards that meet all conditions; return how many did."""
    rows = case.work.session.execute(
        update(Hazard)
        .where(*wanted)
        .values(**values)
        .returning(Hazard.id, Hazard.state, Hazard.deadline),
        execution_options=FOLLOWED,
    ).all()
    _keep(case, node, what, rows)
    return len(rows)


def _keep(case: Followed, node: str, what: HazardEvent, rows: Sequence[Any]) -> None:
    """Write down what became of hazards, beside them and for the history of the case."""
    if not rows:
        return
    case.work.session.execute(
        insert(HazardChange),
        [
            {
                "hazard_id": number,
                "case_id": case.case_id,
                "node": node,
                "what": what,
                "state": state,
                "deadline": deadline,
                "at": case.work.now,
                "by": case.work.actor.id,
            }
            for number, state, deadline in rows
        ],
        execution_options=FOLLOWED,
    )
    for number, state, _deadline in rows:
        told = state.value if what is HazardEvent.MOVED else what.value
        case.changes.setdefault(told, []).append(number)
