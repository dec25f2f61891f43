"""The rows of a table in the HTML of a paper: which can be drawn by hand, and their stand-ins."""

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass

import lxml.html
from lxml.etree import _Element

BLANKS = re.compile("[ \t]+")
WHOLE = "whole"
"""The class of a table's body that no page parts."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a block: in which of its rows and columns it begins, how many rows it spans."""

    row: int
    column: int
    rows: int
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that no page parts: one, or those that a cell spans."""

    rows: Sequence[_Element]
    cells: Sequence[Cell]


def blocks(table: _Element) -> Iterator[Block]:
    """Yield what can be drawn of a table: cells of text alone, those of a column of one look."""
    looks: dict[int, str | None] = {}
    for rows in _kept_together(table):
        cells, plain = [], True
        for cell, element in _cells(rows):
            cells.append(cell)
            look = looks.setdefault(cell.column, element.get("class"))
            plain &= look == element.get("class") and not set(element.keys()) - {"class", "rowspan"}
            plain &= not len(element) and "\n" not in cell.text
            plain &= cell.row + cell.rows <= len(rows)
        if plain and cells and not any(row.keys() for row in rows):
            yield Block(rows, cells)


def _kept_together(table: _Element) -> Iterator[list[_Element]]:
    """Yield the rows of a table's body that no page parts, one or several."""
    for part in table:
        if part.tag == "tr":
            yield [part]
        elif part.tag == "tbody":
            rows = part.findall("tr")
            if WHOLE in part.get("class", "").split():
                yield rows
            elif part.find("tr/td[@rowspan]") is None:
                yield from ([row] for row in rows)


def _cells(rows: Sequence[_Element]) -> Iterator[tuple[Cell, _Element]]:
    """Yield the cells of rows with their places in the grid."""
    taken: set[tuple[int, int]] = set()
    for number, row in enumerate(rows):
        column = 0
        for element in row:
            while (number, column) in taken:
                column += 1
            spanned = int(element.get("rowspan", "1"))
            taken.update((number + more, column) for more in range(spanned))
            text = BLANKS.sub(" ", (element.text or "").strip(" \n"))
            yield Cell(number, column, spanned, text), element


def stand_in(block: Block) -> _Element:
    """Put an empty row where a block stands."""
    first, *others = block.rows
    row: _Element = first.makeelement("tr", {})
    _parent(first).replace(first, row)
    for other in others:
        remove(other)
    return row


def put_back(stand: _Element, block: Block) -> None:
    """Put a block where its empty row stands."""
    for row in reversed(block.rows):
        stand.addnext(row)
    remove(stand)


def place(name: str, columns: int, height: float) -> _Element:
    """Return an empty cell of a height in pixels, which WeasyPrint will tell the place of."""
    style = f"padding: 0; height: {height}px"
    made: _Element = lxml.html.Element("td", id=name, colspan=str(columns), style=style)
    return made


def remove(row: _Element) -> None:
    """Take a row away, and a table's body that is left without any."""
    body = _parent(row)
    body.remove(row)
    if body.tag == "tbody" and not len(body):
        _parent(body).remove(body)


def following(row: _Element) -> _Element | None:
    """Return the row behind a row, of the same body or the next."""
    found = row.getnext()
    if found is None and _parent(row).tag == "tbody":
        found = _parent(row).getnext()
    return found[0] if found is not None and found.tag == "tbody" and len(found) else found


def _parent(element: _Element) -> _Element:
    found = element.getparent()
    if found is None:
        raise LookupError(element.tag)
    return found


def sample(page: _Element, block: Block, name: str, text: str) -> _Element:
    """Return a page with one row instead of stand-ins for blocks, and `text` in its cells."""
    made = deepcopy(page)
    first, *others = [row for row in made.iter("tr") if not len(row)]
    for row in others:
        remove(row)
    measure = deepcopy(block.rows[0])
    measure.set("id", name)
    for cell in measure:
        cell.text = text
        cell.attrib.pop("rowspan", "")
    _parent(first).replace(first, measure)
    return made


def written(page: _Element) -> str:
    """Return a page as HTML."""
    html: str = lxml.html.tostring(page, encoding="unicode", doctype="<!doctype html>")
    return html
