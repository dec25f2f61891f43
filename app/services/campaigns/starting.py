"""The job that starts a campaign's cases, a hundred in each transaction.

Which case each member got stands in its row, so that a batch goes on where it was broken off and
nobody gets two. One that cannot be started is passed over and said so; it can be tried again.
"""

import logging
from collections.abc import Sequence
from time import monotonic
from typing import Any

from sqlalchemy import bindparam, or_, select, update

from app.domain import AppError
from app.domain.casework import CaseStatus
from app.domain.deadlines import due, last_day
from app.domain.text import T
from app.models import table_of
from app.models.campaigns import Campaign, CampaignBatch, CampaignStart
from app.models.casework import Case
from app.services import Deps, Work, days
from app.services.cases.locked import StepFailed
from app.services.cases.moving import begin, newest_or_handover

AT_ONCE = 100
"""Members that one look finds waiting."""
BREATH = 0.02
"""Seconds after which the transaction makes way: on SQLite everybody else waits for it."""

logger = logging.getLogger(__name__)


def carry_out(deps: Deps, batch_id: int) -> None:
    """Start what a batch has not started yet."""
    after: int | None = 0
    while after is not None:
        with deps.system("start a campaign's cases") as work:
            after = _start_some(work, batch_id, after)


def _start_some(work: Work, batch_id: int, after: int) -> int | None:
    """Start the next cases of a batch; return the member to go on from, None where none is left.

    Of a campaign that has ended nothing more is started.
    """
    # Whoever takes in a member while this goes on adds rows to the batch, and need not wait.
    batch = work.session.scalars(
        select(CampaignBatch).filter_by(id=batch_id).with_for_update(key_share=True)
    ).one()
    here = CampaignStart.batch_id == batch_id
    started = or_(CampaignStart.case_id.is_not(None), CampaignStart.problem.is_not(None))
    status = work.session.scalar(select(Case.status).where(Case.id == batch.campaign_id))
    if status != CaseStatus.RUNNING:
        why = str(T("专项行动已经结束，不再启动"))
        work.session.execute(update(CampaignStart).where(here, ~started).values(problem=why))
        return None
    waiting = (
        select(CampaignStart.enterprise_id)
        .where(here, ~started, CampaignStart.enterprise_id > after)
        .order_by(CampaignStart.enterprise_id)
        .limit(AT_ONCE)
    )
    found = work.session.scalars(waiting).all()
    starter = _Starter(work, batch)
    try:
        with work.attempt():
            rows = starter.start(found)
    except (StepFailed, AppError):
        rows = starter.start_each(found)  # one by one it will show which
    if rows:
        work.run(TOLD, rows)
    more = len(rows) < len(found) or len(found) == AT_ONCE
    return found[len(rows) - 1] if more and rows else None


_START = table_of(CampaignStart)
TOLD = (
    update(_START)
    .where(_START.c.batch_id == bindparam("batch"))
    .where(_START.c.enterprise_id == bindparam("enterprise"))
    .values(case_id=bindparam("case"), problem=bindparam("why"))
)


class _Starter:
    """Starts cases of a batch in one transaction: what they share is looked up once."""

    def __init__(self, work: Work, batch: CampaignBatch) -> None:
        self.work, self.batch = work, batch
        self.campaign = work.session.get_one(Campaign, batch.campaign_id)
        self.days = days.named(work, batch.campaign_id)
        answers = dict(batch.answers)
        if batch.deadline:
            until = due(batch.deadline, work.now, work.calendar, self.days)
            answers["deadline"] = last_day(until).isoformat()
        self.deployment, self.answers = newest_or_handover(work, batch.procedure, answers)

    def start(self, members: Sequence[int]) -> list[dict[str, Any]]:
        """Start the cases of members, as many as one breath lets, and tell each one's case."""
        begun, rows = monotonic(), []
        for member in members:
            rows.append(self._told(member, case=self._begin(member)))
            if monotonic() - begun > BREATH:
                break
        return rows

    def start_each(self, members: Sequence[int]) -> list[dict[str, Any]]:
        """Do the same, and tell why where one could not be started."""
        begun, rows = monotonic(), []
        for member in members:
            try:
                with self.work.attempt():
                    rows.append(self._told(member, case=self._begin(member)))
            except (StepFailed, AppError) as failed:
                logger.warning("A case was not started: %s", failed.text, exc_info=failed)
                rows.append(self._told(member, why=str(failed.text)[:500]))
            if monotonic() - begun > BREATH:
                break
        return rows

    def _told(self, member: int, case: int | None = None, why: str | None = None) -> dict[str, Any]:
        return {"batch": self.batch.id, "enterprise": member, "case": case, "why": why}

    def _begin(self, member: int) -> int:
        moved = begin(
            self.work,
            self.deployment,
            owner=(self.campaign.owner_id, self.campaign.place),
            subject_id=member,
            answers=self.answers,
            grant=None,
            parent_id=self.campaign.id,
            campaign_id=self.campaign.id,
            deadline=self.batch.deadline,
            days=self.days,
        )
        return moved.case_id
