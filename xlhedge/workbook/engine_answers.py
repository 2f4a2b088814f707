"""The calculation engine's answers as they stand in a file, beside the values stored there."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple

from lxml import etree

from xlhedge.errors import WorkbookError
from xlhedge.workbook.addresses import address, block
from xlhedge.workbook.book import Book
from xlhedge.workbook.calculation import Calculation, Functions, as_it_was, calculated
from xlhedge.workbook.cells import Sheet
from xlhedge.workbook.doubts import Doubts, call_of, doubted
from xlhedge.workbook.precedents import Place
from xlhedge.workbook.text import storable
from xlhedge.workbook.xml import tag

__all__ = [
    "Answer",
    "Answered",
    "Answers",
    "answers_to",
    "cell_name",
    "is_rounding",
    "stored_text",
]

_V = tag("v")
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
_LONG = re.compile(r"(?<![\w.])\d+\.\d{12,}(?![\w.])")  # a number in a text
_BROKEN = frozenset({"Error", "Name", "Ref"})  # kinds of error that damage can lead to

Answer = tuple[str, str] | None  # type and text of a stored value; None: not known


class Answered(NamedTuple):
    """A cell whose stored value is not the engine's answer, or that the engine cannot answer."""

    place: Place
    cell: etree._Element
    stored: etree._Element | None
    answer: Answer


@dataclass(frozen=True)
class Answers:
    """What of a workbook's stored values is not as the engine says.

    Attributes
    ----------
    differing : list of Answered
        Cells with another value, of which the engine's is to be relied on.
    doubts : Doubts
        Cells of which it is not.
    """

    differing: list[Answered]
    doubts: Doubts


def answers_to(book: Book, functions: Functions | None = None) -> Answers:
    """Compute a workbook's formulas and compare them with its stored values.

    Raises
    ------
    WorkbookError
        The engine cannot read the workbook, or a formula in it is broken.
    """
    done = calculated(book, functions)
    found: list[Answered] = []
    for title in book.titles():
        if book.has_formulas(title):
            found += _differing(book, done, title)
    unanswered = {one.place for one in found if one.answer is None}
    if not (unanswered or done.limited):
        return Answers(found, Doubts())
    anew = {one.place for one in found if one.answer is not None and not is_rounding(one)}
    doubts = doubted(book, done, unanswered, anew)
    return Answers([one for one in found if one.place not in doubts.cells], doubts)


def is_rounding(one: Answered, near_zero: float = 0.0) -> bool:
    """Whether a stored value is the engine's but for what two programs' roundings differ by.

    Parameters
    ----------
    one : Answered
        With an answer.
    near_zero : float
        How far apart two values may be if one of them is no farther from 0.
    """
    kind, text = one.answer or ("", "")
    held, stored_as = stored_text(one), one.cell.get("t", "n")
    if not {kind, stored_as} <= {"b", "n"}:  # some programs count TRUE as 1
        return (stored_as, held) == (kind, text)
    try:
        mine, other = float(held), float(text)
    except ValueError:
        return False
    small = min(abs(mine), abs(other)) < near_zero
    return math.isclose(mine, other, rel_tol=1e-9, abs_tol=near_zero if small else 0.0)


def stored_text(one: Answered) -> str:
    """Return what is stored, as it stands in the file."""
    return "" if one.stored is None else one.stored.text or ""


def cell_name(place: Place) -> str:
    """Return sheet and address of a cell."""
    return f"{place[0]}!{address(place[1], place[2])}"


def _differing(book: Book, done: Calculation, title: str) -> Iterator[Answered]:
    """Yield the cells of a sheet whose stored values differ from the engine's answers."""
    lacking = call_of(done.lacking)
    sheet = book.sheet(title)
    blocks = book.fills_blocks(title)
    for row, column, cell, formula in sheet.formula_cells():
        value = done.value(title, row, column)
        stored = formula.getnext()
        if blocks and formula.get("t") in _BLOCKS and formula.get("ref"):
            yield from _differing_block(book, done, sheet, formula)
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
                _refuse_broken(book, cell_name((title, row, column)), cell, formula, value)
            if "[" in (formula.text or "") and cell.get("t") != "e":
                answer = None  # of what another workbook holds, the engine sees a part only
        yield Answered((title, row, column), cell, stored, answer)


def _differing_block(
    book: Book, done: Calculation, sheet: Sheet, formula: etree._Element
) -> Iterator[Answered]:
    """Yield what an array formula puts into other cells.

    A data table's values come from a procedure that the engine does not know.
    """
    table = formula.get("t") == "dataTable"
    for row, column in block(formula.get("ref", "")):
        cell = sheet.element(row, column)
        if cell is None or (not table and sheet.holds_formula(row, column)):
            continue
        answer = None if table else _answer(book, done.value(sheet.title, row, column))
        yield Answered((sheet.title, row, column), cell, cell.find(_V), answer)


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
