"""A company's own workbook: names at any places, among anything else, filled and refreshed."""

from __future__ import annotations

import random
import re
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from tests.workbook import cases
from tests.workbook.company import company_workbook
from tests.workbook.damage import packed, unpacked
from tests.workbook.lint import problems
from tests.workbook.reading import Shown
from tests.workbook.test_commands import run
from xlhedge.errors import WorkbookError
from xlhedge.workbook import names, new_workbook, read_inputs, refresh_workbook, wanted
from xlhedge.workbook.bags import BAG_HEADERS

DOCS = Path(__file__).parents[2] / "docs" / "own-template.md"
TITLES = ["Our sheet", "O'Brien & Co <1>", "Données", "2026", "A1", "x" * 31]
TABLES = {
    "funding_table": ["venue", "symbol", "funding rate", "status", "quote time", "note", "desk"],
    "history_table": ["time", "rate", "kind", "ours"],
    "scenario_table": ["exit", "move", "net"],
}
SINGLE = [*names.INPUTS, *names.USED, *names.LIVE, *names.RESULTS, *names.IDENTITY]
FORMULAS = {
    "use_entry_price": '=IF(in_entry_price="",live_index,in_entry_price)',
    "use_funding_rate": '=IF(in_funding_rate="",live_funding_rate,in_funding_rate)',
    "out_contracts": "=ROUND(in_quantity*use_entry_price/live_contract_size,0)",
    "out_notional": "=out_contracts*live_contract_size",
}


def drawn_workbook(path: Path, seed: int) -> dict[tuple[str, str], object]:
    """Write a workbook with the contract's names at random places; return its other cells."""
    draw = random.Random(seed)
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title in draw.sample(TITLES, draw.randint(1, 4)):
        book.create_sheet(title)
    book.create_sheet("Notes")
    others: dict[tuple[str, str], object] = {}

    def write(sheet: Worksheet, row: int, column: int, value: object) -> None:
        cell = sheet.cell(row, column)
        cell.value = value
        others[sheet.title, cell.coordinate] = value

    for sheet in book:  # something of the company's own on every sheet
        for row in range(1, 260, 7):
            value = draw.choice(["=1+1", "text, not ours", 3.5, True])
            write(sheet, row, draw.randint(1, 60), value)
    taken = set(others)
    for name in draw.sample(SINGLE, len(SINGLE)):
        while True:
            sheet = draw.choice(book.worksheets)
            cell = sheet.cell(draw.choice([1, 2, 99, 250, 5000]), draw.randint(1, 700))
            if (sheet.title, cell.coordinate) not in taken:
                break
        taken.add((sheet.title, cell.coordinate))
        cell.value = FORMULAS.get(name)
        _define(book, name, sheet, f"${cell.column_letter}${cell.row}")
        if name == "xlhedge_schema":
            cell.value = names.SCHEMA
    for number, (name, headers) in enumerate(TABLES.items()):
        sheet = draw.choice(book.worksheets)
        top, left = draw.randint(300, 390) + 100 * number, draw.randint(1, 50)
        for column, header in enumerate(draw.sample(headers, len(headers)), left):
            write(sheet, top, column, draw.choice([header, header.upper(), f" {header} "]))
            if header in ("desk", "ours"):
                for row in range(top + 1, top + 7):
                    write(sheet, row, column, f"kept {row}")
        where = (f"${get_column_letter(left)}${top}:"
                 f"${get_column_letter(left + len(headers) - 1)}${top + 6}")  # fmt: skip
        _define(book, name, sheet, where)
    book.save(path)
    return others


def _define(book: openpyxl.Workbook, name: str, sheet: object, where: str) -> None:
    text = f"{quote_sheetname(sheet.title)}!{where}"
    book.defined_names[name] = DefinedName(name, attr_text=text)


