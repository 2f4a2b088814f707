"""A workbook of any layout, reached through its defined names only."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from lxml import etree

from xlhedge.errors import WorkbookError
from xlhedge.workbook.cells import Sheet, shared_texts
from xlhedge.workbook.named_cells import Area, NamedCells
from xlhedge.workbook.package import Package
from xlhedge.workbook.xml import RELATION_ID, STRICT, serialize, tag

__all__ = ["Area", "Book"]

_CORNER = re.compile(r"([A-Z]+)(\d+)")
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument"
# what may stand before calcPr in workbook.xml, in the order of the schema
_BEFORE_CALC = [
    "fileVersion",
    "fileSharing",
    "workbookPr",
    "workbookProtection",
    "bookViews",
    "sheets",
    "functionGroups",
    "externalReferences",
    "definedNames",
]


class Book(NamedCells):
    """The workbook inside a package.

    Parameters
    ----------
    package : Package
        The parts.
    """

    def __init__(self, package: Package) -> None:
        self.package = package
        self.label = package.label
        if package.parts.get("mimetype", b"").startswith(_OPEN_DOCUMENT):
            raise WorkbookError(f"{self.label} is an OpenDocument file; save it as an .xlsx")
        kinds = {kind: target for _, kind, target in package.relations("")}
        self._path = kinds.get("officeDocument", "")
        if self._path.endswith(".bin"):
            raise WorkbookError(f"{self.label} is a binary workbook (.xlsb); save it as an .xlsx")
        self._root = package.root(self._path)
        if self._root.tag == f"{{{STRICT}}}workbook":
            raise WorkbookError(
                f"{self.label} is a 'Strict Open XML' workbook; save it as a normal .xlsx"
            )
        if self._root.tag != tag("workbook"):
            raise WorkbookError(f"{self.label} is not a workbook of Excel (.xlsx, .xlsm)")
        relations = package.relations(self._path)
        self._worksheets = {name: target for name, kind, target in relations if kind == "worksheet"}
        self._kinds = {kind: target for _, kind, target in relations}
        self._sheet_parts = self._find_sheets()
        self._references = self._find_names()
        self._sheets: dict[str, Sheet] = {}
        self._fills_blocks: dict[str, bool] = {}
        self._names_added = False

    @classmethod
    def open(cls, path: Path) -> Book:
        """Read a workbook from disk."""
        return cls(Package.open(path))

    def _find_sheets(self) -> dict[str, str]:
        """Return the parts of the sheets that have cells: a chart may be a sheet of its own."""
        sheets = self._root.find(tag("sheets"))
        found = {}
        for sheet in sheets if sheets is not None else ():
            target = self._worksheets.get(sheet.get(RELATION_ID, ""))
            if target is not None:
                found[sheet.get("name", "")] = target
        return found

    def _find_names(self) -> dict[str, str]:
        """Return the names of the whole workbook; a table is as good as a name of its cells."""
        names = self._root.find(tag("definedNames"))
        found = {}
        for name in names if names is not None else ():
            if name.get("localSheetId") is None and name.get("name"):
                found[name.get("name").lower()] = (name.text or "").strip()
        for title, part in self._sheet_parts.items():
            quoted = title.replace("'", "''")
            for table in self._tables_of(part):
                where = _CORNER.sub(r"$\1$\2", table.get("ref", ""))
                found.setdefault(table.get("displayName", "").lower(), f"'{quoted}'!{where}")
        return found

    def shared_texts(self) -> list[str]:
        """Return the texts that cells refer to by number, read when first asked for."""
        return self._shared

    @cached_property
    def _shared(self) -> list[str]:
        part = self._kinds.get("sharedStrings")
        return shared_texts(self.package.part(part)) if part else []

    @property
    def references(self) -> dict[str, str]:
        """What each name (lower case) of the whole workbook refers to, without "="."""
        return self._references

    @cached_property
    def starts_1904(self) -> bool:
        """Whether day numbers count from 1904."""
        settings = self._root.find(tag("workbookPr"))
        return settings is not None and settings.get("date1904") in ("1", "true", "on")

    @property
    def iterates(self) -> bool:
        """Whether formulas may depend on themselves: Excel then goes round several times."""
        settings = self._root.find(tag("calcPr"))
        return settings is not None and settings.get("iterate") in ("1", "true", "on")

    def reserved_for(self) -> str | None:
        """Return who set a password to modify ("" if unsaid); None without such a password."""
        sharing = self._root.find(tag("fileSharing"))
        if sharing is None or not (sharing.get("reservationPassword") or sharing.get("hashValue")):
            return None
        return sharing.get("userName", "")

    @cached_property
    def known_names(self) -> dict[str, str]:
        """Return what formulas may call by name (lower case) and where it is: names and tables."""
        found: dict[str, str] = {}
        for defined in self._root.iter(tag("definedName")):  # a sheet's own may share its name
            name = defined.get("name", "").lower()
            found[name] = f"{found[name]},{defined.text}" if name in found else defined.text or ""
        for title, part in self._sheet_parts.items():
            quoted = title.replace("'", "''")
            for table in self._tables_of(part):
                for key in ("name", "displayName"):
                    found[table.get(key, "").lower()] = f"'{quoted}'!{table.get('ref', '')}"
        return found

    @cached_property
    def table_names(self) -> set[str]:
        """Return the names (lower case) of the tables that formulas may read by name."""
        tables = (table for part in self._sheet_parts.values() for table in self._tables_of(part))
        return {table.get("displayName", "").lower() for table in tables}

    def _tables_of(self, part: str) -> Iterator[etree._Element]:
        folder, base = posixpath.split(part)
        if posixpath.join(folder, "_rels", f"{base}.rels") in self.package.parts:
            for _, kind, target in self.package.relations(part):
                if kind == "table":
                    yield self.package.root(target)

    def has_formulas(self, title: str) -> bool:
        """Whether a sheet may have formulas; for certain where its elements have a prefix."""
        part = self.package.part(self._sheet_parts[title])
        return b"<f>" in part or b"<f " in part or b"<sheetData" not in part

    def fills_blocks(self, title: str) -> bool:
        """Whether a sheet has formulas that fill several cells: arrays, data tables."""
        if title not in self._fills_blocks:
            part = self.package.part(self._sheet_parts[title])
            self._fills_blocks[title] = b'"array"' in part or b'"dataTable"' in part
        return self._fills_blocks[title]

    def formula_texts(self, title: str) -> list[str]:
        """Return the texts of a sheet's formulas; "" where one is another cell's."""
        if not self.has_formulas(title):
            return []
        return [formula.text or "" for formula in self.sheet(title).root.iter(tag("f"))]

    def sheet(self, title: str) -> Sheet:
        """Return a sheet, read when first asked for."""
        if title not in self._sheets:
            part = self._sheet_parts[title]
            self._sheets[title] = Sheet(self.package.root(part), title, self.shared_texts)
        return self._sheets[title]

    def titles(self) -> list[str]:
        """Return the names of the sheets that have cells, in order."""
        return list(self._sheet_parts)

    def sheet_states(self) -> list[tuple[str, str]]:
        """Return each sheet's name, and "hidden" where people do not see it, else ""."""
        sheets = self._root.find(tag("sheets"))
        return [
            (sheet.get("name", ""), "" if sheet.get("state", "visible") == "visible" else "hidden")
            for sheet in (sheets if sheets is not None else ())
        ]

    def part_of(self, title: str) -> str:
        """Return the part of a sheet."""
        return self._sheet_parts[title]

    # -- writing ----------------------------------------------------------------------------

    def written(self) -> set[tuple[str, int, int]]:
        """Return sheet, row and column of the cells that were written."""
        return {(title, *at) for title, sheet in self._sheets.items() for at in sheet.written}

    def changed_parts(self) -> dict[str, bytes]:
        """Return the parts that writing has changed, with recalculation on load asked for."""
        changed = {
            self._sheet_parts[title]: sheet.serialized()
            for title, sheet in self._sheets.items()
            if sheet.changed
        }
        settings = self._root.find(tag("calcPr"))
        if settings is None:
            settings = etree.Element(tag("calcPr"))
            before = [e for e in self._root if _local(e) in _BEFORE_CALC]
            before[-1].addnext(settings)
        if settings.get("fullCalcOnLoad") != "1" or self._names_added:
            settings.set("fullCalcOnLoad", "1")
            changed[self._path] = serialize(self._root)
        return changed

    def add_names(self, texts: Mapping[str, str]) -> list[str]:
        """Define names for the whole workbook; one that is defined already stays as it is."""
        holder = self._root.find(tag("definedNames"))
        if holder is None:
            holder = etree.Element(tag("definedNames"))
            before = [e for e in self._root if _local(e) in _BEFORE_CALC[:-1]]
            before[-1].addnext(holder)
        added = [name for name in texts if name.lower() not in self.references]
        for name in added:
            etree.SubElement(holder, tag("definedName"), name=name).text = texts[name]
        holder[:] = sorted(holder, key=lambda defined: defined.get("name", "").lower())
        self._names_added = bool(added)
        return added

    @property
    def path(self) -> str:
        """Return the workbook part."""
        return self._path

    @property
    def relations_path(self) -> str:
        """Return the part of the workbook's relations."""
        folder, base = posixpath.split(self._path)
        return posixpath.join(folder, "_rels", f"{base}.rels")


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
