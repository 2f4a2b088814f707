"""Copies without the add-in: native formulas that agree with the functions, values elsewhere."""

from __future__ import annotations

import io
import random
import re
import zipfile

import formualizer
import openpyxl
import pytest
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.datavalidation import DataValidation

import udfs
from tests.addin.saved_by_excel import ELSEWHERE, saved
from tests.workbook.damage import packed, unpacked
from tests.workbook.lint import problems
from udfs.addin.formula_calls import Rewriter, has_call
from udfs.addin.native import NATIVE, NoNativeFormula, native_formula
from udfs.addin.share import share
from udfs.declaration import DECLARED
from xlhedge.cli import main
from xlhedge.errors import WorkbookError
from xlhedge.workbook.book import Book

WORDS = {
    "side": ["", '"short"', '"LONG"', '"b"'],
    "currency": ["", '"coin"', '"usd"'],
    "size_unit": ["", '"quote"', '"base"'],
    "rounding": ["", '"nearest"'],
    "contract_type": ["", '"inverse"'],
}
NUMBERS = {
    "funding_rate": [0.0001, -0.0003, 0.0],
    "maintenance_rate": [0.005, 0.0],
    "maintenance_amount": [0.0, 0.01],
    "open_fee": [0.0005, -0.0001],
    "close_fee": [0.0005, 0.0],
    "hedge_ratio": [1.0, 0.5, 0.0],
    "lot_size": [1.0, 0.1, 10.0],
}
ODD = [0.0, -1.0, "text", True, None]


def _drawn(name: str, random_: random.Random) -> tuple[list, list[str]]:
    """Return the cells of a call's numbers, and its arguments as they stand in a formula."""
    cells, texts = [], []
    for argument in DECLARED[name].arguments:
        if argument.name in WORDS:
            texts.append(random_.choice(WORDS[argument.name]))
            continue
        good = NUMBERS.get(argument.name, [random_.uniform(0.5, 90_000.0)])
        odd = random_.random() < 0.15
        cells.append(random_.choice(ODD) if odd else random_.choice(good))
        texts.append(None)
    return cells, texts


@pytest.mark.parametrize("name", NATIVE)
def test_native_formula_gives_what_the_function_gives(name):
    """Forty drawn calls: equal numbers, and an error wherever the function has one."""
    random_ = random.Random(name)
    book = openpyxl.Workbook()
    sheet = book.active
    expected = []
    for row in range(1, 41):
        cells, texts = _drawn(name, random_)
        sheet.append(cells)
        columns = iter("ABCDEFGHIJ")
        texts = [f"{next(columns)}{row}" if text is None else text for text in texts]
        values = iter(cells)
        arguments = [
            (text.strip('"') or None) if argument.name in WORDS else next(values)
            for argument, text in zip(DECLARED[name].arguments, texts, strict=True)
        ]
        expected.append(getattr(udfs, name)(*arguments))
        sheet.cell(row, 12).value = f"={native_formula(name, texts)}"
    packed = io.BytesIO()
    book.save(packed)
    computed = formualizer.recalculate_xlsx_bytes(packed.getvalue())["bytes"]
    values = openpyxl.load_workbook(io.BytesIO(computed), data_only=True).active
    shown = [values.cell(row, 12).value for row in range(1, 41)]
    assert sum(not isinstance(one, str) for one in expected) >= 8
    for row, (got, wanted) in enumerate(zip(shown, expected, strict=True), 1):
        if isinstance(wanted, str):
            assert isinstance(got, str), (row, got, wanted)
            assert got.startswith("#")
        else:
            assert got == pytest.approx(wanted, rel=1e-9, abs=1e-12), row


@pytest.mark.parametrize(
    ("formula", "after"),
    [
        ("BASIS(50500,50000)", "((50500-50000)/50000)"),
        ("1+[2]!BASIS(50500,50000)*2", "1+((50500-50000)/50000)*2"),
        ("FUNDING_APR(0.0001,8)", "(0.0001*24/8*365)"),
        ('INVERSE_PNL(2500,100,50000,40000,"S","usd")', "((40000-50000)*(-2500*100/50000))"),
        ("SPOT_PNL(5,50000,SUM(A1,1))", None),
        ("SPOT_PNL(5,50000,MAX(A1:A9))", None),
        ("SPOT_PNL(5,50000,{1;2})", None),
        ("SPOT_PNL(5,50000,block)", None),
        ("SPOT_PNL(5,50000,0)", None),
        ("INVERSE_PNL(2500,100,50000,40000,B1)", None),
        ('HEDGE_CONTRACTS(5,50000,100,,,,"up")', None),
        ("LIQUIDATION_AT_LEVERAGE(50000,3,0.005)", None),
        ('FUNDING_RATE("bybit","BTC")', None),
        ("SPOT_PNL(5,50000)", None),
        ("SPOT_PNL(1,2,3,4)", None),
    ],
)
def test_calls_inside_formulas(formula, after):
    """A call becomes a formula where it stands; what has none says why."""
    rewriter = Rewriter(lambda name: name == "cell")
    assert has_call(formula)
    if after is not None:
        assert rewriter.rewritten(formula) == after
    elif formula == "SPOT_PNL(5,50000,SUM(A1,1))":
        assert "SUM(A1,1)" in rewriter.rewritten(formula)
    else:
        with pytest.raises(NoNativeFormula):
            rewriter.rewritten(formula)


