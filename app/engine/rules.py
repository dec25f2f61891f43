"""The shape of a time rule as it stands in a diagram; `app.domain.deadlines` knows its meaning."""

import re
from datetime import date, datetime
from typing import Final

_DURATION: Final = r"P(?:\d{1,4}(?:BD|[DWM])|T(?=\d)(?:\d{1,5}H)?(?:\d{1,5}M)?)"
_MOMENT: Final = r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d))?"
_RULE: Final = re.compile(rf"(?:{_DURATION}/)?(?P<moment>{_MOMENT})|{_DURATION}", re.ASCII)
_SPAN: Final = re.compile(_DURATION, re.ASCII)
_LOOKS: Final = re.compile(r"\d{4}-|[PR]\d|PT", re.ASCII)


def is_rule(text: str) -> bool:
    """Test whether `text` is a time rule, such as `P5BD`, `2027-06-30` or `P3D/2027-06-30`."""
    found = _RULE.fullmatch(text)
    return found is not None and _exists(found["moment"])


def is_duration(text: str) -> bool:
    """Test whether `text` is a duration, such as `P5BD`."""
    return _SPAN.fullmatch(text) is not None


def looks_like_rule(text: str) -> bool:
    """Test whether `text` was meant as a bare rule, right or wrong, and not as an expression."""
    return _LOOKS.match(text) is not None


def _exists(moment: str | None) -> bool:
    try:
        if moment and "T" in moment:
            datetime.fromisoformat(moment)
        elif moment:
            date.fromisoformat(moment)
    except ValueError:
        return False
    return True
