"""A case's diagram as a page shows it: what was passed, where it stands, and the same in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from app.domain.lanes import ENGLISH
from app.domain.text import T, Term, Text
from app.engine.model import Node
from app.services.cases.reading import CaseView

STEPS = frozenset({"userTask", "serviceTask", "callActivity", "businessRuleTask", "receiveTask"})


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the macro `diagram` takes."""

    href: str
    state: dict[str, Any]
    title: Text
    steps: Sequence[tuple[Text, Text, Text | str]]


def drawn(case: CaseView) -> Drawn:
    """Return the diagram of a case at its current step."""
    running = case.running
    passed, current = set(case.passed), _current(case)
    words = []
    for node in running.definition.nodes.values():
        if node.kind in STEPS and node.process == running.procedure:
            state = T("当前环节") if node.id in current else None
            state = state or (T("已走过") if node.id in passed else T("未到"))
            words.append((running.title(node.id), state, _lane(node.lane)))
    return Drawn(
        href=url_for("procedures.diagram", procedure=running.procedure, version=running.version),
        state={"done": sorted(passed), "now": sorted(current), "badges": {}},
        title=running.name,
        steps=words,
    )


def _current(case: CaseView) -> set[str]:
    """Return where a case stands in its own diagram: inside a part, at the step that called it."""
    nodes, last = case.running.definition.nodes, {way: n for n, way in enumerate(case.passed)}

    def entered(caller: Node) -> int:
        return max((last.get(way, -1) for way in caller.incoming), default=-1)

    found = set[str]()
    for name in case.current:
        node = nodes.get(name)
        while node is not None and node.process != case.running.procedure:
            callers = [one for one in nodes.values() if one.called == node.process]
            node = max(callers, key=entered, default=None)  # of several, the one entered last
        if node is not None:
            found.add(node.id)
    return found


def _lane(name: str | None) -> Text | str:
    return Term(name, english=ENGLISH[name]) if name else ""
