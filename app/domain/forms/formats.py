"""Formats of answers, and the one canonical way each is written."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from stdnum.cn import uscc

from app.domain.deadlines import BEIJING

LARGEST = 2**53

DATE = re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}")
MONTH = re.compile(r"[1-9][0-9]{3}-(0[1-9]|1[0-2])")
TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
PHONE = re.compile(
    r"1[3-9]\d{9}|(0\d{2,3}-?)?[2-9]\d{6,7}(-\d{1,6})?|400-?\d{3}-?\d{4}|1\d{4}", re.ASCII
)
DIGITS = re.compile(r"[0-9]+")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
ATTACHMENT = re.compile(r"[A-Za-z0-9_-]{1,64}")

FORMATS = FormatChecker(formats=())


def _format(name: str) -> Callable[[Callable[[str], bool]], None]:
    def register(test: Callable[[str], bool]) -> None:
        def check(value: object) -> bool:
            return not isinstance(value, str) or test(value)

        FORMATS.checks(name, raises=(ValueError, OverflowError))(check)

    return register


@_format("date")
def _date(value: str) -> bool:
    return bool(DATE.fullmatch(value)) and bool(date.fromisoformat(value))


@_format("date-time")
def _date_time(value: str) -> bool:
    at = datetime.fromisoformat(value)
    return "T" in value and at.tzinfo is not None and bool(at.astimezone(BEIJING))


for _name, _pattern in {
    "month": MONTH,
    "time": TIME,
    "phone": PHONE,
    "digits": DIGITS,
    "email": EMAIL,
    "attachment": ATTACHMENT,
}.items():
    _format(_name)(lambda value, pattern=_pattern: bool(pattern.fullmatch(value)))  # type: ignore[misc]


@_format("uscc")
def _uscc(value: str) -> bool:
    """统一社会信用代码 in its one spelling: 18 characters, the last one a check (GB 32100)."""
    return value == uscc.compact(value) and uscc.is_valid(value)


def canonical_moment(value: str) -> str:
    """Write a moment as Beijing time to the second; what is no moment stays as it is."""
    try:
        at = datetime.fromisoformat(value)
        at = at.replace(tzinfo=BEIJING) if at.tzinfo is None else at.astimezone(BEIJING)
    except (ValueError, OverflowError):
        return value
    return at.isoformat(timespec="seconds") if "T" in value or " " in value else value


def canonical_number(value: Any, *, whole: bool) -> Any:
    """Write 3.0 as 3 where whole numbers are asked for; what no column holds is no number."""
    if isinstance(value, bool):
        return value
    if not abs(value) <= LARGEST:  # neither is NaN
        return "NaN"
    return int(value) if whole and isinstance(value, float) and value.is_integer() else value


def canonical_text(value: str) -> str:
    """Trim, and write every kind of line end in one way; word processors bring odd ones."""
    for end in ("\r\n", "\r", "\v", "\f", "\u2028", "\u2029"):
        value = value.replace(end, "\n")
    return value.strip()


def _multiple_of(
    _validator: Any, step: float, value: Any, _schema: Any
) -> Iterator[ValidationError]:
    """Count in decimals, as people do: 0.29 is a multiple of 0.01."""
    counted = isinstance(value, int | float) and not isinstance(value, bool)
    if counted and Decimal(str(value)) % Decimal(str(step)):
        yield ValidationError("not a multiple")


Validator: type[Draft202012Validator] = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"multipleOf": _multiple_of}
)
