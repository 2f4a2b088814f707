"""Sheets Bags and Ticket, and what sheet Scenarios says of any bag and of all of them."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.workbook import bag_cases, cases, office
from tests.workbook.reading import Shown, same
from xlhedge.errors import WorkbookError
from xlhedge.quotes import Status
from xlhedge.workbook import Filled, new_workbook, refresh_workbook, wanted
from xlhedge.workbook.book import Book
from xlhedge.workbook.package import write_atomically
from xlhedge.workbook.stored_values import store_values

COUNT = int(os.environ.get("XLHEDGE_RANDOM_WORKBOOKS", "6"))
ROW = {"coin": "ETH", "quantity": 40, "extra margin": None, "venue": "bybit", "symbol": "ETHUSD",
       "hedge ratio": 1, "leverage": 3}  # fmt: skip
ETH = {"symbol": "ETHUSD", "coin": "ETH", "margin_coin": "ETH", "mark": 3001.0, "index": 3000.0}


def with_bags(path: Path, rows: list[dict[str, Any]], *quotes: Any, **more: Any) -> Filled:
    """Write a workbook with some bags beside the first."""
    return new_workbook(
        path,
        inputs=cases.POSITION | more.pop("inputs", {}),
        quotes=[cases.a_quote(), *quotes],
        bags=rows,
        clock=cases.clock,
        force=True,
        **more,
    )


def typed(path: Path, **values: Any) -> Shown:
    """Type into a workbook and return what it then shows."""
    book = Book.open(path)
    for name, value in values.items():
        book.write(name, value)
    write_atomically(path, store_values(book)[0])
    return Shown(path)


def table(shown: Shown, name: str) -> list[dict[str, Any]]:
    """Return the rows of a named table by header."""
    header, *rows = shown.block(name)
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[int, tuple[bag_cases.Bags, Path]]:
    """Return random sets of bags, each in a workbook that shows one of the others in Scenarios."""
    folder = tmp_path_factory.mktemp("bags")
    found: dict[int, tuple[bag_cases.Bags, Path]] = {}
    seed = 0
    while len(found) < COUNT:
        seed += 1
        bags = bag_cases.random_bags(seed)
        if bag_cases.on_an_edge(bags):
            continue
        path = folder / f"bags{seed}.xlsx"
        new_workbook(
            path,
            inputs=bags.first.inputs,
            quotes=[bags.first.quote, *bags.quotes],
            bags=bags.rows,
            clock=cases.clock,
        )
        typed(path, in_scenario_bag=2 + seed % len(bags.rows))
        found[seed] = bags, path
    return found


def differences(shown: Shown, bags: bag_cases.Bags, chosen: int) -> list[str]:
    """Return what a workbook shows otherwise than the engine says."""
    days = bags.first.inputs["in_horizon_days"]
    found: list[str] = []

    def check(what: str, cell: Any, value: Any, scale: float = 0.0) -> None:
        if not same(cell, value, scale):
            found.append(f"{what}: {cell!r}, expected {value!r}")

    shown_rows = table(shown, "bags_table")
    orders = table(shown, "ticket_table")
    of_all = dict.fromkeys(bag_cases.MOVES, 0.0)
    gone = dict(of_all)
    worth = 0.0
    first = cases.expected(bags.first)
    for move, net, flag in zip(cases.MOVES, first.table.net, first.table.liquidated, strict=True):
        if move in of_all:
            of_all[move], gone[move] = float(net), float(flag)
    for number, (row, quote) in enumerate(zip(bags.rows, bags.quotes, strict=True), 2):
        bag = bag_cases.expected(row, quote, days, cases.MOVES)
        value = bag.coins * bag.price
        worth += value
        seen = shown_rows[number - 1]
        for header, wanted_value in (
            ("price", bag.price), ("contracts", bag.contracts), ("notional", bag.notional),
            ("margin", bag.margin), ("margin USD", bag.margin * bag.price),
            ("liquidation price", bag.liquidation), ("funding a day", bag.funding_a_day),
            ("exposure before", value),
        ):  # fmt: skip
            check(f"bag {number} {header}", seen[header], wanted_value)
        check(f"bag {number} exposure after", seen["exposure after"], value - bag.notional, value)
        own = [order for order in orders if order["bag"] == number]
        assert len(own) == (2 if bag.contracts else 0)
        for order, side, only in zip(own, ("SELL", "BUY"), ("no", "yes"), strict=False):
            assert (order["side"], order["reduce-only"]) == (side, only)
            assert (order["venue"], order["symbol"]) == (quote.venue, quote.symbol)
            check("ticket", order["contracts"], bag.contracts)
        for move, net, flag in zip(cases.MOVES, bag.table.net, bag.table.liquidated, strict=True):
            if move in of_all:
                of_all[move] += float(net)
                gone[move] += float(flag)
        if number == chosen:
            rows = shown.block("scenario_table")[1:]
            for cells, values in zip(rows, bag.table.rows(), strict=True):
                for head, cell, one in zip(bag.table.HEADER, cells, values, strict=True):
                    check(f"{head} at {values[1]:+.2f}", cell, one, 3 * value)
    worth += float(first.table.hedged_value[12] - first.table.net[12])
    for row in table(shown, "portfolio_table"):
        move = min(of_all, key=lambda m, at=row["move"]: abs(m - at))
        check(f"all bags at {move:+.1f}", row["net"], of_all[move], 3 * worth)
        check(f"liquidated at {move:+.1f}", row["liquidated"], gone[move])
    return found


def chosen_in(bags: bag_cases.Bags, seed: int) -> int:
    """Return the number of the bag that the workbook of a seed shows."""
    return 2 + seed % len(bags.rows)


def test_bags_are_the_engines(written: dict[int, tuple[bag_cases.Bags, Path]]) -> None:
    """Every bag, order, scenario of a chosen bag and total equals the Python engine to 1e-9."""
    wrong = {
        seed: differences(Shown(path), bags, chosen_in(bags, seed))[:3]
        for seed, (bags, path) in written.items()
    }
    assert not {seed: found for seed, found in wrong.items() if found}


def test_libreoffice_agrees(
    written: dict[int, tuple[bag_cases.Bags, Path]], tmp_path: Path
) -> None:
    """LibreOffice, computing every formula anew, gives the engine's numbers too."""
    some = dict(list(written.items())[: 4 if COUNT < 100 else COUNT])
    copies = office.recalculated([path for _, path in some.values()], tmp_path)
    for (seed, (bags, _)), copy in zip(some.items(), copies, strict=True):
        assert not differences(Shown(copy), bags, chosen_in(bags, seed))[:3], seed


