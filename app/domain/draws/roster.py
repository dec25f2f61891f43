"""What a draw is made from, line by line: the roster, its reasons, the inspectors, conflicts."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SEPARATOR = "|"
KEY, WORRISOME, ORDINARY = "K", "W", "-"
CLASSES = (ORDINARY, KEY, WORRISOME, KEY + WORRISOME)


@dataclass(frozen=True, slots=True)
class Entry:
    """An enterprise of the roster: `id` is its credit code, else E and its number with us."""

    county: str
    id: str
    name: str
    key: bool = False
    worrisome: bool = False
    reason: str = ""
    """Why it is key or worrisome."""

    @property
    def mandatory(self) -> bool:
        """Whether it is covered in full (R1)."""
        return self.key or self.worrisome

    @property
    def mark(self) -> str:
        """Its class as a line of the roster has it."""
        return KEY * self.key + WORRISOME * self.worrisome or ORDINARY


@dataclass(frozen=True, slots=True)
class Inspector:
    """Somebody who may be drawn to go: `id` is the number of their licence."""

    id: str
    name: str


Conflict = tuple[str, str]
"""An enterprise and an inspector who has declared an interest in it (回避), by their ids."""


def plain(text: str) -> str:
    """Return a text as part of a line: without what parts lines and their parts."""
    return " ".join(text.replace(SEPARATOR, "/").split())


def sha256(text: str) -> str:
    """Return the digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def lines(rows: Iterable[Iterable[str]]) -> str:
    """Return rows as sorted lines."""
    written = (SEPARATOR.join(map(plain, row)) + "\n" for row in rows)
    return "".join(sorted(written, key=str.encode))


def roster_text(entries: Iterable[Entry]) -> str:
    """Return the frozen roster: `county|id|class|name`."""
    return lines((entry.county, entry.id, entry.mark, entry.name) for entry in entries)


def reasons_text(entries: Iterable[Entry]) -> str:
    """Return why enterprises are key or worrisome: `id|class|reason`."""
    return lines((entry.id, entry.mark, entry.reason) for entry in entries if entry.mandatory)


def pool_text(inspectors: Iterable[Inspector]) -> str:
    """Return the frozen pool of inspectors: `id|name`."""
    return lines((one.id, one.name) for one in inspectors)


def conflicts_text(conflicts: Iterable[Conflict]) -> str:
    """Return the declared conflicts of interest: `enterprise|inspector`."""
    return lines(conflicts)


class Unreadable(ValueError):
    """A text is not what the format says; the message names the line."""


def rows(text: str, name: str, parts: int) -> list[list[str]]:
    """Return the parts of each line of a text of this format.

    :raises Unreadable: if a line has other parts, or lines are out of order or come twice
    """
    if text and not text.endswith("\n"):
        raise Unreadable(f"{name}: the last line does not end")
    found = text.split("\n")[:-1]
    if sorted(set(found), key=str.encode) != found:
        raise Unreadable(f"{name}: lines are out of order, or come twice")
    split = [line.split(SEPARATOR) for line in found]
    for number, line in enumerate(split, 1):
        if len(line) != parts or not all(line):
            raise Unreadable(f"{name}: line {number} does not have {parts} parts")
    return split


def read_roster(text: str) -> list[Entry]:
    """Return the entries of a roster; their reasons stand elsewhere."""
    found = []
    for county, id_, mark, name in rows(text, "roster", 4):
        if mark not in CLASSES:
            raise Unreadable(f"roster: {id_} has the class {mark}")
        found.append(Entry(county, id_, name, KEY in mark, WORRISOME in mark))
    if len({entry.id for entry in found}) != len(found):
        raise Unreadable("roster: an enterprise comes twice")
    return found


def read_pool(text: str) -> list[Inspector]:
    """Return the inspectors of a pool."""
    found = [Inspector(id_, name) for id_, name in rows(text, "pool", 2)]
    if len({one.id for one in found}) != len(found):
        raise Unreadable("pool: an inspector comes twice")
    return found


def read_conflicts(text: str) -> set[Conflict]:
    """Return declared conflicts."""
    return {(enterprise, inspector) for enterprise, inspector in rows(text, "conflicts", 2)}


def counties(entries: Iterable[Entry]) -> Mapping[str, list[Entry]]:
    """Return the entries by county, counties in order."""
    found: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: one.county):
        found.setdefault(entry.county, []).append(entry)
    return found
