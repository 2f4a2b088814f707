"""Recompute a published worked example with the worksheet functions.

A case states what its source states (``inputs``, ``expected``, ``tolerance``, ``source``), in units
that stand in the names of its keys. :func:`recompute` gives the expected figures from the
functions; :data:`NOT_COVERED` lists the figures that no function gives, each with the reason.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

import udfs as xl

# figures that are outside what the functions compute: by case id, topic, or key, with the reason
NOT_COVERED = {
    "huobi-locked-margin": "margin of long and short legs netted against each other: one venue's rule",
    "deribit-im": "margin rate that grows with size instead of tiers: the rate is an argument here",
    "deribit-mm": "margin rate that grows with size instead of tiers: the rate is an argument here",
    "hull11-tailing-interest": "tailing for interest on daily settlement: perpetuals settle in coin at once",
    "carry-fair-price": "fair price from two interest rates: the functions read the basis from prices",
    "sw-passivbot": "book with both sides open in one cross account",
    "kraken-funding-1-rate": "known misprint of its source",
    "binance-usdm-breakeven": "venue's display: opening fee only, and the sign of a linear contract",
    "binance-coinm-eth": "venue's display: opening fee only, and the sign of a linear contract",
    "fee_to_close_usdt": "linear contract: margin functions are for inverse contracts",
    "order_cost_usdt": "linear contract: margin functions are for inverse contracts",
    "initial_margin_usdt": "linear contract: margin functions are for inverse contracts",
    "fee_to_open_usdt": "linear contract: margin functions are for inverse contracts",
    "roi_percent": "venue's display: denominators differ between venues",
    "unhedged_variance": "an input of the example",
    "mvhr-mcq": "from moments instead of data: arithmetic of one multiplication, no function takes it",
    "mvhr-from": "from moments instead of data: arithmetic of one multiplication, no function takes it",
    "mvhr-phucnguyenvan": "from moments instead of data: no function takes it",
    "mvhr-14-contracts": "known misprint of its source",
    "hedge_ratio": "from moments instead of data: no function takes it",
    "hedge_ratio_returns": "from moments instead of data: no function takes it",
    "sigma_futures": "a moment on the way, not a result",
    "sigma_spot": "a moment on the way, not a result",
    "V_F_usd": "an amount on the way, in gallons",
}


def recompute(case: dict[str, Any]) -> dict[str, float | None]:
    """Return what the functions give for each figure that the case expects and they cover."""
    topic = case["topic"]
    if any(case["id"].startswith(name) for name in NOT_COVERED):
        return {}
    given = {_plain(key): value for key, value in case["inputs"].items()}
    return {
        key: value
        for key, value in _TOPICS[topic](case, given).items()
        if key in {_plain(k) for k in case["expected"]}
    }


def expected_figures(case: dict[str, Any]) -> dict[str, tuple[float | None, float]]:
    """Return the expected figures with their absolute tolerance, under keys without coin names."""
    tolerance = case["tolerance"]
    by_key = tolerance.get("abs_per_key", {})
    figures = {}
    for key, value in case["expected"].items():
        allowed = tolerance.get("abs", by_key.get(key, by_key.get("_default", 0.0)))
        figures[_plain(key)] = (value, allowed + tolerance.get("rel", 0.0) * abs(value or 0.0))
    return figures


def not_covered(case: dict[str, Any], key: str) -> str | None:
    """Return why a figure is not covered, or None."""
    for name, reason in NOT_COVERED.items():
        if case["id"].startswith(name) or key == name:
            return reason
    return None


def _plain(key: str) -> str:
    """Return a key without the coin: entry_price_usd_per_eth and pnl_eth are entry_price, pnl_coin."""
    key = re.sub(r"_usdt?_per_(btc|xbt|eth|coin)$", "", key)
    return re.sub(r"_(btc|xbt|eth)$", "_coin", key)


def _size(given: dict[str, Any]) -> tuple[float, float]:
    """Return contracts and face value; a size in USD is that many contracts of 1 USD."""
    for name in ("contracts", "contracts_closed"):
        if name in given:
            return given[name], given.get("face_value_usd_per_contract", 1)
    if "quantity_usd" in given:
        return given["quantity_usd"], 1
    if "notional_usd" in given:
        return given["notional_usd"], 1
    if "trade_size_coin" in given:
        return given["trade_size_coin"] * given["entry_price"], 1
    return given["quantity_coin"], 1


def _first(given: dict[str, Any], *names: str) -> Any:
    return next((given[name] for name in names if name in given), None)


def _entry(given: dict[str, Any]) -> float:
    return _first(given, "entry_price", "price", "order_price", "entry_price_usdt")


def _exit(given: dict[str, Any]) -> float:
    names = (
        "exit_price",
        "mark_price",
        "mark_or_exit_price",
        "settlement_price",
        "mark_price_usdt",
    )
    return _first(given, *names)


def _average_entry(case: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    fills = [{_plain(k): v for k, v in fill.items()} for fill in given["fills"]]
    sizes = [[_first(fill, "contracts", "quantity_usd")] for fill in fills]
    prices = [[fill["price"]] for fill in fills]
    values = xl.INITIAL_MARGIN(sizes, 1, prices, 1)
    return {
        "average_entry_price": xl.AVERAGE_ENTRY(sizes, prices, case["contract_type"]),
        "total_value_coin": sum(row[0] for row in values),
    }


def _pnl(case: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    n, face = _size(given)
    entry, exit_price, side = _entry(given), _exit(given), given["side"]
    if case["contract_type"] == "linear":
        pnl = xl.LINEAR_PNL(n, face, entry, exit_price, side)
        return {"pnl_usd": pnl, "unrealised_pnl_usdt": pnl}
    pnl = xl.INVERSE_PNL(n, face, entry, exit_price, side)
    at_entry = xl.INITIAL_MARGIN(n, face, entry, 1)
    at_exit = xl.INITIAL_MARGIN(n, face, exit_price, 1)
    fee = given.get("taker_fee_rate", 0)
    mmr = given.get("maintenance_margin_rate", 0)
    fees = fee * (at_entry + at_exit)
    return {
        "pnl_coin": pnl,
        "pnl_sat": pnl * 1e8,
        "unrealised_pnl_coin": pnl,
        "entry_value_coin": at_entry,
        "exit_value_coin": at_exit,
        "position_value_at_entry_coin": at_entry,
        "position_value_at_mark_coin": at_exit,
        "net_pnl_after_funding_coin": pnl - given.get("funding_paid_coin", 0),
        "open_fee_coin": fee * at_entry,
        "close_fee_coin": fee * at_exit,
        "total_fee_coin": fees,
        "realised_pnl_after_fees_coin": pnl - fees,
        "net_realised_pnl_after_fees_coin": pnl - fees,
        "traded_value_coin": at_entry + at_exit,
        "initial_margin_at_entry_coin": xl.INITIAL_MARGIN(n, face, entry, given.get("leverage", 1)),
        "maintenance_margin_at_mark_coin": xl.MAINTENANCE_MARGIN(n, face, exit_price, mmr),
        "pnl_over_margin_ratio": pnl / given["margin_coin"] if "margin_coin" in given else None,
    }


def _liquidation(case: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    n, face = _size(given) if {"contracts", "quantity_usd"} & set(given) else (_entry(given), 1)
    entry, side = _entry(given), given.get("side", "short")
    mmr = given.get("maintenance_margin_rate", 0)
    amount = given.get("maintenance_amount_coin", 0)
    names = ("wallet_balance_coin", "isolated_wallet_coin", "balance_ex_upnl_coin")
    margin = _first(given, *names, "account_balance_coin")
    if margin is None:
        margin = xl.INITIAL_MARGIN(n, face, entry, given["leverage"])
    fee = given.get("taker_fee_rate", 0)
    of_entry = given.get("mm_basis") == "entry_value" or case["id"].startswith("bybit-cross")
    bankruptcy_fee = fee if case["id"].startswith("bybit-cross") else 0
    if of_entry:  # maintenance fixed at the entry value: what is left of the margin is all there is
        kept = margin - xl.MAINTENANCE_MARGIN(n, face, entry, mmr)
        liquidation = xl.LIQUIDATION_PRICE(n, face, entry, kept, 0, side, bankruptcy_fee)
    else:
        liquidation = xl.LIQUIDATION_PRICE(n, face, entry, margin, mmr, side, 0, amount)
    mark = given.get("mark_price", entry)
    unrealised = xl.INVERSE_PNL(n, face, entry, mark, side)
    return {
        "liquidation_price": liquidation,
        "bankruptcy_price": xl.LIQUIDATION_PRICE(n, face, entry, margin, 0, side, bankruptcy_fee),
        "liquidation_price_incl_close_fee": xl.LIQUIDATION_PRICE(
            n, face, entry, margin, mmr, side, fee, amount
        ),
        "unrealised_pnl_coin": unrealised,
        "notional_coin": xl.INITIAL_MARGIN(n, face, mark, 1),
        "isolated_margin_coin": margin + unrealised,
    }


def _margin(case: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    if case["contract_type"] == "quanto":
        name = "bitcoin_multiplier_xbt_per_usd_used_in_arithmetic"
        value = xl.QUANTO_PNL(
            given["contracts"], given[name], given["price"], 2 * given["price"], "l"
        )
        return {"value_coin": value, "initial_margin_coin": value / given["leverage"]}
    if "tiers_coin" in given:
        n, face, price = given["quantity_usd"], 1, given["entry_price"]
        value = xl.INITIAL_MARGIN(n, face, price, 1)
        rate, amount = tier_of(value, [(low, rate) for low, _, rate in given["tiers_coin"]])
        return {
            "position_value_coin": value,
            "initial_margin_coin": xl.INITIAL_MARGIN(n, face, price, given["leverage"]),
            "maintenance_margin_coin": xl.MAINTENANCE_MARGIN(n, face, price, rate, amount),
        }
    n, face = _size(given)
    price = _first(given, "mark_price", "entry_price", "price", "order_price")
    value = xl.INITIAL_MARGIN(n, face, price, 1)
    mmr, amount = given.get("maintenance_margin_rate", 0), given.get("maintenance_amount_coin", 0)
    margin = xl.INITIAL_MARGIN(n, face, price, given.get("leverage", 1))
    return {
        "notional_coin": value,
        "position_value_coin": value,
        "initial_margin_coin": margin,
        "position_margin_coin": margin,
        "maintenance_margin_coin": xl.MAINTENANCE_MARGIN(n, face, price, mmr, amount),
        "margin_ratio": given["total_balance_coin"] / value
        if "total_balance_coin" in given
        else None,
    }


def tier_of(value: float, tiers: list[tuple[float, float]]) -> tuple[float, float]:
    """Return rate and deduction of the tier: each slice at its own rate."""
    amount, top = 0.0, tiers[0][1]
    for (floor, rate), (_, below) in zip(tiers[1:], tiers, strict=False):
        if value > floor:
            amount, top = amount + floor * (rate - below), rate
    return top, amount


def _maintenance_amount(case: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    rate, amount = tier_of(given["position_coin"], [tuple(row) for row in given["brackets_coin"]])
    return {"maintenance_margin_rate": rate, "maintenance_amount_coin": amount}


def _order_cost(case: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    if case["contract_type"] == "linear":
        return {}
    n, face, price, leverage = given["quantity_usd"], 1, _entry(given), given["leverage"]
    fee, value = given["taker_fee_rate"], xl.INITIAL_MARGIN(n, face, price, 1)
    margin = xl.INITIAL_MARGIN(n, face, price, leverage)
    side = given.get("side", "long")
    bankruptcy = xl.LIQUIDATION_AT_LEVERAGE(price, leverage, 0, side)
    to_close = fee * xl.INITIAL_MARGIN(n, face, bankruptcy, 1)
    return {
        "initial_margin_coin": margin,
        "fee_to_open_coin": fee * value,
        "fee_to_close_coin": to_close,
        "order_cost_coin": margin + fee * value + to_close,
    }


def _fees(case: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    n, face = _size(given)
    return {"fee_coin": given["fee_rate"] * xl.INITIAL_MARGIN(n, face, given["price"], 1)}


def _break_even(case: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    fees = given.get("open_fee_rate", 0), given.get("close_fee_rate", 0)
    price = xl.BREAKEVEN_PRICE(_entry(given), *fees, given["side"], case["contract_type"])
    return {"break_even_price": price, "break_even_price_usdt": price}


def _contracts(case: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    face = given.get("face_value_usd_per_contract", 1)
    result: dict[str, Any] = {}
    if "coin_exposure_coin" in given:
        n = xl.HEDGE_CONTRACTS(given["coin_exposure_coin"], given["price"], face)
        result["contracts"] = n
        result["initial_margin_coin"] = xl.INITIAL_MARGIN(
            n, face, given["price"], given["leverage"]
        )
        return result
    usd = _first(given, "liability_usd", "notional_usd")
    if "contracts" in given:
        result["notional_usd"] = xl.FUNDING_PAYMENT(given["contracts"], face, 1, 1, "short", "usd")
    elif "face_value_usd_per_contract" in given:
        n = xl.HEDGE_CONTRACTS(1, usd, face)  # one dollar's worth per dollar of exposure
        result.update(contracts=n, notional_usd=xl.FUNDING_PAYMENT(n, face, 1, 1, "short", "usd"))
    if "price" in given and usd is not None:
        result["value_coin"] = xl.INITIAL_MARGIN(usd, 1, given["price"], 1)
    return result


def _funding(case: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    n, face = _size(given)
    price = _first(given, "mark_price", "index_price", "price")
    rate = given.get("funding_rate")
    if rate is None:
        daily = given["funding_quote_rate_per_day"] - given["funding_base_rate_per_day"]
        rate = daily / given["funding_intervals_per_day"]
    to = {side: xl.FUNDING_PAYMENT(n, face, price, rate, side) for side in ("long", "short")}
    own = to[given.get("side", "long")]
    return {
        "funding_rate": rate,
        "funding_amount_coin": abs(own),
        "cashflow_to_long_coin": to["long"],
        "cashflow_to_short_coin": to["short"],
        "fee_paid_by_trader_coin": -own,
        "cashflow_to_trader_coin": own,
        "cashflow_coin": own,
        "cashflow_sat": own * 1e8,
    }


def _annualised(case: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    hours = 24 / given["intervals_per_day"]
    rate = given["funding_rate_per_8h"]
    return {"cumulative_rate": xl.FUNDING_COST(1, rate, given["days"], hours, "long")}


def _usd_hedge(case: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    n, face = _size(given)
    side = given["side"]
    if "price_move_ratio" in given:
        return {
            "pnl_usd_at_exit": xl.INVERSE_PNL(n, face, 1, given["price_move_ratio"], side, "usd")
        }
    entry, exit_price, spot = _entry(given), _exit(given), given["spot_coin"]
    pnl = xl.INVERSE_PNL(n, face, entry, exit_price, side)
    return {
        "pnl_coin": pnl,
        "equity_coin": spot + pnl,
        "equity_usd": (spot + pnl) * exit_price,
    }


def _basis_trade(case: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    n, face = _size(given)
    if "spot_entry" not in given:
        pnl = xl.INVERSE_PNL(n, face, _entry(given), _exit(given), given["side"])
        value = xl.INITIAL_MARGIN(n, face, _entry(given), 1)
        return {"pnl_coin": pnl, "net_ratio": pnl / value - given["funding_cost_ratio"]}
    spot = xl.SPOT_PNL(given["spot_coin"], given["spot_entry"], given["settlement_price"])
    exit_price = given["settlement_price"]
    short = xl.INVERSE_PNL(n, face, given["futures_entry"], exit_price, given["side"], "usd")
    return {"locked_profit_usd": spot + short}


def _basis(case: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    if "futures_price_usd" not in given:
        return {}
    spot, future = given["spot_price_usd"], given["futures_price_usd"]
    return {
        "basis_usd": xl.BASIS(future, spot) * spot,
        "annualised_percent": 100 * xl.BASIS_APR(future, spot, given["days_to_expiry"]),
    }


def _hedge_ratio(case: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    futures = given.get("change_in_futures_price_per_gallon_usd")
    spot = given.get("change_in_spot_price_per_gallon_usd")
    if futures is None:
        return {}
    squared = xl.HEDGE_EFFECTIVENESS(spot, futures, "returns")
    return {
        "slope": xl.HEDGE_BETA(spot, futures, "returns"),
        "hedge_effectiveness": squared,
        "r_squared": squared,
        "correlation": float(np.sqrt(squared)),
    }


def _daily_settlement(case: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    size = given.get("contract_size_gallons")
    if "h_hat_from_daily_percent_changes" in given:
        ratio, spot = given["h_hat_from_daily_percent_changes"], given["spot_price_usd_per_gallon"]
        per_contract = size * given["futures_price_usd_per_gallon"]
        bag = given["exposure_gallons"], spot, per_contract, ratio
        return {
            "V_A_usd": xl.HEDGE_NOTIONAL(given["exposure_gallons"], spot),
            "contracts": xl.HEDGE_NOTIONAL(given["exposure_gallons"], spot, ratio) / per_contract,
            "contracts_rounded": xl.HEDGE_CONTRACTS(*bag),
        }
    if "sigma_spot_return" in given:
        own = (
            given["corr_changes"]
            * given["sigma_spot_change_usd"]
            / given["sigma_futures_change_usd"]
        )
        tailed = given["corr_returns"] * given["sigma_spot_return"] / given["sigma_futures_return"]
        exposure, spot = given["exposure_gallons"], given["spot_usd"]
        return {
            "contracts": xl.HEDGE_CONTRACTS(exposure, 1, size, own, "base"),
            "contracts_tailed": xl.HEDGE_CONTRACTS(
                exposure, spot, size * given["futures_usd"], tailed
            ),
        }
    return {}


_TOPICS = {
    "average-entry-price": _average_entry,
    "bankruptcy": lambda case, given: {},
    "basis-annualised": _basis,
    "basis-trade": _basis_trade,
    "break-even": _break_even,
    "break-even-venue-definition": lambda case, given: {},
    "contract-conversion": _contracts,
    "fees": _fees,
    "funding": _funding,
    "funding-annualisation": _annualised,
    "hedge-ratio": _hedge_ratio,
    "hedge-ratio-tailing": _daily_settlement,
    "liquidation": _liquidation,
    "maintenance-amount": _maintenance_amount,
    "margin": _margin,
    "order-cost": _order_cost,
    "pnl": _pnl,
    "pnl-margin-fees-grid": _pnl,
    "pnl-with-fees": _pnl,
    "roi": _pnl,
    "usd-hedge": _usd_hedge,
}
