"""One answer and the text in its control, in both directions."""

import math
import unicodedata
from datetime import datetime
from typing import Any

from app.domain.deadlines import BEIJING
from app.domain.forms import Field, Kind
from app.domain.forms.formats import canonical_moment, canonical_text

YES, NO = "true", "false"
LONGEST_NUMBER = 40


def parse_control(field: Field, values: list[str]) -> Any:
    """Return the answer in a control's texts, or None; what cannot be read stays as it is."""
    first = canonical_text(values[0]) if values else ""
    match field.kind:
        case Kind.BOOLEAN if field.ticked:
            return bool(first)
        case Kind.BOOLEAN:
            return {YES: True, NO: False}.get(first)
        case Kind.CHOICES:
            return [_choice(field, value) for value in values if value] or None
        case Kind.LINES:
            lines = [line.strip() for line in first.split("\n")]
            return [line for line in lines if line] or None
        case _:
            return _single(field, first) if first else None


def _single(field: Field, text: str) -> Any:
    if field.kind is Kind.CHOICE:
        return _choice(field, text)
    if field.kind is Kind.NUMBER:
        return _number(text, whole=field.whole)
    return canonical_moment(text) if field.format == "date-time" else text


def _choice(field: Field, text: str) -> Any:
    return next((choice.value for choice in field.choices if str(choice.value) == text), text)


def _number(text: str, *, whole: bool) -> Any:
    """Read a number as people type it: full-width digits, thousands parted, a blank inside."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")
    if len(plain) > LONGEST_NUMBER or "_" in plain:
        return text
    try:
        number = float(plain)
        return int(plain) if whole or plain.lstrip("+-").isdecimal() else _finite(number, text)
    except ValueError:
        return text


def _finite(number: float, text: str) -> float | str:
    return number if math.isfinite(number) else text


def control_text(field: Field, answer: Any) -> str:
    """Return what stands in the control of a text, number, date or lines field."""
    if answer is None:
        return ""
    if field.kind is Kind.LINES and isinstance(answer, list):
        return "\n".join(str(line) for line in answer)
    if isinstance(answer, bool):
        return YES if answer else NO
    if field.format == "date-time" and isinstance(answer, str):
        return _local(answer)
    return str(answer)


def _local(moment: str) -> str:
    """Write a moment as the browser's control for date and time wants it."""
    try:
        at = datetime.fromisoformat(moment).astimezone(BEIJING)
    except (ValueError, OverflowError):
        return moment
    return f"{at:%Y-%m-%dT%H:%M:%S}" if at.second else f"{at:%Y-%m-%dT%H:%M}"
