"""Scores of counties: exact, bounded, alike for alike, ranked with ties; the rule itself."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.domain import Invalid
from app.domain.scoring import (
    WHOLE,
    Count,
    Empty,
    Measure,
    in_force,
    ranked,
    rule_of,
    shipped,
    shown,
)
from app.domain.scoring.editing import edit_form, faults, kept
from app.domain.scoring.editing import given as rows_of
from app.domain.text import Term

RULES = [rule_of(one) for one in shipped()]
RULE = RULES[0]
COUNTS = some.tuples(some.integers(0, 10_000), some.integers(0, 10_000)).map(
    lambda two: Count(min(two), max(two))
)
COUNTED = some.fixed_dictionaries({measure.key: COUNTS for measure in RULE.measures})
TOTALS = some.dictionaries(
    some.text("123456789", min_size=6, max_size=6),
    some.fractions(0, 100, max_denominator=50),
    max_size=12,
)


@pytest.mark.parametrize("rule", RULES)
def test_weights_sum_to_a_hundred_and_every_word_has_its_english(rule):
    assert sum(measure.weight for measure in rule.measures) == WHOLE
    assert len({measure.key for measure in rule.measures}) == len(rule.measures)
    for measure in rule.measures:
        assert all(word.english for word in (measure.title, measure.part, measure.whole))


def test_versions_only_go_on():
    assert [rule.version for rule in RULES] == list(range(1, len(RULES) + 1))
    assert sorted(RULES, key=lambda rule: rule.since) == list(RULES)


def test_the_newest_version_that_holds_is_in_force():
    versions = [(1, date(2026, 1, 1)), (2, date(2027, 1, 1)), (3, date(2027, 1, 1))]
    assert in_force(versions, date(2000, 1, 1)) == 1
    assert in_force(versions, date(2026, 12, 31)) == 1
    assert in_force(versions, date(2027, 1, 1)) == 3


def test_a_version_goes_through_its_form_unchanged():
    (told,) = shipped()
    rows = {"measures": rows_of(told["measures"])}
    head = {"since": "2027-01-01", "basis": "通知", "reason": "调整权重"}
    checked = edit_form().check({**head, **rows}, rows)
    assert kept(checked["measures"]) == told["measures"]
    assert faults(kept(checked["measures"]), date(2027, 1, 1), date(2027, 1, 1)) == {}


def test_a_measure_without_points_is_left_out_and_a_wrong_sum_is_told():
    (told,) = shipped()
    rows = rows_of(told["measures"])
    rows[0]["weight"] = 0
    measures = kept(rows)
    assert [one["key"] for one in measures] == [one["key"] for one in told["measures"][1:]]
    found = faults(measures, date(2026, 12, 31), date(2027, 1, 1))
    assert set(found) == {"/measures", "/since"}
    assert "70" in str(found["/measures"])


@given(COUNTED)
def test_a_total_lies_between_nothing_and_a_hundred_and_is_the_sum_of_its_parts(counts):
    total = RULE.total(counts)
    assert 0 <= total <= WHOLE
    assert total == sum(one.points(counts[one.key]) for one in RULE.measures)


@given(COUNTED, some.sampled_from(RULE.measures), some.integers(1, 100))
def test_doing_more_of_the_same_never_costs_points(counts, measure, more):
    count = counts[measure.key]
    better = Count(min(count.whole, count.part + more), count.whole)
    assert RULE.total({**counts, measure.key: better}) >= RULE.total(counts)


@given(COUNTS, some.integers(1, 1000))
def test_only_the_share_counts(count, times):
    measure = RULE.measures[0]
    larger = Count(count.part * times, count.whole * times)
    assert measure.points(count) == measure.points(larger)


@pytest.mark.parametrize(("empty", "points"), [(Empty.FULL, 7), (Empty.NONE, 0)])
def test_where_nothing_is_to_be_measured_the_rule_says_what_it_gives(empty, points):
    word = Term("甲", english="A")
    assert Measure("x", 7, empty, word, word, word).points(Count(0, 0)) == points


@pytest.mark.parametrize("count", [Count(2, 1), Count(-1, 3)])
def test_what_is_no_share_is_refused(count):
    with pytest.raises(Invalid):
        RULE.measures[0].points(count)


@given(TOTALS)
def test_a_rank_is_how_many_are_better_plus_one(totals):
    found = ranked(totals)
    assert sorted(county for _rank, county in found) == sorted(totals)
    for rank, county in found:
        assert rank == 1 + sum(total > totals[county] for total in totals.values())
    assert [rank for rank, _ in found] == sorted(rank for rank, _ in found)


def test_equals_share_a_rank_and_the_next_is_left_out():
    totals = {"a": Fraction(1, 3), "b": Fraction(2, 6), "c": Fraction(1, 4), "d": Fraction(1)}
    assert ranked(totals) == [(1, "d"), (2, "a"), (2, "b"), (4, "c")]


@given(some.fractions(0, 100, max_denominator=9999))
def test_points_are_shown_to_two_places_halves_up(points):
    exact = Decimal(points.numerator) / Decimal(points.denominator)
    scaled = points * 100
    if (scaled * 2).denominator == 1 or scaled.denominator < 9999:
        assert Decimal(shown(points)) == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_what_looks_alike_may_rank_apart():
    one, other = Fraction(200001, 10000), Fraction(200002, 10000)
    assert shown(one) == shown(other) == "20.00"
    assert [rank for rank, _ in ranked({"a": one, "b": other})] == [1, 2]
