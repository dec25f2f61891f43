"""Rules and the report they write; a rule is the wording of what is wrong and of what to draw."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.domain.text import Text
from app.engine import Problem, Signature
from app.engine.decisions import Table
from app.engine.markup import Element, tag
from app.engine.model import Node, Process

RULES: Final[list["Rule"]] = []


class Rule:
    """One way to be refused; `RULES` lists them all."""

    def __init__(self, reason: Text, remedy: Text) -> None:
        self.reason = reason.wording
        self.remedy = remedy.wording
        RULES.append(self)


@dataclass(frozen=True)
class Report:
    """What the rules are checked against, and the problems found so far."""

    effects: Mapping[str, Signature]
    lanes: Collection[str]
    given: frozenset[str]
    papers: Collection[str] = ()
    processes: dict[str, Process] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    """The file of each process, by its id."""
    tables: dict[str, Table] = field(default_factory=dict)
    forms: dict[str, frozenset[str]] = field(default_factory=dict)
    """The properties of each readable JSON file, by its path."""
    problems: list[Problem] = field(default_factory=list)

    def add(self, rule: Rule, file: str, element: str, /, **values: Any) -> None:
        reason, remedy = Text(rule.reason, values), Text(rule.remedy, values)
        self.problems.append(Problem(file, element, reason, remedy))

    def at(self, rule: Rule, process: Process, element: str, /, **values: Any) -> None:
        """Report an element of a process."""
        self.add(rule, self.files[process.id], element, id=element, **values)

    def main(self) -> Process:
        """The first process read is the main one."""
        return next(iter(self.processes.values()))

    def all_nodes(self) -> dict[str, Node]:
        """Every node of the bundle by id."""
        return {
            node.id: node for process in self.processes.values() for node in process.nodes.values()
        }


def place(element: Element) -> str:
    """How a person finds an element: by its id, else by its line."""
    return str(element.get("id") or f"{tag(element)}:{element.sourceline}")
