"""Whether the cells of a sheet are such as Excel reads without a repair."""

from __future__ import annotations

import math
from collections.abc import Callable
from string import ascii_uppercase

from lxml import etree

from xlhedge.errors import WorkbookError
from xlhedge.workbook.addresses import COLUMNS, NUMBERS, ROWS, address, column_number
from xlhedge.workbook.xml import tag

__all__ = ["DAMAGED", "check_shared_formulas", "checked_cells"]

DAMAGED = "the file is damaged: open it in Excel, let Excel repair it, and save it"
_ROW, _C, _V, _F = (tag(name) for name in ("row", "c", "v", "f"))
_TEXTS = frozenset({"str", "inlineStr", "e", "d"})  # types of which any text is a value


def checked_cells(
    data: etree._Element, shared: Callable[[], int] = lambda: 0
) -> dict[str, etree._Element]:
    """Return the cells by address.

    Parameters
    ----------
    data : element
        What a sheet's rows stand in.
    shared : callable
        Returns how many shared strings the workbook has.

    Raises
    ------
    WorkbookError
        A row or cell is out of order, twice there or in another row, or a value is not of its
        type.
    """
    cells: dict[str, etree._Element] = {}
    last = 0
    for row in data.iterchildren(_ROW):
        digits = row.get("r") or str(last + 1)
        if not digits.isdecimal() or not last < int(digits) <= ROWS:
            raise WorkbookError(f"row {digits!r:.20} follows row {last}")
        last = int(digits)
        before = 0
        for cell in row.iterchildren(_C):
            reference = cell.get("r")
            if reference is None:
                reference = address(last, before + 1)
            column = NUMBERS.get(reference.removesuffix(digits)) or _column(reference, digits)
            if column <= before:
                follows = f"follows {address(last, before)}" if before else f"is in row {digits}"
                raise WorkbookError(f"cell {reference!r:.20} {follows}")
            before = column
            cells[reference] = cell
            kind = cell.get("t")
            if kind in _TEXTS or (kind is None and not len(cell)):
                continue
            end = cell[-1] if len(cell) else cell  # mostly the value
            value = end.text if end.tag == _V else cell.findtext(_V)
            if value and not _is_readable(kind, value, shared):
                raise WorkbookError(f"{reference} holds {value!r:.40}, which is not of its type")
            if not value and kind not in (None, "n", "s", "b"):
                raise WorkbookError(f"{reference} is of the type {kind!r:.20}, which is none")
    return cells


def _column(reference: str, digits: str) -> int:
    """Return the number of a column beyond ZZ; 0 where the address is not one of this row."""
    letters = reference.removesuffix(digits)
    if len(letters) != 3 or not all(letter in ascii_uppercase for letter in letters):
        return 0
    return column_number(letters) if column_number(letters) <= COLUMNS else 0


def _is_readable(kind: str | None, text: str, shared: Callable[[], int]) -> bool:
    try:
        if kind is None or kind == "n":
            return math.isfinite(float(text))
        if kind == "s":
            return 0 <= int(text) < shared()
    except ValueError:
        return False
    return kind == "b" and text.strip().lower() in ("0", "1", "true", "false")


def check_shared_formulas(data: etree._Element) -> None:
    """Refuse cells that share a formula of which no cell holds the text."""
    held, wanted = set(), {}
    for formula in data.iter(_F):
        if formula.get("t") == "shared":
            number = formula.get("si")
            if formula.text:
                held.add(number)
            else:
                wanted.setdefault(number, formula.getparent().get("r", "a cell"))
    for number, reference in wanted.items():
        if number not in held:
            raise WorkbookError(f"{reference} shares a formula that no cell holds")
