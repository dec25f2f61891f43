"""Clauses (法条与判定条款): the form in which a law is edited, its list, the words sought."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from app.domain.checklists import CODE, line
from app.domain.forms import Form
from app.domain.text import T, Text

MOST_CLAUSES = 500
MOST_WORDS, MOST_LETTERS = 6, 100
_ENDS = r"(?!之[一二三四五六七八九十]|\d|\.\d)"


class Use(StrEnum):
    """What a clause is cited for."""

    BASIS = "basis"
    CRITERION = "criterion"
    MEASURE = "measure"
    PENALTY = "penalty"


USES: Mapping[Use, Text] = {
    Use.BASIS: T("隐患依据"),
    Use.CRITERION: T("重大隐患判定"),
    Use.MEASURE: T("处理措施依据"),
    Use.PENALTY: T("处罚依据"),
}
HAZARDOUS = (Use.BASIS, Use.CRITERION)
"""What is cited where a hazard is written."""
# The columns of a list of clauses, by what their headings may say.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "article": ("条款", "条", "条文号", "article"),
    "usage": ("用途", "适用", "use"),
    "sector": ("适用行业", "行业", "sector"),
    "text": ("条文", "条文内容", "条文摘要", "text"),
    "hazard": ("隐患表述", "隐患描述", "hazard"),
    "demand": ("整改要求", "要求", "demand"),
}
Choices = Sequence[Mapping[str, Any]]


def titled(title: str) -> str:
    """Return a title between its marks."""
    return f"《{title.strip('《》')}》"


def cited(title: str, article: str) -> str:
    """Return how a clause is cited: 《中华人民共和国安全生产法》第三十五条."""
    return f"{titled(title)}{article}"


def cites(text: str, title: str, article: str) -> bool:
    """Test whether a text cites a clause: 第三十五条之一 is not 第三十五条, nor 6.4.12 6.4.1."""
    return re.search(f"{re.escape(cited(title, article))}{_ENDS}", text) is not None


def words(query: str) -> list[str]:
    """Return the words that are sought, each of which a clause must hold."""
    return query[:MOST_LETTERS].casefold().split()[:MOST_WORDS]


def sought(title: str, number: str, clause: Mapping[str, str]) -> str:
    """Return what a clause is found by."""
    parts = (clause.get(key, "") for key in ("article", "text", "hazard", "demand"))
    return "\n".join((title, number, *parts)).casefold()


def dates_problem(since: str | None, until: str | None) -> Text | None:
    """Say what is wrong with when a law holds."""
    if since and until and date.fromisoformat(until) < date.fromisoformat(since):
        return T("失效日期不能早于施行日期")
    return None


def edit_form(sectors: Choices, *, coded: bool = False) -> Form:
    """Return the form of a whole law or standard; the choices are the registry's sectors.

    One that is `coded` has its code for good.
    """
    english = {"basis": "Basis", "criterion": "Major hazard", "measure": "Measure"}
    uses = [
        {
            "const": use.value,
            "title": str(name),
            "x-en": {"title": english.get(use.value, "Penalty")},
        }
        for use, name in USES.items()
    ]
    clause = {
        "article": {**line("条款", "Article", 64), "minLength": 1},
        "usage": {**line("用途", "Cited for", 16), "oneOf": uses},
        "sector": {**line("适用行业", "Sector", 32), "oneOf": [*sectors]},
        "text": line("条文", "Text", 500),
        "hazard": line("隐患表述", "Wording of the hazard", 300),
        "demand": line("整改要求", "Wording of the demand", 300),
    }
    rows = {
        "title": "条款",
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_CLAUSES,
        "x-en": {"title": "Clauses"},
        "items": {
            "type": "object",
            "title": "条款",
            "x-en": {"title": "Clause"},
            "additionalProperties": False,
            "required": ["article", "usage"],
            "properties": clause,
        },
    }
    schema = {
        "title": "法律、标准",
        "x-en": {"title": "Law or standard"},
        "type": "object",
        "additionalProperties": False,
        "required": ["code", "name", "clauses"],
        "properties": {
            "code": {**line("代码", "Code", 32), "pattern": f"^{CODE}$", "readOnly": coded},
            "name": {**line("名称", "Title", 100), "minLength": 2},
            "number": line("文号或标准号", "Number", 64),
            "since": {**line("施行日期", "In force from", 10), "format": "date"},
            "until": {**line("失效日期", "In force until", 10), "format": "date"},
            "source": line("修改说明", "What changed", 200),
            "clauses": rows,
        },
    }
    return Form(schema, UI)


HEAD = ["code", "name", "number", "since", "until", "source"]
UI: dict[str, Any] = {
    "ui:order": [*HEAD, "clauses"],
    "ui:groups": [
        {"title": "法律、标准", "x-en": {"title": "Law or standard"}, "fields": HEAD},
        {"title": "条款", "x-en": {"title": "Clauses"}, "fields": ["clauses"]},
    ],
    "code": {
        "ui:widget": "text",
        "ui:options": {"col": 6},
        "ui:help": "小写字母、数字或下划线，以字母开头；同一代码逐版更新",
        "x-en": {"ui:help": "Small letters, digits, underscores; its versions share it"},
    },
    "name": {
        "ui:widget": "text",
        "ui:options": {"col": 6},
        "ui:help": "全称，不加书名号",
        "x-en": {"ui:help": "In full, without title marks"},
    },
    "number": {"ui:widget": "text", "ui:options": {"col": 6}},
    "since": {"ui:widget": "date", "ui:options": {"col": 6}},
    "until": {"ui:widget": "date", "ui:options": {"col": 6}},
    "source": {"ui:widget": "text", "ui:options": {"col": 12}},
    "clauses": {
        "ui:options": {"addLabel": "添加条款", "summary": ["article", "usage", "hazard"]},
        "x-en": {"ui:options": {"addLabel": "Add a clause"}},
        "items": {
            "ui:order": ["article", "usage", "sector", "text", "hazard", "demand"],
            "article": {"ui:widget": "text", "ui:options": {"col": 4}},
            "usage": {"ui:widget": "select", "ui:options": {"col": 4}},
            "sector": {"ui:widget": "select", "ui:options": {"col": 4}},
            "text": {"ui:widget": "textarea"},
            "hazard": {"ui:widget": "textarea"},
            "demand": {"ui:widget": "textarea"},
        },
    },
}
