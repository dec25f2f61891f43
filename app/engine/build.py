"""From the model of a diagram to the library's specs.

The library's own parser drops what it does not know, takes the order of conditions from the
drawing's coordinates and recurses as deep as a diagram is long; this one knows exactly the kinds of
`model.NODES`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.event_definitions import (
    NoneEventDefinition,
    TerminateEventDefinition,
)

from app.engine.decisions import Table
from app.engine.model import Node, Process, Repetition
from app.engine.specs import activities, events, joins

SPLIT: Final = ".BoundaryEventSplit"
JOIN: Final = ".BoundaryEventJoin"
_CHILD: Final = " [child]"
_PLAIN: Final[Mapping[str, Any]] = {
    "userTask": defaults.UserTask,
    "exclusiveGateway": defaults.ExclusiveGateway,
    "parallelGateway": joins.ParallelGateway,
    "inclusiveGateway": joins.InclusiveGateway,
    "eventBasedGateway": events.EventBasedGateway,
}
_EVENTS: Final[Mapping[str, Any]] = {
    "startEvent": defaults.StartEvent,
    "endEvent": defaults.EndEvent,
    "intermediateCatchEvent": events.CatchEvent,
    "intermediateThrowEvent": defaults.IntermediateThrowEvent,
    "boundaryEvent": events.BoundaryEvent,
    "receiveTask": events.ReceiveTask,
}


def build(processes: Sequence[Process], tables: Mapping[str, Table]) -> dict[str, Any]:
    """Return the specs of `processes` by id, ready to be shared by threads.

    :raises KeyError: if a diagram refers to what is not there
    """
    known = {process.id: process for process in processes}
    return {process.id: _Builder(process, known, tables).build() for process in processes}


class _Builder:
    def __init__(
        self, process: Process, known: Mapping[str, Process], tables: Mapping[str, Table]
    ) -> None:
        self.process = process
        self.known = known
        self.tables = tables
        self.spec = BpmnProcessSpec(name=process.id)
        # The library's process spec makes its end join itself.
        self.spec.end.__class__ = joins.EndJoin
        self.entries: dict[str, Any] = {}
        """Where a token enters a node: its border's split, if it has one."""
        self.exits: dict[str, Any] = {}

    def build(self) -> Any:
        for node in self.process.nodes.values():
            self.exits[node.id] = self.entries[node.id] = self._make(node)
        for node in self.process.nodes.values():
            self._surround(node)
        for node in self.process.nodes.values():
            self._connect(node)
        for spec in self.spec.task_specs.values():
            if isinstance(spec, joins.InclusiveGateway):
                spec.prepare()
        return self.spec

    def _make(self, node: Node) -> Any:
        names = {"bpmn_name": node.name, "lane": node.lane}
        if node.repetition is not None:
            return self._repeat(node, node.repetition)
        if node.kind in _EVENTS:
            return self._event(node, names)
        if node.kind in _PLAIN:
            return _PLAIN[node.kind](self.spec, node.id, **names)
        if node.operator is not None:
            return activities.ServiceTask(self.spec, node.id, operator=node.operator, **names)
        if node.decision is not None:
            table = self.tables[node.decision]
            return activities.BusinessRuleTask(self.spec, node.id, table=table, **names)
        return self._subprocess(node, names)

    def _event(self, node: Node, names: Mapping[str, Any]) -> Any:
        border = {"cancel_activity": node.interrupting} if node.kind == "boundaryEvent" else {}
        definition = _definition(node)
        return _EVENTS[node.kind](
            self.spec, node.id, event_definition=definition, **names, **border
        )

    def _subprocess(self, node: Node, names: Mapping[str, Any]) -> Any:
        if node.called is None:
            return activities.Subprocess(self.spec, node.id, self.known[node.id].id, **names)
        part = self.known[node.called]
        return activities.CallActivity(
            self.spec,
            node.id,
            part.id,
            inputs=part.inputs,
            outputs=part.outputs,
            given=node.given,
            **names,
        )

    def _repeat(self, node: Node, repetition: Repetition) -> Any:
        child = defaults.UserTask(self.spec, node.id + _CHILD, lane=node.lane)
        child.bpmn_id = node.id
        spec = activities.UserTaskForEach(
            self.spec, node.id, child=child.name, repetition=repetition, lane=node.lane
        )
        child.inputs = [spec]
        # Connected now: a state made elsewhere has instances this process has never opened.
        child.completed_event.connect(spec.merge_child)
        return spec

    def _surround(self, node: Node) -> None:
        """Put the library's split before an activity that has events on its border."""
        border = self.process.boundary(node.id)
        if not border:
            return
        split = BoundaryEventSplit(self.spec, node.id + SPLIT)
        join = BoundaryEventJoin(self.spec, node.id + JOIN, split_task=split.name, cancel=True)
        for spec in [self.exits[node.id], *(self.exits[event.id] for event in border)]:
            split.connect(spec)
            spec.connect(join)
        self.entries[node.id] = split

    def _connect(self, node: Node) -> None:
        spec = self.exits[node.id]
        if node.kind == "startEvent":
            self.spec.start.connect(spec)
        if node.kind == "endEvent":
            spec.connect(self.spec.end)
        for flow in (self.process.flows[flow] for flow in node.outgoing):
            target = self.entries[flow.target]
            if flow.condition is None or flow.id == node.default:
                spec.connect(target)
            else:
                spec.connect_outgoing_if(flow.condition, target)


def _definition(node: Node) -> Any:
    match node.event:
        case None:
            return NoneEventDefinition()
        case "timer":
            return events.Timer(node.value or "")
        case "message":
            return events.Message(node.value)
        case "terminate":
            return TerminateEventDefinition()
        case kind:
            return events.Alarm(kind, node.value)
