"""Words for people, kept apart from the language they are read in.

Below the web layer nobody knows the reader's language, so a message travels as a `Text`: the Chinese
wording, which is also its key in the catalogue `app/web/translations`, and the values to put in.
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

    def read(self, translate: Callable[[str], str]) -> str:
        """Return the message in the language of `translate`; values that are texts are read too."""
        values = {
            name: value.read(translate) if isinstance(value, Text) else value
            for name, value in self.values.items()
        }
        return translate(self.wording).format(**values)


def T(wording: str, /, **values: Any) -> Text:  # noqa: N802  (short: it marks a string for the catalogue)
    """Mark `wording` for translation and bind its values."""
    return Text(wording, values)
