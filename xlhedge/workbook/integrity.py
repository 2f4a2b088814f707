"""Whether a package is whole: every part readable, typed, and there when another points at it."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from lxml import etree

from xlhedge.errors import WorkbookError
from xlhedge.workbook.xml import tag

if TYPE_CHECKING:
    from collections.abc import Collection

    from xlhedge.workbook.package import Package

__all__ = ["check_whole"]

TYPES = "[Content_Types].xml"
REFUSED = "the file is damaged: open it in Excel, let Excel repair it, and save it"

# What the root of a part is called, by the end of its content type
ROOTS = {
    "spreadsheetml.worksheet+xml": "worksheet",
    "spreadsheetml.styles+xml": "styleSheet",
    "spreadsheetml.sharedStrings+xml": "sst",
    "officedocument.theme+xml": "theme",
    "officedocument.drawing+xml": "wsDr",
    "drawingml.chart+xml": "chartSpace",
    "package.core-properties+xml": "coreProperties",
    "extended-properties+xml": "Properties",
}
LARGE = 8 * 1024 * 1024  # a part beyond it is read through once, without a tree in memory
_USED = re.compile(rb'\s\w+:(?:id|embed|link|pict)="(rId\w+)"')


def check_whole(package: Package) -> None:
    """Refuse a workbook that Excel would have to repair, before anything is written into it.

    Raises
    ------
    WorkbookError
        A part is not well-formed XML, has no content type or one of another kind of part, refers
        to a relation that is not there, or is missing where another part refers to it; or rows
        of a sheet are out of order.
    """
    names = {f"/{name}".lower() for name in package.parts}
    for name in package.parts:
        if name.endswith(".rels"):
            _check_targets(package, name, names)
        elif name.endswith(".xml"):
            _check_markup(package, name)
            _check_uses(package, name)
    _check_types(package)


def _check_markup(package: Package, name: str) -> None:
    part = package.parts[name]
    if len(part) <= LARGE:
        package.root(name)
        return
    reader = expat.ParserCreate()
    try:
        reader.Parse(part, True)
    except expat.ExpatError as error:
        raise WorkbookError(f"{name} inside the workbook is not well-formed: {error}") from None


def _check_targets(package: Package, name: str, names: Collection[str]) -> None:
    base = posixpath.dirname(posixpath.dirname(name))
    for relation in package.root(name):
        target = relation.get("Target", "")
        if relation.get("TargetMode") == "External" or target.startswith("#"):
            continue
        whole = posixpath.normpath(posixpath.join("/", base, target)).lower()
        if whole not in names:
            raise WorkbookError(
                f"{package.label} lacks its part {whole[1:]!r:.80}, which {name} refers to; "
                f"{REFUSED}"
            )


def _check_uses(package: Package, name: str) -> None:
    used = set(_USED.findall(package.parts[name]))
    if not used or not name.startswith("xl/"):
        return
    folder, base = posixpath.split(name)
    beside = posixpath.join(folder, "_rels", f"{base}.rels")
    known = {e.get("Id") for e in package.root(beside)} if beside in package.parts else set()
    for one in used:
        if one.decode() not in known:
            raise WorkbookError(
                f"{package.label}: {name} refers to {one.decode()!r:.40}, which {beside} does not "
                f"explain; {REFUSED}"
            )


def _check_types(package: Package) -> None:
    types = {e.get("PartName", "").lower(): e.get("ContentType", "") for e in package.root(TYPES)}
    endings = {e.get("Extension", "").lower() for e in package.root(TYPES)}
    for name in package.parts:
        kind = types.get(f"/{name}".lower())
        ending = posixpath.splitext(name)[1][1:].lower()
        if kind is None:
            if ending not in endings and not name.endswith("/") and name != TYPES:
                raise WorkbookError(
                    f"{package.label}: its part {name!r:.80} has no content type; {REFUSED}"
                )
            continue
        wanted = next((root for end, root in ROOTS.items() if kind.endswith(end)), None)
        if wanted is None or not name.endswith(".xml") or len(package.parts[name]) > LARGE:
            continue
        root = package.root(name)
        if etree.QName(root).localname != wanted:
            raise WorkbookError(f"{package.label}: its part {name!r:.80} is no {wanted}; {REFUSED}")
        if wanted == "worksheet":
            _check_rows(package, name, root)


def _check_rows(package: Package, name: str, sheet: etree._Element) -> None:
    last = 0
    for row in sheet.iterfind(f"{tag('sheetData')}/{tag('row')}"):
        text = row.get("r") or str(last + 1)
        if not text.isdecimal() or not last < int(text) <= 1_048_576:
            raise WorkbookError(
                f"{package.label}: {name} has a row {text!r:.20} after row {last}; {REFUSED}"
            )
        last = int(text)
