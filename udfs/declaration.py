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
from typing import Any

import xlwings as xw

from udfs.calling import for_cells
from udfs.excel_values import ExcelValues

__all__ = ["DECLARED", "Argument", "Declaration", "Example", "worksheet"]

CATEGORY = "xlhedge"
HELP_LIMIT = 255  # Excel cuts the wizard's texts there

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
    return _for_excel(declaration, for_cells(declaration))


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
        function = xw.arg(argument.name, ExcelValues, doc=argument.help)(function)
    return xw.func(category=CATEGORY)(xw.ret(ExcelValues)(function))


def _typed(default: Any) -> str:
    return f'"{default}"' if isinstance(default, str) else f"{default:g}"
