"""Steps that failed: what happened, and what becomes of it (故障)."""

import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.domain import Conflict, Invalid, NotFound
from app.domain.access import Permission, Thing
from app.domain.history import Stream
from app.domain.text import T, Text
from app.models.casework import Case, Incident
from app.services import Deps, Work, procedures
from app.services.cases.locked import StepFailed

MOST_CAUSE = 8000
MOST_LISTED = 200


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
            incident = Incident(
                case_id=failed.case_id,
                place=failed.place,
                node=failed.command.node,
                seq=0,
                command=failed.command.action,
                cause="".join(traceback.format_exception(failed.__cause__))[-MOST_CAUSE:],
                at=work.now,
            )
            exists = work.session.get(Case, failed.case_id) is not None
            if not exists:  # the case itself was being started
                raise Conflict(failed.text) from failed
            work.session.add(incident)
            work.session.flush()
            work.record(
                Stream.CASE,
                failed.case_id,
                "incident.open",
                node=failed.command.node,
                incident=incident.id,
            )
            number = incident.id
        raise Noted(failed, number) from failed


@dataclass(frozen=True, slots=True)
class IncidentRow:
    id: int
    case_id: int
    title: Text
    command: str
    cause: str
    at: datetime
    closed_at: datetime | None
    reason: str | None


def find(work: Work, *, closed: bool = False) -> Sequence[IncidentRow]:
    """Return the incidents of the actor's area, the newest first, 200 at most."""
    work.require_somewhere(Permission.SEE_INCIDENT)
    wanted = select(Incident).order_by(Incident.id.desc()).limit(MOST_LISTED)
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
    return [
        IncidentRow(
            row.id,
            row.case_id,
            procedures.running(work, deployments[row.case_id]).title(row.node),
            row.command,
            row.cause,
            row.at,
            row.closed_at,
            row.reason,
        )
        for row in rows
    ]


def close(work: Work, incident_id: int, reason: str) -> None:
    """Close an incident with what was done about it.

    :raises NotFound: if there is none such in the actor's area
    :raises Invalid: if the reason is missing
    """
    row = work.session.get(Incident, incident_id)
    if row is None:
        raise NotFound(T("没有找到该故障"))
    grant = work.require(Permission.MANAGE_INCIDENT, Thing(place=row.place))
    if not reason.strip():
        raise Invalid({"/reason": T("请填写处理结果")})
    if row.closed_at is not None:
        raise Conflict(T("该故障已经处理"))
    row.closed_at, row.closed_by, row.reason = work.now, work.me, reason.strip()[:500]
    work.record(
        Stream.CASE,
        row.case_id,
        "incident.close",
        grant,
        incident=row.id,
        reason=row.reason,
    )
