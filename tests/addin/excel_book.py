"""A workbook open in a made-up Excel, behind xlwings' own ``Book``, ``Sheet``, ``Name``, ``Range``.

Only what lies under xlwings is made up. It keeps Excel's habits that a refresh could trip over: a
typed text may become a number, a date, a logical value or a formula; a protected sheet refuses;
error values arrive as whole numbers; ``Value`` of a currency has four decimals.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import xlwings as xw
from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries

_ERRORS = {"#N/A": -2146826246, "#VALUE!": -2146826273, "#NUM!": -2146826252, "#REF!": -2146826265}
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?%?", re.I)
_DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?"
    r"|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*[- ]\d+",
    re.I,
)
_DAY_ZERO = datetime(1899, 12, 30)


class Refused(Exception):
    """What Excel raises: run-time error 1004."""


@dataclass(frozen=True)
class Cell:
    """What a cell holds and how it looks."""

    value: Any = None
    formula: str | None = None
    look: str = "General"
    prefix: str = ""


@dataclass
class Excel:
    """The application: what was told to it."""

    status_bar: str | None = None
    full_calculations: int = 0
    pid: int = 1
    engine: Any = None
    api: Any = None

    def __post_init__(self) -> None:
        self.engine = self
        self.name, self.type, self.impl = "excel", "desktop", self
        self.api = SimpleNamespace(CalculateFull=self._calculate)

    def _calculate(self) -> None:
        self.full_calculations += 1

    @staticmethod
    def prepare_xl_data_element(value: Any, options: Any) -> Any:
        return "" if value is None else value

    @staticmethod
    def clean_value_data(data, dates, empty_as, numbers, err_to_str):
        return [[empty_as if c in ("", None) or c.__class__ is int else c for c in r] for r in data]


@dataclass
class SheetModel:
    """A sheet: its cells, and whether it is protected."""

    book: BookModel
    title: str
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    protected: bool = False
    password: str = ""
    protections: list[dict[str, Any]] = field(default_factory=list)
    written: list[tuple[int, int]] = field(default_factory=list)
    allowed: dict[str, bool] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    # -- what xlwings calls -----------------------------------------------------------------

    @property
    def name(self) -> str:
        return self.title

    @property
    def api(self) -> Any:
        sheet = self

        class Native:
            ProtectContents = property(lambda _: sheet.protected)
            ProtectDrawingObjects = ProtectScenarios = True
            Protection = SimpleNamespace(**sheet.allowed)

            def Unprotect(self, password: str = "") -> None:
                if password != sheet.password:
                    raise Refused("the password is wrong")
                sheet.protected = False

            def Protect(self, **settings: Any) -> None:
                sheet.protected = True
                sheet.protections.append(settings)

        return Native()

    def range(self, first: Any, last: Any = None) -> RangeModel:
        if isinstance(first, str):
            left, top, right, bottom = range_boundaries(first)
            return RangeModel(self, top, left, bottom, right)
        last = first if last is None else last
        if isinstance(first, RangeModel):
            return RangeModel(self, first.row, first.column, last.bottom, last.right)
        return RangeModel(self, *first, *last)

    @property
    def used_range(self) -> RangeModel:
        bottom = max((row for row, _ in self.cells), default=1)
        right = max((column for _, column in self.cells), default=1)
        return RangeModel(self, 1, 1, bottom, right)

    # -- what Excel does --------------------------------------------------------------------

    def type_into(self, at: tuple[int, int], given: Any) -> None:
        """Set a cell as Excel does when a value is assigned."""
        if self.protected:
            raise Refused("the cell is protected")
        self.written.append(at)
        cell = self.cells.get(at, Cell())
        if isinstance(given, str):
            cell = _typed(cell, given)
        else:
            assert given.__class__ in (float, int, bool), f"{given!r} into {at}"
            cell = replace(cell, value=given, formula=None, prefix="")
        self.cells[at] = cell


def _typed(cell: Cell, text: str) -> Cell:
    if text == "":
        return replace(cell, value=None, formula=None, prefix="")
    if text.startswith("'"):
        return replace(cell, value=text[1:], formula=None, prefix="'")
    if text[0] in "=+-@":
        return replace(cell, value=None, formula="=" + text.lstrip("="), prefix="")
    if text.lower() in ("true", "false"):
        return replace(cell, value=text.lower() == "true", formula=None)
    if _NUMBER.fullmatch(text):
        return replace(cell, value=float(text.rstrip("%")), formula=None)
    if _DATE.match(text):
        return replace(cell, value=45000.0, formula=None, look="d-mmm")
    return replace(cell, value=text, formula=None, prefix="")


class RangeModel:
    """A block of cells."""

    max_cells_per_read = max_cells_per_write = None

    def __init__(self, sheet: SheetModel, top: int, left: int, bottom: int, right: int) -> None:
        self.sheet, self.row, self.column = sheet, top, left
        self.bottom, self.right = bottom, right
        self.options: dict[str, Any] = {}

    @property
    def shape(self) -> tuple[int, int]:
        return self.bottom - self.row + 1, self.right - self.column + 1

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def __call__(self, row: int, column: int | None = None) -> RangeModel:
        if column is None:
            row, column = divmod(row - 1, self.shape[1])
            row, column = row + 1, column + 1
        at = (self.row + row - 1, self.column + column - 1)
        return RangeModel(self.sheet, *at, *at)

    @property
    def merge_area(self) -> RangeModel:
        for top, left, bottom, right in self.sheet.merged:
            if top <= self.row <= bottom and left <= self.column <= right:
                return RangeModel(self.sheet, top, left, bottom, right)
        return self

    def _block(self, read: Any) -> Any:
        rows = tuple(
            tuple(
                read(self.sheet.cells.get((r, c), Cell()))
                for c in range(self.column, self.right + 1)
            )
            for r in range(self.row, self.bottom + 1)
        )
        return rows if len(self) > 1 else rows[0][0]

    @property
    def api(self) -> Any:
        return SimpleNamespace(Value2=self._block(lambda cell: cell.value))

    @property
    def formula(self) -> Any:
        return self._block(lambda cell: cell.formula or ("" if cell.value is None else cell.value))

    @property
    def raw_value(self) -> Any:
        def value(cell: Cell) -> Any:
            money = isinstance(cell.value, float) and "$" in cell.look
            return Decimal(str(cell.value)).quantize(Decimal("0.0001")) if money else cell.value

        return self._block(value)

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        rows = data if isinstance(data, list | tuple) else [[data]]
        for i, row in enumerate(rows):
            for j, given in enumerate(row):
                self.sheet.type_into((self.row + i, self.column + j), given)


class SheetsModel:
    """The sheets of a book."""

    def __init__(self, sheets: list[SheetModel]) -> None:
        self.sheets = sheets

    def __call__(self, key: Any) -> SheetModel:
        if isinstance(key, int):
            return self.sheets[key - 1]
        return next(sheet for sheet in self.sheets if sheet.title == key)

    def __len__(self) -> int:
        return len(self.sheets)

    def __iter__(self):
        return iter(self.sheets)


class NamesModel:
    """The defined names of a book."""

    def __init__(self, names: list[Any]) -> None:
        self.names = names

    def snapshot(self) -> list[tuple[str, Any]]:
        return [(name.name, name) for name in self.names]

    def __len__(self) -> int:
        return len(self.names)


class BookModel:
    """A workbook read from a file into a made-up Excel."""

    def __init__(self, path: Path) -> None:
        self.name, self.fullname = path.name, str(path)
        self.app = Excel()
        self.api = SimpleNamespace(Date1904=False)
        formulas = openpyxl.load_workbook(path, keep_vba=False)
        values = openpyxl.load_workbook(path, data_only=True)
        self.sheets = SheetsModel(
            [_sheet(self, formulas[title], values[title]) for title in formulas.sheetnames]
        )
        self.names = NamesModel(
            [
                SimpleNamespace(name=name, refers_to=f"={defined.attr_text}")
                for name, defined in formulas.defined_names.items()
            ]
        )

    def at(self, name: str) -> tuple[SheetModel, tuple[int, int]]:
        """Return sheet and place of a named cell, or of the first cell of a named block."""
        text = next(n.refers_to for n in self.names.names if n.name == name).removeprefix("=")
        title, reference = text.replace("$", "").rsplit("!", 1)
        return self.sheets(title.strip("'")), coordinate_to_tuple(reference.split(":")[0])

    def cell(self, name: str) -> Cell:
        """Return a named cell."""
        sheet, place = self.at(name)
        return sheet.cells.get(place, Cell())

    def everything(self) -> dict[tuple[str, int, int], Cell]:
        """Return all cells."""
        return {
            (sheet.title, *at): cell for sheet in self.sheets for at, cell in sheet.cells.items()
        }


def _sheet(book: BookModel, formulas: Any, values: Any) -> SheetModel:
    model = SheetModel(book, formulas.title, protected=formulas.protection.sheet)
    model.allowed = _allowed(formulas.protection)
    for row in formulas.iter_rows():
        for cell in row:
            if cell.value is None and not cell.has_style:
                continue
            formula = str(cell.value) if cell.data_type == "f" else None
            value = _plain(values.cell(cell.row, cell.column).value)
            model.cells[cell.row, cell.column] = Cell(value, formula, cell.number_format)
    return model


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value - _DAY_ZERO).total_seconds() / 86_400
    if isinstance(value, str) and value in _ERRORS:
        return _ERRORS[value]
    return float(value) if value.__class__ is int else value


def _allowed(protection: Any) -> dict[str, bool]:
    """Return Excel's Allow... flags; in a file a flag that is set forbids."""
    words = {
        "AllowFormattingCells": "formatCells",
        "AllowFormattingColumns": "formatColumns",
        "AllowFormattingRows": "formatRows",
        "AllowInsertingColumns": "insertColumns",
        "AllowInsertingRows": "insertRows",
        "AllowInsertingHyperlinks": "insertHyperlinks",
        "AllowDeletingColumns": "deleteColumns",
        "AllowDeletingRows": "deleteRows",
        "AllowSorting": "sort",
        "AllowFiltering": "autoFilter",
        "AllowUsingPivotTables": "pivotTables",
    }
    return {flag: not getattr(protection, word) for flag, word in words.items()}


def opened(path: Path) -> tuple[xw.Book, BookModel]:
    """Return a workbook as xlwings shows it, and the model under it."""
    model = BookModel(path)
    return xw.Book(impl=model), model
