"""Lists as people send and want them: XLSX and CSV, read within bounds, written without formulas.

A spreadsheet is weighed before it is unpacked, and what begins like a formula is written as text.
"""

import csv
import io
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from unicodedata import east_asian_width

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter

from app.domain.filetypes import ENTRY
from app.domain.text import T, Text

MOST_BYTES = 20 * 2**20
MOST_UNPACKED = 96 * 2**20
MOST_PARTS = 2000
MOST_RATIO = 400
"""A sheet of equal lines packs about a hundredfold; a bomb, a thousandfold."""
RATIO_FROM = 4 * 2**20
MOST_IN_ROW = 16_384
"""Excel's own limit; a parser holds a whole row in memory."""
MOST_MERGED = 20_000
MOST_ROWS = 20_000
MOST_COLUMNS = 64
LONGEST_CELL = 2000
NARROWEST, WIDEST = 10, 48
MEASURED = 500
"""So many rows say how wide a column is."""
BLANKS_AFTER = 200
"""So many empty rows in a row, and the rest of the sheet is taken to be empty."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
ENCODINGS = ("utf-8-sig", "gb18030")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# ASVS 1.2.10: what a spreadsheet program may take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Line = tuple[int, list[str]]
"""The number of a row, as the spreadsheet counts it, and its cells as text."""


class Unreadable(Exception):
    """The file is no list that can be read; `text` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a file: its name, or the encoding of a plain text."""

    name: str
    lines: list[Line]


def is_spreadsheet(data: bytes) -> bool:
    return data.startswith(b"PK\x03\x04")


def weigh(data: bytes) -> None:
    """Look at a file without unpacking it.

    :raises Unreadable: if it is no list that we take, or could not be unpacked safely
    """
    if not data:
        raise Unreadable(T("文件是空的"))
    if len(data) > MOST_BYTES:
        raise Unreadable(T("文件不能超过 {n} MB", n=MOST_BYTES // 2**20))
    if is_spreadsheet(data):
        _weigh_archive(data)
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(T("不支持旧版 XLS 或加密的文件，请另存为 XLSX 或 CSV"))
    elif b"\0" in data[:4096] or data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!")):
        raise Unreadable(T("只接受 XLSX 和 CSV 文件"))


def _weigh_archive(data: bytes) -> None:
    if data.count(ENTRY) > MOST_PARTS:  # a huge directory would fill the memory when it is read
        raise Unreadable(T("文件解压后过大，可能是恶意文件，已拒绝"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except Exception as broken:  # a parser of foreign files can fail in any way
        raise Unreadable(T("文件已损坏，无法打开")) from broken
    names = {part.filename for part in parts}
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unreadable(T("文件含有宏，请另存为不含宏的 XLSX"))
    if "xl/workbook.xml" not in names:
        raise Unreadable(T("只接受 XLSX 和 CSV 文件"))
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts) or 1
    heavy = unpacked > MOST_UNPACKED or len(parts) > MOST_PARTS or len(names) < len(parts)
    if heavy or (unpacked > RATIO_FROM and unpacked / packed > MOST_RATIO):
        raise Unreadable(T("文件解压后过大，可能是恶意文件，已拒绝"))


def read(data: bytes) -> Sheet:
    """Return the rows of the first sheet that has any, or of a plain text.

    :raises Unreadable: if there is none, or more than we take
    """
    weigh(data)
    return _read_spreadsheet(data) if is_spreadsheet(data) else _read_text(data)


def _read_spreadsheet(data: bytes) -> Sheet:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            merged = {name: _surveyed(archive, name) for name in archive.namelist()}
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            for sheet in book.worksheets:
                # What a sheet says of its own size may be a lie.
                sheet.reset_dimensions()
                rows = sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
                path = getattr(sheet, "_worksheet_path", "").lstrip("/")
                if lines := _gathered(_filled(rows, merged.get(path, []))):
                    return Sheet(sheet.title[:64], lines)
        finally:
            book.close()
    except Unreadable:
        raise
    except Exception as broken:  # a parser of foreign files can fail in any way
        raise Unreadable(T("文件已损坏，无法打开")) from broken
    raise Unreadable(T("文件里没有内容"))


TAGS = re.compile(rb"<(?:\w+:)?(row|c|mergeCell)[\s/>]")
REFERENCE = re.compile(rb'ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
CHUNK = 2**20


def _surveyed(archive: zipfile.ZipFile, name: str) -> list[tuple[int, int, int]]:
    """Look through one part before any parser does; return cells merged over several rows.

    :raises Unreadable: if it would not fit into memory, or defines entities
    """
    # What is a sheet, other parts say and not its name; only a picture may be declared as one.
    merged: list[tuple[int, int, int]] = []
    in_row, tail, picture = 0, b"", name.lower().endswith(".svg")
    with archive.open(name) as part:
        while chunk := part.read(CHUNK):
            text = tail + chunk
            # No office program writes either; both are how entities are smuggled in.
            if (b"<!DOCTYPE" in text and not picture) or text.startswith(UTF_16):
                raise Unreadable(T("文件已损坏，无法打开"))
            # A tag that the chunk cuts in two is counted with the next one.
            cut = text.rfind(b"<") if len(chunk) == CHUNK else len(text)
            tail = text[cut:]
            for found in TAGS.finditer(text, 0, cut):
                in_row = 0 if found[1] == b"row" else in_row + 1
                if found[1] == b"mergeCell":
                    merged += _tall(text[found.start() : found.start() + 120])
                    in_row = 0
                if in_row > MOST_IN_ROW or len(merged) > MOST_MERGED:
                    raise Unreadable(T("表格的列数过多，已拒绝"))
    return merged


def _tall(tag: bytes) -> list[tuple[int, int, int]]:
    """Return (column, first row, last row) of cells merged over several rows."""
    found = REFERENCE.search(tag)
    if found is None:
        return []
    column, top, bottom = column_index_from_string(found[1].decode()), int(found[2]), int(found[4])
    return [(column, top, bottom)] if top < bottom and column <= MOST_COLUMNS else []


def _filled(
    rows: Iterable[Sequence[Any]], merged: Sequence[tuple[int, int, int]]
) -> Iterator[list[Any]]:
    """Yield the rows with the value of a tall cell in each row that it covers."""
    waiting = sorted(merged, key=lambda cell: cell[1], reverse=True)
    tall: dict[int, tuple[int, Any]] = {}
    for number, row in enumerate(rows, 1):
        cells = list(row)
        while waiting and waiting[-1][1] <= number:
            column, _top, bottom = waiting.pop()
            if column <= len(cells):
                tall[column] = (bottom, cells[column - 1])
        for column, (bottom, value) in list(tall.items()):
            if number > bottom:
                del tall[column]
            elif column <= len(cells) and cells[column - 1] is None:
                cells[column - 1] = value
        yield cells


def _read_text(data: bytes) -> Sheet:
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        head = text[:4096]
        mark = max(",\t;，", key=head.count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=False)
        try:
            lines = _gathered(row[:MOST_COLUMNS] for row in reader)
        except csv.Error as broken:
            raise Unreadable(T("文件已损坏，无法打开")) from broken
        if not lines:
            break
        return Sheet({"utf-8-sig": "UTF-8"}.get(encoding, encoding.upper()), lines)
    else:
        raise Unreadable(T("无法识别文件编码，请另存为 UTF-8 或 GB18030"))
    raise Unreadable(T("文件里没有内容"))


def _gathered(rows: Iterable[Sequence[Any]]) -> list[Line]:
    """Return the rows that hold something, with their numbers.

    :raises Unreadable: if there are more than we take
    """
    lines: list[Line] = []
    blanks = 0
    for number, row in enumerate(rows, 1):
        cells = [written(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            blanks += 1
            if blanks > BLANKS_AFTER and lines:
                break
            if blanks > MOST_ROWS:
                break
            continue
        blanks = 0
        lines.append((number, cells))
        if len(lines) > MOST_ROWS:
            raise Unreadable(T("一次最多导入 {n} 行，请分开导入", n=MOST_ROWS))
    return lines


def written(value: Any) -> str:
    """Return a cell as people see it, in one spelling."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case float() if value.is_integer() and abs(value) < 10**15:
            return str(int(value))
        case datetime() if (value.hour, value.minute, value.second) == (0, 0, 0):
            return value.date().isoformat()
        case datetime() | date():
            return value.isoformat()
        case _:
            return CONTROLS.sub("", str(value)[:LONGEST_CELL]).strip().strip("\u3000\u200b\ufeff")