@pytest.mark.parametrize("seed", range(8))
def test_names_at_any_place_among_anything(tmp_path: Path, seed: int) -> None:
    """Filled and refreshed by name; every other cell is what it was."""
    template, out = tmp_path / "company.xlsx", tmp_path / "out.xlsx"
    others = drawn_workbook(template, seed)
    new_workbook(out, inputs=cases.POSITION, quotes=[cases.a_quote()],
                 history=cases.settlements(), clock=cases.clock, template=template)  # fmt: skip
    quote = cases.a_quote(mark=61_010.0, index=61_000.0, funding_rate=-0.0002)
    refresh_workbook(out, quotes=[quote], history=cases.settlements(), clock=cases.clock)
    shown = Shown(out)
    assert shown.value("live_mark") == 61_010
    assert shown.value("use_funding_rate") == -0.0002
    contracts = round(cases.POSITION["in_quantity"] * 61_000 / quote.contract_size)
    assert shown.value("out_contracts") == contracts
    assert shown.value("out_notional") == contracts * quote.contract_size
    assert read_inputs(out)["in_quantity"] == cases.POSITION["in_quantity"]
    header, first, *_ = shown.block("funding_table")
    row = dict(zip((str(h).strip().lower() for h in header), first, strict=True))
    assert (row["venue"], row["symbol"], row["status"]) == (quote.venue, quote.symbol, "LIVE")
    assert row["funding rate"] == -0.0002
    header, *rows = shown.block("history_table")
    rates = [row[[str(h).strip().lower() for h in header].index("rate")] for row in rows]
    newest = sorted(cases.settlements(), key=lambda one: one.time, reverse=True)
    wanted = [settled.rate for settled in newest[: len(rows)]]
    assert rates == wanted + [None] * (len(rows) - len(wanted))
    book = openpyxl.load_workbook(out)
    for (title, at), value in others.items():
        assert book[title][at].value == value, (title, at)
    assert problems(out) == []


@pytest.mark.parametrize(("schema", "words"), [(2, "follows schema 2.0"), ("x", "schema 'x'")])
def test_names_of_another_meaning_are_refused(tmp_path: Path, schema: object, words: str) -> None:
    """A template that says nothing gets the present number; one of another number is refused."""
    template, out = company_workbook(tmp_path / "company.xlsx"), tmp_path / "out.xlsx"
    book = openpyxl.load_workbook(template)
    at = book.defined_names["xlhedge_schema"].attr_text.split("!")[1].replace("$", "")
    more = {"inputs": cases.POSITION, "quotes": [cases.a_quote()], "clock": cases.clock}
    book.active[at] = None
    book.save(template)
    new_workbook(out, template=template, **more)
    assert Shown(out).value("xlhedge_schema") == names.SCHEMA
    book.active[at] = schema
    book.save(template)
    with pytest.raises(WorkbookError, match=words):
        new_workbook(out, template=template, force=True, **more)


@pytest.mark.parametrize(
    ("width", "headers"),
    [
        (4, ["venue", "symbol", "funding rate", "status"]),
        (6, ["venue", "symbol", "coin", "contract type", "funding rate", "status"]),
    ],
)
def test_an_empty_block_gets_its_headers(tmp_path: Path, width: int, headers: list[str]) -> None:
    """Needed headers first, in the usual order; a block that is too narrow is refused."""
    template, out = company_workbook(tmp_path / "company.xlsx"), tmp_path / "out.xlsx"
    book = openpyxl.load_workbook(template)
    sheet = book.active
    last = get_column_letter(49 + width)
    _define(book, "funding_table", sheet, f"$AX$100:${last}$103")
    _define(book, "history_table", sheet, "$AX$200:$AY$203")
    book.save(template)
    more = {"inputs": cases.POSITION, "quotes": [cases.a_quote()], "clock": cases.clock,
            "history": cases.settlements()}  # fmt: skip
    new_workbook(out, template=template, **more)
    shown = Shown(out)
    first, row, *_ = shown.block("funding_table")
    assert first == headers
    assert row[:2] == ["bybit", "BTCUSD"]
    assert shown.block("history_table")[0] == ["time", "rate"]
    assert len([row for row in shown.block("history_table")[1:] if row[1] is not None]) == 3
    refresh_workbook(out, quotes=[cases.a_quote(funding_rate=0.0003)], clock=cases.clock)
    rates = [row[headers.index("funding rate")] for row in Shown(out).block("funding_table")]
    assert rates[1] == 0.0003
    for block, lacking in (("$AX$100:$AZ$103", "status"), ("$AX$300:$XFD$1048576", "venue, symb")):
        _define(book, "funding_table", sheet, block)
        book.save(template)
        words = f"the header row of funding_table lacks {lacking}"
        with pytest.raises(WorkbookError, match=words):
            new_workbook(out, template=template, force=True, **more)


