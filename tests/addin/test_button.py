"""The refresh button on an open workbook: xlwings' book, a replay server, a made-up Excel."""

from __future__ import annotations

from datetime import timedelta

import pytest
from openpyxl.utils.cell import range_boundaries

from tests.addin.excel_book import Cell, opened
from tests.replay.server import ReplayServer
from tests.replay.world import PRESENT
from tests.workbook import cases
from udfs import button, live
from udfs.open_book import typed_text
from xlhedge.live import LiveQuotes
from xlhedge.snapshot import bundled_quotes
from xlhedge.store import Store
from xlhedge.workbook import names, new_workbook
from xlhedge.workbook.live_block import live_values

EARLIER = PRESENT - timedelta(hours=2)
IDENTITY = {"xlhedge_version", "xlhedge_filled_at", "xlhedge_filled_from"}


@pytest.fixture
def server():
    """A replay server at the present that all tests share."""
    with ReplayServer() as running:
        yield running


@pytest.fixture(autouse=True)
def _no_cell_has_asked(monkeypatch):
    monkeypatch.setattr(live, "_asked", {})


@pytest.fixture
def quotes(tmp_path):
    """The user's store, empty, at the server's present."""
    return LiveQuotes(Store(tmp_path / "home"), lambda: PRESENT, bundled_quotes())


@pytest.fixture
def book(tmp_path):
    """A filled scenario workbook of bybit and one more contract, open in Excel."""
    path = tmp_path / "hedge.xlsx"
    old = [
        cases.a_quote(time=EARLIER),
        cases.a_quote(venue="binance", symbol="BTCUSD_PERP", time=EARLIER),
    ]
    new_workbook(path, inputs=cases.POSITION, quotes=old, clock=cases.clock)
    return opened(path)


def owned(model):
    """Return every cell that a refresh may write."""
    cells = set()
    for defined in model.names.names:
        mine = defined.name in (*IDENTITY, "refresh_status") or defined.name.startswith("live_")
        if mine or defined.name in ("funding_table", "history_table"):
            title, reference = defined.refers_to.removeprefix("=").replace("$", "").rsplit("!", 1)
            left, top, right, bottom = range_boundaries(reference)
            cells |= {
                (title.strip("'"), row, column)
                for row in range(top, bottom + 1)
                for column in range(left, right + 1)
            }
    return cells


def test_refresh_writes_the_quote_and_says_so(book, server, quotes):
    """After a click the live cells hold what the venue said, and the status is LIVE."""
    shown, model = book
    done = button.refresh(shown, quotes, server.environ())
    quote = quotes.store.quotes()["bybit", "BTCUSD"]
    assert done.status == "LIVE"
    assert done.venues == {"bybit": "LIVE", "binance": "LIVE"}
    assert "bybit BTCUSD LIVE, 2 of 2 contract(s) fetched" in done.line
    for name, value in live_values(quote).items():
        if name in ("live_mark", "live_index", "live_funding_rate", "live_contract_size"):
            assert model.cell(name).value == value, name
    assert model.cell("live_status").value == "LIVE"
    assert model.cell("live_note").value is None
    first_row = [model.sheets("Funding").cells[5, column].value for column in (2, 3)]
    assert first_row == ["bybit", "BTCUSD"]


def test_refresh_changes_the_named_cells_and_tables_alone(book, server, quotes):
    """Formulas, formats, other cells and other sheets are as before, cell by cell."""
    shown, model = book
    mine = ("Hedge", 40, 3)
    model.sheets("Hedge").cells[40, 3] = Cell("my own note", None, "@")
    before, may_change = model.everything(), owned(model)
    done = button.refresh(shown, quotes, server.environ())
    after = model.everything()
    changed = {at for at in after if after[at] != before.get(at)}
    assert changed
    assert changed <= may_change
    assert done.changed == sum(len(set(sheet.written)) for sheet in model.sheets)
    assert after[mine] == before[mine]
    assert [after[at].look for at in before] == [before[at].look for at in before]
    assert [after[at].formula for at in before] == [before[at].formula for at in before]


