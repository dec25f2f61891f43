"""From BPMN XML to the graph that is drawn."""

from lxml import etree

from app.domain.layout import lettering
from app.domain.layout.model import Boundary, CannotDraw, Edge, Graph, Kind, Lane, Node, Size

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
EVENTS = {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent"}
TASKS = {
    "task",
    "userTask",
    "manualTask",
    "serviceTask",
    "scriptTask",
    "sendTask",
    "receiveTask",
    "businessRuleTask",
    "callActivity",
}
GATEWAYS = {
    "exclusiveGateway",
    "parallelGateway",
    "inclusiveGateway",
    "eventBasedGateway",
}
# inside a process, but without a picture of its own
INVISIBLE = {"laneSet", "sequenceFlow", "association", "documentation", "extensionElements"}
INVISIBLE |= {"ioSpecification", "property", "dataObject"}


def bpmn(tag: str) -> str:
    """Return the qualified name of a BPMN element."""
    return f"{{{BPMN}}}{tag}"


def parse(xml: bytes) -> etree._Element:
    """Read XML without entities, network or insignificant white space; keep comments."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_blank_text=True, huge_tree=False
    )
    return etree.fromstring(xml, parser)


def local(element: etree._Element) -> str:
    """Return the name of a BPMN element without its namespace; "" for anything else."""
    tag: object = element.tag  # of a comment, a function
    prefix = f"{{{BPMN}}}"
    return tag.removeprefix(prefix) if isinstance(tag, str) and tag.startswith(prefix) else ""


def the_process(root: etree._Element) -> etree._Element:
    """Return the one process of a file."""
    found = root.findall(bpmn("process"))
    if len(found) != 1:
        raise CannotDraw(f"{len(found)} processes in the file; one is drawn")
    return found[0]


def english(element: etree._Element) -> str:
    """Return the property `nameEn`."""
    path = f"{bpmn('extensionElements')}/{{{SPIFF}}}properties/{{{SPIFF}}}property"
    for prop in element.iterfind(path):
        if prop.get("name") == "nameEn":
            return prop.get("value", "")
    return ""


def read(root: etree._Element) -> Graph:
    """Return the graph of the process in `root`."""
    process = the_process(root)
    lanes, membership = _lanes(process)
    nodes: dict[str, Node] = {}
    boundaries: dict[str, Boundary] = {}
    start = ""
    for element in process:
        tag, name = local(element), element.get("id", "")
        if tag == "boundaryEvent":
            boundaries[name] = Boundary(name, element.get("attachedToRef", ""), _outside(element))
        elif tag in EVENTS | TASKS | GATEWAYS:
            if lanes and name not in membership:
                raise CannotDraw(f"{tag} {name} lies in no lane")
            nodes[name] = _node(element, tag, membership.get(name, 0))
            start = start or (name if tag == "startEvent" else "")
        elif tag and tag != "textAnnotation" and tag not in INVISIBLE:
            raise CannotDraw(f"{tag} {name} is not drawn; use a task or a called part")
    edges = [_flow(flow, nodes, boundaries) for flow in process.iterfind(bpmn("sequenceFlow"))]
    _widen_hosts(nodes, boundaries)
    edges += _notes(process, nodes, boundaries)
    if not nodes:
        raise CannotDraw("the process is empty")
    return Graph(lanes or [Lane("")], nodes, boundaries, edges, start or next(iter(nodes)))


def _lanes(process: etree._Element) -> tuple[list[Lane], dict[str, int]]:
    lanes: list[Lane] = []
    membership: dict[str, int] = {}
    for number, lane in enumerate(process.iterfind(f"{bpmn('laneSet')}/{bpmn('lane')}")):
        lanes.append(Lane(lane.get("id", "")))
        for ref in lane.iterfind(bpmn("flowNodeRef")):
            membership[(ref.text or "").strip()] = number
    return lanes, membership


def _outside(element: etree._Element) -> Size | None:
    return lettering.label(element.get("name", ""), english(element))


def _node(element: etree._Element, tag: str, lane: int) -> Node:
    name = element.get("id", "")
    if tag in TASKS:
        size = lettering.task(element.get("name", ""), english(element))
        return Node(name, Kind.TASK, lane, size)
    if tag in EVENTS:
        return Node(name, Kind.EVENT, lane, Size(36, 36), _outside(element))
    return Node(name, Kind.GATEWAY, lane, Size(50, 50), _outside(element))


def _flow(flow: etree._Element, nodes: dict[str, Node], on: dict[str, Boundary]) -> Edge:
    name, source, target = (flow.get(key, "") for key in ("id", "sourceRef", "targetRef"))
    if (source not in nodes and source not in on) or target not in nodes:
        raise CannotDraw(f"sequenceFlow {name} leads from or to something that is not there")
    return Edge(name, source, target, _outside(flow))


def _widen_hosts(nodes: dict[str, Node], boundaries: dict[str, Boundary]) -> None:
    """Make tasks that carry several events wide enough to set them side by side."""
    for boundary in boundaries.values():
        host = nodes.get(boundary.host)
        if host is None or host.kind is not Kind.TASK:
            raise CannotDraw(f"boundaryEvent {boundary.id} is attached to nothing that is drawn")
        count = sum(1 for other in boundaries.values() if other.host == host.id)
        size = Size(max(host.size.width, 46 * count + 10), host.size.height)
        nodes[host.id] = Node(host.id, host.kind, host.lane, size)


def _notes(
    process: etree._Element, nodes: dict[str, Node], boundaries: dict[str, Boundary]
) -> list[Edge]:
    """Add the annotations, each in the lane of what it speaks of, and return their lines."""
    texts = {
        element.get("id", ""): element.findtext(bpmn("text")) or ""
        for element in process.iterfind(bpmn("textAnnotation"))
    }
    edges = []
    for line in process.iterfind(bpmn("association")):
        source, target = line.get("sourceRef", ""), line.get("targetRef", "")
        note, anchor = (source, target) if source in texts else (target, source)
        anchor = boundaries[anchor].host if anchor in boundaries else anchor
        if note not in texts or anchor not in nodes:
            raise CannotDraw(f"association {line.get('id', '')} joins no annotation to a node")
        nodes[note] = Node(note, Kind.NOTE, nodes[anchor].lane, lettering.note(texts[note]))
        edges.append(Edge(line.get("id", ""), anchor, note, association=True))
    for note in texts:
        if note not in nodes:
            raise CannotDraw(f"textAnnotation {note} is joined to nothing by an association")
    return edges
