"""The working-day calendar: look at a year, publish it, correct it (工作日历)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from app.adapters import holidays
from app.domain import Invalid
from app.domain.access import Grant, Permission, Thing, granted_by
from app.domain.deadlines import Workdays
from app.domain.history import Stream
from app.domain.text import T
from app.domain.workdays import FIRST_YEAR, LAST_YEAR, NamedDay, parse
from app.models.people import Account
from app.models.records import Installation
from app.models.workdays import CalendarDay, CalendarYear
from app.services import Deps, Work, recounting
from app.services.divisions import topmost

MOST_SOURCE = 200


@dataclass(frozen=True, slots=True)
class Year:
    """A year as it was published, or as it is assumed."""

    year: int
    days: Sequence[NamedDay]
    source: str
    published_at: datetime | None
    """None: nothing was published; Monday to Friday are assumed (暂定)."""
    published_by: str
    may_publish: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What publishing a year would change."""

    days: Sequence[NamedDay]
    tasks: int
    """Open deadlines that would move."""
    cases: int


def year(work: Work, wanted: int) -> Year:
    """Return a year of the calendar."""
    work.require(Permission.SEE_CALENDAR, Thing())
    row = work.session.get(CalendarYear, wanted)
    by = None
    if row is not None and row.published_by is not None:
        by = work.session.scalar(
            select(Account.name)
            .where(Account.id == row.published_by)
            .execution_options(unscoped="names stand wherever acts are shown")
        )
    days = work.session.scalars(
        select(CalendarDay).where(CalendarDay.year == wanted).order_by(CalendarDay.day)
    )
    return Year(
        year=wanted,
        days=[NamedDay(day.day, day.working, day.name) for day in days],
        source=row.source if row else "",
        published_at=row.published_at if row else None,
        published_by=by or "",
        may_publish=granted_by(work.actor, Permission.PUBLISH_CALENDAR, topmost(work)) is not None,
    )


def preview(work: Work, wanted: int, days: str) -> Preview:
    """Say how many open deadlines would move if `days` were published for a year.

    :raises Invalid: if a line names no day of that year
    """
    work.require(Permission.PUBLISH_CALENDAR, topmost(work))
    named = _parsed(wanted, days)
    calendar = work.calendar
    exceptions = dict(calendar.exceptions) if isinstance(calendar, Workdays) else {}
    exceptions = {day: working for day, working in exceptions.items() if day.year != wanted}
    exceptions |= {day.day: day.working for day in named}
    after = Workdays(exceptions, frozenset({wanted}))
    found = [move.case_id for move in recounting.moves(work, after)]
    return Preview(named, len(found), len(set(found)))


def publish(work: Work, wanted: int, source: str, days: str) -> None:
    """Publish or correct a year; every open deadline that depends on it is counted again, by jobs.

    :raises Invalid: if a line names no day of that year, or the source is missing
    """
    grant = work.require(Permission.PUBLISH_CALENDAR, topmost(work))
    source = source.strip()
    if not source or len(source) > MOST_SOURCE:
        raise Invalid({"/source": T("请填写依据文件（不超过 {n} 个字）", n=MOST_SOURCE)})
    _write(work, wanted, _parsed(wanted, days), source, grant)
    revision = work.session.scalar(select(Installation.calendar_revision))
    work.enqueue(recounting.SCAN, f"{recounting.SCAN}:{revision}", {})


def _parsed(wanted: int, days: str) -> list[NamedDay]:
    if not FIRST_YEAR <= wanted <= LAST_YEAR:
        raise Invalid({"/year": T("年份应在 {a} 至 {b} 之间", a=FIRST_YEAR, b=LAST_YEAR)})
    return parse(wanted, days)


def _write(
    work: Work, wanted: int, days: Sequence[NamedDay], source: str, grant: Grant | None
) -> None:
    session = work.session
    session.execute(delete(CalendarDay).where(CalendarDay.year == wanted))
    session.execute(delete(CalendarYear).where(CalendarYear.year == wanted))
    session.execute(
        insert(CalendarYear).values(
            year=wanted, source=source, published_at=work.wall, published_by=work.actor.id
        )
    )
    session.execute(
        insert(CalendarDay),
        [
            {
                "day": day.day,
                "year": wanted,
                "working": day.working,
                "name": day.name,
                "name_en": day.name_en,
            }
            for day in days
        ],
    )
    session.execute(
        update(Installation).values(calendar_revision=Installation.calendar_revision + 1)
    )
    work.record(
        Stream.INSTALLATION,
        1,
        "calendar.publish",
        grant,
        year=wanted,
        source=source,
        days=len(days),
    )


def seed(work: Work) -> list[int]:
    """Publish the years that the product knows and nobody has published; the operator's."""
    known = set(work.session.scalars(select(CalendarYear.year)))
    added = []
    for wanted, days in sorted(holidays.known().items()):
        if wanted not in known:
            _write(work, wanted, days, holidays.source(), None)
            added.append(wanted)
    return added


def install(deps: Deps) -> list[int]:
    """Publish what a newer edition of the product knows; the operator's."""
    with deps.system_reading("which years are published") as work:
        if set(work.session.scalars(select(CalendarYear.year))) >= set(holidays.known()):
            return []
    with deps.system("publish the calendars that came along") as work:
        return seed(work)
