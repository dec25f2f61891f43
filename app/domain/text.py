"""Words for people, kept apart from the language they are read in.

Below the web layer nobody knows the reader's language, so a message travels as a `Text`: the
Chinese wording, which is also its key in the catalogue `app/web/translations`, and the values to
put in. A `Term` is a word that no catalogue can know, because it comes from data, such as a form's
field or a diagram's step: it brings its own English.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Text:
    """A message: `wording` with `{name}` places, and the `values` that go there."""

    wording: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.read(lambda wording: wording)

    def read(self, translate: Callable[[str], str], language: str = "zh") -> str:
        """Return the message in the language of `translate`; values that are texts are read too."""
        values = {
            name: value.read(translate, language) if isinstance(value, Text) else value
            for name, value in self.values.items()
        }
        return translate(self.wording).format(**values)


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
