"""A place in braces in what a diagram says of a task, as `issue_paper/{kind}-schema.json`.

A routing variable says what stands there, once and for all when the task opens. So one task has
another form, and makes another paper, from case to case.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

_PLACE: Final = re.compile(r"\{([^{}]*)\}")
_VALUE: Final = "[a-z][a-z0-9_]{0,63}"


def places(text: str) -> Sequence[str]:
    """Return the names of the variables whose values a text has places for."""
    return _PLACE.findall(text)


def is_sound(text: str) -> bool:
    """Test whether a text has one place at most, and no brace beside it."""
    left, count = _PLACE.subn("", text)
    return count <= 1 and not {"{", "}"}.intersection(left)


def filled(text: str, value: str) -> str:
    """Return a text with a value in its place."""
    return _PLACE.sub(lambda _place: value, text)


def fitting(text: str, names: Iterable[str]) -> dict[str, str]:
    """Return those of some names that a text becomes by some value, by that value, in order."""
    before, _, after = _PLACE.sub("\0", text).partition("\0")
    wanted = re.compile(f"{re.escape(before)}({_VALUE}){re.escape(after)}")
    found = ((wanted.fullmatch(name), name) for name in sorted(names))
    return {match[1]: name for match, name in found if match}
