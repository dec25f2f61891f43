"""How one line finds its way over the grid past the lines that are there already (A*).

Lines may cross at a price. They share a stretch only where they leave the same node together or
enter the same node together; a line that has joined another on its way in stays with it.
"""

import heapq
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from app.domain.layout.grid import Grid

RIGHT, DOWN, LEFT, UP = range(4)
ACROSS, ALONG, CORNER = range(3)  # how a line passes a point: horizontally, vertically, turning
BEND, CROSS, SHARE, FAILED = 60, 20000, 400, 200000
BACKWARDS = 2  # times as dear as forwards
SLACK = 90  # the guess looks at one of several goals
NEVER = 1 << 60

Points = list[int]


@dataclass
class Ends:
    """Where a line may begin (point, direction, price) and end {(point, direction): price}."""

    starts: list[tuple[int, int, int]]
    goals: dict[tuple[int, int], int]


@dataclass
class Traffic:
    """The lines that are drawn so far, and the points that shapes stand on."""

    width: int
    blocked: bytearray
    taken: tuple[dict[int, list[str]], dict[int, list[str]]] = field(init=False)
    passed: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    place: dict[str, dict[int, int]] = field(default_factory=dict)
    crossings: int = 0

    def __post_init__(self) -> None:
        # segments are named by their left or upper point, apart for the two directions
        self.taken = ({}, {})

    def put(self, name: str, points: Points) -> None:
        self.place[name] = {point: number for number, point in enumerate(points)}
        for one, two in pairwise(points):
            self.taken[abs(one - two) != 1].setdefault(min(one, two), []).append(name)
        for point, shape in shapes(points):
            there = self.passed.setdefault(point, [])
            self.crossings += sum(shape + theirs == 1 for _, theirs in there)
            there.append((name, shape))

    def lift(self, name: str, points: Points) -> None:
        del self.place[name]
        for one, two in pairwise(points):
            self.taken[abs(one - two) != 1][min(one, two)].remove(name)
        for point, shape in shapes(points):
            there = self.passed[point]
            there.remove((name, shape))
            self.crossings -= sum(shape + theirs == 1 for _, theirs in there)


def shapes(points: Points) -> Iterator[tuple[int, int]]:
    """Yield how a line passes each of its points, the ends apart."""
    for before, point, after in zip(points, points[1:], points[2:], strict=False):
        first, second = abs(point - before) == 1, abs(after - point) == 1
        yield point, CORNER if first != second else (ACROSS if first else ALONG)


@dataclass
class Way:
    """One line looking for its way."""

    grid: Grid
    traffic: Traffic
    ends: Ends
    leaving: Collection[str]  # lines that leave the same node
    entering: Collection[str]  # lines that enter the same node

    def find(self) -> tuple[Points, int] | None:
        """Return the cheapest way and its price, crossings apart; None if there is none."""
        width, x_at, y_at = self.traffic.width, self.grid.x_at, self.grid.y_at
        goals = self.ends.goals
        aim = next(iter(goals))[0]
        aim_x, aim_y = x_at[aim % width], y_at[aim // width]
        cheapest: dict[int, int] = {}
        self.came: dict[int, int] = {}
        self.joint: dict[int, frozenset[str]] = {}  # with whom the line has run since its start
        queue: list[tuple[int, int, int]] = []
        for point, way, price in self.ends.starts:
            state = point * 4 + way
            cheapest[state] = price
            self.joint[state] = frozenset(self.leaving)
            heapq.heappush(queue, (price, price, state))
        while queue:
            _, cost, state = heapq.heappop(queue)
            if cost > cheapest[state]:
                continue
            if state in self.came and divmod(state, 4) in goals:
                return self._trace(state), cost % CROSS
            for following, turn, price in self._moves(state):
                then = following * 4 + turn
                total = cost + price
                if total < cheapest.get(then, NEVER):
                    cheapest[then] = total
                    self.came[then] = state
                    self.joint[then] = self.joint[state].intersection(
                        self._beside(state // 4, following, turn)
                    )
                    x, y = x_at[following % width], y_at[following // width]
                    guess = max(0, abs(x - aim_x) + abs(y - aim_y) - SLACK)
                    heapq.heappush(queue, (total + guess, total, then))
        return None

    def _moves(self, state: int) -> Iterator[tuple[int, int, int]]:
        """Yield the next points, with the direction and the price of going there."""
        point, way = divmod(state, 4)
        width, x_at, y_at = self.traffic.width, self.grid.x_at, self.grid.y_at
        x, y = point % width, point // width
        beginning = state not in self.came
        for turn in (way,) if beginning else (way, (way + 1) % 4, (way + 3) % 4):
            if turn in (RIGHT, LEFT):
                next_x, next_y = x + (1 if turn == RIGHT else -1), y
            else:
                next_x, next_y = x, y + (1 if turn == DOWN else -1)
            if not (0 <= next_x < width and 0 <= next_y < len(y_at)):
                continue
            following = next_y * width + next_x
            ending = self.ends.goals.get((following, turn))
            if self.traffic.blocked[following] and ending is None:
                continue
            price = self._company(state, turn, following, ending=ending is not None)
            if price is None:
                continue
            length = abs(x_at[next_x] - x_at[x]) + abs(y_at[next_y] - y_at[y])
            price += length * (BACKWARDS if turn == LEFT else 1) + (ending or 0)
            yield following, turn, price + (BEND if turn != way else 0)

    def _company(self, state: int, turn: int, following: int, *, ending: bool) -> int | None:
        """Return what it costs to go on past other lines; None if it cannot be."""
        point, way = divmod(state, 4)
        traffic = self.traffic
        beside = self._beside(point, following, turn)
        here = traffic.passed.get(point)
        if not (beside or here):
            return 0
        behind: Collection[str] = ()
        if state in self.came:
            before = self.came[state] // 4
            behind = self._beside(before, point, way)
        if not all(self._together(state, other, following) for other in beside):
            return None
        if any(other in self.entering and other not in beside for other in behind):
            return None
        price = SHARE if beside and (ending or state not in self.came) else 0
        shape = CORNER if turn != way else turn % 2
        for other, theirs in here or ():
            if other not in beside and other not in behind:
                if CORNER in (shape, theirs):
                    return None
                if shape != theirs:
                    price += CROSS
        return price

    def _beside(self, one: int, two: int, way: int) -> Collection[str]:
        return self.traffic.taken[way % 2].get(min(one, two)) or ()

    def _together(self, state: int, other: str, following: int) -> bool:
        """Say whether the line may go on along another."""
        if other in self.joint[state]:
            return True
        place = self.traffic.place[other]
        return other in self.entering and place[following] == place[state // 4] + 1

    def _trace(self, state: int) -> Points:
        points = [state // 4]
        while state in self.came:
            state = self.came[state]
            points.append(state // 4)
        return points[::-1]
