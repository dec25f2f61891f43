"""What a form starts with."""

from app.domain.forms import Form
from app.domain.prefill import prefill

FORM = Form(
    {
        "type": "object",
        "properties": {
            "name": {"type": "string", "title": "名称"},
            "deadline": {"type": "string", "title": "期限"},
            "nothing": {"type": "string", "title": "无"},
            "first": {"type": "string", "title": "先到"},
            "rows": {
                "type": "array",
                "title": "各项",
                "items": {
                    "type": "object",
                    "properties": {
                        "text": {"type": "string", "title": "内容"},
                        "by": {"type": "string", "title": "人"},
                    },
                },
            },
        },
    },
    {
        "name": {"ui:options": {"from": "@subject.name"}},
        "deadline": {"ui:options": {"from": "order.deadline"}},
        "nothing": {"ui:options": {"from": "order.missing.deeper"}},
        "first": {"ui:options": {"from": ["order.missing", "order.empty", "@me.name"]}},
        "rows": {
            "ui:options": {"from": "order.hazards"},
            "items": {
                "text": {"ui:options": {"from": "description"}},
                "by": {"ui:options": {"from": "@me.name"}},
            },
        },
    },
)
SOURCES = {
    "order": {
        "deadline": "2026-12-20",
        "empty": "",
        "hazards": [{"description": "缺护栏"}, {"place": "炉前"}],
    },
    "@me": {"name": "甲"},
    "@subject": {"name": "某厂"},
}


def test_fields_and_rows_are_taken_over():
    assert prefill(FORM, SOURCES) == {
        "name": "某厂",
        "deadline": "2026-12-20",
        "first": "甲",
        "rows": [{"text": "缺护栏", "by": "甲"}, {"by": "甲"}],
    }


def test_what_is_not_there_is_left_empty():
    assert prefill(FORM, {}) == {}
    assert prefill(FORM, {"order": "odd", "@subject": None}) == {}


def test_the_first_path_that_leads_somewhere_counts():
    ui = {"name": {"ui:options": {"from": ["earlier.name", "@subject.name"]}}}
    form = Form(FORM.schema, ui)
    assert prefill(form, SOURCES) == {"name": "某厂"}
    assert prefill(form, SOURCES | {"earlier": {"name": ""}}) == {"name": "某厂"}
    assert prefill(form, SOURCES | {"earlier": {"name": "改名"}}) == {"name": "改名"}


def test_where_nothing_is_known_the_default_of_the_schema_counts():
    rule = {"type": "string", "title": "规定", "default": "no"}
    row = {"type": "object", "properties": {"rule": rule}}
    rows = {"type": "array", "title": "各项", "items": row}
    schema = {"type": "object", "properties": {"rule": rule, "rows": rows}}
    ui = {"rule": {"ui:options": {"from": "order.rule"}}, "rows": {"ui:options": {"from": "@rows"}}}
    form = Form(schema, ui)
    assert prefill(form, {"order": {"rule": ""}}) == {"rule": "no"}
    assert prefill(form, {"order": {"rule": "yes"}})["rule"] == "yes"
    assert prefill(form, {"@rows": [{}]})["rows"] == [{"rule": "no"}]
