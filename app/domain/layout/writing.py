"""From a drawing to BPMN XML: the DI, and what an author may leave out of the process."""

from lxml import etree

from app.domain.layout.model import Box, Drawing
from app.domain.layout.reading import BPMN, bpmn, local, the_process

NAMESPACES = {
    "bpmn": BPMN,
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "spiffworkflow": "http://spiffworkflow.org/bpmn/schema/1.0/core",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
FIRST = ("id", "name", "sourceRef", "targetRef", "attachedToRef", "bpmnElement", "x", "y")
HEAD = {"documentation", "extensionElements", "incoming", "outgoing"}


def write(root: etree._Element, drawing: Drawing) -> bytes:
    """Return the file with its process completed and its picture renewed."""
    for old in root.findall(_di("BPMNDiagram")):
        root.remove(old)
    process = the_process(root)
    _complete_lanes(process)
    _complete_flows(process)
    root.append(_diagram(process, drawing))
    whole = _with_namespaces(root)
    for element in whole.iter(etree.Element):
        _order_attributes(element)
    etree.indent(whole, "  ")
    return etree.tostring(whole, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _di(tag: str) -> str:
    return f"{{{NAMESPACES['bpmndi']}}}{tag}"


def _with_namespaces(root: etree._Element) -> etree._Element:
    """Return the root with the usual prefixes declared, once, at the top."""
    whole = etree.Element(root.tag, nsmap=NAMESPACES)
    for key, value in root.attrib.items():
        whole.set(key, value)
    whole.extend(list(root))
    etree.cleanup_namespaces(whole, NAMESPACES, list(NAMESPACES))
    return whole


def _order_attributes(element: etree._Element) -> None:
    """Put id and name first and the rest into the order of the alphabet."""
    rank = {key: number for number, key in enumerate(FIRST)}
    items = sorted(element.attrib.items(), key=lambda item: (rank.get(str(item[0]), 99), item[0]))
    if [key for key, _ in items] != list(element.attrib):
        element.attrib.clear()
        for key, value in items:
            element.set(key, value)


def _complete_lanes(process: etree._Element) -> None:
    """A boundary event lies in the lane of its task."""
    lane_of = {
        (ref.text or "").strip(): ref.getparent() for ref in process.iter(bpmn("flowNodeRef"))
    }
    for event in process.iterfind(bpmn("boundaryEvent")):
        lane = lane_of.get(event.get("attachedToRef", ""))
        if lane is not None and event.get("id", "") not in lane_of:
            etree.SubElement(lane, bpmn("flowNodeRef")).text = event.get("id", "")


def _complete_flows(process: etree._Element) -> None:
    """Every node names the flows that enter and leave it, in the order of the flows."""
    nodes = {element.get("id"): element for element in process if element.get("id")}
    for element in process:
        for tag in ("incoming", "outgoing"):
            for old in element.findall(bpmn(tag)):
                element.remove(old)
    for tag, key in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
        for flow in process.iterfind(bpmn("sequenceFlow")):
            node = nodes[flow.get(key, "")]
            at = sum(local(child) in HEAD for child in node)
            entry = etree.Element(bpmn(tag))
            entry.text = flow.get("id", "")
            node.insert(at, entry)


def _diagram(process: etree._Element, drawing: Drawing) -> etree._Element:
    name = process.get("id", "")
    diagram = etree.Element(_di("BPMNDiagram"), id=f"{name}_diagram")
    plane = etree.SubElement(diagram, _di("BPMNPlane"), id=f"{name}_plane", bpmnElement=name)
    for lane, box in drawing.lanes.items():
        _shape(plane, lane, box, None, isHorizontal="true")
    gateways = {element.get("id", "") for element in process.iterfind(bpmn("exclusiveGateway"))}
    for shape, box in drawing.shapes.items():
        marker = {"isMarkerVisible": "true"} if shape in gateways else {}
        _shape(plane, shape, box, drawing.labels.get(shape), **marker)
    for edge, points in drawing.lines.items():
        line = etree.SubElement(plane, _di("BPMNEdge"), id=f"{edge}_di", bpmnElement=edge)
        for x, y in points:
            etree.SubElement(line, f"{{{NAMESPACES['di']}}}waypoint", x=str(x), y=str(y))
        _label(line, drawing.labels.get(edge))
    return diagram


def _shape(
    plane: etree._Element, name: str, box: Box, label: Box | None, **attributes: str
) -> None:
    named = {"id": f"{name}_di", "bpmnElement": name, **attributes}
    shape = etree.SubElement(plane, _di("BPMNShape"), named)
    _bounds(shape, box)
    _label(shape, label)


def _label(parent: etree._Element, box: Box | None) -> None:
    if box:
        _bounds(etree.SubElement(parent, _di("BPMNLabel")), box)


def _bounds(parent: etree._Element, box: Box) -> None:
    numbers = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    written = {key: str(value) for key, value in numbers.items()}
    etree.SubElement(parent, f"{{{NAMESPACES['dc']}}}Bounds", written)
