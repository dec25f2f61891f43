"""What the registry knows of an enterprise, and in which words.

The facts and their checks are one form (`facts-schema.json`, `facts-uischema.json`): it draws the
page, judges what comes through the API, and names the fields wherever they are shown.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.domain.forms import Form
from app.domain.forms.fields import word
from app.domain.text import T, Text

HERE = Path(__file__).parent


class TermKind(StrEnum):
    """Lists of words that an office may edit."""

    SECTOR = "sector"
    TAG = "tag"
    OWNERSHIP = "ownership"


class Supervision(StrEnum):
    """Who supervises an enterprise directly (监管层级): R1 and R3 count by it."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


class Production(StrEnum):
    """How far it produces, in the words of annex 1."""

    UNKNOWN = ""
    NORMAL = "normal"
    PARTIAL = "partial"
    STOPPED = "stopped"


class Grade(StrEnum):
    """Grade of safety standardisation (标准化等级)."""

    UNKNOWN = ""
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    BELOW = "below"


class Card(StrEnum):
    """A public card; given and lifted by procedures alone."""

    NONE = "none"
    YELLOW = "yellow"
    RED = "red"


class Life(StrEnum):
    """Where an enterprise stands in law; moved by procedures alone."""

    REGISTERED = "registered"
    SUSPENDED = "suspended"
    STOPPED = "stopped"
    CLOSING = "closing"
    CLOSED = "closed"
    BANNED = "banned"
    RESUMED = "resumed"


SUPERVISIONS: Mapping[Supervision, Text] = {
    Supervision.PROVINCE: T("省直管"),
    Supervision.CITY: T("市直管"),
    Supervision.COUNTY: T("县直管"),
}
PRODUCTIONS: Mapping[Production, Text] = {
    Production.NORMAL: T("正常生产"),
    Production.PARTIAL: T("局部生产"),
    Production.STOPPED: T("停产"),
}
GRADES: Mapping[Grade, Text] = {
    Grade.FIRST: T("一级"),
    Grade.SECOND: T("二级"),
    Grade.THIRD: T("三级"),
    Grade.BELOW: T("未达标"),
}
CARDS: Mapping[Card, Text] = {
    Card.NONE: T("无牌"),
    Card.YELLOW: T("黄牌"),
    Card.RED: T("红牌"),
}
LIVES: Mapping[Life, Text] = {
    Life.REGISTERED: T("在册"),
    Life.SUSPENDED: T("暂时停产"),
    Life.STOPPED: T("停产停业整顿"),
    Life.CLOSING: T("拟关闭"),
    Life.CLOSED: T("已关闭"),
    Life.BANNED: T("已取缔"),
    Life.RESUMED: T("已复产"),
}
# What an enterprise's own principal may keep up to date.
CONTACT = ("phone", "contact", "contact_phone")
# Tables whose rows keep a number of their own, by which procedures speak of one of them.
NUMBERED: Mapping[str, str] = {"capacities": "C", "equipment": "E"}

REASON: Mapping[str, Any] = {
    "title": "变更原因",
    "type": "string",
    "minLength": 2,
    "maxLength": 500,
    "x-en": {"title": "Reason for the change"},
}
REASON_GROUP = {"title": "本次变更", "x-en": {"title": "This change"}, "fields": ["reason"]}

Choices = Mapping[str, list[dict[str, Any]]]
SCHEMA: dict[str, Any] = json.loads((HERE / "facts-schema.json").read_text("utf-8"))
UI: dict[str, Any] = json.loads((HERE / "facts-uischema.json").read_text("utf-8"))
FIELDS: tuple[str, ...] = tuple(UI["ui:order"])
"""Every fact by its key, in the order of the page."""
TITLES: Mapping[str, Text] = {key: word(SCHEMA["properties"][key], "title") for key in FIELDS}


def facts_form(choices: Choices, *, changing: bool = False) -> Form:
    """Return the form of all facts; `choices` are those of the fields whose lists are data.

    When `changing`, it also asks why the facts are changed.
    """
    properties = _chosen(choices)
    if not changing:
        return Form({**SCHEMA, "properties": properties}, UI)
    schema = {**SCHEMA, "properties": {**properties, "reason": REASON}}
    schema["required"] = [*SCHEMA["required"], "reason"]
    return Form(schema, {**UI, "ui:groups": [*UI["ui:groups"], REASON_GROUP]})


def contact_form() -> Form:
    """Return the form of what a principal may change."""
    properties = {key: SCHEMA["properties"][key] for key in CONTACT}
    schema = {key: SCHEMA[key] for key in ("title", "x-en", "type", "additionalProperties")}
    ui = {key: UI[key] for key in CONTACT if key in UI}
    return Form({**schema, "properties": properties}, {**ui, "ui:order": list(CONTACT)})


def _chosen(choices: Choices) -> dict[str, Any]:
    properties = dict(SCHEMA["properties"])
    for key, listed in choices.items():
        field = properties[key]
        # A list may be empty; no schema may choose from nothing.
        options = {"oneOf": listed or [{"const": "", "title": "—"}]}
        if field["type"] == "array":
            properties[key] = {**field, "items": {"type": "string", **options}}
        else:
            properties[key] = {**field, **options}
    return properties
