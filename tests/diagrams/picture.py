"""The picture in a BPMN file, read on its own terms: what a person sees, and what is wrong with it."""

from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import NamedTuple

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
BOUNDS = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
NODES = ("Event", "Task", "Gateway", "task", "Activity", "subProcess")


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self):
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def meets(self, other, margin=0.0):
        return (
            self.left < other.right + margin
            and other.left < self.right + margin
            and self.top < other.bottom + margin
            and other.top < self.bottom + margin
        )

    def holds(self, other):
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )


@dataclass
class Picture:
    process: etree._Element
    nodes: dict = field(default_factory=dict)  # id -> element, annotations too
    flows: dict = field(default_factory=dict)  # id -> element, associations too
    lanes: dict = field(default_factory=dict)  # id -> element
    boxes: dict = field(default_factory=dict)
    labels: dict = field(default_factory=dict)
    lines: dict = field(default_factory=dict)
    drawn: list = field(default_factory=list)

    def name(self, id_):
        return {**self.nodes, **self.flows, **self.lanes}[id_].get("name", "")

    def home(self, id_):
        return self.nodes[id_].get("attachedToRef", id_)


def local(element):
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def look(xml):
    """Read a file's process and its picture."""
    root = etree.fromstring(xml)
    picture = Picture(root.find(f"{BPMN}process"))
    for element in picture.process:
        kind = local(element)
        if kind in ("sequenceFlow", "association"):
            picture.flows[element.get("id")] = element
        elif kind.endswith(NODES) or kind == "textAnnotation":
            picture.nodes[element.get("id")] = element
    for lane in picture.process.iter(f"{BPMN}lane"):
        picture.lanes[lane.get("id")] = lane
    for shape in root.iter(f"{DI}BPMNShape"):
        id_ = shape.get("bpmnElement")
        picture.drawn.append(id_)
        picture.boxes[id_] = _box(shape.find(BOUNDS))
        _label(picture, id_, shape)
    for edge in root.iter(f"{DI}BPMNEdge"):
        id_ = edge.get("bpmnElement")
        picture.drawn.append(id_)
        points = edge.iterfind(WAYPOINT)
        picture.lines[id_] = [(float(p.get("x")), float(p.get("y"))) for p in points]
        _label(picture, id_, edge)
    return picture


def _box(bounds):
    left, top, width, height = (float(bounds.get(key)) for key in ("x", "y", "width", "height"))
    return Box(left, top, left + width, top + height)


def _label(picture, id_, parent):
    bounds = parent.find(f"{DI}BPMNLabel/{BOUNDS}")
    if bounds is not None:
        picture.labels[id_] = _box(bounds)


def faults(xml):
    """Return what is wrong with the picture, in words."""
    picture = look(xml)
    missing = list(incomplete(picture))
    if missing:
        return missing
    checks = (overlaps, outside_lanes, flow_faults, crossed_shapes, crossings, label_faults)
    return [fault for check in checks for fault in check(picture)]


def incomplete(picture):
    """Everything of the process is drawn once, everything drawn is there, names have a place."""
    there = {*picture.nodes, *picture.flows, *picture.lanes}
    for id_ in sorted(there - set(picture.drawn)):
        yield f"{id_} is not drawn"
    for id_ in sorted(set(picture.drawn) - there):
        yield f"{id_} is drawn, but not in the process"
    if len(picture.drawn) != len(set(picture.drawn)):
        yield "something is drawn twice"
    for id_, element in {**picture.nodes, **picture.flows}.items():
        outside = local(element).endswith(("Event", "Gateway", "Flow"))
        if outside and element.get("name") and id_ not in picture.labels:
            yield f"the name of {id_} has no place"


def overlaps(picture):
    for one, two in combinations(picture.nodes, 2):
        if picture.home(one) == two or picture.home(two) == one:
            continue
        if picture.boxes[one].meets(picture.boxes[two], 4):
            yield f"{one} and {two} overlap"
    for id_, element in picture.nodes.items():
        host = element.get("attachedToRef")
        if host:
            x, y = picture.boxes[id_].middle
            box = picture.boxes[host]
            if y not in (box.top, box.bottom) or not box.left < x < box.right:
                yield f"{id_} is not on the border of {host}"


def outside_lanes(picture):
    before = None
    for id_, lane in picture.lanes.items():
        box = picture.boxes[id_]
        if before and (before.bottom, before.left, before.right) != (box.top, box.left, box.right):
            yield f"lane {id_} does not join the lane above"
        before = box
        for ref in lane.iterfind(f"{BPMN}flowNodeRef"):
            if not box.holds(picture.boxes[ref.text]):
                yield f"{ref.text} is not within lane {id_}"
    members = {ref.text for ref in picture.process.iter(f"{BPMN}flowNodeRef")}
    for id_, element in picture.nodes.items():
        if picture.lanes and id_ not in members and local(element) != "textAnnotation":
            yield f"{id_} is in no lane"