def plain(value: Any) -> str:
    """Return a cell of a text file: a spreadsheet program takes nothing in it for a formula."""
    text = CONTROLS.sub("", str("" if value is None else value))
    return f"'{text}" if text.startswith(FORMULA) else text


def csv_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Write rows as CSV in UTF-8 with the mark by which office programs know it."""
    yield "\ufeff"
    for row in rows:
        out = io.StringIO()
        csv.writer(out).writerow([plain(value) for value in row])
        yield out.getvalue()


@dataclass(frozen=True, slots=True)
class Table:
    """What one sheet of a file to write holds: rows below a heading."""

    title: str
    heading: Sequence[str]
    rows: Iterable[Sequence[Any]]


def xlsx(title: str, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Write rows below a heading as a spreadsheet; texts stay texts whatever they begin with."""
    return workbook([Table(title, heading, rows)])


def workbook(tables: Iterable[Table]) -> bytes:
    """Write tables as the sheets of one spreadsheet; texts stay texts whatever they begin with."""
    book = Workbook(write_only=True)
    for table in tables:
        _write(book, table)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet_name(title: str) -> str:
    """Return a title as a spreadsheet can name a sheet."""
    return re.sub(r"[\\/*?:\[\]]", "_", title)[:31]


def _write(book: Workbook, table: Table) -> None:
    sheet = book.create_sheet(sheet_name(table.title))
    sheet.freeze_panes = "A2"
    rows = list(table.rows)
    for column, name in enumerate(table.heading):
        cells = (row[column] for row in rows[:MEASURED] if column < len(row))
        wide = max(map(_room, cells), default=0)
        # A heading is broken into lines; what stands below it is to be read in one.
        asked = min(max(wide, _room(name) / 2) + 2, WIDEST)
        sheet.column_dimensions[get_column_letter(column + 1)].width = max(asked, NARROWEST)
    bold, grey = Font(bold=True), PatternFill("solid", fgColor="FFE8EDF3")
    head = []
    for name in table.heading:
        cell = _cell(sheet, name)
        cell.font, cell.fill = bold, grey
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        head.append(cell)
    sheet.append(head)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _room(value: Any) -> int:
    """Return how many letters wide a cell is; a Chinese one takes the room of two."""
    text = str("" if value is None else value)[:WIDEST]
    return sum(2 if east_asian_width(letter) in "WFA" else 1 for letter in text)


def xlsx_laid_out(
    title: str,
    lines: Iterable[Sequence[Any]],
    marked: Collection[tuple[int, int]],
    width: int = 22,
) -> bytes:
    """Write rows just as they are given; the cells at `marked` (row, column, from 0) stand out."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_name(title))
    written_rows = list(lines)
    for column in range(1, max(map(len, written_rows), default=0) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    yellow = PatternFill("solid", fgColor="FFFFF2CC")
    for at, row in enumerate(written_rows):
        cells = [_cell(sheet, value) for value in row]
        for column, cell in enumerate(cells):
            if (at, column) in marked:
                cell.fill = yellow
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: Any) -> Any:
    cell = WriteOnlyCell(sheet)
    put(cell, value)
    return cell


def put(cell: Any, value: Any) -> None:
    """Write a value into a cell; a text stays a text whatever it begins with."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        cell.value = value
        return
    text = CONTROLS.sub("", str("" if value is None else value))
    if text:
        cell.value = text
        cell.data_type = "s"
    if text.startswith(FORMULA):
        cell.quotePrefix = True
