"""The wording of papers (文书用语): its entries, what may stand in one, a sample of what fills it.

An entry is named by its kind of paper and its key there; a choice of a key is named behind a dot
(`titles.yellow`). A pair in a list, as of the points of a legal review, is a choice too.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.text import T, Text

Entry = str | int
Wording = Mapping[str, Mapping[str, Any]]
Changes = Mapping[str, Mapping[str, Entry]]

MOST, MOST_NUMBER = 600, 3650
PLACE = re.compile(r"\{([a-z_]+)\}")
DAY, TITLE = "2026-11-20", "〔{title}〕"
WIDE = "\u3000"
"""The blank of one character that parts names in a line."""
DEPTH = 64
"""The characters of a digest, which a paper breaks in the middle."""


def entries(kind: Mapping[str, Any]) -> dict[str, Entry]:
    """Return what a kind of paper says, by the key of each entry."""
    return dict(_entries(kind, ""))


def _entries(part: Mapping[str, Any], before: str) -> Iterator[tuple[str, Entry]]:
    for key, value in part.items():
        if isinstance(value, list | Mapping):
            yield from _entries(_named(value), f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _named(part: Mapping[str, Any] | list[Any]) -> Mapping[str, Any]:
    """Return the choices of an entry by their names; lines that have none by their numbers."""
    if isinstance(part, Mapping):
        return part
    if all(isinstance(one, list) for one in part):
        return dict(part)
    return {str(number): one for number, one in enumerate(part, 1)}


def changed(kind: Mapping[str, Any], changes: Mapping[str, Entry]) -> dict[str, Any]:
    """Return what a kind of paper says once some of its entries are changed."""
    return _changed(kind, changes, "")


def _changed(part: Mapping[str, Any], changes: Mapping[str, Entry], before: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in part.items():
        if isinstance(value, list | Mapping):
            inner = _changed(_named(value), changes, f"{before}{key}.")
            found[key] = _as(value, inner)
        else:
            found[key] = changes.get(f"{before}{key}", value)
    return found


def _as(shape: Mapping[str, Any] | list[Any], inner: dict[str, Any]) -> Any:
    if isinstance(shape, Mapping):
        return inner
    if all(isinstance(one, list) for one in shape):
        return [[name, one] for name, one in inner.items()]
    return [*inner.values()]


def whole(shipped: Wording, changes: Changes) -> dict[str, dict[str, Any]]:
    """Return the wording of all kinds with an office's changes to what came with the product."""
    return {kind: changed(part, changes.get(kind, {})) for kind, part in shipped.items()}


def differing(one: Wording, other: Wording) -> dict[str, dict[str, Entry]]:
    """Return what `other` says otherwise than `one`, of the entries that `one` has."""
    found = {}
    for kind, part in one.items():
        theirs = entries(other.get(kind, {}))
        mine = entries(part).items()
        found[kind] = {key: theirs[key] for key, was in mine if theirs.get(key, was) != was}
    return {kind: part for kind, part in found.items() if part}


def places(entry: Entry) -> list[str]:
    """Return the places of an entry that its template fills in, as `{day}`, each once."""
    return list(dict.fromkeys(found[0] for found in PLACE.finditer(str(entry))))


def typed(shipped: Entry, given: Entry) -> Entry:
    """Return what somebody wrote into an entry as it is kept: a number where it is one."""
    text = str(given).strip() if isinstance(given, str) else given
    if isinstance(shipped, int) and isinstance(text, str) and text.isascii() and text.isdigit():
        return int(text[:9])
    return text


def problem(shipped: Entry, given: Entry) -> Text | None:
    """Say what is wrong with an entry; whether it can be printed is not looked at."""
    if isinstance(shipped, int):
        if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= MOST_NUMBER:
            return T("应为 1 至 {n} 的整数", n=MOST_NUMBER)
        return None
    if not isinstance(given, str) or (shipped and not given):
        return T("请填写用语")
    if len(given) > MOST:
        return T("不能超过 {n} 个字", n=MOST)
    if not given.replace(WIDE, "").isprintable():
        return T("含有不能打印的字符")
    return _wrong_places(places(shipped), given)


def _wrong_places(needed: list[str], given: str) -> Text | None:
    # What is filled in is a format string: beyond these places it may hold no brace at all.
    if lacking := [one for one in needed if one not in given]:
        return T("须保留填写处 {places}", places=" ".join(lacking))
    left = given
    for one in needed:
        left = left.replace(one, "")
    if "{" in left or "}" in left:
        if not needed:
            return T("此处没有填写处，不能使用花括号")
        return T("除填写处 {places} 外不能使用花括号", places=" ".join(needed))
    return None


def sample(schema: Mapping[str, Any], *, spare: bool = False) -> Any:
    """Return data for a paper that nobody will issue: each field says what it is called.

    One that is `spare` has the least that a paper of its kind needs. Where not every value of a
    field makes a paper, its schema names one that does (`x-sample`).
    """
    kind = schema.get("type", "string")
    if kind == "object":
        return _fields(schema, spare=spare)
    if kind == "array":
        inner = schema["items"]
        if "enum" in inner and not spare:
            return list(inner["enum"])
        return [sample(inner, spare=spare)] * max(1, schema.get("minItems", 0))
    plain = {"integer": schema.get("minimum", 1), "number": schema.get("minimum", 1)}
    return {**plain, "boolean": False}.get(kind, _text(schema))


def _fields(schema: Mapping[str, Any], *, spare: bool) -> dict[str, Any]:
    either = [one["required"] for one in schema.get("anyOf", ())][:1]
    needed = {*schema.get("required", ()), *(name for names in either for name in names)}
    fields = schema.get("properties", {}).items()
    return {key: sample(one, spare=spare) for key, one in fields if key in needed or not spare}


def _text(schema: Mapping[str, Any]) -> str:
    if chosen := [schema[key] for key in ("x-sample", "const") if key in schema]:
        return str(chosen[0])
    if "enum" in schema:
        return str(schema["enum"][0])
    if schema.get("format") == "date":
        return DAY
    if schema.get("minLength", 0) >= DEPTH:
        return "0" * DEPTH
    return TITLE.format(title=schema["title"]) if "title" in schema else "1"
