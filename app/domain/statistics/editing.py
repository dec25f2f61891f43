"""The form in which a table of statistics is edited."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.domain.forms import Form
from app.domain.statistics import BYS, SOURCES, SPANS, TYPES, Group
from app.domain.text import Text

MOST_COLUMNS = 60
CODE = r"[a-z][a-z0-9_]{0,31}"
ENGLISH: Mapping[str, str] = {
    "integer": "Whole number",
    "text": "Text",
    "share": "Share",
    "plant": "Enterprises",
    "office": "The office that consolidates",
    "campaign": "Since the campaign began",
    "period": "This period",
    "typed": "Typed",
    "worked_out": "Worked out of two columns",
    "general_found": "General hazards found",
    "general_closed": "General hazards put right",
    "major_found": "Major hazards found",
    "major_closed": "Major hazards put right",
    "found": "All hazards found",
    "found_by_plant": "Hazards found by the enterprise",
    "found_by_inspectors": "Hazards found by inspectors",
    "closed": "All hazards put right",
    "under_way": "Hazards being put right",
    "members": "Enterprises of the campaign",
    "inspection_groups": "Inspection groups (different crews)",
    "inspectors": "Inspectors who went",
    "inspections": "Inspections (records on site)",
    "plants_inspected": "Enterprises inspected",
    "inspector_times": "Inspectors, each time",
    "expert_times": "Experts, each time",
    "orders": "Orders to put right",
    "measures": "Decisions on measures on site",
    "stops": "Decisions to stop production",
    "major_content": "Major hazard: what",
    "major_place": "Major hazard: where",
    "major_measures": "Major hazard: measures",
    "major_deadline": "Major hazard: deadline",
    "major_state": "Major hazard: state",
}


def _line(title: str, english: str, most: int) -> dict[str, Any]:
    return {"title": title, "type": "string", "maxLength": most, "x-en": {"title": english}}


def _choice(title: str, english: str, words: Mapping[Any, Text]) -> dict[str, Any]:
    return {
        "title": title,
        "type": "string",
        "oneOf": [
            {"const": str(key), "title": str(text), "x-en": {"title": ENGLISH[str(key)]}}
            for key, text in words.items()
        ],
        "x-en": {"title": english},
    }


def _rows(
    title: str,
    english: str,
    properties: Mapping[str, Any],
    required: Sequence[str],
    bounds: tuple[int, int],
) -> dict[str, Any]:
    least, most = bounds
    return {
        "title": title,
        "type": "array",
        "minItems": least,
        "maxItems": most,
        "x-en": {"title": english},
        "items": {
            "type": "object",
            "title": title,
            "x-en": {"title": english},
            "additionalProperties": False,
            "required": list(required),
            "properties": properties,
        },
    }


def edit_form(groups: Iterable[Group]) -> Form:
    """Return the form of a whole table; its groups are the notice's and stay."""
    key = {"type": "string", "pattern": f"^{CODE}$", "maxLength": 32}
    column = {
        "key": {**key, "title": "代码", "x-en": {"title": "Code"}},
        "group": {
            "title": "栏组",
            "type": "string",
            "oneOf": [
                {
                    "const": group.key,
                    "title": group.title.wording,
                    "x-en": {"title": group.title.english or group.title.wording},
                }
                for group in groups
            ],
            "x-en": {"title": "Group"},
        },
        "title": {**_line("栏名", "Title", 40), "minLength": 1},
        "english": _line("英文栏名", "English title", 80),
        "unit": _line("单位", "Unit", 10),
        "unit_en": _line("英文单位", "English unit", 20),
        "type": _choice("类型", "Type", TYPES),
        "source": _choice(
            "数据来源", "Source", {name: source.title for name, source in SOURCES.items()}
        ),
        "by": _choice("填报方", "Filled in by", BYS),
        "span": _choice("统计区间", "Counted", SPANS),
        "part": {**_line("分子栏代码", "Code of the part", 32)},
        "whole": {**_line("分母栏代码", "Code of the whole", 32)},
    }
    check = {
        "less": {**key, "title": "较小栏代码", "x-en": {"title": "Never more: code"}},
        "more": {**key, "title": "较大栏代码", "x-en": {"title": "than: code"}},
    }
    needed = ("key", "group", "title", "type", "source", "by", "span")
    schema = {
        "title": "统计报表",
        "x-en": {"title": "Table of statistics"},
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "source", "columns"],
        "properties": {
            "name": {**_line("报表名称", "Name", 64), "minLength": 2},
            "name_en": _line("英文名称", "English name", 128),
            "source": {**_line("依据文件", "Source", 200), "minLength": 2},
            "columns": _rows("子栏目", "Columns", column, needed, (1, MOST_COLUMNS)),
            "checks": _rows("校验关系", "Checks", check, ("less", "more"), (0, 40)),
        },
    }
    return Form(schema, UI)


HALF = {"ui:options": {"col": 6}}
UI: dict[str, Any] = {
    "ui:order": ["name", "name_en", "source", "columns", "checks"],
    "ui:groups": [
        {"title": "报表", "x-en": {"title": "Table"}, "fields": ["name", "name_en", "source"]},
        {"title": "子栏目", "x-en": {"title": "Columns"}, "fields": ["columns"]},
        {"title": "校验关系", "x-en": {"title": "Checks"}, "fields": ["checks"]},
    ],
    "name": {"ui:widget": "text"},
    "name_en": {"ui:widget": "text"},
    "source": {"ui:widget": "text"},
    "columns": {
        "ui:options": {"addLabel": "添加子栏目", "summary": ["title", "group"]},
        "x-en": {"ui:options": {"addLabel": "Add a column"}},
        "items": {
            "ui:order": [
                *("group", "key", "title", "english", "unit", "unit_en", "type", "source"),
                *("by", "span", "part", "whole"),
            ],
            "group": {"ui:widget": "select", **HALF},
            "key": {
                "ui:widget": "text",
                **HALF,
                "ui:help": "小写字母、数字或下划线，以字母开头",
                "x-en": {"ui:help": "Small letters, digits, underscores"},
            },
            "title": {"ui:widget": "text", **HALF},
            "english": {"ui:widget": "text", **HALF},
            "unit": {"ui:widget": "text", **HALF},
            "unit_en": {"ui:widget": "text", **HALF},
            "type": {"ui:widget": "select", **HALF},
            "source": {"ui:widget": "select", **HALF},
            "by": {"ui:widget": "select", **HALF},
            "span": {"ui:widget": "select", **HALF},
            "part": {
                "ui:widget": "text",
                **HALF,
                "ui:help": "仅比率栏填写",
                "x-en": {"ui:help": "Of a share alone"},
            },
            "whole": {
                "ui:widget": "text",
                **HALF,
                "ui:help": "仅比率栏填写",
                "x-en": {"ui:help": "Of a share alone"},
            },
        },
    },
    "checks": {
        "ui:options": {"addLabel": "添加校验", "summary": ["less", "more"]},
        "x-en": {"ui:options": {"addLabel": "Add a check"}},
        "items": {
            "ui:order": ["less", "more"],
            "less": {"ui:widget": "text", **HALF},
            "more": {"ui:widget": "text", **HALF},
        },
    },
}
