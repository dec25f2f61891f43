"""A definition: a bundle read, built and indexed, shared by all cases that run on it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

from app.domain import Invalid
from app.domain.text import T
from app.engine import Variables, build, decisions, markup, model
from app.engine.bundle import Bundle
from app.engine.model import Flow, Node, Process

__all__ = ["Definition", "Flow", "Node", "Process", "load", "read"]

_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """Read-only, therefore safe to share between threads."""

    procedure: str
    """The id of the main process."""
    digest: str
    process_name: str
    name_en: str
    nodes: Mapping[str, Node] = field(repr=False)
    """Every node of every diagram in the bundle, by its BPMN id."""
    flows: Mapping[str, Flow] = field(repr=False)
    processes: Mapping[str, Process] = field(repr=False)
    """The main process, the parts, and embedded subprocesses."""
    start: Node = field(repr=False)
    """The start event of the main process; its properties name the start form."""
    guard: str
    """Digest of the ordered names that a saved state refers to by number."""
    spec: Any = field(repr=False)
    parts: Mapping[str, Any] = field(repr=False)
    specs: Sequence[Any] = field(repr=False)
    """Every task spec, in the order a saved state counts them."""
    numbers: Mapping[tuple[str, str], int] = field(repr=False)
    """The place of a task spec in `specs`, by the names of its process and itself."""
    between: Mapping[tuple[str, str], str] = field(repr=False)
    """The sequence flow between two nodes."""
    tables: Mapping[str, decisions.Table] = field(repr=False)
    """Every decision table of the bundle, by its id."""

    def decide(self, table: str, answers: Variables) -> Mapping[str, Any]:
        """Return what a decision table says for answers; nothing where there is no such table.

        :raises CaseFault: if no rule matches, or an answer that it asks for is missing
        """
        return self.tables[table].decide(answers) if table in self.tables else {}

    def property(self, element: str, name: str) -> str:
        """Return a property of a node or flow; "" if it has none."""
        found = self.nodes.get(element) or self.flows.get(element)
        return found.properties.get(name, "") if found else ""


def load(bundle: Bundle) -> Definition:
    """Build the definition of a bundle that the lint has passed.

    :raises Invalid: if the bundle cannot be built
    """
    try:
        return _load(bundle)
    except markup.BadMarkup as error:
        raise Invalid({"": error.reason}) from error
    except (LookupError, ValueError, StopIteration, AttributeError, TypeError) as error:
        reason = T("部署包不能载入：{error}", error=repr(error))
        raise Invalid({"": reason}) from error


def read(bundle: Bundle) -> list[Process]:
    """Return every process of the bundle, the main one first.

    :raises BadMarkup: if a file is not XML we read
    """
    return [
        process for data in bundle.diagrams.values() for process in model.read(markup.parse(data))
    ]


def _load(bundle: Bundle) -> Definition:
    processes = read(bundle)
    main = processes[0]
    tables = _tables(bundle)
    built = build.build(processes, tables)
    specs = [
        (name, task, spec)
        for name in sorted(built)
        for task, spec in sorted(built[name].task_specs.items())
    ]
    names = [(process, task) for process, task, _spec in specs]
    flows = {flow.id: flow for process in processes for flow in process.flows.values()}
    return Definition(
        procedure=main.id,
        digest=bundle.digest,
        process_name=main.name,
        name_en=main.name_en,
        nodes=_proxy({n.id: n for process in processes for n in process.nodes.values()}),
        flows=_proxy(flows),
        processes=_proxy({process.id: process for process in processes}),
        start=main.start,
        guard=hashlib.sha256(json.dumps(names).encode()).hexdigest(),
        spec=built.pop(main.id),
        parts=_proxy(built),
        specs=tuple(spec for _process, _task, spec in specs),
        numbers=_proxy({name: number for number, name in enumerate(names)}),
        between=_proxy({(flow.source, flow.target): flow.id for flow in flows.values()}),
        tables=_proxy(tables),
    )


def _tables(bundle: Bundle) -> dict[str, decisions.Table]:
    roots = [markup.parse(data) for data in bundle.decisions.values()]
    tables = [
        decisions.read(element)
        for root in roots
        for element in root.findall(f"{markup.DMN}decision")
    ]
    return {table.id: table for table in tables}


def _proxy(mapping: dict[_K, _V]) -> Mapping[_K, _V]:
    return MappingProxyType(mapping)
