"""A workbook of any layout, reached through its defined names only."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from lxml import etree

from xlhedge.errors import WorkbookError
from xlhedge.workbook.cells import Sheet, Value, column_number, shared_texts
from xlhedge.workbook.package import Package
from xlhedge.workbook.xml import RELATION_ID, STRICT, parse, serialize, tag

__all__ = ["Area", "Book"]

_REFERENCE = re.compile(
    r"(?:'((?:[^']|'')+)'|([^'!\[\]:]+))!\$([A-Z]{1,3})\$([1-9]\d*)(?::\$([A-Z]{1,3})\$([1-9]\d*))?"
)
_DAY_ZERO = datetime(1899, 12, 30)
_DAYS_1904 = 1462
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


@dataclass(frozen=True)
class Area:
    """Where a defined name points: a sheet and a rectangle."""

    name: str
    sheet: str
    top: int
    left: int
    bottom: int
    right: int

    @property
    def is_cell(self) -> bool:
        """Whether the rectangle is one cell."""
        return (self.top, self.left) == (self.bottom, self.right)


class Book:
    """The workbook inside a package.

    Parameters
    ----------
    package : Package
        The parts.
    """

    def __init__(self, package: Package) -> None:
        self.package = package
        self.label = package.label
        kinds = {kind: target for _, kind, target in package.relations("")}
        self._path = kinds.get("officeDocument", "")
        self._root = parse(package.part(self._path), self._path)
        if self._root.tag == f"{{{STRICT}}}workbook":
            raise WorkbookError(
                f"{self.label} is a 'Strict Open XML' workbook; save it as a normal .xlsx"
            )
        if self._root.tag != tag("workbook"):
            raise WorkbookError(f"{self.label} is not a workbook of Excel (.xlsx, .xlsm)")
        relations = package.relations(self._path)
        self._targets = {identity: target for identity, _, target in relations}
        self._kinds = {kind: target for _, kind, target in relations}
        self._sheet_parts = self._find_sheets()
        self._names = self._find_names()
        self._sheets: dict[str, Sheet] = {}

    @classmethod
    def open(cls, path: Path) -> Book:
        """Read a workbook from disk."""
        return cls(Package.open(path))

    def _find_sheets(self) -> dict[str, str]:
        sheets = self._root.find(tag("sheets"))
        found = {}
        for sheet in sheets if sheets is not None else ():
            target = self._targets.get(sheet.get(RELATION_ID, ""))
            if target is not None:
                found[sheet.get("name", "")] = target
        return found

    def _find_names(self) -> dict[str, str]:
        names = self._root.find(tag("definedNames"))
        found = {}
        for name in names if names is not None else ():
            if name.get("localSheetId") is None and name.get("name"):
                found[name.get("name").lower()] = (name.text or "").strip()
        return found

    @cached_property
    def _shared(self) -> list[str]:
        part = self._kinds.get("sharedStrings")
        return shared_texts(self.package.part(part)) if part else []

    @cached_property
    def _starts_1904(self) -> bool:
        settings = self._root.find(tag("workbookPr"))
        return settings is not None and settings.get("date1904") in ("1", "true", "on")

    # -- names ------------------------------------------------------------------------------

    def has(self, name: str) -> bool:
        """Whether the workbook defines a name for all its sheets."""
        return name.lower() in self._names

    def require(self, names: Iterable[str]) -> None:
        """Refuse a workbook that lacks some names, saying which."""
        missing = [name for name in names if not self.has(name)]
        if missing:
            listed = ", ".join(missing[:6]) + (" and more" if len(missing) > 6 else "")
            raise WorkbookError(
                f"{self.label} lacks {len(missing)} defined name(s): {listed}. Expected a workbook "
                "made by 'xlhedge new', or a template of your own with the names of the contract"
            )

    def area(self, name: str) -> Area:
        """Return where a name points."""
        text = self._names.get(name.lower())
        if text is None:
            self.require([name])
        found = _REFERENCE.fullmatch(text)
        if found is None:
            raise WorkbookError(
                f"{self.label}: {name} refers to {text!r:.60}; expected one cell or block with "
                "absolute references, such as Hedge!$C$7"
            )
        quoted, bare, left, top, right, bottom = found.groups()
        sheet = quoted.replace("''", "'") if quoted else bare
        area = Area(
            name,
            sheet,
            int(top),
            column_number(left),
            int(bottom or top),
            column_number(right or left),
        )
        if sheet not in self._sheet_parts:
            raise WorkbookError(
                f"{self.label}: {name} refers to sheet {sheet!r}, which is not there"
            )
        if area.bottom < area.top or area.right < area.left or area.bottom > 1_048_576:
            raise WorkbookError(f"{self.label}: {name} refers to {text!r:.60}, which is no block")
        return area

    def cell(self, name: str) -> Area:
        """Return where a name of one cell points."""
        area = self.area(name)
        if not area.is_cell:
            raise WorkbookError(f"{self.label}: {name} is a block of cells; expected one cell")
        return area

    def sheet(self, title: str) -> Sheet:
        """Return a sheet, read when first asked for."""
        if title not in self._sheets:
            part = self._sheet_parts[title]
            self._sheets[title] = Sheet(self.package.part(part), title, lambda n: self._shared[n])
        return self._sheets[title]

    def titles(self) -> list[str]:
        """Return the sheets' names, in order."""
        return list(self._sheet_parts)

    def part_of(self, title: str) -> str:
        """Return the part of a sheet."""
        return self._sheet_parts[title]

    def read(self, name: str) -> Value:
        """Return the stored value of a named cell."""
        at = self.cell(name)
        return self.sheet(at.sheet).value(at.top, at.left)

    def write(self, name: str, value: Value | datetime) -> None:
        """Write a named cell; a formula there is refused."""
        at = self.cell(name)
        plain = self.serial(value) if isinstance(value, datetime) else value
        try:
            self.sheet(at.sheet).write(at.top, at.left, plain)
        except WorkbookError as error:
            raise WorkbookError(f"{self.label}: {name}: {error}") from None

    # -- times ------------------------------------------------------------------------------

    def serial(self, time: datetime) -> float:
        """Return a time as Excel's day number, UTC, to the second."""
        naive = time.astimezone(UTC).replace(tzinfo=None)
        seconds = round((naive - _DAY_ZERO).total_seconds())
        return seconds / 86_400 - (_DAYS_1904 if self._starts_1904 else 0)

    def time(self, serial: float) -> datetime:
        """Return the time of a day number."""
        days = serial + (_DAYS_1904 if self._starts_1904 else 0)
        seconds = round(days * 86_400)
        return (_DAY_ZERO + timedelta(seconds=seconds)).replace(tzinfo=UTC)

    # -- writing ----------------------------------------------------------------------------

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
        if settings.get("fullCalcOnLoad") != "1":
            settings.set("fullCalcOnLoad", "1")
            changed[self._path] = serialize(self._root)
        return changed

    def folder(self) -> str:
        """Return the folder of the workbook part."""
        return posixpath.dirname(self._path)


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
