"""Draws diagrams for tests: nodes and flows by id, in the conventions of docs/diagrams.md."""

import json
from collections.abc import Mapping
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from app.engine.bundle import Bundle

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    ' id="definitions" targetNamespace="urn:bihuan:procedures">'
)
FORM = {"formJsonSchemaFilename": "f/ok-schema.json", "formUiSchemaFilename": "f/ok-uischema.json"}
NAMES = ["a", "b", "c", "d", "n", "x", "y", "z", "ok", "again", "deadline", "opinion", "panel"]


class Drawing:
    """A process, a part or (with `tag`) a subprocess."""

    def __init__(
        self, id_="p", name="流程", *, tag="process", lane="执法人员", io=((), ()), **more
    ):
        self.id = id_
        self.name = name
        self.tag = tag
        self.lane = lane
        self.io = io
        self.items = []
        self.lanes = {}
        self.extra = []
        self.more = more
        self.count = 0

    def node(
        self, tag, id_, *, name="", lane=None, inner="", operator="", props=None, **attributes
    ):
        """Add an element; `props` are its spiffworkflow properties."""
        names = {"nameEn": id_} if name else {}
        extension = properties(names | (props or {})) + operator
        given = {"id": id_} | ({"name": name} if name else {}) | attributes
        self.items.append(element(tag, given, extension, inner))
        if lane:
            self.lanes.setdefault(lane, []).append(id_)
        return id_

    def start(self, id_="start", props=None, **more):
        lane = self.lane if props and "formJsonSchemaFilename" in props else None
        return self.node("startEvent", id_, props=props, lane=lane, **more)

    def end(self, id_="end", **more):
        return self.node("endEvent", id_, **more)

    def user(self, id_, variables="", *, inner="", lane=None, **props):
        given = FORM | ({"variables": variables} if variables else {}) | props
        given = {name: value for name, value in given.items() if value is not None}
        lane = lane if lane is not None else self.lane
        return self.node("userTask", id_, name=id_, lane=lane, inner=inner, props=given)

    def service(self, id_, effect="note", result="", **parameters):
        values = "".join(
            f'<spiffworkflow:parameter id="{name}" type="str" value={quoteattr(value)}/>'
            for name, value in parameters.items()
        )
        variable = f' resultVariable="{result}"' if result else ""
        operator = (
            f'<spiffworkflow:serviceTaskOperator id="{effect}"{variable}>'
            f"<spiffworkflow:parameters>{values}</spiffworkflow:parameters>"
            "</spiffworkflow:serviceTaskOperator>"
        )
        return self.node("serviceTask", id_, name=id_, operator=operator)

    def decide(self, id_, decision):
        operator = f"<spiffworkflow:calledDecisionId>{decision}</spiffworkflow:calledDecisionId>"
        return self.node("businessRuleTask", id_, name=id_, operator=operator)

    def call(self, id_, part):
        return self.node("callActivity", id_, name=id_, calledElement=part)

    def embed(self, drawing):
        self.items.append(drawing.xml())
        self.lanes.setdefault(self.lane, []).append(drawing.id)
        return drawing.id

    def xor(self, id_, default=None):
        return self.node("exclusiveGateway", id_, **({"default": default} if default else {}))

    def both(self, id_):
        return self.node("parallelGateway", id_)

    def some(self, id_, default=None):
        return self.node("inclusiveGateway", id_, **({"default": default} if default else {}))

    def boundary(self, id_, on, event, *, interrupting=True, props=None):
        return self.node(
            "boundaryEvent",
            id_,
            inner=event,
            props=props,
            attachedToRef=on,
            cancelActivity=str(interrupting).lower(),
        )

    def catch(self, id_, event, props=None):
        return self.node("intermediateCatchEvent", id_, inner=event, props=props)

    def throw(self, id_, event):
        return self.node("intermediateThrowEvent", id_, inner=event)

    def flow(self, source, target, condition=None, id_=None):
        self.count += 1
        id_ = id_ or f"{self.id}_f{self.count}"
        inner = f"<bpmn:conditionExpression>{escape(condition or '')}</bpmn:conditionExpression>"
        self.items.append(
            f'<bpmn:sequenceFlow id="{id_}" sourceRef="{source}" targetRef="{target}">'
            f"{inner if condition else ''}</bpmn:sequenceFlow>"
        )
        return id_

    def chain(self, *ids):
        for source, target in pairwise(ids):
            self.flow(source, target)
        return self

    def xml(self):
        lanes = "".join(
            f'<bpmn:lane id="{self.id}_lane{number}" name={quoteattr(name)}>'
            + "".join(f"<bpmn:flowNodeRef>{id_}</bpmn:flowNodeRef>" for id_ in ids)
            + "</bpmn:lane>"
            for number, (name, ids) in enumerate(self.lanes.items())
        )
        lane_set = f'<bpmn:laneSet id="{self.id}_lanes">{lanes}</bpmn:laneSet>'
        lane_set = lane_set if lanes and self.tag == "process" else ""
        inputs, outputs = self.io
        data = "".join(
            [f'<bpmn:dataInput id="{self.id}_in_{name}" name="{name}"/>' for name in inputs]
            + [f'<bpmn:dataOutput id="{self.id}_out_{name}" name="{name}"/>' for name in outputs]
        )
        io = f"<bpmn:ioSpecification>{data}</bpmn:ioSpecification>" if data else ""
        given = {"id": self.id, "name": self.name} | self.more
        inner = io + lane_set + "".join(self.items)
        return element(self.tag, given, properties({"nameEn": self.id}), inner)

    def file(self):
        """Return the bytes of a BPMN file with this process."""
        return (HEAD + "".join(self.extra) + self.xml() + "</bpmn:definitions>").encode()


