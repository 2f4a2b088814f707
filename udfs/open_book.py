"""An open workbook, reached through its defined names: xlwings' book as the tools see a file.

Reads go in blocks and writes wait until :meth:`OpenBook.flush`, so that a refresh that fails half
way has changed nothing, and costs Excel few calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any

import xlwings as xw

from xlhedge.errors import WorkbookError
from xlhedge.workbook.addresses import address
from xlhedge.workbook.cells import Value
from xlhedge.workbook.named_cells import Area, NamedCells
from xlhedge.workbook.text import cell_text, plain_text

__all__ = ["OpenBook", "OpenSheet", "typed_text"]

_DAY_ZERO = datetime(1899, 12, 30)
# What Excel takes for text: no digit, a host's name, or several words. Anything else could be read
# as a number, a date or a formula.
_WORDS = re.compile(r"[a-z](?:\D*|.*\.[a-z]{2}.*|(?:.*[a-z]{4}){2}.*)", re.I | re.S)
_LOGICAL = ("true", "false")


def typed_text(text: str) -> str:
    """Return a text as Excel must be given it to keep it as text.

    >>> typed_text("BTCUSD_PERP"), typed_text("=1+1"), typed_text("MAR-24"), typed_text("1E5")
    ('BTCUSD_PERP', "'=1+1", "'MAR-24", "'1E5")
    """
    text = plain_text(cell_text(text))
    if not text or (_WORDS.fullmatch(text) and text.lower() not in _LOGICAL):
        return text
    return "'" + text


class OpenSheet:
    """The cells of one sheet of an open workbook.

    Parameters
    ----------
    sheet : xlwings.Sheet
        The sheet.
    """

    def __init__(self, sheet: xw.Sheet) -> None:
        self.title = sheet.name
        self._sheet = sheet
        self._held: dict[tuple[int, int], tuple[Value, bool]] = {}
        self._waiting: dict[tuple[int, int], Value] = {}

    def fetch(self, top: int, left: int, bottom: int, right: int) -> None:
        """Read a block at once; what was read or written before stays."""
        block = self._sheet.range((top, left), (bottom, right))
        values, formulas = _rows(_plain_values(block)), _rows(block.formula)
        for i, (cells, texts) in enumerate(zip(values, formulas, strict=True)):
            for j, (cell, text) in enumerate(zip(cells, texts, strict=True)):
                computed = isinstance(text, str) and text.startswith("=")
                self._held.setdefault((top + i, left + j), (_value(cell), computed))

    def value(self, row: int, column: int) -> Value:
        """Return a cell's value; an error value is None."""
        if (row, column) in self._waiting:
            return self._waiting[row, column]
        return self._cell(row, column)[0]

    def holds_formula(self, row: int, column: int) -> bool:
        """Whether a cell's value is computed."""
        return self._cell(row, column)[1]

    def is_merged(self, area: Area) -> bool:
        """Whether a block is one merged cell."""
        last = self._sheet.range((area.top, area.left)).merge_area.last_cell
        return (last.row, last.column) == (area.bottom, area.right)

    def write(self, row: int, column: int, value: Value) -> None:
        """Write a value where no formula stands, when the book is flushed."""
        if self.holds_formula(row, column):
            where = f"{self.title}!{address(row, column)}"
            raise WorkbookError(f"{where} holds a formula; expected a cell for a plain value")
        if value == "":
            value = None
        held = self._cell(row, column)[0]
        if held == value and isinstance(held, str) == isinstance(value, str):
            self._waiting.pop((row, column), None)
        else:
            self._waiting[row, column] = value

    @property
    def waits(self) -> bool:
        """Whether anything is still to be written."""
        return bool(self._waiting)

    def flush(self) -> int:
        """Write what waits, a rectangle at a time; return how many cells changed."""
        for top, left, rows in _rectangles(self._waiting):
            corner = (top + len(rows) - 1, left + len(rows[0]) - 1)
            self._sheet.range((top, left), corner).value = rows
        count = len(self._waiting)
        self._held |= {at: (value, False) for at, value in self._waiting.items()}
        self._waiting.clear()
        return count

    def _cell(self, row: int, column: int) -> tuple[Value, bool]:
        if (row, column) not in self._held:
            self.fetch(row, column, row, column)
        return self._held[row, column]

    @contextmanager
    def unprotected(self) -> Iterator[None]:
        """Lift a protection without a password, and put it back as it was."""
        native = self._sheet.api
        if not getattr(native, "ProtectContents", False):
            yield
            return
        settings = {name: getattr(native.Protection, name) for name in _ALLOWED}
        settings |= {
            "DrawingObjects": native.ProtectDrawingObjects,
            "Scenarios": native.ProtectScenarios,
        }
        try:
            native.Unprotect("")
        except Exception:
            raise WorkbookError(
                f"sheet {self.title} is protected with a password; lift it to refresh"
            ) from None
        try:
            yield
        finally:
            native.Protect(Contents=True, **settings)


