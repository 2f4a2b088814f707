"""Whether the names of a workbook point where tools can read and write without doing damage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlhedge.errors import WorkbookError
from xlhedge.workbook import names

if TYPE_CHECKING:
    from xlhedge.workbook.cells import Value
    from xlhedge.workbook.named_cells import Area, NamedCells

__all__ = ["check_inputs", "check_names", "check_results", "check_schema"]

BLOCKS = frozenset({*names.TABLES, *names.MORE_TABLES})
EVERY = (*names.REQUIRED, *names.MORE_TABLES, *names.OPTIONAL)
# A tool writes these; another name at the same cell would be overwritten
WRITTEN = frozenset({*names.INPUTS, *names.LIVE, *names.IDENTITY, *names.OPTIONAL})


def check_names(book: NamedCells) -> None:
    """Refuse a workbook in which a name of the contract points at no cell, or at another's.

    Raises
    ------
    WorkbookError
        A name refers to something else than one cell (a block, for a table), or to a cell that a
        tool writes for another name.
    """
    cells: dict[tuple[str, int, int], str] = {}
    blocks: list[Area] = []
    for name in EVERY:
        if not book.has(name):
            continue
        if name in BLOCKS:
            blocks.append(book.area(name))
            continue
        at = book.cell(name)
        key = (at.sheet, at.top, at.left)
        other = cells.setdefault(key, name)
        if other != name and not WRITTEN.isdisjoint((name, other)):
            _refuse(book, name, other)
    for number, block in enumerate(blocks):
        for (sheet, row, column), name in cells.items():
            if name in WRITTEN and block.holds(sheet, row, column):
                _refuse(book, name, block.name)
        for other in blocks[:number]:
            if block.meets(other):
                _refuse(book, block.name, other.name)


def check_inputs(book: NamedCells) -> None:
    """Refuse a workbook in which an input is computed: nobody could type it."""
    for name in names.INPUTS:
        at = book.cell(name)
        if book.sheet(at.sheet).holds_formula(at.top, at.left):
            raise WorkbookError(
                f"{book.label}: {name} holds a formula; expected a value typed in, or an empty cell"
            )


def check_results(book: NamedCells) -> None:
    """Refuse a workbook whose results do not follow its data: they would pass for fresh ones.

    A copy of values is such a workbook. What nobody takes for a result, a 0 or a word in the place
    of a number, may stand there until somebody writes the formula.
    """
    for name in (*names.USED, *names.RESULTS):
        if not book.has(name):
            continue
        at = book.cell(name)
        sheet = book.sheet(at.sheet)
        value = sheet.value(at.top, at.left)
        if not sheet.holds_formula(at.top, at.left) and _looks_like_a_result(name, value):
            raise WorkbookError(
                f"{book.label}: {name} holds a plain value, which does not follow new data (is "
                "this a copy of values?); expected a formula, or an empty cell"
            )


def check_schema(book: NamedCells) -> None:
    """Refuse a workbook whose names have another meaning; one that does not say is of this one."""
    schema = book.read("xlhedge_schema") if book.has("xlhedge_schema") else None
    if schema not in (None, "", names.SCHEMA):
        raise WorkbookError(
            f"{book.label} follows schema {schema!r:.20} of the names, this xlhedge follows "
            f"{names.SCHEMA}; use the xlhedge that made it, or make a new workbook"
        )


def _looks_like_a_result(name: str, value: Value) -> bool:
    if isinstance(value, str):
        return name == "out_verdict" and any(letter.isdigit() for letter in value)
    return bool(value)


def _refuse(book: NamedCells, name: str, other: str) -> None:
    raise WorkbookError(
        f"{book.label}: the names {name} and {other} refer to the same cell; "
        "give each a place of its own"
    )
