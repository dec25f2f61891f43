"""Rows of a long table, drawn into places that WeasyPrint has kept: in a tenth of its time.

A row of fourteen cells costs WeasyPrint some eight milliseconds. So of a table with very many it
lays out the head, one row to measure by, and for the others empty cells of the right height: pages,
heads, feet and what follows the table are its own. ReportLab draws the texts there, and the rules
between them, with the font that WeasyPrint found for the row to measure by.

A table stays as it is if anything is in the way: a character that this font lacks, another kind of
font, a place that came out elsewhere. So do rows with more in them than text, or that a page parts.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, compress
from operator import not_
from typing import Any

import lxml.html
import pikepdf
from lxml.etree import _Element
from pikepdf import Name
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas
from weasyprint.formatting_structure import boxes
from weasyprint.text.fonts import get_hb_object_data, get_pango_font_hb_face
from weasyprint.text.line_break import split_first_line

from app.adapters.pdf import tablerows
from app.adapters.pdf.tablerows import Block

MANY = 150
"""Rows that are few enough to be laid out cell by cell."""
PLACE = "long-table-"
"""How the ids of places begin; a number follows, from 0."""
MEASURE = "国"
SLACK = 1.0
"""Pixels of a page that are left free: rounding must not push a full one over."""
ROWS = "/LongTable{}"
"""What a page calls its rows: no name by chance, as the same data must give the same bytes."""
POINT = 0.75
NEAR = 0.1
"""Pixels by which a place may differ from what was measured."""


@dataclass(eq=False, slots=True)
class Column:
    """How WeasyPrint sets the cells of a column, in pixels."""

    left: float
    right: float
    start: float
    """Where text may begin."""
    width: float
    """How wide text may be."""
    above: float
    """From the top of a cell to its text."""
    around: float
    """The height of a cell but for its lines."""
    leading: float
    baseline: float
    """From the top of a line."""
    rule: float
    font: TTFont
    style: Any
    """Of its text, as WeasyPrint has it."""
    _known: dict[str, list[str]] = field(default_factory=dict)

    @property
    def size(self) -> float:
        return float(self.style["font_size"])

    def lines(self, text: str) -> list[str]:
        """Return a text in the lines that it takes, broken where WeasyPrint breaks it."""
        if text not in self._known:
            fits = self.font.stringWidth(text, self.size) <= self.width - NEAR
            self._known[text] = [text] if fits else list(self._broken(text.encode()))
        return self._known[text]

    def _broken(self, text: bytes) -> Iterator[str]:
        resume: int | None = 0
        while resume is not None and (text := text[resume:]):
            found = split_first_line(text.decode(), self.style, None, self.width, 0)
            _layout, length, resume, *_size = found
            yield text[:length].decode().strip()


@dataclass(frozen=True, slots=True)
class Frame:
    """What a table's rows are drawn into."""

    columns: Sequence[Column]
    page: int
    """Where the table begins, from 0."""
    first: float
    other: float
    """Pixels for its rows on that page, and on each other one."""


@dataclass(frozen=True, slots=True)
class LongTable:
    """A paper whose long table has only places for its rows."""

    document: Any
    """As WeasyPrint laid it out."""
    places: Sequence[Sequence[Block]]
    """What each place is for."""
    columns: Sequence[Column]

    def drawn(self, pdf: bytes) -> bytes:
        """Return the written paper with its rows."""
        sheet, target = self.document.pages[0], io.BytesIO()
        size = (sheet.width * POINT, sheet.height * POINT)
        canvas = Canvas(target, size, invariant=True, initialFontName=self.columns[0].font.fontName)
        kept = sorted(_kept(self.document).items())
        pages = sorted({number for _index, (number, _top, _height) in kept})
        for page in pages:
            pen = _Pen(canvas, sheet.height, self.columns)
            for index, (number, top, _height) in kept:
                if number == page:
                    pen.draw(self.places[index], top)
            canvas.showPage()
        canvas.save()
        with pikepdf.open(io.BytesIO(pdf)) as paper, pikepdf.open(target) as rows:
            for number, drawn in zip(pages, rows.pages, strict=True):
                under, name = paper.pages[number], ROWS.format(number)
                form = paper.copy_foreign(drawn.as_form_xobject())
                under.add_resource(form, Name.XObject, Name(name))
                under.contents_add(b"q", prepend=True)  # what is there may leave another scale
                under.contents_add(f"Q q {name} Do Q".encode())
            made = io.BytesIO()
            paper.save(made, deterministic_id=True)
        return made.getvalue()


