"""Taking out of a package who wrote the workbook, where it lay and who signed it."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from xlhedge.workbook.integrity import NO_PARTS
from xlhedge.workbook.protection import SIGNATURES
from xlhedge.workbook.xml import (
    MAIN,
    RELATION_ID,
    TYPES,
    drop_elements,
    local_name,
    parse,
    serialize,
    tag,
)

__all__ = ["without_people", "without_signatures"]

PEOPLE = {
    "docProps/core.xml": ("creator", "lastModifiedBy"),
    "docProps/app.xml": ("Company", "Manager", "HyperlinkBase", "Template"),
}
SOMEBODY = "somebody"
_PIVOT_CACHE = re.compile(r"xl/pivotCache/pivotCacheDefinition\d+\.xml")


def without_people(parts: dict[str, bytes], done: list[str]) -> dict[str, bytes]:
    """Take out who wrote the file and where it lay."""
    before = dict(parts)
    parts = {name: part for name, part in parts.items() if not name.startswith(NO_PARTS)}
    for name, words in PEOPLE.items():
        _empty(parts, name, lambda e, words=words: local_name(e) in words)
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
        elif _PIVOT_CACHE.fullmatch(name) and b"refreshedBy=" in parts[name]:
            root = parse(parts[name], name)
            root.attrib.pop("refreshedBy", None)
            parts[name] = serialize(root)
        elif name.startswith("docProps/thumbnail."):
            _without_thumbnail(parts, name)
        elif name == "docProps/custom.xml":
            _empty(parts, name, lambda e: local_name(e) in ("lpwstr", "lpstr"))
    book = next((n for n in parts if n.endswith("/workbook.xml")), None)
    if book is not None:
        root = parse(parts[book], book)
        paths = [*root.iter("{*}absPath"), *root.findall(tag("fileSharing"))]
        for element in paths:
            holder = element.getparent()
            while local_name(holder) in ("Choice", "AlternateContent"):
                element, holder = holder, holder.getparent()
            holder.remove(element)
        if paths:
            parts[book] = serialize(root)
    if parts != before:
        done.append("author, editor, company and paths removed")
    return parts


def without_signatures(parts: dict[str, bytes], done: list[str]) -> dict[str, bytes]:
    """Take out digital signatures, which hold for the original only and name who signed it."""
    kept = {name: part for name, part in parts.items() if not name.startswith(SIGNATURES)}
    if len(kept) < len(parts):
        drop_elements(
            kept, "_rels/.rels", lambda e: e.get("Type", "").endswith("-signature/origin")
        )
        drop_elements(kept, TYPES, lambda e: e.get("PartName", "").startswith(f"/{SIGNATURES}"))
        done.append("digital signature removed: it holds for the original only")
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
    drop_elements(parts, TYPES, lambda e: e.get("PartName") == f"/{gone}")


def _without_thumbnail(parts: dict[str, bytes], gone: str) -> None:
    """Take out the picture of the workbook as it was when it was saved."""
    del parts[gone]
    drop_elements(parts, "_rels/.rels", lambda e: e.get("Type", "").endswith("/thumbnail"))
    drop_elements(parts, TYPES, lambda e: e.get("PartName") == f"/{gone}")
