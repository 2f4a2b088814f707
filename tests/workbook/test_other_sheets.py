"""Workbooks that hold what people and programs add beside the model's own sheets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import LineChart, Reference
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table

from tests.workbook import cases
from tests.workbook.damage import packed, unpacked
from tests.workbook.lint import problems
from tests.workbook.reading import Shown
from tests.workbook.test_calculation import stored, with_ledger
from udfs.addin.share import share
from xlhedge.workbook import Filled, refresh_workbook
from xlhedge.workbook.inspection import inspect_workbook
from xlhedge.workbook.package import Package
from xlhedge.workbook.sharing import finished

Fill = Callable[..., Filled]


def with_chart_sheet(path: Path) -> None:
    """Put a chart on a sheet of its own in front of a workbook's second sheet."""
    book = openpyxl.load_workbook(path)
    sheet = book.create_chartsheet("Our chart", 1)
    chart = LineChart()
    chart.add_data(Reference(book["Scenarios"], min_col=8, min_row=7, max_row=39))
    sheet.add_chart(chart)
    book.save(path)


def test_a_chart_on_a_sheet_of_its_own(fill: Fill, tmp_path: Path) -> None:
    """Refreshed, inspected and shared: such a sheet has no cells, and stays."""
    path, copy = fill().path, tmp_path / "copy.xlsx"
    with_chart_sheet(path)
    before = unpacked(path.read_bytes())
    filled = refresh_workbook(path, quotes=[cases.a_quote(index=40_000.0)], clock=cases.clock)
    assert filled.results["out_contracts"] == 200_000
    after = unpacked(path.read_bytes())
    (name,) = (part for part in before if part.startswith("xl/chartsheets/sheet"))
    assert after[name] == before[name]
    found = inspect_workbook(path)
    assert ("Our chart", "") in found.sheets
    assert found.changes == []
    share(path, copy)
    done = finished(copy.read_bytes(), "copy", clock=lambda: datetime.now(UTC), values=True)
    assert name in unpacked(done.data)


def test_an_array_beside_texts(fill: Fill) -> None:
    """A sheet with an array formula is computed, whatever texts and logical values it holds."""
    cells = {"A1": ArrayFormula("A1:A2", "=Hedge!H27:H28*1"), "A2": 1, "B1": "a text", "B2": True}
    path = with_ledger(fill().path, cells)
    filled = refresh_workbook(path, quotes=[cases.a_quote(index=40_000.0)], clock=cases.clock)
    assert filled.not_computed == []
    assert stored(path) == {"A1": 200_000, "A2": 1, "B1": "a text", "B2": True}


def test_columns_of_a_table(fill: Fill) -> None:
    """The engine knows no tables: what reads one is kept, or left to Excel, never 0."""
    cells = {"A1": "coin", "B1": "usd [%]", "A2": "BTC", "B2": "=live_mark*1", "A3": "ETH",
             "B3": 7, "D1": "=IFERROR(SUM(Ours[usd '[%']]),0)", "D2": "=IFERROR(COUNTA(Ours),0)",
             "D3": "=IFERROR(SUM(Other[a]),0)", "D4": "=D3+1", "F1": "a", "F2": 3}  # fmt: skip
    path = with_ledger(fill().path, cells)
    book = openpyxl.load_workbook(path)
    book["Ledger"].add_table(Table(displayName="Ours", ref="A1:B3"))
    book["Ledger"].add_table(Table(displayName="Other", ref="F1:F2"))
    book.save(path)
    parts = unpacked(path.read_bytes())
    sheet = "xl/worksheets/sheet9.xml"
    parts[sheet] = parts[sheet].replace(b"<v></v>", b"<v>1</v>").replace(b"<v />", b"<v>1</v>")
    path.write_bytes(packed(parts))
    filled = refresh_workbook(path, quotes=[cases.a_quote(mark=40_000.0)], clock=cases.clock)
    values = stored(path)
    assert values["B2"] == 40_000
    assert values["D1"] is values["D2"] is None
    assert values["D3"] == values["D4"] == 1  # nothing under them changed
    assert filled.not_computed == ["Ledger!D1", "Ledger!D2"]


@pytest.mark.parametrize("name", ["[trash]/0000.dat", "__MACOSX/._book", "__MACOSX/_rels/._x.rels"])
def test_what_lies_beside_the_parts(fill: Fill, tmp_path: Path, name: str) -> None:
    """Office's deleted parts and an archiver's notes are no damage; a copy goes without them."""
    path, copy = fill().path, tmp_path / "copy.xlsx"
    note = b"\x00\x05\x16\x07 /Users/somebody"
    path.write_bytes(packed(unpacked(path.read_bytes()) | {name: note}))
    refresh_workbook(path, quotes=[cases.a_quote(index=40_000.0)], clock=cases.clock)
    assert unpacked(path.read_bytes())[name] == note
    assert Shown(path).value("out_contracts") == 200_000
    assert inspect_workbook(path).changes == []
    share(path, copy)
    done = finished(copy.read_bytes(), "copy", clock=cases.clock)
    assert name not in Package(done.data, "copy").parts
    copy.write_bytes(done.data)
    assert problems(copy) == []
