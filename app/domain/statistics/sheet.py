"""A table of statistics as it is laid out: one layout for the page, the paper and the file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.statistics import By, Column, Group, Table, Type, share


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: whose, their figures by column, and the things of theirs it lists."""

    name: str
    values: Mapping[str, Any]
    bys: frozenset[By]
    details: Sequence[Mapping[str, Any]] = ()
    number: int | None = None
    key: int | None = None
    """The id of the report it comes from."""
    zero: bool = False


@dataclass(frozen=True, slots=True)
class Laid:
    """A line as it is laid out: a cell for each plain column, a row of cells for each thing."""

    line: Line
    cells: Sequence[Any]
    details: Sequence[Sequence[str]]

    @property
    def height(self) -> int:
        return max(1, len(self.details))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole table: the merged head, and its lines."""

    groups: Sequence[tuple[Group, Sequence[Column]]]
    lines: Sequence[Laid]

    @property
    def plain(self) -> list[Column]:
        """The columns with one cell in each line."""
        return [c for group, columns in self.groups if not group.repeats for c in columns]

    @property
    def repeated(self) -> list[Column]:
        return [c for group, columns in self.groups if group.repeats for c in columns]


def lay_out(table: Table, lines: Sequence[Line]) -> Sheet:
    """Return the table with its lines; groups that repeat stand behind the others."""
    ordered = sorted(table.groups, key=lambda group: group.repeats)
    groups = [(group, table.of(group)) for group in ordered if table.of(group)]
    sheet = Sheet(groups, ())
    return Sheet(groups, [_laid(sheet, line) for line in lines])


def _laid(sheet: Sheet, line: Line) -> Laid:
    cells = [_cell(column, line) for column in sheet.plain]
    details = [
        [str(thing.get(column.key) or "") for column in sheet.repeated] for thing in line.details
    ]
    return Laid(line, cells, details)


def _cell(column: Column, line: Line) -> Any:
    if column.by not in line.bys:
        return ""
    if column.type is Type.SHARE:
        return share(line.values.get(column.part), line.values.get(column.whole))
    value = line.values.get(column.key)
    return "" if value is None else value
