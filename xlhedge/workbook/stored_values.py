"""Compute every formula and store its value, so that viewers without an engine show numbers.

The values come from formualizer, a calculation engine of its own, which only reads the workbook;
every byte that is not a computed value stays as it was.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from datetime import date, datetime, time
from typing import Any

from lxml import etree

from xlhedge.errors import WorkbookError
from xlhedge.workbook.addresses import address, block
from xlhedge.workbook.book import Book
from xlhedge.workbook.calculation import Calculation, Functions, as_it_was, calculated
from xlhedge.workbook.cells import Sheet
from xlhedge.workbook.chart_values import refreshed_charts
from xlhedge.workbook.precedents import Formula, Place, resting_on, without_texts
from xlhedge.workbook.text import storable
from xlhedge.workbook.xml import tag

__all__ = ["store_values"]

_F, _V = tag("f"), tag("v")
ERRORS = {
    "Div": "#DIV/0!",
    "Na": "#N/A",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
}  # other errors are the engine's own: it lacks a function
_NO_REFERENCE = ("e", "#REF!")
_BLOCKS = ("array", "dataTable")  # formulas that fill several cells
_BROKEN = frozenset({"Error", "Name", "Ref"})  # kinds of error that damage can lead to
_OMITTED = re.compile(r"\(\s*,|,\s*[,)]")  # an argument: the engine takes 0 for it

Answer = tuple[str, str] | None  # type and text of a stored value; None: not known


def store_values(book: Book, functions: Functions | None = None) -> tuple[bytes, list[str]]:
    """Store the value of every formula, computed anew, and pack the workbook.

    What rests on a function that the engine lacks loses its stored value, which may rest on the
    old data; the program that opens the workbook recalculates everything in any case.

    Parameters
    ----------
    book : Book
        The workbook, as it stands with what was written into it.
    functions : callable, optional
        Loads functions that the engine lacks, by name.

    Returns
    -------
    bytes
        The file.
    list of str
        Addresses of formulas whose values are left to the program that opens it.

    Raises
    ------
    WorkbookError
        The engine cannot read the workbook, or a formula in it is broken.
    """
    done = calculated(book, functions)
    left: list[Place] = []
    for title in book.titles():
        if book.has_formulas(title):
            left += _take(book, done, title)
    if left or done.lacking or done.lent or done.names:
        left = _forget_what_rests_on(book, left, done)
    changed = book.changed_parts()
    addresses = [f"{title}!{address(row, column)}" for title, row, column in left]
    return book.package.packed(changed | refreshed_charts(book, changed)), addresses


def _take(book: Book, done: Calculation, title: str) -> list[Place]:
    """Store the values of a sheet; return the formulas of which none is known."""
    computed = done.value
    lacking = _call_of(done.lacking)
    sheet = book.sheet(title)
    blocks = book.fills_blocks(title)
    left = []
    for row, column, cell, formula in sheet.formula_cells():
        value = computed(title, row, column)
        stored = formula.getnext()
        if blocks and formula.get("t") in _BLOCKS and formula.get("ref"):
            left += _take_block(book, sheet, formula, computed)
            if formula.get("t") == "dataTable":
                continue
        if stored is not None:
            if stored.tag != _V:
                stored = cell.find(_V)
            elif _plainly_same(cell, stored, value):
                continue
        answer = _answer(book, value)
        if answer is None or answer == _NO_REFERENCE:
            if not lacking.search(formula.text or ""):
                _refuse_broken(book, f"{title}!{cell.get('r')}", cell, formula, value)
            if "[" in (formula.text or "") and cell.get("t") != "e":
                answer = None  # of what another workbook holds, the engine sees a part only
        if answer is None:
            left.append((title, row, column))
        _put(sheet, cell, stored, answer)
    return left


def _take_block(
    book: Book,
    sheet: Sheet,
    formula: etree._Element,
    computed: Callable[[str, int, int], Any],
) -> list[Place]:
    """Store what an array formula puts into other cells; return the cells of a data table.

    A data table's values come from a procedure that the engine does not know.
    """
    table = formula.get("t") == "dataTable"
    places = block(formula.get("ref", ""))
    for row, column in places:
        cell = sheet.element(row, column)
        if table or cell is None or sheet.holds_formula(row, column):
            continue
        _put(sheet, cell, cell.find(_V), _answer(book, computed(sheet.title, row, column)))
    return [(sheet.title, *at) for at in places] if table else []


def _forget_what_rests_on(book: Book, left: list[Place], done: Calculation) -> list[Place]:
    """Forget the values of all formulas that rest on what was not computed; return those."""
    formulas: dict[Place, Formula] = {}
    for title in book.titles():
        formulas |= _formulas_of(book.sheet(title))
    lacking, lent, names = _call_of(done.lacking), _call_of(done.lent), _use_of(done.names)
    unknown = set(left)
    for place, formula in formulas.items():
        omitted = lent.search(formula.text) and _OMITTED.search(formula.text)
        if omitted or lacking.search(formula.text) or names.search(formula.text):
            unknown.add(place)
    if not unknown:
        return []
    unknown |= resting_on(unknown, formulas, book.titles(), book.known_names)
    for title, row, column in unknown:
        sheet = book.sheet(title)
        cell = sheet.element(row, column)
        if cell is not None:
            _put(sheet, cell, cell.find(_V), None)
    return sorted(unknown & formulas.keys())


def _formulas_of(sheet: Sheet) -> dict[Place, Formula]:
    """Return a sheet's formulas by the cells that they fill."""
    found: dict[Place, Formula] = {}
    shared: dict[str | None, tuple[str, int, int]] = {}  # text and cell by number
    for row, column, _, formula in sheet.formula_cells():
        text = without_texts(formula.text or "")
        kind = formula.get("t")
        if kind == "shared":
            key = formula.get("si")
            text, top, left = shared.setdefault(key, (text, row, column))
            found[sheet.title, row, column] = Formula(text, row - top, column - left)
        else:
            found[sheet.title, row, column] = Formula(text)
        if kind == "array" and formula.get("ref"):
            found |= {(sheet.title, *at): Formula(text) for at in block(formula.get("ref", ""))}
    return found


