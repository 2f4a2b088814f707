"""From a call in a cell to the engine and back: which way a function takes its arguments.

A function of numbers is evaluated for whole ranges at once; one of text, or whose result is text,
cell by cell; one that reads columns, as a whole; one that spills a table, by the cells of its
column. No way raises: an error becomes an error value, and its reason is kept.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np

from udfs.cell_errors import ERROR_VALUES, REASONS, VALUE, error_value
from udfs.cells import ErrorCell, as_column, as_rows, evaluate, is_block, single
from xlhedge.errors import DomainError, HedgeError, ShapeError, UnknownWordError, WrongTypeError

if TYPE_CHECKING:
    from udfs.declaration import Declaration

__all__ = ["for_cells"]

_INFINITY = float("inf")


def for_cells(declaration: Declaration) -> Callable[..., Any]:
    """Return the function that takes cells and never raises."""
    engine = declaration.engine
    general = _way_to_call(declaration)
    fast = general is _elementwise
    scalars = frozenset({float, int, str})

    @wraps(engine)
    def function(*given: Any, **named: Any) -> Any:
        # the common case: plain numbers and words, straight to the engine
        if fast and not named:
            while given and given[-1] is None:  # omitted: the engine knows the defaults
                given = given[:-1]
            for value in given:
                if value.__class__ not in scalars:
                    break
            else:
                try:
                    result = engine(*given)
                except Exception:
                    result = _INFINITY
                if -_INFINITY < result < _INFINITY:
                    return result
        try:
            values = _bind(declaration, given, named)
            return general(declaration, values)
        except ErrorCell as passed_on:
            return passed_on.cell
        except HedgeError as error:
            REASONS.add(declaration.name, str(error))
            return error_value(error)
        except Exception as error:  # a cell never shows a traceback
            REASONS.add(declaration.name, f"unexpected {type(error).__name__}: {error}")
            return VALUE

    return function


def _way_to_call(declaration: Declaration) -> Callable[[Declaration, list[Any]], Any]:
    kinds = {a.kind for a in declaration.arguments}
    returns = str(inspect.signature(declaration.engine).return_annotation)
    if returns == "Scenario":
        return _as_table
    if "Column" in kinds or returns.startswith("list"):
        return _as_a_whole
    if kinds <= {"Numbers", "Word"} and returns == "Numbers":
        return _elementwise
    return _cell_by_cell


def _bind(declaration: Declaration, given: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
    """Return one value for each argument: defaults for the omitted and empty, 1x1 ranges as cells."""
    if len(given) > len(declaration.arguments):
        at_most = f"at most {len(declaration.arguments)} arguments: {declaration.syntax}"
        raise ShapeError("arguments", len(given), at_most)
    by_name = dict(zip((a.name for a in declaration.arguments), given, strict=False))
    for name, value in named.items():
        if name in by_name or name not in {a.name for a in declaration.arguments}:
            raise UnknownWordError("argument", name, declaration.syntax)
        by_name[name] = value
    values = []
    for argument in declaration.arguments:
        value = single(by_name.get(argument.name))
        if value is None or (value.__class__ is str and not value.strip()):
            if argument.required:
                kind = "text" if argument.kind == "Text" else "a number"
                raise WrongTypeError(argument.name, None, f"{kind} ({argument.help})")
            value = argument.default
        values.append(value)
    return values


def _elementwise(declaration: Declaration, values: list[Any]) -> Any:
    """Evaluate ranges in one call of the engine, a word given as a range by its distinct words."""
    for index, argument in enumerate(declaration.arguments):
        if argument.kind == "Word" and is_block(values[index]):
            return _by_words(declaration, values, index)
    names = tuple(a.name for a in declaration.arguments)
    numeric = frozenset(a.name for a in declaration.arguments if a.kind == "Numbers")
    return evaluate(
        declaration.engine, names, values, numeric, declaration.never, _reporter(declaration)
    )


def _by_words(declaration: Declaration, values: list[Any], index: int) -> Any:
    """Evaluate once for each distinct word of a range and take each cell from its word's result."""
    words = np.array(values[index], dtype=object)
    words = words[np.newaxis, :] if words.ndim == 1 else words
    if words.ndim != 2:
        raise ShapeError(declaration.arguments[index].name, "uneven rows", "rows of equal length")
    merged: np.ndarray | None = None
    for word in dict.fromkeys(words.ravel().tolist()):
        blank = word is None or word == ""
        chosen = [*values[:index], declaration.arguments[index].default if blank else word]
        passed_on = isinstance(word, str) and word in ERROR_VALUES
        result = word if passed_on else _elementwise(declaration, [*chosen, *values[index + 1 :]])
        cells = np.array(result if is_block(result) else [[result]], dtype=object)
        try:
            shape = np.broadcast_shapes(cells.shape, words.shape)
        except ValueError:
            name = declaration.arguments[index].name
            raise ShapeError(name, f"{words.shape}", f"a range that fits {cells.shape}") from None
        if merged is None:
            merged = np.full(shape, None, dtype=object)
        if not blank:
            of_word = np.broadcast_to(np.equal(words, word), shape)
            merged[of_word] = np.broadcast_to(cells, shape)[of_word]
    return None if merged is None else merged.tolist()


