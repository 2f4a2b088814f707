"""Workbooks of several bags, and what the engine says of each bag and of all together."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from tests.workbook import cases
from xlhedge.liquidation import liquidation_price
from xlhedge.quotes import Quote
from xlhedge.scenario import Scenario, hedge_scenario
from xlhedge.sizing import hedge_contracts
from xlhedge.workbook.bags import BAG_HEADERS

MOVES = [percent / 100 for percent in range(-60, 101, 10)]
COINS = ("ETH", "SOL", "XRP", "DOGE", "ADA")


@dataclass(frozen=True)
class Bags:
    """What is typed of the bags beside the first, and the quotes of all of them."""

    first: cases.Case
    rows: list[dict[str, Any]]
    quotes: list[Quote]


def random_bags(seed: int) -> Bags:
    """Return a first position and up to five bags, the same for the same seed."""
    draw = random.Random(seed)
    first = cases.random_case(seed)
    rows, quotes = [], []
    for coin in COINS[: draw.randint(1, 5)]:
        price = 10 ** draw.uniform(-3, 5)
        sized_in_coins = draw.random() < 0.2
        face = draw.choice([0.1, 1.0]) if sized_in_coins else draw.choice([1.0, 10.0])
        quote = cases.a_quote(
            venue=draw.choice(["bybit", "binance", "okx"]),
            symbol=f"{coin}USD",
            coin=coin,
            margin_coin=coin,
            index=price,
            mark=price * (1 + draw.uniform(-0.01, 0.01)),
            funding_rate=draw.choice([0.0, draw.uniform(-0.003, 0.003)]),
            interval_hours=draw.choice([1.0, 4.0, 8.0]),
            contract_size=face,
            size_unit="base" if sized_in_coins else "quote",
            lot_size=draw.choice([1.0, 0.1, None]),
            maintenance_rate=draw.choice([None, 0.005, 0.02]),
            taker_fee=draw.choice([None, 0.0005]),
        )
        per = face * (price if sized_in_coins else 1)
        typed = (
            coin,
            50 * per / price * 10 ** draw.uniform(0, 4),
            draw.choice([None, 0, per / price]),
            quote.venue,
            draw.choice([quote.symbol, coin.lower()]),
            draw.choice([0, 0.5, 1, 1, 1.5]),
            draw.choice([0.5, 1, 2, 3, 10]),
        )
        rows.append(dict(zip(BAG_HEADERS, typed, strict=True)))
        quotes.append(quote)
    return Bags(first, rows, quotes)


@dataclass(frozen=True)
class Expected:
    """One bag by the engine."""

    price: float
    contracts: float
    notional: float
    margin: float
    liquidation: float
    funding_a_day: float
    coins: float
    table: Scenario


def expected(row: dict[str, Any], quote: Quote, days: float, moves: list[float]) -> Expected:
    """Return the results of a bag without looking at any workbook."""
    price = quote.index
    extra = float(row["extra margin"] or 0)
    coins, ratio = row["quantity"] + extra, row["hedge ratio"]
    face = quote.contract_size * (price if quote.size_unit == "base" else 1)
    lot, unit = quote.lot_size or 1, quote.size_unit
    contracts = 0.0
    if ratio:
        contracts = hedge_contracts(coins, price, quote.contract_size, ratio, unit, lot)
    notional = contracts * face
    margin = notional / (price * row["leverage"])
    rate, fee = quote.maintenance_rate or 0.0, quote.taker_fee or 0.0
    table = hedge_scenario(
        coins, price, contracts, face, [price * (1 + move) for move in moves], 1, rate,
        quote.funding_rate, quote.interval_hours, days, fee, fee, margin=margin + extra,
    )  # fmt: skip
    reached = liquidation_price(contracts, face, price, margin + extra, rate)
    a_day = quote.funding_rate * 24 / quote.interval_hours * notional
    return Expected(price, contracts, notional, margin, reached, a_day, coins, table)


def on_an_edge(bags: Bags) -> bool:
    """Whether the last digits of any bag decide, as in :func:`tests.workbook.cases.on_an_edge`."""
    found = cases.on_an_edge(bags.first)
    for row, quote in zip(bags.rows, bags.quotes, strict=True):
        price = quote.index
        typed = {
            "in_maintenance_rate": None,
            "in_leverage": row["leverage"],
            "in_margin_currency": "coin",
            "in_entry_price": price,
            "in_hedge_ratio": row["hedge ratio"],
            "in_quantity": row["quantity"] + (row["extra margin"] or 0),
        }
        found |= cases.on_an_edge(cases.Case(typed, quote))
    return found
