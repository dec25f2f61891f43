"""What somebody wrote on the signing pad, drawn into their place on the paper as lines."""

from app.adapters.signature import words
from app.adapters.signature.drawing import INK
from app.domain.strokes import TALL, WIDE, Point, Strokes, bounds

PEN = 1.15
"""Points of the pen's width."""
NEAR = 6
"""Units of the pad between two points, at least: a fifth of a point on paper."""
HIDDEN = 8.0
"""Points of the characters that say the name to programs and are not seen."""


def written(strokes: Strokes, width: float, height: float) -> bytes:
    """Return strokes that fill a box (in points): operators of a PDF."""
    left, top, right, bottom = bounds(strokes)
    # As large as the place allows, but what was written small is not blown up beyond twice.
    room_x, room_y = width - 2 * PEN, height - 2 * PEN
    scale = min(
        room_x / max(right - left, 1),
        room_y / max(bottom - top, 1),
        2 * min(width / WIDE, height / TALL),
    )
    off_x = (width - (right - left) * scale) / 2
    off_y = (height - (bottom - top) * scale) / 2

    def at(point: Point) -> str:
        x, y = point
        return f"{off_x + (x - left) * scale:.2f} {height - off_y - (y - top) * scale:.2f}"

    drawn = [f"q {INK} RG {PEN} w 1 J 1 j"]
    for stroke in strokes:
        first, *others = thinned(stroke)
        lines = " ".join(f"{at(point)} l" for point in others or [first])
        drawn.append(f"{at(first)} m {lines} S")
    drawn.append("Q\n")
    return "\n".join(drawn).encode()


def said(name: str, height: float) -> bytes:
    """Return the name of who wrote, to be found and read aloud where the strokes are seen."""
    return words.shown(name, name, 0, height * 0.3, HIDDEN).encode()


def thinned(stroke: tuple[Point, ...]) -> list[Point]:
    """Return a stroke without the points that lie too near to each other to be told apart."""
    kept = [stroke[0]]
    for x, y in stroke[1:]:
        if abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= NEAR:
            kept.append((x, y))
    if kept[-1] != stroke[-1]:
        kept.append(stroke[-1])
    return kept
