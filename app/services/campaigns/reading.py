"""Campaigns as their pages show them: stages, days, and how far the members are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from app.domain import NotFound
from app.domain.access import Permission
from app.domain.campaigns import Plan
from app.domain.casework import CaseStatus
from app.domain.deadlines import BEIJING
from app.domain.entered import whole
from app.domain.procedures import PROCEDURES
from app.domain.text import T, Term, Text
from app.models.campaigns import (
    Campaign,
    CampaignBatch,
    CampaignDay,
    CampaignMember,
    CampaignStart,
)
from app.models.casework import Case
from app.models.people import Organisation
from app.services import Work, procedures
from app.services.campaigns import plans
from app.services.procedures import Running

PAGE = 20
NAMED = 50
"""How many of those that are not done are named."""
GUARDED = {"unscoped": "the campaign is one that the actor sees"}


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign as lists show it."""

    id: int
    name: str
    year: int
    office: str
    status: CaseStatus
    members: int
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class BatchView:
    """A procedure started for the members: how many cases it has, and how far they are."""

    id: int
    node: str
    title: Text
    procedure: Text
    period: str
    total: int
    started: int
    failed: int
    done: int
    opened_at: datetime

    @property
    def waiting(self) -> int:
        """How many wait for their case to be started."""
        return self.total - self.started - self.failed

    @property
    def open(self) -> int:
        return self.total - self.done


@dataclass(frozen=True, slots=True)
class DayView:
    """A day of a campaign, and the one it was started with."""

    key: str
    title: Text | str
    day: date
    planned: date


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage with what was started in it."""

    key: str
    title: Term
    starts: date
    ends: date
    batches: Sequence[BatchView]

    @property
    def total(self) -> int:
        return sum(batch.total for batch in self.batches)

    @property
    def done(self) -> int:
        return sum(batch.done for batch in self.batches)


@dataclass(frozen=True, slots=True)
class CampaignView:
    """One campaign with its stages and days."""

    row: CampaignRow
    place: str
    owner_id: int
    stages: Sequence[StageView]
    others: Sequence[BatchView]
    """Batches of no stage: reports."""
    days: Sequence[DayView]


def find(work: Work, cursor: str = "") -> tuple[list[CampaignRow], str | None]:
    """Return a page of the campaigns that the actor sees, the newest first, and a cursor."""
    work.require_somewhere(Permission.SEE_CAMPAIGN)
    wanted = _rows().order_by(Campaign.id.desc()).limit(PAGE + 1)
    if (before := whole(cursor)) is not None:
        wanted = wanted.where(Campaign.id < before)
    rows = [CampaignRow(*row) for row in work.session.execute(wanted)]
    return rows[:PAGE], str(rows[PAGE - 1].id) if len(rows) > PAGE else None


def _rows() -> Any:
    members = (
        select(func.count())
        .where(CampaignMember.campaign_id == Campaign.id)
        .correlate(Campaign)
        .scalar_subquery()
    )
    return (
        select(
            Campaign.id,
            Campaign.name,
            Campaign.year,
            Organisation.name,
            Case.status,
            members,
            Campaign.opened_at,
            Case.closed_at,
        )
        .join(Case, Case.id == Campaign.id)
        .join(Organisation, Organisation.id == Campaign.owner_id)
    )


def get(work: Work, campaign_id: int) -> CampaignView:
    """Return a campaign.

    :raises NotFound: if the actor knows of no such campaign
    """
    work.require_somewhere(Permission.SEE_CAMPAIGN)
    found = work.session.execute(_rows().where(Campaign.id == campaign_id)).one_or_none()
    if found is None:
        raise NotFound(T("没有找到该专项行动"))
    campaign = work.session.get_one(Campaign, campaign_id)
    opened = campaign.opened_at.astimezone(BEIJING).date()
    running, plan = _plan(work, campaign_id)
    batches = _batches(work, running, CampaignBatch.campaign_id == campaign_id)
    days = {
        row.key: DayView(row.key, plan.title(row.key), row.day, row.planned)
        for row in work.session.scalars(select(CampaignDay).filter_by(campaign_id=campaign_id))
    }
    stages = [
        StageView(
            stage.key,
            stage.title,
            days[stage.starts].day if stage.starts else opened,
            days[stage.ends].day,
            [batch for batch in batches if batch.node in stage.nodes],
        )
        for stage in plan.stages
    ]
    of_stages = {node for stage in plan.stages for node in stage.nodes}
    return CampaignView(
        CampaignRow(*found),
        campaign.place,
        campaign.owner_id,
        stages,
        [batch for batch in batches if batch.node not in of_stages],
        sorted(days.values(), key=lambda day: (day.day, day.key)),
    )


def _plan(work: Work, campaign_id: int) -> tuple[Running, Plan]:
    deployment = select(Case.deployment_id).where(Case.id == campaign_id)
    found = work.session.scalars(deployment, execution_options=GUARDED).one()
    running = procedures.running(work, found)
    return running, plans.plan(running)


FINISHED = case((Case.status == CaseStatus.FINISHED, 1))


def _batches(work: Work, running: Running, which: ColumnElement[bool]) -> list[BatchView]:
    rows = work.session.execute(
        select(
            CampaignBatch,
            func.count(),
            func.count(CampaignStart.case_id),
            func.count(CampaignStart.problem),
            func.count(FINISHED),
        )
        .join(CampaignStart, CampaignStart.batch_id == CampaignBatch.id)
        .outerjoin(Case, Case.id == CampaignStart.case_id)
        .where(which)
        .group_by(CampaignBatch.id)
        .order_by(CampaignBatch.id),
        execution_options=GUARDED,
    )
    return [
        BatchView(
            batch.id,
            batch.node,
            running.title(batch.node),
            PROCEDURES.get(batch.procedure, T(batch.procedure)),
            batch.period,
            total,
            started,
            failed,
            done,
            batch.opened_at,
        )
        for batch, total, started, failed, done in rows
    ]


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member of a batch: its case, or why there is none."""

    enterprise_id: int
    name: str
    case_id: int | None
    status: CaseStatus | None
    problem: str | None


