"""Whether a form that somebody hands in is sound: it can harm neither the server nor its users.

Our own forms are held by tests; a deployed one comes from outside. Nothing in it is looked up
elsewhere, every pattern is matched in a time that grows with the text alone, and what JSON Schema
itself does not allow is refused before anybody meets it.
"""

import re
from collections.abc import Iterator, Mapping
from re import _constants, _parser  # type: ignore[attr-defined]  # what a pattern is made of
from typing import Any

from jsonschema import Draft202012Validator, SchemaError

from app.domain.forms.rules import Unsupported
from app.domain.text import T

LINKS = frozenset({"$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$anchor", "$id"})
REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT)
PLAIN_UI = {"ui:order": list, "ui:groups": list}
MOST = 200
"""Characters of a pattern."""
FEW = 9
"""How often something may repeat before it counts as without end."""


def must_be_sound(schema: Any, ui: Any) -> None:
    """Refuse a schema and a uischema that are not sound.

    :raises Unsupported: what is wrong, in words
    """
    if not isinstance(schema, Mapping) or not isinstance(ui, Mapping):
        raise Unsupported(T("表单文件应为 JSON 对象"))
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as wrong:
        at = "/".join(str(step) for step in wrong.absolute_path)
        raise Unsupported(T("不符合 JSON Schema：{at}", at=f"/{at}")) from wrong
    for node in _objects(schema):
        if found := LINKS & node.keys():
            raise Unsupported(T("不支持 {name}", name=", ".join(sorted(found))))
        if isinstance(node.get("pattern"), str):
            _must_be_quick(node["pattern"])
    for key, value in ui.items():
        wanted = PLAIN_UI.get(key, Mapping) if key != "ui:help" else str
        if not isinstance(value, wanted):
            raise Unsupported(T("界面文件的 {name} 写法不正确", name=str(key)))


def _objects(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        yield node
        for value in node.values():
            yield from _objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from _objects(value)


def _must_be_quick(pattern: str) -> None:
    """Refuse a pattern whose matching may take a time beyond all bounds."""
    try:
        parsed = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as wrong:
        raise Unsupported(T("正则表达式有误：{pattern}", pattern=pattern[:MOST])) from wrong
    if len(pattern) > MOST or _slow(parsed, inside=False):
        raise Unsupported(T("正则表达式可能匹配过久：{pattern}", pattern=pattern[:MOST]))


def _slow(parsed: Any, *, inside: bool) -> bool:
    """Test whether what repeats (almost) without end holds such another one, or a choice."""
    for operation, argument in parsed:
        endless = operation in REPEATS and argument[1] > FEW
        if inside and (endless or operation is _constants.BRANCH):
            return True
        if any(_slow(part, inside=inside or endless) for part in _parts(argument)):
            return True
    return False


def _parts(argument: Any) -> Iterator[Any]:
    if isinstance(argument, _parser.SubPattern):
        yield argument
    elif isinstance(argument, list | tuple):
        for part in argument:
            yield from _parts(part)
