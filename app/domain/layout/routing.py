"""Lines along a grid: every flow finds its way around the shapes and the other flows.

The grid is topological. Between two columns and between two rows run a few tracks; a column has a
line through its middle and one for every boundary event, a row one through its middle. Only the
tracks that get used take room in the drawing.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from app.domain.layout.model import Edge, Graph, Kind

TRACKS = 4  # between columns, and on each side of a border between lanes
BEND, CROSS, SHARE, FAILED = 60, 20000, 400, 200000
TASK_EXIT, TASK_ENTRY, GATEWAY_BACK = 110, 60, 60  # for ports other than right and left
RIGHT, DOWN, LEFT, UP = range(4)
OPPOSITE = 2
ACROSS, ALONG, CORNER = range(3)  # how a line passes a point: horizontally, vertically, turning
EXPECTED = {"track": 14, "gap": 22, "half_column": 62, "half_row": 48}


@dataclass(frozen=True)
class Placement:
    """Where the nodes stand: column and row; `below` holds the boundary events drawn below."""

    cell: dict[str, tuple[int, int]]
    below: frozenset[str]
    lane_of_row: tuple[int, ...]
    offset: dict[str, int]  # of a boundary event from the middle of its host


@dataclass
class Grid:
    """The lines of the grid. Lines are named: ("gap", column, track) or ("in", column, offset)."""

    xs: list[tuple[str, int, int]]
    ys: list[tuple[str, int, int]]
    x_at: list[int]
    y_at: list[int]
    x_of: dict[tuple[str, int, int], int]
    y_of: dict[tuple[str, int, int], int]


def make_grid(graph: Graph, placement: Placement) -> Grid:
    """Return the grid for a placement."""
    width = 1 + max(column for column, _ in placement.cell.values())
    offsets: list[set[int]] = [{0} for _ in range(width)]
    for boundary in graph.boundaries.values():
        column, _ = placement.cell[boundary.host]
        offsets[column].add(placement.offset[boundary.id])
    xs: list[tuple[str, int, int]] = []
    x_at: list[int] = []
    at = 0
    for column in range(width + 1):
        at += EXPECTED["gap"]
        for track in range(TRACKS):
            xs.append(("gap", column, track))
            x_at.append(at)
            at += EXPECTED["track"]
        at += EXPECTED["gap"] + EXPECTED["half_column"]
        if column < width:
            for offset in sorted(offsets[column]):
                xs.append(("in", column, offset))
                x_at.append(at + offset)
            at += EXPECTED["half_column"]
    ys: list[tuple[str, int, int]] = []
    y_at: list[int] = []
    at = 0
    rows = len(placement.lane_of_row)
    for row in range(rows + 1):
        border = 0 < row < rows and placement.lane_of_row[row - 1] != placement.lane_of_row[row]
        at += EXPECTED["gap"]
        for track in range(2 * TRACKS if border else TRACKS):
            ys.append(("gap", row, track))
            y_at.append(at)
            at += EXPECTED["track"]
        at += EXPECTED["half_row"]
        if row < rows:
            ys.append(("in", row, 0))
            y_at.append(at)
            at += EXPECTED["half_row"]
    return Grid(
        xs,
        ys,
        x_at,
        y_at,
        {line: number for number, line in enumerate(xs)},
        {line: number for number, line in enumerate(ys)},
    )


@dataclass
class Route:
    """The points of the grid an edge passes, and what it costs, crossings apart."""

    points: list[int]
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
        self.width, self.height = len(self.grid.xs), len(self.grid.ys)
        self.edges = {edge.id: edge for edge in self.graph.edges}
        self.blocked = bytearray(self.width * self.height)
        for column, row in self.placement.cell.values():
            y = self.grid.y_of["in", row, 0]
            for x in self._inner(column):
                self.blocked[y * self.width + x] = 1
        # segments are named by their left or upper point, separately for the two directions
        self.taken: tuple[dict[int, list[str]], dict[int, list[str]]] = ({}, {})
        self.passed: dict[int, list[tuple[str, int]]] = {}
        self.crossings = 0

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
            for point, shape in self._shapes(self.routes[name])
            for other, theirs in self.passed.get(point, ())
            if shape + theirs == 1
        }

    def _span(self, edge: Edge) -> tuple[int, int]:
        left, top = self.placement.cell[self.graph.home(edge.source)]
        right, bottom = self.placement.cell[edge.target]
        back = 100 if right <= left else 0
        return (back + abs(right - left) + 2 * abs(bottom - top), self.graph.edges.index(edge))

    # -- one edge

    def _ends(self, edge: Edge) -> tuple[list[tuple[int, int, int]], dict[tuple[int, int], int]]:
        """Return the starts (point, direction, cost) and the goals {(point, direction): cost}."""
        column, row = self.placement.cell[self.graph.home(edge.source)]
        y = self.grid.y_of["in", row, 0]
        if edge.source in self.graph.boundaries:
            x = self.grid.x_of["in", column, self.placement.offset[edge.source]]
            way = DOWN if edge.source in self.placement.below else UP
            starts = [(y * self.width + x, way, 0)]
        else:
            gateway = self.graph.nodes[edge.source].kind is Kind.GATEWAY
            middle = y * self.width + self.grid.x_of["in", column, 0]
            price = 5 if gateway else TASK_EXIT
            starts = [(middle, UP, price), (middle, DOWN, price)]
            if not edge.association:
                starts.append((y * self.width + self._inner(column)[-1], RIGHT, 0))
            if gateway:
                starts.append((y * self.width + self._inner(column)[0], LEFT, GATEWAY_BACK))
        column, row = self.placement.cell[edge.target]
        y = self.grid.y_of["in", row, 0]
        middle = y * self.width + self.grid.x_of["in", column, 0]
        gateway = self.graph.nodes[edge.target].kind is Kind.GATEWAY
        price = 5 if gateway else TASK_ENTRY
        goals = {(middle, DOWN): price, (middle, UP): price}
        if not edge.association:
            goals[y * self.width + self._inner(column)[0], RIGHT] = 0
        if gateway:
            goals[y * self.width + self._inner(column)[-1], LEFT] = GATEWAY_BACK
        return starts, goals

    def _lay(self, edge: Edge) -> None:
        self._put(edge.id, self._find(edge))

    def _akin(self, one: Edge, other: str) -> bool:
        second = self.edges[other]
        return one.source == second.source or one.target == second.target

    def _find(self, edge: Edge) -> Route:  # noqa: C901, PLR0912, PLR0915  (one tight loop)
        """Return the cheapest way (A*)."""
        width = self.width
        x_at, y_at = self.grid.x_at, self.grid.y_at
        starts, goals = self._ends(edge)
        targets = [(x_at[goal % width], y_at[goal // width]) for goal, _ in goals]
        goal_x, goal_y = targets[0]
        akin = {other: self._akin(edge, other) for other in self.edges if other != edge.id}
        cheapest: dict[int, int] = {}
        came: dict[int, int] = {}
        queue: list[tuple[int, int, int]] = []
        for point, way, price in starts:
            state = point * 4 + way
            cheapest[state] = price
            heapq.heappush(queue, (price, price, state))
        moves = ((RIGHT, 1), (DOWN, width), (LEFT, -1), (UP, -width))
        last = len(self.blocked)
        while queue:
            _, cost, state = heapq.heappop(queue)
            if cost > cheapest[state]:
                continue
            point, way = divmod(state, 4)
            if state in came and (point, way) in goals:
                return self._trace(state, came, cost % CROSS)
            beginning = state not in came
            here = None if beginning else self.passed.get(point)
            for turn, step in moves:
                if beginning and turn != way:
                    continue
                if (turn - way) % 4 == OPPOSITE:
                    continue
                following = point + step
                if not 0 <= following < last:
                    continue
                x, next_x = point % width, following % width
                if abs(next_x - x) > 1:
                    continue
                price = cost
                if turn != way:
                    price += BEND
                if here:
                    extra = self._meeting(here, akin, way, turn)
                    if extra < 0:
                        continue
                    price += extra
                ending = goals.get((following, turn))
                if self.blocked[following]:
                    if ending is None:
                        continue
                    price += ending
                horizontal = turn in (RIGHT, LEFT)
                segment = min(point, following)
                others = self.taken[0 if horizontal else 1].get(segment)
                if others:
                    if not all(akin[other] for other in others):
                        continue
                    if beginning or ending is not None:
                        price += SHARE
                if horizontal:
                    price += abs(x_at[next_x] - x_at[x])
                else:
                    price += abs(y_at[following // width] - y_at[point // width])
                then = following * 4 + turn
                if price < cheapest.get(then, 1 << 60):
                    cheapest[then] = price
                    came[then] = state
                    guess = abs(x_at[next_x] - goal_x) + abs(y_at[following // width] - goal_y)
                    heapq.heappush(queue, (price + max(0, guess - 90), price, then))
        return Route([], FAILED)

    @staticmethod
    def _meeting(
        here: Iterable[tuple[str, int]], akin: dict[str, bool], way: int, turn: int
    ) -> int:
        """Return what it costs to go on from a point where others pass; -1 if it cannot be."""
        shape = CORNER if turn != way else turn % 2
        price = 0
        for other, theirs in here:
            if CORNER not in (shape, theirs):
                if shape != theirs:
                    price += CROSS
            elif not akin[other]:
                return -1
        return price

    def _trace(self, state: int, came: dict[int, int], cost: int) -> Route:
        points = [state // 4]
        while state in came:
            state = came[state]
            points.append(state // 4)
        return Route(points[::-1], cost)

    def _put(self, name: str, route: Route) -> None:
        self.routes[name] = route
        for segment, axis in self._segments(route):
            self.taken[axis].setdefault(segment, []).append(name)
        for point, shape in self._shapes(route):
            there = self.passed.setdefault(point, [])
            self.crossings += sum(shape + theirs == 1 for _, theirs in there)
            there.append((name, shape))

    def _lift(self, name: str) -> None:
        route = self.routes.pop(name)
        for segment, axis in self._segments(route):
            self.taken[axis][segment].remove(name)
        for point, shape in self._shapes(route):
            there = self.passed[point]
            there.remove((name, shape))
            self.crossings -= sum(shape + theirs == 1 for _, theirs in there)

    @staticmethod
    def _segments(route: Route) -> Iterable[tuple[int, int]]:
        for one, two in pairwise(route.points):
            yield min(one, two), 0 if abs(one - two) == 1 else 1

    @staticmethod
    def _shapes(route: Route) -> Iterable[tuple[int, int]]:
        points = route.points
        for before, point, after in zip(points, points[1:], points[2:], strict=False):
            first, second = abs(point - before) == 1, abs(after - point) == 1
            yield point, CORNER if first != second else (ACROSS if first else ALONG)
