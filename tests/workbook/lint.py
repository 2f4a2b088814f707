"""What Excel would repair or refuse in a package, found without Excel."""

from __future__ import annotations

import math
import posixpath
import re
import zipfile
from pathlib import Path

from lxml import etree

from xlhedge.workbook.addresses import split

N = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
ORDER = [
    "sheetPr",
    "dimension",
    "sheetViews",
    "sheetFormatPr",
    "cols",
    "sheetData",
    "sheetCalcPr",
    "sheetProtection",
    "protectedRanges",
    "scenarios",
    "autoFilter",
    "sortState",
    "dataConsolidate",
    "customSheetViews",
    "mergeCells",
    "phoneticPr",
    "conditionalFormatting",
    "dataValidations",
    "hyperlinks",
    "printOptions",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "rowBreaks",
    "colBreaks",
    "customProperties",
    "cellWatches",
    "ignoredErrors",
    "smartTags",
    "drawing",
    "legacyDrawing",
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
]
NEEDS_TYPE = re.compile(r"xl/(worksheets/sheet|styles|workbook|tables/|charts/|sharedStrings)")
NAME = re.compile(r"[^\W\d][\w.]*")
# a reference to a sheet without a $ before column or row
RELATIVE = re.compile(
    r"!(?:\$?[A-Z]{1,3}[1-9]|[A-Z]{1,3}\$?[1-9]|\$[A-Z]{1,3}\$\d+:(?!\$[A-Z]+\$))"
)
LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}[1-9]\d{0,6}|[rR]\d*[cC]\d*")


def problems(path: Path) -> list[str]:
    """Return what is wrong with a workbook's package; an empty list when nothing is."""
    with zipfile.ZipFile(path) as package:
        listed = package.namelist()
        parts = {name: package.read(name) for name in listed}
    found = ["a part twice"] if len(listed) != len(set(listed)) else []
    roots = {
        name: etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))
        for name, part in parts.items()
        if name.endswith((".xml", ".rels"))
    }
    found += _content_types(roots, listed)
    found += _relations(roots, set(listed))
    found += _names(roots["xl/workbook.xml"])
    styles = roots["xl/styles.xml"]
    looks = len(styles.find(f"{N}cellXfs"))
    formats = len(styles.find(f"{N}dxfs")) if styles.find(f"{N}dxfs") is not None else 0
    texts = len(roots["xl/sharedStrings.xml"]) if "xl/sharedStrings.xml" in roots else 0
    for name, root in roots.items():
        if name.startswith("xl/worksheets/sheet"):
            found += [f"{name}: {problem}" for problem in _sheet(root, looks, formats, texts)]
        if name.startswith("xl/tables/"):
            heads = [column.get("name").lower() for column in root.iter(f"{N}tableColumn")]
            if len(set(heads)) != len(heads):
                found.append(f"{name}: two columns of one name")
    return found


def _content_types(roots: dict[str, etree._Element], listed: list[str]) -> list[str]:
    root = roots["[Content_Types].xml"]
    stated = {e.get("PartName", "").lower() for e in root}
    extensions = {e.get("Extension", "").lower() for e in root}
    found = [
        f"{name}: no content type"
        for name in listed
        if NEEDS_TYPE.match(name)
        and not name.endswith(".rels")
        and f"/{name.lower()}" not in stated
    ]
    return found + [
        f"{name}: no content type at all"
        for name in listed
        if name != "[Content_Types].xml"
        and f"/{name.lower()}" not in stated
        and name.rsplit(".", 1)[-1].lower() not in extensions
    ]


def _relations(roots: dict[str, etree._Element], listed: set[str]) -> list[str]:
    found = []
    for name, root in roots.items():
        if name.endswith(".rels"):
            base = posixpath.dirname(posixpath.dirname(name))
            for relation in root:
                target = relation.get("Target", "")
                if relation.get("TargetMode") == "External" or target.startswith("#"):
                    continue
                whole = target[1:] if target.startswith("/") else posixpath.join(base, target)
                if posixpath.normpath(whole) not in listed:
                    found.append(f"{name}: {target} is missing")
        else:
            folder, base = posixpath.split(name)
            beside = posixpath.join(folder, "_rels", f"{base}.rels")
            known = {relation.get("Id") for relation in roots.get(beside, ())}
            used = {e.get(f"{R}id") for e in root.iter() if e.get(f"{R}id")}
            found += [f"{name}: relation {one} is missing" for one in used - known]
    return found


def _names(workbook: etree._Element) -> list[str]:
    found, seen = [], set()
    for defined in workbook.iter(f"{N}definedName"):
        name = defined.get("name")
        key = (name.lower(), defined.get("localSheetId"))
        if key in seen:
            found.append(f"name {name} twice")
        seen.add(key)
        if not name.startswith("_xlnm.") and (
            not NAME.fullmatch(name) or LIKE_A_CELL.fullmatch(name) or len(name) > 255
        ):
            found.append(f"{name} is no name")
        if RELATIVE.search(re.sub(r'"[^"]*"', "", defined.text or "")):
            found.append(f"{name} refers to cells that depend on where it is used")
    titles = [sheet.get("name") for sheet in workbook.iter(f"{N}sheet")]
    if len({title.lower() for title in titles}) != len(titles):
        found.append("a sheet name twice")
    return found


def _sheet(root: etree._Element, looks: int, formats: int, texts: int) -> list[str]:
    found = []
    order = [ORDER.index(_kind(e)) for e in root if isinstance(e.tag, str)]
    if order != sorted(order):
        found.append("elements out of order")
    last_row = 0
    for row in root.iter(f"{N}row"):
        number, last_column = int(row.get("r")), 0
        if number <= last_row:
            found.append(f"row {number} out of order")
        last_row = number
        for cell in row.iterchildren(f"{N}c"):
            at, column = split(cell.get("r"))
            if at != number or column <= last_column:
                found.append(f"{cell.get('r')} out of order or twice")
            last_column = column
            found += _cell(cell, looks, texts)
    for rule in root.iter(f"{N}cfRule"):
        if rule.get("dxfId") and int(rule.get("dxfId")) >= formats:
            found.append(f"conditional format {rule.get('dxfId')} does not exist")
    for listed in root.iter(f"{N}formula1"):
        if (listed.text or "").startswith('"') and len(listed.text) > 257:
            found.append("a validation list of more than 255 characters")
    return found


def _kind(element: etree._Element) -> str:
    """Return an element's name; of alternatives, that of the first one."""
    if element.tag == f"{MC}AlternateContent":
        return _kind(element[0][0])
    return etree.QName(element).localname


def _cell(cell: etree._Element, looks: int, texts: int) -> list[str]:
    where, kind, value = cell.get("r"), cell.get("t", "n"), cell.findtext(f"{N}v")
    found = []
    if int(cell.get("s", 0)) >= looks:
        found.append(f"{where}: style {cell.get('s')} does not exist")
    if kind == "n" and value is not None:
        try:
            finite = math.isfinite(float(value))
        except ValueError:
            finite = False
        if not finite:
            found.append(f"{where}: {value!r} is no number")
    if kind == "s" and int(value) >= texts:
        found.append(f"{where}: text {value} does not exist")
    if kind == "inlineStr" and cell.find(f"{N}is") is None:
        found.append(f"{where}: no text")
    formula = cell.findtext(f"{N}f")
    if formula is not None and (formula.startswith("=") or len(formula) > 8192):
        found.append(f"{where}: formula {formula[:20]!r}")
    return found
