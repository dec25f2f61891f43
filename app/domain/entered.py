"""What people and callers write into a field or an address: a whole number, a reason."""

from app.domain import Invalid
from app.domain.text import T, Text

LONG_ID = 18
"""Digits that every database keeps as an id (bigint)."""
PLAIN_INTEGER = 9
"""Digits that every database keeps in a plain integer."""
MOST_REASON = 500
MISSING = T("请填写原因")


def whole(text: str | None, digits: int = LONG_ID) -> int | None:
    """Return the number that plain digits write, as an id or a cursor; None if they do not."""
    if text and text.isascii() and text.isdigit() and len(text) <= digits:
        return int(text)
    return None


def reason(text: str, missing: Text = MISSING, most: int = MOST_REASON) -> str:
    """Return a reason without the blanks around it.

    :raises Invalid: at `/reason`, if there is none, or it is longer than `most` characters
    """
    told = text.strip()
    if not told:
        raise Invalid({"/reason": missing})
    if len(told) > most:
        raise Invalid({"/reason": T("不能超过 {n} 个字", n=most)})
    return told
