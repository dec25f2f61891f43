"""Steps that failed: what happened, and what becomes of it (故障)."""

import logging
import re
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from app.domain import Conflict, NotFound, entered
from app.domain.access import Grant, Permission, Thing
from app.domain.documents import DocumentState
from app.domain.history import Stream
from app.domain.text import T, Text
from app.models.casework import Case, Incident, Wait
from app.models.documents import Document
from app.services import Deps, Work, procedures
from app.services.cases.locked import LOCKED, StepFailed
from app.services.documents import lasting

logger = logging.getLogger(__name__)

MOST_CAUSE = 8000
MOST_LISTED = 200
PAUSES = (1, 5, 30, 120, 360)
"""Minutes for which a step of the system that failed is left alone: after the first time, …"""
RENEWING = "document.renew"
JOBS: Mapping[str, str] = {
    "timer.fire": "timer",
    "effect.resume": "resume",
    "document.render": "document.render",
    "document.seal": "document.seal",
    RENEWING: RENEWING,
}
"""The steps that the system does by itself, with the job that does each."""
SKIP = "skip"
OVERCOME = "重试成功"
DETAIL = re.compile(r"DETAIL:.*?(?=\n\[SQL|\n\S+Error|\Z)", re.DOTALL)
"""Where PostgreSQL quotes the row it refused, and with it what somebody typed."""


ROOT = Path(__file__).parents[1]
FAULT = re.compile(r"\w+( [\w./]+:\d+)?")


class Noted(Conflict):
    """A step failed, was undone, and is written down under a number."""

    def __init__(self, failed: StepFailed, incident_id: int) -> None:
        super().__init__(
            T(
                "{what}，已登记为故障 {number}，由系统管理员处理",
                what=failed.text,
                number=incident_id,
            )
        )
        self.incident_id = incident_id


@contextmanager
def noting(deps: Deps) -> Iterator[None]:
    """Write a failed step down in a transaction of its own; the step's own is rolled back.

    :raises Noted: in place of StepFailed
    """
    try:
        yield
    except StepFailed as failed:
        with deps.system("note an incident") as work:
            if not _lock(work, failed.case_id):  # the case itself was being started
                raise Conflict(failed.text) from failed
            number = _note(work, failed)
        kind = type(failed.__cause__).__name__
        logger.warning("Incident %s in case %s: %s", number, failed.case_id, kind)
        raise Noted(failed, number) from failed


def _lock(work: Work, case_id: int) -> bool:
    """Lock the case whose history is about to be written, and say whether there is one."""
    row = select(Case.id).where(Case.id == case_id).with_for_update()
    found = work.session.scalar(row.execution_options(unscoped="only its history is written"))
    return found is not None


def _note(work: Work, failed: StepFailed) -> int:
    command = failed.command
    cause = _cause(failed.__cause__)
    if command.seq:
        _hold(work, failed.case_id, command.seq)
    if command.action in JOBS:
        known = _open(work, failed.case_id, command.seq, command.action)
        if known is not None:
            known.cause, known.at, known.attempts = cause, work.now, known.attempts + 1
            return known.id
    incident = Incident(
        case_id=failed.case_id,
        place=failed.place,
        node=command.node,
        seq=command.seq,
        command=command.action,
        cause=cause,
        at=work.now,
    )
    work.session.add(incident)
    work.session.flush()
    work.record(
        Stream.CASE, failed.case_id, "incident.open", node=command.node, incident=incident.id
    )
    return incident.id


def _cause(error: BaseException | None) -> str:
    """Return what is kept of an error: its kind and where it was raised, then the whole trace."""
    told = DETAIL.sub("DETAIL: …", "".join(traceback.format_exception(error)))[-MOST_CAUSE:]
    frames = traceback.extract_tb(error.__traceback__ if error is not None else None)
    ours = [frame for frame in frames if ROOT in Path(frame.filename).parents]
    at = f" {Path(ours[-1].filename).relative_to(ROOT.parent)}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{at}\n{told}"


