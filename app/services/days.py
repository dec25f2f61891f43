"""The days that forms may name whatever the case, counted by the calendar of working days."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.domain import Invalid
from app.domain.deadlines import BEIJING, NO_DAYS, Days, due, last_day
from app.domain.forms import Answers, Form
from app.domain.limits import beyond
from app.domain.prefill import Sources
from app.models.campaigns import CampaignDay
from app.services import Work


def days(work: Work) -> dict[str, Callable[[], str]]:
    """Return the days that forms may name, whatever the case."""
    return {
        "@today": lambda: _day(work),
        "@tomorrow": lambda: _day(work, ahead=1),
        "@hearing_from": lambda: _hearing_from(work),
        "@objections_from": lambda: last_day(due("P5BD", work.now, work.calendar)).isoformat(),
    }


def _day(work: Work, ahead: int = 0) -> str:
    return (work.now.astimezone(BEIJING).date() + timedelta(days=ahead)).isoformat()


def _hearing_from(work: Work) -> str:
    """Return the first day of a hearing that is called today: seven working days lie between.

    The seven days of the law on penalties (行政处罚法第六十四条) are working days (第八十五条).
    """
    return (last_day(due("P7BD", work.now, work.calendar)) + timedelta(days=1)).isoformat()


def named(work: Work, campaign_id: int | None) -> Days:
    """Return the days that the time rules of a campaign's cases may name: a step of those who ask.

    A case of no campaign knows none.
    """
    if campaign_id is None:
        return NO_DAYS
    rows = work.session.execute(
        select(CampaignDay.key, CampaignDay.day).where(CampaignDay.campaign_id == campaign_id)
    )
    return {row.key: row.day for row in rows}


def check_start(work: Work, form: Form | None, answers: Answers) -> dict[str, Any]:
    """Return the answers that start a case cleaned: no case knows anything yet, but the day is.

    :raises Invalid: if an answer is missing, breaks the schema, or lies beyond its limits
    """
    if form is None:
        return {}
    checked = form.check(answers)
    if problems := beyond(form, checked, Sources({}, days(work))):
        raise Invalid(problems)
    return checked
