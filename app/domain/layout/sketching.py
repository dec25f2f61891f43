"""Rough lines between cells, by which the search for a placement judges it.

Cells lie on odd coordinates, the gaps between them on even ones. A line leaves its source to the
right, or up or down if that is a gateway or a boundary event, follows a row or a gap, and enters
its target from the left, or from above or below if that is a gateway.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

Line = tuple[tuple[int, int], ...]
Cell = tuple[int, int]

BEND, LENGTH, BLOCKED, CROSS, BACKWARDS = 6.0, 0.8, 14.0, 34.0, 6.0

ROOM = 1000  # points are numbered x * ROOM + y
TURNS = (ROOM, 1, -ROOM, -1)  # right, down, left, up
NOBODY: frozenset[int] = frozenset()
TOUCH, OVERLAP = 0.15, 0.3


@lru_cache(maxsize=50_000)
def ways(
    source: Cell, target: Cell, leaves: str, enters: str, bottom: int
) -> tuple[tuple[float, Line], ...]:
    """Return the lines from one point to another with their prices, the cheapest first.

    `leaves` and `enters` hold the sides that may be used: r(ight), l(eft), u(p) and d(own).
    """
    channels = {at + away for at in (source[1], target[1]) for away in (-1, 0, 1)} | {0, bottom}
    found = dict.fromkeys(_lines(source, target, leaves, enters, sorted(channels)))
    return tuple(sorted((price(line), line) for line in found))


def _lines(
    source: Cell, target: Cell, leaves: str, enters: str, channels: Iterable[int]
) -> Iterator[Line]:
    (x1, y1), (x2, y2) = source, target
    for out in leaves:
        x = x1 + 1 if out == "r" else x1
        for into in enters:
            end = x2 - 1 if into == "l" else x2
            for y in channels:
                if (out == "u" and y >= y1) or (out == "d" and y <= y1):
                    continue
                if (into == "u" and y >= y2) or (into == "d" and y <= y2):
                    continue
                yield _plain(((x1, y1), (x, y1), (x, y), (end, y), (end, y2), (x2, y2)))
        if out in "ud" and "l" in enters and (y2 - y1) * (1 if out == "d" else -1) > 0:
            yield _plain(((x1, y1), (x1, y2), (x2, y2)))
    if "r" in leaves:
        if y1 == y2 and x2 > x1 and "l" in enters:
            yield ((x1, y1), (x2, y2))
        if x2 > x1 and (("u" in enters and y2 > y1) or ("d" in enters and y2 < y1)):
            yield ((x1, y1), (x2, y1), (x2, y2))


def _plain(points: tuple[tuple[int, int], ...]) -> Line:
    """Drop repeated points and points on the way of a straight line."""
    kept: list[tuple[int, int]] = []
    for x, y in points:
        if kept and kept[-1] == (x, y):
            continue
        if len(kept) > 1 and (kept[-1][0] == kept[-2][0] == x or kept[-1][1] == kept[-2][1] == y):
            kept.pop()
        kept.append((x, y))
    return tuple(kept)


@lru_cache(maxsize=200_000)
def cells(line: Line) -> tuple[Cell, ...]:
    """Return the cells that a line passes through, its ends apart."""
    found = []
    for (x1, y1), (x2, y2) in pairwise(line):
        if y1 == y2:
            if y1 % 2:
                step = 1 if x2 > x1 else -1
                found += [(x // 2, y1 // 2) for x in range(x1 + step, x2, step) if x % 2]
        elif x1 % 2:
            step = 1 if y2 > y1 else -1
            found += [(x1 // 2, y // 2) for y in range(y1 + step, y2, step) if y % 2]
    found += [(x // 2, y // 2) for x, y in line[1:-1] if x % 2 and y % 2]
    return tuple(found)


def price(line: Line) -> float:
    """Return what a line costs for its bends and its length."""
    length = 0
    backwards = 0
    for (x1, y1), (x2, y2) in pairwise(line):
        length += abs(x1 - x2) + abs(y1 - y2)
        backwards += x2 < x1
    return BEND * (len(line) - 2) + LENGTH * length + BACKWARDS * backwards


def trail(line: Line) -> dict[int, int]:
    """Return the points of a line, step by step, each with its place in the order."""
    points = [line[0][0] * ROOM + line[0][1]]
    for (x1, y1), (x2, y2) in pairwise(line):
        if y1 == y2:
            step, count = (ROOM if x2 > x1 else -ROOM), abs(x2 - x1)
        else:
            step, count = (1 if y2 > y1 else -1), abs(y2 - y1)
        here = points[-1]
        points += [here + step * number for number in range(1, count + 1)]
    return {point: number for number, point in enumerate(points)}


def exchanges(one: dict[int, int], two: dict[int, int]) -> int:
    """Return how often two lines change sides where they meet or run along each other."""
    common = sorted(one[point] for point in one.keys() & two.keys())
    first, second = list(one), list(two)
    count = start = 0
    while start < len(common):
        end = start
        sense = 0
        while end + 1 < len(common) and common[end + 1] == common[end] + 1:
            move = two[first[common[end + 1]]] - two[first[common[end]]]
            if abs(move) != 1 or (sense and move != sense):
                break
            sense = move
            end += 1
        i, j = common[start], common[end]
        count += _changes(first, second, (i, j), (two[first[i]], two[first[j]]), sense or 1)
        start = end + 1
    return count


def _changes(
    first: list[int], second: list[int], run: tuple[int, int], other: tuple[int, int], sense: int
) -> bool:
    """Say whether the lines leave a common stretch on other sides than they came in."""
    before, after = other[0] - sense, other[1] + sense
    at_node = run[0] == 0 or run[1] == len(first) - 1
    if at_node or min(before, after) < 0 or max(before, after) >= len(second):
        return run[0] < run[1]  # one would leave a node where the other enters it
    if run[0] == run[1]:
        point = first[run[0]]
        straight = first[run[0] + 1] - point == point - first[run[0] - 1]
        return straight and second[after] - point == point - second[before]
    begin, finish = first[run[0]], first[run[1]]
    forward, onward = first[run[0] + 1] - begin, finish - first[run[1] - 1]
    came = _side(first[run[0] - 1] - begin, forward) - _side(second[before] - begin, forward)
    went = _side(first[run[1] + 1] - finish, onward) - _side(second[after] - finish, onward)
    return came * went < 0


def _side(step: int, forward: int) -> int:
    """Return 1 if `step` points to the left of `forward`, -1 to the right, else 0."""
    if step in (forward, -forward):
        return 0
    return 1 if TURNS.index(step) == (TURNS.index(forward) + 3) % 4 else -1


class Tangle:
    """All lines of a sketch, and how often they cross."""

    def __init__(self, akin: list[set[int]]) -> None:
        self.akin = akin
        self.across: dict[int, list[tuple[int, int, int]]] = {}
        self.down: dict[int, list[tuple[int, int, int]]] = {}
        self.through: dict[Cell, set[int]] = {}
        self.lines: dict[int, Line] = {}
        self.paths: dict[int, dict[int, int]] = {}
        self.at: dict[int, set[int]] = {}
        self.count = 0

    def crossings(self, line: Line, number: int, most: float) -> float:
        """Return how often `line` would cross others; to touch one or run along it counts less.

        The count stops where it exceeds `most`.
        """
        count = 0.0
        akin = self.akin[number]
        for (x1, y1), (x2, y2) in pairwise(line):
            if y1 == y2:
                index, along, at, low, high = self.down, self.across, y1, x1, x2
            else:
                index, along, at, low, high = self.across, self.down, x1, y1, y2
            if low > high:
                low, high = high, low
            for here in range(low, high + 1):
                for start, end, other in index.get(here, ()):
                    if start <= at <= end and other not in akin:
                        inside = start < at < end and low < here < high
                        count += 1.0 if inside else TOUCH
            for start, end, other in along.get(at, ()):
                if start < high and low < end and other not in akin:
                    count += OVERLAP
            if count > most:
                break
        return count

    def _exact(self, number: int) -> int:
        """Return how many crossings a line has that no choice of tracks could avoid."""
        path = self.paths[number]
        near: set[int] = set()
        for point in path:
            near |= self.at.get(point, NOBODY)
        near -= self.akin[number]
        return sum(exchanges(path, self.paths[other]) for other in near)

    def add(self, number: int, line: Line) -> None:
        self.lines[number] = line
        path = self.paths[number] = trail(line)
        self.count += self._exact(number)
        for point in path:
            self.at.setdefault(point, set()).add(number)
        for (x1, y1), (x2, y2) in pairwise(line):
            if y1 == y2:
                self.across.setdefault(y1, []).append((min(x1, x2), max(x1, x2), number))
            else:
                self.down.setdefault(x1, []).append((min(y1, y2), max(y1, y2), number))
        for cell in cells(line):
            self.through.setdefault(cell, set()).add(number)

    def drop(self, number: int) -> None:
        line = self.lines.pop(number)
        for (x1, y1), (x2, y2) in pairwise(line):
            if y1 == y2:
                self.across[y1].remove((min(x1, x2), max(x1, x2), number))
            else:
                self.down[x1].remove((min(y1, y2), max(y1, y2), number))
        for cell in cells(line):
            self.through[cell].discard(number)
        for point in self.paths[number]:
            self.at[point].discard(number)
        self.count -= self._exact(number)
        del self.paths[number]
