"""The grid that lines are drawn on.

It is topological. Between two columns and between two rows run a few tracks; a column has a line
through its middle and one for every boundary event, a row one through its middle. Only the tracks
that get used take room in the drawing.
"""

from dataclasses import dataclass

from app.domain.layout.model import Graph

TRACKS = 4  # between columns, and on each side of a border between lanes
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
