"""The draw: sizes, order, chance, conflicts, the public value, and drawing again."""

import random
from collections import Counter
from datetime import date, datetime
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from app.domain import Invalid
from app.domain.deadlines import BEIJING
from app.domain.draws import bundle
from app.domain.draws.bundle import replay
from app.domain.draws.publicvalue import SOURCES, Rule, rule_of, value_of
from app.domain.draws.roster import Entry, Inspector, roster_text, sha256
from app.domain.draws.sampling import assign, select, shares, shortage, size, visits
from tests.draws import COUNTIES, ENTRIES, POOL, by_hand, drawn

SEEDS = some.integers(0, 2**32).map(lambda number: sha256(str(number)))
RATES = some.integers(10, 100).map(lambda percent: Fraction(percent, 100))


@given(ENTRIES, SEEDS, RATES)
def test_sizes_are_exact_and_who_is_key_or_worrisome_comes_on_top(entries, seed, rate):
    taken = select(entries, seed, rate)
    assert len({target.entry.id for target in taken}) == len(taken)
    for county in COUNTIES:
        its = [entry for entry in entries if entry.county == county]
        ordinary = [entry for entry in its if not entry.mandatory]
        got = [target for target in taken if target.entry.county == county]
        lot = [target for target in got if not target.entry.mandatory]
        assert len(lot) == min(len(ordinary), ceil(rate * len(its)))
        assert {t.entry.id for t in got} >= {e.id for e in its if e.mandatory}
    assert (
        visits(entries, rate) == len(taken) == sum(s.drawn + s.full for s in shares(entries, rate))
    )


def test_a_tenth_is_counted_in_whole_numbers():
    assert [size(n, n, Fraction(1, 10)) for n in (0, 1, 10, 11, 20, 21, 100)] == [
        *(0, 1, 1, 2, 2, 3, 10)
    ]
    assert size(100, 3, Fraction(1, 10)) == 3  # nobody is left beside those covered in full
    assert size(3, 3, Fraction(1, 1)) == 3
    # Where binary fractions err: 0.07 x 100 is more than 7 there.
    assert size(700, 700, Fraction(7, 100)) == 49


@given(ENTRIES, SEEDS, some.randoms())
def test_the_order_of_the_roster_does_not_matter(entries, seed, chance):
    mixed = chance.sample(entries, len(entries))
    assert roster_text(mixed) == roster_text(entries)
    assert select(mixed, seed, Fraction(1, 10)) == select(entries, seed, Fraction(1, 10))


@given(ENTRIES, SEEDS)
def test_what_one_county_has_does_not_change_another_ones_lot(entries, seed):
    alone = [entry for entry in entries if entry.county == COUNTIES[0]]
    rate = Fraction(1, 5)
    whole = [t for t in select(entries, seed, rate) if t.entry.county == COUNTIES[0]]
    assert select(alone, seed, rate) == whole


def test_everybody_is_drawn_equally_often():
    entries = [Entry(COUNTIES[0], f"91{n:016}", f"企业{n}") for n in range(40)]
    runs, rate = 5000, Fraction(1, 10)
    counted = Counter(
        target.entry.id
        for number in range(runs)
        for target in select(entries, sha256(str(number)), rate)
    )
    expected = runs * 4 / 40
    # Without replacement: the variance of a count is smaller by (1 - 4/40).
    chi = sum((counted[e.id] - expected) ** 2 / (expected * 0.9) for e in entries) * 39 / 40
    assert 16 < chi < 72  # 39 degrees of freedom: from 0.1 % to 99.9 %


def test_every_inspector_goes_equally_often():
    entries = [Entry(COUNTIES[0], f"91{n:016}", f"企业{n}", key=True) for n in range(5)]
    counted = Counter()
    for number in range(1000):
        seed = sha256(f"i{number}")
        sent = assign(select(entries, seed, Fraction(1, 10)), seed, POOL, set(), 5)
        counted.update(one.id for people in sent.values() for one in people)
    expected = 1000 * 5 * 2 / len(POOL)
    chi = sum((counted[one.id] - expected) ** 2 / expected for one in POOL)
    assert chi < 31.3  # 11 degrees of freedom, 99.9 %


