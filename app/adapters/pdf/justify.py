"""Set Chinese lines flush on both sides: space goes between characters, not only between words.

WeasyPrint 70 stretches blanks alone, of which Chinese has none. What is replaced here is private to
it: `requirements.in` pins the version, and `check` refuses another whose functions look different.
"""

import inspect
import re
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.layout import inline
from weasyprint.text import line_break

CHINESE = re.compile(
    "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u2018-\u201d\u2014\u2026\u3000-\u303f"
    "\U00020000-\U0003ffff]"
)
MOST = 0.34
"""Parts of the type size: a line that would need more per character stays ragged."""
EXPECTED = {
    "justify_line": "(context, line, extra_width)",
    "count_expandable_spaces": "(box)",
    "add_word_spacing": "(context, box, justification_spacing, x_advance)",
}

_set_plain = line_break.Layout.set_text


def check() -> None:
    """Refuse a WeasyPrint whose functions are not those that are replaced.

    :raises RuntimeError: if one of them looks different
    """
    for name, signature in EXPECTED.items():
        found = str(inspect.signature(getattr(inline, name)))
        if found != signature:
            raise RuntimeError(f"Expected weasyprint's {name}{signature}, but it is {name}{found}")


def install() -> None:
    """Replace WeasyPrint's justification in this process."""
    check()
    line_break.Layout.set_text = _set_text
    inline.count_expandable_spaces = _places
    inline.justify_line = _justify_line


def _places(box: Any) -> int:
    """Count the places of a box between which space can go."""
    if isinstance(box, boxes.TextBox):
        text: str = box.text
        return len(text) if CHINESE.search(text) else text.count(" ") + text.count("\u00a0")
    if isinstance(box, boxes.LineBox | boxes.InlineBox):
        return sum(_places(child) for child in box.children)
    return 0


def _justify_line(context: Any, line: Any, extra: float) -> None:
    places = _places(line)
    if not places or extra / places > MOST * line.style["font_size"]:
        return
    inline.add_word_spacing(context, line, extra / places, 0)


def _set_text(self: Any, text: str, justify: bool = False) -> None:  # noqa: FBT001, FBT002
    if not (justify and self.justification_spacing and CHINESE.search(text)):
        _set_plain(self, text, justify)
        return
    style, spacing = self.style, self.justification_spacing
    letters = style["letter_spacing"]
    self.style = _Spaced(style, (0 if letters == "normal" else letters) + spacing)
    self.justification_spacing = 0
    try:
        _set_plain(self, text, False)
    finally:
        self.style, self.justification_spacing = style, spacing


class _Spaced:
    """A style with another space between letters."""

    __slots__ = ("_spacing", "_style")

    def __init__(self, style: Any, spacing: float) -> None:
        self._style = style
        self._spacing = spacing

    def __getitem__(self, name: str) -> Any:
        return self._spacing if name == "letter_spacing" else self._style[name]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._style, name)
