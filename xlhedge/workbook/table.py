"""A header row and the rows under it, found by a defined name; columns are found by header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from xlhedge.errors import WorkbookError
from xlhedge.workbook.cells import Value

if TYPE_CHECKING:
    from xlhedge.workbook.named_cells import Area, NamedCells

__all__ = ["Row", "Table"]

Row = dict[str, Value]
NOTHING = (None, "")
MOST_ROWS = 10_000
LARGEST = 100_000  # cells of a block that is looked through


class Table:
    """A header row and the rows under it.

    A block that is empty altogether gets headers of its own with its first rows: all that are
    known, or those that are needed and as many more as there are columns.

    Parameters
    ----------
    book : Book
        The workbook.
    name : str
        Defined name of the block, header row included.
    needed : sequence of str
        Headers that must be there.
    known : sequence of str
        Headers that tools fill, in their usual order.
    also : mapping, optional
        Other words that people write over such columns.
    """

    def __init__(
        self,
        book: NamedCells,
        name: str,
        needed: Sequence[str],
        known: Sequence[str],
        also: Mapping[str, str] | None = None,
    ) -> None:
        self.book = book
        self.area: Area = book.area(name)
        self.sheet = book.sheet(self.area.sheet)
        self.columns: dict[str, int] = {}
        heads = [
            (str(self.sheet.value(self.area.top, column) or "").strip().lower(), column)
            for column in range(self.area.left, self.area.right + 1)
        ]
        others = [(also[word], column) for word, column in heads if word in also] if also else []
        for word, column in [*heads, *others]:
            if word in known and word not in self.columns:
                self.columns[word] = column
        self._without_headers = not self.columns and self._is_empty()
        if self._without_headers:
            self.columns = self._usual_columns(needed, known)
        missing = [header for header in needed if header not in self.columns]
        if missing:
            raise WorkbookError(
                f"{book.label}: the header row of {name} lacks {', '.join(missing)}"
            )

    def _is_empty(self) -> bool:
        cells = (self.area.bottom - self.area.top + 1) * (self.area.right - self.area.left + 1)
        return cells <= LARGEST and all(
            self.sheet.value(row, column) in NOTHING and not self.sheet.holds_formula(row, column)
            for row in range(self.area.top, self.area.bottom + 1)
            for column in range(self.area.left, self.area.right + 1)
        )

    def _usual_columns(self, needed: Sequence[str], known: Sequence[str]) -> dict[str, int]:
        width = self.area.right - self.area.left + 1
        first = [*needed, *(word for word in known if word not in needed)][:width]
        return {word: self.area.left + n for n, word in enumerate(w for w in known if w in first)}

    @property
    def capacity(self) -> int:
        """How many rows fit; of whole columns, as many as anybody needs."""
        return min(self.area.bottom - self.area.top, MOST_ROWS)

    def numbers(self) -> range:
        """Return the numbers of the rows under the header."""
        return range(self.area.top + 1, self.area.top + self.capacity + 1)

    def computed(self, number: int) -> bool:
        """Whether a cell of a row holds a formula in a known column."""
        return any(self.sheet.holds_formula(number, at) for at in self.columns.values())

    def rows(self) -> list[Row]:
        """Return the rows that hold something in a known column, values by header."""
        found = []
        for number in self.numbers():
            row = {word: self.sheet.value(number, at) for word, at in self.columns.items()}
            if any(value not in NOTHING for value in row.values()):
                found.append(row)
        return found

    def write(self, rows: Sequence[Mapping[str, Value | datetime]]) -> None:
        """Write rows from the top and empty the rest."""
        for step, number in enumerate(self.numbers()):
            self.write_row(number, rows[step] if step < len(rows) else {})

    def write_row(self, number: int, row: Mapping[str, Value | datetime]) -> None:
        """Write one row; cells that hold formulas are left alone."""
        if self._without_headers:
            self._without_headers = False
            for word, column in self.columns.items():
                self.sheet.write(self.area.top, column, word)
        for word, column in self.columns.items():
            if self.sheet.holds_formula(number, column):
                continue
            value = row.get(word)
            plain = self.book.serial(value) if isinstance(value, datetime) else value
            self.sheet.write(number, column, plain)
