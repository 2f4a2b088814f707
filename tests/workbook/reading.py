"""Read a workbook's stored values by name, and compare them with what is expected."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import openpyxl

TOLERANCE = 1e-9


class Shown:
    """The stored values of a workbook file, as openpyxl reads them."""

    def __init__(self, path: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.book = openpyxl.load_workbook(path, data_only=True)

    def block(self, name: str) -> list[list[Any]]:
        """Return the values of a named block, row by row."""
        ((title, reference),) = self.book.defined_names[name].destinations
        title = title.replace("''", "'")  # which openpyxl leaves doubled
        cells = self.book[title][reference.replace("$", "")]
        if not isinstance(cells, tuple):
            cells = ((cells,),)
        return [[cell.value for cell in row] for row in cells]

    def value(self, name: str) -> Any:
        """Return the value of a named cell."""
        return self.block(name)[0][0]

    def cells(self) -> dict[tuple[str, str], Any]:
        """Return every cell that holds something."""
        return {
            (sheet.title, cell.coordinate): cell.value
            for sheet in self.book
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None and cell.value != ""
        }


def same(shown: Any, wanted: Any, scale: float = 0.0) -> bool:
    """Whether a cell shows a result: infinity is #N/A, numbers agree to 1e-9 of their terms."""
    if isinstance(wanted, float) and math.isinf(wanted):
        return shown == "#N/A"
    if isinstance(wanted, bool) or isinstance(shown, bool):
        return bool(shown) == bool(wanted)
    if isinstance(wanted, (int, float)):
        if not isinstance(shown, (int, float)):
            return False
        return abs(shown - wanted) <= TOLERANCE * max(abs(wanted), abs(scale), 1e-12)
    return shown == wanted


def differences(shown: Shown, wanted: Any, worth: float) -> list[str]:
    """Return what differs between a workbook and the expected results of its case."""
    found = []
    for name, value in wanted.values.items():
        scale = worth if name.startswith("out_net") else 0.0
        if name == "out_liquidation_distance" and math.isfinite(value):
            scale = 1.0
        if not same(shown.value(name), value, scale):
            found.append(f"{name}: {shown.value(name)!r}, expected {value!r}")
    header, *rows = shown.block("scenario_table")
    if tuple(header) != wanted.table.HEADER:
        found.append(f"header of scenario_table: {header}")
    for row, values in zip(rows, wanted.table.rows(), strict=True):
        for head, cell, value in zip(header, row, values, strict=True):
            scale = 1.0 if head == "move" else max(worth, abs(values[2]), abs(values[3]))
            if not same(cell, value, scale):
                found.append(f"{head} at {values[1]:+.2f}: {cell!r}, expected {value!r}")
    for name, nets in (("rate_map", wanted.at_rate), ("ratio_map", wanted.at_ratio)):
        found += _map_differences(shown, name, nets, worth)
    return found


def _map_differences(shown: Shown, name: str, nets: Any, worth: float) -> list[str]:
    block = shown.block(name)
    first = 1 if name == "rate_map" else 4
    hours = shown.value("live_interval_hours")
    found = []
    for column in range(1, len(block[0])):
        key = block[0][column] * 24 * 365 / hours if name == "rate_map" else block[0][column]
        wanted = nets(key)[::2].tolist()
        for row, value in zip(block[first:], wanted, strict=True):
            if not same(row[column], value, 3 * worth):
                found.append(f"{name} {key:g} at {row[0]:+.1f}: {row[column]!r}, not {value!r}")
    return found