def flow_faults(picture):
    """Flows are straight or angled, join what they say, and lead to the right unless they loop."""
    for id_, flow in picture.flows.items():
        line, source, target = picture.lines[id_], flow.get("sourceRef"), flow.get("targetRef")
        for (x1, y1), (x2, y2) in pairwise(line):
            if x1 != x2 and y1 != y2:
                yield f"{id_} runs aslant"
        for point, end in ((line[0], source), (line[-1], target)):
            if not _on_outline(point, picture.boxes[end]):
                yield f"{id_} does not touch {end}"
        leftwards = picture.boxes[target].middle[0] < picture.boxes[picture.home(source)].middle[0]
        if leftwards and not _reaches(picture, target, picture.home(source)):
            yield f"{id_} leads back without being part of a loop"


def _on_outline(point, box):
    x, y = point
    upright = x in (box.left, box.right) and box.top <= y <= box.bottom
    level = y in (box.top, box.bottom) and box.left <= x <= box.right
    return upright or level


def _reaches(picture, start, goal):
    seen, todo = set(), [start]
    while todo:
        node = todo.pop()
        if node == goal:
            return True
        if node not in seen:
            seen.add(node)
            todo += [
                flow.get("targetRef")
                for flow in picture.flows.values()
                if picture.home(flow.get("sourceRef")) == node
            ]
    return False


def segments(line):
    for (x1, y1), (x2, y2) in pairwise(line):
        yield Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))


def crossed_shapes(picture):
    for id_, flow in picture.flows.items():
        ends = {flow.get("sourceRef"), flow.get("targetRef")}
        for node in picture.nodes:
            attached = node in ends
            own_host = picture.home(flow.get("sourceRef")) == node
            margin = -0.5 if attached or own_host else 3
            if any(
                part.meets(picture.boxes[node], margin) for part in segments(picture.lines[id_])
            ):
                yield f"{id_} crosses {node}"


def crossings(picture):
    """Lines meet only where they leave the same node together or end in the same node together."""
    for one, two in combinations(picture.flows, 2):
        first, second = picture.lines[one], picture.lines[two]
        if picture.flows[one].get("sourceRef") == picture.flows[two].get("sourceRef"):
            first, second = _apart(first, second)
        if picture.flows[one].get("targetRef") == picture.flows[two].get("targetRef"):
            first, second = (line[::-1] for line in _apart(first[::-1], second[::-1]))
        for part in segments(first):
            if any(part.meets(other, 0.5) for other in segments(second)):
                yield f"{one} crosses {two}"
                break


def _apart(first, second):
    """Cut off the beginning two lines have in common, and a little more."""
    trails = [_trail(first), _trail(second)]
    shared = 0
    for one, two in zip(*trails, strict=False):
        if one != two:
            break
        shared += 1
    return _turns(trails[0][shared + 1 :]), _turns(trails[1][shared + 1 :])


def _turns(trail):
    """Return a trail of pixels as its ends and the points at which it turns."""
    straight = [
        (b[0] - a[0], b[1] - a[1]) == (c[0] - b[0], c[1] - b[1])
        for a, b, c in zip(trail, trail[1:], trail[2:], strict=False)
    ]
    inner = [point for point, on in zip(trail[1:-1], straight, strict=True) if not on]
    return [*trail[:1], *inner, *trail[1:][-1:]]


def _trail(line):
    """Return a line pixel by pixel."""
    points = [line[0]]
    for (x1, y1), (x2, y2) in pairwise(line):
        dx, dy = (x2 > x1) - (x2 < x1), (y2 > y1) - (y2 < y1)
        length = int(abs(x2 - x1) + abs(y2 - y1))
        points += [(x1 + dx * step, y1 + dy * step) for step in range(1, length + 1)]
    return points


def label_faults(picture):
    for id_, box in picture.labels.items():
        for node, shape in picture.boxes.items():
            if node in picture.nodes and box.meets(shape):
                yield f"the name of {id_} covers {node}"
            if node in picture.lanes and not shape.holds(box) and shape.meets(box):
                yield f"the name of {id_} lies across the border of {node}"
        for flow, line in picture.lines.items():
            if any(box.meets(part) for part in segments(line)):
                yield f"the name of {id_} covers {flow}"
    for one, two in combinations(picture.labels, 2):
        if picture.labels[one].meets(picture.labels[two]):
            yield f"the names of {one} and {two} overlap"


def properties(element):
    path = f"{BPMN}extensionElements/{SPIFF}properties/{SPIFF}property"
    return {found.get("name"): found.get("value") for found in element.iterfind(path)}


def naming_faults(xml):
    """Names are Chinese, and each has its English."""
    picture = look(xml)
    process = {picture.process.get("id"): picture.process}
    for id_, element in {**process, **picture.nodes, **picture.flows}.items():
        kind, name = local(element), element.get("name", "")
        english = properties(element).get("nameEn", "")
        if kind in ("textAnnotation", "association"):
            continue
        named = kind != "sequenceFlow" and not kind.endswith("Gateway")
        if named and not name:
            yield f"{id_} has no name"
        if name and not any("一" <= letter <= "鿿" for letter in name):
            yield f"the name of {id_} is not Chinese"
        if name and not english:
            yield f"{id_} has no nameEn"
        if not english.isascii():
            yield f"nameEn of {id_} is not English"
