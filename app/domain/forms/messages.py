"""What a failed check says: one precise sentence for each place, in words that can be translated.

The English sentences of the jsonschema library are never read: its error names the keyword, the
value the keyword asked for, and the value found, and that is enough.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from app.domain.forms.fields import Field, Kind, option_word, word
from app.domain.text import T, Term, Text

Path = tuple[str | int, ...]

BETWEEN_FIELDS = {"anyOf", "oneOf", "not"}
CONTRADICTION = T("各项内容互相矛盾，请核对")

BY_FORMAT: Mapping[str, Callable[[Term], Text]] = {
    "date": lambda field: T("{field}不是有效日期，应形如 2026-11-20", field=field),
    "date-time": lambda field: T("{field}不是有效时间，应形如 2026-11-20 15:04", field=field),
    "month": lambda field: T("{field}不是有效月份，应形如 2026-11", field=field),
    "time": lambda field: T("{field}不是有效时刻，应形如 15:04", field=field),
    "phone": lambda field: T("{field}应为手机号码或带区号的座机号码", field=field),
    "digits": lambda field: T("{field}只能是数字", field=field),
    "email": lambda field: T("{field}不是有效的电子邮箱", field=field),
    "uscc": lambda field: T("{field}不是有效的统一社会信用代码，请核对 18 位代码", field=field),
    "attachment": lambda field: T("{field}中的文件已失效，请重新上传", field=field),
}

BY_TYPE: Mapping[str, Callable[[Term], Text]] = {
    "integer": lambda field: T("{field}应为整数", field=field),
    "number": lambda field: T("{field}应为数字", field=field),
}

BY_KEYWORD: Mapping[str, Callable[[Term, Any], Text]] = {
    "minLength": lambda field, limit: T("{field}至少 {limit} 个字", field=field, limit=limit),
    "maxLength": lambda field, limit: T("{field}最多 {limit} 个字", field=field, limit=limit),
    "pattern": lambda field, _: T("{field}的格式不正确", field=field),
    "minimum": lambda field, limit: T("{field}不能小于 {limit}", field=field, limit=limit),
    "maximum": lambda field, limit: T("{field}不能大于 {limit}", field=field, limit=limit),
    "exclusiveMinimum": lambda field, limit: T("{field}应大于 {limit}", field=field, limit=limit),
    "exclusiveMaximum": lambda field, limit: T("{field}应小于 {limit}", field=field, limit=limit),
    "multipleOf": lambda field, limit: T("{field}应为 {limit} 的整数倍", field=field, limit=limit),
    "enum": lambda field, _: T("{field}不在可选范围内，请重新选择", field=field),
    "oneOf": lambda field, _: T("{field}不在可选范围内，请重新选择", field=field),
    "const": lambda field, _: T("{field}的内容不正确", field=field),
    "uniqueItems": lambda field, _: T("{field}有重复项", field=field),
    "minItems": lambda field, limit: T("{field}至少 {limit} 项", field=field, limit=limit),
    "maxItems": lambda field, limit: T("{field}最多 {limit} 项", field=field, limit=limit),
    "required": lambda field, _: T("请填写{field}", field=field),
    "dependentRequired": lambda field, _: T("请填写{field}", field=field),
    "additionalProperties": lambda field, _: T("不认识的内容：{field}", field=field),
}


def messages(validator: Draft202012Validator, value: Any) -> dict[str, Text]:
    """Return what is wrong with `value`, by JSON Pointer; for schemas that are no forms, too."""
    found: dict[str, Text] = {}
    for path, error in _problems(validator, value):
        found.setdefault(pointer(path), _plain(error, _title(error, path)))
    return found


def form_messages(
    validator: Draft202012Validator, answers: Any, fields: tuple[Field, ...]
) -> dict[str, Text]:
    """Return what is wrong with the answers to a form, in the order of its fields."""
    found: dict[Path, Text] = {}
    for path, error in _problems(validator, answers):
        at, text = _about(path, error, fields)
        found.setdefault(at, text)
    return {
        pointer(path): found[path] for path in sorted(found, key=lambda path: _place(path, fields))
    }


def pointer(path: Iterable[str | int]) -> str:
    """Return the JSON Pointer (RFC 6901) of a path."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
    return "".join(f"/{step}" for step in steps)


def _problems(
    validator: Draft202012Validator, value: Any
) -> Iterator[tuple[Path, ValidationError]]:
    for error in validator.iter_errors(value):
        path = tuple(error.absolute_path)
        missing: Iterable[str] = ()
        if error.validator == "required":
            missing = [name for name in error.validator_value if name not in error.instance]
        elif error.validator == "dependentRequired":
            needed = [
                name
                for key in error.validator_value
                if key in error.instance
                for name in error.validator_value[key]
            ]
            missing = [name for name in needed if name not in error.instance]
        elif error.validator == "additionalProperties":
            known = error.schema.get("properties", {})
            missing = [name for name in error.instance if name not in known]
        if not missing:
            yield path, error
        for name in missing:
            yield (*path, name), error


