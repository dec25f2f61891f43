"""What a diagram is made of, as far as drawing it is concerned."""

from dataclasses import dataclass, field
from enum import Enum


class CannotDraw(ValueError):
    """The diagram holds something that is not drawn; the message names the element."""


class Kind(Enum):
    """The four outlines; everything in a procedure is drawn as one of them."""

    TASK = "task"
    EVENT = "event"
    GATEWAY = "gateway"
    NOTE = "note"


@dataclass(frozen=True)
class Size:
    width: int
    height: int


@dataclass(frozen=True)
class Box:
    """A rectangle in the drawing."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def meets(self, other: "Box", margin: int = 0) -> bool:
        """Say whether the two come closer to each other than `margin`."""
        return (
            self.x < other.right + margin
            and other.x < self.right + margin
            and self.y < other.bottom + margin
            and other.y < self.bottom + margin
        )


Point = tuple[int, int]


@dataclass(frozen=True)
class Node:
    """A shape; `label` is the room its name needs when it stands outside of the shape."""

    id: str
    kind: Kind
    lane: int
    size: Size
    label: Size | None = None


@dataclass(frozen=True)
class Boundary:
    """An event on the border of a task."""

    id: str
    host: str
    label: Size | None = None


@dataclass(frozen=True)
class Edge:
    """A flow or an association, from a node or a boundary event to a node."""

    id: str
    source: str
    target: str
    label: Size | None = None
    association: bool = False


@dataclass(frozen=True)
class Lane:
    """`id` is empty for the one lane of a diagram that has none; it is not drawn then."""

    id: str


@dataclass
class Graph:
    """A process: lanes from top to bottom, the rest in the author's order."""

    lanes: list[Lane]
    nodes: dict[str, Node]
    boundaries: dict[str, Boundary]
    edges: list[Edge]
    start: str

    def home(self, end: str) -> str:
        """Return the node that `end` is, or that it is attached to."""
        boundary = self.boundaries.get(end)
        return boundary.host if boundary else end


@dataclass
class Drawing:
    """Where everything goes; what the DI is written from."""

    lanes: dict[str, Box] = field(default_factory=dict)
    shapes: dict[str, Box] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)
    lines: dict[str, list[Point]] = field(default_factory=dict)
