"""Lists as files, in the reader's words: headings by which the same list can be imported again."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

from app.adapters import sheets
from app.adapters.sheets import Table
from app.domain.enterprises import (
    CARDS,
    GRADES,
    LIVES,
    PRODUCTIONS,
    SUPERVISIONS,
    TITLES,
)
from app.domain.text import T, Text
from app.services.enterprises.exporting import PLAIN
from app.services.enterprises.terms import FIELDS, Terms
from app.services.exports import Export, record
from app.web.attached import file_answer
from app.web.language import listed, read
from app.web.request import actor, deps

OWN_TITLES: Mapping[str, Text] = {
    "life": T("状态"),
    "card": T("黄红牌"),
    "blacklisted": T("严重失信名单"),
}
WORDS: Mapping[str, Mapping[Any, Text]] = {
    "supervision": SUPERVISIONS,
    "production": PRODUCTIONS,
    "grade": GRADES,
    "life": LIVES,
    "card": CARDS,
}


def heading() -> list[str]:
    """Return the headings of the columns."""
    titles = [TITLES.get(key) or OWN_TITLES[key] for key in PLAIN]
    return [str(read(title)) for title in (T("序号"), TITLES["name"], *titles)]


def lines(
    rows: Sequence[Mapping[str, Any]], terms: Terms, places: Mapping[str, str]
) -> list[list[Any]]:
    """Return the cells of enterprises below the headings."""
    return [
        [number, row["name"], *(_cell(key, row[key], terms, places) for key in PLAIN)]
        for number, row in enumerate(rows, 1)
    ]


def _cell(key: str, value: Any, terms: Terms, places: Mapping[str, str]) -> Any:
    if value is None or value in ("", []):
        return ""
    if isinstance(value, bool):
        return read(T("是")) if value else ""
    if key in WORDS:
        return str(read(WORDS[key][value]))
    if key in FIELDS:
        codes = value if isinstance(value, list) else [value]
        return listed(terms.name(FIELDS[key], code) for code in codes)
    if key == "place":
        return places.get(value, value)
    return value if isinstance(value, int | float) else str(value)


def recorded(
    action: str,
    wanted: Any,
    kind: str,
    title: str,
    head: list[str],
    body: list[list[Any]],
    mark: object,
) -> Response:
    """Answer with a list as a file, and write down that it was taken away.

    :param action: as the history names it
    :param wanted: what the list was narrowed by
    """
    answer = handed_out(kind, title, head, body, mark)
    with deps().transaction(actor()) as work:
        record(work, Export(action, wanted, kind, len(body), answer.get_data()))
    return answer


def recorded_book(
    action: str, wanted: Any, title: str, tables: Sequence[Table], mark: object
) -> Response:
    """Answer with lists as the sheets of one file, and write down that it was taken away."""
    answer = file_answer(sheets.workbook(tables), sheets.XLSX, f"{title}-{mark}.xlsx")
    rows = sum(len(list(table.rows)) for table in tables)
    with deps().transaction(actor()) as work:
        record(work, Export(action, wanted, "xlsx", rows, answer.get_data()))
    return answer


def wanted_kind(told: str | None) -> str:
    """Return which kind of file a reader wants: a workbook, unless they say `csv`."""
    return "csv" if told == "csv" else "xlsx"


def handed_out(
    kind: str, title: str, head: list[str], body: list[list[Any]], mark: object
) -> Response:
    """Answer with a list as a file of a kind, named by its title and what marks this one."""
    if kind == "csv":
        data, media_type = "".join(sheets.csv_lines([head, *body])).encode(), sheets.CSV
    else:
        data, media_type = sheets.xlsx(title, head, body), sheets.XLSX
    return file_answer(data, media_type, f"{title}-{mark}.{kind}")
