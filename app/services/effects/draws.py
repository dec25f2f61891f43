"""Effects on the draw of a case: frozen, committed, drawn, confirmed, visited, closed."""

from typing import Any

from app.domain import entered
from app.domain.draws import DrawState
from app.domain.text import T
from app.engine import CaseFault
from app.models.casework import WorkItem, last_done
from app.services.draws import DRAWS, JOB, closing, committing, drawing, freezing, held, owned
from app.services.effects import Context


def freeze_roster(context: Context, source: str) -> str:
    """Freeze the roster that the last answers of `source` ask for: "frozen", or "unfit"."""
    where = freezing.Place(context.case_id, context.owner_id, context.place)
    problem = freezing.freeze(context.work, where, _answers(context, source), context.grant)
    return "frozen" if problem is None else "unfit"


def commit_draw(context: Context, source: str) -> dict[str, str]:
    """Commit by the last answers of `source`.

    The result's `state` is "committed", with the moment from which the public value is known as
    `known_from`, or "short" if the pool could not serve every list.
    """
    answers = _answers(context, source)
    rule = committing.bind(context.work, context.case_id, answers, context.grant)
    if rule is None:
        return {"state": "short", "known_from": ""}
    return {"state": "committed", "known_from": rule.known_from.isoformat()}


def enter_public_value(context: Context, first: str, second: str) -> str:
    """Keep the public value that two people typed in these tasks: "agreed", or "differing"."""
    agreed = drawing.enter(context.work, context.case_id, first, second, context.grant)
    return "agreed" if agreed else "differing"


def draw_list(context: Context) -> int:
    """Draw, and tell how many enterprises are on the list."""
    return drawing.draw_list(context.work, context.case_id, context.grant)


def confirm_draw(context: Context) -> str:
    """Note that the list is confirmed as it is, and tell when."""
    drawing.confirm(context.work, context.case_id, context.grant)
    return context.work.now.isoformat()


def cancel_draw(context: Context, source: str) -> str:
    """Cancel the draw with the reason that the last answers of `source` give, and tell it."""
    reason = entered.reason(str(_answers(context, source).get("reason", "")))
    closing.cancel(context.work, context.case_id, reason, context.grant)
    return reason


def start_visits(context: Context) -> str:
    """Have a visit started for every enterprise of the list, by jobs, and tell when.

    So is an inspection of each that the city itself supervises.
    """
    draw = held(context.work, context.case_id, DrawState.CONFIRMED)
    owned.enlist(context.work, draw)
    context.work.enqueue(JOB, f"{JOB}:{draw.id}", {"draw": draw.id})
    return context.work.now.isoformat()


def close_draw(context: Context) -> str:
    """Close the draw, so that its list is public: "closed", or "open" if somebody is left."""
    closed = closing.close(context.work, context.case_id, context.grant)
    return "closed" if closed else "open"


def _answers(context: Context, node: str) -> dict[str, Any]:
    answers: dict[str, Any] | None = context.work.session.scalar(
        last_done(context.case_id, node, WorkItem.answers), execution_options=DRAWS
    )
    if answers is None:
        raise CaseFault(T("环节 {node} 没有办理结果，不能抽取", node=node))
    return answers
