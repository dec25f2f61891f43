"""The days and stages that a campaign's diagram has, moved to the year of a run."""

from app.domain.campaigns import Plan, plan_of
from app.domain.deadlines import BEIJING
from app.domain.text import T
from app.engine import CaseFault
from app.services import Work
from app.services.enlisting.opening import CALENDAR
from app.services.procedures import Running


def plan(running: Running) -> Plan:
    """Return the days and stages of a campaign's procedure.

    :raises CaseFault: if its diagram fixes none
    """
    form = running.form(CALENDAR) if CALENDAR in running.definition.nodes else None
    found = plan_of(form.schema) if form else None
    if found is None:
        raise CaseFault(T("流程“{procedure}”没有写明专项行动的日程", procedure=running.name))
    return found


def first_days(work: Work, running: Running, year: int) -> list[dict[str, str]]:
    """Return a row for each day of a campaign's procedure, moved to a year; none before today."""
    today = work.now.astimezone(BEIJING).date()
    return [
        {
            "key": day.key,
            "name": str(day.title),
            "name_en": day.title.english,
            "day": max(day.on(year), today).isoformat(),
        }
        for day in plan(running).days
    ]
