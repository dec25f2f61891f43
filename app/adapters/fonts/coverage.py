"""Which characters the fonts of papers have: read from their tables in a few milliseconds."""

import struct
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path

SEGMENTED, WIDE = 4, 12
"""The formats of a character map: for the basic plane, and for all of Unicode."""
FONT_FILES = ("*.ttf", "*.otf", "*.ttc", "*.TTF", "*.OTF", "*.TTC")


def lacking(text: str, *folders: Path) -> str:
    """Return the characters of `text` that no font in `folders` has, each once."""
    fonts = [_ranges(path) for folder in folders for path in _fonts(folder)]
    found = {
        character
        for character in set(text)
        if ord(character) > 0x7F and not any(_holds(font, ord(character)) for font in fonts)  # noqa: PLR2004
    }
    return "".join(sorted(found))


def _fonts(folder: Path) -> list[Path]:
    return sorted(path for pattern in FONT_FILES for path in folder.glob(pattern))


def _holds(font: tuple[tuple[int, ...], tuple[int, ...]], code: int) -> bool:
    starts, ends = font
    at = bisect_right(starts, code) - 1
    return at >= 0 and code <= ends[at]


@lru_cache(maxsize=64)
def _ranges(path: Path) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the first and the last codes of the ranges of characters that a font has."""
    data = path.read_bytes()
    start = struct.unpack(">I", data[12:16])[0] if data[:4] == b"ttcf" else 0
    tables = struct.unpack(">H", data[start + 4 : start + 6])[0]
    for index in range(tables):
        at = start + 12 + 16 * index
        if data[at : at + 4] == b"cmap":
            offset = struct.unpack(">I", data[at + 8 : at + 12])[0]
            pairs = sorted(_character_map(data, offset))
            return tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
    return (), ()


def _character_map(data: bytes, start: int) -> list[tuple[int, int]]:
    count = struct.unpack(">H", data[start + 2 : start + 4])[0]
    pairs: list[tuple[int, int]] = []
    best = 0
    for index in range(count):
        record = start + 4 + 8 * index
        at = start + struct.unpack(">I", data[record + 4 : record + 8])[0]
        kind = struct.unpack(">H", data[at : at + 2])[0]
        if kind == WIDE and best < WIDE:
            groups = struct.unpack(">I", data[at + 12 : at + 16])[0]
            every = struct.iter_unpack(">III", data[at + 16 : at + 16 + 12 * groups])
            pairs, best = [(first, last) for first, last, _glyph in every], WIDE
        elif kind == SEGMENTED and best < SEGMENTED:
            twice = struct.unpack(">H", data[at + 6 : at + 8])[0]
            form = f">{twice // 2}H"
            lasts = struct.unpack(form, data[at + 14 : at + 14 + twice])
            firsts = struct.unpack(form, data[at + 16 + twice : at + 16 + 2 * twice])
            pairs, best = list(zip(firsts, lasts, strict=True)), SEGMENTED
    return pairs
