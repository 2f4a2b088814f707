"""Formulas that the calculation engine cannot compute, and those it is lent functions for."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from tests.workbook import cases
from tests.workbook.damage import packed, unpacked
from tests.workbook.precedents import Precedents
from tests.workbook.reading import Shown
from tests.workbook.test_commands import run
from udfs.outside_excel import functions
from xlhedge.quotes import Status
from xlhedge.workbook import Filled, new_workbook, refresh_workbook
from xlhedge.workbook.book import Book
from xlhedge.workbook.calculation import calculated
from xlhedge.workbook.engine_limits import TEMPLATE
from xlhedge.workbook.precedents import Dependents, Formula, without_texts
from xlhedge.workbook.template import template_path

Fill = Callable[..., Filled]
LEDGER = {
    "A1": 5,
    "A2": 50_000,
    "B1": "=HEDGE_CONTRACTS(A1,A2,100)",
    "B2": "=B1*2",
    "B3": "=IFERROR(HEDGE_CONTRACTS(A1,A2,100),0)",
    "B4": "=HEDGE_CONTRACTS(A1,-1,100)",
    "B5": "=SUM(B1:B3)+out_contracts",
    "C1": "=OTHERS_FUNCTION(A1)",
    "C2": "=IFERROR(OTHERS_FUNCTION(A1),0)",
    "C3": "=IF(C2>0,1,2)",
    "C4": "=COUNT(C1:C3)",
    "C5": "=IFERROR(SUM(C1:C4),7)",
    "C6": '=INDIRECT("C"&A1)',
    "D1": "=A1+1",
    "D2": '="OTHERS_FUNCTION(1)"',
    "E1": "=INVERSE_PNL(2500,100,50000,40000,,)",
}


def with_ledger(path: Path, cells: dict[str, object]) -> Path:
    """Add a sheet of one's own to a workbook, with a good value beside each formula."""
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("Ledger")
    for at, value in cells.items():
        sheet[at] = value
    book.save(path)
    part = f"xl/worksheets/sheet{len(book.sheetnames)}.xml"
    parts = unpacked(path.read_bytes())
    parts[part] = re.sub(rb"<v */>|<v></v>", b"<v>1</v>", parts[part])
    path.write_bytes(packed(parts))
    return path


def stored(path: Path) -> dict[str, object]:
    """Return the stored values of the added sheet."""
    sheet = openpyxl.load_workbook(path, data_only=True)["Ledger"]
    return {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row}


def test_what_rests_on_an_unknown_function_has_no_value(fill: Fill) -> None:
    """Neither a wrong number, such as the 0 of IFERROR, nor the old one."""
    path = with_ledger(fill().path, LEDGER)
    filled = refresh_workbook(path, quotes=[cases.a_quote(mark=51_000.0)], clock=cases.clock)
    values = stored(path)
    unknown = ["B1", "B2", "B3", "B4", "B5", "C1", "C2", "C3", "C4", "C5", "C6", "E1"]
    assert {at: values[at] for at in unknown} == dict.fromkeys(unknown)
    assert (values["D1"], values["D2"]) == (6, "OTHERS_FUNCTION(1)")
    assert filled.not_computed == [f"Ledger!{at}" for at in sorted(unknown, key=_by_row)]
    assert filled.results["out_contracts"] == 250_000


def _by_row(at: str) -> tuple[int, str]:
    return int(at[1:]), at[0]


def test_what_rests_on_a_name_that_moves_has_no_value(fill: Fill) -> None:
    """A name of relative or computed references is Excel's to resolve."""
    path = fill().path
    book = openpyxl.load_workbook(path)
    for name, text in (("left", "Ledger!A1"), ("rates", "OFFSET(Ledger!$A$1,0,0,2,1)")):
        book.defined_names[name] = DefinedName(name, attr_text=text)
    book.save(path)
    cells = {"A1": 1, "A2": 2, "B1": "=IFERROR(left,0)", "B2": "=IFERROR(SUM(rates),0)+1",
             "B3": "=SUM(B1:B2)", "B4": '=A1&"left"'}  # fmt: skip
    refresh_workbook(with_ledger(path, cells), quotes=[cases.a_quote()], clock=cases.clock)
    values = stored(path)
    assert [values[f"B{row}"] for row in range(1, 5)] == [None, None, None, "1left"]


def test_functions_of_ours_are_computed(fill: Fill) -> None:
    """What only Excel would ask the add-in is asked here; others' functions stay unknown."""
    path = with_ledger(fill().path, LEDGER)
    quotes = [cases.a_quote(mark=51_000.0)]
    refresh_workbook(path, quotes=quotes, clock=cases.clock, functions=functions)
    values = stored(path)
    assert [values[f"B{row}"] for row in range(1, 6)] == [2500, 5000, 2500, "#NUM!", 260_000]
    assert values["C2"] is values["C3"] is values["C5"] is None
    assert values["E1"] is None  # an argument left out in the middle: the engine would take 0


