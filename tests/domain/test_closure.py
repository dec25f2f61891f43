"""A request for closure stands on a statutory ground, borne out by our registers (R18a)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.closure import AfterStop, Ground, Known, Stop, after_stop, lacking

TODAY, SINCE, SERVED = date(2026, 11, 20), date(2026, 1, 1), date(2026, 5, 1)
NUMBER = "（兴）应急停〔2026〕1号"
KNOWN = Known(TODAY, SINCE, {NUMBER: Stop(SERVED, date(2026, 11, 1))}, 1, catalogued=True)
STOP = {"stop_number": NUMBER, "stop_served_on": str(SERVED), "stop_until": "2026-11-01"}


def penalties(*days, span="half_year"):
    rows = [
        {"number": str(n), "decided_on": str(day), "served_on": str(day)}
        for n, day in enumerate(days)
    ]
    return {"span": span, "penalties": rows}


@pytest.mark.parametrize("ground", [Ground.STILL_UNSAFE, Ground.REFUSED])
def test_a_served_decision_is_needed(ground):
    assert lacking(ground, STOP, KNOWN) == []
    for wrong in (
        {"stop_number": "（兴）应急停〔2026〕2号"},
        {"stop_served_on": "2026-05-02"},
        {"stop_number": ""},
    ):
        assert len(lacking(ground, {**STOP, **wrong}, KNOWN)) == 1


@pytest.mark.parametrize(
    ("ends", "state"),
    [
        ([TODAY - timedelta(days=1)], AfterStop.ANY),
        ([TODAY], AfterStop.REFUSED),
        ([TODAY - timedelta(days=9), TODAY + timedelta(days=9)], AfterStop.REFUSED),
        ([], AfterStop.ANY),
    ],
)
def test_want_of_conditions_is_a_ground_once_the_last_stop_is_over(ends, state):
    stops = [Stop(SERVED + timedelta(days=n), end) for n, end in enumerate(ends)]
    assert after_stop(stops, TODAY) is state


def test_a_decision_older_than_the_register_stands_on_its_papers():
    old = {**STOP, "stop_number": "旧字 1 号", "stop_served_on": "2025-12-31"}
    assert lacking(Ground.REFUSED, old, KNOWN) == []
    assert lacking(Ground.REFUSED, {**old, "stop_served_on": "2026-01-01"}, KNOWN) != []


def test_still_unsafe_only_after_the_period():
    assert lacking(Ground.STILL_UNSAFE, {**STOP, "stop_until": str(TODAY)}, KNOWN) != []
    assert lacking(Ground.REFUSED, {**STOP, "stop_until": str(TODAY)}, KNOWN) == []


def test_the_end_of_the_period_is_what_the_decision_says():
    running = replace(KNOWN, stops={NUMBER: Stop(SERVED, TODAY)})
    (told,) = lacking(Ground.STILL_UNSAFE, STOP, running)
    assert "尚未届满" in str(told)
    assert lacking(Ground.REFUSED, STOP, running) == []


@given(st.lists(st.dates(date(2025, 11, 20), TODAY), min_size=3, max_size=6, unique=True))
def test_three_in_180_days(days):
    told = lacking(Ground.PENALTIES, penalties(*days), KNOWN)
    ordered = sorted(days)
    near = any(c - a <= timedelta(days=180) for a, c in zip(ordered, ordered[2:], strict=False))
    assert (told == []) is near


def test_four_in_a_year():
    days = [date(2025, 11, 20), date(2026, 2, 1), date(2026, 6, 1), TODAY]
    assert lacking(Ground.PENALTIES, penalties(*days, span="year"), KNOWN) == []
    days[0] -= timedelta(days=1)
    assert lacking(Ground.PENALTIES, penalties(*days, span="year"), KNOWN) != []


def test_one_penalty_counts_once():
    row = penalties(TODAY)["penalties"][0]
    told = lacking(Ground.PENALTIES, {"span": "half_year", "penalties": [row] * 3}, KNOWN)
    assert told != []


def test_penalties_need_a_major_hazard_and_their_service():
    days = [TODAY - timedelta(days=n) for n in range(3)]
    safe = Known(TODAY, SINCE, {}, 0, catalogued=False)
    assert len(lacking(Ground.PENALTIES, penalties(*days), safe)) == 1
    late = penalties(*days)
    late["penalties"][0]["served_on"] = str(TODAY + timedelta(days=1))
    assert len(lacking(Ground.PENALTIES, late, KNOWN)) == 1


def test_the_other_grounds():
    plain = Known(TODAY, SINCE, {}, 0, catalogued=False)
    assert lacking(Ground.CATALOGUE, {}, plain) != []
    assert lacking(Ground.CATALOGUE, {}, KNOWN) == []
    assert lacking(Ground.UNLICENSED, {}, plain) == []


ACCIDENT = {
    "accident": "兴县“3·12”重大煤气中毒事故",
    "accident_on": "2026-11-20",
    "accident_class": "major",
    "report_number": "晋政函〔2026〕8号",
    "accident_papers": ["1"],
}


@pytest.mark.parametrize("grade", ["major", "grave"])
def test_an_accident_of_the_two_highest_classes(grade):
    assert lacking(Ground.ACCIDENT, {**ACCIDENT, "accident_class": grade}, KNOWN) == []
    dump = {**ACCIDENT, "accident": "兴县一般固体废物填埋场重大坍塌事故"}
    assert lacking(Ground.ACCIDENT, dump, KNOWN) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"accident_on": "2026-11-21"},
        {"accident_class": None},
        {"accident_class": "larger"},
        {"accident": "兴县“3·12”较大煤气中毒事故"},
        {"accident": "兴县一般生产安全事故"},
        {"report_number": ""},
        {"accident_papers": []},
    ],
)
def test_an_accident_without_its_class_or_its_papers_is_no_ground(wrong):
    assert len(lacking(Ground.ACCIDENT, {**ACCIDENT, **wrong}, KNOWN)) == 1
