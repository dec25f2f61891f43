"""Lines along the grid: every flow finds its way around the shapes and the other flows."""

from dataclasses import dataclass, field

from app.domain.layout.grid import Grid, Placement, make_grid
from app.domain.layout.model import Edge, Graph, Kind
from app.domain.layout.wayfinding import (
    CROSS,
    DOWN,
    FAILED,
    LEFT,
    RIGHT,
    UP,
    Ends,
    Points,
    Traffic,
    Way,
    shapes,
)

TASK_EXIT, TASK_ENTRY, GATEWAY_BACK, GATEWAY_SIDE = 300, 160, 100, 5  # ports off the main course


@dataclass
class Route:
    """The points of the grid an edge passes, and what it costs, crossings apart."""

    points: Points
    cost: int


@dataclass
class Router:
    """Finds the routes for one placement."""

    graph: Graph
    placement: Placement
    grid: Grid = field(init=False)
    routes: dict[str, Route] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.grid = make_grid(self.graph, self.placement)
        self.width = len(self.grid.xs)
        self.edges = {edge.id: edge for edge in self.graph.edges}
        blocked = bytearray(self.width * len(self.grid.ys))
        for column, row in self.placement.cell.values():
            y = self.grid.y_of["in", row, 0]
            for x in self._inner(column):
                blocked[y * self.width + x] = 1
        self.traffic = Traffic(self.width, blocked)

    def _inner(self, column: int) -> list[int]:
        x = self.grid.x_of["in", column, 0]
        found = [x]
        for step in (-1, 1):
            at = x + step
            while self.grid.xs[at][0] == "in":
                found.append(at)
                at += step
        return sorted(found)

    # -- the whole

    def solve(self, rounds: int = 3) -> int:
        """Route every edge, then take up again those that could do better; return the cost."""
        for edge in sorted(self.graph.edges, key=self._span):
            self._lay(edge)
        for _ in range(rounds):
            before = self.total()
            for name in [edge.id for edge in self.graph.edges]:
                self._improve(name)
            if self.total() >= before:
                break
        return self.total()

    def total(self) -> int:
        return CROSS * self.crossings + sum(route.cost for route in self.routes.values())

    @property
    def crossings(self) -> int:
        return self.traffic.crossings

    @property
    def missing(self) -> list[str]:
        """The edges that found no way."""
        return [name for name, route in self.routes.items() if not route.points]

    def _improve(self, name: str) -> None:
        """Try an edge anew, alone and, where it crosses others, before them."""
        before = self.total()
        group = [name, *sorted(self._crossed_by(name))]
        for order in ([name], group, group[::-1]):
            if len(order) > 1 and len(group) == 1:
                break
            saved = {other: self.routes[other] for other in order}
            for other in order:
                self._lift(other)
            for other in order:
                self._lay(self.edges[other])
            if self.total() < before:
                before = self.total()
                continue
            for other in order:
                self._lift(other)
            for other, route in saved.items():
                self._put(other, route)

    def _crossed_by(self, name: str) -> set[str]:
        return {
            other
            for point, shape in shapes(self.routes[name].points)
            for other, theirs in self.traffic.passed.get(point, ())
            if shape + theirs == 1
        }

    def _span(self, edge: Edge) -> tuple[int, int]:
        left, top = self.placement.cell[self.graph.home(edge.source)]
        right, bottom = self.placement.cell[edge.target]
        back = 100 if right <= left else 0
        return (back + abs(right - left) + 2 * abs(bottom - top), self.graph.edges.index(edge))

    # -- one edge

    def _ends(self, edge: Edge) -> Ends:
        """Return the ports of an edge: which sides of its shapes it may use, and at what price."""
        column, row = self.placement.cell[self.graph.home(edge.source)]
        y = self.grid.y_of["in", row, 0]
        if edge.source in self.graph.boundaries:
            x = self.grid.x_of["in", column, self.placement.offset[edge.source]]
            way = DOWN if edge.source in self.placement.below else UP
            starts = [(y * self.width + x, way, 0)]
        else:
            gateway = self.graph.nodes[edge.source].kind is Kind.GATEWAY
            middle = y * self.width + self.grid.x_of["in", column, 0]
            price = GATEWAY_SIDE if gateway else TASK_EXIT
            starts = [(middle, UP, price), (middle, DOWN, price)]
            if not edge.association:
                starts.append((y * self.width + self._inner(column)[-1], RIGHT, 0))
            if gateway:
                starts.append((y * self.width + self._inner(column)[0], LEFT, GATEWAY_BACK))
        column, row = self.placement.cell[edge.target]
        y = self.grid.y_of["in", row, 0]
        middle = y * self.width + self.grid.x_of["in", column, 0]
        gateway = self.graph.nodes[edge.target].kind is Kind.GATEWAY
        price = GATEWAY_SIDE if gateway else TASK_ENTRY
        goals = {(middle, DOWN): price, (middle, UP): price}
        if not edge.association:
            goals[y * self.width + self._inner(column)[0], RIGHT] = 0
        if gateway:
            goals[y * self.width + self._inner(column)[-1], LEFT] = GATEWAY_BACK
        return Ends(starts, goals)

    def _lay(self, edge: Edge) -> None:
        leaving = {name for name in self.routes if self.edges[name].source == edge.source}
        entering = {name for name in self.routes if self.edges[name].target == edge.target}
        way = Way(self.grid, self.traffic, self._ends(edge), leaving, entering - leaving)
        points, cost = way.find() or ([], FAILED)
        self._put(edge.id, Route(points, cost))

    def _put(self, name: str, route: Route) -> None:
        self.routes[name] = route
        self.traffic.put(name, route.points)

    def _lift(self, name: str) -> None:
        self.traffic.lift(name, self.routes.pop(name).points)
