"""What makes a copy fit to be passed on: data frozen at their time, no people, paths or links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from xlhedge.errors import WorkbookError
from xlhedge.workbook import names
from xlhedge.workbook.addresses import address, split
from xlhedge.workbook.book import Book
from xlhedge.workbook.cell_prompts import add_prompt
from xlhedge.workbook.cells import Sheet
from xlhedge.workbook.doubts import names_with, use_of
from xlhedge.workbook.inspection import formulas_of, links_of, special_parts
from xlhedge.workbook.live_block import mark_stale
from xlhedge.workbook.outside_links import (
    LINKED,
    without_connections,
    without_links,
)
from xlhedge.workbook.package import Package
from xlhedge.workbook.people import without_people, without_signatures
from xlhedge.workbook.stored_values import store_values
from xlhedge.workbook.tables import mark_funding_stale
from xlhedge.workbook.xml import tag

if TYPE_CHECKING:
    from xlhedge.quotes import Clock

__all__ = ["Finished", "finished", "to_value"]

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_V, _IS, _T = tag("v"), tag("is"), tag("t")
FROZEN = "Frozen value"
VALUES_ONLY = "VALUES ONLY: this copy does not compute, a changed input changes nothing."


@dataclass
class Finished:
    """A copy, and what was done to it.

    Attributes
    ----------
    data : bytes
        The file.
    done : list of str
        What was changed, a line each.
    kept : list of str
        What a reader may not expect in it, and this function leaves alone: pivot tables, data
        connections, hyperlinks.
    unsaid : list of str
        Values of live functions whose cells have no room to say so.
    """

    data: bytes
    done: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    unsaid: list[str] = field(default_factory=list)


def finished(
    data: bytes,
    label: str,
    *,
    clock: Clock,
    values: bool = False,
    functions: Mapping[str, str] | None = None,
    live_calls: Mapping[str, str] | None = None,
) -> Finished:
    """Return a copy fit to be passed on.

    Parameters
    ----------
    data : bytes
        The workbook.
    label : str
        Its name, for messages.
    clock : callable
        Returns the present as an aware UTC datetime.
    values : bool
        Whether every formula becomes its value.
    functions : mapping, optional
        LAMBDA names to add: text without "=" by name.
    live_calls : mapping, optional
        Formulas that read live quotes and have become values, by sheet and address: each of these
        cells says of itself what it is and of when.

    Raises
    ------
    WorkbookError
        A formula that has to become a value holds none.
    """
    result = Finished(data)
    book = Book(Package(data, label))
    if _freeze(book, clock, result):
        result.data, _ = store_values(book)
        book = Book(Package(result.data, label))
    _formulas_to_values(book, result, every=values)
    _say_what_was_live(book, live_calls or {}, clock, result)
    if functions:
        added = book.add_names(functions)
        result.done.append(f"{len(added)} function(s) added as LAMBDA names")
    parts = book.package.parts | book.changed_parts()
    parts = without_links(parts, book, result.done)
    parts = without_connections(parts, book, result.done)
    parts = without_people(parts, result.done)
    parts = without_signatures(parts, result.done)
    fewer = [entry for entry in book.package.entries if entry.filename in parts]
    book.package.entries = fewer
    result.data = book.package.packed(parts)
    copy = Package(result.data, label)
    links = (f"a link to {link}" for link in sorted(set(links_of(copy))))
    result.kept = [*special_parts(copy), *links]
    return result


def _freeze(book: Book, clock: Clock, result: Finished) -> bool:
    """Mark live data as what they will be for whoever opens the copy: of their time, not live."""
    if not all(book.has(name) for name in names.LIVE):
        return False
    moment = f"{clock():%Y-%m-%d %H:%M} UTC"
    was_live = book.read("live_status") == "LIVE"
    if was_live:
        warning = book.read("live_note") if book.has("live_note") else None
        frozen = f"frozen when this copy was made, {moment}"
        mark_stale(book, f"{frozen}; {warning}" if warning else frozen)
        time = book.read("live_quote_time")
        known = isinstance(time, float)
        quoted = f"{book.time(time):%Y-%m-%d %H:%M} UTC" if known else "no time"
        result.done.append(f"live data frozen: quote of {quoted}")
    rows = mark_funding_stale(book, f"frozen {moment}") if book.has("funding_table") else 0
    if rows:
        result.done.append(f"{rows} row(s) of the funding table frozen")
    if book.has("refresh_status") and book.read("refresh_status"):
        book.write("refresh_status", None)
        return True
    return was_live or rows > 0


def _say_what_was_live(
    book: Book, calls: Mapping[str, str], clock: Clock, result: Finished
) -> None:
    """Let each value of a live function say, when it is selected, what it is and of when."""
    moment = f"{clock():%Y-%m-%d %H:%M} UTC"
    told = 0
    for where, formula in calls.items():
        title, _, reference = where.rpartition("!")
        said = f"As the workbook showed it when this copy was made, {moment}; not live. {formula}"
        if add_prompt(book.sheet(title), *split(reference), FROZEN, said):
            told += 1
        else:  # a validation of the user's own stays
            result.unsaid.append(f"{where}: a live value of {moment}, which the cell does not say")
    if told:
        result.done.append(f"{told} cell(s) with live functions say what they were, {moment}")


def _formulas_to_values(book: Book, result: Finished, *, every: bool) -> None:
    count = linked = 0
    uses_them = use_of(names_with(LINKED, book.references))
    for title in book.titles():
        if not book.has_formulas(title):
            continue
        sheet = book.sheet(title)
        texts = dict(formulas_of(book, title))
        for row, column, cell, formula in list(sheet.formula_cells()):
            text = texts.get(address(row, column), "")
            outside = bool(LINKED.search(text) or uses_them.search(text))
            if every or outside:
                to_value(sheet, cell, formula, f"{title}!{address(row, column)}")
                count, linked = count + 1, linked + outside
    if every:
        result.done.append(f"{count:,} formula(s) became values")
        if book.has("out_status"):
            said = str(book.read("out_status") or "")
            book.write("out_status", f"{said} {VALUES_ONLY}".strip())
    elif linked:
        result.done.append(f"{linked} formula(s) that read another workbook became values")


def to_value(sheet: Sheet, cell: etree._Element, formula: etree._Element, where: str) -> None:
    """Leave a cell's stored value in place of its formula; text stays text.

    Raises
    ------
    WorkbookError
        No value is stored.
    """
    value = cell.find(_V)
    if value is None or (value.text is None and cell.get("t") != "str"):
        raise WorkbookError(
            f"{where} has no stored value: open the workbook in Excel, press F9, save, and share it"
        )
    cell.remove(formula)
    for name in ("cm", "vm"):
        cell.attrib.pop(name, None)
    if cell.get("t") == "str":
        text = value.text or ""
        cell.remove(value)
        del cell.attrib["t"]
        if text:
            cell.set("t", "inlineStr")
            inline = etree.SubElement(etree.SubElement(cell, _IS), _T)
            inline.text = text
            inline.set(_SPACE, "preserve")
    sheet.changed = True
