"""Which procedures a campaign starts for its members, and for when: a step of its case.

The cases themselves are started by a job (`starting`).
"""

from calendar import monthrange
from datetime import date

from sqlalchemy import Select, func, insert, literal, select, true

from app.domain.campaigns import EVEN_GONE
from app.domain.deadlines import BEIJING, due, last_day, months_on
from app.models.campaigns import Campaign, CampaignBatch, CampaignMember, CampaignStart
from app.models.enterprises import Enterprise
from app.services import Work, days
from app.services.enlisting import scope

BATCH = "campaign-batch"
ALL = {"unscoped": "the campaign's own members"}


def open_batch(
    work: Work,
    campaign_id: int,
    node: str,
    procedure: str,
    deadline: str,
    period: str,
    report: str,
    kind: str,
) -> int:
    """Have a procedure started for every member; return how many there are: a step of the case.

    Who is closed or struck off by then is asked for nothing more (`EVEN_GONE` apart).

    :param deadline: the time rule by which the cases are to be done
    :param period: which of several this is, as the day that a report is for
    :param report: which kind of report its cases are for
    :param kind: of which kind an inspection is
    """
    campaign = work.session.get_one(Campaign, campaign_id)
    answers = {
        "campaign": campaign.name,
        "reason": campaign.name,
        "kind": kind,
        "report": report,
        "period": period,
    }
    batch = work.session.scalars(
        insert(CampaignBatch)
        .values(
            campaign_id=campaign_id,
            node=node,
            procedure=procedure,
            period=period,
            deadline=deadline,
            answers={name: told for name, told in answers.items() if told},
            opened_at=work.now,
        )
        .returning(CampaignBatch.id)
    ).one()
    columns = ("batch_id", "enterprise_id")
    rows = starts(campaign_id, batch, procedure)
    work.session.execute(insert(CampaignStart).from_select(columns, rows), execution_options=ALL)
    work.enqueue(BATCH, f"{BATCH}:{batch}", {"batch": batch})
    return (
        work.session.scalar(
            select(func.count()).select_from(CampaignStart).filter_by(batch_id=batch)
        )
        or 0
    )


def starts(campaign_id: int, batch_id: int, procedure: str) -> Select[int, int]:
    """Return the rows of a batch: the members for whom its procedure is started now."""
    return (
        select(literal(batch_id), CampaignMember.enterprise_id)
        .join(Enterprise, Enterprise.id == CampaignMember.enterprise_id)
        .where(CampaignMember.campaign_id == campaign_id)
        .where(true() if procedure in EVEN_GONE else scope.there())
    )


def next_report(work: Work, campaign_id: int, day: int, until: str) -> str | None:
    """Return the next day on which the members report: a day of each month, after the last one.

    :param until: the campaign's day after which there is none, as `@look_back_ends`
    """
    last = work.session.scalar(
        select(func.max(CampaignBatch.period)).where(
            CampaignBatch.campaign_id == campaign_id, CampaignBatch.period != ""
        )
    )
    end = last_day(due(until, work.now, work.calendar, days.named(work, campaign_id)))
    today = work.now.astimezone(BEIJING).date()
    following = on_day(today, day)
    if last and following <= date.fromisoformat(last):
        following = on_day(months_on(date.fromisoformat(last).replace(day=1), 1), day)
    return following.isoformat() if following <= end else None


def on_day(start: date, day: int) -> date:
    """Return the first date from `start` on that is the `day` of its month, or its month's last."""
    found = start.replace(day=min(day, monthrange(start.year, start.month)[1]))
    return found if found >= start else on_day(months_on(start.replace(day=1), 1), day)