@given(
    ENTRIES,
    SEEDS,
    some.integers(2, 12),
    some.integers(1, 8),
    some.sets(some.tuples(some.integers(0, 59), some.integers(0, 11)), max_size=40),
)
def test_a_pool_that_may_begin_serves_every_list(entries, seed, people, load, pairs):
    pool = POOL[:people]
    conflicts = {(f"91{number:016}", POOL[who].id) for number, who in pairs}
    rate = Fraction(1, 10)
    assume(shortage(entries, rate, pool, conflicts, load) is None)
    sent = assign(select(entries, seed, rate), seed, pool, conflicts, load)
    visited = Counter(one.id for two in sent.values() for one in two)
    assert all(len({one.id for one in two}) == 2 for two in sent.values())
    assert all(times <= load for times in visited.values())
    assert not conflicts & {(place, one.id) for place, two in sent.items() for one in two}


def test_a_pool_too_small_is_told_in_words():
    entries = [Entry(COUNTIES[0], f"91{n:016}", f"企业{n}", key=True) for n in range(10)]
    conflicts = {(entries[0].id, POOL[0].id)}
    words = shortage(entries, Fraction(1, 10), POOL[:3], conflicts, 4)
    assert words
    assert "检查10家" in str(words)
    assert "至少需要7名" in str(words)  # two, one barred, and 18 visits given out wear out four
    assert shortage(entries, Fraction(1, 10), POOL[:7], conflicts, 4) is None
    assert shortage(entries, Fraction(1, 10), POOL[:3], conflicts, 10) is None


class TestPublicValue:
    def test_it_is_the_first_drawing_after_the_day(self):
        friday = Rule(SOURCES["ssq"], date(2026, 11, 20))
        assert friday.due == date(2026, 11, 22)
        assert friday.known_from == datetime(2026, 11, 22, 22, tzinfo=BEIJING)
        # A drawing on the day itself is not taken: it may be known already.
        assert Rule(SOURCES["ssq"], date(2026, 11, 22)).due == date(2026, 11, 24)
        assert rule_of(friday.code) == friday

    @given(some.dates(date(2026, 1, 1), date(2030, 1, 1)), some.sampled_from(sorted(SOURCES)))
    def test_a_later_day_never_names_an_earlier_drawing(self, day, source):
        rule = Rule(SOURCES[source], day)
        assert rule.due > day
        assert Rule(SOURCES[source], rule.due).due > rule.due

    def test_two_people_who_type_the_same_drawing_say_the_same(self):
        source = SOURCES["ssq"]
        one = value_of(source, " 2026134 ", "03 07 12 19 25 31 + 09")
        assert (
            one
            == value_of(source, "2026134", "31,25、19 12 7 3，9")
            == ("2026134 03 07 12 19 25 31 09")
        )

    @pytest.mark.parametrize(
        ("issue", "numbers", "field"),
        [
            ("202613", "03 07 12 19 25 31 09", "/issue"),
            ("2026134", "03 07 12 19 25 31", "/numbers"),
            ("2026134", "03 03 12 19 25 31 09", "/numbers"),
            ("2026134", "03 07 12 19 25 34 09", "/numbers"),
            ("2026134", "00 07 12 19 25 31 09", "/numbers"),
            ("2026134", "03 07 12 19 25 31 17", "/numbers"),
            ("2026134", "3x 07 12 19 25 31 09", "/numbers"),
            ("２０２６１３４", "03 07 12 19 25 31 09", "/issue"),
        ],
    )
    def test_what_no_lottery_drew_is_refused(self, issue, numbers, field):
        with pytest.raises(Invalid) as refused:
            value_of(SOURCES["ssq"], issue, numbers)
        assert list(refused.value.errors) == [field]