def test_the_first_bag_is_the_position_of_sheet_hedge(tmp_path: Path) -> None:
    """Bag 1 repeats sheet Hedge with its overrides; Scenarios shows it unless told otherwise."""
    filled = with_bags(tmp_path / "a.xlsx", [], inputs={"in_leverage": 3, "in_entry_price": 40_000})
    shown = Shown(filled.path)
    row = table(shown, "bags_table")[0]
    assert row["contracts"] == filled.results["out_contracts"] == 200_000
    assert row["liquidation price"] == filled.results["out_liquidation_price"]
    assert shown.value("out_bags_notional") == 200_000
    assert shown.block("scenario_table")[13][0] == 40_000


def test_totals_are_sums(tmp_path: Path) -> None:
    """Two bags: exposure before and after, margin and funding a day add up, in words too."""
    shown = Shown(with_bags(tmp_path / "a.xlsx", [ROW], cases.a_quote(**ETH)).path)
    assert shown.value("out_bags_exposure") == 250_000 + 120_000
    assert shown.value("out_bags_notional") == 370_000
    assert shown.value("out_bags_exposure_after") == 0
    assert shown.value("out_bags_margin_usd") == 250_000 + 40_000
    assert shown.value("out_bags_funding_a_day") == pytest.approx(75 + 36)
    said = shown.value("out_bags_verdict")
    assert said.startswith("2 bags worth 370,000 USD. Shorts of 370,000 USD leave 0 USD exposed")
    assert "RECEIVE 111.00 USD of funding a day" in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"coin": None}, "the coin is missing"),
        ({"quantity": None}, "the quantity must be a number above 0"),
        ({"quantity": "five"}, "the quantity must be a number above 0"),
        ({"extra margin": -1}, "the extra margin must be a number, 0 or more"),
        ({"extra margin": "x"}, "the extra margin must be a number, 0 or more"),
        ({"venue": None}, "the venue or the contract is missing"),
        ({"hedge ratio": None}, "the hedge ratio must be a number, 0 or more"),
        ({"leverage": 0}, "the leverage must be a number above 0"),
        ({"coin": "SOL"}, "the contract moves with another coin: bybit ETHUSD"),
        ({"symbol": "NOSUCH"}, "no market data: bybit has no contract NOSUCH"),
        ({"symbol": "E*"}, "no market data yet, refresh this file: bybit E*"),
    ],
)
def test_a_bag_without_numbers_says_why(tmp_path: Path, change: dict, words: str) -> None:
    """What is wrong stands beside the bag and in the totals' sentence; no total leaves it out."""
    filled = with_bags(
        tmp_path / "a.xlsx",
        [ROW | change],
        cases.a_quote(**ETH),
        reasons={("bybit", "NOSUCH"): "bybit has no contract NOSUCH"},
    )
    shown = Shown(filled.path)
    row = table(shown, "bags_table")[1]
    assert row["remark"].startswith(f"No numbers: {words}")
    assert row["contracts"] == "#N/A"
    assert shown.value("out_bags_notional") == "#N/A"
    assert shown.value("out_bags_verdict").startswith("No totals: bag 2 (")
    assert words in shown.value("out_bags_verdict")
    assert {row["net"] for row in table(shown, "portfolio_table")} == {"#N/A"}
    assert [order["bag"] for order in table(shown, "ticket_table")[:3]] == [1, 1, None]


