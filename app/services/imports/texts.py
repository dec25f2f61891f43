"""Texts for people as they are kept in a row: wording, values, and English where data has it."""

from collections.abc import Mapping
from typing import Any

from app.domain.text import Term, Text


def pack(text: Text) -> list[Any]:
    """Return a text as JSON can keep it."""
    values = {
        name: pack(value) if isinstance(value, Text) else value
        for name, value in text.values.items()
    }
    english = [text.english] if isinstance(text, Term) else []
    return [text.wording, values, *english]


def unpack(packed: list[Any]) -> Text:
    """Return the text again."""
    if len(packed) == 3:  # noqa: PLR2004
        return Term(packed[0], english=packed[2])
    values = {
        name: unpack(value) if isinstance(value, list) else value
        for name, value in packed[1].items()
    }
    return Text(packed[0], values)


def pack_all(errors: Mapping[str, Text]) -> dict[str, Any]:
    return {key: pack(text) for key, text in errors.items()}


def unpack_all(errors: Mapping[str, Any]) -> dict[str, Text]:
    return {key: unpack(packed) for key, packed in errors.items()}