def _fault(cause: str) -> str:
    """Return the first line of what is kept, which holds nothing that anybody typed."""
    first = cause.partition("\n")[0]
    return first if FAULT.fullmatch(first) else ""


def trace(deps: Deps, incident_id: int) -> str:
    """Return all that is kept of an incident's error, for the operator of the installation.

    It may quote what somebody typed, so no page shows it.

    :raises NotFound: if there is none such
    """
    with deps.system_reading("the operator reads why a step failed") as work:
        row = work.session.get(Incident, incident_id)
        if row is None:
            raise NotFound(T("没有找到该故障"))
        return row.cause


def _open(work: Work, case_id: int, seq: int, command: str) -> Incident | None:
    """Return the incident of a wait; where nothing waits, that of the command."""
    same = Incident.seq == seq if seq else (Incident.seq == 0) & (Incident.command == command)
    return work.session.scalars(
        select(Incident)
        .where(Incident.case_id == case_id, same, Incident.closed_at.is_(None))
        .order_by(Incident.id)
        .limit(1)
    ).one_or_none()


def _hold(work: Work, case_id: int, seq: int) -> None:
    """Leave what failed alone for a while, longer each time."""
    of_wait = (Wait.case_id == case_id, Wait.seq == seq)
    attempts = work.session.scalar(select(Wait.attempts).where(*of_wait)) or 0
    pause = PAUSES[min(attempts, len(PAUSES) - 1)]
    work.session.execute(
        update(Wait)
        .where(*of_wait)
        .values(attempts=attempts + 1, held_until=work.wall + timedelta(minutes=pause)),
        execution_options=LOCKED,
    )


def overcome(work: Work, case_id: int, seq: int, command: str = "") -> None:
    """Close the incident of what has now been done: a step of the job that did it."""
    row = _open(work, case_id, seq, command)
    if row is not None:
        row.closed_at, row.reason = work.now, OVERCOME
        work.record(Stream.CASE, case_id, "incident.close", incident=row.id, reason=OVERCOME)


@dataclass(frozen=True, slots=True)
class IncidentRow:
    id: int
    case_id: int
    title: Text
    command: str
    fault: str
    """The kind of error and where it was raised; never its message, which may quote an answer."""
    attempts: int
    at: datetime
    retried_at: datetime | None
    closed_at: datetime | None
    reason: str | None
    papers: Sequence[str]
    """Numbers of the papers that cannot be stamped anew, if it is that which failed."""

    @property
    def retriable(self) -> bool:
        """Whether the system can try again; what a person did, they do again."""
        return self.command in JOBS and self.closed_at is None


def find(work: Work, *, closed: bool = False) -> Sequence[IncidentRow]:
    """Return the incidents of the actor's area, the newest first, 200 at most."""
    work.require_somewhere(Permission.SEE_INCIDENT)
    here = work.where_granted(Permission.SEE_INCIDENT, Incident.place)
    wanted = select(Incident).where(here).order_by(Incident.id.desc()).limit(MOST_LISTED)
    if not closed:
        wanted = wanted.where(Incident.closed_at.is_(None))
    rows = work.session.scalars(wanted).all()
    # Administrators see that a step of a case failed, and not the case.
    found = work.session.execute(
        select(Case.id, Case.deployment_id)
        .where(Case.id.in_({row.case_id for row in rows}))
        .execution_options(unscoped="the name of the step that failed")
    )
    deployments: dict[int, int] = {case: deployment for case, deployment in found}  # noqa: C416
    waiting = {row.case_id for row in rows if row.command == RENEWING and row.closed_at is None}
    papers = lasting.numbers(work, waiting) if waiting else {}
    return [
        IncidentRow(
            row.id,
            row.case_id,
            procedures.running(work, deployments[row.case_id]).title(row.node),
            row.command,
            _fault(row.cause),
            row.attempts,
            row.at,
            row.retried_at,
            row.closed_at,
            row.reason,
            papers.get(row.case_id, ()) if row.command == RENEWING and not row.closed_at else (),
        )
        for row in rows
    ]