def test_functions_are_loaded_only_where_needed(fill: Fill) -> None:
    """A workbook of the template's formulas asks for none."""

    def fail() -> dict[str, Callable[..., object]]:
        raise AssertionError

    filled = refresh_workbook(
        fill().path, quotes=[cases.a_quote(mark=51_000.0)], clock=cases.clock, functions=fail
    )
    assert filled.not_computed == []


def test_the_commands_lend_them(fill: Fill, tmp_path: Path) -> None:
    """``xlhedge refresh`` computes calls of ours, and says which formulas it could not."""
    cells = {"A1": "=HEDGE_NOTIONAL(5,50000)", "A2": "=OTHERS_FUNCTION(1)", "A3": "=A2"}
    path = with_ledger(fill().path, cells)
    done = run(tmp_path, None, "refresh", path, "--offline")
    assert done.returncode == 0, done.stderr
    assert stored(path) == {"A1": 250_000, "A2": None, "A3": None}
    assert "2 formulas rest on functions that only Excel knows" in done.stderr
    assert "(Ledger!A2, ...)" in done.stderr


def test_the_path_of_an_add_in_is_no_hindrance(fill: Fill) -> None:
    """As Excel writes the call of an installed add-in's function."""
    cells = {"A1": "=_xll.HEDGE_NOTIONAL(5,50000)", "A2": "='C:\\x\\xlhedge.xlam'!BASIS(2,1)"}
    path = with_ledger(fill().path, cells)
    refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock, functions=functions)
    assert stored(path) == {"A1": 250_000, "A2": 1}
    assert openpyxl.load_workbook(path)["Ledger"]["A1"].value == cells["A1"]


def test_arrays_and_data_tables(fill: Fill) -> None:
    """All cells of an array follow; a data table's values are left to Excel."""
    path = with_ledger(
        fill().path,
        {
            "A1": ArrayFormula("A1:A2", "=Hedge!H27:H28*1"),
            "A2": 1,
            "A3": "=A2+0",
            "C1": DataTableFormula(ref="C1:C2", dt2D=False, r1="D1", t="dataTable"),
            "C2": 3,
            "C3": "=C2+1",
            "D1": "=out_contracts",
        },
    )
    refresh_workbook(path, quotes=[cases.a_quote(index=40_000.0)], clock=cases.clock)
    values, shown = stored(path), Shown(path)
    assert values["D1"] == shown.value("out_contracts") == 200_000
    assert values["A1"] == shown.value("out_contracts")
    assert values["A2"] == values["A3"] == shown.value("out_coverage")
    assert values["C2"] is values["C3"] is None


def test_text_of_a_function_is_fit_for_a_cell(fill: Fill) -> None:
    """What a function gives may hold what XML cannot carry, and more than a cell can hold."""
    given = {"HOSTILE": lambda: "=1+1\x07\x1b[31m", "ENDLESS": lambda: "a" * 40_000}
    path = with_ledger(fill().path, {"A1": "=HOSTILE()", "A2": "=ENDLESS()"})
    quotes = [cases.a_quote(mark=51_000.0)]
    refresh_workbook(path, quotes=quotes, clock=cases.clock, functions=lambda: given)
    assert stored(path) == {"A1": "=1+1\ufffd\ufffd[31m", "A2": "a" * 32_767}


def test_days_may_count_from_1904(tmp_path: Path) -> None:
    """As in workbooks that began on an old Mac: the times shown are the same."""
    parts = unpacked(template_path().read_bytes())
    head = re.sub(rb"<workbookPr[^>]*/>", b'<workbookPr date1904="1"/>', parts["xl/workbook.xml"])
    template, path = tmp_path / "template.xlsx", tmp_path / "book.xlsx"
    template.write_bytes(packed(parts | {"xl/workbook.xml": head}))
    assert Book.open(template).starts_1904
    quotes = [cases.a_quote(status=Status.STALE)]
    new_workbook(path, inputs=cases.POSITION, quotes=quotes, clock=cases.clock, template=template)
    shown = Shown(path)
    assert "bybit BTCUSD, 2026-11-23 18:29 UTC" in str(shown.value("out_status"))
    assert shown.value("out_verdict").startswith("STALE data of 2026-11-23 18:29 UTC")


