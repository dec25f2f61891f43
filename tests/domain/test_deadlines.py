"""When something is due: terms against a naive count, and the holidays of 2026."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.adapters import holidays
from app.domain.deadlines import (
    BEIJING,
    SOON,
    BadRule,
    Term,
    Weekends,
    Workdays,
    before,
    days_left,
    due,
    end_of,
    instant,
    is_soon,
    months_on,
    soon_until,
)

KNOWN = holidays.known()
CALENDAR = Workdays(
    {day.day: day.working for days in KNOWN.values() for day in days}, frozenset(KNOWN)
)
MOMENTS = some.datetimes(datetime(2020, 1, 1), datetime(2026, 6, 30)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=BEIJING)
)
NUMBERS = some.integers(0, 400)


def beijing(text):
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def day_of(moment):
    """The day that ends with `moment`."""
    return (moment.astimezone(BEIJING) - timedelta(microseconds=1)).date()


class TestProperties:
    @given(MOMENTS, NUMBERS, some.sampled_from(["P{}D", "P{}W", "P{}M", "P{}BD", "PT{}H"]))
    def test_a_longer_term_is_never_due_earlier(self, anchor, number, shape):
        first = due(shape.format(number), anchor, CALENDAR)
        assert first <= due(shape.format(number + 1), anchor, CALENDAR)

    @given(MOMENTS, some.integers(0, 72), NUMBERS, some.sampled_from(["P{}D", "P{}M", "P{}BD"]))
    def test_a_later_anchor_is_never_due_earlier(self, anchor, hours, number, shape):
        rule = shape.format(number)
        assert due(rule, anchor, CALENDAR) <= due(rule, anchor + timedelta(hours=hours), CALENDAR)

    @given(MOMENTS, NUMBERS, some.sampled_from(["P{}D", "P{}W", "P{}M", "P{}BD"]))
    def test_due_at_the_end_of_a_day_that_is_worked(self, anchor, number, shape):
        moment = due(shape.format(number), anchor, CALENDAR).astimezone(BEIJING)
        assert (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)
        if number:
            assert CALENDAR.is_working(day_of(moment))

    @given(MOMENTS, some.integers(1, 250))
    def test_working_days_as_a_naive_count_has_them(self, anchor, number):
        moment = due(f"P{number}BD", anchor, CALENDAR)
        first, last = anchor.date() + timedelta(days=1), day_of(moment)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        assert sum(CALENDAR.is_working(day) for day in days) == number

    @given(MOMENTS, some.integers(0, 5000))
    def test_hours_run_through(self, anchor, hours):
        assert due(f"PT{hours}H", anchor, CALENDAR) - anchor == timedelta(hours=hours)

    @given(MOMENTS, NUMBERS)
    def test_days_move_by_holidays_only(self, anchor, number):
        plain = anchor.date() + timedelta(days=number)
        moved = day_of(due(f"P{number}D", anchor, CALENDAR))
        assert moved >= plain
        between = [plain + timedelta(days=n) for n in range((moved - plain).days)]
        assert not any(CALENDAR.is_working(day) for day in between)

    @given(MOMENTS, some.integers(0, 60), some.sampled_from(["P{}D", "P{}W", "P{}BD", "PT{}H"]))
    def test_a_reminder_comes_before(self, moment, number, shape):
        assert before(shape.format(number), end_of(moment.date()), CALENDAR) <= end_of(
            moment.date()
        )

    @given(some.dates(date(2000, 1, 1), date(2100, 1, 1)), some.integers(0, 600))
    def test_months_end_where_the_month_ends(self, day, months):
        later = months_on(day, months)
        count = (later.year - day.year) * 12 + later.month - day.month
        assert count == months
        assert later.day == day.day or (later + timedelta(days=1)).day == 1

    @given(some.text(max_size=20))
    def test_what_is_no_rule_is_refused_and_nothing_else_happens(self, text):
        with suppress(BadRule):
            Term.parse(text)
        with suppress(BadRule, OverflowError):
            due(text, beijing("2026-11-20T09:00"), CALENDAR)


class TestHolidays2026:
    @pytest.mark.parametrize(
        ("rule", "anchor", "last_day"),
        [
            # 国庆: 1 to 7 October are off, Saturday the 10th is worked.
            ("P5BD", "2026-09-30T10:00", "2026-10-13"),
            ("P1BD", "2026-09-30T10:00", "2026-10-08"),
            ("P3BD", "2026-09-30T10:00", "2026-10-10"),
            ("P10D", "2026-09-25T10:00", "2026-10-08"),  # the tenth day is a holiday
            # Sunday 20 September is worked, in exchange for National Day.
            ("P1BD", "2026-09-18T10:00", "2026-09-20"),
            ("P2D", "2026-09-18T10:00", "2026-09-20"),
            # 中秋: Friday 25 to Sunday 27 September.
            ("P1BD", "2026-09-24T10:00", "2026-09-28"),
            # 春节: 15 to 23 February; 14 and 28 are worked.
            ("P1BD", "2026-02-13T18:00", "2026-02-14"),
            ("P2BD", "2026-02-13T18:00", "2026-02-24"),
            ("P1M", "2026-01-15T10:00", "2026-02-24"),
            # 元旦: 1 to 3 January; Sunday the 4th is worked.
            ("P1BD", "2025-12-31T10:00", "2026-01-04"),
            # Month ends.
            ("P1M", "2026-01-31T10:00", "2026-02-28"),  # a Saturday that is worked
            ("P1M", "2026-03-31T10:00", "2026-04-30"),
            ("P1M", "2026-10-31T10:00", "2026-11-30"),
            # An anchor just before midnight belongs to its own day.
            ("P1D", "2026-11-24T23:59", "2026-11-25"),
            ("P1D", "2026-11-25T00:00", "2026-11-26"),
            # Nothing is added on a day: it ends today, or on the next day that is worked.
            ("P0D", "2026-11-20T09:00", "2026-11-20"),
            ("P0D", "2026-11-21T09:00", "2026-11-23"),
        ],
    )
    def test_counted(self, rule, anchor, last_day):
        assert due(rule, beijing(anchor), CALENDAR) == end_of(date.fromisoformat(last_day))

    def test_without_a_calendar_the_holidays_are_worked(self):
        anchor = beijing("2026-09-30T10:00")
        assert due("P5BD", anchor, Weekends()) == end_of(date(2026, 10, 7))

    def test_an_unpublished_year_is_monday_to_friday(self):
        anchor = beijing("2099-09-30T10:00")
        assert due("P5BD", anchor, CALENDAR) == due("P5BD", anchor, Weekends())


class TestRules:
    def test_an_exact_term_of_nothing_is_now(self):
        anchor = beijing("2026-11-21T09:13")
        assert due("PT0M", anchor, CALENDAR) == anchor

    def test_dates_and_moments(self):
        assert instant("2027-06-30") == datetime(2027, 6, 30, 16, tzinfo=UTC)
        assert instant("2027-06-30T12:00:00+08:00") == datetime(2027, 6, 30, 4, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("rule", "when"),
        [
            ("P3D/2027-06-30", "2027-06-28T00:00"),
            ("P5BD/2026-10-12", "2026-09-30T00:00"),  # back over the holiday
            ("PT24H/2027-06-30T12:00:00+08:00", "2027-06-29T12:00"),
            ("P1M/2026-03-31", "2026-03-01T00:00"),
        ],
    )
    def test_back(self, rule, when):
        assert due(rule, beijing("2026-01-01T00:00"), CALENDAR) == beijing(when)

    @pytest.mark.parametrize(
        "rule",
        [
            "",
            "P",
            "PT",
            "P1",
            "1D",
            "P1.5D",
            "-P1D",
            "P1D2W",
            "P１D",
            "2027-02-30",
            "2027-06-30T12:00",
        ],
    )
    def test_refused(self, rule):
        with pytest.raises(BadRule):
            due(rule, beijing("2026-01-01T00:00"), CALENDAR)


class TestDaysLeft:
    """One count for the words beside a task, the filter of the list and the number above it."""

    NIGHT, MORNING = "2026-11-20T23:59:59", "2026-11-20T00:00:00"

    @pytest.mark.parametrize("now", [NIGHT, MORNING, "2026-11-20T09:00:00"])
    @pytest.mark.parametrize(
        ("deadline", "days", "soon"),
        [
            ("2026-11-21T00:00:00", 0, True),  # the end of today
            ("2026-11-21T00:00:01", 1, True),
            ("2026-11-22T00:00:00", 1, True),
            ("2026-11-23T23:59:59", 3, True),
            ("2026-11-24T00:00:00", 3, True),  # the end of the third day
            ("2026-11-24T00:00:01", 4, False),
            ("2026-11-20T00:00:00", -1, False),
        ],
    )
    def test_days_are_those_of_the_calendar_in_beijing(self, now, deadline, days, soon):
        at, moment = beijing(deadline), beijing(now).astimezone(UTC)
        assert days_left(at, moment) == days
        assert is_soon(at, moment) == (soon or at == moment)

    def test_what_is_late_is_not_soon(self):
        assert not is_soon(beijing("2026-11-20T08:59:59"), beijing("2026-11-20T09:00:00"))
        assert is_soon(beijing("2026-11-20T09:00:00"), beijing("2026-11-20T09:00:00"))

    @given(MOMENTS, some.integers(-9 * 24 * 60, 9 * 24 * 60))
    def test_soon_is_at_most_three_days_left(self, now, minutes):
        at = now + timedelta(minutes=minutes)
        assert is_soon(at, now) == (at >= now and days_left(at, now) <= SOON)
        assert is_soon(at, now) == (now <= at <= soon_until(now))
