"""How much room a name takes, in Chinese and in English, at the viewer's 12 px."""

import unicodedata
from collections.abc import Iterable

from app.domain.layout.model import Size

LINE = 15
CHINESE = 12.5
LATIN = 6.7
OUTSIDE = 100  # the widest a name outside of its shape gets
TASK = Size(110, 80)
TASK_PADDING = 14
WIDEST_TASK = 160


def width(text: str) -> float:
    """Return how wide `text` is on one line."""
    return sum(
        CHINESE if unicodedata.east_asian_width(letter) in "WFA" else LATIN for letter in text
    )


def lines(text: str, room: float) -> int:
    """Return how many lines `text` fills: Chinese breaks anywhere, English between words."""
    count, used = 1, 0.0
    for piece in _pieces(text):
        need = width(piece)
        if used and used + need > room:
            count, used = count + 1, 0.0
        used += need
    return count


def _pieces(text: str) -> Iterable[str]:
    word = ""
    for letter in text:
        if unicodedata.east_asian_width(letter) in "WFA":
            if word:
                yield word
            word = ""
            yield letter
        else:
            word += letter
            if letter == " ":
                yield word
                word = ""
    if word:
        yield word


def label(*names: str, widest: int = OUTSIDE) -> Size | None:
    """Return the room for a name beside its shape, enough for each of its languages."""
    written = [name for name in names if name]
    if not written:
        return None
    longest = max(width(name) for name in written)
    room = min(longest + 8, widest)
    height = max(lines(name, room - 6) for name in written)
    return Size(round(room), height * LINE)


def task(*names: str) -> Size:
    """Return a box wide enough for two lines of Chinese and three of English."""
    box = TASK.width
    while box < WIDEST_TASK and any(
        lines(name, box - TASK_PADDING) > (2 if any(map(_is_chinese, name)) else 3)
        for name in names
    ):
        box += 10
    return Size(box, TASK.height)


def _is_chinese(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WFA"


def note(*names: str) -> Size:
    """Return the box of a text annotation."""
    room = 150
    return Size(room, max(lines(name, room - 12) for name in names) * LINE + 10)