def test_a_linear_contract_is_not_sized(tmp_path: Path) -> None:
    """A bag whose contract is margined in dollars gets no numbers."""
    linear = cases.a_quote(**ETH | {"contract_type": "linear", "margin_coin": "USDT"})
    shown = Shown(with_bags(tmp_path / "a.xlsx", [ROW], linear).path)
    assert "not an inverse contract, and only those" in table(shown, "bags_table")[1]["remark"]


def test_old_data_of_one_bag_are_named(tmp_path: Path) -> None:
    """One stale bag: its remark, the status line and nothing else say so."""
    old = cases.a_quote(**ETH, status=Status.STALE)
    shown = Shown(with_bags(tmp_path / "a.xlsx", [ROW], old).path)
    rows = table(shown, "bags_table")
    assert rows[1]["remark"].startswith("STALE data: refresh.")
    assert "STALE" not in rows[0]["remark"]
    assert shown.value("out_bags_status").startswith("The data of 1 of 2 bags are not LIVE")


def test_a_warning_of_one_bag_is_named(tmp_path: Path) -> None:
    """A note beside LIVE data of a bag: its remark and the status lines of all bags say so."""
    reasons = {("bybit", "ETHUSD"): "unconfirmed: the venue leaves the period of this rate open"}
    path = with_bags(tmp_path / "a.xlsx", [ROW], cases.a_quote(**ETH), reasons=reasons).path
    shown = Shown(path)
    rows = table(shown, "bags_table")
    assert rows[1]["remark"].startswith("WARNING: read the note below.")
    assert not str(rows[0]["remark"]).startswith("WARNING")
    assert rows[1]["contracts"] == 120_000
    assert shown.value("out_bags_status").endswith("WITH A WARNING, see sheet Bags: 1 of 2.")
    assert shown.book["Ticket"]["B3"].value == shown.value("out_bags_status")
    assert (
        typed(path, in_scenario_bag=2)
        .book["Scenarios"]["B3"]
        .value.startswith("LIVE, WITH A WARNING: unconfirmed")
    )


def test_an_unknown_maintenance_rate_is_loud(tmp_path: Path) -> None:
    """Without a maintenance rate the remark says that liquidation comes earlier."""
    quote = cases.a_quote(**ETH, maintenance_rate=None)
    shown = Shown(with_bags(tmp_path / "a.xlsx", [ROW], quote).path)
    assert "liquidated EARLIER" in table(shown, "bags_table")[1]["remark"]


