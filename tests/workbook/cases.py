"""Quotes and inputs that workbooks are filled with, and the results that the engine expects."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from xlhedge.liquidation import liquidation_price, liquidation_price_usd_margin
from xlhedge.quotes import INTERVAL_STATED, FundingRow, Quote
from xlhedge.scenario import Scenario, hedge_scenario
from xlhedge.sizing import hedge_contracts, hedge_coverage

NOW = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
MOVES = [percent / 100 for percent in range(-60, 101, 5)]


def clock() -> datetime:
    """Return the present of all workbook tests."""
    return NOW


def a_quote(**changes: Any) -> Quote:
    """Return a quote of Bybit's BTCUSD at 50,000, with some fields changed."""
    fields: dict[str, Any] = {
        "venue": "bybit",
        "symbol": "BTCUSD",
        "coin": "BTC",
        "contract_type": "inverse",
        "quote_currency": "USD",
        "mark": 50_010.0,
        "index": 50_000.0,
        "funding_rate": 0.0001,
        "funding_kind": "predicted",
        "interval_hours": 8.0,
        "interval_source": INTERVAL_STATED,
        "next_funding": datetime(2026, 11, 24, tzinfo=UTC),
        "contract_size": 1.0,
        "size_unit": "quote",
        "margin_coin": "BTC",
        "lot_size": 1.0,
        "tick_size": 0.5,
        "maintenance_rate": 0.005,
        "taker_fee": 0.0006,
        "maker_fee": 0.0001,
        "fee_source": "example",
        "time": datetime(2026, 11, 23, 18, 29, 31, tzinfo=UTC),
        "received": NOW,
        "source": "api.bybit.com/v5/market/tickers",
    }
    return Quote(**fields | changes)


def settlements(count: int = 5) -> list[FundingRow]:
    """Return past settlements, oldest first."""
    start = datetime(2026, 11, 20, tzinfo=UTC).timestamp()
    return [
        FundingRow(datetime.fromtimestamp(start + 28_800 * n, UTC), 0.0001 * (n - 1))
        for n in range(count)
    ]


POSITION = {
    "in_coin": "BTC",
    "in_quantity": 5,
    "in_extra_margin": None,
    "in_venue": "bybit",
    "in_symbol": "BTCUSD",
    "in_hedge_ratio": 1,
    "in_leverage": 1,
    "in_margin_currency": "coin",
    "in_horizon_days": 30,
}


@dataclass(frozen=True)
class Case:
    """One filled workbook: what was typed, and what the venue said."""

    inputs: dict[str, Any]
    quote: Quote


def random_case(seed: int) -> Case:
    """Return inputs that are ordinary, extreme or on an edge, the same for the same seed."""
    draw = random.Random(seed)
    price = 10 ** draw.uniform(-4, 6)
    sized_in_coins = draw.random() < 0.15
    face = draw.choice([1.0, 10.0, 100.0]) if not sized_in_coins else draw.choice([0.01, 0.1, 1.0])
    enough = 50 * face * (price if sized_in_coins else 1) / price
    quote = a_quote(
        index=price,
        mark=price * (1 + draw.uniform(-0.01, 0.01)),
        funding_rate=draw.choice([0.0, 1e-9, draw.uniform(-0.003, 0.003)]),
        interval_hours=draw.choice([1.0, 2.0, 4.0, 8.0]),
        contract_size=face,
        size_unit="base" if sized_in_coins else "quote",
        lot_size=draw.choice([1.0, 1.0, 5.0, 0.1, None]),
        maintenance_rate=draw.choice([None, 0.0, 0.004, 0.005, 0.02, 0.1]),
        taker_fee=draw.choice([None, 0.0, 0.0005, 0.0006]),
    )
    usd = draw.random() < 0.3
    inputs = POSITION | {
        "in_quantity": enough * 10 ** draw.uniform(0, 5),
        "in_extra_margin": draw.choice([None, 0, enough * draw.random() * (price if usd else 1)]),
        "in_hedge_ratio": draw.choice([0, 0.25, 0.5, 1, 1, 1, 1.5, draw.uniform(0, 2)]),
        "in_leverage": draw.choice([0.5, 1, 1, 1.0000001, 2, 3, 10, 50, draw.uniform(1, 125)]),
        "in_margin_currency": "usd" if usd else "coin",
        "in_horizon_days": draw.choice([0, 1 / 24, 1, 30, 90, draw.uniform(0, 400)]),
        "in_entry_price": draw.choice([None, None, price * draw.uniform(0.5, 2)]),
        "in_funding_rate": draw.choice([None, None, 0, draw.uniform(-0.002, 0.002)]),
        "in_maintenance_rate": draw.choice([None, None, 0, 0.0125]),
        "in_open_fee": draw.choice([None, -0.0001, 0, 0.0005]),
        "in_close_fee": draw.choice([None, 0, 0.00075]),
    }
    return Case(inputs, quote)


