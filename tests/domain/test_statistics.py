"""Tables of statistics: sums, shares, corrections, checks, layout; held by properties."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.statistics import (
    MOST_NUMBER,
    By,
    Type,
    corrections,
    faults,
    figures_of,
    number,
    said,
    share,
    shipped,
    table_of,
    total,
    wrong,
)
from app.domain.statistics.sheet import Line, lay_out

TABLE = table_of(shipped())
PLANT = [column.key for column in TABLE.figures(By.PLANT)]
COUNTS = st.integers(0, 10**6)
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(PLANT, COUNTS)), max_size=8)


def test_the_groups_are_worded_as_in_the_annex():
    notice = "成立检查组 督查监管部门情况 企业隐患排查整治进展情况 专项行动检查发现重大隐患明细"
    assert [group.title.wording for group in TABLE.groups] == notice.split()
    assert [group.repeats for group in TABLE.groups] == [False, False, False, True]
    assert faults(shipped()) == {}


@given(ROWS, st.randoms(use_true_random=False))
def test_a_consolidated_number_is_the_sum_of_the_rows_in_any_order(rows, random):
    sums = total(TABLE, rows)
    assert sums == {key: sum(row[key] for row in rows) for key in sums}
    assert set(sums) == set(PLANT)
    random.shuffle(rows)
    assert total(TABLE, rows) == sums


@given(ROWS, ROWS)
def test_sums_of_parts_are_the_sum_of_all(some, others):
    one, two = total(TABLE, some), total(TABLE, others)
    assert total(TABLE, [*some, *others]) == {key: one[key] + two[key] for key in one}


@given(ROWS)
def test_a_zero_report_adds_nothing_and_is_counted(rows):
    zero = dict.fromkeys(PLANT, 0)
    assert total(TABLE, [*rows, zero]) == total(TABLE, rows)
    lines = [Line("", row, frozenset({By.PLANT})) for row in [*rows, zero]]
    assert len(lay_out(TABLE, lines).lines) == len(rows) + 1


@given(COUNTS, st.integers(1, 10**6))
def test_a_share_is_rounded_half_up_from_exact_numbers(part, whole):
    told = Fraction(share(part, whole).removesuffix("%")) / 100
    assert abs(told - Fraction(part, whole)) <= Fraction(1, 2000)
    assert share(part, 0) == share(None, whole) == "—"


@given(ROWS)
def test_shares_are_worked_out_from_sums_never_added(rows):
    sums = total(TABLE, rows)
    laid = lay_out(TABLE, [Line("合计", sums, frozenset(By))]).lines[0]
    for column, cell in zip(lay_out(TABLE, ()).plain, laid.cells, strict=True):
        if column.type is Type.SHARE and column.by is By.PLANT:
            assert cell == share(sums[column.part], sums[column.whole])


ROW = st.fixed_dictionaries(
    {
        "key": st.sampled_from(PLANT),
        "computed": st.none() | COUNTS.map(str),
        "value": st.none() | COUNTS.map(str) | st.text(max_size=5),
        "reason": st.none() | st.text(max_size=20),
    }
)


@given(st.lists(ROW, max_size=9, unique_by=lambda row: row["key"]))
def test_a_correction_never_loses_what_was_counted(rows):
    found = figures_of(TABLE, rows)
    for row in rows:
        figure = found[row["key"]]
        assert figure["computed"] == (None if row["computed"] is None else int(row["computed"]))
        if figure["value"] is None:
            assert said(found)[row["key"]] == figure["computed"]
    for one in corrections(found):
        assert one["computed"] is not None
        assert one["computed"] != one["value"]


@given(st.lists(ROW, max_size=9, unique_by=lambda row: row["key"]))
def test_what_passes_has_a_reason_for_each_correction_and_keeps_the_checks(rows):
    told = {"table": TABLE, "new": False}
    if dict(wrong(told, rows, {}, "/figures")):
        return
    found = figures_of(TABLE, rows)
    values = said(found)
    assert all(one["reason"] for one in corrections(found))
    assert all(values[row["key"]] is not None for row in rows)
    for check in TABLE.checks:
        if check.less in values and check.more in values:
            assert values[check.less] <= values[check.more]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("7", 7),
        (" 12 ", 12),
        ("-1", None),
        ("1.5", None),
        ("１２", None),
        ("", None),
        ("9" * 40, None),
        (str(MOST_NUMBER), MOST_NUMBER),
    ],
)
def test_a_number_is_whole_and_plain(text, told):
    assert number(text) == told


@pytest.mark.parametrize(
    ("index", "change", "at"),
    [
        (0, {"key": "plant_persons"}, "/columns/1/key"),
        (0, {"group": "elsewhere"}, "/columns/0/group"),
        (0, {"group": "major"}, "/columns/0/source"),
        (0, {"source": "inspections"}, "/columns/0/by"),
        (0, {"source": "worked_out"}, "/columns/0/source"),
        (0, {"source": "general_found", "type": "text"}, "/columns/0/type"),
        (6, {"part": "coverage"}, "/columns/6/part"),
        (20, {"source": "typed"}, "/columns/20/source"),
        (20, {"type": "integer"}, "/columns/20/type"),
    ],
)
def test_what_makes_no_table_is_told_at_its_place(index, change, at):
    columns = [dict(one) for one in shipped()["columns"]]
    columns[index] |= change
    assert at in faults({**shipped(), "columns": columns})
