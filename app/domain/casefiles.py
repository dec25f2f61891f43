"""Case files (案卷): where the making of one stands, and the list of what is in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.text import T, Text

FORMAT = "bihuan-case-file/1"
"""What the record that travels with a case file says it is."""
RECORD = "record.json"


class FileState(StrEnum):
    """Where the making of a case file stands."""

    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


STATES: Mapping[FileState, Text] = {
    FileState.MAKING: T("正在制卷"),
    FileState.READY: T("已成卷"),
    FileState.FAILED: T("制卷未成功"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """What stands in a case file as one line of its contents (卷内目录)."""

    title: str
    number: str
    day: str
    """In ISO 8601, or ""."""
    note: str
    pages: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents with its pages, counted from 1."""

    part: Part
    first: int
    last: int


def contents(parts: Iterable[Part]) -> list[Entry]:
    """Return the list of what is in a case file; what has no page is not in it."""
    found, at = [], 1
    for part in parts:
        if part.pages:
            found.append(Entry(part, at, at + part.pages - 1))
            at += part.pages
    return found
