"""One declaration for each worksheet function.

:func:`worksheet` takes an engine function and its help. Names, order and defaults of the arguments
and what kind each of them is come from the engine function's own signature; the help texts come
from the declaration. The function that it returns is what Excel calls (xlwings decorates it), what
``from udfs import INVERSE_PNL`` gives, and what carries the declaration for the wizard, the add-in,
the Functions sheet, the README's table and the tests.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

import numpy as np
import xlwings as xw

from udfs.cell_errors import ERROR_VALUES, REASONS, VALUE, error_value
from udfs.cells import as_column, as_rows, evaluate, is_block, single
from xlhedge.errors import DomainError, HedgeError, ShapeError, UnknownWordError, WrongTypeError

__all__ = ["DECLARED", "Argument", "Declaration", "Example", "worksheet"]

CATEGORY = "xlhedge"
HELP_LIMIT = 255  # Excel cuts the wizard's texts there

_INFINITY = float("inf")

DECLARED: dict[str, Declaration] = {}
"""Every worksheet function by name, in the order of the documentation."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a worksheet function.

    Attributes
    ----------
    name, help : str
        As the function wizard shows them; the help states the unit.
    kind : str
        "Numbers" (cell or range, element by element), "Column" (a range read as a whole),
        "Single" (one number), "Word", "Text".
    required : bool
        Whether it must be given.
    default : object
        What an omitted or empty argument means.
    """

    name: str
    help: str
    kind: str
    required: bool
    default: Any


@dataclass(frozen=True, slots=True)
class Example:
    """A call and its result, as documentation and test."""

    arguments: tuple[Any, ...]
    result: Any


@dataclass(frozen=True, slots=True)
class Declaration:
    """Everything that is known of a worksheet function.

    Attributes
    ----------
    name : str
        Name in Excel.
    subject : str
        Heading under which documentation lists it.
    help : str
        What it gives, with unit and sign.
    arguments : tuple of Argument
        In order.
    examples : tuple of Example
    engine : callable
        The engine function.
    never : str or None
        What an infinite result of the engine means; the cell shows #N/A.
    blanks : str
        For Column arguments: "refuse" a row that is only partly filled, or "skip" it.
    """

    name: str
    subject: str
    help: str
    arguments: tuple[Argument, ...]
    examples: tuple[Example, ...]
    engine: Callable[..., Any]
    never: str | None
    blanks: str

    @property
    def syntax(self) -> str:
        """Return the call as documentation writes it: optional arguments in brackets."""
        shown = [
            a.name
            if a.required
            else f"[{a.name}]"
            if a.default is None
            else f"[{a.name}={_typed(a.default)}]"
            for a in self.arguments
        ]
        return f"{self.name}({', '.join(shown)})"


def worksheet(
    engine: Callable[..., Any],
    subject: str,
    help: str,
    *,
    examples: Sequence[tuple[tuple[Any, ...], Any]] = (),
    never: str | None = None,
    blanks: str = "refuse",
    **argument_help: str,
) -> Callable[..., Any]:
    """Declare a worksheet function and return it.

    Parameters
    ----------
    engine : callable
        Engine function; its name in capitals is the worksheet function's name.
    subject : str
        Heading in the documentation.
    help : str
        What the function gives, with unit and sign; at most 255 characters.
    examples : sequence of (arguments, result)
        Shown in documentation, and tested.
    never : str, optional
        What an infinite result means.
    blanks : {"refuse", "skip"}
        What a partly filled row of columns means.
    **argument_help : str
        Help of every argument, with its unit; at most 255 characters each.

    Raises
    ------
    TypeError
        When an argument of the engine lacks its help, or a text is too long for Excel.
    """
    name = engine.__name__.upper()
    arguments = tuple(_arguments(engine, argument_help))
    for text in (help, *argument_help.values()):
        if len(text) > HELP_LIMIT:
            raise TypeError(f"{name}: help of {len(text)} characters; Excel shows {HELP_LIMIT}")
    declaration = Declaration(
        name,
        subject,
        help,
        arguments,
        tuple(Example(*example) for example in examples),
        engine,
        never,
        blanks,
    )
    DECLARED[name] = declaration
    return _for_excel(declaration, _callable(declaration))


def _arguments(engine: Callable[..., Any], helps: dict[str, str]) -> list[Argument]:
    found = []
    helps = dict(helps)
    for parameter in inspect.signature(engine).parameters.values():
        if parameter.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
            continue  # keyword-only refinements of the engine are not offered in cells
        if parameter.name not in helps:
            raise TypeError(f"{engine.__name__}: no help for the argument {parameter.name}")
        required = parameter.default is inspect.Parameter.empty
        found.append(
            Argument(
                parameter.name,
                helps.pop(parameter.name),
                str(parameter.annotation).split(" ")[0],
                required,
                None if required else parameter.default,
            )
        )
    if helps:
        raise TypeError(f"{engine.__name__} has no argument named {', '.join(helps)}")
    return found


def _callable(declaration: Declaration) -> Callable[..., Any]:
    """Return the function that takes cells and never raises."""
    engine = declaration.engine
    general = _way_to_call(declaration)
    fast = general is _elementwise
    scalars = frozenset({float, int, str})

    @wraps(engine)
    def function(*given: Any, **named: Any) -> Any:
        # the common case: plain numbers and words, straight to the engine
        if fast and not named:
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
        result = _elementwise(declaration, [*chosen, *values[index + 1 :]])
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


def _for_excel(declaration: Declaration, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with the name, help and conversions that xlwings reads from it."""
    function.__name__ = function.__qualname__ = declaration.name
    function.__module__ = "udfs"
    function.__doc__ = declaration.help
    function.__annotations__ = {}
    function.declaration = declaration  # type: ignore[attr-defined]
    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                a.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=inspect.Parameter.empty if a.required else a.default,
            )
            for a in declaration.arguments
        ]
    )
    for argument in declaration.arguments:
        # two dimensions always: a flat list would not say whether it was a row or a column
        function = xw.arg(argument.name, ndim=2, doc=argument.help)(function)
    return xw.func(category=CATEGORY)(function)


def _reporter(declaration: Declaration) -> Callable[[str], None]:
    return lambda message: REASONS.add(declaration.name, message)


def _typed(default: Any) -> str:
    return f'"{default}"' if isinstance(default, str) else f"{default:g}"