@pytest.mark.parametrize("formula", ["SUM(A1)", '"BASIS(1,2)"', "MY_BASIS(1,2)", "BASIS"])
def test_other_formulas_are_left_alone(formula):
    """Texts and functions of others that only look like ours are no calls."""
    assert not has_call(formula)


@pytest.fixture
def book(tmp_path):
    """A workbook with calls of every kind that Excel saves."""
    cells = {
        "A1": ("[1]!HEDGE_NOTIONAL(B1,B2)", 250000),
        "A2": ('[1]!FUNDING_RATE("bybit","BTC")', 0.0001),
        "A3": ("[1]!HEDGE_ADVICE(0.0001,8,30)", "Keep the perpetual: <0.01 %"),
        "A4": ("[1]!LIQUIDATION_AT_LEVERAGE(50000,1,0.005)", "#N/A"),
        "A5": ("[1]!INVERSE_PNL(2500,100,50000,B1:B2)", 1.25),
        "A6": ("", 0.5),
        "A7": ("[1]!BASIS(B2,B2+$B$1)", -0.0001),
        "A8": ("", -0.0002),
        "A9": ("SUM(B1:B2)", 50005),
        "B1": ("", 5),
        "B2": ("", 50000),
        "B3": ("", 40000),
    }
    attributes = {
        "A5": 't="array" ref="A5:A6"',
        "A7": 't="shared" ref="A7:A8" si="0"',
        "A8": 't="shared" si="0"',
    }
    return saved(tmp_path / "book.xlsx", cells, attributes=attributes)


def test_copy_calls_nothing_and_keeps_every_value(book, tmp_path):
    """Formulas where there are equal ones, values elsewhere; the source stays as it is."""
    before = book.read_bytes()
    done = share(book, tmp_path / "copy.xlsx")
    assert book.read_bytes() == before
    formulas = openpyxl.load_workbook(tmp_path / "copy.xlsx").active
    values = openpyxl.load_workbook(tmp_path / "copy.xlsx", data_only=True).active
    assert formulas["A1"].value.startswith("=IF(AND(B1>0,B2>0)")
    assert formulas["A2"].value == 0.0001
    assert formulas["A3"].value == "Keep the perpetual: <0.01 %"
    assert formulas["A4"].value == "#N/A"
    assert [formulas[at].value for at in ("A5", "A6")] == [1.25, 0.5]
    assert "(B2+$B$1)" in formulas["A7"].value
    assert "(B3+$B$1)" in formulas["A8"].value
    assert formulas["A9"].value == "=SUM(B1:B2)"
    for at, value in (("A1", 250000), ("A7", -0.0001), ("A8", -0.0002), ("A9", 50005)):
        assert values[at].value == value
    assert {one.where.removeprefix("Data!") for one in done.replaced} == {
        "A1", "A2", "A3", "A4", "A5", "A7", "A8",
    }  # fmt: skip
    assert done.line == "3 cell(s) with native formulas, 4 with values"


def test_link_to_the_addin_goes_with_the_last_call(book, tmp_path):
    """The copy asks nobody to update links, and is a package that other programs can read."""
    share(book, tmp_path / "copy.xlsx")
    with zipfile.ZipFile(tmp_path / "copy.xlsx") as archive:
        names = archive.namelist()
        text = b"".join(archive.read(name) for name in names)
    assert not any("externalLink" in name for name in names)
    assert b"externalLink" not in text
    assert b"xlhedge.xlam" not in text
    Book.open(tmp_path / "copy.xlsx")


def test_link_that_others_are_counted_after_stays(tmp_path):
    """Taking out [1] would make [2] another workbook: it stays, and [2] keeps its number."""
    cells = {"A1": ("[1]!BASIS(2,1)", 1), "A2": ("[2]Sheet1!$A$1", 7)}
    book = saved(tmp_path / "book.xlsx", cells, links=(ELSEWHERE, "prices.xlsx"))
    share(book, tmp_path / "copy.xlsx")
    copy = openpyxl.load_workbook(tmp_path / "copy.xlsx", keep_links=True)
    assert copy.active["A2"].value == "=[2]Sheet1!$A$1"
    with zipfile.ZipFile(tmp_path / "copy.xlsx") as archive:
        assert "xl/externalLinks/externalLink2.xml" in archive.namelist()