def _cell_by_cell(declaration: Declaration, values: list[Any]) -> Any:
    """Evaluate a function of text, or one whose result is text: the engine once for each cell."""
    blocks = [np.array(v if is_block(v) else [[v]], dtype=object) for v in values]
    blocks = [b[np.newaxis, :] if b.ndim == 1 else b for b in blocks]
    try:
        shape = np.broadcast_shapes(*(b.shape for b in blocks))
    except ValueError:
        given = ", ".join(
            f"{a.name} {'x'.join(map(str, b.shape))}"
            for a, b in zip(declaration.arguments, blocks, strict=True)
        )
        raise ShapeError(declaration.arguments[0].name, given, "ranges of fitting shapes") from None
    of_range = [is_block(v) for v in values]
    spread = [np.broadcast_to(b, shape) for b in blocks]
    rows = [
        [_one_cell(declaration, [s[i, j] for s in spread], of_range) for j in range(shape[1])]
        for i in range(shape[0])
    ]
    return rows[0][0] if shape == (1, 1) else rows


def _one_cell(declaration: Declaration, cells: list[Any], of_range: list[bool]) -> Any:
    for cell, ranged in zip(cells, of_range, strict=True):
        if ranged and (cell is None or cell == ""):
            return None
        if isinstance(cell, str) and cell in ERROR_VALUES:
            return cell
    try:
        for argument, cell in zip(declaration.arguments, cells, strict=True):
            if argument.kind == "Text" and not isinstance(cell, str):
                raise WrongTypeError(argument.name, cell, f"text ({argument.help})")
        return declaration.engine(*cells)
    except HedgeError as error:
        REASONS.add(declaration.name, str(error))
        return error_value(error)


def _as_a_whole(declaration: Declaration, values: list[Any]) -> Any:
    """Evaluate a function that reads columns as a whole, or spills a list."""
    ready: dict[str, Any] = {}
    columns: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for argument, value in zip(declaration.arguments, values, strict=True):
        if argument.kind == "Column":
            columns[argument.name] = as_column(argument.name, value, _reporter(declaration))
        elif is_block(value):
            raise ShapeError(argument.name, "a range", "one cell")
        elif argument.kind == "Text" and not isinstance(value, str):
            raise WrongTypeError(argument.name, value, f"text ({argument.help})")
        else:
            ready[argument.name] = value
    ready.update(_without_blanks(declaration, columns))
    result = declaration.engine(**ready)
    if isinstance(result, float) and not -_INFINITY < result < _INFINITY:
        raise DomainError("result", result, "arguments whose result is a finite number")
    return result


def _as_table(declaration: Declaration, values: list[Any]) -> list[list[Any]]:
    """Evaluate a function of single numbers and one column that spills a table."""
    by_name = dict(zip((a.name for a in declaration.arguments), values, strict=True))
    (column,) = (a.name for a in declaration.arguments if a.kind == "Column")
    value = by_name.pop(column)
    for name, single_number in by_name.items():
        if is_block(single_number):
            raise ShapeError(name, "a range", "one cell")
    return as_rows(declaration.engine, column, value, by_name, _reporter(declaration))


def _without_blanks(
    declaration: Declaration, columns: dict[str, tuple[np.ndarray, np.ndarray]]
) -> dict[str, np.ndarray]:
    """Return the columns without their empty rows; a row filled in part is refused or skipped."""
    if not columns:
        return {}
    sizes = {name: column.size for name, (column, _) in columns.items()}
    length = max(sizes.values())
    if any(size not in (1, length) for size in sizes.values()):
        given = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise ShapeError(next(iter(columns)), given, "columns of equal length")
    blanks = {name: blank for name, (column, blank) in columns.items() if column.size == length}
    some = np.logical_or.reduce(list(blanks.values()))
    in_part = some & ~np.logical_and.reduce(list(blanks.values()))
    if declaration.blanks == "refuse" and in_part.any():
        row = int(np.flatnonzero(in_part)[0])
        name = next(name for name, blank in blanks.items() if blank[row])
        raise WrongTypeError(name, None, f"a number in row {row + 1}: other columns have one there")
    return {
        name: column[~some] if column.size == length else column
        for name, (column, _) in columns.items()
    }


def _reporter(declaration: Declaration) -> Callable[[str], None]:
    return lambda message: REASONS.add(declaration.name, message)
