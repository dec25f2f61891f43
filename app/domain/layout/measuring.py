"""From the grid to the drawing: how wide columns and rows become, and where every line runs."""

from itertools import pairwise

from app.domain.layout.grid import Placement
from app.domain.layout.model import Box, Drawing, Graph, Point, Size
from app.domain.layout.routing import Router
from app.domain.layout.wayfinding import DOWN, UP

LEFT, TOP = 160, 80  # where the first lane begins
LANE_HEAD = 30
EVENT = 36
TRACK = 16
COLUMN_GAP, ROW_GAP = 28, 14  # between shapes and the nearest track
OPEN_GAP = 48  # between columns without a track
LABEL_GAP = 5
NAME_REACH = 32
HALF_TASK = 40


class Measure:
    """Gives the lines of a solved grid their coordinates."""

    def __init__(self, graph: Graph, placement: Placement, router: Router) -> None:
        self.graph, self.placement, self.router = graph, placement, router
        self.grid = router.grid
        self.columns = 1 + max(column for column, _ in placement.cell.values())
        self.rows = len(placement.lane_of_row)
        self.paths = {name: self._corners(route.points) for name, route in router.routes.items()}
        self.x: dict[int, int] = {}
        self.y: dict[int, int] = {}
        self.borders: list[int] = []
        self._place_columns()
        self._place_rows()

    def _corners(self, points: list[int]) -> list[tuple[int, int]]:
        """Return the ends and corners of a route, as numbers of grid lines."""
        cells = [(p % self.router.width, p // self.router.width) for p in points]
        return [
            cell
            for number, cell in enumerate(cells)
            if number in (0, len(cells) - 1)
            or (cells[number - 1][0] == cell[0]) != (cell[0] == cells[number + 1][0])
        ]

    # -- columns

    def _place_columns(self) -> None:
        used = {x for path in self.paths.values() for (x, _), (x2, _) in _pairs(path) if x == x2}
        half = [0] * self.columns
        for name, (column, _) in self.placement.cell.items():
            half[column] = max(half[column], self._half_width(name))
        lead, crossed = self._leads()
        trail = self._trails()
        at = LEFT + LANE_HEAD
        for column in range(self.columns + 1):
            tracks = [
                number
                for number, (kind, where, _) in enumerate(self.grid.xs)
                if kind == "gap" and where == column and number in used
            ]
            first = COLUMN_GAP if column else 16
            space = max(first, lead.get(column, 0) + 8)
            for number in tracks:
                at += space
                self.x[number] = at
                space = TRACK
            if tracks:
                at += max(COLUMN_GAP if column < self.columns else 16, trail.get(column, 0) + 16)
            elif column in (0, self.columns):
                at += 30
            else:
                at += max(OPEN_GAP if column in crossed else 30, lead.get(column, 0) + 18)
            if column < self.columns:
                middle = at + half[column]
                for number, (kind, where, offset) in enumerate(self.grid.xs):
                    if kind == "in" and where == column:
                        self.x[number] = middle + offset
                at = middle + half[column]
        self.right = at

    def _half_width(self, name: str) -> int:
        """Return how far a node and its name reach to the left and right of its middle."""
        node = self.graph.nodes[name]
        reach = node.size.width // 2
        if node.label:  # a wide name may hang over into the gap
            reach = max(reach, min(node.label.width // 2, NAME_REACH))
        return reach

    def _leads(self) -> tuple[dict[int, int], set[int]]:
        """Return for every gap the room that names on flows to the right need, and what is used."""
        lead: dict[int, int] = {}
        crossed: set[int] = set()
        for edge in self.graph.edges:
            path = self.paths[edge.id]
            (x1, y1), (x2, y2) = path[0], path[1]
            if y1 == y2:
                column = self.grid.xs[x1][1] + (1 if x2 > x1 else 0)
                if edge.label:
                    half = max(
                        self._half_width(n)
                        for n, (c, _) in self.placement.cell.items()
                        if c == self.grid.xs[x1][1]
                    )
                    spare = half - self.graph.nodes[self.graph.home(edge.source)].size.width // 2
                    lead[column] = max(lead.get(column, 0), edge.label.width - spare)
            for (a, b), (c, d) in _pairs(path):
                if b == d:
                    low, high = sorted((a, c))
                    passed = (self.grid.xs[number] for number in range(low, high))
                    crossed |= {where for kind, where, _ in passed if kind == "gap"}
        return lead, crossed

    def _trails(self) -> dict[int, int]:
        """Return for every gap the room for names of flows that turn out of a common exit there."""
        trail: dict[int, int] = {}
        for edge in self.graph.edges:
            path = self.paths[edge.id]
            together = [
                other
                for other in self.graph.edges
                if other.source == edge.source and self.paths[other.id][:1] == path[:1]
            ]
            level = [o for o in together if self.paths[o.id][1][1] == path[0][1] == path[1][1]]
            if edge.label and len(level) > 1:
                column = self.grid.xs[path[0][0]][1] + 1
                trail[column] = max(trail.get(column, 0), edge.label.width)
        return trail

    # -- rows

    def _place_rows(self) -> None:
        used = {y for path in self.paths.values() for (_, y), (_, y2) in _pairs(path) if y == y2}
        above, below = [25] * self.rows, [25] * self.rows
        for name, (_, row) in self.placement.cell.items():
            up, down = self._reach(name)
            above[row], below[row] = max(above[row], up), max(below[row], down)
        at = TOP
        self.borders = [at]
        for row in range(self.rows + 1):
            tracks = [
                number
                for number, (kind, where, _) in enumerate(self.grid.ys)
                if kind == "gap" and where == row and number in used
            ]
            border = 0 < row < self.rows and self._lane(row - 1) != self._lane(row)
            first = self.grid.y_of["gap", row, 0]
            half = len([n for n in self.grid.ys if n[:2] == ("gap", row)]) // 2
            upper = [n for n in tracks if not border or n < first + half]
            lower = [n for n in tracks if n not in upper]
            at = self._stack(upper, at, edge=row == 0)
            if border:
                at += 6 if upper else 12
                self.borders.append(at)
                at = self._stack(lower, at + (2 if lower else 12), edge=True)
            if row < self.rows:
                self.y[self.grid.y_of["in", row, 0]] = at + above[row]
                at += above[row] + below[row]
        self.borders.append(at + 12)

    def _stack(self, tracks: list[int], at: int, *, edge: bool) -> int:
        """Lay horizontal tracks below each other; `edge` says that a border lies above them."""
        if not tracks:
            return at + (8 if edge else 10)
        for number in tracks:
            at += TRACK if number != tracks[0] else ROW_GAP
            self.y[number] = at
        return at + ROW_GAP

    def _lane(self, row: int) -> int:
        return self.placement.lane_of_row[row]

    def exits(self, name: str) -> set[int]:
        """Return the directions in which lines leave or enter a node up and down."""
        found = set()
        for edge in self.graph.edges:
            path = self.paths[edge.id]
            if edge.source == name and path[0][0] == path[1][0]:
                found.add(DOWN if path[1][1] > path[0][1] else UP)
            if edge.target == name and path[-1][0] == path[-2][0]:
                found.add(UP if path[-2][1] < path[-1][1] else DOWN)
        return found

    def _reach(self, name: str) -> tuple[int, int]:
        """Return how far a node and what belongs to it reach above and below its middle."""
        node = self.graph.nodes[name]
        up = down = node.size.height // 2
        ways = self.exits(name)
        if node.label:
            room = node.label.height + LABEL_GAP
            if DOWN not in ways:
                down += room
            elif UP not in ways:
                up += room
            else:
                up = max(up, HALF_TASK) + room
        for boundary in self.graph.boundaries.values():
            if boundary.host == name:
                room = EVENT // 2 + (boundary.label.height if boundary.label else 0)
                if boundary.id in self.placement.below:
                    down = max(down, node.size.height // 2 + room)
                else:
                    up = max(up, node.size.height // 2 + room)
        for edge in self.graph.edges:
            path = self.paths[edge.id]
            if edge.source == name and edge.label and path[0][0] == path[1][0]:
                room = edge.label.height + 8
                if path[1][1] > path[0][1]:
                    down = max(down, node.size.height // 2 + room)
                else:
                    up = max(up, node.size.height // 2 + room)
        return up, down

    # -- the drawing

    def draw(self) -> Drawing:
        """Return boxes and lines; names come later."""
        drawing = Drawing()
        for name, (column, row) in self.placement.cell.items():
            size = self.graph.nodes[name].size
            x = self.x[self.grid.x_of["in", column, 0]]
            y = self.y[self.grid.y_of["in", row, 0]]
            drawing.shapes[name] = centred(x, y, size)
        for boundary in self.graph.boundaries.values():
            host = drawing.shapes[boundary.host]
            x = host.x + host.width // 2 + self.placement.offset[boundary.id]
            y = host.bottom if boundary.id in self.placement.below else host.y
            drawing.shapes[boundary.id] = centred(x, y, Size(EVENT, EVENT))
        for edge in self.graph.edges:
            points = [(self.x[x], self.y[y]) for x, y in self.paths[edge.id]]
            drawing.lines[edge.id] = _clip(
                points, drawing.shapes[edge.source], drawing.shapes[edge.target]
            )
        if self.graph.lanes[0].id:
            for number, lane in enumerate(self.graph.lanes):
                top, bottom = self.borders[number], self.borders[number + 1]
                drawing.lanes[lane.id] = Box(LEFT, top, self.right - LEFT, bottom - top)
        return drawing


def centred(x: int, y: int, size: Size) -> Box:
    """Return the box of a size around a point."""
    return Box(x - size.width // 2, y - size.height // 2, size.width, size.height)


def _pairs(path: list[tuple[int, int]]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    return list(pairwise(path))


def _clip(points: list[Point], source: Box, target: Box) -> list[Point]:
    """Let a line begin and end on the outline instead of in the middle."""
    first, last = _edge(source, points[0], points[1]), _edge(target, points[-1], points[-2])
    return [first, *points[1:-1], last]


def _edge(box: Box, inside: Point, outside: Point) -> Point:
    if outside[1] == inside[1]:
        return (box.right if outside[0] > inside[0] else box.x, inside[1])
    return (inside[0], box.bottom if outside[1] > inside[1] else box.y)