def _call_of(functions: Collection[str]) -> re.Pattern[str]:
    """Return a pattern of a call of one of some functions; without any, of nothing."""
    return re.compile(rf"(?<![\w.])(?:_xll\.)?(?:{_one_of(functions)})\(", re.I)


def _use_of(names: Collection[str]) -> re.Pattern[str]:
    """Return a pattern of one of some names; without any, of nothing."""
    return re.compile(rf"(?<![\w.])(?:{_one_of(names)})(?![\w.(])", re.I)


def _one_of(words: Collection[str]) -> str:
    return "|".join(map(re.escape, sorted(words))) or "(?!)"


def _plainly_same(cell: etree._Element, stored: etree._Element, value: Any) -> bool:
    """Whether a number or text is stored already, as is so for most; False if in doubt."""
    kind = cell.get("t")
    if type(value) is str:
        return kind == "str" and stored.text == value
    if type(value) is not float or kind is not None:
        return False
    try:
        return float(stored.text) == value and math.isfinite(value)
    except (TypeError, ValueError):
        return False


def _answer(book: Book, value: Any) -> Answer:
    """Return how a value is stored."""
    if isinstance(value, bool):
        return "b", str(int(value))
    if isinstance(value, str):
        return "str", storable(as_it_was(value))
    if isinstance(value, dict):
        text = ERRORS.get(str(value.get("kind")))
        return None if text is None else ("e", text)
    if isinstance(value, time):
        value = (value.hour * 3600 + value.minute * 60 + value.second) / 86_400
    elif isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime(*value.timetuple()[:3])
        value = book.serial_of(moment)
    if isinstance(value, (int, float)) and math.isfinite(value):
        return "n", repr(float(value) + 0.0).removesuffix(".0")  # never minus zero
    return None


def _refuse_broken(
    book: Book, where: str, cell: etree._Element, formula: etree._Element, value: Any
) -> None:
    """Refuse a formula that depends on itself, or one that a good value stands beside.

    A program that saves a broken formula stores its error beside it, so that another value there
    tells of damage. What the engine lacks, such as a function, is no damage.
    """
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind == "Circ" and not book.iterates:
        raise WorkbookError(
            f"{book.label}: the formula in {where} depends on itself, directly or through others. "
            "Correct it, or allow it in Excel (File, Options, Formulas: iterative calculation)"
        )
    if kind in _BROKEN and cell.findtext(_V) and cell.get("t") != "e":
        from xlhedge.workbook.formula import what_is_broken  # openpyxl takes its time to start

        text = formula.text or "0"
        titles = {title.lower() for title in book.titles()}
        broken = what_is_broken(text, titles, book.known_names.keys())
        if broken:
            raise WorkbookError(
                f"{book.label}: the formula in {where} is broken: {broken} ({text!r:.60})"
            )


def _put(sheet: Sheet, cell: etree._Element, stored: etree._Element | None, answer: Answer) -> None:
    """Store a value in a cell, or forget the one that is stored."""
    if answer is not None:
        if stored is None or not _same(cell, stored, *answer):
            _store(cell, stored, *answer)
            sheet.changed = True
    elif stored is not None:
        cell.remove(stored)
        cell.attrib.pop("t", None)
        sheet.changed = True


def _same(cell: etree._Element, stored: etree._Element, kind: str, text: str) -> bool:
    held = stored.text or ""
    if cell.get("t", "n") != kind or held == text or kind != "n":
        return cell.get("t", "n") == kind and held == text
    try:
        return float(held) == float(text)
    except ValueError:
        return False


def _store(cell: etree._Element, stored: etree._Element | None, kind: str, text: str) -> None:
    if stored is None:
        stored = etree.Element(_V)
        formula = cell.find(_F)
        if formula is None:
            cell.insert(0, stored)
        else:
            formula.addnext(stored)
    stored.text = text
    if kind != "n":
        cell.set("t", kind)
    elif "t" in cell.attrib:
        del cell.attrib["t"]
