"""What a BPMN file says, as plain values for the lint, the builder and the services."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from app.engine import choosing
from app.engine.markup import BPMN, SPIFF, Element, tag

EVENTS: Final = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
GATEWAYS: Final = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"}
)
ACTIVITIES: Final = frozenset(
    {
        "userTask",
        "serviceTask",
        "businessRuleTask",
        "receiveTask",
        "callActivity",
        "subProcess",
    }
)
INPUT: Final = "input:"
"""Begins the properties by which a call gives values to its part: `input:term`, an expression."""
NODES: Final = EVENTS | GATEWAYS | ACTIVITIES
_REFERENCES: Final = {
    "message": ("messageRef", "name"),
    "error": ("errorRef", "errorCode"),
    "escalation": ("escalationRef", "escalationCode"),
}
TIMES: Final = ("timeDate", "timeDuration", "timeCycle")
SCHEMA: Final = "formJsonSchemaFilename"
UI: Final = "formUiSchemaFilename"
CHOSEN: Final = (SCHEMA, UI, "papers")
"""The properties of a task in which a variable may choose, as `issue_paper/{kind}-schema.json`."""


@dataclass(frozen=True, slots=True)
class Operator:
    """The effect a service task asks for."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    result: str | None


@dataclass(frozen=True, slots=True)
class Repetition:
    """One instance of a user task for each item of a list (会签)."""

    items: str
    item: str
    results: str
    result: str
    until: str | None
    """When this holds, the instances still open are withdrawn."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a diagram."""

    id: str
    kind: str
    """The BPMN tag, such as `userTask`."""
    name: str
    name_en: str
    lane: str | None
    process: str
    """The id of the process whose diagram shows it."""
    properties: Mapping[str, str]
    incoming: tuple[str, ...]
    outgoing: tuple[str, ...]
    event: str | None = None
    """`timer`, `message`, `error`, `escalation`, `terminate`; None for a plain event."""
    value: str | None = None
    """The timer's rule or expression, the message's name, the error's or escalation's code."""
    attached_to: str | None = None
    interrupting: bool = True
    default: str | None = None
    operator: Operator | None = None
    decision: str | None = None
    called: str | None = None
    repetition: Repetition | None = None

    @property
    def variables(self) -> tuple[str, ...]:
        """The answers that become routing variables."""
        return tuple(self.properties.get("variables", "").split())

    @property
    def sets(self) -> tuple[str, ...]:
        """The variables it sets itself, which those of a table or of a part are not."""
        if self.repetition is not None:
            return (self.repetition.results,)
        if self.operator is not None:
            return (self.operator.result,) if self.operator.result else ()
        return self.variables

    @property
    def times(self) -> tuple[str, ...]:
        """Its time rules, or the expressions that give them."""
        found = (self.properties.get("due"), self.value if self.event == "timer" else None)
        return tuple(time for time in found if time)

    @property
    def given(self) -> dict[str, str]:
        """What a call gives to its part by itself: the expression for each such input."""
        return {
            name.removeprefix(INPUT): value
            for name, value in self.properties.items()
            if name.startswith(INPUT)
        }

    @property
    def chosen_by(self) -> str | None:
        """The routing variable that says which form it has and which paper it makes; None if fixed.

        So it is as soon as the form or the papers have a place in braces.
        """
        texts = (self.properties.get(name, "") for name in CHOSEN)
        return next((name for text in texts for name in choosing.places(text)), None)

    def words(self, name: str) -> tuple[str, ...]:
        """The words of the property `name`, such as the ids in `returnTo`."""
        return tuple(self.properties.get(name, "").split())


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    condition: str | None
    name: str
    name_en: str
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Process:
    """A process, a part, or an embedded subprocess, with what lies directly in it."""

    id: str
    root: str
    """The id of the process whose diagram shows it: its own, unless it is embedded."""
    name: str
    name_en: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    nodes: Mapping[str, Node] = field(repr=False)
    flows: Mapping[str, Flow] = field(repr=False)

    @property
    def embedded(self) -> bool:
        return self.id != self.root

    @property
    def start(self) -> Node:
        """Its one start event."""
        return next(node for node in self.nodes.values() if node.kind == "startEvent")

    def boundary(self, activity: str) -> list[Node]:
        """The events on the border of an activity."""
        return [node for node in self.nodes.values() if node.attached_to == activity]


def read(root: Element) -> list[Process]:
    """Return the processes of a file, each followed by its embedded subprocesses."""
    return [
        process
        for element in root.findall(f"{BPMN}process")
        for process in _Reader(root, element).read(element)
    ]


def properties(element: Element) -> dict[str, str]:
    """Return the element's `spiffworkflow:properties`."""
    path = f"{BPMN}extensionElements/{SPIFF}properties/{SPIFF}property"
    return {item.get("name", ""): item.get("value", "") for item in element.findall(path)}


