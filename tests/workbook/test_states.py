"""What the workbook says in words, and when it shows no numbers rather than wrong ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from tests.workbook import cases
from tests.workbook.precedents import Precedents
from tests.workbook.reading import Shown
from xlhedge.quotes import Status
from xlhedge.workbook import Filled, refresh_workbook

Fill = Callable[..., Filled]
STATUS = re.compile("status|not_live|LIVE")
NOTHING_NEW = {"quotes": [], "clock": cases.clock}
NUMBERS = (
    "out_contracts",
    "out_notional",
    "out_coverage",
    "out_initial_margin",
    "out_liquidation_price",
    "out_funding_usd",
    "out_fees_usd",
    "out_net_down20",
    "out_net_flat",
    "out_net_up20",
)


def test_a_positive_rate_is_received(fill: Fill) -> None:
    """The verdict says RECEIVES for a positive rate, with the worked amount of formulas.md."""
    filled = fill(inputs={"in_horizon_days": 30}, contract_size=100.0)
    assert filled.results["out_funding_usd"] == pytest.approx(2250, rel=1e-12)
    verdict = str(filled.results["out_verdict"])
    assert "longs pay shorts: this hedge RECEIVES about 2,250.00 USD over 30 days" in verdict
    assert "Short 2,500 contracts of bybit BTCUSD, 250,000 USD, against 5 BTC: 100.00 %" in verdict


def test_a_negative_rate_is_paid(fill: Fill) -> None:
    """The verdict says PAYS for a negative rate, and the amount is below 0."""
    filled = fill(funding_rate=-0.0001)
    assert filled.results["out_funding_usd"] == pytest.approx(-2250, rel=1e-12)
    assert "shorts pay longs: this hedge PAYS about 2,250.00 USD" in filled.results["out_verdict"]


def test_a_1x_short_is_never_liquidated(fill: Fill) -> None:
    """At leverage 1 the price is #N/A in its cell and "never" in words."""
    filled = fill()
    assert filled.results["out_liquidation_price"] == "#N/A"
    assert "a rising price never liquidates it" in filled.results["out_verdict"]


def test_a_3x_short_is_liquidated_where_the_formulas_say(fill: Fill) -> None:
    """Leverage 3 at 50,000 and 0.5 % gives 74,625; dollars as collateral give 66,416.67."""
    coin = fill(inputs={"in_leverage": 3})
    assert coin.results["out_liquidation_price"] == pytest.approx(74_625, rel=1e-12)
    assert "A rise of 49.25 % to 74,625.00 USD liquidates" in coin.results["out_verdict"]
    usd = fill(inputs={"in_leverage": 3, "in_margin_currency": "usd"})
    assert usd.results["out_liquidation_price"] == pytest.approx(66_416.6666666667, rel=1e-12)


def test_extra_coins_are_hedged_too(fill: Fill) -> None:
    """Coins bought as extra margin add to what is shorted; extra dollars do not."""
    assert fill(inputs={"in_extra_margin": 1}).results["out_notional"] == 300_000
    dollars = {"in_extra_margin": 1000, "in_margin_currency": "usd"}
    assert fill(inputs=dollars).results["out_notional"] == 250_000


def test_a_missing_maintenance_rate_is_loud(fill: Fill) -> None:
    """Without a published or typed rate 0 is used, and the verdict asks for one."""
    filled = fill(inputs={"in_leverage": 3}, maintenance_rate=None)
    assert filled.results["out_liquidation_price"] == pytest.approx(75_000, rel=1e-12)
    assert "No maintenance rate is known, so 0 is used" in filled.results["out_verdict"]
    assert "NONE KNOWN: 0 used" in Shown(filled.path).cells()["Hedge", "E19"]
    typed = fill(inputs={"in_leverage": 3, "in_maintenance_rate": 0.005}, maintenance_rate=None)
    assert "No maintenance rate" not in typed.results["out_verdict"]
    assert typed.results["out_liquidation_price"] == pytest.approx(74_625, rel=1e-12)


