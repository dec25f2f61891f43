"""What is wrong with the files of a form, in words for whoever drew it."""

import pytest

from app.domain.forms import faults
from tests.forms_samples import pair, repository_forms

TITLE = {"title": "A"}


def told(properties, ui=None, **schema):
    found = faults({"type": "object", **TITLE, "properties": properties, **schema}, ui or {})
    return [str(text) for text in found]


TEXT = {"type": "string", "title": "甲", "x-en": {"title": "A"}}


@pytest.mark.parametrize("name", ["everything", *repository_forms()])
def test_the_forms_at_hand_have_none(name):
    assert [str(text) for text in faults(*pair(name))] == []


@pytest.mark.parametrize(
    ("properties", "ui", "message"),
    [
        ({"a": {"type": "strange"}}, {}, "不是有效的 JSON Schema：/properties/a/type"),
        ({}, {}, "表单应是有字段的 object"),
        ({"a": {**TEXT, "x-en": {}}}, {}, "缺少英文：a"),
        ({"a": {"type": "string"}}, {}, "缺少标题：a"),
        ({"a": TEXT}, {"b": {}}, "没有这个字段：b"),
        ({"a": TEXT}, {"ui:order": ["b"]}, "没有这个字段：b"),
        ({"a": TEXT}, {"a": {"ui:widget": "radio"}}, "a 不能用控件 radio"),
        ({"a": TEXT}, {"a": {"ui:help": "说明"}}, "缺少英文：a ui:help"),
        ({"a": {**TEXT, "format": "uuid"}}, {}, "a 的格式没有人懂：uuid"),
        ({"a": {**TEXT, "oneOf": [{"const": "x", "title": "是"}]}}, {}, "缺少英文：a = x"),
        (
            {"a": TEXT, "b": TEXT},
            {"ui:groups": [{"title": "G", "fields": ["a"]}]},
            "字段不在任何分组里：b",
        ),
        (
            {"a": TEXT},
            {"ui:groups": [{"title": "G", "fields": ["a"]}, {"title": "H", "fields": ["a"]}]},
            "字段在两个分组里：a",
        ),
        ({"a": {"$ref": "#/$defs/no"}}, {}, "$ref 找不到目标：#/$defs/no"),
    ],
)
def test_a_fault_is_named(properties, ui, message):
    assert message in told(properties, ui)


def test_rows_have_faults_of_their_own():
    rows = {
        **TEXT,
        "type": "array",
        "items": {"type": "object", "properties": {"b": {**TEXT, "readOnly": True}}},
    }
    assert told({"a": rows}, {"a": {"ui:options": {"summary": ["c"]}}}) == [
        "没有这个字段：a.c",
        "a 有只读字段，应加选项 fixed",
    ]


def test_a_condition_a_browser_cannot_follow_is_a_fault():
    condition = {"if": {"properties": {"a": {"pattern": "x"}}}, "then": {"required": ["a"]}}
    assert told({"a": TEXT}, **condition) == ["if 对 a 的条件不支持：pattern"]


def test_the_key_of_given_rows_is_a_field_of_theirs_that_nobody_writes():
    rows = {
        **TEXT,
        "type": "array",
        "items": {"type": "object", "properties": {"b": TEXT, "c": {**TEXT, "readOnly": True}}},
    }
    for key in ("b", "d"):
        ui = {"a": {"ui:options": {"fixed": True, "key": key}}}
        assert told({"a": rows}, ui) == ["a 的 key 应为固定行的只读字段"]
    assert told({"a": rows}, {"a": {"ui:options": {"fixed": True, "key": "c"}}}) == []
