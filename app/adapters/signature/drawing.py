"""What a signature looks like on paper: a name as if written, and the round seal of an organ.

Both are outlines of characters, so that nothing has to be typeset and no font travels along.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont

from app.adapters.signature import words

MILLIMETRE = 72 / 25.4
RED, INK = "0.85 0 0.06", "0.05 0.05 0.28"
DIAMETER = 42.0
RING = 1.2
STAR = 14.0
INNER = 0.381966
"""The inner radius of a five-pointed star, in parts of the outer one."""
SLANT = 0.12
LARGEST, SMALLEST = 5.6, 2.6
"""Millimetres of the seal's characters."""
SIZES = (12.0, 11.0, 10.0, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.5, 5.0)
"""Points of a note's characters, the largest that leaves room for all of it."""
SMALL = 9.0
"""No larger is a note that says why there is no name."""
LEADING = 1.25
HANGING = "，。；：、！？）》”’…"


def name(text: str, font: Path, width: float, height: float) -> bytes:
    """Return a name that fills a box (in points): operators of a PDF."""
    size = min(height * 0.82, width / max(len(text), 2))
    left = (width - size * len(text)) / 2
    drawn = [f"{INK} rg"]
    for index, character in enumerate(text):
        outline, em = _outline(font, character)
        scale, lift = size / em, (index % 2) * size * 0.04
        x, y = left + index * size, (height - size) / 2 + size * 0.14 + lift
        place = f"{scale:.5f} 0 {scale * SLANT:.5f} {scale:.5f} {x:.2f} {y:.2f} cm"
        drawn.append(f"q {place} {outline} f Q")
    return "\n".join(drawn).encode()


def dated(written: bytes, day: str, font: Path, width: float, height: float) -> bytes:
    """Return what is written in the left half of a box (in points), and its day in the right."""
    size, half = 12.0, width / 2
    said = f"日期：{day}"
    left = half + (half - _length(font, said) * size) / 2
    beside = f"{INK} rg\n{_line(font, said, left, height * 0.2, size)}"
    return b"\n".join((written, beside.encode()))


def note(
    paragraphs: Sequence[str], font: Path, width: float, height: float, most: float = SMALL
) -> bytes:
    """Return paragraphs that fill a box (in points), with their characters to be read and found.

    :param most: the largest size of their characters
    """
    text = "".join(paragraphs)
    fitting = (size for size in SIZES if size <= most)
    sizes = (size for size in fitting if height >= _high(paragraphs, font, width, size))
    size = next(sizes, SIZES[-1])
    lines = [line for one in paragraphs for line in _broken(font, one, width / size)]
    top = height - (height - len(lines) * size * LEADING) / 2
    drawn = [f"{INK} rg"]
    for index, line in enumerate(lines):
        low = top - (index + 1) * size * LEADING + size * 0.3
        drawn.append(_line(font, line, 0, low, size))
        drawn.append(words.shown(line, text, 0, low, size))
    return "\n".join(drawn).encode()


def _high(paragraphs: Sequence[str], font: Path, width: float, size: float) -> float:
    return sum(len(_broken(font, one, width / size)) for one in paragraphs) * size * LEADING


def _broken(font: Path, paragraph: str, room: float) -> list[str]:
    """Return a paragraph in lines; a mark that must not begin one hangs on the line before."""
    lines, taken = [""], 0.0
    for character in paragraph:
        wide = _length(font, character)
        if taken + wide > room and character not in HANGING:
            lines.append("")
            taken = 0.0
        lines[-1] += character
        taken += wide
    return lines


def _line(font: Path, text: str, left: float, low: float, size: float) -> str:
    drawn = []
    for character in text:
        outline, em = _outline(font, character)
        scale = size / em
        drawn.append(f"q {scale:.5f} 0 0 {scale:.5f} {left:.2f} {low:.2f} cm {outline} f Q")
        left += _length(font, character) * size
    return "\n".join(drawn)


