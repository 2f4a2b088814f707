"""A workbook reached through its defined names only: a file's, or one that is open in Excel."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from xlhedge.errors import WorkbookError
from xlhedge.workbook.addresses import column_number
from xlhedge.workbook.cells import Value

__all__ = ["Area", "Cells", "NamedCells", "parsed_reference"]

_REFERENCE = re.compile(
    r"(?:'((?:[^']|'')+)'|([^'!\[\]:]+))!\$([A-Z]{1,3})\$([1-9]\d*)(?::\$([A-Z]{1,3})\$([1-9]\d*))?"
)
_DAY_ZERO = datetime(1899, 12, 30)
_DAYS_1904 = 1462


def parsed_reference(text: str) -> tuple[str, int, int, int, int] | None:
    """Return sheet, top, left, bottom and right of an absolute reference; None if it is none.

    >>> parsed_reference("'My sheet'!$B$2:$C$9")
    ('My sheet', 2, 2, 9, 3)
    """
    found = _REFERENCE.fullmatch(text)
    if found is None:
        return None
    quoted, bare, left, top, right, bottom = found.groups()
    return (
        quoted.replace("''", "'") if quoted else bare,
        int(top),
        column_number(left),
        int(bottom or top),
        column_number(right or left),
    )


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

    def holds(self, sheet: str, row: int, column: int) -> bool:
        """Whether a cell lies inside."""
        inside = self.top <= row <= self.bottom and self.left <= column <= self.right
        return inside and sheet == self.sheet

    def meets(self, other: Area) -> bool:
        """Whether the two have a cell in common."""
        rows = self.top <= other.bottom and other.top <= self.bottom
        columns = self.left <= other.right and other.left <= self.right
        return rows and columns and self.sheet == other.sheet


class Cells(Protocol):
    """The cells of one sheet."""

    def value(self, row: int, column: int) -> Value:
        """Return a cell's value."""

    def holds_formula(self, row: int, column: int) -> bool:
        """Whether a cell's value is computed."""

    def is_merged(self, area: Area) -> bool:
        """Whether a block is one merged cell."""

    def write(self, row: int, column: int, value: Value) -> None:
        """Write a value where no formula stands."""


class NamedCells(ABC):
    """A workbook's cells by name. A kind of workbook says what its names and sheets are.

    Attributes
    ----------
    label : str
        What to call the workbook in messages.
    """

    label: str

    @property
    @abstractmethod
    def references(self) -> Mapping[str, str]:
        """What each name (lower case) of the whole workbook refers to, without "="."""

    @abstractmethod
    def titles(self) -> Collection[str]:
        """Return the sheets' names, in order."""

    @abstractmethod
    def sheet(self, title: str) -> Cells:
        """Return a sheet."""

    @property
    @abstractmethod
    def starts_1904(self) -> bool:
        """Whether day numbers count from 1904."""

    # -- names ------------------------------------------------------------------------------

    def has(self, name: str) -> bool:
        """Whether the workbook defines a name for all its sheets, whose cells are still there.

        A program that deletes cells leaves their names behind, with an error for a reference.
        """
        return "#REF!" not in self.references.get(name.lower(), "#REF!")

    def require(self, names: Iterable[str]) -> None:
        """Refuse a workbook that lacks some names, saying which."""
        missing = [name for name in names if not self.has(name)]
        if missing:
            listed = ", ".join(missing[:6]) + (" and more" if len(missing) > 6 else "")
            raise WorkbookError(
                f"{self.label} lacks {len(missing)} defined name(s), or their cells: {listed}. "
                "Expected a workbook made by 'xlhedge new', or a template of your own with the "
                "names of the contract"
            )

    def area(self, name: str) -> Area:
        """Return where a name points."""
        text = self.references.get(name.lower())
        if text is None:
            self.require([name])
        found = parsed_reference(text)
        if found is None:
            raise WorkbookError(
                f"{self.label}: {name} refers to {text!r:.60}; expected one cell or block with "
                "absolute references, such as Hedge!$C$7"
            )
        sheet = found[0]
        area = Area(name, *found)
        if sheet not in self.titles():
            raise WorkbookError(
                f"{self.label}: {name} refers to sheet {sheet!r}, which is not there"
            )
        if (
            area.bottom < area.top
            or area.right < area.left
            or max(area.bottom / 1_048_576, area.right / 16_384) > 1
        ):
            raise WorkbookError(f"{self.label}: {name} refers to {text!r:.60}, which is no block")
        return area

    def cell(self, name: str) -> Area:
        """Return where a name of one cell points; of a merged cell, its first."""
        area = self.area(name)
        if not area.is_cell and self.sheet(area.sheet).is_merged(area):
            return replace(area, bottom=area.top, right=area.left)
        if not area.is_cell:
            raise WorkbookError(f"{self.label}: {name} is a block of cells; expected one cell")
        return area

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
        return self.serial_of(time.astimezone(UTC).replace(tzinfo=None))

    def serial_of(self, naive: datetime) -> float:
        """Return a date and time without a zone as Excel's day number, to the second."""
        seconds = round((naive - _DAY_ZERO).total_seconds())
        return seconds / 86_400 - (_DAYS_1904 if self.starts_1904 else 0)

    def time(self, serial: float) -> datetime:
        """Return the time of a day number."""
        days = serial + (_DAYS_1904 if self.starts_1904 else 0)
        seconds = round(days * 86_400)
        return (_DAY_ZERO + timedelta(seconds=seconds)).replace(tzinfo=UTC)
