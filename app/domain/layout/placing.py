"""Where every node stands: a search for columns and rows with short, straight, uncrossed flows.

The search (simulated annealing) moves one node at a time and judges a placement by rough lines
between the cells. Chance comes from a fixed seed, so the same diagram is always drawn the same way.
"""

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from app.domain.layout import ranks, sketching
from app.domain.layout.grid import Placement
from app.domain.layout.model import Graph, Kind

SLOTS = 4  # rows a lane may have, more where a node has more ways out: each branch has its own
WARM, COLD = 60.0, 0.7
ROW, COLUMN, NOTE_AWAY, UPSIDE_DOWN = 9.0, 6.0, 6.0, 12.0
FLIPS, SLIDES, SIDEWAYS, ASLANT = 0.04, 0.1, 0.5, 0.3  # how often a trial is of that sort
BOUNDARY_SPACE = 46


@dataclass
class Change:
    """What a trial did, so that it can be undone."""

    lines: dict[int, sketching.Line]
    costs: dict[int, float]


class Search:
    """A placement in the making, and the search for a better one."""

    def __init__(self, graph: Graph, seed: int) -> None:
        self.graph = graph
        ways_out = Counter(edge.source for edge in graph.edges)
        self.slots = max(SLOTS, *ways_out.values())
        # Of many branches, the first in the file is the uppermost.
        self.order = [
            (first.target, second.target)
            for first, second in combinations(graph.edges, 2)
            if first.source == second.source and ways_out[first.source] > SLOTS
        ]
        self.random = random.Random(seed)  # noqa: S311  (layout, not secrets)
        back = ranks.loop_backs(graph)
        self.pairs = ranks.steps(graph, back)
        self.edges = graph.edges
        self.names = list(graph.nodes)
        self.anchors = {e.target: graph.home(e.source) for e in graph.edges if e.association}
        self.cell: dict[str, tuple[int, int]] = {}
        self.taken: dict[tuple[int, int], str] = {}
        self.below: set[str] = set()
        self.touching: dict[str, list[int]] = {name: [] for name in graph.nodes}
        for number, edge in enumerate(graph.edges):
            for end in {graph.home(edge.source), edge.target}:
                self.touching[end].append(number)
        self._begin()
        self.costs: dict[int, float] = {}
        self.tangle = sketching.Tangle(
            [
                {
                    other
                    for other, second in enumerate(self.edges)
                    if first.source == second.source or first.target == second.target
                }
                for first in self.edges
            ]
        )
        for number in range(len(self.edges)):
            self._redraw(number)

    def _begin(self) -> None:
        columns = ranks.columns(self.graph, self.pairs)
        for name, node in self.graph.nodes.items():
            column = columns[name]
            slots = [node.lane * self.slots + slot for slot in self._slots()]
            free = [slot for slot in slots if (column, slot) not in self.taken]
            while not free:  # a full column: go right
                column += 1
                free = [slot for slot in slots if (column, slot) not in self.taken]
            self._put(name, (column, free[0]))
        for boundary in self.graph.boundaries.values():
            lane = self.graph.nodes[boundary.host].lane
            if lane or self.random.random() < SIDEWAYS:
                self.below.add(boundary.id)

    def _slots(self) -> list[int]:
        """Return the rows of a lane, the middle ones first."""
        return sorted(range(self.slots), key=lambda slot: (abs(2 * slot - self.slots + 1), slot))

    def _put(self, name: str, cell: tuple[int, int]) -> None:
        self.cell[name] = cell
        self.taken[cell] = name

    # -- judging

    def _redraw(self, number: int) -> None:
        """Give an edge the cheapest of its rough lines, as things stand."""
        if number in self.tangle.lines:
            self.tangle.drop(number)
        best: tuple[float, float, sketching.Line] = math.inf, 0.0, ()
        for length, line in self._ways(number):
            if length >= best[0]:
                break
            cost = length
            cost += sketching.BLOCKED * sum(cell in self.taken for cell in sketching.cells(line))
            if cost >= best[0]:
                continue
            alone = cost
            most = (best[0] - cost) / sketching.CROSS
            cost += sketching.CROSS * self.tangle.crossings(line, number, most)
            if cost < best[0]:
                best = cost, alone, line
        self.costs[number] = best[1]
        self.tangle.add(number, best[2])

    def _ways(self, number: int) -> Sequence[tuple[float, sketching.Line]]:
        edge = self.edges[number]
        source, target = self._point(self.graph.home(edge.source)), self._point(edge.target)
        if edge.association:
            return [(0.0, (source, target))]
        if edge.source in self.graph.boundaries:
            leaves = "d" if edge.source in self.below else "u"
        else:
            leaves = "rud" if self._is_gateway(edge.source) else "r"
        enters = "lud" if self._is_gateway(edge.target) else "l"
        return sketching.ways(
            source, target, leaves, enters, 2 * self.slots * len(self.graph.lanes)
        )

    def _point(self, name: str) -> tuple[int, int]:
        column, row = self.cell[name]
        return 2 * column + 1, 2 * row + 1

    def _is_gateway(self, name: str) -> bool:
        return self.graph.nodes[name].kind is Kind.GATEWAY

    def cost(self) -> float:
        columns = {column for column, _ in self.cell.values()}
        rows = {row for _, row in self.cell.values()}
        return (
            sum(self.costs.values())
            + sketching.CROSS * self.tangle.count
            + COLUMN * (max(columns) - min(columns))
            + ROW * len(rows)
            + UPSIDE_DOWN
            * sum(self.cell[upper][1] >= self.cell[lower][1] for upper, lower in self.order)
            + NOTE_AWAY
            * sum(
                abs(self.cell[note][1] - self.cell[anchor][1])
                for note, anchor in self.anchors.items()
            )
        )

    # -- searching

    def run(self, trials_each: int) -> Placement:
        """Search, with so many trials for every node, and return the best placement found."""
        now = self.cost()
        best = now, self.placement()
        trials = trials_each * len(self.names)
        for trial in range(trials):
            heat = WARM * (COLD / WARM) ** (trial / trials)
            sort = self.random.random()
            if sort < FLIPS:
                change = self._flip()
            else:
                change = self._slide() if sort < SLIDES else self._shift()
            if change is None:
                continue
            redo, undo = change
            kept = Change(
                {number: self.tangle.lines[number] for number in redo},
                {number: self.costs[number] for number in redo},
            )
            for number in redo:
                self._redraw(number)
            cost = self.cost()
            if cost <= now or self.random.random() < math.exp((now - cost) / heat):
                now = cost
                if cost < best[0]:
                    best = cost, self.placement()
                continue
            undo()
            for number in redo:
                self.tangle.drop(number)
            for number, line in kept.lines.items():
                self.tangle.add(number, line)
            self.costs.update(kept.costs)
        return best[1]

    def _flip(self) -> tuple[list[int], Callable[[], None]] | None:
        """Put a boundary event on the other border of its task."""
        if not self.graph.boundaries:
            return None
        name = self.random.choice(list(self.graph.boundaries))
        self.below ^= {name}
        redo = [number for number, edge in enumerate(self.edges) if edge.source == name]
        return redo, lambda: self.below.symmetric_difference_update({name})

    def _shift(self) -> tuple[list[int], Callable[[], None]] | None:
        """Move a node to another cell; whoever stands there goes where it came from."""
        name = self.names[self.random.randrange(len(self.names))]
        old = self.cell[name]
        lane = self.graph.nodes[name].lane
        column, row = old
        if self.random.random() < SIDEWAYS:
            column += self.random.choice((-1, 1))
        if column == old[0] or self.random.random() < ASLANT:
            row = lane * self.slots + self.random.randrange(self.slots)
        cell = column, row
        other = self.taken.get(cell)
        moving = [name] if other is None else [name, other]
        if cell == old or not self._may(moving, cell, old):
            return None
        redo = {number for mover in moving for number in self.touching[mover]}
        redo |= self.tangle.through.get(cell, set()) | self.tangle.through.get(old, set())
        self._swap(name, other, cell, old)
        return sorted(redo), lambda: self._swap(name, other, old, cell)

    def _slide(self) -> tuple[list[int], Callable[[], None]] | None:
        """Let a stretch of one row of a lane change places with another row."""
        name = self.names[self.random.randrange(len(self.names))]
        column, row = self.cell[name]
        other = self.graph.nodes[name].lane * self.slots + self.random.randrange(self.slots)
        if other == row:
            return None
        first, last = column - self.random.randrange(6), column + self.random.randrange(6)
        columns = range(first, last + 1)
        places = [(c, r) for c in columns for r in (row, other)]
        moving = [self.taken[place] for place in places if place in self.taken]
        redo = {number for mover in moving for number in self.touching[mover]}
        for place in places:
            redo |= self.tangle.through.get(place, set())
        self._exchange(columns, row, other)
        return sorted(redo), lambda: self._exchange(columns, row, other)

    def _exchange(self, columns: range, row: int, other: int) -> None:
        for column in columns:
            upper, lower = self.taken.pop((column, row), ""), self.taken.pop((column, other), "")
            if upper:
                self._put(upper, (column, other))
            if lower:
                self._put(lower, (column, row))

    def _swap(
        self, name: str, other: str | None, cell: tuple[int, int], old: tuple[int, int]
    ) -> None:
        self.taken.pop(old, None)
        self.taken.pop(cell, None)
        self._put(name, cell)
        if other is not None:
            self._put(other, old)

    def _may(self, moving: list[str], cell: tuple[int, int], old: tuple[int, int]) -> bool:
        """Say whether the order from left to right and the notes allow an exchange of cells."""
        if cell[0] == old[0]:
            return True
        if any(name in self.anchors or name in self.anchors.values() for name in moving):
            return False
        to = dict(zip(moving, (cell[0], old[0]), strict=False))
        return cell[0] >= 0 and all(
            to.get(left, self.cell[left][0]) + gap <= to.get(right, self.cell[right][0])
            for left, right, gap in self.pairs
            if left in to or right in to
        )

    def placement(self) -> Placement:
        """Return the placement as it stands, without empty rows and columns."""
        lanes = {row: row // self.slots for _, row in self.cell.values()}
        for lane in range(len(self.graph.lanes)):
            if lane not in lanes.values():
                lanes[lane * self.slots] = lane
        rows = {row: number for number, row in enumerate(sorted(lanes))}
        used = sorted({column for column, _ in self.cell.values()})
        columns = {column: number for number, column in enumerate(used)}
        return Placement(
            {name: (columns[column], rows[row]) for name, (column, row) in self.cell.items()},
            frozenset(self.below),
            tuple(lanes[row] for row in sorted(lanes)),
            offsets(self.graph, self.below),
        )


def offsets(graph: Graph, below: set[str]) -> dict[str, int]:
    """Return how far from the middle of its host every boundary event stands."""
    result: dict[str, int] = {}
    for node in graph.nodes.values():
        for side in (True, False):
            group = [
                boundary.id
                for boundary in graph.boundaries.values()
                if boundary.host == node.id and (boundary.id in below) is side
            ]
            if len(group) == 1:
                result[group[0]] = node.size.width // 2 - 30
            for number, name in enumerate(group if len(group) > 1 else ()):
                result[name] = round(BOUNDARY_SPACE * (number - (len(group) - 1) / 2))
    return result