@pytest.mark.parametrize(
    ("inputs", "quote", "words"),
    [
        ({"in_coin": "ETH"}, {}, "the bag is ETH but the contract moves with BTC"),
        ({"in_quantity": None}, {}, "the quantity must be a number above 0"),
        ({"in_quantity": 0}, {}, "the quantity must be a number above 0"),
        ({"in_quantity": "five"}, {}, "the quantity must be a number above 0"),
        ({"in_quantity": -1}, {}, "the quantity must be a number above 0"),
        ({"in_extra_margin": -1}, {}, "the extra margin must be a number, 0 or more"),
        ({"in_extra_margin": "one"}, {}, "the extra margin must be a number, 0 or more"),
        ({"in_hedge_ratio": -0.5}, {}, "the hedge ratio must be"),
        ({"in_hedge_ratio": None}, {}, "the hedge ratio must be"),
        ({"in_leverage": 0}, {}, "the leverage must be a number above 0"),
        ({"in_margin_currency": "eur"}, {}, 'the margin currency must be "coin" or "usd"'),
        ({"in_horizon_days": -1}, {}, "the horizon must be"),
        ({"in_entry_price": -5}, {}, "the entry price must be a number above 0"),
        ({"in_entry_price": "x"}, {}, "the entry price must be a number above 0"),
        ({"in_funding_rate": "x"}, {}, "there is no funding rate"),
        ({}, {"funding_rate": None}, "there is no funding rate"),
        ({"in_maintenance_rate": 1}, {}, "the maintenance rate must be"),
        ({"in_open_fee": "x"}, {}, "the opening fee must be"),
        ({"in_close_fee": 2}, {}, "the closing fee must be"),
        ({}, {"contract_type": "linear", "margin_coin": "USDT"}, "margined in USDT. This page"),
        ({}, {"contract_type": "quanto", "margin_coin": "XBT"}, "the contract is quanto"),
    ],
)
def test_no_numbers_where_they_would_be_wrong(
    fill: Fill, inputs: dict[str, Any], quote: dict[str, Any], words: str
) -> None:
    """A wrong input or contract is named in the verdict, and every result is #N/A."""
    if "funding_rate" in quote:  # a venue that gave none leaves the cell empty
        filled = refresh_workbook(_typed(fill(), live_funding_rate=None), **NOTHING_NEW)
    else:
        filled = fill(inputs=inputs, **quote)
    assert filled.results["out_verdict"].startswith("No numbers: ")
    assert words in filled.results["out_verdict"]
    for name in NUMBERS:
        assert filled.results[name] == "#N/A", name
    _, *rows = Shown(filled.path).block("scenario_table")
    assert {row[6] for row in rows} == {"#N/A"}


def test_another_contract_than_the_data_shows_no_numbers(fill: Fill) -> None:
    """Typing another contract without a refresh blanks the answer instead of mixing them."""
    filled = fill()
    changed = refresh_workbook(_typed(filled, in_symbol="ETHUSD", in_coin="ETH"), **NOTHING_NEW)
    verdict = changed.results["out_verdict"]
    assert "the market data below are for bybit BTCUSD, not for bybit ETHUSD" in verdict
    assert changed.results["out_contracts"] == "#N/A"


def _typed(filled: Filled, **values: Any) -> Any:
    from xlhedge.workbook.book import Book
    from xlhedge.workbook.package import write_atomically

    book = Book.open(filled.path)
    for name, value in values.items():
        book.write(name, value)
    write_atomically(filled.path, book.package.packed(book.changed_parts()))
    return filled.path


def test_an_empty_template_says_what_to_do(tmp_path: Any) -> None:
    """A workbook without market data shows no number and names the command that fills it."""
    from xlhedge.workbook import new_workbook

    filled = new_workbook(tmp_path / "a.xlsx", inputs=cases.POSITION, quotes=[], clock=cases.clock)
    assert "there are no market data in this file yet" in filled.results["out_verdict"]
    assert "xlhedge refresh FILE" in filled.results["out_verdict"]


@pytest.mark.parametrize("status", [Status.STALE, Status.SNAPSHOT])
def test_old_data_are_called_old(fill: Fill, status: Status) -> None:
    """Stale and bundled data are named in the verdict and the status line, with their time."""
    filled = fill(status=status)
    assert filled.results["out_verdict"].startswith(f"{status} data of 2026-11-23 18:29 UTC")
    assert filled.said.startswith(str(status))
    assert "2026-11-23 18:29 UTC" in filled.said
    assert "Refresh before you act" in filled.said


def test_live_data_are_called_live_at_their_time(fill: Fill) -> None:
    """Even fresh data are only said to be live when they were fetched."""
    said = fill().said
    assert said.startswith("LIVE when it was fetched: bybit BTCUSD, 2026-11-23 18:29 UTC")
    assert "does not follow the market by itself" in said


