"""A schema and its uischema, made into fields once, so that nobody else walks the JSON."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.domain.forms.rules import ALWAYS, Rule, Schema, Unsupported, rules
from app.domain.text import T, Term

Ui = Mapping[str, Any]
KEY = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*")


class Kind(StrEnum):
    """What an answer is."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CHOICES = "choices"
    LINES = "lines"
    FILE = "file"
    FILES = "files"
    ROWS = "rows"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers to choose from."""

    value: Any
    title: Term


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form, or a group of them, or a table of them."""

    key: str
    kind: Kind
    title: Term
    schema: Schema
    ui: Ui
    required: bool
    asked: Rule
    demanded: Rule
    choices: tuple[Choice, ...] = ()
    fields: tuple["Field", ...] = ()

    @property
    def options(self) -> Mapping[str, Any]:
        options: Mapping[str, Any] = self.ui.get("ui:options", {})
        return options

    @property
    def widget(self) -> str:
        """The control's name in the uischema, or the natural one for the kind."""
        return str(self.ui.get("ui:widget") or _natural(self))

    @property
    def format(self) -> str:
        return str(self.schema.get("format", ""))

    @property
    def whole(self) -> bool:
        return self.schema.get("type") == "integer"

    @property
    def fixed(self) -> bool:
        """Whether its rows are given, so that none may be added or removed."""
        return bool(self.options.get("fixed"))

    @property
    def row_key(self) -> str:
        """The read-only field by which given rows are told apart; "" where their order does it."""
        return str(self.options.get("key", ""))

    @property
    def read_only(self) -> bool:
        return bool(self.schema.get("readOnly"))

    @property
    def ticked(self) -> bool:
        """Whether it is a box to tick, in which leaving it empty is an answer, too."""
        return self.kind is Kind.BOOLEAN and self.widget == "checkbox"

    @property
    def must_tick(self) -> bool:
        return self.ticked and self.schema.get("const") is True


def word(spec: Mapping[str, Any], key: str, default: str = "") -> Term:
    """Return a wording of the schema or uischema with its English from `x-en`."""
    english = spec.get("x-en") or {}
    if isinstance(english, str):
        english = {"title": english}
    return Term(str(spec.get(key, default)), english=str(english.get(key, "")))


def option_word(ui: Ui, key: str) -> Term:
    """Return a wording among the `ui:options`."""
    english = (ui.get("x-en") or {}).get("ui:options", {})
    return Term(str(ui.get("ui:options", {}).get(key, "")), english=str(english.get(key, "")))


def inlined(schema: Schema) -> dict[str, Any]:
    """Return the schema with every `$ref` replaced by what it refers to.

    :raises Unsupported: if a reference leaves the file, points nowhere, or to itself
    """
    resolved = _resolved(schema, schema, ())
    resolved.pop("$defs", None)
    return dict(resolved)


def _resolved(node: Any, root: Schema, path: Sequence[str]) -> Any:
    if isinstance(node, list):
        return [_resolved(item, root, path) for item in node]
    if not isinstance(node, Mapping):
        return node
    if isinstance(reference := node.get("$ref"), str):
        if reference in path:
            raise Unsupported(T("$ref 指向自己：{name}", name=reference))
        aside = {key: value for key, value in node.items() if key != "$ref"}
        target = _resolved(_target(reference, root), root, (*path, reference))
        return {**target, **_resolved(aside, root, path)}
    return {
        key: value if key == "$defs" else _resolved(value, root, path)
        for key, value in node.items()
    }


def _target(reference: str, root: Schema) -> Mapping[str, Any]:
    found: Any = root
    for step in reference.removeprefix("#/").split("/"):
        found = found.get(step) if isinstance(found, Mapping) else None
    if not reference.startswith("#/") or not isinstance(found, Mapping):
        raise Unsupported(T("$ref 找不到目标：{name}", name=reference))
    return found


