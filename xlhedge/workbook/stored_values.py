"""Compute every formula and store its value, so that viewers without an engine show numbers.

The values come from formualizer, a calculation engine of its own, which only reads the workbook;
every byte that is not a computed value stays as it was.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from lxml import etree

from xlhedge.errors import WorkbookError
from xlhedge.workbook.book import Book
from xlhedge.workbook.chart_values import refreshed_charts
from xlhedge.workbook.xml import tag

__all__ = ["store_values"]

_V = tag("v")
_HAS_FORMULA = re.compile(rb"<f[\s/>]")
STAND_IN = "\ue000"  # a character of the private use area
_ESCAPE = re.compile(rb"_(?=x[0-9A-Fa-f]{4}_)")
ERRORS = {
    "Div": "#DIV/0!",
    "Na": "#N/A",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
}  # other errors are the engine's own: it lacks a function
_NO_REFERENCE = ("e", "#REF!")
_BROKEN = frozenset({"Error", "Name", "Ref"})  # kinds of error that damage can lead to
SECONDS = 120  # for all formulas of a workbook; the project's own takes a tenth of one

Answer = tuple[str, str] | None  # type and text of a stored value; None: not known


def store_values(book: Book) -> bytes:
    """Return the packed workbook with the value of every formula computed anew.

    A formula with a function that the engine lacks loses its stored value, which may rest on the
    old data; the program that opens the workbook recalculates everything in any case.

    Raises
    ------
    WorkbookError
        The engine cannot read the workbook.
    """
    computed = _computed(book)
    for title in book.titles():
        if _HAS_FORMULA.search(book.package.part(book.part_of(title))):
            _take(book, computed, title)
    changed = book.changed_parts()
    return book.package.packed(changed | refreshed_charts(book, changed))


def _computed(book: Book) -> Callable[[str, int, int], Any]:
    import formualizer

    settings = formualizer.EvaluationConfig()
    settings.enable_parallel = False  # starting threads takes longer than most workbooks
    settings.max_eval_time_ms = SECONDS * 1000
    try:
        engine = formualizer.Workbook.from_bytes(
            book.package.packed(_readable(book), compress=False),
            config=formualizer.WorkbookConfig(eval_config=settings),
        )
        engine.evaluate_all()
    except Exception as error:  # the engine's errors share no base class
        raise WorkbookError(
            f"{book.label}: its formulas cannot be computed ({str(error)[:200]}); nothing written"
        ) from None
    return engine.get_value


def _readable(book: Book) -> dict[str, bytes]:
    """Return the changed parts with text that looks like an escape made harmless.

    The engine gives up at ``_x0041_`` in a text; with another character for the underscore, put
    back in :func:`_answer`, it never sees one.
    """
    parts = book.changed_parts()
    for name in book.package.parts:
        part = parts.get(name, book.package.parts[name])
        if name.endswith(".xml") and _ESCAPE.search(part):
            parts[name] = _ESCAPE.sub(STAND_IN.encode(), part)
    return parts


def _take(book: Book, computed: Callable[[str, int, int], Any], title: str) -> None:
    sheet = book.sheet(title)
    for row, column, cell, formula in sheet.formula_cells():
        value = computed(title, row, column)
        stored = formula.getnext()
        if stored is not None:
            if stored.tag != _V:
                stored = cell.find(_V)
            elif _plainly_same(cell, stored, value):
                continue
        if formula.get("t") == "dataTable":
            continue  # its values come from a procedure, not from a formula
        answer = _answer(book, value)
        if answer is None or answer == _NO_REFERENCE:
            _refuse_broken(book, f"{title}!{cell.get('r')}", cell, formula, value)
        if answer is None:
            sheet.changed |= _forget(cell, stored)
        elif stored is None or not _same(cell, stored, *answer):
            _store(cell, formula, stored, *answer)
            sheet.changed = True


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
        return "str", value.replace(STAND_IN, "_")
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
        broken = what_is_broken(text, titles, book.known_names())
        if broken:
            raise WorkbookError(
                f"{book.label}: the formula in {where} is broken: {broken} ({text!r:.60})"
            )


def _forget(cell: etree._Element, stored: etree._Element | None) -> bool:
    if stored is None:
        return False
    cell.remove(stored)
    cell.attrib.pop("t", None)
    return True


def _same(cell: etree._Element, stored: etree._Element, kind: str, text: str) -> bool:
    held = stored.text or ""
    if cell.get("t", "n") != kind or held == text or kind != "n":
        return cell.get("t", "n") == kind and held == text
    try:
        return float(held) == float(text)
    except ValueError:
        return False


def _store(
    cell: etree._Element,
    formula: etree._Element,
    stored: etree._Element | None,
    kind: str,
    text: str,
) -> None:
    if stored is None:
        stored = etree.Element(_V)
        formula.addnext(stored)
    stored.text = text
    if kind != "n":
        cell.set("t", kind)
    elif "t" in cell.attrib:
        del cell.attrib["t"]
