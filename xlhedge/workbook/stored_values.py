"""Compute every formula and store its value, so that viewers without an engine show numbers.

The values come from formualizer, a calculation engine of its own, which only reads the workbook;
every byte that is not a computed value stays as it was.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from lxml import etree

from xlhedge.errors import WorkbookError
from xlhedge.workbook.addresses import address, block
from xlhedge.workbook.book import Book
from xlhedge.workbook.calculation import Calculation, Functions, as_it_was, calculated
from xlhedge.workbook.cells import Sheet
from xlhedge.workbook.chart_values import refreshed_charts
from xlhedge.workbook.doubts import Doubts, call_of, doubted
from xlhedge.workbook.precedents import Place
from xlhedge.workbook.text import storable
from xlhedge.workbook.xml import tag

__all__ = ["Outdated", "outdated_values", "store_values"]

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
NEAR_ZERO = 1e-6  # where programs differ in what is left of two amounts that cancel out
_NO_WORDS = re.compile(r"[\d.,'’+\-\s]+")
_LONG = re.compile(r"(?<![\w.])\d+\.\d{12,}(?![\w.])")  # a number in a text
_BROKEN = frozenset({"Error", "Name", "Ref"})  # kinds of error that damage can lead to

Answer = tuple[str, str] | None  # type and text of a stored value; None: not known


@dataclass(frozen=True)
class Computed:
    """A cell whose stored value is not the engine's answer, or that the engine cannot answer."""

    place: Place
    cell: etree._Element
    stored: etree._Element | None
    answer: Answer


def store_values(book: Book, functions: Functions | None = None) -> tuple[bytes, list[str]]:
    """Store the value of every formula, computed anew, and pack the workbook.

    What rests on something that the engine lacks, or may compute otherwise than Excel, keeps the
    value that it has where nothing under it was changed, and else loses it; the program that opens
    the workbook recalculates everything in any case.

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
    computed: list[Computed] = []
    for title in book.titles():
        if book.has_formulas(title):
            computed += _computed(book, done, title)
    doubts = doubted(book, done, {one.place for one in computed if one.answer is None})
    for one in computed:
        if one.place not in doubts.cells:
            _put(book.sheet(one.place[0]), one.cell, one.stored, one.answer)
    left = _forget(book, doubts)
    changed = book.changed_parts()
    addresses = [_named(place) for place in left]
    return book.package.packed(changed | refreshed_charts(book, changed)), addresses


@dataclass(frozen=True)
class Outdated:
    """A stored value that is not what its formula gives, both as text."""

    where: str
    stored: str
    computed: str


def outdated_values(
    book: Book, functions: Functions | None = None
) -> tuple[list[Outdated], list[str]]:
    """Compare every stored value with its formula; nothing is changed.

    Returns
    -------
    list of Outdated
        Those that differ by more than two programs' roundings, or in other words than numbers
        (programs write these in the language of their user).
    list of str
        Addresses of formulas that only a spreadsheet program can compute.

    Raises
    ------
    WorkbookError
        The formulas cannot be computed.
    """
    done = calculated(book, functions)
    computed = [
        one
        for title in book.titles()
        if book.has_formulas(title)
        for one in _computed(book, done, title)
    ]
    doubts = doubted(book, done, {one.place for one in computed if one.answer is None})
    found = [
        Outdated(_named(one.place), _as_text(one.stored), one.answer[1])
        for one in computed
        if one.answer is not None and one.place not in doubts.cells and not _alike(one)
    ]
    return found, [_named(place) for place in sorted(doubts.cells)]


def _named(place: Place) -> str:
    return f"{place[0]}!{address(place[1], place[2])}"


def _as_text(stored: etree._Element | None) -> str:
    return "" if stored is None else stored.text or ""


def _alike(one: Computed) -> bool:
    """Whether a stored value differs from the engine's by rounding, or the way of writing, only."""
    assert one.answer is not None
    kind, text = one.answer
    held = _as_text(one.stored)
    if one.cell.get("t", "n") != kind:
        return not held and not text
    if kind == "str":
        return _NO_WORDS.sub("", held) == _NO_WORDS.sub("", text)
    if kind != "n":
        return held == text
    try:
        mine, other = float(held), float(text)
    except ValueError:
        return False
    near_zero = min(abs(mine), abs(other)) < NEAR_ZERO
    return math.isclose(mine, other, rel_tol=1e-9, abs_tol=NEAR_ZERO if near_zero else 0)


def _computed(book: Book, done: Calculation, title: str) -> Iterator[Computed]:
    """Yield the cells of a sheet whose stored values differ from the engine's answers."""
    lacking = call_of(done.lacking)
    sheet = book.sheet(title)
    blocks = book.fills_blocks(title)
    for row, column, cell, formula in sheet.formula_cells():
        value = done.value(title, row, column)
        stored = formula.getnext()
        if blocks and formula.get("t") in _BLOCKS and formula.get("ref"):
            yield from _computed_block(book, done, sheet, formula)
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
        yield Computed((title, row, column), cell, stored, answer)


def _computed_block(
    book: Book, done: Calculation, sheet: Sheet, formula: etree._Element
) -> Iterator[Computed]:
    """Yield what an array formula puts into other cells.

    A data table's values come from a procedure that the engine does not know.
    """
    table = formula.get("t") == "dataTable"
    for row, column in block(formula.get("ref", "")):
        cell = sheet.element(row, column)
        if cell is None or (not table and sheet.holds_formula(row, column)):
            continue
        answer = None if table else _answer(book, done.value(sheet.title, row, column))
        yield Computed((sheet.title, row, column), cell, cell.find(_V), answer)


def _forget(book: Book, doubts: Doubts) -> list[Place]:
    """Forget the doubtful values that rest on what was changed; return formulas without a value."""
    left = []
    for place in sorted(doubts.cells):
        sheet = book.sheet(place[0])
        cell = sheet.element(*place[1:])
        if cell is None:
            continue
        stored = cell.find(_V)
        if place in doubts.changed:
            _put(sheet, cell, stored, None)
        if place in doubts.changed or stored is None:
            left.append(place)
    return [place for place in left if book.sheet(place[0]).holds_formula(*place[1:])]


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
        return "str", storable(_LONG.sub(_shortened, as_it_was(value)))
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


def _shortened(number: re.Match[str]) -> str:
    """Return a number inside a text with the fifteen digits that Excel writes.

    >>> _LONG.sub(_shortened, "0.30000000000000004 USD, 0.1")
    '0.3 USD, 0.1'
    """
    text = f"{float(number[0]):.15g}"
    return number[0] if "e" in text else text


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
