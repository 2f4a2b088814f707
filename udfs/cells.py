"""From cells to numbers and back: blanks, text, error values, and the shape of a result.

A cell arrives as a float, text, a bool, a date or ``None`` (blank); a range as rows of those.
Engine functions want numbers and arrays, and raise an error for a whole call. Here each wrong
element gets its own error value, and the others their results.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from udfs.cell_errors import ERROR_VALUES, NA, NUM, VALUE, error_value
from xlhedge.errors import ArgumentError, HedgeError, ShapeError, WrongTypeError

__all__ = [
    "Block",
    "ErrorCell",
    "as_block",
    "as_column",
    "as_rows",
    "evaluate",
    "is_block",
    "single",
]

Report = Callable[[str], None]
"""Takes the reason for an error value."""


class ErrorCell(HedgeError):
    """A range that is read as a whole holds an error value, which is then the result."""

    def __init__(self, cell: str) -> None:
        self.cell = cell
        super().__init__(f"a cell of the range holds {cell}")


_NUMBER_TYPES = frozenset({float, int})
_PLACEHOLDER = 0.25  # stands where a cell holds no number; lies in every domain, sums of two too


_NUMBER = object()  # marks a place whose number stands in the array of numbers


@dataclass(slots=True)
class Block:
    """A range as the engine sees it, and what its other cells become.

    Attributes
    ----------
    numbers : numpy.ndarray
        Rows and columns of floats.
    instead : numpy.ndarray of object, or None
        Where no number stands: ``None`` for a blank cell, an error value for anything else;
        ``_NUMBER`` elsewhere. ``None`` as a whole when every cell is a number.
    """

    numbers: np.ndarray
    instead: np.ndarray | None


def is_block(value: Any) -> bool:
    """Return whether a value is a range (rows, or a flat list: one row) rather than one cell."""
    return isinstance(value, list | tuple) or getattr(value, "ndim", 0) > 0


def single(value: Any) -> Any:
    """Return the one cell of a 1x1 range, a plain number for a numpy scalar, else the value."""
    while is_block(value) and len(value) == 1:
        value = value[0]
    if isinstance(value, np.generic) or getattr(value, "ndim", None) == 0:
        return value.item()
    return value


def as_block(argument: str, value: Any, report: Report) -> Block:
    """Return a range as rows of numbers.

    Raises
    ------
    ShapeError
        For rows of different lengths, or more than two dimensions.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ShapeError(argument, "rows of different lengths", "rows of equal length") from None
    if array.ndim == 1:
        array = array[np.newaxis, :]
    if array.ndim != 2:
        raise ShapeError(argument, f"{array.ndim}-dimensional", "a row, a column or a block")
    if array.dtype.kind in "fiu":
        array = array.astype(np.float64, copy=False)
        if isinstance(value, np.ndarray) or not _holds_booleans(array, value):
            return Block(array, None)
    return _mixed_block(argument, value, array.shape, report)


def as_column(argument: str, value: Any, report: Report) -> tuple[np.ndarray, np.ndarray]:
    """Return a series as a flat array, and which of its cells are blank.

    Raises
    ------
    ErrorCell
        For an error value: as in Excel's own functions of ranges, it is the result.
    WrongTypeError
        For another cell that is neither blank nor a number.
    """
    block = as_block(argument, value if is_block(value) else [value], report)
    column = block.numbers.ravel()
    if block.instead is None:
        return column, np.zeros(column.size, bool)
    instead = block.instead.ravel()
    blank = np.array([cell is None for cell in instead])
    wrong = ~blank & np.array([cell is not _NUMBER for cell in instead])
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        held = np.ravel(np.array(value, dtype=object))[place]
        if instead[place] != VALUE:
            raise ErrorCell(instead[place])
        raise WrongTypeError(argument, held, f"a number (cell {place + 1} of {column.size})")
    return column, blank


