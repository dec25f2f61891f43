"""The form in which the next version of the rule is made, and what is wrong with one."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from app.domain.forms import Form
from app.domain.scoring import EMPTIES, WHOLE, Empty, shipped
from app.domain.text import T, Text

ENGLISH: Mapping[Empty, str] = {
    Empty.FULL: "Full points where there is none",
    Empty.NONE: "No points where there is none",
}
KNOWN: Mapping[str, Mapping[str, Any]] = {
    measure["key"]: measure for version in shipped() for measure in version["measures"]
}
"""The measures that can be counted, with their words."""


def edit_form() -> Form:
    """Return the form of a whole version: every measure; one without points is left out."""
    measure = {
        "key": {
            "title": "指标",
            "type": "string",
            "oneOf": [_told(key, one["title"], one["title_en"]) for key, one in KNOWN.items()],
            "readOnly": True,
            "x-en": {"title": "Measure"},
        },
        "counts": {
            "title": "算法",
            "type": "string",
            "oneOf": [
                _told(
                    key, f"{one['part']} ÷ {one['whole']}", f"{one['part_en']} ÷ {one['whole_en']}"
                )
                for key, one in KNOWN.items()
            ],
            "readOnly": True,
            "x-en": {"title": "Counted as"},
        },
        "weight": {
            "title": "满分",
            "type": "integer",
            "minimum": 0,
            "maximum": WHOLE,
            "x-en": {"title": "Points"},
        },
        "empty": {
            "title": "分母为零的",
            "type": "string",
            "oneOf": [_told(one.value, str(words), ENGLISH[one]) for one, words in EMPTIES.items()],
            "x-en": {"title": "Of nothing"},
        },
    }
    return Form({**HEAD, "properties": {**HEAD["properties"], "measures": _rows(measure)}}, UI)


def _told(const: str, title: str, english: str) -> dict[str, Any]:
    return {"const": const, "title": title, "x-en": {"title": english}}


def _rows(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": "各项指标",
        "type": "array",
        "minItems": 1,
        "maxItems": len(KNOWN),
        "x-en": {"title": "Measures"},
        "items": {
            "type": "object",
            "title": "指标",
            "x-en": {"title": "Measure"},
            "additionalProperties": False,
            "required": ["key", "weight", "empty"],
            "properties": properties,
        },
    }


HEAD: dict[str, Any] = {
    "title": "评分办法",
    "x-en": {"title": "How counties are scored"},
    "type": "object",
    "additionalProperties": False,
    "required": ["since", "basis", "reason", "measures"],
    "properties": {
        "since": {
            "title": "施行日期",
            "type": "string",
            "format": "date",
            "x-en": {"title": "Holds from"},
        },
        "basis": {
            "title": "依据文件",
            "type": "string",
            "minLength": 2,
            "maxLength": 200,
            "x-en": {"title": "Source"},
        },
        "reason": {
            "title": "修改原因",
            "type": "string",
            "minLength": 2,
            "maxLength": 500,
            "x-en": {"title": "Why it is changed"},
        },
    },
}
UI: dict[str, Any] = {
    "ui:order": ["since", "basis", "reason", "measures"],
    "ui:groups": [
        {"title": "办法", "x-en": {"title": "Rule"}, "fields": ["since", "basis", "reason"]},
        {"title": "各项指标", "x-en": {"title": "Measures"}, "fields": ["measures"]},
    ],
    "since": {"ui:widget": "date", "ui:options": {"col": 6}},
    "basis": {"ui:widget": "text"},
    "reason": {"ui:widget": "textarea"},
    "measures": {
        "ui:options": {"fixed": True, "key": "key", "open": True, "summary": ["key"]},
        "ui:help": "满分合计应为100；不计分的指标填0",
        "x-en": {"ui:help": "All points sum to 100; 0 leaves a measure out"},
        "items": {
            "ui:order": ["key", "counts", "weight", "empty"],
            "key": {"ui:widget": "facts", "ui:options": {"col": 4}},
            "counts": {"ui:widget": "facts", "ui:options": {"col": 8}},
            "weight": {
                "ui:widget": "number",
                "ui:options": {"col": 4, "unit": "分"},
                "x-en": {"ui:options": {"unit": "points"}},
            },
            "empty": {"ui:widget": "radio", "ui:options": {"col": 8}},
        },
    },
}


def given(measures: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of the form as a version has them: all that can be counted."""
    known = {one["key"]: one for one in measures}
    return [
        {
            "key": key,
            "counts": key,
            "weight": known.get(key, {}).get("weight", 0),
            "empty": known.get(key, words)["empty"],
        }
        for key, words in KNOWN.items()
    ]


def kept(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the measures of answered rows as a version keeps them, with their words."""
    return [
        {**KNOWN[row["key"]], "weight": row["weight"], "empty": row["empty"]}
        for row in rows
        if row["weight"]
    ]


def faults(measures: Iterable[Mapping[str, Any]], since: date, not_before: date) -> dict[str, Text]:
    """Return what is wrong with a new version, by field.

    :param not_before: today, or the day from which on a version holds that is published already
    """
    found = {}
    total = sum(one["weight"] for one in measures)
    if total != WHOLE:
        found["/measures"] = T("各项满分合计应为 100 分，现在是 {n} 分", n=total)
    if since < not_before:
        found["/since"] = T("不能早于今天，也不能早于已发布版本的施行日期")
    return found