def fields(schema: Schema, ui: Ui) -> tuple[Field, ...]:
    """Return an object's fields in the order of the uischema.

    :raises Unsupported: if the schema asks for more than these forms can do
    """
    properties: Mapping[str, Schema] = schema.get("properties", {})
    asked, demanded = rules(schema)
    required = set(schema.get("required", ()))
    made = []
    for key in _ordered(properties, ui):
        sub_ui = ui.get(key, {})
        always = key in required or sub_ui.get("ui:options", {}).get("always")
        made.append(
            _field(
                key,
                properties[key],
                sub_ui,
                required=key in required,
                asked=ALWAYS if always else asked.get(key, ALWAYS),
                demanded=demanded.get(key, ()),
            )
        )
    return tuple(made)


def _ordered(properties: Mapping[str, Schema], ui: Ui) -> Iterator[str]:
    wished = [key for key in ui.get("ui:order", ()) if key in properties]
    yield from wished
    yield from (key for key in properties if key not in wished)


def _field(
    key: str, schema: Schema, ui: Ui, *, required: bool, asked: Rule, demanded: Rule
) -> Field:
    if not KEY.fullmatch(key):
        raise Unsupported(T("字段名只能由字母、数字和下划线组成：{name}", name=key))
    kind = _kind(key, schema)
    inner: tuple[Field, ...] = ()
    if kind is Kind.ROWS:
        inner = fields(schema["items"], ui.get("items", {}))
    elif kind is Kind.GROUP:
        inner = fields(schema, ui)
    if kind is Kind.ROWS and any(field.kind in {Kind.ROWS, Kind.GROUP} for field in inner):
        raise Unsupported(T("行里不能再有行或分组：{name}", name=key))
    source = schema.get("items", {}) if kind is Kind.CHOICES else schema
    return Field(
        key=key,
        kind=kind,
        title=word(schema, "title", key),
        schema=schema,
        ui=ui,
        required=required,
        asked=asked,
        demanded=demanded,
        choices=tuple(_choices(source)) if kind in {Kind.CHOICE, Kind.CHOICES} else (),
        fields=inner,
    )


def _kind(key: str, schema: Schema) -> Kind:
    match schema.get("type"):
        case "string" | "integer" | "number" if _chosen(schema):
            return Kind.CHOICE
        case "string":
            return Kind.FILE if schema.get("format") == "attachment" else Kind.TEXT
        case "integer" | "number":
            return Kind.NUMBER
        case "boolean":
            return Kind.BOOLEAN
        case "object":
            return Kind.GROUP
        case "array":
            return _kind_of_items(key, schema.get("items", {}))
        case other:
            raise Unsupported(T("{name} 的类型不支持：{type}", name=key, type=str(other)))


def _kind_of_items(key: str, items: Schema) -> Kind:
    match items.get("type"):
        case "object":
            return Kind.ROWS
        case "string" | "integer" | "number" if _chosen(items):
            return Kind.CHOICES
        case "string":
            return Kind.FILES if items.get("format") == "attachment" else Kind.LINES
        case other:
            raise Unsupported(T("{name} 的类型不支持：{type}", name=key, type=str(other)))


def _chosen(schema: Schema) -> bool:
    return "enum" in schema or any("const" in one for one in schema.get("oneOf", ()))


def _choices(schema: Schema) -> Iterator[Choice]:
    for value in schema.get("enum", ()):
        yield Choice(value, Term(str(value)))
    for one in schema.get("oneOf", ()):
        yield Choice(one["const"], word(one, "title", str(one["const"])))


def _natural(field: Field) -> str:
    if field.kind is Kind.BOOLEAN:
        return "checkbox" if field.schema.get("const") is True else "radio"
    if field.kind is Kind.TEXT:
        return {"date": "date", "date-time": "datetime"}.get(field.format, "text")
    return {Kind.CHOICE: "select", Kind.CHOICES: "checkboxes", Kind.LINES: "textarea"}.get(
        field.kind, field.kind.value
    )
