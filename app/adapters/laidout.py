"""Workbooks laid out like a printed table: merged cells, a head that is repeated on each page."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from app.adapters.sheets import put, sheet_name


@dataclass(frozen=True, slots=True)
class Block:
    """A cell that covers several: where it begins (from 0), and how many rows and columns."""

    row: int
    column: int
    height: int = 1
    width: int = 1


def xlsx_merged(
    title: str,
    lines: Iterable[Sequence[Any]],
    merged: Iterable[Block],
    head: tuple[int, int],
    widths: Sequence[int],
) -> bytes:
    """Write rows just as they are given, some cells merged, framed from the head on.

    :param head: the first and the last row of the head (from 0), which is repeated when printed
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet: Any = book.create_sheet()
    sheet.title = sheet_name(title)
    line = Side(style="thin", color="FF808080")
    frame, grey = Border(line, line, line, line), PatternFill("solid", fgColor="FFE8EDF3")
    for at, row in enumerate(lines):
        for column, value in enumerate(row):
            cell = sheet.cell(at + 1, column + 1)
            put(cell, value)
            cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
            if at >= head[0]:
                cell.border = frame
            if head[0] <= at <= head[1]:
                cell.font, cell.fill = Font(bold=True), grey
    for block in merged:
        sheet.merge_cells(
            start_row=block.row + 1,
            start_column=block.column + 1,
            end_row=block.row + block.height,
            end_column=block.column + block.width,
        )
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = sheet.cell(head[1] + 2, 3)
    sheet.print_title_rows = f"{head[0] + 1}:{head[1] + 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
