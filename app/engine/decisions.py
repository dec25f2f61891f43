"""Decision tables: the first rule that matches decides.

A cell is `-` (anything), a literal (equal to it), a comparison that lacks its left side (`> 100`,
`in ["A", "B"]`), or an expression in which `?` stands for the input (`5 < ? < 10`).
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.domain.text import T
from app.engine import CaseFault, Variables
from app.engine.expressions import INPUT, BadExpression, compile_expression, evaluate
from app.engine.markup import DMN, Element

_OPERATORS: Final = ("<", ">", "==", "!=", "in ", "in[", "not in ", "not in[")
ANYTHING: Final = frozenset({"", "-"})


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    tests: tuple[str, ...]
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    id: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rules: tuple[Rule, ...]

    def decide(self, variables: Variables) -> Mapping[str, Any]:
        """Return the outputs of the first rule that matches.

        :raises CaseFault: if no rule matches or a cell cannot be evaluated
        """
        values = [evaluate(source, variables) for source in self.inputs]
        for rule in self.rules:
            if all(
                cell in ANYTHING or evaluate(test(cell), {**variables, INPUT: value})
                for cell, value in zip(rule.tests, values, strict=True)
            ):
                results = [evaluate(cell, variables) for cell in rule.results]
                return dict(zip(self.outputs, results, strict=True))
        raise CaseFault(T("决策表 {id} 没有一行适用", id=self.id))


def read(decision: Element) -> Table:
    """Read a `decision` element that has one decision table."""
    table = decision.find(f"{DMN}decisionTable")
    return Table(
        id=decision.get("id"),
        inputs=tuple(_text(column.find(f"{DMN}inputExpression")) for column in inputs(table)),
        outputs=tuple(column.get("name", "") for column in table.findall(f"{DMN}output")),
        rules=tuple(
            Rule(
                rule.get("id", ""),
                tuple(_text(cell) for cell in rule.findall(f"{DMN}inputEntry")),
                tuple(_text(cell) for cell in rule.findall(f"{DMN}outputEntry")),
            )
            for rule in table.findall(f"{DMN}rule")
        ),
    )


def inputs(table: Element) -> list[Element]:
    """Return the input columns of a decision table."""
    return list(table.findall(f"{DMN}input"))


def test(cell: str) -> str:
    """Return the expression that tests the input, which it calls `input_value`.

    :raises BadExpression: if the cell has none of the four forms
    """
    replaced = _replace(cell)
    if replaced != cell:
        return replaced
    if cell.startswith(_OPERATORS):
        return f"{INPUT} {cell}"
    try:
        literal = ast.literal_eval(cell)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        literal = ()
    if not isinstance(literal, str | int | float | list | None):
        raise BadExpression(T("不是字面值，也不是以 ? 代表输入的条件"))
    return f"{INPUT} == {cell}"


def names(cell: str) -> frozenset[str]:
    """Return the routing variables a test cell reads.

    :raises BadExpression: if it does not compile
    """
    return compile_expression(test(cell)).names - {INPUT}


def _replace(cell: str) -> str:
    """Put the input's name for every `?` outside quotes."""
    quote = ""
    out = []
    for char in cell:
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        out.append(f" {INPUT} " if char == "?" and not quote else char)
    return "".join(out)


def _text(element: Element) -> str:
    text = None if element is None else element.findtext(f"{DMN}text")
    return (text or "").strip()
