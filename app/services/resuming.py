"""Answer a service task that was left waiting: its effect is done, or was given up."""

from typing import Any

from sqlalchemy import select

from app.domain.casework import WaitKind
from app.engine import runtime
from app.models.casework import Wait
from app.services import Deps, Work, incidents
from app.services.cases.awaiting import result_of_child
from app.services.cases.locked import Command, Locked, lock_running
from app.services.cases.moving import carry_out

ACTION = "effect.resume"


def resume(deps: Deps, case_id: int, seq: int, result: Any) -> bool:
    """Answer a waiting effect with `result`, and say whether it still waited.

    A failure becomes an incident; the effect waits on.
    """
    try:
        with incidents.noting(deps), deps.system("answer an effect") as work:
            case = lock_running(work, case_id)
            return case is not None and answer(work, case, seq, result)
    except incidents.Noted:
        return False


def resume_from_child(deps: Deps, case_id: int, seq: int) -> bool:
    """Answer a waiting `start_case` with how the child ended, and say whether it was waited for."""
    try:
        with incidents.noting(deps), deps.system("move a parent on") as work:
            case = lock_running(work, case_id)
            result = result_of_child(work, case_id, seq)
            return case is not None and result is not None and answer(work, case, seq, result)
    except incidents.Noted:
        return False


def answer(work: Work, case: Locked, seq: int, result: Any) -> bool:
    """Answer a waiting effect of a locked case, and say whether it still waited: a job's step."""
    row = work.session.execute(
        select(Wait.kind, Wait.node, Wait.attempts).where(Wait.case_id == case.id, Wait.seq == seq)
    ).one_or_none()
    if row is None or row.kind is not WaitKind.EFFECT:
        return False
    carry_out(
        work,
        case,
        lambda: runtime.resume(case.running.definition, case.id, case.state, seq, result),
        Command(ACTION, row.node, seq=seq),
    )
    if row.attempts:
        incidents.overcome(work, case.id, seq)
    return True
