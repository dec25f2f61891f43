"""The working-day calendar: a year at a glance, publishing and correcting it."""

from calendar import Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask import Blueprint, Response, flash, render_template, request

from app.domain import Invalid
from app.domain.access import Permission
from app.domain.deadlines import BEIJING, SATURDAY
from app.domain.text import T, Term, Text
from app.domain.workdays import FIRST_YEAR, LAST_YEAR, NamedDay, write
from app.services import Work, workdays
from app.services.workdays import Preview
from app.web.frame import steps
from app.web.language import read
from app.web.request import needs, number_asked, once, reading, refused, see_other

pages = Blueprint("workdays", __name__, url_prefix="/calendar")
TITLE = T("工作日历")
WEEKDAYS = (T("周一"), T("周二"), T("周三"), T("周四"), T("周五"), T("周六"), T("周日"))


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of a month's picture."""

    number: int
    working: bool
    special: bool
    name: Text


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days off for one holiday, and those worked to make up for them."""

    name: Text
    first: date
    last: date
    days: int
    made_up: list[date]


@pages.get("/")
@needs(Permission.SEE_CALENDAR)
def show() -> Response:
    return _show()


def _show(
    wanted: int = 0, errors: dict[str, str] | None = None, preview: Preview | None = None
) -> Response:
    with reading() as work:
        today = work.now.astimezone(BEIJING).date()
        wanted = wanted or number_asked("year") or today.year
        wanted = min(max(wanted, FIRST_YEAR), LAST_YEAR)
        year = workdays.year(work, wanted)
        days = preview.days if preview else year.days
        page = render_template(
            "calendar.html",
            steps=steps((TITLE, None)),
            year=year,
            today=today,
            weekdays=WEEKDAYS,
            months=_months(year.year, days),
            stretches=_stretches(days),
            preview=preview,
            typed=request.form.get("days") or write(year.days),
            source=request.form.get("source", ""),
            errors=errors or {},
        )
    return Response(page, 422 if errors else 200)


@pages.post("/<int:year>")
@needs(Permission.PUBLISH_CALENDAR)
def publish(year: int) -> Response:
    form = request.form
    days, source = form.get("days", ""), form.get("source", "")

    def act(work: Work) -> Response:
        workdays.publish(work, year, source, days)
        return see_other("workdays.show", year=year)

    try:
        if form.get("act") != "publish":
            with reading() as work:
                found = workdays.preview(work, year, days)
            return _show(year, preview=found)
        answer = once(act)
    except Invalid as invalid:
        return _show(year, refused(invalid))
    flash(read(T("{year} 年工作日历已公布，相关期限正在重新计算", year=year)), "success")
    return answer


def _months(year: int, days: Sequence[NamedDay]) -> list[list[list[Cell | None]]]:
    """Return each month as weeks from Monday; days of other months are None."""
    known = {named.day: named for named in days}
    return [
        [
            [_cell(day, known) if day.month == month else None for day in week]
            for week in Calendar().monthdatescalendar(year, month)
        ]
        for month in range(1, 13)
    ]


def _cell(day: date, known: dict[date, NamedDay]) -> Cell:
    named = known.get(day)
    if named is None:
        return Cell(day.day, day.weekday() < SATURDAY, False, Term(""))
    return Cell(day.day, named.working, True, Term(named.name, english=named.name_en))


def _stretches(days: Sequence[NamedDay]) -> list[Stretch]:
    found = []
    for name, group in groupby(sorted(days, key=lambda one: one.name), key=lambda one: one.name):
        named = list(group)
        off = [one.day for one in named if not one.working]
        if off:
            title = Term(name, english=named[0].name_en)
            worked = [one.day for one in named if one.working]
            found.append(Stretch(title, min(off), max(off), len(off), worked))
    return sorted(found, key=lambda stretch: stretch.first)
