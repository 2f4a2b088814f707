"""Addresses of cells: B7 as row 7 and column 2, and back."""

from __future__ import annotations

import re
from functools import cache
from string import ascii_uppercase

from xlhedge.errors import WorkbookError

__all__ = ["COLUMNS", "DIGITS", "NUMBERS", "ROWS", "address", "block", "column_number", "split"]

ROWS, COLUMNS = 1_048_576, 16_384  # of a sheet
DIGITS = "0123456789"
LARGEST_BLOCK = 100_000  # cells
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})")


def split(reference: str) -> tuple[int, int]:
    """Return row and column number of an address.

    >>> split("$AB$12")
    (12, 28)
    """
    letters = reference.rstrip(DIGITS)
    digits = reference[len(letters) :]
    column = NUMBERS.get(letters)
    if column and digits[:1] > "0" and len(digits) < 8:  # as in almost every file
        return int(digits), column
    found = _CELL.fullmatch(reference)
    if found is None:
        raise WorkbookError(f"{reference!r:.40} is not the address of a cell")
    return int(found.group(2)), column_number(found.group(1))


@cache
def column_number(letters: str) -> int:
    """Return the number of a column.

    >>> column_number("AB")
    28
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def address(row: int, column: int) -> str:
    """Return the address of a cell.

    >>> address(12, 28)
    'AB12'
    """
    return f"{_letters(column)}{row}"


@cache
def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def block(reference: str) -> list[tuple[int, int]]:
    """Return row and column of each cell of a block.

    >>> block("B2:C3")
    [(2, 2), (2, 3), (3, 2), (3, 3)]
    """
    first, _, last = reference.partition(":")
    (top, left), (bottom, right) = split(first), split(last or first)
    if (bottom - top + 1) * (right - left + 1) > LARGEST_BLOCK:
        raise WorkbookError(f"{reference} is too large for the values of one formula")
    return [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]


# of the columns in use in almost every file, A to ZZ
NUMBERS = {
    letters: column_number(letters)
    for letters in (*ascii_uppercase, *(a + b for a in ascii_uppercase for b in ascii_uppercase))
}