DOUBT = "CHECK RATE: 25 times the median of the last 30 settlements"


def test_a_warning_of_fresh_data_is_said_in_words(fill: Fill) -> None:
    """A note beside LIVE data stands in the status line, in the verdict, and has its own look."""
    path = fill().path
    changed = refresh_workbook(
        path,
        quotes=[cases.a_quote()],
        reasons={("bybit", "BTCUSD"): DOUBT},
        clock=cases.clock,
    )
    assert changed.said.startswith(f"LIVE, WITH A WARNING: {DOUBT}. LIVE when it was fetched: ")
    assert changed.results["out_verdict"].startswith("LIVE WITH A WARNING, see the status line. ")
    assert changed.results["out_contracts"] == 250_000
    shown = Shown(path)
    assert shown.book["Scenarios"]["B3"].value == changed.said
    assert shown.book["Hedge"]["I20"].value == "warning: see on top"
    assert shown.value("live_note") == DOUBT
    again = refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
    assert again.said.startswith("LIVE when it was fetched")
    assert not again.results["out_verdict"].startswith("LIVE")


def test_a_warning_has_a_look_of_its_own(fill: Fill) -> None:
    """Status line, rate and note of LIVE data with a note are formatted, unlike old data."""
    book = openpyxl.load_workbook(fill().path)
    for title, cell, words in (
        ("Hedge", "B3", "live_note"),
        ("Hedge", "H11", "live_note"),
        ("Scenarios", "B3", "chosen_note"),
        ("Bags", "B3", "bag_note"),
        ("Ticket", "B3", "bag_note"),
        ("Funding", "F5", "$V5"),
        ("Funding", "V5", "$V5"),
    ):
        rules = [
            rule
            for area in book[title].conditional_formatting
            if cell in area
            for rule in area.rules
            if f'{words}<>""' in rule.formula[0] and '="LIVE"' in rule.formula[0]
        ]
        assert rules, (title, cell)
        assert rules[0].dxf.fill.bgColor.rgb.endswith("F7CDB6")
        assert not rules[0].dxf.font.italic


def test_an_override_is_shown_as_one(fill: Fill) -> None:
    """A typed value replaces the live one, and the sheet says which is in use."""
    cells = Shown(fill(inputs={"in_funding_rate": 0.0002}).path).cells()
    assert cells["Hedge", "D18"] == 0.0002
    assert cells["Hedge", "E18"] == "your override"
    assert cells["Hedge", "E17"] == "live index"
    zero = fill(inputs={"in_funding_rate": 0})
    assert zero.results["out_funding_usd"] == 0
    assert "Funding is zero: neither side pays." in zero.results["out_verdict"]


def test_every_number_that_rests_on_old_data_looks_old(fill: Fill) -> None:
    """Whatever rests on market data has a conditional format that looks at their status."""
    path = fill(inputs={"in_leverage": 3}).path
    book, shown = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    precedents = Precedents(book)
    names = [name for name in precedents.names if name.startswith("live_")]
    given = set().union(*(precedents.cells_of(name, "") for name in [*names, "funding_table"]))
    watched = {
        at
        for sheet in book
        for area in sheet.conditional_formatting
        if any(STATUS.search(" ".join(rule.formula)) for rule in area.rules)
        for block in str(area.sqref).split()
        for at in precedents.cells_of(block, sheet.title)
    }
    numbers = {
        (title, row, column)
        for title, row, column in precedents.resting_on(given)
        if book[title].sheet_state == "visible"
        and type(shown[title].cell(row, column).value) in (int, float)
    }
    assert len(numbers) > 700
    assert numbers <= watched


def test_a_doubt_outlives_a_failed_refresh(fill: Fill) -> None:
    """A rate that was doubtful when it came is still so when the next ones do not come."""
    path = fill().path
    doubt = {("bybit", "BTCUSD"): "CHECK RATE: a slip?"}
    refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock, reasons=doubt)
    for attempt in ("first", "second"):
        failed = {("bybit", "BTCUSD"): f"the {attempt} failed"}
        refresh_workbook(path, quotes=[], clock=cases.clock, reasons=failed)
        assert Shown(path).value("live_note") == f"the {attempt} failed; CHECK RATE: a slip?"
    refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
    assert not Shown(path).value("live_note")
