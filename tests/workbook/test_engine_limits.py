"""What the engine is trusted with is what Excel gives; the rest keeps its value or has none."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path

import ironcalc
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.workbook import cases, office
from tests.workbook.engine_calls import CALLS, CELLS, DEPARTURES
from tests.workbook.reading import same
from tests.workbook.test_calculation import stored, with_ledger
from xlhedge.workbook import Filled, refresh_workbook
from xlhedge.workbook.book import Book
from xlhedge.workbook.engine_limits import PROVEN, formats_are_proven
from xlhedge.workbook.stored_values import store_values

Fill = Callable[..., Filled]
YOUNGER = frozenset(  # than 2007: files put this before their names
    {"CONCAT", "DAYS", "IFNA", "IFS", "ISOWEEKNUM", "MAXIFS", "MINIFS", "NORM.DIST", "NORM.INV",
     "NORM.S.DIST", "NORM.S.INV", "PERCENTILE.EXC", "PERCENTILE.INC", "RANK.AVG", "RANK.EQ",
     "STDEV.P", "STDEV.S", "SWITCH", "TEXTJOIN", "VAR.P", "VAR.S", "XLOOKUP", "XMATCH", "XOR"}
)  # fmt: skip
YOUNGEST = ("XLOOKUP", "XMATCH")  # LibreOffice does not know them yet; ironcalc does
FORMATS = [
    "0",
    "0.00",
    "0.00000000",
    "#,##0",
    "#,##0.00",
    "0%",
    "0.0000%",
    "$#,##0.00",
    "000",
    '0.0 "BTC"',
    "yyyy-mm-dd",
    "yyyy-mm-dd hh:mm",
    "d mmm yyyy",
    "dd/mm/yyyy",
    "hh:mm:ss",
]
NUMBERS = [1, -1, 0.5, 2.5, -0.005, 1234.567, 1_234_567.891, 0.000063, 26_780.2]
DAYS = [45_000, 45_000.75, 36_526.5, 61]


def write(sheet: Worksheet, at: str, value: object) -> None:
    """Write a cell; an apostrophe in front makes text, as in Excel."""
    cell = sheet[at]
    if isinstance(value, str) and value.startswith("'"):
        cell.value, cell.data_type = value[1:], "s"
    else:
        cell.value = value


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], tuple]:
    """Return of each call what is stored, and what another engine gives."""
    folder = tmp_path_factory.mktemp("engine")
    path = folder / "calls.xlsx"
    book = openpyxl.Workbook()
    for column, cells in CELLS.items():
        for row, value in enumerate(cells, 1):
            if value is not None:
                write(book.active, f"{column}{row}", value)
    book.active.title = "S"
    sheet = book.create_sheet("Calls")
    calls = [(name, call) for name, all_of in CALLS.items() for call in all_of.split(" | ")]
    for row, (name, call) in enumerate(calls, 1):
        there = re.sub(r'("[^"]*")|\b([A-N]\d+(?::[A-N]\d+)?)\b(?!\()', _on_sheet, call.strip())
        sheet.cell(row, 1).value = f"={'_xlfn.' if name in YOUNGER else ''}{name}({there})"
    book.save(path)
    anew = office.recalculated([path], folder)[0]
    path.write_bytes(store_values(Book.open(path))[0])
    mine, other = (openpyxl.load_workbook(p, data_only=True)["Calls"] for p in (path, anew))
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    return {
        call: (
            mine.cell(row, 1).value,
            model.get_cell_value(1, row, 1) if call[0] in YOUNGEST else other.cell(row, 1).value,
        )
        for row, call in enumerate(calls, 1)
    }


def _on_sheet(found: re.Match[str]) -> str:
    return found[1] or f"S!{found[2]}"


def test_every_trusted_function_is_tried() -> None:
    """The table of calls has each of them, and no other."""
    assert set(CALLS) == PROVEN


def test_calls_are_excels(computed: dict[tuple[str, str], tuple]) -> None:
    """What is stored is the other engine's value, or Excel's where that one departs from it."""
    wrong = {
        call: (mine, other, DEPARTURES.get(call))
        for call, (mine, other) in computed.items()
        if mine is not None and not _agree(mine, DEPARTURES.get(call, other))
    }
    assert not wrong
    needless = [call for call in DEPARTURES if _agree(computed[call][1], DEPARTURES[call])]
    assert not needless


def _agree(mine: object, other: object) -> bool:
    if isinstance(other, datetime):
        other = (other - datetime(1899, 12, 30)).total_seconds() / 86_400
    if isinstance(other, time):
        other = (other.hour * 3600 + other.minute * 60 + other.second) / 86_400
    # LibreOffice saves its own error of an argument out of range as #VALUE!
    return (mine, other) == ("#NUM!", "#VALUE!") or same(mine, "" if other is None else other, 1.0)


def test_what_is_left_out_has_a_reason(computed: dict[tuple[str, str], tuple]) -> None:
    """Conditions over or about errors, odd formats, and what may rest on one of those."""
    left = {call for call, (mine, other) in computed.items() if mine is None and other is not None}
    of_errors = {call for call in left if "G1:G" in call[1]}
    assert of_errors
    assert {name for name, _ in left - of_errors} == {"TEXT", "INDIRECT", "OFFSET"}


def test_formats_are_excels(tmp_path: Path) -> None:
    """Numbers and days in each kind of format that is trusted read as in LibreOffice."""
    path = tmp_path / "formats.xlsx"
    book = openpyxl.Workbook()
    tried = 0
    for column, form in enumerate(FORMATS, 1):
        quoted = form.replace('"', '""')
        for row, value in enumerate(DAYS if form[0] in "ydh" else NUMBERS, 1):
            formula = f'=TEXT({value:.12f},"{quoted}")'
            assert formats_are_proven(formula)
            book.active.cell(row, column).value = formula
            tried += 1
    book.save(path)
    anew = openpyxl.load_workbook(office.recalculated([path], tmp_path)[0], data_only=True).active
    path.write_bytes(store_values(Book.open(path))[0])
    mine = openpyxl.load_workbook(path, data_only=True).active
    found = [(cell.value, anew[cell.coordinate].value) for row in mine for cell in row
             if cell.value is not None]  # fmt: skip
    assert len(found) == tried
    assert [pair for pair in found if pair[0] != pair[1]] == []


DOUBTFUL = {
    "A1": -2.5,
    "A2": "=live_mark*1",
    "B1": "=CEILING(A1,-2)",  # the engine takes -2 for -4
    "B2": "=B1+1",
    "C1": "=CEILING(A2,-2)",
    "C2": "=IFERROR(C1,0)",
    "C3": "=TODAY()-A1",
    "C4": '=SUMIF(D1:D2,">0")',
    "C5": '=SUMIF(D1:D2,">0",A1:A2)',
    "D1": 1,
    "D2": "#N/A",  # typed
    "E1": '=1/3&""',
    "E2": "=SUM(A1:A2)",
}


def test_a_doubtful_value_stays_where_nothing_changed(fill: Fill) -> None:
    """Excel's value of what the engine may get wrong is kept, and forgotten once it is old."""
    path = with_ledger(fill().path, DOUBTFUL)
    filled = refresh_workbook(path, quotes=[cases.a_quote(mark=51_000.0)], clock=cases.clock)
    values = stored(path)
    assert values["B1"] == values["B2"] == 1  # as the file said
    assert values["C1"] is values["C2"] is values["C3"] is values["C5"] is None
    assert values["C4"] == 1  # an error among the cells, but nothing changed
    assert values["E1"] == "0.333333333333333"  # fifteen digits, as Excel writes them
    assert values["E2"] == 51_000 - 2.5
    assert filled.not_computed == [f"Ledger!{at}" for at in ("C1", "C2", "C3", "C5")]


QUOTED = {
    "A1": '=FUNDING_RATE("bybit","BTC")',
    "A2": "=CEILING(A1,0.1)",
    "A3": '=CEILING(FUNDING_RATE("bybit","BTC"),0.1)',
    "A4": "=CEILING(5,1)",
    "B1": 7,
    "B2": "=B1*2",  # stored as 1: somebody changed B1 without a recalculation
    "B3": "=CEILING(B2,1)",
    "B4": "=B3&A2",
}


def test_a_doubtful_value_is_forgotten_with_what_it_rests_on(fill: Fill) -> None:
    """Also where that is a quote that a function reads, or a value that was computed anew."""
    path = with_ledger(fill().path, QUOTED)
    more = {"quotes": [cases.a_quote(mark=51_000.0)], "clock": cases.clock}
    filled = refresh_workbook(path, functions=lambda: {"FUNDING_RATE": lambda *_: 0.5}, **more)
    values = stored(path)
    assert (values["A1"], values["B2"]) == (0.5, 14)
    assert [values[at] for at in ("A2", "A3", "B3", "B4")] == [None] * 4
    assert values["A4"] == 1  # nothing under it
    assert filled.not_computed == [f"Ledger!{at}" for at in ("A2", "A3", "B3", "B4")]
