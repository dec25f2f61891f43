"""Dates against dates, people against people."""

import pytest

from app.domain.forms import Form
from app.domain.limits import beyond, limited


def day(title, **limits):
    return {"type": "string", "format": "date", "title": title, **limits}


FORM = Form(
    {
        "type": "object",
        "properties": {
            "deadline": day("整改期限", **{"x-notBefore": "@today"}),
            "plan": day("方案期限", **{"x-notAfter": "deadline"}),
            "rows": {
                "type": "array",
                "title": "各项",
                "items": {
                    "type": "object",
                    "properties": {
                        "finish": day("完成时间", **{"x-notAfter": ["own", "order.deadline"]}),
                        "own": day("该项期限"),
                        "deadline": day("分项期限", **{"x-notAfter": "deadline"}),
                        "until": day("单项期限", **{"x-notAfter": "deadline"}),
                        "doer": {"type": "string", "title": "完成人"},
                        "checker": {"type": "string", "title": "验收人", "x-differs": "doer"},
                    },
                },
            },
        },
    }
)
SOURCES = {"@today": "2026-11-20", "order": {"deadline": "2026-12-10"}}
GOOD = {
    "deadline": "2026-12-20",
    "plan": "2026-12-20",
    "rows": [{"finish": "2026-12-10", "until": "2026-12-01", "doer": "甲", "checker": "乙"}],
}


def test_what_is_in_bounds_passes():
    assert limited(FORM)
    assert beyond(FORM, GOOD, SOURCES) == {}
    assert beyond(FORM, GOOD, {}) == {}
    assert beyond(FORM, {}, SOURCES) == {}


@pytest.mark.parametrize(
    ("changed", "pointer", "message"),
    [
        (
            {"deadline": "2026-11-19", "plan": None, "rows": []},
            "/deadline",
            "整改期限不得早于 2026年11月20日",
        ),
        ({"plan": "2026-12-21"}, "/plan", "方案期限不得晚于 2026年12月20日"),
        ({"rows": [{"finish": "2026-12-11"}]}, "/rows/0/finish", "完成时间不得晚于 2026年12月10日"),
        (
            {"rows": [{"own": "2026-12-02", "finish": "2026-12-03"}]},
            "/rows/0/finish",
            "完成时间不得晚于 2026年12月2日",
        ),
        (
            {"rows": [{"deadline": "2026-12-21"}]},
            "/rows/0/deadline",
            "分项期限不得晚于 2026年12月20日",
        ),
        (
            {"rows": [{}, {"until": "2026-12-21"}]},
            "/rows/1/until",
            "单项期限不得晚于 2026年12月20日",
        ),
        (
            {"rows": [{"doer": "甲", "checker": "甲"}]},
            "/rows/0/checker",
            "验收人不能与完成人相同",
        ),
    ],
)
def test_what_is_beyond_is_said_at_its_place(changed, pointer, message):
    found = beyond(FORM, {**GOOD, **changed}, SOURCES)
    assert {at: str(text) for at, text in found.items()} == {pointer: message}


def test_a_form_without_limits():
    plain = Form({"type": "object", "properties": {"a": {"type": "string", "title": "甲"}}})
    assert not limited(plain)


def test_known_rows_are_each_among_the_answers_once():
    rows = {
        "type": "array",
        "title": "各项",
        "x-covers": "@hazards",
        "items": {
            "type": "object",
            "properties": {"hazard_id": {"type": "string", "title": "编号"}},
        },
    }
    form = Form({"type": "object", "properties": {"points": rows}})
    known = {"@hazards": [{"hazard_id": "1"}, {"hazard_id": "2"}]}

    def problems(*ids):
        return beyond(form, {"points": [{"hazard_id": id_} for id_ in ids]}, known)

    assert problems("2", "1") == problems("1", "2", "7") == {}
    for ids in ((), ("1",), ("1", "1"), ("1", "2", "2")):
        assert list(problems(*ids)) == ["/points"]


@pytest.mark.parametrize(
    ("since", "until", "wrong"),
    [
        ("2026-11-20", "2026-12-19", {}),
        ("2026-11-20", "2026-12-20", {"/until": "届满日期不得晚于 2026年12月19日"}),
        ("2027-02-01", "2027-03-03", {"/until": "届满日期不得晚于 2027年3月2日"}),
        ("9999-12-20", "9999-12-31", {}),  # nothing is behind the last day there is
        (None, "2027-03-03", {}),
    ],
)
def test_a_bound_some_days_behind_the_day_it_names(since, until, wrong):
    term = {"since": day("开始日期"), "until": day("届满日期", **{"x-notAfter": "since+P29D"})}
    form = Form({"type": "object", "properties": term})
    found = beyond(form, {"since": since, "until": until}, SOURCES)
    assert {at: str(text) for at, text in found.items()} == wrong