class _Pen:
    """Draws in pixels from the upper left corner, as WeasyPrint counts."""

    def __init__(self, canvas: Canvas, height: float, columns: Sequence[Column]) -> None:
        self._canvas, self._height, self._columns = canvas, height, columns
        canvas.setLineWidth(columns[0].rule * POINT)

    def draw(self, blocks: Sequence[Block], top: float) -> None:
        """Draw blocks into a place: the texts, and the rules between cells."""
        left, right = self._columns[0].left, self._columns[-1].right
        edge = top
        for block in blocks:
            if edge > top:
                self._rule(left, edge, right, edge)
            edges = list(accumulate(_heights(block, self._columns), initial=edge))
            for cell in block.cells:
                column, upper = self._columns[cell.column], edges[cell.row]
                if cell.row:
                    self._rule(column.left, upper, column.right, upper)
                self._write(column, cell.text, upper, edges[cell.row + cell.rows])
            edge = edges[-1]
        for column in self._columns[1:]:
            self._rule(column.left, top, column.left, edge)

    def _write(self, column: Column, text: str, upper: float, lower: float) -> None:
        lines = column.lines(text)
        spare = lower - upper - column.around - column.leading * len(lines)
        baseline = upper + column.above + spare / 2 + column.baseline
        centred = column.style["text_align_all"] == "center"
        draw = self._canvas.drawCentredString if centred else self._canvas.drawString
        at = column.start + (column.width / 2 if centred else 0)
        self._canvas.setFont(column.font.fontName, column.size * POINT)
        for number, line in enumerate(lines):
            draw(at * POINT, (self._height - baseline - column.leading * number) * POINT, line)

    def _rule(self, left: float, top: float, right: float, bottom: float) -> None:
        height = self._height
        self._canvas.line(*(it * POINT for it in (left, height - top, right, height - bottom)))


def lay_out(html: str, render: Callable[[str], Any]) -> LongTable | None:
    """Lay a page with a long table out; None if it has none, or something is in the way."""
    if html.count("<tr") <= MANY:
        return None
    page = lxml.html.document_fromstring(html)
    blocks = max((list(tablerows.blocks(table)) for table in page.iter("table")), key=len)
    if sum(len(block.rows) for block in blocks) <= MANY:
        return None
    stands = [tablerows.stand_in(block) for block in blocks]
    frame = _measured(
        render(tablerows.written(tablerows.sample(page, blocks[0], PLACE, MEASURE))), blocks
    )
    if frame is None:
        return None
    heights = [sum(_heights(block, frame.columns)) for block in blocks]
    fits = [height <= frame.other for height in heights]
    for block, stand in compress(zip(blocks, stands, strict=True), map(not_, fits)):
        tablerows.put_back(stand, block)
    begins = fits[0] and heights[0] <= frame.first
    blocks, stands = list(compress(blocks, fits)), list(compress(stands, fits))
    heights = list(compress(heights, fits))
    full, single = _shared(heights, stands, frame) if begins else ([], range(len(blocks)))
    places = [*full, *([index] for index in single)]
    for number, place in enumerate(places):
        first, *others = (stands[index] for index in place)
        height = sum(heights[index] for index in place) - frame.columns[0].rule
        first.append(tablerows.place(f"{PLACE}{number}", len(frame.columns), height))
        for other in others:
            tablerows.remove(other)
    document = render(tablerows.written(page))
    if not (kept := _kept(document)):
        return None
    for number, place in enumerate(places):
        lies_on, _top, height = kept[number]
        as_wanted = abs(height - sum(heights[index] for index in place)) < NEAR
        if not as_wanted or (number < len(full) and lies_on != frame.page + number):
            return None
    return LongTable(
        document, [[blocks[index] for index in place] for place in places], frame.columns
    )