def members(
    work: Work, campaign_id: int, batch_id: int, state: str = "", cursor: str = ""
) -> tuple[BatchView, list[MemberRow], str | None]:
    """Return a batch of a campaign, a page of its members by id, and a cursor.

    :param state: `open` for those that are not done, `done`, or `failed`; "" for all
    :raises NotFound: if the actor knows of no such batch
    """
    work.require_somewhere(Permission.SEE_CAMPAIGN)
    if work.session.scalar(select(Campaign.id).filter_by(id=campaign_id)) is None:
        raise NotFound(T("没有找到该专项行动"))
    running, _plan_of = _plan(work, campaign_id)
    here = (CampaignBatch.id == batch_id) & (CampaignBatch.campaign_id == campaign_id)
    batch = next(iter(_batches(work, running, here)), None)
    if batch is None:
        raise NotFound(T("没有找到该专项行动"))
    wanted = _members(CampaignStart.batch_id == batch_id).order_by(CampaignStart.enterprise_id)
    if state in STATES:
        wanted = wanted.where(STATES[state])
    if (after := whole(cursor)) is not None:
        wanted = wanted.where(CampaignStart.enterprise_id > after)
    found = work.session.execute(wanted.limit(LISTED + 1), execution_options=GUARDED).all()
    rows = [MemberRow(*row) for row in found[:LISTED]]
    return batch, rows, str(rows[-1].enterprise_id) if len(found) > LISTED else None


LISTED = 50
NOT_DONE = Case.status.is_(None) | (Case.status != CaseStatus.FINISHED)
STATES: Mapping[str, ColumnElement[bool]] = {
    "open": NOT_DONE,
    "done": Case.status == CaseStatus.FINISHED,
    "failed": CampaignStart.problem.is_not(None),
}


def _members(which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            CampaignStart.enterprise_id,
            Organisation.name,
            CampaignStart.case_id,
            Case.status,
            CampaignStart.problem,
        )
        .join(Organisation, Organisation.id == CampaignStart.enterprise_id)
        .outerjoin(Case, Case.id == CampaignStart.case_id)
        .where(which)
    )


def stages_now(work: Work, campaign_id: int) -> dict[str, dict[str, Any]]:
    """Return how many are done in each stage, how many not, and who: a step of its gates."""
    running, plan = _plan(work, campaign_id)
    batches = _batches(work, running, CampaignBatch.campaign_id == campaign_id)
    told = {}
    for stage in plan.stages:
        of_stage = [batch for batch in batches if batch.node in stage.nodes]
        rows = work.session.execute(
            _members(CampaignStart.batch_id.in_([batch.id for batch in of_stage]))
            .where(NOT_DONE)
            .order_by(CampaignStart.enterprise_id)
            .limit(NAMED + 1),
            execution_options=GUARDED,
        ).all()
        names = "、".join(row.name for row in rows[:NAMED])
        told[stage.key] = {
            "done": sum(batch.done for batch in of_stage),
            "open": sum(batch.open for batch in of_stage),
            "missing": names + ("等" if len(rows) > NAMED else ""),
        }
    return told
