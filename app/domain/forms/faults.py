"""What is wrong with a form's two files, for whoever draws it: found when a bundle is deployed."""

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from app.domain.forms.fields import Field, Kind, Ui, fields, inlined
from app.domain.forms.formats import FORMATS
from app.domain.forms.messages import pointer
from app.domain.forms.rules import Schema, Unsupported
from app.domain.text import T, Text

TEXT_WIDGETS = {"text", "textarea", "date", "datetime", "month", "time", "email", "tel"}
WIDGETS: Mapping[Kind, set[str]] = {
    Kind.TEXT: TEXT_WIDGETS | {"facts", "hidden"},
    Kind.NUMBER: {"number", "text", "facts"},
    Kind.BOOLEAN: {"checkbox", "radio", "facts"},
    Kind.CHOICE: {"select", "radio", "facts"},
    Kind.CHOICES: {"checkboxes", "facts"},
    Kind.LINES: {"textarea", "facts"},
    Kind.FILE: {"file", "photos", "files", "facts"},
    Kind.FILES: {"files", "photos", "facts"},
    Kind.ROWS: {"rows", "people"},
    Kind.GROUP: {"group"},
}
UI_KEYS = {
    "ui:order",
    "ui:groups",
    "ui:widget",
    "ui:options",
    "ui:help",
    "ui:placeholder",
    "ui:autocomplete",
    "ui:errorMessages",
    "x-en",
    "items",
}


def faults(schema: Schema, ui: Ui) -> list[Text]:
    """Return everything that would keep the form from being shown, answered or translated."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return [T("不是有效的 JSON Schema：{where}", where=pointer(error.absolute_path) or "/")]
    if schema.get("type") != "object" or not schema.get("properties"):
        return [T("表单应是有字段的 object")]
    try:
        whole = inlined(schema)
        found = fields(whole, ui)
    except Unsupported as error:
        return [error.text]
    except (AttributeError, TypeError, KeyError):
        return [T("表单文件的结构不正确")]
    return [*_wording("", whole), *_object_faults("", whole, ui, found)]


def _object_faults(path: str, schema: Schema, ui: Ui, found: tuple[Field, ...]) -> Iterator[Text]:
    keys = {field.key for field in found}
    strange = [name for name in ui if name not in UI_KEYS and name not in keys]
    strange += [name for name in ui.get("ui:order", ()) if name not in keys]
    strange += [name for name in schema.get("required", ()) if name not in keys]
    for name in dict.fromkeys(strange):
        yield T("没有这个字段：{name}", name=path + name)
    yield from _groups(path, ui, keys)
    for field in found:
        yield from _field_faults(path, field)


def _groups(path: str, ui: Ui, keys: set[str]) -> Iterator[Text]:
    groups = ui.get("ui:groups", ())
    placed = [name for group in groups for name in group.get("fields", ())]
    for name in dict.fromkeys(placed):
        if name not in keys:
            yield T("没有这个字段：{name}", name=path + name)
        elif placed.count(name) > 1:
            yield T("字段在两个分组里：{name}", name=path + name)
    for name in sorted(keys - set(placed) if groups else ()):
        yield T("字段不在任何分组里：{name}", name=path + name)
    for group in groups:
        yield from _wording(path + "ui:groups", group)


def _field_faults(path: str, field: Field) -> Iterator[Text]:
    at = path + field.key
    yield from _wording(at, field.schema)
    for choice in field.choices:
        if _chinese(choice.title.wording) and not choice.title.english:
            yield T("缺少英文：{name}", name=f"{at} = {choice.value}")
    for key in ("ui:help", "ui:placeholder"):
        if _chinese(str(field.ui.get(key, ""))) and key not in (field.ui.get("x-en") or {}):
            yield T("缺少英文：{name}", name=f"{at} {key}")
    if field.widget not in WIDGETS[field.kind]:
        yield T("{name} 不能用控件 {widget}", name=at, widget=field.widget)
    if field.format and field.format not in FORMATS.checkers:
        yield T("{name} 的格式没有人懂：{format}", name=at, format=field.format)
    if field.kind is Kind.ROWS:
        yield from _rows_faults(at, field)
    if field.kind is Kind.GROUP:
        yield from _object_faults(f"{at}.", field.schema, field.ui, field.fields)


def _rows_faults(at: str, field: Field) -> Iterator[Text]:
    inner = {sub.key for sub in field.fields}
    for key in field.options.get("summary", ()):
        if key not in inner:
            yield T("没有这个字段：{name}", name=f"{at}.{key}")
    for sub in field.fields:
        if sub.options.get("english", sub.key) not in inner:
            yield T("没有这个字段：{name}", name=f"{at}.{sub.options['english']}")
    known = {sub.key for sub in field.fields if sub.read_only}
    if field.row_key and not (field.fixed and field.row_key in known):
        yield T("{name} 的 key 应为固定行的只读字段", name=at)
    if not field.fixed and any(sub.read_only for sub in field.fields):
        yield T("{name} 有只读字段，应加选项 fixed", name=at)
    row_ui = field.ui.get("items", {})
    yield from _object_faults(f"{at}.", field.schema["items"], row_ui, field.fields)


def _wording(at: str, spec: Mapping[str, Any]) -> Iterator[Text]:
    if not spec.get("title"):
        yield T("缺少标题：{name}", name=at or "/")
        return
    english = spec.get("x-en") or {}
    told = english if isinstance(english, str) else english.get("title")
    if _chinese(str(spec["title"])) and not told:
        yield T("缺少英文：{name}", name=at or "/")


def _chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)