def text(element: Element, name: str) -> str | None:
    """Return the stripped text of the child `name`; None if there is no child or nothing in it."""
    found = element.findtext(f"{BPMN}{name}")
    return (found or "").strip() or None


class _Reader:
    """Reads one process; what other elements of the file define is looked up in `root`."""

    def __init__(self, root: Element, process: Element) -> None:
        self.id = process.get("id", "")
        self.defined = {item.get("id"): item for item in root if item.get("id")}
        # A nested lane comes later and wins.
        self.lanes = {
            (ref.text or "").strip(): lane.get("name", "")
            for lane in process.iter(f"{BPMN}lane")
            for ref in lane.findall(f"{BPMN}flowNodeRef")
        }

    def read(self, element: Element, lane: str | None = None) -> Iterator[Process]:
        flows = {item.get("id", ""): _flow(item) for item in element.findall(f"{BPMN}sequenceFlow")}
        nodes = {
            item.get("id", ""): self._node(item, flows, lane)
            for item in element
            if item.tag.startswith(BPMN) and tag(item) in NODES
        }
        yield Process(
            id=element.get("id", ""),
            root=self.id,
            name=element.get("name", ""),
            name_en=properties(element).get("nameEn", ""),
            inputs=_declared(element, "dataInput"),
            outputs=_declared(element, "dataOutput"),
            nodes=nodes,
            flows=flows,
        )
        for item in element.findall(f"{BPMN}subProcess"):
            yield from self.read(item, nodes[item.get("id", "")].lane)

    def _node(self, item: Element, flows: Mapping[str, Flow], lane: str | None) -> Node:
        own = properties(item)
        node = item.get("id", "")
        event, value = self._event(item)
        return Node(
            id=node,
            kind=tag(item),
            name=item.get("name", ""),
            name_en=own.get("nameEn", ""),
            lane=self.lanes.get(node, lane),
            process=self.id,
            properties=own,
            incoming=tuple(flow.id for flow in flows.values() if flow.target == node),
            outgoing=tuple(flow.id for flow in flows.values() if flow.source == node),
            event=event,
            value=value,
            attached_to=item.get("attachedToRef"),
            interrupting=item.get("cancelActivity", "true") != "false",
            default=item.get("default"),
            operator=_operator(item),
            decision=_decision(item),
            called=item.get("calledElement"),
            repetition=_repetition(item),
        )

    def _event(self, item: Element) -> tuple[str | None, str | None]:
        if tag(item) == "receiveTask":
            return "message", self._referred(item, *_REFERENCES["message"])
        for definition in item:
            kind = tag(definition)
            event = kind.removesuffix("EventDefinition")
            if event == "timer":
                return event, next((v for t in TIMES if (v := text(definition, t))), None)
            if event in _REFERENCES:
                return event, self._referred(definition, *_REFERENCES[event])
            if event != kind:
                return event, None
        return None, None

    def _referred(self, item: Element, reference: str, attribute: str) -> str | None:
        found = self.defined.get(item.get(reference))
        return None if found is None else found.get(attribute)


def _flow(item: Element) -> Flow:
    own = properties(item)
    return Flow(
        id=item.get("id", ""),
        source=item.get("sourceRef", ""),
        target=item.get("targetRef", ""),
        condition=text(item, "conditionExpression"),
        name=item.get("name", ""),
        name_en=own.get("nameEn", ""),
        properties=own,
    )


def _declared(element: Element, kind: str) -> tuple[str, ...]:
    """The names of declared data; the id is free, so that input and output may share a name."""
    found = element.findall(f"{BPMN}ioSpecification/{BPMN}{kind}")
    return tuple(item.get("name") or item.get("id", "") for item in found)


def _operator(item: Element) -> Operator | None:
    found = item.find(f"{BPMN}extensionElements/{SPIFF}serviceTaskOperator")
    if found is None:
        return None
    return Operator(
        name=found.get("id", ""),
        parameters=tuple(
            (parameter.get("id", ""), parameter.get("value", "").strip())
            for parameter in found.iter(f"{SPIFF}parameter")
        ),
        result=found.get("resultVariable") or None,
    )


def _decision(item: Element) -> str | None:
    found = item.findtext(f"{BPMN}extensionElements/{SPIFF}calledDecisionId")
    return (found or "").strip() or None


def _repetition(item: Element) -> Repetition | None:
    found = item.find(f"{BPMN}multiInstanceLoopCharacteristics")
    if found is None:
        return None

    def named(kind: str) -> str:
        element = found.find(f"{BPMN}{kind}")
        return "" if element is None else element.get("name") or element.get("id", "")

    return Repetition(
        items=text(found, "loopDataInputRef") or "",
        item=named("inputDataItem"),
        results=text(found, "loopDataOutputRef") or "",
        result=named("outputDataItem"),
        until=text(found, "completionCondition"),
    )
