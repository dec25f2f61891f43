"""Where the names stand that have no room inside their shape: beside it, touching nothing."""

from collections.abc import Iterable
from itertools import pairwise

from app.domain.layout.model import Box, Drawing, Edge, Graph, Kind, Point, Size

NEAR = 5
CLEAR = 10  # of the stroke that marks a default flow


def place_names(graph: Graph, drawing: Drawing) -> None:
    """Give every outside name its box, the first free one of those that suit it."""
    obstacles = _Obstacles(drawing)
    for node in graph.nodes.values():
        if node.label and node.kind is not Kind.NOTE:
            _settle(drawing, obstacles, node.id, _beside(drawing.shapes[node.id], node.label))
    for boundary in graph.boundaries.values():
        if boundary.label:
            host = drawing.shapes[boundary.host]
            box = drawing.shapes[boundary.id]
            _settle(drawing, obstacles, boundary.id, _at_border(box, host, boundary.label))
    for edge in graph.edges:
        if edge.label:
            own = _own_part(graph, drawing, edge)
            _settle(drawing, obstacles, edge.id, _along(own, edge.label))


def _own_part(graph: Graph, drawing: Drawing, edge: Edge) -> list[Point]:
    """Return the line without the beginning it shares with other flows from the same node."""
    line = drawing.lines[edge.id]
    shared = 0
    for other in graph.edges:
        if other.source == edge.source and other.id != edge.id:
            shared = max(shared, _common_length(line, drawing.lines[other.id]))
    for number, (one, two) in enumerate(pairwise(line)):
        length = abs(one[0] - two[0]) + abs(one[1] - two[1])
        if shared < length:
            return [_towards(one, two, shared), *line[number + 1 :]]
        shared -= length
    return line


def _common_length(one: list[Point], two: list[Point]) -> int:
    """Return how far two lines run together from their beginning."""
    length = 0
    both = zip(pairwise(one), pairwise(two), strict=False)
    for (start, first), (begin, second) in both:
        if start != begin or _towards(start, first, 1) != _towards(start, second, 1):
            break
        steps = [abs(start[0] - end[0]) + abs(start[1] - end[1]) for end in (first, second)]
        length += min(steps)
        if steps[0] != steps[1]:
            break
    return length


def _towards(one: Point, two: Point, length: int) -> Point:
    x = (two[0] > one[0]) - (two[0] < one[0])
    y = (two[1] > one[1]) - (two[1] < one[1])
    return one[0] + x * length, one[1] + y * length


class _Obstacles:
    def __init__(self, drawing: Drawing) -> None:
        self.boxes = list(drawing.shapes.values())
        for lane in drawing.lanes.values():  # names keep off the borders
            self.boxes.append(Box(lane.x, lane.y, lane.width, 0))
            self.boxes.append(Box(lane.x, lane.bottom, lane.width, 0))
        self.lines = [
            segment_box(one, two) for line in drawing.lines.values() for one, two in pairwise(line)
        ]

    def count(self, box: Box) -> int:
        """Return how many shapes, names and lines a box would touch."""
        return sum(box.meets(other, 2) for other in self.boxes) + sum(
            box.meets(other, 2) for other in self.lines
        )


def segment_box(one: Point, two: Point) -> Box:
    """Return a stretch of line as a box without breadth."""
    left, top = min(one[0], two[0]), min(one[1], two[1])
    return Box(left, top, abs(one[0] - two[0]), abs(one[1] - two[1]))


def _settle(drawing: Drawing, obstacles: _Obstacles, name: str, places: Iterable[Box]) -> None:
    best: tuple[int, Box] | None = None
    for box in places:
        count = obstacles.count(box)
        if best is None or count < best[0]:
            best = count, box
        if not count:
            break
    if best:
        drawing.labels[name] = best[1]
        obstacles.boxes.append(best[1])


def _beside(box: Box, size: Size) -> Iterable[Box]:
    """Below, above, then at the corners."""
    middle = box.x + box.width // 2
    centred = middle - size.width // 2
    yield Box(centred, box.bottom + NEAR, size.width, size.height)
    yield Box(centred, box.y - NEAR - size.height, size.width, size.height)
    for away in (3, 19, 30):
        for y in (box.y - size.height - away, box.bottom + away):
            for near in (NEAR, box.width // 2 + 2):
                yield Box(middle + near, y, size.width, size.height)
                yield Box(middle - near - size.width, y, size.width, size.height)


def _at_border(box: Box, host: Box, size: Size) -> Iterable[Box]:
    """Beside the half of the event that sticks out of the task."""
    middle = box.x + box.width // 2
    below = box.y > host.y
    for away in (NEAR, 14):
        y = host.bottom + away if below else host.y - away - size.height
        yield Box(box.x - 4 - size.width, y, size.width, size.height)
        yield Box(box.right + 4, y, size.width, size.height)
    y = box.bottom + 2 if below else box.y - 2 - size.height
    yield Box(middle - NEAR - size.width, y, size.width, size.height)
    yield Box(middle + NEAR, y, size.width, size.height)


def _along(line: list[Point], size: Size) -> Iterable[Box]:
    """Beside the first stretch, near its beginning; if need be, beside the later ones."""
    for one, two in pairwise(line):
        if one[1] == two[1]:
            step = 1 if two[0] > one[0] else -1
            room = max(0, abs(two[0] - one[0]) - size.width - CLEAR)
            for shift in range(CLEAR, room + CLEAR + 1, 6):
                x = one[0] + shift if step > 0 else one[0] - shift - size.width
                yield Box(x, one[1] - 3 - size.height, size.width, size.height)
                yield Box(x, one[1] + 3, size.width, size.height)
        else:
            step = 1 if two[1] > one[1] else -1
            room = max(0, abs(two[1] - one[1]) - size.height - NEAR)
            for shift in range(NEAR, room + NEAR + 1, 6):
                y = one[1] + shift if step > 0 else one[1] - shift - size.height
                yield Box(one[0] + NEAR, y, size.width, size.height)
                yield Box(one[0] - NEAR - size.width, y, size.width, size.height)
