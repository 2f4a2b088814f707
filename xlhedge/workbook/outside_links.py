"""Taking out of a package what reads other workbooks, files and databases.

Formulas that read another workbook have become values by then; what is left are names, rules and
charts that look there, and the lists of links and connections themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from lxml import etree

from xlhedge.workbook.book import Book
from xlhedge.workbook.doubts import names_with
from xlhedge.workbook.xml import TYPES, drop_elements, local_name, parse, serialize, tag

__all__ = ["LINKED", "without_connections", "without_links"]

# How a formula names another workbook: [1]Rates!A1, '[1]My rates'!A1; not a column, Table1[2023]
LINKED = re.compile(r"\[\d+\](?:[\w.]*!|(?:[^'\[\]]|'')*'!)")
RULES = {"cfRule": "a conditional format", "dataValidation": "a validation"}
ART = "http://schemas.openxmlformats.org/drawingml/2006/main"
_LINK = "xl/externalLinks/"
_CONNECTIONS, _QUERY = "xl/connections.xml", "xl/queryTables/"
_CHART = re.compile(r"xl/charts/chart\d+\.xml")
_TABLE = re.compile(r"xl/tables/[^/]+\.xml")
_OF_QUERIES = ("tableType", "queryTableFieldId")


def without_links(parts: dict[str, bytes], book: Book, done: list[str]) -> dict[str, bytes]:
    """Take out the parts that link to other workbooks, and what uses them."""
    gone = [name for name in parts if name.startswith(_LINK)]
    if not gone:
        return parts
    linked = names_with(LINKED, book.references)
    for title in book.titles():
        _without_linked_rules(parts, book.part_of(title), title, done)
    for name in [name for name in parts if _CHART.fullmatch(name)]:
        _without_linked_points(parts, name, done)
    for name in gone:
        del parts[name]
    path = book.path
    root = parse(parts[path], path)
    for listed in root.findall(tag("externalReferences")):
        root.remove(listed)
    for defined in list(root.iter(tag("definedName"))):
        if LINKED.search(defined.text or "") or defined.get("name", "").lower() in linked:
            defined.getparent().remove(defined)
            done.append(f"the name {defined.get('name')} read another workbook: removed")
    parts[path] = serialize(root)
    drop_elements(parts, book.relations_path, lambda e: "externalLink" in e.get("Type", ""))
    drop_elements(parts, TYPES, lambda e: f"/{_LINK}" in e.get("PartName", ""))
    done.append(f"{sum(n.endswith('.xml') for n in gone)} link(s) to other workbooks removed")
    return parts


def _without_linked_rules(parts: dict[str, bytes], name: str, title: str, done: list[str]) -> None:
    """Take conditional formats and validations out that look into another workbook."""
    if b"[" not in parts[name]:
        return
    root = parse(parts[name], name)
    for word, what in RULES.items():
        for rule in list(root.iter(f"{{*}}{word}")):  # Excel 2010 has its own, in extensions
            if any(LINKED.search(text) for text in rule.itertext()):
                _without_rule(rule)
                done.append(f"{what} of {title} read another workbook: removed")
    parts[name] = serialize(root)


def _without_rule(rule: etree._Element) -> None:
    """Take a rule out, and what held it once it holds no other."""
    holder, kind = rule.getparent(), local_name(rule)
    holder.remove(rule)
    left = sum(local_name(other) == kind for other in holder if isinstance(other.tag, str))
    if not left:
        holder.getparent().remove(holder)
    elif "count" in holder.attrib:
        holder.set("count", str(left))


def _without_linked_points(parts: dict[str, bytes], name: str, done: list[str]) -> None:
    """Give a chart its points and titles as values where they stand in another workbook."""
    root = parse(parts[name], name)
    linked = [f for f in root.iter("{*}f") if LINKED.search(f.text or "")]
    for formula in linked:
        _to_literal(formula.getparent())
    if linked:
        parts[name] = serialize(root)
        done.append(f"{name} took points from another workbook: they are values now")


def _to_literal(reference: etree._Element) -> None:
    """Replace a reference by the values that the chart keeps of it."""
    kind = local_name(reference)  # numRef with numCache, strRef with strCache
    cache = reference.find(f"{{*}}{kind.replace('Ref', 'Cache')}")
    holder, space = reference.getparent(), etree.QName(reference).namespace
    if cache is None or kind not in ("numRef", "strRef"):
        holder.remove(reference)
    elif local_name(holder) == "tx":  # a title is a text, not a list of values
        said = " ".join(value.text or "" for value in cache.iter(f"{{{space}}}v"))
        holder.replace(reference, _title(said, holder, space))
    else:
        cache.tag = f"{{{space}}}{kind.replace('Ref', 'Lit')}"
        holder.replace(reference, cache)


def _title(said: str, holder: etree._Element, space: str) -> etree._Element:
    """Return what a title holds: of a series a plain value, else a paragraph."""
    if local_name(holder.getparent()) == "ser":
        value = etree.Element(f"{{{space}}}v")
        value.text = said
        return value
    rich = etree.Element(f"{{{space}}}rich", nsmap={"a": ART})
    etree.SubElement(rich, f"{{{ART}}}bodyPr")
    run = etree.SubElement(etree.SubElement(rich, f"{{{ART}}}p"), f"{{{ART}}}r")
    etree.SubElement(run, f"{{{ART}}}t").text = said
    return rich


def without_connections(parts: dict[str, bytes], book: Book, done: list[str]) -> dict[str, bytes]:
    """Take out connections to files, databases and the web; the tables they filled stay.

    A pivot table that is filled from outside keeps its connection, which nothing can replace.
    """
    if _CONNECTIONS not in parts or any(map(_is_outside, _pivot_caches(parts))):
        return parts
    queries = {name for name in parts if name.startswith(_QUERY)}
    parts = {name: part for name, part in parts.items() if name not in {_CONNECTIONS, *queries}}
    for name in [name for name in parts if name.endswith(".rels")]:
        drop_elements(parts, name, lambda e: _kind(e) in ("connections", "queryTable"))
    drop_elements(parts, TYPES, lambda e: e.get("PartName", "").startswith((
        f"/{_CONNECTIONS}", f"/{_QUERY}")))  # fmt: skip
    for name in [name for name in parts if _TABLE.fullmatch(name)]:
        _without_query(parts, name)
    done.append("connections to files, databases or the web removed: what they brought stays")
    return parts


def _kind(relation: etree._Element) -> str:
    return relation.get("Type", "").rsplit("/", 1)[-1]


def _pivot_caches(parts: Mapping[str, bytes]) -> Iterable[bytes]:
    return (part for name, part in parts.items() if "/pivotCacheDefinition" in name)


def _is_outside(cache: bytes) -> bool:
    return b'type="external"' in cache or b"connectionId=" in cache


def _without_query(parts: dict[str, bytes], name: str) -> None:
    root = parse(parts[name], name)
    if root.get("tableType") != "queryTable":
        return
    for element in (root, *root.iter(tag("tableColumn"))):
        for word in _OF_QUERIES:
            element.attrib.pop(word, None)
    parts[name] = serialize(root)