def _shared(
    heights: Sequence[float], stands: Sequence[_Element], frame: Frame
) -> tuple[list[list[int]], range]:
    """Return which blocks fill a page each, and which stand alone.

    Alone stand those of the last page, or behind a row of another kind: WeasyPrint must be able to
    keep them with what follows. The first block must fit the page on which the table begins.
    """
    pages: list[list[int]] = [[]]
    room = frame.first
    for index, height in enumerate(heights):
        if index and tablerows.following(stands[index - 1]) is not stands[index]:
            break
        if height > room:
            pages.append([])
            room = frame.other
        pages[-1].append(index)
        room -= height
    full = pages[:-1]
    return full, range(sum(map(len, full)), len(heights))


def _measured(document: Any, blocks: Sequence[Block]) -> Frame | None:
    """Return how the sample is set; None if a font of it will not do, or a column lacks."""
    texts: dict[int, str] = {}
    for block in blocks:
        for cell in block.cells:
            texts[cell.column] = texts.get(cell.column, "") + cell.text
    page, table, row = _found(document)
    columns = []
    for number, cell in enumerate(row.children):
        (line,) = (box for box in cell.descendants() if isinstance(box, boxes.LineBox))
        (text,) = (box for box in line.descendants() if isinstance(box, boxes.TextBox))
        font = _font(text)
        if font is None or not set(map(ord, texts.get(number, ""))) <= font.face.charToGlyph.keys():
            return None
        columns.append(
            Column(
                left=cell.position_x,
                right=cell.position_x + cell.border_width(),
                start=cell.content_box_x(),
                width=cell.width,
                above=line.position_y - row.position_y,
                around=row.height - line.height,
                leading=line.height,
                baseline=text.position_y + text.baseline - line.position_y,
                rule=cell.style["border_left_width"],
                font=font,
                style=text.style,
            )
        )
    if texts.keys() != set(range(len(columns))):
        return None
    sheet = document.pages[page]._page_box  # noqa: SLF001  (a page tells of its anchors alone)
    top, bottom = sheet.content_box_y(), sheet.content_box_y() + sheet.height - SLACK
    head = sum(group.height for group in table.children if group.is_header)
    foot = sum(group.height for group in table.children if group.is_footer)
    return Frame(columns, page, bottom - foot - row.position_y, bottom - foot - top - head)


def _found(document: Any) -> tuple[int, Any, Any]:
    """Return the row to measure by: on which page, in which table, and itself."""
    for number, page in enumerate(document.pages):
        for table in page._page_box.descendants():  # noqa: SLF001
            for group in table.children if isinstance(table, boxes.TableBox) else ():
                for row in group.children:
                    if row.element.get("id") == PLACE:
                        return number, table, row
    raise LookupError(PLACE)


def _font(text: Any) -> TTFont | None:
    """Return the font in which WeasyPrint sets a text, as ReportLab knows it; None if it cannot."""
    text.pango_layout.reactivate(text.style)
    line, _index = text.pango_layout.get_first_line()
    pango_font = line.runs[0].data.item.analysis.font
    content = get_hb_object_data(get_pango_font_hb_face(pango_font))
    text.pango_layout.deactivate()
    return _known(content)


@lru_cache(maxsize=4)
def _known(content: bytes) -> TTFont | None:
    name = f"Long{len(pdfmetrics.getRegisteredFontNames())}"
    try:
        font = TTFont(name, io.BytesIO(content))
    except TTFError:  # outlines of PostScript
        return None
    pdfmetrics.registerFont(font)
    return font


def _heights(block: Block, columns: Sequence[Column]) -> list[float]:
    """Return the heights of a block's rows; what spans several of them stretches the last."""
    heights = [0.0] * len(block.rows)
    for cell in sorted(block.cells, key=lambda cell: cell.rows):
        column = columns[cell.column]
        needed = column.around + column.leading * len(column.lines(cell.text))
        last = cell.row + cell.rows - 1
        heights[last] = max(heights[last], needed - sum(heights[cell.row : last]))
    return heights


def _kept(document: Any) -> dict[int, tuple[int, float, float]]:
    """Return the places: page from 0, top and height, in pixels."""
    return {
        int(name.removeprefix(PLACE)): (number, top, bottom - top)
        for number, page in enumerate(document.pages)
        for name, (_left, top, _right, bottom) in page.anchors.items()
        if name.startswith(PLACE)
    }