def seal(organ: str, font: Path, bottom: str = "", diameter: float = DIAMETER) -> bytes:
    """Return a round seal: the organ's name along the ring, a star, a line below (in points)."""
    unit = MILLIMETRE
    radius = diameter / 2
    characters = list(organ)
    room = 2 * math.pi * (radius - RING - 4) * 0.72
    size = max(SMALLEST, min(LARGEST, room / max(len(characters), 8)))
    span = math.radians(min(280, 24 * max(len(characters) - 1, 1)))
    baseline = radius - RING - 0.9 - size * 0.88 * 1.18
    drawn = [
        f"{RED} rg {RED} RG",
        f"{unit:.5f} 0 0 {unit:.5f} {radius * unit:.3f} {radius * unit:.3f} cm",
        f"{RING} w {_circle(radius - RING / 2)} S",
        f"{_star(STAR / 2)} f",
    ]
    step = span / (len(characters) - 1) if len(characters) > 1 else 0
    for index, character in enumerate(characters):
        angle = -(-span / 2 + step * index) if len(characters) > 1 else 0
        drawn.append(_on_ring(font, character, angle, baseline, size))
    if bottom:
        drawn.append(_below(font, bottom, radius))
    return "\n".join(drawn).encode()


def _on_ring(font: Path, character: str, angle: float, baseline: float, size: float) -> str:
    outline, em = _outline(font, character)
    across, along = size * 0.82 / em, size * 1.18 / em
    cos, sin = math.cos(angle), math.sin(angle)
    turned = f"{cos:.5f} {sin:.5f} {-sin:.5f} {cos:.5f} 0 0 cm"
    placed = f"{across:.6f} 0 0 {along:.6f} {-size * 0.41:.4f} {baseline:.4f} cm"
    return f"q {turned} {placed} {outline} f Q"


def _below(font: Path, text: str, radius: float) -> str:
    size = min(3.6, 22 / len(text))
    drawn = []
    for index, character in enumerate(text):
        outline, em = _outline(font, character)
        scale = size / em
        x = (index - len(text) / 2) * size
        drawn.append(f"q {scale:.6f} 0 0 {scale:.6f} {x:.4f} {-radius * 0.66:.4f} cm {outline} f Q")
    return "\n".join(drawn)


def _circle(radius: float) -> str:
    k = radius * 0.5522847
    r = radius
    return (
        f"{r} 0 m {r} {k} {k} {r} 0 {r} c {-k} {r} {-r} {k} {-r} 0 c "
        f"{-r} {-k} {-k} {-r} 0 {-r} c {k} {-r} {r} {-k} {r} 0 c h"
    )


def _star(radius: float) -> str:
    points = []
    for index in range(10):
        at = radius if index % 2 == 0 else radius * INNER
        angle = math.radians(90 + 36 * index)
        points.append(f"{at * math.cos(angle):.4f} {at * math.sin(angle):.4f}")
    first, *others = points
    return f"{first} m " + " ".join(f"{point} l" for point in others) + " h"


def _length(font: Path, text: str) -> float:
    """Return how far a text reaches, in parts of its size."""
    return sum(_advance(font, character) for character in text)


READING = Lock()
"""A font unpacks its glyphs as they are asked for: two at once would find one half unpacked."""


@lru_cache(maxsize=2048)
def _advance(font: Path, character: str) -> float:
    if not font.is_file():
        return 1.0
    with READING:
        glyphs, characters, em = _font(font)
        found = characters.get(ord(character))
        return float(glyphs[found].width) / em if found is not None else 1.0


@lru_cache(maxsize=8)
def _font(path: Path) -> tuple[Any, Any, int]:
    font = TTFont(path, lazy=True)
    return font.getGlyphSet(), font.getBestCmap(), font["head"].unitsPerEm


@lru_cache(maxsize=2048)
def _outline(font: Path, character: str) -> tuple[str, int]:
    """Return a character's outline and the size of the em it is drawn on; nothing without it."""
    if not font.is_file():
        return "", 1000
    with READING:
        glyphs, characters, em = _font(font)
        name_of_glyph = characters.get(ord(character))
        if name_of_glyph is None:
            return "", em
        pen = _Pen(glyphs)
        glyphs[name_of_glyph].draw(pen)
        return " ".join(pen.operators), em


class _Pen(BasePen):  # type: ignore[misc]
    """Writes outlines as PDF operators."""

    def __init__(self, glyphs: Any) -> None:
        super().__init__(glyphs)
        self.operators: list[str] = []

    def _moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self._write("m", point)

    def _lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self._write("l", point)

    def _curveToOne(self, *points: tuple[float, float]) -> None:  # noqa: N802
        self._write("c", *points)

    def _closePath(self) -> None:  # noqa: N802
        self.operators.append("h")

    def _write(self, operator: str, *points: tuple[float, float]) -> None:
        numbers = " ".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self.operators.append(f"{numbers} {operator}")
