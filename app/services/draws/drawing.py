"""The public value, typed by two; the list that follows from it; who confirms it."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from app.domain import Invalid
from app.domain.access import Grant
from app.domain.draws import DrawState
from app.domain.draws.bundle import list_text, visits_text
from app.domain.draws.publicvalue import issue_of, rule_of, value_of
from app.domain.draws.roster import sha256
from app.domain.draws.sampling import assign, seed_of
from app.domain.draws.sampling import select as take
from app.domain.history import Stream
from app.domain.text import T, Text
from app.models import table_of
from app.models.casework import WorkItem, last_done
from app.models.draws import Draw, DrawEntry, DrawVisitor
from app.services import Work
from app.services.draws import DRAWS, conflicts_of, entries_of, held, pool_of

_ENTRY = table_of(DrawEntry)
TAKE = (
    update(_ENTRY)
    .where(_ENTRY.c.draw_id == bindparam("of_draw"))
    .where(_ENTRY.c.enterprise_id == bindparam("of_enterprise"))
    .values(how=bindparam("new_how"), ticket=bindparam("new_ticket"))
    .execution_options(unscoped="a draw of a locked case")
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed at two tasks since the commitment, and by whom."""

    value: str = ""
    people: tuple[int, int] = (0, 0)
    problem: Text | None = None


def typed(work: Work, draw: Draw, first: str, second: str) -> Typed | None:
    """Return what two tasks say the public value is; None until both were done."""
    found = [_last(work, draw, node) for node in (first, second)]
    one, other = found
    if one is None or other is None or draw.rule is None:
        return None
    people = {one.closed_by, one.on_behalf_of} & {other.closed_by, other.on_behalf_of} - {None}
    if people or one.closed_by is None or other.closed_by is None:
        return Typed(problem=T("公共随机数须由两个人分别录入"))
    rule = rule_of(draw.rule)
    try:
        values = [value_of(rule.source, **_numbers(row.answers)) for row in (one, other)]
    except Invalid as wrong:
        return Typed(problem=wrong.text)
    if values[0] != values[1]:
        return Typed(problem=T("两次录入的公共随机数不一致，请两人对照开奖公告重新录入"))
    if _is_old(work, draw, values[0]):
        return Typed(problem=T("这一期已用于作废的抽查，应当录入此后一期的开奖结果"))
    return Typed(values[0], (one.closed_by, other.closed_by))


def _last(work: Work, draw: Draw, node: str) -> Any:
    query = last_done(
        draw.case_id, node, WorkItem.closed_by, WorkItem.on_behalf_of, WorkItem.answers
    ).where(WorkItem.closed_at > draw.committed_at)
    return work.session.execute(query, execution_options=DRAWS).one_or_none()


def _numbers(answers: Mapping[str, Any] | None) -> dict[str, str]:
    told = answers or {}
    return {"issue": str(told.get("issue", "")), "numbers": str(told.get("numbers", ""))}


def _is_old(work: Work, draw: Draw, value: str) -> bool:
    """Test whether a cancelled draw of the office had this drawing, or a later one."""
    source = (draw.rule or "").partition(" ")[0]
    had = work.session.scalars(
        select(Draw.value).where(
            Draw.organisation_id == draw.organisation_id,
            Draw.cancelled_at.is_not(None),
            Draw.rule.startswith(f"{source} "),
            Draw.value.is_not(None),
        ),
        execution_options=DRAWS,
    )
    return any(issue_of(other) >= issue_of(value) for other in had if other)


def enter(work: Work, case_id: int, first: str, second: str, grant: Grant | None) -> bool:
    """Keep the public value that two people typed at these tasks; False if they do not agree.

    :raises Conflict: if there is one already
    """
    draw = held(work, case_id, DrawState.COMMITTED)
    said = typed(work, draw, first, second)
    if said is None or said.problem is not None:
        work.record(Stream.DRAW, draw.id, "draw.differ", grant)
        return False
    draw.value = said.value
    draw.typed_by, draw.typed_again_by = said.people
    work.record(Stream.DRAW, draw.id, "draw.value", grant, value=said.value)
    return True


def draw_list(work: Work, case_id: int, grant: Grant | None) -> int:
    """Draw: write down whom the public value takes and who goes; their number is the result.

    :raises Conflict: if it was drawn already, or has no value yet
    """
    draw = held(work, case_id, DrawState.COMMITTED)
    if draw.value is None or draw.commitment is None or draw.salt is None or draw.load is None:
        raise ValueError(f"draw {draw.number} is committed without all that it takes")
    entries, pool = entries_of(work, draw.id), pool_of(work, draw.id)
    ids = {entry.id: enterprise for enterprise, entry in entries.items()}
    accounts = {one.id: account for account, one in pool.items()}
    seed = seed_of(draw.commitment, draw.value, draw.salt)
    targets = take(entries.values(), seed, Fraction(draw.percent, 100))
    conflicts = conflicts_of(work, draw.id, entries, pool)
    assigned = assign(targets, seed, pool.values(), conflicts, draw.load)
    found = [
        {
            "of_draw": draw.id,
            "of_enterprise": ids[target.entry.id],
            "new_how": target.how,
            "new_ticket": target.ticket,
        }
        for target in targets
    ]
    work.run(TAKE, found)
    rows = [
        {"draw_id": draw.id, "enterprise_id": ids[enterprise], "account_id": accounts[one.id]}
        for enterprise, people in assigned.items()
        for one in people
    ]
    if rows:
        work.session.execute(insert(DrawVisitor), rows, execution_options=DRAWS)
    draw.seed, draw.drawn_at, draw.state = seed, work.now, DrawState.DRAWN
    work.record(
        Stream.DRAW,
        draw.id,
        "draw.draw",
        grant,
        enterprises=len(targets),
        list=sha256(list_text(targets)),
        visits=sha256(visits_text(assigned)),
    )
    return len(targets)


def confirm(work: Work, case_id: int, grant: Grant | None) -> None:
    """Note that a leader has confirmed the list: nothing of it can be altered.

    :raises Conflict: if it is not drawn, or its visits have ended
    """
    draw = held(work, case_id, DrawState.DRAWN, DrawState.CONFIRMED)
    draw.state = DrawState.CONFIRMED
    draw.confirmed_at, draw.confirmed_by = work.now, work.actor.id
    work.record(Stream.DRAW, draw.id, "draw.confirm", grant)
