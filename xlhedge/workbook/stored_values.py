"""Compute every formula and store its value, so that viewers without an engine show numbers.

The values come from formualizer, a calculation engine of its own; only the values are taken from
what it returns, and every other byte stays that of the workbook.
"""

from __future__ import annotations

import math
import re

from lxml import etree

from xlhedge.errors import WorkbookError
from xlhedge.workbook.book import Book
from xlhedge.workbook.package import Package
from xlhedge.workbook.xml import tag

__all__ = ["store_values"]

_V, _F = tag("v"), tag("f")
STAND_IN = "\ue000"  # a character of the private use area
_ESCAPE = re.compile(rb"_(?=x[0-9A-Fa-f]{4}_)")
_MACROS = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_PLAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_UNKNOWN = ("#NAME?",)  # what an engine answers to a function it does not have


def store_values(book: Book) -> bytes:
    """Return the packed workbook with the value of every formula computed anew.

    A formula with a function that the engine lacks loses its stored value, which may rest on the
    old data; the program that opens the workbook recalculates everything in any case.

    Raises
    ------
    WorkbookError
        The engine cannot read the workbook.
    """
    import formualizer

    draft = book.package.packed(_readable(book) | _as_plain(book.package))
    try:
        computed = formualizer.recalculate_xlsx_bytes(draft)["bytes"]
    except Exception as error:  # the engine's errors share no base class
        raise WorkbookError(
            f"{book.label}: its formulas cannot be computed ({str(error)[:200]}); nothing written"
        ) from None
    answers = Book(Package(computed, book.label))
    for title in book.titles():
        if b"<f" in book.package.part(book.part_of(title)):
            _take(book, answers, title)
    return book.package.packed(book.changed_parts())


def _readable(book: Book) -> dict[str, bytes]:
    """Return the changed parts with text that looks like an escape made harmless.

    The engine gives up at ``_x0041_`` in a text; with another character for the underscore, put
    back in :func:`_store`, it never sees one.
    """
    parts = book.changed_parts()
    for name in book.package.parts:
        part = parts.get(name, book.package.parts[name])
        if name.endswith(".xml") and _ESCAPE.search(part):
            parts[name] = _ESCAPE.sub(STAND_IN.encode(), part)
    return parts


def _as_plain(package: Package) -> dict[str, bytes]:
    """Return the content types of a workbook with macros as those of one without.

    The engine refuses the type; its reading of cells and formulas is the same.
    """
    name = "[Content_Types].xml"
    return {name: package.part(name).replace(_MACROS, _PLAIN)}


def _take(book: Book, answers: Book, title: str) -> None:
    sheet, source = book.sheet(title), answers.sheet(title)
    computed = source.formulas()
    for at, cell in sheet.formulas().items():
        answer = computed.get(at)
        if answer is None:
            continue
        kind, text = answer.get("t", "n"), answer.findtext(_V)
        if text is None or (kind == "e" and text in _UNKNOWN):
            sheet.changed |= _forget(cell)
            continue
        if kind not in ("n", "b", "e", "str") or (kind == "n" and not math.isfinite(float(text))):
            continue
        if _store(cell, kind, text):
            sheet.changed = True


def _forget(cell: etree._Element) -> bool:
    value = cell.find(_V)
    if value is None:
        return False
    cell.remove(value)
    cell.attrib.pop("t", None)
    return True


def _store(cell: etree._Element, kind: str, text: str) -> bool:
    text = text.replace(STAND_IN, "_")
    value = cell.find(_V)
    if value is not None and value.text == text and cell.get("t", "n") == kind:
        return False
    if value is None:
        value = etree.Element(_V)
        cell.find(_F).addnext(value)
    value.text = text
    if kind == "n":
        cell.attrib.pop("t", None)
    else:
        cell.set("t", kind)
    return True