def count(work: Work) -> int:
    """Return how many incidents of the actor's area are open, 200 at most."""
    work.require_somewhere(Permission.SEE_INCIDENT)
    here = work.where_granted(Permission.SEE_INCIDENT, Incident.place)
    open_here = select(Incident.id).where(here, Incident.closed_at.is_(None)).limit(MOST_LISTED)
    return work.session.scalar(select(func.count()).select_from(open_here.subquery())) or 0


def close(work: Work, incident_id: int, reason: str) -> None:
    """Close an incident with what was done about it; what the system could not do, it skips.

    A timer that is skipped never fires; an effect that is skipped is answered with nothing; a paper
    that is not stamped anew is tried again a year later.

    :raises NotFound: if there is none such in the actor's area
    :raises Invalid: if the reason is missing
    :raises Conflict: if it is closed
    """
    row, grant = _managed(work, incident_id)
    reason = entered.reason(reason, T("请填写处理结果"))
    if row.command in JOBS:
        _skip(work, row)
    row.closed_at, row.closed_by, row.reason = work.now, work.me, reason
    work.record(
        Stream.CASE,
        row.case_id,
        "incident.close",
        grant,
        incident=row.id,
        reason=row.reason,
    )


def _managed(work: Work, incident_id: int) -> tuple[Incident, Grant]:
    row = work.session.get(Incident, incident_id)
    if row is None:
        raise NotFound(T("没有找到该故障"))
    grant = work.require(Permission.MANAGE_INCIDENT, Thing(place=row.place))
    _lock(work, row.case_id)
    work.session.refresh(row)
    if row.closed_at is not None:
        raise Conflict(T("该故障已经处理"))
    return row, grant


def _skip(work: Work, row: Incident) -> None:
    if row.command == RENEWING:
        return  # next year it is tried again
    if row.command.startswith("document."):
        if _unfinished(work, row):
            raise Conflict(T("文书尚未登记，不能跳过；请消除原因后重试，或终止案件"))
        return
    if row.command == "effect.resume":
        work.enqueue(SKIP, f"{SKIP}:{row.id}", {"case": row.case_id, "seq": row.seq})
        return
    work.session.execute(
        update(Wait)
        .where(Wait.case_id == row.case_id, Wait.seq == row.seq)
        .values(due_at=None, held_until=None),
        execution_options=LOCKED,
    )


def _unfinished(work: Work, row: Incident) -> bool:
    """Test whether the paper of an incident is still to be made: a void one is not."""
    awaited = Document.seq == row.seq if row.seq else Document.seq.is_(None)
    making = Document.state.in_((DocumentState.ISSUED, DocumentState.SIGNING))
    found = select(Document.id).where(Document.case_id == row.case_id, awaited, making).limit(1)
    # Administrators see that a step of a case failed, and not its papers.
    return work.session.scalar(found, execution_options=LOCKED) is not None


def retry(work: Work, incident_id: int) -> None:
    """Have a worker try again at once what the system could not do; if it succeeds, that closes it.

    :raises NotFound: if there is none such in the actor's area
    :raises Conflict: if it is closed, or a person has to do the step again
    """
    row, grant = _managed(work, incident_id)
    if row.command not in JOBS:
        raise Conflict(T("此环节须由办理人重新提交，系统不能代为重试"))
    row.retried_at = work.wall
    work.session.execute(
        update(Wait)
        .where(Wait.case_id == row.case_id, Wait.seq == row.seq)
        .values(held_until=None),
        execution_options=LOCKED,
    )
    work.record(Stream.CASE, row.case_id, "incident.retry", grant, incident=row.id)
    key = f"retry:{row.id}:{work.wall.timestamp():.3f}"
    work.enqueue(JOBS[row.command], key, {"case": row.case_id, "seq": row.seq})