def _title(error: ValidationError, path: Path) -> Term:
    schema: Any = error.schema
    if error.validator == "required" and isinstance(schema, Mapping):
        schema = schema.get("properties", {}).get(path[-1], {})
    name = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
    return word(schema if isinstance(schema, Mapping) else {}, "title", name)


def _plain(error: ValidationError, title: Term) -> Text:
    keyword, limit = str(error.validator), error.validator_value
    by_value = {"format": BY_FORMAT, "type": BY_TYPE}.get(keyword, {})
    if isinstance(limit, str) and limit in by_value:
        return by_value[limit](title)
    if keyword in BY_KEYWORD:
        return BY_KEYWORD[keyword](title, limit)
    return T("{field}不符合要求", field=title)


def _about(path: Path, error: ValidationError, fields: tuple[Field, ...]) -> tuple[Path, Text]:
    """Return where the problem shows and what it says."""
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    field = locate(path, fields)
    if error.validator in BETWEEN_FIELDS and (field is None or field.fields):
        told = word(schema, "x-message") if "x-message" in schema else CONTRADICTION
        at = schema.get("x-at") or next(_compared(error.validator_value), None)
        return ((*path, at) if at else path), told
    if field is None:
        return path, CONTRADICTION
    return path, own_message(field, str(error.validator)) or _precise(field, error)


def _compared(schema: Any) -> Iterator[str]:
    """Yield the fields that a rule between fields looks at."""
    for branch in schema if isinstance(schema, list) else [schema]:
        yield from branch.get("properties", ())
        yield from branch.get("required", ())


def own_message(field: Field, keyword: str) -> Text | None:
    """Return the wording that the uischema has for this failure, if any."""
    wordings = field.ui.get("ui:errorMessages", {})
    english = (field.ui.get("x-en") or {}).get("ui:errorMessages", {})
    if keyword not in wordings:
        return None
    return Term(str(wordings[keyword]), english=str(english.get(keyword, "")))


def _precise(field: Field, error: ValidationError) -> Text:
    title, limit = field.title, error.validator_value
    match error.validator:
        case "required" | "dependentRequired":
            return missing(field)
        case "minItems" if isinstance(limit, int):
            return _too_few(field, limit)
        case "maxItems":
            return T("{field}最多 {limit} {unit}", field=title, limit=limit, unit=_unit(field))
        case "const" if field.must_tick:
            return T("请勾选：{field}", field=title)
        case _ if error.schema is False:
            return T("{field}不应填写", field=title)
        case _:
            return _plain(error, title)


def missing(field: Field) -> Text:
    """Return what to say about a field that has no answer."""
    title = field.title
    if field.kind in {Kind.FILES, Kind.ROWS}:
        return _too_few(field, field.schema.get("minItems", 1))
    if field.must_tick:
        return T("请勾选：{field}", field=title)
    if field.kind is Kind.FILE:
        return T("请上传{field}", field=title)
    if field.kind in {Kind.CHOICE, Kind.CHOICES, Kind.BOOLEAN}:
        return T("请选择{field}", field=title)
    return T("请填写{field}", field=title)


def _too_few(field: Field, limit: int) -> Text:
    if field.kind is Kind.CHOICES:
        return T("{field}至少选 {limit} 项", field=field.title, limit=limit)
    return T("{field}至少 {limit} {unit}", field=field.title, limit=limit, unit=_unit(field))


def _unit(field: Field) -> Text:
    """Return the measure word for a field's items; the option `unit` names a better one."""
    if "unit" in field.options:
        return option_word(field.ui, "unit")
    if field.widget == "photos":
        return T("张")
    if field.widget == "people":
        return T("人")
    return T("个文件") if field.kind is Kind.FILES else T("项")


def locate(path: Path, fields: tuple[Field, ...]) -> Field | None:
    """Return the field that a path leads to, or the one that holds what it leads to."""
    found: Field | None = None
    inner = fields
    for step in path:
        if isinstance(step, int):
            continue
        below = next((field for field in inner if field.key == step), None)
        if below is None:
            return found
        found, inner = below, below.fields
    return found


def _place(path: Path, fields: tuple[Field, ...]) -> tuple[int, ...]:
    """Return where on the page a path is, to sort by; fields are in the order of the page."""
    places: list[int] = []
    inner = fields
    for step in path:
        if isinstance(step, int):
            places.append(step)
            continue
        keys = [field.key for field in inner]
        index = keys.index(step) if step in keys else len(keys)
        inner = inner[index].fields if index < len(keys) else ()
        places.append(index)
    return tuple(places)