SAMPLE = [
    Entry(county, f"91{county}{n:010}", f"企业{n}", n % 9 == 0, n % 7 == 0, "原因")
    for county, many in zip(COUNTIES, (23, 10, 1), strict=True)
    for n in range(1, many + 1)
]
CONFLICTS = {(SAMPLE[6].id, POOL[0].id), (SAMPLE[8].id, POOL[3].id)}


class TestAgain:
    def test_a_bundle_fits(self):
        found = replay(drawn(SAMPLE, conflicts=CONFLICTS, load=4))
        assert found.faults == []
        assert found.parameters["draw"] == "1411-2026-1"
        assert len(found.targets) == visits(SAMPLE, Fraction(1, 10))

    @pytest.mark.parametrize("percent", [10, 25, 100])
    def test_the_shell_draws_the_same(self, tmp_path, percent):
        done = by_hand(tmp_path, drawn(SAMPLE, percent, conflicts=CONFLICTS, load=12))
        assert (done.returncode, done.stderr) == (0, "")

    def test_the_shell_draws_the_same_at_the_limit_of_load(self, tmp_path):
        files = drawn(SAMPLE, pool=POOL[:8], conflicts=CONFLICTS, load=4)
        assert replay(files).faults == []
        done = by_hand(tmp_path, files)
        assert (done.returncode, done.stderr) == (0, "")

    @given(ENTRIES, some.integers(10, 100), some.data())
    @settings(max_examples=40)
    def test_whoever_changes_a_file_is_found_out(self, entries, percent, data):
        files = drawn(entries, percent)
        assert replay(files).faults == []
        name = data.draw(some.sampled_from([name for name in files if files[name]]))
        at = data.draw(some.integers(0, len(files[name]) - 1))
        other = data.draw(some.sampled_from("0189|K-=\n "))
        changed = files[name][:at] + other + files[name][at + 1 :]
        assume(changed != files[name])
        again = replay({**files, name: changed})
        if again.faults == []:  # another value gives another list, unless nothing was to draw
            assert name == "value"
            assert not any(target.how == "drawn" for target in again.targets)

    def test_the_shell_finds_a_changed_list(self, tmp_path):
        files = drawn(SAMPLE)
        files["list"] = files["list"].replace("|drawn|", "|full|", 1)
        assert by_hand(tmp_path, files).returncode != 0

    def test_reasons_may_be_left_out_but_not_changed(self):
        files = drawn(SAMPLE)
        without = {name: text for name, text in files.items() if name not in bundle.PRIVATE}
        assert replay(without).faults == []
        files["reasons"] = files["reasons"].replace("原因", "别的", 1)
        assert replay(files).faults == ["reasons: not the list that was frozen"]

    @pytest.mark.parametrize("name", bundle.NEEDED)
    def test_what_is_missing_is_named(self, name):
        files = drawn(SAMPLE)
        del files[name]
        assert replay(files).faults == [f"missing: {name}"]

    def test_a_rate_below_a_tenth_is_no_draw(self):
        assert replay(drawn(SAMPLE, percent=9)).faults == [
            "parameters: the rate is below a tenth, or above the whole"
        ]

    def test_a_pool_that_could_not_serve_is_told(self):
        assert (
            "pool: it cannot serve every list"
            in replay(drawn(SAMPLE, pool=POOL[:2], load=1)).faults
        )


def test_names_cannot_break_a_line():
    odd = [Entry(COUNTIES[0], "E7", "甲|乙\n丙\u2028丁"), Entry(COUNTIES[0], "E12", "戊")]
    assert roster_text(odd) == "141121|E12|-|戊\n141121|E7|-|甲/乙 丙 丁\n"


def test_chance_is_not_the_interpreters():
    random.seed(1)
    one = drawn(SAMPLE)
    random.seed(2)
    assert drawn(SAMPLE) == one
    assert drawn(SAMPLE, salt="6b" * 32)["list"] != one["list"]
    assert isinstance(POOL[0], Inspector)
