"""Whether a package is whole: every part readable, typed, and there when another points at it."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from lxml import etree

from xlhedge.errors import WorkbookError
from xlhedge.workbook.cell_integrity import DAMAGED
from xlhedge.workbook.xml import MAIN, TYPES, tag

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from xlhedge.workbook.book import Book
    from xlhedge.workbook.package import Package

__all__ = ["NO_PARTS", "check_whole"]

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/"
CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
EXTENDED = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"

# By the end of a part's content type: its root, and the kind of relation that leads to it
KINDS = {
    "spreadsheetml.worksheet+xml": (f"{{{MAIN}}}worksheet", "worksheet"),
    "spreadsheetml.styles+xml": (f"{{{MAIN}}}styleSheet", "styles"),
    "spreadsheetml.sharedStrings+xml": (f"{{{MAIN}}}sst", "sharedStrings"),
    "spreadsheetml.table+xml": (f"{{{MAIN}}}table", "table"),
    "officedocument.theme+xml": (f"{{{DRAWING}main}}theme", "theme"),
    "officedocument.drawing+xml": (f"{{{DRAWING}spreadsheetDrawing}}wsDr", "drawing"),
    "drawingml.chart+xml": (f"{{{DRAWING}chart}}chartSpace", "chart"),
    "package.core-properties+xml": (f"{{{CORE}}}coreProperties", "core-properties"),
    "extended-properties+xml": (f"{{{EXTENDED}}}Properties", "extended-properties"),
}
LARGE = 8 * 1024 * 1024  # a part beyond it is read through once, without a tree in memory
# By the element that refers: the kinds of relation it may refer to (chartEx: a waterfall, a map)
LEADS_TO = {"drawing": ("drawing",), "chart": ("chart", "chartEx"), "tablePart": ("table",),
            "legacyDrawing": ("vmlDrawing",)}  # fmt: skip
# What lies in some packages beside their parts: Office's deleted parts, an archiver's notes
NO_PARTS = ("[trash]/", "__MACOSX/")
_USED = re.compile(rb':(?:id|embed|link|pict)="(rId\w+)"')
_ELEMENT = re.compile(rb"<(?:\w+:)?(\w+)")
_STRAY_TEXT = etree.XPath("//*[*]/text()[normalize-space()]", smart_strings=False)


def check_whole(book: Book) -> None:
    """Refuse a workbook that Excel would have to repair, before anything is written into it.

    Raises
    ------
    WorkbookError
        A part is not well-formed XML, holds text between its elements, has no content type or
        one of another kind of part, is missing where another part refers to it, or is referred
        to as something else; or the cells of a sheet are not in order.
    """
    package = book.package
    names = {f"/{name}".lower() for name in package.parts}
    kinds = _kinds(package)
    for name in package.parts:
        if name.startswith(NO_PARTS):
            continue
        if name.endswith(".rels"):
            _check_targets(package, name, names, kinds)
        elif name.endswith(".xml"):
            _check_markup(package, name)
            _check_uses(package, name)
    _check_roots(package, kinds)
    for title in book.titles():
        name = book.part_of(title)
        part = package.parts[name]
        if len(part) <= LARGE and package.root(name).tag == tag("worksheet"):
            book.sheet(title).check(formulas_shared=b'"shared"' in part or b"'shared'" in part)


def _kinds(package: Package) -> dict[str, str]:
    """Return what each part (lower case, from "/") is, as in `KINDS`; refuse one without a type."""
    types = {e.get("PartName", "").lower(): e.get("ContentType", "") for e in package.root(TYPES)}
    endings = {e.get("Extension", "").lower() for e in package.root(TYPES)}
    found = {}
    for name in package.parts:
        if name.startswith(NO_PARTS):
            continue
        part = f"/{name}".lower()
        stated = types.get(part)
        if stated is None:
            ending = posixpath.splitext(name)[1][1:].lower()
            if ending not in endings and not name.endswith("/") and name != TYPES:
                raise WorkbookError(
                    f"{package.label}: its part {name!r:.80} has no content type; {DAMAGED}"
                )
        else:
            kind = next((end for end in KINDS if stated.endswith(end)), None)
            if kind is not None:
                found[part] = kind
    return found


def _check_markup(package: Package, name: str) -> None:
    part = package.parts[name]
    if len(part) > LARGE:
        reader = expat.ParserCreate()
        reader.StartDoctypeDeclHandler = lambda *_: _refuse_document_type(name)
        try:
            reader.Parse(part, True)
        except expat.ExpatError as error:
            raise WorkbookError(f"{name} inside the workbook is not well-formed: {error}") from None
        return
    package.root(name)


def _refuse_document_type(name: str) -> None:
    raise WorkbookError(f"{name} inside the workbook declares a document type; refused")


def _check_targets(
    package: Package, name: str, names: Collection[str], kinds: Mapping[str, str]
) -> None:
    base = posixpath.dirname(posixpath.dirname(name))
    for relation in package.root(name):
        target = relation.get("Target", "")
        if relation.get("TargetMode") == "External" or target.startswith("#"):
            continue
        whole = posixpath.normpath(posixpath.join("/", base, target)).lower()
        if whole not in names:
            raise WorkbookError(
                f"{package.label} lacks its part {whole[1:]!r:.80}, which {name} refers to; "
                f"{DAMAGED}"
            )
        stated = relation.get("Type", "").rsplit("/", 1)[-1]
        if whole in kinds and stated != KINDS[kinds[whole]][1]:
            raise WorkbookError(
                f"{package.label}: {name} refers to {whole[1:]!r:.80} as {stated!r:.40}, which it "
                f"is not; {DAMAGED}"
            )


def _check_uses(package: Package, name: str) -> None:
    part = package.parts[name]
    used = {(_element_at(part, found.start()), found[1].decode()) for found in _USED.finditer(part)}
    if not used or not name.startswith("xl/"):
        return
    folder, base = posixpath.split(name)
    beside = posixpath.join(folder, "_rels", f"{base}.rels")
    relations = package.root(beside) if beside in package.parts else ()
    known = {e.get("Id", ""): e.get("Type", "").rsplit("/", 1)[-1] for e in relations}
    for local, one in sorted(used):
        if one not in known:
            raise WorkbookError(
                f"{package.label}: {name} refers to {one!r:.40}, which {beside} does not "
                f"explain; {DAMAGED}"
            )
        if known[one] not in LEADS_TO.get(local, (known[one],)):
            raise WorkbookError(
                f"{package.label}: {name} refers to {one!r:.40} as a {local}, which {beside} "
                f"says is {known[one]!r:.40}; {DAMAGED}"
            )


def _element_at(part: bytes, place: int) -> str:
    """Return the name, without a prefix, of the element around a place inside its tag."""
    found = _ELEMENT.match(part, part.rfind(b"<", 0, place))
    return found[1].decode() if found else ""


def _check_roots(package: Package, kinds: Mapping[str, str]) -> None:
    for name in package.parts:
        kind = kinds.get(f"/{name}".lower())
        if kind is None or not name.endswith(".xml") or len(package.parts[name]) > LARGE:
            continue
        root = package.root(name)
        wanted = KINDS[kind][0]
        if root.tag != wanted:
            word = etree.QName(wanted).localname
            raise WorkbookError(f"{package.label}: its part {name!r:.80} is no {word}; {DAMAGED}")
        if kind == "spreadsheetml.worksheet+xml":
            continue  # its cells are looked at one by one
        for stray in _STRAY_TEXT(root):
            raise WorkbookError(
                f"{package.label}: {name} holds {stray.strip()!r:.40} between its elements; "
                f"{DAMAGED}"
            )