def test_an_empty_block_of_bags(tmp_path: Path) -> None:
    """Bags get their headers with them, and are read by the next refresh."""
    template, out = company_workbook(tmp_path / "company.xlsx"), tmp_path / "out.xlsx"
    book = openpyxl.load_workbook(template)
    _define(book, "bags_table", book.active, "$AX$100:$BD$103")
    book.save(template)
    bag = {"coin": "ETH", "quantity": 40, "venue": "bybit", "symbol": "ETHUSD", "hedge ratio": 1,
           "leverage": 3}  # fmt: skip
    more = {"quotes": [cases.a_quote()], "clock": cases.clock}
    new_workbook(out, inputs=cases.POSITION, bags=[bag], template=template, **more)
    header, first, second, _ = Shown(out).block("bags_table")
    assert tuple(header) == BAG_HEADERS
    assert first[0] == "ETH"
    assert second == [None] * 7
    assert wanted(out) == [("bybit", "BTCUSD"), ("bybit", "ETHUSD")]
    refresh_workbook(out, **more)


def test_a_table_of_excels_is_a_block(tmp_path: Path) -> None:
    """A table that is called funding_table is filled like the cells of such a name."""
    template, out = company_workbook(tmp_path / "company.xlsx"), tmp_path / "out.xlsx"
    book = openpyxl.load_workbook(template)
    sheet = book.active
    for column, word in enumerate(("venue", "symbol", "funding rate", "status", "ours"), 50):
        sheet.cell(100, column, word)
    del book.defined_names["funding_table"]
    sheet.add_table(Table(displayName="Funding_Table", ref="AX100:BB104"))
    book.save(template)
    new_workbook(out, inputs=cases.POSITION, quotes=[cases.a_quote()], clock=cases.clock,
                 template=template)  # fmt: skip
    quote = cases.a_quote(funding_rate=0.0003)
    refresh_workbook(out, quotes=[quote], clock=cases.clock)
    found = openpyxl.load_workbook(out, data_only=True).active
    row = [found.cell(101, column).value for column in range(50, 55)]
    assert row == ["bybit", "BTCUSD", 0.0003, "LIVE", None]
    assert problems(out) == []


def test_whole_columns(tmp_path: Path) -> None:
    """A block down to the last row of a sheet is filled like a short one, as fast."""
    template, out = company_workbook(tmp_path / "company.xlsx"), tmp_path / "out.xlsx"
    book = openpyxl.load_workbook(template)
    sheet = book.active
    for column, word in enumerate(("venue", "symbol", "funding rate", "status"), 50):
        sheet.cell(100, column, word)
    _define(book, "funding_table", sheet, "$AX$100:$BA$1048576")
    book.save(template)
    new_workbook(out, inputs=cases.POSITION, quotes=[cases.a_quote()], clock=cases.clock,
                 template=template)  # fmt: skip
    found = openpyxl.load_workbook(out, data_only=True).active
    assert [found.cell(101, column).value for column in range(50, 54)] == [
        "bybit", "BTCUSD", cases.a_quote().funding_rate, "LIVE",
    ]  # fmt: skip
    assert problems(out) == []


def test_headers_in_other_words(tmp_path: Path) -> None:
    """What people write over such columns is understood."""
    template, out = company_workbook(tmp_path / "company.xlsx"), tmp_path / "out.xlsx"
    book = openpyxl.load_workbook(template)
    sheet = book.active
    words = ["Exchange", "Contract", "Rate", "Interval", "Mark price", "Status", "Time", "Index",
             "Index price"]  # fmt: skip
    for column, word in enumerate(words, 50):
        sheet.cell(100, column, word)
    _define(book, "funding_table", sheet, "$AX$100:$BF$103")
    sheet.cell(101, 58, "ours")  # beside a column that has the very name
    book.save(template)
    quote = cases.a_quote()
    new_workbook(out, inputs=cases.POSITION, quotes=[quote], clock=cases.clock, template=template)
    row = Shown(out).block("funding_table")[1]
    assert row[:6] == ["bybit", "BTCUSD", quote.funding_rate, 8, quote.mark, "LIVE"]
    assert row[7:] == [quote.index, "ours"]


@pytest.mark.parametrize(
    ("name", "value", "refused"),
    [
        ("out_contracts", 2500, True),
        ("use_entry_price", 50_000.5, True),
        ("out_verdict", "Short 2,500 contracts", True),
        ("out_contracts", 0, False),
        ("out_contracts", "to do", False),
        ("out_verdict", "to do", False),
        ("out_verdict", None, False),
    ],
)
def test_plain_results(tmp_path: Path, name: str, value: object, refused: bool) -> None:
    """A number that would pass for a fresh result is refused; what keeps its place is not."""
    template, out = company_workbook(tmp_path / "company.xlsx"), tmp_path / "out.xlsx"
    book = openpyxl.load_workbook(template)
    book.active[book.defined_names[name].attr_text.split("!")[1].replace("$", "")] = value
    book.save(template)
    more = {"inputs": cases.POSITION, "quotes": [cases.a_quote()], "clock": cases.clock}
    if refused:
        with pytest.raises(WorkbookError, match=f"{name} holds a plain value"):
            new_workbook(out, template=template, **more)
        assert not out.exists()
    else:
        new_workbook(out, template=template, **more)
        assert Shown(out).value(name) == value