def element(tag, attributes, extension, inner):
    given = "".join(f" {name}={quoteattr(str(value))}" for name, value in attributes.items())
    extended = f"<bpmn:extensionElements>{extension}</bpmn:extensionElements>" if extension else ""
    return f"<bpmn:{tag}{given}>{extended}{inner}</bpmn:{tag}>"


def properties(values):
    items = "".join(
        f"<spiffworkflow:property name={quoteattr(name)} value={quoteattr(value)}/>"
        for name, value in values.items()
    )
    return f"<spiffworkflow:properties>{items}</spiffworkflow:properties>" if items else ""


def timer(rule, kind="timeDuration"):
    return (
        f"<bpmn:timerEventDefinition><bpmn:{kind}>{escape(rule)}</bpmn:{kind}>"
        "</bpmn:timerEventDefinition>"
    )


def message(id_):
    return f'<bpmn:messageEventDefinition messageRef="{id_}"/>'


def alarm(kind, id_=None):
    reference = f' {kind}Ref="{id_}"' if id_ else ""
    return f"<bpmn:{kind}EventDefinition{reference}/>"


TERMINATE = "<bpmn:terminateEventDefinition/>"
DEFINED = (
    '<bpmn:message id="m1" name="m1"/><bpmn:message id="m2" name="m2"/>'
    '<bpmn:error id="e1" errorCode="E1"/><bpmn:escalation id="s1" escalationCode="S1"/>'
)


def for_each(items="panel", item="member", results="opinions", result="opinion", until=None):
    condition = f"<bpmn:completionCondition>{until}</bpmn:completionCondition>" if until else ""
    return (
        "<bpmn:multiInstanceLoopCharacteristics>"
        f"<bpmn:loopDataInputRef>{items}</bpmn:loopDataInputRef>"
        f"<bpmn:loopDataOutputRef>{results}</bpmn:loopDataOutputRef>"
        f'<bpmn:inputDataItem name="{item}"/>'
        f'<bpmn:outputDataItem name="{result}"/>'
        f"{condition}</bpmn:multiInstanceLoopCharacteristics>"
    )


def table(id_, inputs, outputs, rules, policy="FIRST"):
    """Return a DMN file; `rules` are pairs of test cells and result cells."""

    def texts(tag, cells):
        return "".join(
            f'<{tag} id="{tag}{number}"><text>{escape(cell)}</text></{tag}>'
            for number, cell in enumerate(cells)
        )

    columns = "".join(
        f'<input id="{id_}_in"><inputExpression>'
        f"<text>{escape(name)}</text></inputExpression></input>"
        for name in inputs
    )
    results = "".join(f'<output id="{id_}_out" name="{name}"/>' for name in outputs)
    rows = "".join(
        f'<rule id="{id_}_rule">{texts("inputEntry", tests)}{texts("outputEntry", values)}</rule>'
        for tests, values in rules
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d">'
        f'<decision id="{id_}" name="{id_}"><decisionTable id="{id_}_t" hitPolicy="{policy}">'
        f"{columns}{results}{rows}</decisionTable></decision></definitions>"
    ).encode()


def forms(names=NAMES) -> Mapping[str, bytes]:
    schema = {"type": "object", "properties": {name: {} for name in names}}
    return {
        "forms/f/ok-schema.json": json.dumps(schema).encode(),
        "forms/f/ok-uischema.json": b"{}",
    }


def bundle(main, *parts, decisions=(), more=None):
    """Return a bundle of drawings, the main one first."""
    main.extra = main.extra or [DEFINED]
    files = {f"bpmn/{main.id}.bpmn": main.file()} | dict(forms())
    for part in parts:
        part.extra = part.extra or [DEFINED]
        files[f"bpmn/parts/{part.id}.bpmn"] = part.file()
    for number, data in enumerate(decisions):
        files[f"bpmn/decisions/d{number}.dmn"] = data
    return Bundle(files | (more or {}))
