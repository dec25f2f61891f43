"""Draws (双随机抽查): freeze, declare, commit, type the public value, draw, confirm, visit, close.

All but a declaration are steps of a case of `city_spot_check`, in its transaction and under its
lock. A step locks the draw's row and asks for the state before it, so that none happens twice.
"""

from sqlalchemy import select

from app.domain import Conflict
from app.domain.draws import DrawState
from app.domain.draws.bundle import Lists, lists_of
from app.domain.draws.roster import Conflict as Interest
from app.domain.draws.roster import Entry, Inspector
from app.domain.text import T
from app.models.draws import Draw, DrawConflict, DrawEntry, DrawInspector
from app.services import Work

DRAWS = {"unscoped": "a draw of a locked case", "synchronize_session": False}
VISIT = "spot_check_visit"
JOB = "draw.visits"


def newest(work: Work, case_id: int) -> Draw | None:
    """Return the draw of a case that is not cancelled, locked: a step of the case."""
    return work.session.scalar(
        select(Draw)
        .where(Draw.case_id == case_id, Draw.cancelled_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def held(work: Work, case_id: int, *states: DrawState) -> Draw:
    """Return the draw of a case, locked, if it stands at one of these states.

    :raises Conflict: if it does not, or there is none: somebody was first
    """
    draw = newest(work, case_id)
    if draw is None or draw.state not in states:
        raise Conflict(T("抽查名单已经变化，请刷新后重试"))
    return draw


def entries_of(work: Work, draw_id: int) -> dict[int, Entry]:
    """Return the frozen roster by enterprise: a step of those who may know of the draw."""
    rows = work.session.execute(
        select(
            DrawEntry.enterprise_id,
            DrawEntry.county,
            DrawEntry.code,
            DrawEntry.name,
            DrawEntry.key,
            DrawEntry.worrisome,
            DrawEntry.reason,
        ).where(DrawEntry.draw_id == draw_id),
        execution_options=DRAWS,
    )
    return {
        row.enterprise_id: Entry(row.county, row.code, row.name, row.key, row.worrisome, row.reason)
        for row in rows
    }


def pool_of(work: Work, draw_id: int) -> dict[int, Inspector]:
    """Return the frozen pool by account: a step of those who may know of the draw."""
    rows = work.session.execute(
        select(DrawInspector.account_id, DrawInspector.licence, DrawInspector.name).where(
            DrawInspector.draw_id == draw_id, DrawInspector.pooled
        ),
        execution_options=DRAWS,
    )
    return {account: Inspector(licence, name) for account, licence, name in rows}


def conflicts_of(
    work: Work, draw_id: int, entries: dict[int, Entry], pool: dict[int, Inspector]
) -> set[Interest]:
    """Return the conflicts that the pool has declared: a step as `pool_of`."""
    rows = work.session.execute(
        select(DrawConflict.enterprise_id, DrawConflict.account_id).where(
            DrawConflict.draw_id == draw_id
        ),
        execution_options=DRAWS,
    )
    return {
        (entries[enterprise].id, pool[account].id)
        for enterprise, account in rows
        if account in pool
    }


def lists(work: Work, draw_id: int) -> Lists:
    """Return the frozen lists of a draw as texts: a step of those who may know of the draw."""
    entries, pool = entries_of(work, draw_id), pool_of(work, draw_id)
    return lists_of(entries.values(), pool.values(), conflicts_of(work, draw_id, entries, pool))