def test_call_without_a_stored_value_is_refused(tmp_path):
    """A value that was never computed cannot be shared; nothing is written."""
    book = saved(tmp_path / "book.xlsx", {"A1": ('[1]!MARK_PRICE("bybit","BTC")', None)})
    with pytest.raises(WorkbookError, match="Data!A1 has no stored value"):
        share(book, tmp_path / "copy.xlsx")
    assert not (tmp_path / "copy.xlsx").exists()


def test_calls_outside_cells_are_said(tmp_path):
    """A conditional format that calls a function cannot become a value: it is named."""
    rule = (
        '<conditionalFormatting sqref="A1"><cfRule type="expression" priority="1">'
        "<formula>[1]!BASIS(A1,1)&gt;0</formula></cfRule></conditionalFormatting>"
    )
    book = saved(tmp_path / "book.xlsx", {"A1": ("[1]!BASIS(2,1)", 1)}, extra=rule)
    done = share(book, tmp_path / "copy.xlsx")
    assert done.left == ["a conditional format of Data"]
    with zipfile.ZipFile(tmp_path / "copy.xlsx") as archive:
        assert "xl/externalLinks/externalLink1.xml" in archive.namelist()


def test_macro_workbook_is_shared_without_its_macros(macro_book, tmp_path):
    """From .xlsm to .xlsx: no VBA, no button, the same cells."""
    share(macro_book, tmp_path / "copy.xlsx")
    with zipfile.ZipFile(tmp_path / "copy.xlsx") as archive:
        names = archive.namelist()
        types = archive.read("[Content_Types].xml")
    assert "xl/vbaProject.bin" not in names
    assert "xl/drawings/xlhedge_button.vml" not in names
    assert b"macroEnabled" not in types
    old, new = (
        openpyxl.load_workbook(path, data_only=True)["Hedge"]
        for path in (macro_book, tmp_path / "copy.xlsx")
    )
    assert [[c.value for c in row] for row in new] == [[c.value for c in row] for row in old]


def test_a_live_value_says_what_it_is(book, tmp_path):
    """Selected, the value of a live function tells its formula and the time of the copy."""
    out = tmp_path / "copy.xlsx"
    assert main(["share", str(book), str(out)]) == 0
    sheet = openpyxl.load_workbook(out).active
    (rule,) = sheet.data_validations.dataValidation
    assert (str(rule.sqref), rule.type, rule.promptTitle) == ("A2", None, "Frozen value")
    moment = r"20\d\d-\d\d-\d\d \d\d:\d\d UTC"
    said = f"As the workbook showed it when this copy was made, {moment}; not live. "
    assert re.fullmatch(said + r'=FUNDING_RATE\("bybit","BTC"\)', rule.prompt)
    assert sheet["A2"].value == 0.0001
    assert problems(out) == []


@pytest.mark.parametrize("reference", ["A2", "A1:B9", "D4 A2:A3"])
def test_a_validation_of_ones_own_stays(book, tmp_path, reference, capsys):
    """A cell with a validation keeps it, which is told; another cell's note joins the list."""
    path = tmp_path / "book.xlsx"
    workbook = openpyxl.load_workbook(book)
    workbook.active["C5"] = '=FUNDING_INTERVAL("bybit","BTC")'
    rule = DataValidation(type="decimal", operator="lessThan", formula1="1")
    workbook.active.add_data_validation(rule)
    rule.sqref = MultiCellRange(reference)
    workbook.save(path)
    parts = unpacked(path.read_bytes())
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = re.sub(rb"<v ?/>|<v></v>", b"<v>8</v>", parts[sheet])
    path.write_bytes(packed(parts))
    out = tmp_path / "copy.xlsx"
    assert main(["share", str(path), str(out)]) == 0
    rules = openpyxl.load_workbook(out).active.data_validations.dataValidation
    assert {(str(one.sqref), one.type) for one in rules} == {
        (str(rule.sqref), "decimal"), ("C5", None),
    }  # fmt: skip
    said = capsys.readouterr()
    assert "1 cell(s) with live functions say what they were" in said.out
    assert re.search(r"Data!A2: a live value of 20.* UTC, which the cell does not say", said.err)
    assert problems(out) == []


def test_command_lists_what_it_replaced(book, tmp_path, capsys):
    """Every replaced cell has its line; a copy that exists is not replaced unasked."""
    out = tmp_path / "copy.xlsx"
    assert main(["share", str(book), str(out)]) == 0
    output = capsys.readouterr().out
    assert 'Data!A2: =[1]!FUNDING_RATE("bybit","BTC") -> 0.0001  (value:' in output
    assert "3 cell(s) with native formulas, 4 with values" in output
    assert main(["share", str(book), str(out)]) == 1
    assert main(["share", str(book), str(out), "--force"]) == 0
    assert main(["share", str(book), str(book), "--force"]) == 1
    assert main(["share", str(book), str(tmp_path / "copy.pdf")]) == 1
