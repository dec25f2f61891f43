"""The parts of a laid-out form, as the macros of `_form.html` read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain.text import Text
from app.web import language

Description = Mapping[str, Any]

SHORT_CHOICES = 3
SHORT_LETTERS = {"zh": 14, "en": 22}


@dataclass(slots=True)
class Option:
    """One choice of a node."""

    value: str
    title: Text
    chosen: bool


@dataclass(slots=True)
class Row:
    """One row of a table of questions."""

    index: int | str
    name: str
    id: str
    nodes: list["Node"]
    summary: list[Any]
    problems: int = 0
    open: bool = True
    here: bool = False  # the one the reader has just asked for
    key: str = ""  # which of the given rows it is
    folded: str = ""  # all its answers as JSON, when it is shown as one line


@dataclass(slots=True)
class Node:
    """What is shown at one place: a control, a group of nodes, rows, or given facts."""

    kind: str
    name: str
    title: Text
    widget: str = ""
    help: Text | None = None
    required: bool = False
    text: str = ""
    shown: Any = ""
    given: list[str] = field(default_factory=list)  # what a fact says to the rules of other fields
    error: Text | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    placeholder: Text | None = None
    unit: Text | None = None
    options: list[Option] = field(default_factory=list)
    files: list[Description] = field(default_factory=list)
    column: int = 12
    when: str = ""
    demanded: str = ""
    only: Text | None = None
    asked: bool = True
    cites: bool = False  # clauses of laws can be looked up for it
    nodes: list["Node"] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    blank: Row | None = None
    add: Text | None = None
    summary: Sequence[str] = ()
    most: int | None = None
    compact: bool = False
    many: bool = False
    whole: bool = False  # each row is open, its summary a heading
    one: bool = False  # each row asks for one thing, with its summary as the label

    @property
    def id(self) -> str:
        return identifier(self.name)

    @property
    def key(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def said(self) -> bool:
        """Whether there is something to read: an answer that was asked for, or a row."""
        if self.kind in ("facts", "group"):
            return any(node.said for node in self.nodes)
        return bool(self.rows) if self.kind == "rows" else self.asked

    @property
    def short(self) -> bool:
        """Whether its choices fit on one line of a phone."""
        letters = sum(len(language.read(option.title)) for option in self.options)
        most = SHORT_LETTERS[language.chosen()]
        return len(self.options) <= SHORT_CHOICES and letters <= most


@dataclass(slots=True)
class Problem:
    """A line of the error summary; `target` is the id of the place, empty for the whole form."""

    target: str
    text: Text


@dataclass(slots=True)
class Sheet:
    """A form with its answers, ready for the macros of `_form.html`.

    `key` names its draft on the device; `version` tells a draft of an older state of the task.
    """

    title: Text
    description: Text
    groups: list[Node]
    problems: list[Problem]
    key: str = ""
    version: str = ""


def identifier(name: str) -> str:
    return "f-" + name.replace(".", "-")