def test_elements_may_have_a_prefix(fill: Fill) -> None:
    """As some programs write them: every formula is computed all the same."""
    path = with_ledger(fill().path, {"A1": "=out_contracts", "A2": "=IFERROR(OTHERS(1),0)"})
    parts = unpacked(path.read_bytes())
    for name in [name for name in parts if re.fullmatch(r"xl/worksheets/sheet\d\.xml", name)]:
        part = parts[name].replace(b"<?xml ", b"<!xml ")  # not an element
        part = re.sub(rb"<(/?)(?=[A-Za-z][A-Za-z0-9]*[\s/>])", rb"<\1x:", part)
        part = part.replace(b' xmlns="', b' xmlns:x="', 1).replace(b"<!xml ", b"<?xml ")
        parts[name] = part
    path.write_bytes(packed(parts))
    refresh_workbook(path, quotes=[cases.a_quote(index=40_000.0)], clock=cases.clock)
    assert stored(path) == {"A1": 200_000, "A2": None}
    assert Shown(path).value("out_contracts") == 200_000


def test_the_template_needs_no_probe() -> None:
    """Every function of the template is known, so that a refresh asks the engine nothing."""
    book = Book.open(template_path())
    assert calculated(book).lacking == frozenset()
    texts = "\n".join(text for title in book.titles() for text in book.formula_texts(title))
    bare = re.sub(r'"[^"]*"', '""', texts)
    assert set(re.findall(r"([A-Z][A-Z.]*)\(", bare)) == TEMPLATE


@pytest.mark.parametrize("seed", range(4))
def test_precedents_are_never_too_few(seed: int) -> None:
    """Beside a reading of the same formulas with openpyxl's tokens, from random cells on."""
    book = Book.open(template_path())
    reference = Precedents(openpyxl.load_workbook(template_path()))
    draw = random.Random(seed)
    given = set(draw.sample(sorted(reference.formulas), 3))
    formulas = {place: Formula(without_texts(text)) for place, text in reference.formulas.items()}
    found = Dependents(formulas, book.titles(), book.known_names).all_of(given)
    assert found == reference.resting_on(given)


def test_references_of_every_kind() -> None:
    """Whole columns and rows, other sheets, names of names, tables, other workbooks."""
    formulas = {
        "SUM(B:B)": True, "SUM(2:2)": True, "SUM($A$1:$C$9)": True, "Data!B2": True,
        "'Data'!$B$2": True, "data!b2+1": True, "SUM(First:Last!B2)": True, "twice": True,
        "Table1[x]": True, 'INDIRECT("x")': True, "OFFSET(A1,1,1)": True,
        "B3": False, "Other!B2": False, '"B2"': False, "[1]Data!B2": False, "B2(1)": False,
        "'[1]Data'!B2": False, "BB2": False, "SUM(C:H)": False, "LOG10(A1)": False,
    }  # fmt: skip
    names = {"twice": "once*2", "once": "Data!$B$2", "table1": "'Data'!A1:C5"}
    places = {("Data", row, 9): text for row, text in enumerate(formulas, 20)}
    bare = {place: Formula(without_texts(text)) for place, text in places.items()}
    found = Dependents(bare, ["Data", "Other", "First", "Last"], names).all_of([("Data", 2, 2)])
    assert {places[place] for place in found} == {text for text, rests in formulas.items() if rests}


MOVED = [
    ("A1", 1, 1, True), ("A1", 1, 0, False), ("B1", 1, 0, True), ("B$1", 1, 0, False),
    ("$A1", 1, 1, False), ("$B1", 1, 1, True), ("A$2", 1, 1, True), ("$B$2", 7, 7, True),
    ("SUM(A1:A2)", 0, 1, True), ("SUM(A1:A$2)", 9, 1, True), ("SUM(C3:D4)", -1, -1, True),
    ("SUM(A:A)", 0, 1, True), ("SUM($A:$A)", 0, 1, False), ("SUM(1:1)", 1, 0, True),
    ("SUM($1:$1)", 1, 0, False), ("Data!A1", 1, 1, True), ("here", 5, 5, True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "rows", "columns", "rests"), MOVED)
def test_references_move_with_a_shared_formula(
    text: str, rows: int, columns: int, rests: bool
) -> None:
    """But not those with a dollar, nor names."""
    formulas = {("Data", 30, 30): Formula(text, rows, columns)}
    found = Dependents(formulas, ["Data"], {"here": "Data!$B$2"}).all_of([("Data", 2, 2)])
    assert bool(found) == rests


LEDGERS = ["A{n}+1", "SUM(A1:A{n})", "SUM(A{n}:A{m})", "SUM(B:B)", "SUM(A{n}:ZZ{n})"]


@pytest.mark.parametrize("text", LEDGERS)
def test_many_formulas_are_followed(text: str) -> None:
    """20,000 formulas of the shapes that fill a ledger, and as many unknown cells."""
    rows = range(1, 20_001)
    formulas = {("L", n, 30): Formula(text.format(n=n, m=n + 40)) for n in rows}
    found = Dependents(formulas, ["L"], {}).all_of([("L", n, 1) for n in rows])
    assert len(found) == (0 if text == "SUM(B:B)" else len(rows))
