"""Open a campaign: fix its days, and take in the enterprises that its scope finds."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, insert, literal, select

from app.models.campaigns import Campaign, CampaignDay, CampaignMember
from app.models.casework import WorkItem, last_done
from app.models.enterprises import Enterprise
from app.services import Work
from app.services.enlisting import scope

SCOPE, CALENDAR = "fix_scope", "fix_calendar"
"""The tasks in which a campaign's scope and days are fixed."""
RULES = ("stop_rule", "yellow_rule")
"""What a campaign prescribes for major hazards: when production stops, whether a card is given."""
STEP = {"unscoped": "a step of a locked case"}


def open_campaign(work: Work, case_id: int, owner_id: int, place: str) -> int:
    """Make the campaign of a case as its tasks have fixed it, and return how many it takes in."""
    start, chosen, calendar = (_answers(work, case_id, node) for node in (None, SCOPE, CALENDAR))
    sought = scope.sought(chosen)
    work.session.execute(
        insert(Campaign).values(
            id=case_id,
            place=place,
            owner_id=owner_id,
            name=start["name"],
            year=int(start["year"]),
            sought=sought,
            opened_at=work.now,
        ),
        execution_options=STEP,
    )
    fixed = {row["key"]: date.fromisoformat(row["day"]) for row in calendar["days"]}
    days = [
        {"campaign_id": case_id, "key": key, "day": day, "planned": day}
        for key, day in fixed.items()
    ]
    work.session.execute(insert(CampaignDay), days)
    found = (
        select(literal(case_id), Enterprise.id, Enterprise.place, literal(work.now))
        .where(scope.wanted(place, sought))
        .order_by(Enterprise.id)
    )
    columns = ("campaign_id", "enterprise_id", "place", "joined_at")
    work.run(insert(CampaignMember).from_select(columns, found).execution_options(**STEP))
    taken = select(func.count()).select_from(CampaignMember).filter_by(campaign_id=case_id)
    return work.session.scalar(taken, execution_options=STEP) or 0


def total(work: Work, case_id: int, place: str) -> int:
    """Return how many enterprises the scope takes in that the campaign's tasks have fixed."""
    return scope.count(work, scope.wanted(place, scope.sought(_answers(work, case_id, SCOPE))))


def planned(work: Work, case_id: int) -> dict[str, list[str]] | None:
    """Return whom a campaign seeks that has not started yet; None if it has, or has no scope."""
    chosen = _answers(work, case_id, SCOPE)
    started = select(Campaign.id).where(Campaign.id == case_id)
    if not chosen or work.session.scalar(started, execution_options=STEP) is not None:
        return None
    return scope.sought(chosen)


def prescribed(work: Work, campaign_id: int | None) -> dict[str, str]:
    """Return what a campaign prescribes, by the fields of its forms; empty outside a campaign."""
    answers = {} if campaign_id is None else _answers(work, campaign_id, SCOPE)
    return {rule: answers[rule] for rule in RULES if rule in answers}


def _answers(work: Work, case_id: int, node: str | None) -> Mapping[str, Any]:
    """Return the last answers of a task, or of the start form."""
    wanted = (
        last_done(case_id, node, WorkItem.answers)
        if node
        else (select(WorkItem.answers).where(WorkItem.case_id == case_id, WorkItem.seq == 0))
    )
    return work.session.scalar(wanted, execution_options=STEP) or {}
