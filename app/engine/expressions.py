"""The expressions of a diagram: conditions, times, parameters and decision cells.

An expression is parsed by Python's own parser and turned, node by node, into closures over a short
list of operations. What is not on the list does not compile; there is no `eval`, no attribute
access and no call but of the functions below, and every operation is bounded in size.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from app.domain.text import T, Text
from app.engine import CaseFault, Variables

MAX_LENGTH: Final = 1000
MAX_NODES: Final = 250
MAX_DEPTH: Final = 40
MAX_NUMBER: Final = 10**15
MAX_STRING: Final = 20_000
MAX_LIST: Final = 1000

INPUT: Final = "input_value"
"""What a decision table calls the input of a cell; no routing variable has this name."""

_Run = Callable[[Variables], Any]


class BadExpression(ValueError):
    """The text is no expression of this language."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


class _Unset(LookupError):
    """A variable has no value."""


@dataclass(frozen=True, slots=True)
class Expression:
    source: str
    names: frozenset[str]
    """The routing variables it reads."""
    run: _Run = field(repr=False)


@lru_cache(4096)
def compile_expression(source: str) -> Expression:
    """Compile `source`.

    :raises BadExpression: if it holds anything outside the language
    """
    if len(source) > MAX_LENGTH:
        raise BadExpression(T("表达式过长"))
    if "\\" in source:
        raise BadExpression(T("表达式中不能有反斜杠"))
    try:
        tree = ast.parse(source.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadExpression(T("语法有误")) from error
    _measure(tree.body)
    compiler = _Compiler()
    run = compiler.compile(tree.body)
    return Expression(source, frozenset(compiler.names), run)


def evaluate(source: str, variables: Variables) -> Any:
    """Return the value of `source` over `variables`.

    :raises BadExpression: if it does not compile
    :raises CaseFault: if a variable is unset or an operation does not fit its operands
    """
    try:
        return compile_expression(source).run(variables)
    except _Unset as error:
        raise CaseFault(
            T("表达式“{source}”用到的变量 {name} 没有值", source=source, name=str(error))
        ) from error
    except BadExpression:
        raise
    except (TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise CaseFault(
            T("表达式“{source}”不能求值：{error}", source=source, error=str(error))
        ) from error


def is_name(text: str) -> bool:
    """Test whether `text` may be the name of a routing variable."""
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    # Compared with the parsed name, because Python reads some letters as others (NFKC).
    return (
        isinstance(node, ast.Name)
        and node.id == text
        and not text.startswith("_")
        and text not in FUNCTIONS
        and text != INPUT
    )


def _measure(root: ast.AST) -> None:
    """Refuse a tree that is too large, before anything walks it recursively."""
    level: list[ast.AST] = [root]
    depth = nodes = 0
    while level:
        depth += 1
        nodes += len(level)
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            raise BadExpression(T("表达式过于复杂"))
        level = [child for node in level for child in ast.iter_child_nodes(node)]


class _Compiler:
    def __init__(self) -> None:
        self.names: set[str] = set()

    def compile(self, node: ast.AST) -> _Run:
        shape = _SHAPES.get(type(node))
        if shape is None:
            raise _refusal(node)
        return shape(self, node)

    def constant(self, node: ast.Constant) -> _Run:
        return _constant(node.value)

    def name(self, node: ast.Name) -> _Run:
        return self._read(node.id)

    def junction(self, node: ast.BoolOp) -> _Run:
        return _bool(isinstance(node.op, ast.And), [self.compile(value) for value in node.values])

    def unary(self, node: ast.UnaryOp) -> _Run:
        if type(node.op) not in _UNARY:
            raise _refusal(node)
        return _apply(_UNARY[type(node.op)], [self.compile(node.operand)])

    def binary(self, node: ast.BinOp) -> _Run:
        if type(node.op) not in _ARITHMETIC:
            raise _refusal(node)
        return _apply(
            _ARITHMETIC[type(node.op)], [self.compile(node.left), self.compile(node.right)]
        )

    def choice(self, node: ast.IfExp) -> _Run:
        test, body, orelse = map(self.compile, (node.test, node.body, node.orelse))
        return lambda variables: body(variables) if test(variables) else orelse(variables)

    def list_(self, node: ast.List) -> _Run:
        parts = [self.compile(item) for item in node.elts]
        return lambda variables: [part(variables) for part in parts]

    def subscript(self, node: ast.Subscript) -> _Run:
        return _apply(_item, [self.compile(node.value), self.compile(node.slice)])

    def attribute(self, node: ast.Attribute) -> _Run:
        if node.attr.startswith("_"):
            raise _refusal(node)
        return _apply(_member, [self.compile(node.value), _constant(node.attr)])

    def call(self, node: ast.Call) -> _Run:
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords:
            raise _refusal(node)
        return _apply(FUNCTIONS[node.func.id], [self.compile(part) for part in node.args])

    def _read(self, name: str) -> _Run:
        if name.startswith("_") or name in FUNCTIONS:
            raise BadExpression(T("{name} 不是变量", name=name))
        self.names.add(name)

        def read(variables: Variables) -> Any:
            try:
                return variables[name]
            except KeyError:
                raise _Unset(name) from None

        return read

    def compare(self, node: ast.Compare) -> _Run:
        first = self.compile(node.left)
        rest: list[tuple[Callable[[Any, Any], Any], _Run]] = []
        for op, right in zip(node.ops, node.comparators, strict=True):
            if type(op) not in _COMPARISONS:
                raise _refusal(node)
            rest.append((_COMPARISONS[type(op)], self.compile(right)))

        def run(variables: Variables) -> bool:
            left = first(variables)
            for compare, right in rest:
                value = right(variables)
                if not compare(left, value):
                    return False
                left = value
            return True

        return run


def _refusal(node: ast.AST) -> BadExpression:
    return BadExpression(T("不允许使用“{part}”", part=ast.unparse(node)))


def _constant(value: object) -> _Run:
    if not isinstance(value, str | int | float | None):
        raise BadExpression(T("不允许使用“{part}”", part=repr(value)))
    if isinstance(value, int | float) and not abs(value) <= MAX_NUMBER:
        raise BadExpression(T("数值过大"))
    return lambda _variables: value


def _bool(every: bool, parts: list[_Run]) -> _Run:  # noqa: FBT001
    def run(variables: Variables) -> Any:
        value = None
        for part in parts:
            value = part(variables)
            if bool(value) is not every:
                return value
        return value

    return run


def _apply(function: Callable[..., Any], parts: list[_Run]) -> _Run:
    return lambda variables: function(*[part(variables) for part in parts])


def _number(value: object) -> Any:
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r} is not a number")
    if not math.isfinite(value) or abs(value) > MAX_NUMBER:
        raise ValueError("number out of range")
    return value


def _arithmetic(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda left, right: _number(function(_number(left), _number(right)))


def _negate(value: object) -> Any:
    return -_number(value)


def _add(left: object, right: object) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        if len(left) + len(right) > MAX_STRING:
            raise ValueError("string too long")
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        if len(left) + len(right) > MAX_LIST:
            raise ValueError("list too long")
        return left + right
    return _number(_number(left) + _number(right))


def _item(value: object, index: object) -> Any:
    if isinstance(value, Mapping):
        return value.get(index)
    if isinstance(value, list | str) and type(index) is int:
        return value[index]
    raise TypeError("neither a list nor an object")


def _member(value: object, name: str) -> Any:
    if not isinstance(value, Mapping):
        raise TypeError(f"nothing has a member {name}")
    return value.get(name)


def _len(value: object) -> int:
    if not isinstance(value, str | list | Mapping):
        raise TypeError("nothing to count")
    return len(value)


def _sum(values: object) -> Any:
    if not isinstance(values, list):
        raise TypeError("nothing to add up")
    return _number(sum(_number(value) for value in values))


def _abs(value: object) -> Any:
    return abs(_number(value))


def _round(value: object, digits: object = 0) -> Any:
    if type(digits) is not int or abs(digits) > 15:  # noqa: PLR2004  (a float has no more)
        raise TypeError("digits out of range")
    return round(_number(value), digits) if digits else round(_number(value))


def _str(value: object) -> str:
    if not isinstance(value, str | int | float | None):
        raise TypeError("only a plain value becomes a string")
    return str(value)


def _int(value: object) -> int:
    if isinstance(value, str):
        if len(value) > 15:  # noqa: PLR2004  (digits of MAX_NUMBER)
            raise ValueError("number too long")
        return int(value)
    return int(_number(value))


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "len": _len,
    "min": min,
    "max": max,
    "sum": _sum,
    "abs": _abs,
    "round": _round,
    "str": _str,
    "int": _int,
}
_ARITHMETIC: Final[Mapping[type[ast.AST], Callable[[Any, Any], Any]]] = {
    ast.Add: _add,
    ast.Sub: _arithmetic(operator.sub),
    ast.Mult: _arithmetic(operator.mul),
    ast.Div: _arithmetic(operator.truediv),
    ast.FloorDiv: _arithmetic(operator.floordiv),
    ast.Mod: _arithmetic(operator.mod),
}
_UNARY: Final[Mapping[type[ast.AST], Callable[[Any], Any]]] = {
    ast.Not: operator.not_,
    ast.USub: _negate,
}
_COMPARISONS: Final[Mapping[type[ast.AST], Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
_SHAPES: Final[Mapping[type[ast.AST], Callable[[_Compiler, Any], _Run]]] = {
    ast.Constant: _Compiler.constant,
    ast.Name: _Compiler.name,
    ast.BoolOp: _Compiler.junction,
    ast.UnaryOp: _Compiler.unary,
    ast.BinOp: _Compiler.binary,
    ast.Compare: _Compiler.compare,
    ast.IfExp: _Compiler.choice,
    ast.List: _Compiler.list_,
    ast.Subscript: _Compiler.subscript,
    ast.Attribute: _Compiler.attribute,
    ast.Call: _Compiler.call,
}
