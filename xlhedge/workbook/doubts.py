"""Which values of the calculation engine are not to be relied on, and which of them are outdated.

A value that is doubtful stays as the program that saved the workbook computed it, unless it rests
on a cell that was written or computed anew since.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xlhedge.workbook.addresses import block
from xlhedge.workbook.engine_limits import IGNORES_ERRORS, follows_arguments, formats_are_proven
from xlhedge.workbook.precedents import Dependents, Formula, Place, without_texts

if TYPE_CHECKING:
    from xlhedge.workbook.book import Book
    from xlhedge.workbook.calculation import Calculation
    from xlhedge.workbook.cells import Sheet

__all__ = ["Doubts", "call_of", "doubted", "names_with", "use_of"]

_BRACKET = re.compile(r"\[")
_OMITTED = re.compile(r"\(\s*,|,\s*[,)]")  # an argument: the engine takes 0 for it
_ABOUT_ERRORS = re.compile(r'IFS?\(.*"[<>=]*#', re.I | re.S)  # a condition that looks for errors


@dataclass(frozen=True)
class Doubts:
    """Cells whose values the engine may not know.

    Attributes
    ----------
    cells : set of (sheet, row, column)
        Formulas, and cells that formulas fill.
    changed : set of (sheet, row, column)
        What rests on cells that were written or computed anew, or on something outside the cells
        that a function may read: quotes, another program's data, the clock.
    """

    cells: set[Place] = field(default_factory=set)
    changed: set[Place] = field(default_factory=set)


def doubted(
    book: Book, done: Calculation, unanswered: set[Place], anew: Collection[Place]
) -> Doubts:
    """Return the cells whose values the engine may not know.

    Parameters
    ----------
    book : Book
        The workbook, as it stands with what was written into it.
    done : Calculation
        Its formulas, computed.
    unanswered : set of (sheet, row, column)
        Cells for which the engine has no value that can be stored.
    anew : collection of (sheet, row, column)
        Cells for which it has another value than the stored one.
    """
    formulas: dict[Place, Formula] = {}
    cells = set(unanswered)
    free: set[Place] = set()  # what they rest on does not stand in them
    doubtful = _Doubtful(done, book)
    for title in book.titles():
        for place, formula, text, kind in _formulas_of(book.sheet(title)):
            formulas[place] = formula
            if doubtful(formula.text, text):
                cells.add(place)
                if doubtful.reads_quotes(formula.text):
                    free.add(place)
            if kind == "dataTable" or doubtful.reads_outside(formula.text):
                free.add(place)
    dependents = Dependents(formulas, book.titles(), book.known_names)
    cells |= free | _passing_over_errors(book, done, formulas, dependents)
    if not cells:
        return Doubts()
    cells |= dependents.all_of(cells)
    changed = free | book.written() | (set(anew) - cells)
    return Doubts(cells, free | dependents.all_of(changed))


class _Doubtful:
    """Says of a formula whether the engine lacks, or may compute otherwise, something in it."""

    def __init__(self, done: Calculation, book: Book) -> None:
        names = book.references
        others = {name for name in done.lacking | done.unproven if not follows_arguments(name)}
        self._calls = call_of(done.lacking | done.unproven)
        self._others = call_of(others)
        self._lent = call_of(done.lent)
        elsewhere = names_with(_BRACKET, names) | book.table_names
        computed = names_with(self._calls, names)
        self._names = use_of(done.names | elsewhere | computed)
        outside = names_with(self._others, names) | names_with(self._lent, names)
        self._moving = use_of((done.names - elsewhere) | outside)

    def __call__(self, formula: str, with_texts: str) -> bool:
        return bool(
            "[" in formula  # a column of a table, another workbook
            or self._calls.search(formula)
            or self._names.search(formula)
            or ("IF" in formula and _ABOUT_ERRORS.search(with_texts))
            or ("TEXT(" in formula.upper() and not formats_are_proven(with_texts))
        )

    def reads_outside(self, formula: str) -> bool:
        """Whether a formula may follow something else than the cells that it names."""
        return bool(
            self._others.search(formula)
            or self._moving.search(formula)
            or (self.reads_quotes(formula) and _OMITTED.search(formula))
        )

    def reads_quotes(self, formula: str) -> bool:
        """Whether a formula calls a function that was lent: it may follow stored quotes."""
        return bool(self._lent.search(formula))


def _passing_over_errors(
    book: Book, done: Calculation, formulas: dict[Place, Formula], dependents: Dependents
) -> set[Place]:
    """Return the formulas in which the engine would pass over an error that Excel shows."""
    calls = call_of(IGNORES_ERRORS)
    calling = {place for place, formula in formulas.items() if calls.search(formula.text)}
    if not calling:
        return set()
    errors = {place for place in formulas if isinstance(done.value(*place), dict)}
    for title in book.titles():
        errors |= book.sheet(title).errors()
    return calling & dependents.of(errors)


def _formulas_of(sheet: Sheet) -> Iterator[tuple[Place, Formula, str, str | None]]:
    """Yield the cells that formulas fill: place, formula, its text as it is, and its kind."""
    shared: dict[str | None, tuple[str, int, int]] = {}  # text and cell by number
    for row, column, _, element in sheet.formula_cells():
        text = element.text or ""
        kind = element.get("t")
        if kind == "shared":
            text, top, left = shared.setdefault(element.get("si"), (text, row, column))
            yield (sheet.title, row, column), _moved(text, row - top, column - left), text, kind
            continue
        formula = _moved(text, 0, 0)
        yield (sheet.title, row, column), formula, text, kind
        if kind in ("array", "dataTable") and element.get("ref"):
            for at in block(element.get("ref", "")):
                yield (sheet.title, *at), formula, text, kind


def _moved(text: str, rows: int, columns: int) -> Formula:
    return Formula(without_texts(text), rows, columns)


def call_of(functions: Collection[str]) -> re.Pattern[str]:
    """Return a pattern of a call of one of some functions; without any, of nothing."""
    return re.compile(rf"(?<![\w.])(?:_xll\.)?(?:{_one_of(functions)})\(", re.I)


def use_of(names: Collection[str]) -> re.Pattern[str]:
    """Return a pattern of one of some names; without any, of nothing."""
    return re.compile(rf"(?<![\w.$])(?:{_one_of(names)})(?![\w.($!])", re.I)


def names_with(pattern: re.Pattern[str], names: Mapping[str, str]) -> set[str]:
    """Return the names whose texts hold something, themselves or in names that they use.

    >>> names = {"rate": "[1]Rates!$A$1", "twice": "rate*2", "mark": "Hedge!$H$8"}
    >>> sorted(names_with(re.compile(r"\\["), names))
    ['rate', 'twice']
    """
    found = {name for name, text in names.items() if pattern.search(text)}
    more = found
    while more:
        users = use_of(more)
        more = {name for name, text in names.items() if name not in found and users.search(text)}
        found = found | more
    return found


def _one_of(words: Collection[str]) -> str:
    return "|".join(map(re.escape, sorted(words))) or "(?!)"
