"""Handwritten strokes (手写笔迹): what somebody wrote on the signing pad, bounded and checked.

A pad is 3000 wide and 1000 high, whatever the screen; a stroke is where the pen went, from the top
left. Neither speed nor pressure is taken: it is the picture of a name, no measure of its writer.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from jsonschema import Draft202012Validator

from app.domain import Invalid
from app.domain.forms import messages
from app.domain.text import T

Point = tuple[int, int]
Strokes = tuple[tuple[Point, ...], ...]

WIDE, TALL = 3000, 1000
MOST_STROKES, MOST_POINTS = 80, 4000
"""A name of four characters has about forty strokes, and a pad notes a few dozen points of each."""
MOST_TEXT = 2**16
LEAST = 150
"""How far strokes must reach, across or down, to be more than a slip of the finger."""
AT = "/strokes"

SCHEMA: dict[str, Any] = {
    "type": "array",
    "title": "手写笔迹",
    "description": "Strokes of a signature, each a list of points [x, y] on a pad of 3000 by 1000",
    "minItems": 1,
    "maxItems": MOST_STROKES,
    "items": {
        "type": "array",
        "title": "笔画",
        "minItems": 1,
        "maxItems": MOST_POINTS,
        "items": {
            "type": "array",
            "title": "点",
            "prefixItems": [
                {"type": "integer", "title": "横坐标", "minimum": 0, "maximum": WIDE},
                {"type": "integer", "title": "纵坐标", "minimum": 0, "maximum": TALL},
            ],
            "minItems": 2,
            "maxItems": 2,
        },
    },
}
_VALIDATOR = Draft202012Validator(SCHEMA)


def read(text: str) -> Strokes | None:
    """Return the strokes that a page sent as JSON; None if nothing was written.

    :raises Invalid: if it is not what a pad sends
    """
    if not text.strip():
        return None
    if len(text) > MOST_TEXT:
        raise Invalid({AT: T("笔迹过多，请清除后重写")})
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as broken:
        raise Invalid({AT: T("笔迹无法读取，请清除后重写")}) from broken
    if messages(_VALIDATOR, value):
        raise Invalid({AT: T("笔迹无法读取，请清除后重写")})
    return checked(value)


def checked(value: Sequence[Sequence[Sequence[int]]]) -> Strokes:
    """Return strokes that fit `SCHEMA`, if they are neither too much nor too little.

    :raises Invalid: if they are
    """
    # JSON takes 7.0 for a whole number, too.
    strokes = tuple(tuple((int(x), int(y)) for x, y in stroke) for stroke in value)
    if sum(map(len, strokes)) > MOST_POINTS:
        raise Invalid({AT: T("笔迹过多，请清除后重写")})
    left, top, right, bottom = bounds(strokes)
    if max(right - left, bottom - top) < LEAST:
        raise Invalid({AT: T("笔迹太小，请写出姓名，或者清除后不手写")})
    return strokes


def bounds(strokes: Strokes) -> tuple[int, int, int, int]:
    """Return how far strokes reach: left, top, right and bottom."""
    across = [x for stroke in strokes for x, _y in stroke]
    down = [y for stroke in strokes for _x, y in stroke]
    return min(across), min(down), max(across), max(down)


def packed(strokes: Strokes) -> bytes:
    """Return the exact bytes in which strokes are kept."""
    return orjson.dumps(strokes)