def as_rows(
    engine: Callable[..., Any],
    column: str,
    value: Any,
    others: dict[str, Any],
    report: Report,
) -> list[list[Any]]:
    """Return the table that an engine function makes of a column: a header and a row a cell.

    A blank cell gives a row of blanks, a wrong one a row of its error value.

    Parameters
    ----------
    engine : callable
        Returns an object with ``HEADER`` and ``rows()``.
    column : str
        Name of the argument that holds the column.
    value : number or range
        The column.
    others : dict
        The other arguments, single numbers.
    report : callable
        Takes the reason for each error value.
    """
    block = as_block(column, value if is_block(value) else [value], report)
    numbers = block.numbers.ravel()
    instead = np.full(numbers.shape, _NUMBER, dtype=object)
    if block.instead is not None:
        instead = block.instead.ravel()
    if not numbers.size:
        raise ShapeError(column, "an empty range", "at least one cell")
    try:
        table = engine(**others, **{column: numbers})
    except ArgumentError as error:
        if error.argument != column or error.where is None:
            raise
        report(_with_places(error))
        fresh = error.where & np.equal(instead, _NUMBER)
        instead = np.where(fresh, error_value(error), instead)
        table = engine(**others, **{column: np.where(error.where, _PLACEHOLDER, numbers)})
    rows = [
        [NUM if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row]
        if mark is _NUMBER
        else [mark] * len(row)
        for row, mark in zip(table.rows(), instead, strict=True)
    ]
    return [list(table.HEADER), *rows]


def evaluate(
    engine: Callable[..., Any],
    names: tuple[str, ...],
    values: list[Any],
    numeric: frozenset[str],
    never: str | None,
    report: Report,
) -> Any:
    """Return the engine's result for cells and ranges, each wrong element as its error value.

    Parameters
    ----------
    engine : callable
        Engine function; it raises errors that say which elements of which argument are wrong.
    names : tuple of str
        Names of its arguments.
    values : list
        Their values; those of ``numeric`` arguments may be ranges, the others are scalars.
    numeric : frozenset of str
        Which arguments are numbers.
    never : str or None
        What an infinite result means, for functions that have one.
    report : callable
        Takes the reason for each error value.

    Returns
    -------
    float, str or list of list
        A scalar for a 1x1 result.
    """
    instead: list[np.ndarray] = []
    ready: dict[str, Any] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    for name, value in zip(names, values, strict=True):
        if name not in numeric:
            ready[name] = value
        elif is_block(value):
            block = as_block(name, value, report)
            ready[name] = block.numbers
            shapes[name] = block.numbers.shape
            if block.instead is not None:
                instead.append(block.instead)
        else:
            wrong = _not_a_number(value)
            if wrong is not None:
                report(str(WrongTypeError(name, value, "a number")))
                instead.append(np.array([[wrong]], dtype=object))
                value = _PLACEHOLDER
            ready[name] = value
    shape = _broadcast(shapes)
    if shape and 0 in shape:
        raise ShapeError(next(iter(shapes)), "an empty range", "at least one cell")

    while True:  # each turn replaces what the engine refused, one argument at a time
        try:
            result = engine(**ready)
            break
        except ArgumentError as error:
            where, code = error.where, error_value(error)
            if error.argument not in ready or isinstance(error, ShapeError):
                raise
            report(_with_places(error))
            if where is None:  # wrong for every element: a scalar argument, or a word
                instead.append(np.array([[code]], dtype=object))
                result = _PLACEHOLDER
                break
            mark = np.full(where.shape, _NUMBER, dtype=object)
            mark[where] = code
            instead.append(mark)
            replaced = np.where(where, _PLACEHOLDER, ready[error.argument])
            if np.array_equal(replaced, ready[error.argument]):
                raise  # replacing changed nothing: the engine would refuse it again
            ready[error.argument] = replaced

    return _cells(result, shape, instead, never, report)


