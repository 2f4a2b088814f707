"""Compute every formula and store its value, so that viewers without an engine show numbers.

The values come from formualizer, a calculation engine of its own, which only reads the workbook;
every byte that is not a computed value stays as it was.
"""

from __future__ import annotations

from lxml import etree

from xlhedge.workbook.book import Book
from xlhedge.workbook.calculation import Functions
from xlhedge.workbook.cells import Sheet
from xlhedge.workbook.chart_values import refreshed_charts
from xlhedge.workbook.doubts import Doubts
from xlhedge.workbook.engine_answers import Answer, answers_to, cell_name
from xlhedge.workbook.precedents import Place
from xlhedge.workbook.xml import tag

__all__ = ["store_values"]

_F, _V = tag("f"), tag("v")


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
    answers = answers_to(book, functions)
    for one in answers.differing:
        _put(book.sheet(one.place[0]), one.cell, one.stored, one.answer)
    left = _forget(book, answers.doubts)
    changed = book.changed_parts()
    addresses = [cell_name(place) for place in left]
    return book.package.packed(changed | refreshed_charts(book, changed)), addresses


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
