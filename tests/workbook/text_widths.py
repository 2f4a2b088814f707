"""How wide text is in Arial, to see without a screen whether it fits into its cells.

Widths of the characters from space to ~ in thousandths of the size, the same as Helvetica's in
Adobe's font metrics.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import openpyxl
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

# fmt: off
PLAIN = (278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556,
         556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722,
         722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722,
         667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556,
         556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500,
         500, 334, 260, 334, 584)
BOLD = (278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556,
        556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722,
        722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722,
        667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611,
        611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556,
        500, 389, 280, 389, 584)
# fmt: on
OTHER = 600  # a character that is not among them
MARGIN = 1.04  # by which programs differ
LINE = 1.17  # height of a line, of the size
USUAL_WIDTH, USUAL_HEIGHT = 8.43, 13.2  # of a column in characters, of a row in points
PADDING, INDENT = 4, 9  # pixels beside a text


def width(text: str, size: float, bold: bool) -> float:
    """Return the width of a text in pixels."""
    table = BOLD if bold else PLAIN
    units = (table[ord(c) - 32] if " " <= c <= "~" else OTHER for c in text)
    return sum(units) * size / 1000 / 72 * 96 * MARGIN


def cut_texts(path: Path) -> list[str]:
    """Return the texts on visible sheets that do not fit into their cells."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(path, data_only=True)
    return [
        f"{sheet.title}!{cell.coordinate}: {cell.value[:60]!r}"
        for sheet in book.worksheets
        if sheet.sheet_state == "visible"
        for cell in _texts(sheet)
        if not _fits(sheet, cell)
    ]


def _texts(sheet: Worksheet) -> Iterator[Cell]:
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and not cell.alignment.shrink_to_fit:
                yield cell


def _fits(sheet: Worksheet, cell: Cell) -> bool:
    merged = next((m for m in sheet.merged_cells.ranges if m.min_row == cell.row
                   and m.min_col == cell.column), None)  # fmt: skip
    first, last = (merged.min_col, merged.max_col) if merged else (cell.column, cell.column)
    room = sum(_pixels(sheet, column) for column in range(first, last + 1))
    room -= PADDING + INDENT * int(cell.alignment.indent or 0)
    size, bold = cell.font.sz, bool(cell.font.b)
    if cell.alignment.wrap_text:
        rows = range(merged.min_row, merged.max_row + 1) if merged else [cell.row]
        high = sum(sheet.row_dimensions[row].height or USUAL_HEIGHT for row in rows)
        return _lines(cell.value, room, size, bold) * size * LINE <= high + 1
    needed = width(cell.value, size, bold)
    step = -1 if cell.alignment.horizontal == "right" else 1
    column = first if step < 0 else last
    while room < needed and 1 <= (column := column + step) <= sheet.max_column + 3:
        if sheet.cell(cell.row, column).value not in (None, ""):
            break  # a text runs over empty cells only
        room += _pixels(sheet, column)
    return room >= needed


def _lines(text: str, room: float, size: float, bold: bool) -> int:
    lines = 0
    for paragraph in text.split("\n"):
        used, lines = 0.0, lines + 1
        for word in paragraph.split(" "):
            more = width(f"{word} ", size, bold)
            if used and used + more > room:
                used, lines = 0.0, lines + 1
            used += more
    return lines


def _pixels(sheet: Worksheet, column: int) -> float:
    for dimension in sheet.column_dimensions.values():
        if (dimension.min or 0) <= column <= (dimension.max or 0):
            return 0 if dimension.hidden or not dimension.width else dimension.width * 7 + 5
    return USUAL_WIDTH * 7 + 5
