"""Campaigns as their pages show them: stages, days, and how far what was started is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.domain import Forbidden, NotFound
from app.domain.access import Permission
from app.domain.campaigns import Plan, is_over
from app.domain.casework import CaseStatus
from app.domain.deadlines import BEIJING
from app.domain.entered import whole
from app.domain.procedures import PROCEDURES
from app.domain.progress import INSPECTION, Standing
from app.domain.text import T, Term, Text
from app.models.campaigns import (
    Campaign,
    CampaignBatch,
    CampaignDay,
    CampaignMember,
    CampaignStart,
)
from app.models.casework import Case
from app.models.enterprises import Enterprise
from app.models.people import Organisation
from app.services import Work, procedures
from app.services.campaigns import plans
from app.services.campaigns.standings import GUARDED, standing
from app.services.procedures import Running

PAGE = 20


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
    place: str
    owner_id: int


@dataclass(frozen=True, slots=True)
class BatchView:
    """A procedure started for the members: how many cases it has, and how far they are."""

    id: int
    node: str
    title: Text
    procedure: Text
    inspects: bool
    """Whether the campaign covers its members by it (R3)."""
    period: str
    counts: Mapping[Standing, int]
    """How many stand where; who is in none is counted nowhere."""
    opened_at: datetime

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        return self.counts.get(Standing.DONE, 0)

    @property
    def gone(self) -> int:
        """How many were closed or struck off before it was done."""
        return self.counts.get(Standing.GONE, 0)

    @property
    def wanted(self) -> int:
        """Of how many it is wanted: of who is gone it is not."""
        return self.total - self.gone

    @property
    def open(self) -> int:
        return self.wanted - self.done

    @property
    def late(self) -> int:
        return self.counts.get(Standing.LATE, 0)

    @property
    def failed(self) -> int:
        """How many have no case, as it could not be started."""
        return self.counts.get(Standing.FAILED, 0)

    @property
    def waiting(self) -> int:
        """How many wait for their case to be started."""
        return self.counts.get(Standing.WAITING, 0)

    @property
    def started(self) -> int:
        return self.total - self.waiting - self.failed


@dataclass(frozen=True, slots=True)
class DayView:
    """A day of a campaign, and the one it was started with."""

    key: str
    title: Text | str
    day: date
    planned: date
    begins: bool
    """Whether a stage begins on it."""

    def is_over(self, today: date) -> bool:
        """Test whether it cannot be moved any more."""
        return is_over(self.day, today, begins=self.begins)


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
    def wanted(self) -> int:
        return sum(batch.wanted for batch in self.batches)

    @property
    def done(self) -> int:
        return sum(batch.done for batch in self.batches)


@dataclass(frozen=True, slots=True)
class CampaignView:
    """One campaign with its stages and days."""

    row: CampaignRow
    stages: Sequence[StageView]
    others: Sequence[BatchView]
    """Batches of no stage: reports."""
    days: Sequence[DayView]

    @property
    def batches(self) -> list[BatchView]:
        """All that was started, the stages' first."""
        return [*(batch for stage in self.stages for batch in stage.batches), *self.others]


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
            Campaign.place,
            Campaign.owner_id,
        )
        .join(Case, Case.id == Campaign.id)
        .join(Organisation, Organisation.id == Campaign.owner_id)
    )


def known(work: Work, campaign_id: int) -> Campaign:
    """Return the row of a campaign.

    :raises NotFound: if the actor knows of no such campaign
    """
    work.require_somewhere(Permission.SEE_CAMPAIGN)
    found = work.session.get(Campaign, campaign_id)
    if found is None:
        raise NotFound(T("没有找到该专项行动"))
    return found


def name(work: Work, campaign_id: int) -> str:
    """Return what a campaign is called; "" where the actor may not know, as of one there is not."""
    try:
        return known(work, campaign_id).name
    except (Forbidden, NotFound):
        return ""


def one(work: Work, campaign_id: int) -> CampaignRow:
    """Return a campaign without what it has started.

    :raises NotFound: if the actor knows of no such campaign
    """
    known(work, campaign_id)
    return CampaignRow(*work.session.execute(_rows().where(Campaign.id == campaign_id)).one())


def get(work: Work, campaign_id: int) -> CampaignView:
    """Return a campaign with its stages and days.

    :raises NotFound: if the actor knows of no such campaign
    """
    row = one(work, campaign_id)
    opened = row.opened_at.astimezone(BEIJING).date()
    plan, batches = started(work, campaign_id)
    days = {
        row.key: DayView(row.key, plan.title(row.key), row.day, row.planned, plan.begins(row.key))
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
        row,
        stages,
        [batch for batch in batches if batch.node not in of_stages],
        sorted(days.values(), key=lambda day: (day.day, day.key)),
    )


def started(work: Work, campaign_id: int) -> tuple[Plan, list[BatchView]]:
    """Return the plan of a campaign and what it has started by now: a step of those who asked."""
    running = _running(work, campaign_id)
    return plans.plan(running), _batches(work, running, CampaignBatch.campaign_id == campaign_id)


def _running(work: Work, campaign_id: int) -> Running:
    deployment = select(Case.deployment_id).where(Case.id == campaign_id)
    found = work.session.scalars(deployment, execution_options=GUARDED).one()
    return procedures.running(work, found)


def _batches(work: Work, running: Running, which: ColumnElement[bool]) -> list[BatchView]:
    members = (
        select(CampaignStart.batch_id, standing(work.now).label("standing"))
        .join(Enterprise, Enterprise.id == CampaignStart.enterprise_id)
        .outerjoin(Case, Case.id == CampaignStart.case_id)
        .where(CampaignStart.batch_id.in_(select(CampaignBatch.id).where(which)))
        .subquery()
    )
    counts: dict[int, dict[Standing, int]] = {}
    query = select(*members.c, func.count()).group_by(*members.c)
    found_rows = work.session.execute(query, execution_options=GUARDED)
    for batch, found, number in map(tuple, found_rows):
        counts.setdefault(batch, {})[Standing(found)] = number
    rows = work.session.scalars(select(CampaignBatch).where(which).order_by(CampaignBatch.id))
    return [
        BatchView(
            batch.id,
            batch.node,
            running.title(batch.node),
            PROCEDURES.get(batch.procedure, T(batch.procedure)),
            batch.procedure == INSPECTION,
            batch.period,
            counts.get(batch.id, {}),
            batch.opened_at,
        )
        for batch in rows
    ]


def get_batch(work: Work, campaign_id: int, batch_id: int) -> BatchView:
    """Return what a campaign has started by one step of its diagram.

    :raises NotFound: if the actor knows of no such batch
    """
    known(work, campaign_id)
    here = (CampaignBatch.id == batch_id) & (CampaignBatch.campaign_id == campaign_id)
    found = next(iter(_batches(work, _running(work, campaign_id), here)), None)
    if found is None:
        raise NotFound(T("没有找到该专项行动"))
    return found
