"""Checklists: the form in which one is edited, and the list from which one is read."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.forms import Form
from app.domain.text import T, Text

MOST_ITEMS = 300
CODE = r"[a-z][a-z0-9_]{0,31}"
CLASSES: Mapping[str, Text] = {"general": T("一般隐患"), "major": T("重大隐患")}
# The columns of a list of items, by what their headings may say.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "text": ("检查内容", "检查项目", "检查事项", "内容", "item"),
    "text_en": ("检查内容（英文）", "item (english)"),
    "basis": ("法律依据", "检查依据", "依据", "legal basis", "basis"),
    "basis_en": ("法律依据（英文）", "legal basis (english)"),
    "sector": ("适用行业", "行业", "sector"),
    "tag": ("适用标签", "专项标签", "标签", "tag"),
    "hazard_class": ("隐患等级", "等级提示", "hazard class"),
}
Choices = Sequence[Mapping[str, Any]]


def line(title: str, english: str, most: int) -> dict[str, Any]:
    """Return a field of one line, in both languages."""
    return {"title": title, "type": "string", "maxLength": most, "x-en": {"title": english}}


def edit_form(sectors: Choices, tags: Choices, *, coded: bool = False) -> Form:
    """Return the form of a whole checklist; the choices are the registry's words.

    One that is `coded` has its code for good.
    """
    classes = [
        {"const": "general", "title": "一般隐患", "x-en": {"title": "General"}},
        {"const": "major", "title": "重大隐患", "x-en": {"title": "Major"}},
    ]
    item = {
        "text": {**line("检查内容", "Item", 300), "minLength": 4},
        "text_en": line("检查内容（英文）", "Item (English)", 500),
        "basis": {**line("法律依据", "Legal basis", 300), "minLength": 4},
        "basis_en": line("法律依据（英文）", "Legal basis (English)", 500),
        "sector": {**line("适用行业", "Sector", 32), "oneOf": [*sectors]},
        "tag": {**line("适用标签", "Tag", 32), "oneOf": [*tags]},
        "hazard_class": {**line("隐患等级提示", "Hints at", 16), "oneOf": classes},
    }
    rows = {
        "title": "检查项",
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_ITEMS,
        "x-en": {"title": "Items"},
        "items": {
            "type": "object",
            "title": "检查项",
            "x-en": {"title": "Item"},
            "additionalProperties": False,
            "required": ["text", "basis"],
            "properties": item,
        },
    }
    schema = {
        "title": "检查清单",
        "x-en": {"title": "Checklist"},
        "type": "object",
        "additionalProperties": False,
        "required": ["code", "name", "source", "items"],
        "properties": {
            "code": {**line("代码", "Code", 32), "pattern": f"^{CODE}$", "readOnly": coded},
            "name": {**line("清单名称", "Name", 64), "minLength": 2},
            "name_en": line("英文名称", "English name", 128),
            "source": {**line("依据文件", "Source", 200), "minLength": 2},
            "items": rows,
        },
    }
    return Form(schema, UI)


UI: dict[str, Any] = {
    "ui:order": ["code", "name", "name_en", "source", "items"],
    "ui:groups": [
        {
            "title": "清单",
            "x-en": {"title": "Checklist"},
            "fields": ["code", "name", "name_en", "source"],
        },
        {"title": "检查项", "x-en": {"title": "Items"}, "fields": ["items"]},
    ],
    "code": {
        "ui:widget": "text",
        "ui:options": {"col": 6},
        "ui:help": "小写字母、数字或下划线，以字母开头；同一代码的清单逐版更新",
        "x-en": {
            "ui:help": "Small letters, digits, underscores; the versions of one list share it"
        },
    },
    "name": {"ui:widget": "text", "ui:options": {"col": 6}},
    "name_en": {"ui:widget": "text", "ui:options": {"col": 6}},
    "source": {"ui:widget": "text", "ui:options": {"col": 6}},
    "items": {
        "ui:options": {"addLabel": "添加检查项", "summary": ["text", "basis"]},
        "x-en": {"ui:options": {"addLabel": "Add an item"}},
        "items": {
            "ui:order": ["text", "text_en", "basis", "basis_en", "sector", "tag", "hazard_class"],
            "text": {"ui:widget": "textarea"},
            "text_en": {"ui:widget": "textarea"},
            "basis": {"ui:widget": "text", "ui:options": {"col": 6}},
            "basis_en": {"ui:widget": "text", "ui:options": {"col": 6}},
            "sector": {"ui:widget": "select", "ui:options": {"col": 6}},
            "tag": {"ui:widget": "select", "ui:options": {"col": 6}},
            "hazard_class": {"ui:widget": "radio"},
        },
    },
}


def headed(cells: Sequence[str], headings: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return which column holds which part of a line, by what the heading may say."""
    known = {_plain(name): key for key, names in headings.items() for name in names}
    found: dict[str, int] = {}
    for index, cell in enumerate(cells):
        key = known.get(_plain(cell))
        if key is not None:
            found.setdefault(key, index)
    return found


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("\n", "").strip().lower()
