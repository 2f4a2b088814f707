"""Taking parts out of a workbook's package: a dead calculation chain, unused links, macros."""

from __future__ import annotations

import posixpath
import re

from xlhedge.workbook.xml import MAIN, RELATION_ID, TYPES, parse, serialize

__all__ = ["addin_links", "without_macros", "without_unused"]

_PLAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACROS = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_ADDIN = re.compile(r"(?:^|[/\\])xlhedge\.xlam$", re.I)


def addin_links(parts: dict[str, bytes]) -> dict[str, str]:
    """Return the parts of external links to the add-in, and where each of them points."""
    found = {}
    for name in parts:
        if re.fullmatch(r"xl/externalLinks/externalLink\d+\.xml", name):
            for relation in _relations(parts, name):
                target = relation.get("Target", "").replace("%5C", "\\").replace("%2F", "/")
                if _ADDIN.search(target):
                    found[name] = target
    return found


def without_unused(parts: dict[str, bytes], *, addin_is_used: bool) -> dict[str, bytes]:
    """Return the parts without the calculation chain, and without an unused link to the add-in.

    A link can go only when it is the last one: formulas name the others by their number.
    """
    parts = _without(dict(parts), "xl/calcChain.xml")
    book = parse(parts["xl/workbook.xml"], "the workbook")
    listed = book.find(f"{{{MAIN}}}externalReferences")
    if addin_is_used or listed is None:
        return parts
    links = addin_links(parts)
    targets = {
        relation.get("Id"): posixpath.normpath(posixpath.join("xl", relation.get("Target", "")))
        for relation in _relations(parts, "xl/workbook.xml")
    }
    while len(listed) and targets.get(listed[-1].get(RELATION_ID)) in links:
        part = targets[listed[-1].get(RELATION_ID)]
        listed.remove(listed[-1])
        parts["xl/workbook.xml"] = serialize(book)
        parts = _without(parts, part)
    if not len(listed):
        book.remove(listed)
        parts["xl/workbook.xml"] = serialize(book)
    return parts


def without_macros(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Return the parts of a macro workbook as those of a plain one; our button goes with them."""
    parts = _without(dict(parts), "xl/vbaProject.bin")
    button = "xl/drawings/xlhedge_button.vml"
    if button in parts:
        for name in list(parts):
            if re.fullmatch(r"xl/worksheets/_rels/[^/]+\.rels", name):
                _drop_button(parts, name, button)
        parts = _without(parts, button)
    types = parse(parts[TYPES], TYPES)
    for override in types:
        if override.get("ContentType") == _MACROS:
            override.set("ContentType", _PLAIN)
    parts[TYPES] = serialize(types)
    return parts


def _drop_button(parts: dict[str, bytes], relations: str, button: str) -> None:
    root = parse(parts[relations], relations)
    for relation in list(root):
        if relation.get("Target", "").lstrip("/") == button:
            sheet = relations.replace("_rels/", "").removesuffix(".rels")
            page = parse(parts[sheet], sheet)
            for drawing in page.findall(f"{{{MAIN}}}legacyDrawing"):
                if drawing.get(RELATION_ID) == relation.get("Id"):
                    page.remove(drawing)
            parts[sheet] = serialize(page)
            root.remove(relation)
            parts[relations] = serialize(root)


def _without(parts: dict[str, bytes], gone: str) -> dict[str, bytes]:
    """Take a part out, with its own relations, what points to it, and its content type."""
    if gone not in parts:
        return parts
    del parts[gone]
    folder, base = posixpath.split(gone)
    parts.pop(f"{folder}/_rels/{base}.rels", None)
    source = "xl/_rels/workbook.xml.rels"
    root = parse(parts[source], source)
    for relation in list(root):
        target = relation.get("Target", "")
        whole = target[1:] if target.startswith("/") else f"xl/{target}"
        if posixpath.normpath(whole) == gone:
            root.remove(relation)
    parts[source] = serialize(root)
    types = parse(parts[TYPES], TYPES)
    for override in list(types):
        if override.get("PartName") == f"/{gone}":
            types.remove(override)
    parts[TYPES] = serialize(types)
    return parts


def _relations(parts: dict[str, bytes], part: str) -> list:
    folder, base = posixpath.split(part)
    name = f"{folder}/_rels/{base}.rels"
    return list(parse(parts[name], name)) if name in parts else []