def _cells(
    result: Any,
    shape: tuple[int, ...],
    instead: list[np.ndarray],
    never: str | None,
    report: Report,
) -> Any:
    """Return the result as rows, with blanks and error values at their places."""
    numbers = np.broadcast_to(np.asarray(result, dtype=np.float64), shape or (1, 1))
    finite = np.isfinite(numbers)
    replaced = None
    if instead:
        replaced = np.full(numbers.shape, _NUMBER, dtype=object)
        spread = [np.broadcast_to(marks, numbers.shape) for marks in instead]
        for marks in reversed(spread):  # of several reasons, the first argument's stays
            replaced = np.where(np.equal(marks, _NUMBER), replaced, marks)
        for marks in spread:  # but a blank anywhere gives a blank
            replaced[np.equal(marks, None)] = None
        finite = finite | np.not_equal(replaced, _NUMBER)
    if not finite.all():
        if replaced is None:
            replaced = np.full(numbers.shape, _NUMBER, dtype=object)
        infinite = ~finite & np.isinf(numbers.astype(np.float64))
        replaced[~finite] = NUM
        if never is not None:
            replaced[infinite] = NA
            report(never)
        else:
            report("the result is too large for a number: check the arguments")
    if replaced is None:
        rows = numbers.tolist()
    else:
        rows = np.where(np.equal(replaced, _NUMBER), numbers.astype(object), replaced).tolist()
    return rows[0][0] if numbers.shape == (1, 1) else rows


def _not_a_number(value: Any) -> Any:
    """Return None for a number, else the error value that stands for what the cell holds."""
    if value.__class__ in _NUMBER_TYPES:
        return None
    if isinstance(value, str):
        return value if value in ERROR_VALUES else VALUE
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        return VALUE
    return None


def _mixed_block(argument: str, value: Any, shape: tuple[int, ...], report: Report) -> Block:
    """Return a block that holds blanks, text, dates or TRUE/FALSE beside numbers."""
    rows = value if is_block(value[0]) else [value]
    numbers = np.full(shape, _PLACEHOLDER)
    instead = np.full(shape, _NUMBER, dtype=object)
    first: tuple[int, int, Any] | None = None
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            if cell.__class__ is float:
                numbers[i, j] = cell
            elif cell is None or (cell.__class__ is str and cell == ""):
                instead[i, j] = None
            else:
                wrong = _not_a_number(cell)
                if wrong is None:
                    numbers[i, j] = float(cell)
                else:
                    instead[i, j] = wrong
                    if first is None and wrong == VALUE:
                        first = (i + 1, j + 1, cell)
    if first is not None:
        row_number, column_number, cell = first
        report(
            f"{WrongTypeError(argument, cell, 'a number')} (row {row_number}, column {column_number})"
        )
    return Block(numbers, instead)


def _holds_booleans(array: np.ndarray, value: Any) -> bool:
    """Return whether TRUE or FALSE, which numpy reads as 1 and 0, stands among the numbers."""
    suspects = np.argwhere((array == 1) | (array == 0))
    if not suspects.size:
        return False
    rows = value if is_block(value[0]) else [value]
    return any(isinstance(rows[i][j], bool | np.bool_) for i, j in suspects)


def _broadcast(shapes: dict[str, tuple[int, ...]]) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        listed = ", ".join(f"{name} {rows}x{columns}" for name, (rows, columns) in shapes.items())
        raise ShapeError(
            next(iter(shapes)),
            listed,
            "ranges of equal shape, single cells, or a row with a column",
        ) from None


def _with_places(error: ArgumentError) -> str:
    """Return the error's message with the place of the first wrong cell and how many there are."""
    if error.where is None:
        return str(error)
    first = np.argwhere(error.where)[0] + 1
    place = f"row {first[0]}, column {first[1]}" if first.size == 2 else f"cell {first[0]}"
    count = int(error.where.sum())
    more = f", and {count - 1} more" if count > 1 else ""
    return f"{error} ({place}{more})"