_ALLOWED = tuple(
    f"Allow{what}"
    for what in (
        "FormattingCells",
        "FormattingColumns",
        "FormattingRows",
        "InsertingColumns",
        "InsertingRows",
        "InsertingHyperlinks",
        "DeletingColumns",
        "DeletingRows",
        "Sorting",
        "Filtering",
        "UsingPivotTables",
    )
)


class OpenBook(NamedCells):
    """A workbook that is open in Excel.

    Parameters
    ----------
    book : xlwings.Book
        The workbook.
    """

    def __init__(self, book: xw.Book) -> None:
        self.label = book.name
        self._book = book
        self._titles = [sheet.name for sheet in book.sheets]
        self._sheets: dict[str, OpenSheet] = {}

    @cached_property
    def references(self) -> dict[str, str]:
        """What each name (lower case) of the whole workbook refers to, without "="."""
        found = {}
        for name in self._book.names:
            if "!" not in name.name:
                found[name.name.lower()] = str(name.refers_to or "").removeprefix("=").strip()
        return found

    @cached_property
    def starts_1904(self) -> bool:
        """Whether day numbers count from 1904."""
        return bool(getattr(self._book.api, "Date1904", False))

    def titles(self) -> list[str]:
        """Return the sheets' names, in order."""
        return self._titles

    def sheet(self, title: str) -> OpenSheet:
        """Return a sheet."""
        if title not in self._sheets:
            self._sheets[title] = OpenSheet(self._book.sheets[title])
        return self._sheets[title]

    def area(self, name: str) -> Area:
        """Return where a name points; its cells are read at once."""
        area = super().area(name)
        if not area.is_cell:
            self.sheet(area.sheet).fetch(area.top, area.left, area.bottom, area.right)
        return area

    def flush(self) -> int:
        """Write all that waits, or nothing; return how many cells changed."""
        with ExitStack() as protections:
            sheets = [sheet for sheet in self._sheets.values() if sheet.waits]
            for sheet in sheets:
                protections.enter_context(sheet.unprotected())
            return sum(sheet.flush() for sheet in sheets)


def _plain_values(block: xw.Range) -> Any:
    """Return values as Excel stores them: ``Value`` would cut a currency to 4 decimals."""
    try:
        return block.api.Value2
    except AttributeError:
        return block.value


def _rows(values: Any) -> list[list[Any]]:
    if not isinstance(values, list | tuple):
        return [[values]]
    if not values or not isinstance(values[0], list | tuple):
        return [list(values)]
    return [list(row) for row in values]


def _value(cell: Any) -> Value:
    if isinstance(cell, datetime):
        return (cell.replace(tzinfo=None) - _DAY_ZERO).total_seconds() / 86_400
    if cell is None or cell == "" or (isinstance(cell, int) and not isinstance(cell, bool)):
        return None  # empty, or the number of an error value: true numbers arrive as floats
    return cell


def _rectangles(cells: dict[tuple[int, int], Value]) -> Iterator[tuple[int, int, list[list[Any]]]]:
    """Yield the cells to be written as rectangles without gaps: top, left, rows."""
    runs: dict[tuple[int, int], list[int]] = {}  # (left, right): rows that have this run
    for row in sorted({row for row, _ in cells}):
        columns = sorted(column for at, column in cells if at == row)
        left = columns[0]
        for column, following in zip(columns, [*columns[1:], None], strict=True):
            if following != column + 1:
                runs.setdefault((left, column), []).append(row)
                left = following
    for (left, right), rows in runs.items():
        top = rows[0]
        for row, following in zip(rows, [*rows[1:], None], strict=True):
            if following != row + 1:
                yield (
                    top,
                    left,
                    [
                        [_given(cells[r, c]) for c in range(left, right + 1)]
                        for r in range(top, row + 1)
                    ],
                )
                top = following


def _given(value: Value) -> Any:
    return typed_text(value) if isinstance(value, str) else value
