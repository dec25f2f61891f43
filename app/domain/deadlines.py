"""When something is due: the time rules of diagrams, counted as the law counts.

A term in days, weeks, months or working days begins on the day after the anchor and ends with the
last moment of its last day, Beijing time (民法典 201-203). A term whose last day is a holiday ends
with the first working day after it; a term in hours runs through.

A rule may name a day, `@look_back_ends`: which it is, a campaign (专项行动) says, and may move it.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from types import MappingProxyType
from typing import Protocol

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")

_TERM = re.compile(
    r"P(?:(?P<months>\d{1,4})M|(?P<weeks>\d{1,4})W|(?P<days>\d{1,4})D|(?P<working>\d{1,4})BD"
    r"|T(?=\d)(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,5})M)?)",
    re.ASCII,
)


_NAMED = re.compile(r"@[a-z][a-z0-9_]{0,39}", re.ASCII)
Days = Mapping[str, date]
"""The days that rules may name, without their @."""
NO_DAYS: Days = MappingProxyType({})


class Calendar(Protocol):
    """Which days are worked: weekends, holidays and the days that make up for them."""

    def is_working(self, day: date) -> bool: ...


SATURDAY = 5


class Weekends:
    """A calendar that knows no holiday: Monday to Friday."""

    def is_working(self, day: date) -> bool:
        return day.weekday() < SATURDAY


@dataclass(frozen=True, slots=True)
class Workdays:
    """Monday to Friday, but for the days on which a published notice says otherwise.

    A year that is not published yet is provisional (暂定).
    """

    exceptions: Mapping[date, bool]
    """Holidays (False), and weekend days that are worked to make up for them (True)."""
    published: frozenset[int]

    def is_working(self, day: date) -> bool:
        return self.exceptions.get(day, day.weekday() < SATURDAY)


class BadRule(ValueError):
    """The text is no time rule."""


@dataclass(frozen=True, slots=True)
class Term:
    """A length of time in one unit."""

    months: int = 0
    weeks: int = 0
    days: int = 0
    working: int = 0
    hours: int = 0
    minutes: int = 0
    exact: bool = False
    """It runs by the clock and not by days."""

    @classmethod
    def parse(cls, text: str) -> "Term":
        """:raises BadRule: if `text` is no term such as P10D, P5BD, P6M or PT24H"""
        found = _TERM.fullmatch(text)
        if found is None:
            raise BadRule(text)
        length = {unit: int(number) for unit, number in found.groupdict().items() if number}
        return cls(exact="T" in text, **length)


def end_of(day: date) -> datetime:
    """Return the end of a day in Beijing, 24:00, which is the next day's first moment."""
    return datetime.combine(day + timedelta(days=1), time(), BEIJING)


def due(rule: str, anchor: datetime, calendar: Calendar, days: Days = NO_DAYS) -> datetime:
    """Return when `rule` is due, counted from `anchor`.

    :raises BadRule: if it is no time rule of docs/diagrams.md, or names a day that is not known
    """
    before, slash, moment = rule.partition("/")
    if slash:
        return _back(instant(moment, days), Term.parse(before), calendar)
    if rule.startswith("P"):
        return _on(anchor, Term.parse(rule), calendar)
    return instant(rule, days)


def named(rule: str) -> str | None:
    """Return the day that a rule names, without its @; None if it names none."""
    moment = rule.rpartition("/")[2]
    return moment[1:] if _NAMED.fullmatch(moment) else None


def before(term: str, moment: datetime, calendar: Calendar) -> datetime:
    """Return when somebody is reminded of `moment`: a term earlier."""
    return _back(moment, Term.parse(term), calendar)


def waking(remind: str | None, due_at: datetime | None, calendar: Calendar) -> datetime | None:
    """Return when a task is looked at next: a term before it is due, if it has one, or then."""
    return before(remind, due_at, calendar) if remind and due_at else due_at


def instant(text: str, days: Days = NO_DAYS) -> datetime:
    """Return the moment that a date or a named day (its end) or a date-time with offset means.

    :raises BadRule: if it is none of them
    """
    if text.startswith("@"):
        if text[1:] not in days:
            raise BadRule(text)
        return end_of(days[text[1:]])
    try:
        if len(text) == len("2027-06-30"):
            return end_of(date.fromisoformat(text))
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise BadRule(text) from wrong
    if moment.tzinfo is None:
        raise BadRule(text)
    return moment


SOON = 3
"""What is due within three days (三日内) is told in time."""


def days_left(deadline: datetime, now: datetime) -> int:
    """Return how many calendar days in Beijing lie between today and a deadline's last day.

    Today is 0, tomorrow 1, yesterday -1, whatever the hour.
    """
    return (last_day(deadline) - now.astimezone(BEIJING).date()).days


def soon_until(now: datetime) -> datetime:
    """Return the last moment that is due within three days: the end of the third day from today."""
    return end_of(now.astimezone(BEIJING).date() + timedelta(days=SOON))


def is_soon(deadline: datetime, now: datetime) -> bool:
    """Test whether a deadline is still to come, and within three days."""
    return now <= deadline <= soon_until(now)


def last_day(moment: datetime) -> date:
    """Return the day in Beijing that a deadline lies in; the end of a day counts as that day."""
    return (moment.astimezone(BEIJING) - timedelta(microseconds=1)).date()


def _on(anchor: datetime, term: Term, calendar: Calendar) -> datetime:
    if term.exact:
        return anchor + timedelta(hours=term.hours, minutes=term.minutes)
    day = anchor.astimezone(BEIJING).date()
    if term.working:
        return end_of(_working_days(day, term.working, calendar, step=1))
    day = months_on(day, term.months) + timedelta(weeks=term.weeks, days=term.days)
    while not calendar.is_working(day):
        day += timedelta(days=1)
    return end_of(day)


def _back(moment: datetime, term: Term, calendar: Calendar) -> datetime:
    """Return the moment `term` before another: a reminder, which may fall on a holiday."""
    if term.exact:
        return moment - timedelta(hours=term.hours, minutes=term.minutes)
    day = last_day(moment)
    if term.working:
        return end_of(_working_days(day, term.working, calendar, step=-1))
    return end_of(months_on(day, -term.months) - timedelta(weeks=term.weeks, days=term.days))


def _working_days(day: date, number: int, calendar: Calendar, step: int) -> date:
    while number:
        day += timedelta(days=step)
        number -= calendar.is_working(day)
    return day


def months_on(day: date, months: int) -> date:
    """Return the same day `months` later, or the last one of a month that is too short."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