def test_protection_is_lifted_and_put_back_as_it_was(book, server, quotes):
    """The template's sheets are protected without a password; after a refresh they still are."""
    shown, model = book
    button.refresh(shown, quotes, server.environ())
    for sheet in model.sheets:
        assert sheet.protected, sheet.title
        for settings in sheet.protections:
            assert settings.items() >= sheet.allowed.items()
    assert model.sheets("Hedge").protections


def test_failing_venue_keeps_its_old_values_marked_stale(book, server, quotes):
    """The selected venue is down: its numbers stay, the status and the reason say so."""
    shown, model = book
    before = {name: model.cell(name).value for name in names.LIVE}
    server.misbehave("bybit", "500")
    done = button.refresh(shown, quotes, server.environ())
    after = {name: model.cell(name).value for name in names.LIVE}
    assert after == before | {"live_status": "STALE"}
    assert "bybit" in model.cell("live_note").value
    assert done.status == "STALE"
    assert done.venues["binance"] == "LIVE"
    assert "bybit" in done.venues["bybit"]
    assert "not fetched: bybit" in done.line
    statuses = [model.sheets("Funding").cells[row, 15].value for row in (5, 6)]
    assert sorted(statuses) == ["LIVE", "STALE"]


@pytest.mark.parametrize("fault", ["reset", "html", "truncated", "429 60", "body null"])
def test_no_fault_of_a_venue_raises(book, server, quotes, fault):
    """Whatever every venue answers, the button ends in a sentence."""
    shown, model = book
    for venue in ("bybit", "binance"):
        server.misbehave(venue, fault)
    done = button.refresh(shown, quotes, server.environ())
    assert done.status == "STALE"
    assert "Traceback" not in done.line
    assert model.cell("live_status").value == "STALE"


def test_sheet_with_a_password_is_named_in_the_line(book, server, quotes):
    """What cannot be written is said, and nothing else is half written."""
    shown, model = book
    for sheet in model.sheets:
        sheet.password = "secret"
    before = model.everything()
    done = button.refresh(shown, quotes, server.environ())
    assert "protected with a password" in done.line
    assert model.everything() == before


def test_formula_in_a_live_cell_is_never_overwritten(book, server, quotes):
    """A workbook whose live_mark is computed is refused with a reason; nothing changes but that."""
    shown, model = book
    sheet, place = model.at("live_mark")
    sheet.cells[place] = Cell(1.0, "=A1", "0.00")
    before = model.everything()
    done = button.refresh(shown, quotes, server.environ())
    assert "live_mark" in done.line
    assert "formula" in done.line
    after = model.everything()
    said = map(model.at, ("live_note", "live_status", "refresh_status"))
    assert {at for at in after if after[at] != before[at]} == {
        (sheet.title, *place) for sheet, place in said
    }


def test_workbook_without_names_refreshes_what_its_functions_asked_for(
    tmp_path, server, quotes, monkeypatch
):
    """In an ordinary workbook the quotes of its functions are fetched, and its cells computed."""
    import openpyxl

    plain = openpyxl.Workbook()
    plain.active["A1"] = '=FUNDING_RATE("bybit","BTC")'
    plain.save(tmp_path / "plain.xlsx")
    shown, model = opened(tmp_path / "plain.xlsx")
    monkeypatch.setenv("XLHEDGE_HOME", str(tmp_path / "home"))
    import udfs

    assert udfs.FUNDING_RATE("bybit", "BTC") == "#N/A"
    before = model.everything()
    done = button.refresh(shown, quotes, server.environ())
    assert ("bybit", "BTCUSD") in quotes.store.quotes()
    assert "1 of 1 contract(s) fetched" in done.line
    assert model.everything() == before
    assert model.app.full_calculations == 1


