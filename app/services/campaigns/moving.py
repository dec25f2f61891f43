"""Move a day of a running campaign: what goes by it in all its cases is counted again."""

from datetime import date, timedelta

from sqlalchemy import or_, select, update

from app.domain import Conflict, Invalid, entered
from app.domain.access import Permission, Thing
from app.domain.campaigns import Plan, is_over, out_of_order
from app.domain.casework import CaseStatus, ItemStatus
from app.domain.deadlines import BEIJING, Days
from app.domain.history import Stream
from app.domain.text import T
from app.models.campaigns import CampaignBatch, CampaignDay
from app.models.casework import Case, Wait, WorkItem
from app.services import Deps, Work, days, recounting
from app.services.campaigns import plans
from app.services.cases.locked import lock

MOVED = "campaign-day"


def move(work: Work, campaign_id: int, key: str, day: date | None, reason: str) -> None:
    """Put a day of a running campaign elsewhere; every deadline that names it follows.

    :raises NotFound: if the actor knows of no such campaign
    :raises Forbidden: unless they lead the office whose campaign it is
    :raises Conflict: if the campaign has ended, the day has passed, or its stage began this morning
    :raises Invalid: if the new day has passed, or a stage would end before it begins
    """
    case = lock(work, campaign_id)
    thing = Thing(place=case.place, organisation=case.owner_id)
    grant = work.require(Permission.MOVE_CAMPAIGN_DAY, thing)
    known = days.named(work, campaign_id)
    if key not in known:
        raise Invalid({"/key": T("请选择要调整的日期")})
    today = work.now.astimezone(BEIJING).date()
    plan = plans.plan(case.running)
    if known[key] < today:
        raise Conflict(T("这一天已经过去，不能再调整"))
    if is_over(known[key], today, begins=plan.begins(key)):
        raise Conflict(T("这一阶段今天已经开始，不能再调整开始日期"))
    reason = entered.reason(reason, T("请填写调整原因（不超过 {n} 个字）", n=entered.MOST_REASON))
    day = _checked(plan, known, key, day, today)
    work.session.execute(
        update(CampaignDay).filter_by(campaign_id=campaign_id, key=key).values(day=day)
    )
    work.record(
        Stream.CASE,
        campaign_id,
        "campaign.move",
        grant,
        key=key,
        name=str(plan.title(key)),
        **{"from": known[key].isoformat()},
        until=day.isoformat(),
        reason=reason,
    )
    told = {"campaign": campaign_id, "key": key, "reason": reason}
    work.enqueue(MOVED, f"{MOVED}:{campaign_id}:{key}:{case.step}:{work.wall.timestamp()}", told)


def _checked(plan: Plan, known: Days, key: str, day: date | None, today: date) -> date:
    if day is None:
        raise Invalid({"/day": T("请填写新的日期")})
    if day < today:
        raise Invalid({"/day": T("新的日期不得早于今天")})
    if day == known[key]:
        raise Invalid({"/day": T("新的日期与原日期相同")})
    latest = max(known.values()) + timedelta(days=366)
    if day > latest:
        raise Invalid({"/day": T("新的日期不得晚于 {day}", day=latest)})
    if wrong := out_of_order(plan.stages, {**known, key: day}):
        raise Invalid({"/day": next(iter(wrong.values()))})
    return day


def recount(deps: Deps, campaign_id: int, key: str, reason: str) -> None:
    """Have every case of a campaign counted again in which something goes by a day."""
    ends = f"%@{key}"
    with deps.system("find what goes by a campaign's day") as work:
        # What is just being started by the day as it was is found once it is there.
        batches = select(CampaignBatch.id).filter_by(campaign_id=campaign_id).order_by("id")
        work.session.execute(batches.with_for_update(key_share=True))
        tasks = select(WorkItem.case_id).where(
            WorkItem.status == ItemStatus.OPEN, WorkItem.due_rule.like(ends)
        )
        timers = select(Wait.case_id).where(Wait.rule.like(ends))
        found = work.session.scalars(
            select(Case.id)
            .where(Case.campaign_id == campaign_id, Case.status == CaseStatus.RUNNING)
            .where(or_(Case.id.in_(tasks), Case.id.in_(timers), Case.deadline_rule.like(ends)))
            .order_by(Case.id)
        ).all()
        for first in range(0, len(found), recounting.BATCH):
            cases = list(found[first : first + recounting.BATCH])
            at = f"{work.wall.timestamp():.3f}"
            name = f"{recounting.CASES}:{campaign_id}:{key}:{cases[0]}:{at}"
            work.enqueue(recounting.CASES, name, {"cases": cases, "reason": reason})
