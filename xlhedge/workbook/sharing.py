"""What makes a copy fit to be passed on: data frozen at their time, no people, paths or links."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from xlhedge.errors import WorkbookError
from xlhedge.workbook import names
from xlhedge.workbook.addresses import address
from xlhedge.workbook.book import Book
from xlhedge.workbook.cells import Sheet
from xlhedge.workbook.inspection import formulas_of, links_of, special_parts
from xlhedge.workbook.integrity import NO_PARTS
from xlhedge.workbook.live_block import mark_stale
from xlhedge.workbook.package import Package
from xlhedge.workbook.protection import SIGNATURES
from xlhedge.workbook.stored_values import store_values
from xlhedge.workbook.tables import mark_funding_stale
from xlhedge.workbook.xml import MAIN, RELATION_ID, parse, serialize, tag

if TYPE_CHECKING:
    from xlhedge.quotes import Clock

__all__ = ["Finished", "finished", "to_value"]

# How a formula names another workbook: [1]Rates!A1, '[1]My rates'!A1; not a column, Table1[2023]
LINKED = re.compile(r"\[\d+\](?:[\w.]*!|(?:[^'\[\]]|'')*'!)")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_V, _IS, _T = tag("v"), tag("is"), tag("t")
PEOPLE = {
    "docProps/core.xml": ("creator", "lastModifiedBy"),
    "docProps/app.xml": ("Company", "Manager", "HyperlinkBase"),
}
RULES = {"cfRule": "a conditional format", "dataValidation": "a validation"}
TYPES = "[Content_Types].xml"
SOMEBODY = "somebody"
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
    """

    data: bytes
    done: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def finished(
    data: bytes,
    label: str,
    *,
    clock: Clock,
    values: bool = False,
    functions: Mapping[str, str] | None = None,
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
    if functions:
        added = book.add_names(functions)
        result.done.append(f"{len(added)} function(s) added as LAMBDA names")
    parts = book.package.parts | book.changed_parts()
    parts = _without_links(parts, book, result)
    parts = _without_people(parts, result)
    parts = _without_signatures(parts, result)
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


def _formulas_to_values(book: Book, result: Finished, *, every: bool) -> None:
    count = linked = 0
    for title in book.titles():
        if not book.has_formulas(title):
            continue
        sheet = book.sheet(title)
        texts = dict(formulas_of(book, title))
        for row, column, cell, formula in list(sheet.formula_cells()):
            outside = bool(LINKED.search(texts.get(address(row, column), "")))
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


def _without_links(parts: dict[str, bytes], book: Book, result: Finished) -> dict[str, bytes]:
    """Take out the parts that link to other workbooks, and the names that use them."""
    gone = [name for name in parts if name.startswith("xl/externalLinks/")]
    if not gone:
        return parts
    for title in book.titles():
        _without_linked_rules(parts, book.part_of(title), title, result)
    for name in [name for name in parts if re.fullmatch(r"xl/charts/chart\d+\.xml", name)]:
        _without_linked_points(parts, name, result)
    for name in gone:
        del parts[name]
    path = book.path
    root = parse(parts[path], path)
    for listed in root.findall(tag("externalReferences")):
        root.remove(listed)
    for defined in list(root.iter(tag("definedName"))):
        if LINKED.search(defined.text or ""):
            defined.getparent().remove(defined)
            result.done.append(f"the name {defined.get('name')} read another workbook: removed")
    parts[path] = serialize(root)
    _drop(parts, book.relations_path, lambda e: "externalLink" in e.get("Type", ""))
    _drop(parts, TYPES, lambda e: "/externalLinks/" in e.get("PartName", ""))
    result.done.append(
        f"{sum(n.endswith('.xml') for n in gone)} link(s) to other workbooks removed"
    )
    return parts


def _without_linked_rules(parts: dict[str, bytes], name: str, title: str, result: Finished) -> None:
    """Take conditional formats and validations out that look into another workbook."""
    if b"[" not in parts[name]:
        return
    root = parse(parts[name], name)
    for word, what in RULES.items():
        for rule in list(root.iter(tag(word))):
            if any(LINKED.search(child.text or "") for child in rule):
                holder = rule.getparent()
                holder.remove(rule)
                if not len(holder):
                    holder.getparent().remove(holder)
                result.done.append(f"{what} of {title} read another workbook: removed")
    parts[name] = serialize(root)


def _without_linked_points(parts: dict[str, bytes], name: str, result: Finished) -> None:
    """Give a chart its points as values where they stand in another workbook."""
    root = parse(parts[name], name)
    linked = [f for f in root.iter("{*}f") if LINKED.search(f.text or "")]
    for formula in linked:
        reference = formula.getparent()
        kind = _local(reference)  # numRef with numCache, strRef with strCache
        literal = reference.find(f"{{*}}{kind.replace('Ref', 'Cache')}")
        space = etree.QName(reference).namespace
        if literal is None:
            reference.getparent().remove(reference)
        elif kind in ("numRef", "strRef"):
            literal.tag = f"{{{space}}}{kind.replace('Ref', 'Lit')}"
            reference.getparent().replace(reference, literal)
    if linked:
        parts[name] = serialize(root)
        result.done.append(f"{name} took points from another workbook: they are values now")


def _drop(parts: dict[str, bytes], name: str, which: Callable[[etree._Element], bool]) -> None:
    root = parse(parts[name], name)
    found = [element for element in root if which(element)]
    for element in found:
        root.remove(element)
    if found:
        parts[name] = serialize(root)


def _without_people(parts: dict[str, bytes], result: Finished) -> dict[str, bytes]:
    """Take out who wrote the file and where it lay."""
    before = dict(parts)
    parts = {name: part for name, part in parts.items() if not name.startswith(NO_PARTS)}
    for name, words in PEOPLE.items():
        _empty(parts, name, lambda e, words=words: _local(e) in words)
    for name in list(parts):
        if re.fullmatch(r"xl/comments\d*\.xml|xl/comments/.*\.xml", name):
            _empty(parts, name, lambda e: e.tag == f"{{{MAIN}}}author", SOMEBODY)
        elif re.fullmatch(r"xl/persons/.*\.xml", name):
            root = parse(parts[name], name)
            for person in root.iter("{*}person"):
                person.set("displayName", SOMEBODY)
                person.set("userId", SOMEBODY)
            parts[name] = serialize(root)
        elif re.fullmatch(r"xl/printerSettings/.*\.bin", name):
            _without_printer(parts, name)
        elif name == "docProps/custom.xml":
            _empty(parts, name, lambda e: _local(e) in ("lpwstr", "lpstr"))
    book = next((n for n in parts if n.endswith("/workbook.xml")), None)
    if book is not None:
        root = parse(parts[book], book)
        paths = [*root.iter("{*}absPath"), *root.findall(tag("fileSharing"))]
        for element in paths:
            holder = element.getparent()
            while _local(holder) in ("Choice", "AlternateContent"):
                element, holder = holder, holder.getparent()
            holder.remove(element)
        if paths:
            parts[book] = serialize(root)
    if parts != before:
        result.done.append("author, editor, company and paths removed")
    return parts


def _without_signatures(parts: dict[str, bytes], result: Finished) -> dict[str, bytes]:
    """Take out digital signatures, which hold for the original only and name who signed it."""
    kept = {name: part for name, part in parts.items() if not name.startswith(SIGNATURES)}
    if len(kept) < len(parts):
        _drop(kept, "_rels/.rels", lambda e: e.get("Type", "").endswith("-signature/origin"))
        _drop(kept, TYPES, lambda e: e.get("PartName", "").startswith(f"/{SIGNATURES}"))
        result.done.append("digital signature removed: it holds for the original only")
    return kept


def _empty(
    parts: dict[str, bytes], name: str, which: Callable[[etree._Element], bool], text: str = ""
) -> None:
    if name not in parts:
        return
    root = parse(parts[name], name)
    for element in root.iter("{*}*"):
        if which(element) and element.text:
            element.text = text
    parts[name] = serialize(root)


def _without_printer(parts: dict[str, bytes], gone: str) -> None:
    """Take out a printer's settings, which name the printer and its server."""
    del parts[gone]
    base = gone.rsplit("/", 1)[-1]
    for name in [n for n in parts if n.endswith(".rels") and base.encode() in parts[n]]:
        root = parse(parts[name], name)
        for relation in list(root):
            if relation.get("Target", "").endswith(f"printerSettings/{base}"):
                page = name.replace("_rels/", "").removesuffix(".rels")
                sheet = parse(parts[page], page)
                for setup in sheet.iter(tag("pageSetup")):
                    if setup.get(RELATION_ID) == relation.get("Id"):
                        del setup.attrib[RELATION_ID]
                        parts[page] = serialize(sheet)
                root.remove(relation)
        parts[name] = serialize(root)
    _drop(parts, TYPES, lambda e: e.get("PartName") == f"/{gone}")


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname
