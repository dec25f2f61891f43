"""What a form starts with."""

import pytest

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


class TestReturned:
    """A task that was returned starts as it was answered, but for what is given."""

    given = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "title": "名称", "readOnly": True},
            "opinion": {"type": "string", "title": "意见", "default": "无"},
            "rows": {
                "type": "array",
                "title": "各项",
                "items": {
                    "type": "object",
                    "properties": {
                        "number": {"type": "string", "title": "编号", "readOnly": True},
                        "note": {"type": "string", "title": "情况"},
                    },
                },
            },
            "found": {
                "type": "array",
                "title": "新发现",
                "items": {
                    "type": "object",
                    "properties": {"what": {"type": "string", "title": "内容"}},
                },
            },
        },
    }
    typed = {
        "name": "旧名",
        "opinion": "同意",
        "rows": [{"number": "7", "note": "七"}, {"number": "9", "note": "九"}],
        "found": [{"what": "缺护栏"}],
    }
    sources = {"@subject": {"name": "某厂"}, "@rows": [{"id": "8"}, {"id": "9"}]}

    def form(self, rows=(), found=()):
        return Form(
            self.given,
            {
                "name": {"ui:options": {"from": "@subject.name"}},
                "rows": {
                    "ui:options": {"fixed": True, "from": "@rows", **dict(rows)},
                    "items": {"number": {"ui:options": {"from": "id"}}},
                },
                "found": {"ui:options": dict(found)},
            },
        )

    @pytest.mark.parametrize("rows", [{}, {"key": "number"}])
    def test_what_was_typed_stays_at_its_row(self, rows):
        assert prefill(self.form(rows), self.sources, self.typed) == {
            "name": "某厂",
            "opinion": "同意",
            "rows": [{"number": "8"}, {"number": "9", "note": "九"}],
            "found": [{"what": "缺护栏"}],
        }

    def test_what_was_carried_out_does_not(self):
        told = prefill(self.form(found={"once": True}), self.sources, self.typed)
        assert "found" not in told

    def test_who_was_not_asked_again_starts_anew(self):
        assert prefill(self.form(), self.sources)["opinion"] == "无"
