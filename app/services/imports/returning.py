"""What of a list is wrong, laid out as it was handed in, to be mended and handed in again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.adapters import sheets
from app.domain import NotFound
from app.domain.enterprises.annex import find_table
from app.domain.imports import Outcome, RowStatus
from app.domain.text import T, Text
from app.services import Work
from app.services.imports import taking


@dataclass(frozen=True, slots=True)
class Wrong:
    """A row of the list: its line in the file, all its cells, and what is wrong by field."""

    number: int
    cells: Sequence[str]
    errors: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Returned:
    """The rows of a list that were not taken, below the titles and headings of the file."""

    name: str
    head: Sequence[Sequence[str]]
    columns: Mapping[str, tuple[int, str]]
    """The column of each field that was understood, and its heading."""
    rows: Sequence[Wrong]


def wrong(work: Work, batch_id: int) -> Returned:
    """Return the rows of an import that are wrong, or that could not be carried out.

    :raises NotFound: if it lies outside the actor's area, has no such rows, or its file is gone
    """
    batch = taking.get(work, batch_id)
    kept = {
        row.number: row.errors
        for status in (RowStatus.BAD, Outcome.FAILED)
        for row in taking.rows(work, batch_id, status, most=sheets.MOST_ROWS)[0]
    }
    if not kept:
        raise NotFound(T("此名单没有错误的行"))
    try:
        lines = sheets.read(work.deps.files.get(batch.sha256)).lines
    except (OSError, sheets.Unreadable) as gone:
        raise NotFound(T("原名单文件无法读取")) from gone
    table = find_table(lines)
    if table is None:
        raise NotFound(T("原名单文件无法读取"))
    rows = [Wrong(at, cells, kept[at]) for at, cells in table.lines if at in kept]
    return Returned(batch.name, [cells for _at, cells in lines[: table.top]], table.columns, rows)
