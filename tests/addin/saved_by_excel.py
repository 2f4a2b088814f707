"""Workbooks as Excel saves them when their cells call the functions of an add-in."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
EXTERNAL = f"{REL}/externalLinkPath"
ELSEWHERE = "file:///C:\\Users\\Bob\\AppData\\Roaming\\Microsoft\\AddIns\\xlhedge.xlam"

Cells = dict[str, tuple[str, float | str | None]]
"""By address: the formula without "=" (or "" for a constant), and the value stored with it."""


def saved(
    path: Path,
    cells: Cells,
    links: tuple[str, ...] = (ELSEWHERE,),
    attributes: dict[str, str] | None = None,
    extra: str = "",
) -> Path:
    """Write a workbook with one sheet.

    Parameters
    ----------
    path : Path
        The file.
    cells : mapping
        Formulas and stored values.
    links : tuple of str
        Targets of the external links, [1] first.
    attributes : mapping, optional
        Attributes of the formula of a cell, such as those of an array.
    extra : str
        What follows the cells in the sheet, such as a conditional format.
    """
    book = openpyxl.Workbook()
    book.active.title = "Data"
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    data = f"<sheetData>{_rows(cells, attributes or {})}</sheetData>{extra}"
    parts[sheet] = re.sub(r"<sheetData\s*(/>|></sheetData>)", lambda _: data, parts[sheet])
    references = ""
    for number, target in enumerate(links, 1):
        name = f"xl/externalLinks/externalLink{number}.xml"
        parts[name] = (
            f'<externalLink {MAIN}><externalBook xmlns:r="{REL}" r:id="rId1"/></externalLink>'
        )
        parts[f"xl/externalLinks/_rels/externalLink{number}.xml.rels"] = (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{EXTERNAL}" Target="{escape(target)}" '
            'TargetMode="External"/></Relationships>'
        )
        parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
            "</Relationships>",
            f'<Relationship Id="rIdL{number}" Type="{REL}/externalLink" '
            f'Target="externalLinks/externalLink{number}.xml"/></Relationships>',
        )
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
            "</Types>",
            f'<Override PartName="/{name}" ContentType="application/vnd.openxmlformats-'
            'officedocument.spreadsheetml.externalLink+xml"/></Types>',
        )
        references += f'<externalReference xmlns:r="{REL}" r:id="rIdL{number}"/>'
    if links:
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
            "</sheets>", f"</sheets><externalReferences>{references}</externalReferences>"
        )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def _rows(cells: Cells, attributes: dict[str, str]) -> str:
    by_row: dict[int, list[str]] = {}
    for address, (formula, value) in cells.items():
        row = int(re.sub(r"\D", "", address))
        more = attributes.get(address, "")
        inside = f"<f{more and ' ' + more}>{escape(formula)}</f>" if formula or more else ""
        kind = ""
        if isinstance(value, str):
            error = value.startswith("#")
            kind = ' t="e"' if error else ' t="str"'
        if value is not None:
            inside += f"<v>{escape(str(value))}</v>"
        by_row.setdefault(row, []).append(f'<c r="{address}"{kind}>{inside}</c>')
    return "".join(f'<row r="{row}">{"".join(by_row[row])}</row>' for row in sorted(by_row))