def test_a_merged_cell_is_one_cell(tmp_path: Path) -> None:
    """Excel names the whole of a merged cell; a block that is not merged stays a block."""
    template, out = company_workbook(tmp_path / "company.xlsx"), tmp_path / "out.xlsx"
    book = openpyxl.load_workbook(template)
    sheet = book.active
    for name in ("in_coin", "live_source"):
        first = book.defined_names[name].attr_text.split("!")[1].replace("$", "")
        column, row = first[0], first[1:]
        assert column == "F"
        sheet.merge_cells(f"F{row}:H{row}")
        _define(book, name, sheet, f"$F${row}:$H${row}")
    book.save(template)
    new_workbook(out, inputs=cases.POSITION, quotes=[cases.a_quote()], clock=cases.clock,
                 template=template)  # fmt: skip
    assert read_inputs(out)["in_coin"] == "BTC"
    assert Shown(out).value("live_source") == cases.a_quote().source
    for merged in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(merged))
    book.save(template)
    with pytest.raises(WorkbookError, match="in_coin is a block of cells; expected one cell"):
        new_workbook(out, inputs=cases.POSITION, quotes=[cases.a_quote()], clock=cases.clock,
                     template=template, force=True)  # fmt: skip


def test_the_command_fills_it(tmp_path: Path) -> None:
    """``xlhedge new --template`` with the bundled quotes."""
    template = company_workbook(tmp_path / "company.xlsx")
    data = template.read_bytes()
    words = ("new", "out.xlsx", "--template", template, "--offline", "--venue", "binance")
    done = run(tmp_path, None, *words)
    assert done.returncode == 0, done.stderr
    assert Shown(tmp_path / "out.xlsx").value("live_status") == "SNAPSHOT"
    assert template.read_bytes() == data
    over = run(tmp_path, None, "new", template, "--force", *words[2:])
    assert over.returncode == 1
    assert "is the template itself" in over.stderr
    assert template.read_bytes() == data


@pytest.mark.parametrize(("suffix", "macros"), [(".xltx", False), (".xltm", True)])
def test_a_template_file_becomes_a_workbook(tmp_path: Path, suffix: str, macros: bool) -> None:
    """Excel's own kind of template gives a workbook; with macros only an .xlsm."""
    template = company_workbook(tmp_path / "company.xlsx")
    parts = unpacked(template.read_bytes())
    plain = b"openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    other = (b"ms-excel.template.macroEnabled.main+xml" if macros else
             b"openxmlformats-officedocument.spreadsheetml.template.main+xml")  # fmt: skip
    name = "[Content_Types].xml"
    parts[name] = parts[name].replace(plain, other)
    template = template.rename(tmp_path / f"company{suffix}")
    template.write_bytes(packed(parts))
    more = {"inputs": cases.POSITION, "quotes": [cases.a_quote()], "clock": cases.clock}
    if macros:
        with pytest.raises(WorkbookError, match=r"holds macros, so out.xlsx has to end in .xlsm"):
            new_workbook(tmp_path / "out.xlsx", template=template, **more)
    out = tmp_path / f"out.{'xlsm' if macros else 'xlsx'}"
    new_workbook(out, template=template, **more)
    assert b"template" not in unpacked(out.read_bytes())[name]


def test_a_formula_in_an_input_is_refused(tmp_path: Path) -> None:
    """An input is typed in: a formula there is named, and nothing is written."""
    path = company_workbook(tmp_path / "company.xlsx")
    book = openpyxl.load_workbook(path)
    ((title, where),) = book.defined_names["in_quantity"].destinations
    book[title][where.replace("$", "")].value = "=2+3"
    book.save(path)
    data = path.read_bytes()
    with pytest.raises(WorkbookError, match="in_quantity holds a formula; expected a value typed"):
        refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
    assert path.read_bytes() == data


def test_the_documentation_lists_every_name() -> None:
    """The page names each name of the contract once, and no name that there is not."""
    name = r"`((?:in|use|live|out|xlhedge)_\w+|\w+_table|refresh_status)`"
    listed = re.findall(name, DOCS.read_text("utf-8"))
    everything = {*names.REQUIRED, *names.MORE_TABLES, *names.OPTIONAL}
    assert everything <= set(listed)
    assert set(listed) <= everything
