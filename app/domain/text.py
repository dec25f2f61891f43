"""Words for people, kept apart from the language they are read in.

Below the web layer nobody knows the reader's language, so a message travels as a `Text`: the
Chinese wording, which is also its key in the catalogue `app/web/translations`, and the values to
put in. A `Term` is a word that no catalogue can know, because it comes from data, such as a form's
field or a diagram's step: it brings its own English.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def day_in(language: str, day: date) -> str:
    """Write a day: 2026年11月20日, or 20 Nov 2026."""
    if language == "en":
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass(frozen=True)
class Text:
    """A message: `wording` with `{name}` places, and the `values` that go there."""

    wording: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.read(lambda wording: wording)

    def read(self, translate: Callable[[str], str], language: str = "zh") -> str:
        """Return the message in the language of `translate`; texts and days in it are read too."""
        values = {name: _value(value, translate, language) for name, value in self.values.items()}
        return translate(self.wording).format(**values)


def _value(value: Any, translate: Callable[[str], str], language: str) -> Any:
    if isinstance(value, Text):
        return value.read(translate, language)
    if isinstance(value, date) and not isinstance(value, datetime):
        return day_in(language, value)
    return value


@dataclass(frozen=True)
class Term(Text):
    """A word from data in both languages; without English it is read in Chinese by everybody."""

    english: str = field(default="", kw_only=True)

    def read(self, translate: Callable[[str], str], language: str = "zh") -> str:
        """Return the word itself; braces in it are no places."""
        return self.english if language == "en" and self.english else self.wording


def T(wording: str, /, **values: Any) -> Text:  # noqa: N802  (short: it marks a string for the catalogue)
    """Mark `wording` for translation and bind its values."""
    return Text(wording, values)
