"""A form laid out for a page: groups of nodes, which the macros of `_form.html` make controls."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.domain.forms import ALWAYS, Answers, Field, Form, Kind, Rule, holds, pointer
from app.domain.forms.fields import option_word, word
from app.domain.text import T, Term, Text
from app.web.forms.controls import control_text
from app.web.forms.display import display, worded
from app.web.forms.nodes import Description, Node, Option, Problem, Row, Sheet, identifier
from app.web.language import read

Describe = Callable[[str], Description | None]
Path = tuple[str | int, ...]

MANY = 30  # rows beyond this are shown as lines, and one of them is edited at a time
HAZARD = {"description", "basis", "criterion"}
"""What a row asks for that writes a hazard."""
FEW = 3  # so many rows are all open
COMPACT = 4  # rows of at most so many simple fields need no card
SIMPLE = {"text", "number", "date", "select", "tel", "month", "time"}


def lay_out(
    form: Form,
    answers: Answers | None = None,
    *,
    errors: Mapping[str, Text] | None = None,
    describe: Describe | None = None,
    open_row: str = "",
    key: str = "",
    version: str = "",
) -> Sheet:
    """Return the form with its answers and errors (by JSON Pointer) laid out for a page.

    `describe` tells of a file's id {name, size, kind, thumb, url}; `open_row` is the row to edit;
    `key` names the draft on the device, `version` the state of the task it was begun on.
    """
    layout = _Layout(errors or {}, describe or (lambda _: None), open_row)
    groups = layout.groups(form.fields, form.ui, answers or {}, ())
    problems = list(layout.problems(groups))
    told = layout.told
    problems += [Problem("", text) for at, text in (errors or {}).items() if at not in told]
    return Sheet(form.title, form.description, groups, problems, key, version)


def read_only(form: Form, answers: Answers, describe: Describe | None = None) -> Sheet:
    """Return answers laid out to be read, for the macro `shown`."""
    layout = _Layout({}, describe or (lambda _: None), "", reading=True)
    return Sheet(form.title, form.description, layout.groups(form.fields, form.ui, answers, ()), [])


class _Layout:
    def __init__(
        self,
        errors: Mapping[str, Text],
        describe: Describe,
        open_row: str,
        *,
        reading: bool = False,
    ) -> None:
        self.errors = errors
        self.reading = reading
        self.near: dict[str, list[str]] = {}  # where an error shows: at its place or the one around
        for at in errors:
            around, _, last = at.rpartition("/")
            self.near.setdefault(around if last.isdecimal() else at, []).append(at)
        self.describe = describe
        self.open_row = open_row
        self.told: set[str] = set()

    def groups(
        self, fields: tuple[Field, ...], ui: Mapping[str, Any], answers: Answers, path: Path
    ) -> list[Node]:
        """Return the cards of an object: as the uischema groups its fields, or by their kinds."""
        nodes = {
            one.key: self.node(one, fields, answers, path) for one in fields if self._shows(one)
        }
        wished = ui.get("ui:groups")
        if wished:
            return [
                Node(
                    "group",
                    _name((*path, f"_{index}")),
                    word(group, "title"),
                    nodes=_merged([nodes[key] for key in group["fields"] if key in nodes]),
                )
                for index, group in enumerate(wished)
            ]
        return _cards(list(nodes.values()), path)

    def _shows(self, one: Field) -> bool:
        """A hidden field travels with its row and is never read; a given one need not travel."""
        return one.widget != "hidden" or not (self.reading or one.read_only)

    def node(self, one: Field, siblings: tuple[Field, ...], answers: Answers, path: Path) -> Node:
        """Return the node of one field."""
        at = (*path, one.key)
        answer = answers.get(one.key)
        node = Node(
            "field",
            _name(at),
            one.title,
            widget=one.widget,
            help=_word(one, "ui:help"),
            required=one.required or bool(one.demanded and one.demanded == one.asked),
            error=self._error(at),
            column=one.options.get("col", 12),
            asked=holds(one.asked, answers),
        )
        if one.asked is not ALWAYS:
            node.when = _rule(one.asked)
            node.only = _only(one.asked, siblings)
        if one.demanded and one.demanded != one.asked and not one.required:
            node.demanded = _rule(one.demanded)
            node.required = holds(one.demanded, answers)
        if one.kind is Kind.GROUP:
            node.kind = "group"
            inner = answer if isinstance(answer, Mapping) else {}
            node.nodes = _merged([self.node(sub, one.fields, inner, at) for sub in one.fields])
        elif one.kind is Kind.ROWS:
            self._fill_rows(node, one, answer, at)
        elif one.widget == "hidden":
            node.kind = "hidden"
            node.text = control_text(one, answer)
        elif one.read_only or one.widget == "facts":
            node.kind = "fact"
            node.shown = display(one, worded(one, answers), self.describe)
            if _decisive(one, siblings):
                chosen = answer if isinstance(answer, list) else [answer]
                node.given = [control_text(one, value) for value in chosen if value is not None]
        else:
            self._fill(node, one, answer)
        return node

    def _error(self, path: Path) -> Text | None:
        found = self.near.get(pointer(path))
        if found is None:
            return None
        self.told.update(found)
        return self.errors[found[0]]

    def _fill(self, node: Node, one: Field, answer: Any) -> None:
        node.shown = display(one, answer, self.describe)
        node.placeholder = _word(one, "ui:placeholder")
        node.attributes = _attributes(one)
        if "unit" in one.options:
            node.unit = option_word(one.ui, "unit")
        if one.kind in {Kind.FILE, Kind.FILES}:
            names = answer if isinstance(answer, list) else [answer] if answer else []
            node.files = [self._described(str(name)) for name in names]
            node.most = 1 if one.kind is Kind.FILE else one.schema.get("maxItems")
            return
        chosen = answer if isinstance(answer, list) else [answer]
        texts = {control_text(one, value) for value in chosen if value is not None}
        choices: list[tuple[str, Text]] = [(str(each.value), each.title) for each in one.choices]
        if one.kind is Kind.BOOLEAN and not one.ticked:
            choices = [("true", T("是")), ("false", T("否"))]
        node.options = [Option(value, title, value in texts) for value, title in choices]
        node.text = control_text(one, answer)

    def _described(self, name: str) -> Description:
        return {"id": name, "name": name, **(self.describe(name) or {})}

    def _fill_rows(self, node: Node, table: Field, answer: Any, path: Path) -> None:
        rows = [row if isinstance(row, Mapping) else {} for row in _list(answer)]
        fixed = table.fixed or table.read_only or self.reading
        if not fixed:
            rows += [{}] * (table.options.get("rows", 0) - len(rows))
        node.kind = "rows"
        node.summary = table.options.get("summary", [sub.key for sub in table.fields[:3]])
        node.one = "one" in table.options
        node.compact = node.one or _compact(table)
        node.whole = bool(table.options.get("open")) and not (node.compact or self.reading)
        node.many = len(rows) > MANY and not (node.compact or node.whole or self.reading)
        node.most = table.schema.get("maxItems")
        node.rows = [
            self._row(node, table, row, (*path, index), len(rows)) for index, row in enumerate(rows)
        ]
        if not fixed:
            unnamed = T("添加一项")
            node.add = option_word(table.ui, "addLabel") if "addLabel" in table.options else unnamed
            node.blank = self._row(node, table, {}, (*path, "__i__"), 1)

    def _row(self, node: Node, table: Field, row: Answers, path: Path, count: int) -> Row:
        name = _name(path)
        below = f"{pointer(path)}/"
        wrong = [at for at in self.errors if at.startswith(below)]
        here = name == self.open_row
        summary = _summary(table, node.summary, row, self.describe)
        asked = _told_once(table, node.summary, row) if node.whole else table.fields
        if node.one:
            asked = _labelled(table, summary)
        folded = node.many and not here and isinstance(path[-1], int)
        return Row(
            index=path[-1],
            name=name,
            id=identifier(name),
            nodes=[]
            if folded
            else _citing(self.groups(asked, table.ui.get("items", {}), row, path)),
            summary=summary,
            problems=len(wrong),
            here=here,
            open=here or count <= FEW or not row or bool(wrong) or node.whole,
            key=str(row.get(table.row_key, "")) if table.row_key else "",
            folded=json.dumps(row, ensure_ascii=False) if folded else "",
        )

    def problems(
        self, nodes: Sequence[Node], table: Text | None = None, number: int = 0
    ) -> Iterator[Problem]:
        """Yield the error summary in the order of the page."""
        for node in nodes:
            if node.error:
                told = node.error
                if table is not None:
                    told = T(
                        "{table}第 {number} 项：{problem}", table=table, number=number, problem=told
                    )
                yield Problem(node.id, told)
            yield from self.problems(node.nodes, table, number)
            for row in node.rows:
                place = int(row.index) + 1
                if not row.folded:
                    yield from self.problems(row.nodes, node.title, place)
                elif row.problems:
                    yield self._folded_problem(node.title, row, place)

    def _folded_problem(self, table: Text, row: Row, number: int) -> Problem:
        below = pointer((*row.name.split("."), ""))
        self.told.update(at for at in self.errors if at.startswith(below))
        return Problem(
            row.id,
            T(
                "{table}第 {number} 项有 {count} 处需要修改",
                table=table,
                number=number,
                count=row.problems,
            ),
        )


def _cards(nodes: Sequence[Node], path: Path) -> list[Node]:
    """Give every group and every table a card of its own, and the fields between them one."""
    cards: list[Node] = []
    loose: Node | None = None
    for node in nodes:
        if node.kind == "group":
            cards.append(node)
            loose = None
        elif node.kind == "rows" or loose is None:
            title = node.title if node.kind == "rows" else Term("")
            card = Node("group", _name((*path, f"_{len(cards)}")), title, nodes=[node])
            cards.append(card)
            loose = None if node.kind == "rows" else card
        else:
            loose.nodes.append(node)
    for card in cards:
        card.nodes = _merged(card.nodes)
    return cards


def _merged(nodes: list[Node]) -> list[Node]:
    """Put given facts that follow each other into one list of facts."""
    merged: list[Node] = []
    for node in nodes:
        if node.kind != "fact":
            merged.append(node)
            continue
        if not merged or merged[-1].kind != "facts":
            merged.append(Node("facts", f"{node.name}._facts", Term("")))
        merged[-1].nodes.append(node)
    return merged


def _name(path: Path) -> str:
    return ".".join(map(str, path))


def _word(one: Field, key: str) -> Text | None:
    return word(one.ui, key) if key in one.ui else None


def _rule(rule: Rule) -> str:
    """Write a rule for the browser: any of all of [field, operator, value, negated]."""
    cases = [
        [[test.field, test.operator, test.value, test.negated] for test in case] for case in rule
    ]
    return json.dumps(cases, ensure_ascii=False, separators=(",", ":"))


def _only(rule: Rule, siblings: tuple[Field, ...]) -> Text:
    """Say in words when a field is asked for, for browsers without JavaScript."""
    known = {one.key: one for one in siblings}
    test = rule[0][0] if len(rule) == 1 and len(rule[0]) == 1 else None
    if test is None or test.negated or test.operator != "is" or test.field not in known:
        return T("视其他各项的回答填写")
    decisive = known[test.field]
    wanted = display(decisive, list(test.value) if decisive.choices else test.value[0])
    return T("“{field}”为“{wanted}”时填写", field=decisive.title, wanted=wanted)


def _decisive(one: Field, siblings: tuple[Field, ...]) -> bool:
    """Test whether it hangs on this field that another one is asked for."""
    rules = [rule for field in siblings for rule in (field.asked, field.demanded)]
    return any(test.field == one.key for rule in rules for tests in rule for test in tests)


def _attributes(one: Field) -> dict[str, Any]:
    attributes: dict[str, Any] = {"autocomplete": one.ui.get("ui:autocomplete", "off")}
    if "maxLength" in one.schema:
        attributes["maxlength"] = one.schema["maxLength"]
    if one.kind is Kind.NUMBER:
        attributes["inputmode"] = "numeric" if one.whole else "decimal"
    elif one.format in {"phone", "digits"}:
        attributes["inputmode"] = "tel" if one.format == "phone" else "numeric"
    return attributes


def _compact(table: Field) -> bool:
    plain = (one.widget in SIMPLE or one.read_only for one in table.fields)
    simple = all(plain) and all(one.asked is ALWAYS for one in table.fields)
    return table.widget == "people" or (simple and len(table.fields) <= COMPACT)


def _labelled(table: Field, summary: Sequence[Any]) -> tuple[Field, ...]:
    """Return the one field of a row that is answered, named by what the row is about."""
    title = Term(" · ".join(str(read(part)) for part in summary))
    wanted = table.options["one"]
    return tuple(replace(one, title=title) for one in table.fields if one.key == wanted)


def _told_once(table: Field, keys: Sequence[str], row: Answers) -> tuple[Field, ...]:
    """Return the fields of a row shown whole, without facts that its heading says or none says."""
    said = {
        one.key
        for one in table.fields
        if one.read_only and (one.key in keys or not row.get(one.key))
    }
    return tuple(one for one in table.fields if one.key not in said)


def _summary(table: Field, keys: Sequence[str], row: Answers, describe: Describe) -> list[Any]:
    summed = {one.key: one for one in table.fields if one.key in keys}
    shown = [
        display(summed[key], worded(summed[key], row), describe) for key in keys if key in summed
    ]
    return [text for text in shown if text]


def _list(answer: Any) -> list[Any]:
    return list(answer) if isinstance(answer, list) else []


def _citing(groups: list[Node]) -> list[Node]:
    """Let clauses be looked up in a row that writes a hazard."""
    fields = {node.key: node for group in groups for node in group.nodes if node.kind == "field"}
    if fields.keys() >= HAZARD:
        fields["basis"].cites = True
    return groups