def test_an_empty_or_wrong_choice_is_explained(tmp_path: Path) -> None:
    """Choosing an empty bag, or none, gives words and #N/A, never another bag's numbers."""
    path = with_bags(tmp_path / "a.xlsx", [ROW], cases.a_quote(**ETH)).path
    for choice, words in ((3, "bag 3 of sheet Bags is empty"), (0, "whole number from 1 to 20"),
                          ("x", "whole number from 1 to 20")):  # fmt: skip
        shown = typed(path, in_scenario_bag=choice)
        assert words in shown.book["Scenarios"]["B2"].value
        assert {row["net"] for row in table(shown, "scenario_table")} == {"#N/A"}
    shown = typed(path, in_scenario_bag=2)
    assert "Short 120,000 contracts of bybit ETHUSD" in shown.book["Scenarios"]["B2"].value
    assert shown.value("out_net_flat") == with_bags(tmp_path / "b.xlsx", []).results["out_net_flat"]


def test_a_refresh_asks_for_every_bag_and_fills_it(tmp_path: Path) -> None:
    """Bags come right after the selected contract, and their own quotes reach their rows."""
    path = with_bags(tmp_path / "a.xlsx", [ROW | {"symbol": "eth"}]).path
    assert wanted(path) == [("bybit", "BTCUSD"), ("bybit", "eth")]
    remark = table(Shown(path), "bags_table")[1]["remark"]
    assert "no market data: no quote of bybit eth is known" in remark
    refresh_workbook(path, quotes=[cases.a_quote(), cases.a_quote(**ETH)], clock=cases.clock)
    shown = Shown(path)
    assert table(shown, "bags_table")[1]["contracts"] == 120_000
    assert [row["status"] for row in table(shown, "funding_table")[:3]] == ["LIVE", "LIVE", None]


def test_bags_are_never_crowded_out(tmp_path: Path) -> None:
    """With more contracts than rows, those of bags stay in the funding table."""
    many = [cases.a_quote(symbol=f"C{n}USD", coin=f"C{n}") for n in range(40)]
    shown = Shown(with_bags(tmp_path / "a.xlsx", [ROW], *many, cases.a_quote(**ETH)).path)
    assert table(shown, "bags_table")[1]["contracts"] == 120_000


def test_more_bags_than_rows_are_refused(tmp_path: Path) -> None:
    """Twenty bags beside the first do not fit, and nothing is written."""
    with pytest.raises(WorkbookError, match="room for 19 bags"):
        with_bags(tmp_path / "a.xlsx", [ROW] * 20)
    assert not (tmp_path / "a.xlsx").exists()


def test_twenty_bags_fit(tmp_path: Path) -> None:
    """All twenty rows work, and the ticket has forty orders."""
    coins = [f"C{n}" for n in range(19)]
    quotes = [cases.a_quote(symbol=f"{coin}USD", coin=coin) for coin in coins]
    rows = [ROW | {"coin": coin, "symbol": f"{coin}USD"} for coin in coins]
    shown = Shown(with_bags(tmp_path / "a.xlsx", rows, *quotes).path)
    assert shown.value("out_bags_exposure") == pytest.approx(250_000 + 19 * 40 * 50_000)
    assert len([order for order in table(shown, "ticket_table") if order["side"]]) == 40
    assert not math.isnan(shown.value("out_bags_funding_a_day"))


def test_nothing_is_ordered_without_a_hedge(fill: Callable[..., Filled]) -> None:
    """A ratio of 0 gives no order, and the ticket says so."""
    shown = Shown(fill(inputs={"in_hedge_ratio": 0}).path)
    assert {order["side"] for order in table(shown, "ticket_table")} == {None}
    assert "No orders" in shown.book["Ticket"]["B2"].value


@pytest.mark.parametrize("currency", ["coin", "usd"])
def test_the_ticket_names_what_the_collateral_is_in(
    fill: Callable[..., Filled], currency: str
) -> None:
    """83,333 dollars are never shown as 83,333 coins."""
    path = fill(inputs={"in_leverage": 3, "in_margin_currency": currency}).path
    opening, closing, *_ = table(Shown(path), "ticket_table")
    notional = opening["notional, USD"]
    posted = notional / 3 if currency == "usd" else notional / 3 / 50_000
    assert opening["collateral"] == pytest.approx(posted, rel=1e-12)
    unit = "USD" if currency == "usd" else "BTC"
    assert opening["margin coin"] == closing["margin coin"] == unit
    said = "in dollars first, cross" if currency == "usd" else "in BTC first, isolated"
    assert f"post the collateral {said} margin" in opening["remark"]