def test_own_template_with_few_names_is_filled(tmp_path, server, quotes):
    """Five names are enough; a cell called refresh_status gets the line."""
    import openpyxl
    from openpyxl.workbook.defined_name import DefinedName

    plain = openpyxl.Workbook()
    cells = ("in_venue", "in_symbol", "live_mark", "live_funding_rate", "live_status", "live_index")
    cells += ("live_quote_time", "live_contract_type", "refresh_status")
    for row, name in enumerate(cells, 1):
        plain.defined_names[name] = DefinedName(name, attr_text=f"Sheet!$B${row}")
    plain.active["B1"], plain.active["B2"] = "bybit", "BTC"
    plain.active["B3"].number_format = '"$"#,##0.00'
    plain.save(tmp_path / "own.xlsx")
    shown, model = opened(tmp_path / "own.xlsx")
    done = button.refresh(shown, quotes, server.environ())
    assert done.status == "LIVE", done.line
    assert model.cell("live_mark").value == quotes.store.quotes()["bybit", "BTCUSD"].mark
    assert model.cell("live_mark").look == '"$"#,##0.00'
    assert model.cell("refresh_status").value == done.line
    assert model.cell("in_symbol").value == "BTC"


def test_empty_contract_is_said(book, server, quotes):
    """Without a venue or symbol there is nothing to fetch, and the line says which cell to fill."""
    shown, model = book
    sheet, place = model.at("in_venue")
    sheet.cells[place] = Cell()
    assert "in_venue" in button.refresh(shown, quotes, server.environ()).line


def test_main_says_the_line_on_the_status_bar(book, server, quotes, monkeypatch, tmp_path):
    """RunPython's command, run as xlwings runs it: nothing raised, one line on the status bar."""
    import xlwings as xw

    shown, model = book
    for name, value in server.environ(XLHEDGE_HOME=str(tmp_path / "home")).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(xw.Book, "caller", classmethod(lambda cls: shown))
    apps = type("Apps", (), {"active": xw.App(impl=model.app)})()
    monkeypatch.setattr(xw, "apps", apps)
    exec("import udfs.button; udfs.button.main()", {})
    assert model.app.status_bar.startswith("xlhedge: ")


def test_main_without_excel_is_quiet():
    """Even without a workbook or Excel no traceback reaches a dialog."""
    button.main()


@pytest.mark.parametrize(
    "text",
    ["=cmd|' /C calc'!A1", "+1", "-1", "@SUM(A1)", "1E5", "2026-11-23", "MAR-24", "TRUE", "007"],
)
def test_text_from_outside_stays_text(book, text):
    """What a venue says lands as text, whatever Excel would make of it when typed."""
    shown, model = book
    shown.sheets["Guide"].api.Unprotect("")
    shown.sheets["Guide"].range((50, 2)).value = typed_text(text)
    cell = model.sheets("Guide").cells[50, 2]
    assert (cell.value, cell.formula) == (text, None)


def test_a_merged_cell_is_one_cell(book, server, quotes):
    """A name of the whole of a merged cell is that cell; one of a plain block is refused."""
    shown, model = book
    sheet, (row, column) = model.at("live_source")
    named = next(name for name in model.names.names if name.name == "live_source")
    named.refers_to = f"='{sheet.title}'!$H${row}:$I${row + 1}"
    assert column == 8
    line = button.refresh(shown, quotes, server.environ())
    assert "live_source is a block of cells" in line.line
    sheet.merged.append((row, column, row + 1, column + 1))
    button.refresh(shown, quotes, server.environ())
    assert "bybit" in str(model.cell("live_source").value)


def test_names_of_another_meaning_get_no_numbers(book, server, quotes):
    """A workbook of a later schema is only marked as old, and the line says why."""
    shown, model = book
    sheet, at = model.at("xlhedge_schema")
    sheet.cells[at] = Cell(2.0)
    before = dict(model.everything())
    assert "follows schema 2" in button.refresh(shown, quotes, server.environ()).line
    assert server.requests == []
    changed = {key for key, cell in model.everything().items() if before.get(key) != cell}
    places = map(model.at, ("live_status", "live_note", "refresh_status"))
    assert changed <= {(where.title, *at) for where, at in places}
    assert model.cell("live_status").value == "STALE"
