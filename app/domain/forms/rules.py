"""When a field is asked for: the part of JSON Schema's if/then/else that a browser can follow.

An `if` may test fields of its own object for `const`, `enum`, `contains`, `minimum`, `maximum`, or
only name them under `required`; several tests must hold together. A field named in the `then` (or
`else`) is asked for only in that case, unless the object requires it anyway.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.domain.text import T, Text

Schema = Mapping[str, Any]
Operator = Literal["is", "filled", "least", "most"]

# Beyond the schema's own "required", what an `if` may say about a field.
TESTED = {"const", "enum", "contains", "minimum", "maximum", "not", "type", "title", "x-en"}
BRANCH = {"required", "properties", "allOf", "if", "then", "else", "x-message", "x-en", "x-at"}


class Unsupported(ValueError):
    """The schema says something that these forms cannot do; `text` says what."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


@dataclass(frozen=True, slots=True)
class Test:
    """One test of one field; an unanswered field fails it, and passes its negation."""

    field: str
    operator: Operator
    value: Any = None
    negated: bool = False

    def holds(self, answers: Mapping[str, Any]) -> bool:
        return self._passes(answers.get(self.field)) != self.negated

    def _passes(self, answer: Any) -> bool:
        if answer is None:
            return False
        match self.operator:
            case "is":
                chosen = answer if isinstance(answer, list) else [answer]
                return any(_same(one, value) for one in chosen for value in self.value)
            case "filled":
                return True
            case "least":
                return _is_number(answer) and bool(answer >= self.value)
            case "most":
                return _is_number(answer) and bool(answer <= self.value)

    def inverse(self) -> "Test":
        return Test(self.field, self.operator, self.value, not self.negated)


Case = tuple[Test, ...]
Rule = tuple[Case, ...]
ALWAYS: Rule = ((),)


def holds(rule: Rule, answers: Mapping[str, Any]) -> bool:
    """Tell whether any case of the rule holds; in a case all tests must hold."""
    return rule is ALWAYS or any(all(test.holds(answers) for test in case) for case in rule)


def rules(schema: Schema) -> tuple[dict[str, Rule], dict[str, Rule]]:
    """Return when each conditional field is asked for, and when it must be answered.

    :raises Unsupported: if a condition is more than a browser could follow
    """
    asked: dict[str, list[Case]] = {}
    demanded: dict[str, list[Case]] = {}
    for case, branch in _branches(schema, ()):
        required = branch.get("required", ())
        named = [name for name, sub in branch.get("properties", {}).items() if sub is not False]
        for name in dict.fromkeys((*required, *named)):
            asked.setdefault(name, []).append(case)
        for name in required:
            demanded.setdefault(name, []).append(case)
    return _frozen(asked), _frozen(demanded)


def _frozen(rules_: Mapping[str, list[Case]]) -> dict[str, Rule]:
    return {name: tuple(dict.fromkeys(cases)) for name, cases in rules_.items()}


def _branches(schema: Schema, within: Case) -> Iterator[tuple[Case, Schema]]:
    """Yield every then and else with the tests that lead to it."""
    for clause in (schema, *schema.get("allOf", ())):
        if "if" not in clause:
            continue
        tests = _tests(clause["if"])
        branches = [((*within, *tests), clause.get("then"))]
        branches += [((*within, test.inverse()), clause.get("else")) for test in tests]
        for case, branch in branches:
            if not isinstance(branch, Mapping):
                continue
            if odd := set(branch) - BRANCH:
                raise Unsupported(T("then 或 else 里不支持：{names}", names=_list(odd)))
            yield case, branch
            yield from _branches(branch, case)


def _tests(condition: Schema) -> Case:
    if odd := set(condition) - {"properties", "required"}:
        raise Unsupported(T("if 里不支持：{names}", names=_list(odd)))
    properties = condition.get("properties", {})
    filled = [
        Test(name, "filled") for name in condition.get("required", ()) if name not in properties
    ]
    tested = [one for name, wanted in properties.items() for one in _field_tests(name, wanted)]
    if not (filled or tested):
        raise Unsupported(T("if 没有条件"))
    return (*filled, *tested)


def _field_tests(name: str, wanted: Schema) -> Iterator[Test]:
    if odd := set(wanted) - TESTED:
        raise Unsupported(T("if 对 {field} 的条件不支持：{names}", field=name, names=_list(odd)))
    if "const" in wanted:
        yield Test(name, "is", (wanted["const"],))
    if "enum" in wanted:
        yield Test(name, "is", tuple(wanted["enum"]))
    if "contains" in wanted:
        yield from _field_tests(name, wanted["contains"])
    if "minimum" in wanted:
        yield Test(name, "least", wanted["minimum"])
    if "maximum" in wanted:
        yield Test(name, "most", wanted["maximum"])
    if "not" in wanted:
        yield Test(name, "filled")
        for test in _field_tests(name, wanted["not"]):
            yield test.inverse()


def explicit(schema: Any) -> Any:
    """Return the schema with every field that an `if` tests made required there.

    Without that, an unanswered field would satisfy the `if`, which no author means.
    """
    if isinstance(schema, list):
        return [explicit(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    told = {key: explicit(value) for key, value in schema.items()}
    condition = told.get("if")
    if isinstance(condition, dict) and isinstance(condition.get("properties"), Mapping):
        tested = (*condition.get("required", ()), *condition["properties"])
        condition["required"] = list(dict.fromkeys(tested))
    return told


def _same(one: Any, other: Any) -> bool:
    """Compare as JSON does: true is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _list(names: set[str]) -> str:
    return "、".join(sorted(names))
