"""Time rules as they stand in a diagram, bare; what they mean is `app.domain.deadlines`' affair."""

import re
from typing import Final

from app.domain.deadlines import BadRule, Term, instant, named

_LOOKS: Final = re.compile(r"\d{4}-|[PR]\d|PT|@", re.ASCII)


def is_rule(text: str) -> bool:
    """Test whether `text` is a time rule: `P5BD`, `2027-06-30`, `P3D/2027-06-30`, `@look_ends`."""
    before, slash, moment = text.partition("/")
    if not slash and text.startswith("P"):
        return is_duration(text)
    return _is_instant(moment if slash else text) and (not slash or is_duration(before))


def is_duration(text: str) -> bool:
    """Test whether `text` is a duration, such as `P5BD`."""
    try:
        Term.parse(text)
    except BadRule:
        return False
    return True


def looks_like_rule(text: str) -> bool:
    """Test whether `text` was meant as a bare rule, right or wrong, and not as an expression."""
    return _LOOKS.match(text) is not None


def _is_instant(text: str) -> bool:
    if named(text) is not None:
        return True
    try:
        instant(text)
    except (BadRule, OverflowError):
        return False
    return True