@dataclass(frozen=True)
class Expected:
    """What a workbook must show, by the engine's functions and the page of formulas."""

    values: dict[str, float]  # by defined name; infinity where a price does not exist
    table: Scenario
    at_rate: Any  # yearly rate -> net of each move
    at_ratio: Any  # hedge ratio -> net of each move


def _used(given: float | None, default: float | None) -> float:
    return float(given if given is not None else default or 0.0)


def expected(case: Case) -> Expected:
    """Return the results of a case without looking at any workbook."""
    typed, quote = case.inputs, case.quote
    price = _used(typed.get("in_entry_price"), quote.index)
    usd = typed["in_margin_currency"] == "usd"
    extra = float(typed["in_extra_margin"] or 0)
    coins = typed["in_quantity"] + (0 if usd else extra)
    face = quote.contract_size * (price if quote.size_unit == "base" else 1)
    maintenance = _used(typed.get("in_maintenance_rate"), quote.maintenance_rate)
    rate = _used(typed.get("in_funding_rate"), quote.funding_rate)
    fee_in = _used(typed.get("in_open_fee"), quote.taker_fee)
    fee_out = _used(typed.get("in_close_fee"), quote.taker_fee)
    days, hours, leverage = typed["in_horizon_days"], quote.interval_hours, typed["in_leverage"]
    exits = [price * (1 + move) for move in MOVES]

    def sized(ratio: float) -> float:
        if ratio == 0:
            return 0.0
        unit, lot = quote.size_unit, quote.lot_size or 1
        return hedge_contracts(coins, price, quote.contract_size, ratio, unit, lot)

    def scenario(ratio: float, funding: float) -> tuple[Scenario, float, float]:
        contracts = sized(ratio)
        notional = contracts * face
        shared = (coins, price, contracts, face, exits, 1, maintenance, funding, hours, days)
        if not usd:
            posted = notional / (price * leverage) + extra
            result = hedge_scenario(*shared, fee_in, fee_out, margin=posted)
            return result, posted, liquidation_price(contracts, face, price, posted, maintenance)
        posted = notional / leverage + extra
        reached = liquidation_price_usd_margin(contracts, face, price, posted, maintenance)
        never = hedge_scenario(*shared, fee_in, fee_out, margin=notional / price + 1)
        return _liquidated_in_usd(never, posted, reached, coins * price), posted, reached

    ratio = typed["in_hedge_ratio"]
    table, posted, reached = scenario(ratio, rate)
    contracts = sized(ratio)
    notional = contracts * face
    by_move = dict(zip(MOVES, table.net.tolist(), strict=True))
    values = {
        "out_contracts": contracts,
        "out_notional": notional,
        "out_coverage": hedge_coverage(
            coins, price, contracts, quote.contract_size, quote.size_unit
        ),
        "out_initial_margin": notional / (price * leverage),
        "calc_collateral": posted,
        "out_liquidation_price": reached,
        "out_liquidation_distance": reached / price - 1,
        "out_funding_usd": rate * days * 24 / hours * notional,
        "out_fees_usd": (fee_in + fee_out) * notional,
        "out_net_down20": by_move[-0.2],
        "out_net_flat": by_move[0.0],
        "out_net_up20": by_move[0.2],
    }
    return Expected(
        values,
        table,
        lambda yearly: scenario(ratio, yearly * hours / 24 / 365)[0].net,
        lambda other: scenario(other, rate)[0].net,
    )


def _liquidated_in_usd(table: Scenario, posted: float, reached: float, worth: float) -> Scenario:
    """Replace the rows at or above the liquidation price by the loss of dollar collateral."""
    import numpy as np

    gone = table.exit_price >= reached
    short = np.where(gone, -posted, table.short)
    funding, fees = np.where(gone, 0, table.funding), np.where(gone, 0, table.fees)
    net = table.spot + short + funding - fees
    return Scenario(
        exit_price=table.exit_price,
        move=table.move,
        spot=table.spot,
        short=short,
        funding=funding,
        fees=fees,
        net=net,
        hedged_value=worth + net,
        liquidated=gone,
    )


def on_an_edge(case: Case) -> bool:
    """Whether the last digits decide: half a lot, or a liquidation price that is an exit price."""
    typed, quote = case.inputs, case.quote
    maintenance = _used(typed.get("in_maintenance_rate"), quote.maintenance_rate)
    leverage = typed["in_leverage"]
    if typed["in_margin_currency"] == "usd":
        reached = 1 - maintenance + 1 / leverage
    else:
        reached = (1 - maintenance) / (1 - 1 / leverage) if leverage > 1 else math.inf
    if any(math.isclose(reached, 1 + move, rel_tol=1e-9) for move in MOVES):
        return True
    price = _used(typed.get("in_entry_price"), quote.index)
    per = quote.contract_size * (price if quote.size_unit == "base" else 1)
    lots = typed["in_hedge_ratio"] * typed["in_quantity"] * price / per / (quote.lot_size or 1)
    return math.isclose(lots % 1, 0.5, abs_tol=1e-6)
