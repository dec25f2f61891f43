"""The days of a year as people type them."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.adapters import holidays
from app.domain import Invalid
from app.domain.workdays import NamedDay, parse, write


def test_what_is_written_is_read_again():
    for year, days in holidays.known().items():
        assert parse(year, write(days)) == list(days)


def test_stretches_and_days_that_are_worked():
    text = "2027-02-05 ～ 2027-02-07  春节\n\n2027-02-20 春节 上班\n2027-1-1 元旦"
    assert parse(2027, text) == [
        NamedDay(date(2027, 1, 1), False, "元旦"),
        NamedDay(date(2027, 2, 5), False, "春节"),
        NamedDay(date(2027, 2, 6), False, "春节"),
        NamedDay(date(2027, 2, 7), False, "春节"),
        NamedDay(date(2027, 2, 20), True, "春节"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "春节",
        "2027-02-05",
        "2027-02-30 春节",
        "2026-12-31~2027-01-02 元旦",
        "2027-01-03~2027-01-01 元旦",
        "2027-01-01~2027-03-01 长假",
        "2027-01-01 元旦\n2027-01-01 元旦",
        f"2027-01-01 {'长' * 33}",
        "2027-01-01 元旦 休息",
    ],
)
def test_refused(text):
    with pytest.raises(Invalid):
        parse(2027, text)


@given(some.text(max_size=40))
def test_nothing_else_is_raised(text):
    with suppress(Invalid):
        parse(2027, text)


def test_the_english_name_is_known():
    assert NamedDay(date(2027, 1, 1), False, "元旦").name_en == "New Year's Day"
    assert NamedDay(date(2027, 1, 1), False, "校庆").name_en == ""
