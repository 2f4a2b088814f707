"""Identities that hold whatever the numbers are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from xlhedge import (
    average_entry,
    breakeven_price,
    funding_apr,
    funding_cost,
    funding_payment,
    hedge_contracts,
    hedge_coverage,
    hedge_scenario,
    initial_margin,
    inverse_pnl,
    liquidation_at_leverage,
    liquidation_price,
    liquidation_price_usd_margin,
    margin_to_survive,
    max_leverage,
    net_exposure,
    spot_pnl,
)

PRICE = st.floats(1e-6, 1e7)
MOVE = st.floats(1e-3, 1e3)
QUANTITY = st.floats(1e-4, 1e6)
SIZE = st.floats(1e-3, 1e4)
COUNT = st.floats(0, 1e7)
RATE = st.floats(-0.04, 0.04)
LEVERAGE = st.floats(1.01, 100)
MAINTENANCE = st.floats(0, 0.2)
FEE = st.floats(-0.001, 0.005)
SIDE = st.sampled_from(["short", "long"])


def close(a, b, scale=0.0):
    return math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12 * abs(scale))


@given(QUANTITY, PRICE, MOVE)
def test_full_hedge_is_a_synthetic_dollar(quantity, entry, move):
    """Bag plus short of its value is worth the entry value at every price, a thousandfold too."""
    exit_price = entry * move
    short = inverse_pnl(quantity * entry, 1, entry, exit_price, "short", "usd")
    value = quantity * exit_price + short
    assert close(value, quantity * entry, quantity * max(entry, exit_price))


@given(
    QUANTITY, PRICE, MOVE, st.floats(0, 2), LEVERAGE, MAINTENANCE, RATE, st.floats(0, 400), FEE, FEE
)
def test_net_is_spot_plus_short_plus_funding_less_fees(
    quantity, entry, move, ratio, leverage, rate, funding, days, open_fee, close_fee
):
    """The columns add up to the net, and the net to the hedged value, liquidated or not."""
    s = hedge_scenario(
        quantity, entry, ratio * quantity * entry, 1, [entry * move], leverage, rate, funding, 8,
        days, open_fee, close_fee,
    )  # fmt: skip
    scale = abs(s.spot[0]) + abs(s.short[0]) + abs(s.funding[0]) + quantity * entry
    assert close(s.net[0], s.spot[0] + s.short[0] + s.funding[0] - s.fees[0], scale)
    assert close(s.hedged_value[0], quantity * entry + s.net[0], scale)
    coins = quantity + (s.short[0] + s.funding[0] - s.fees[0]) / s.exit_price[0]
    assert close(s.hedged_value[0], coins * s.exit_price[0], scale)


@given(COUNT, SIZE, PRICE, MOVE)
def test_long_and_short_mirror_each_other(contracts, size, entry, move):
    """What one side gains the other loses, in coin and in USD."""
    arguments = (contracts, size, entry, entry * move)
    for currency in ("coin", "usd"):
        short = inverse_pnl(*arguments, "short", currency)
        assert short == -inverse_pnl(*arguments, "long", currency)
    assert funding_payment(*arguments[:3], 0.0001, "short") == -funding_payment(
        *arguments[:3], 0.0001, "long"
    )


@given(QUANTITY, PRICE, SIZE, st.floats(0, 3), st.sampled_from([0.001, 0.1, 1.0, 10.0]))
def test_rounding_to_lots_leaves_at_most_half_a_lot(quantity, price, size, ratio, lot):
    """Nearest is within half a lot; down is not above, up is not below; all are whole lots."""
    exact = ratio * quantity * price / size
    assume(exact / lot < 1e9)
    nearest, down, up = (
        hedge_contracts(quantity, price, size, ratio, "quote", lot, r)
        for r in ("nearest", "down", "up")
    )
    slack = 1e-12 * (exact + lot)
    assert abs(nearest - exact) <= lot / 2 + slack
    assert down <= exact + slack
    assert up >= exact - slack
    assert up - down <= lot * (1 + 1e-9) + slack
    for contracts in (nearest, down, up):
        assert abs(contracts / lot - round(contracts / lot)) <= 1e-6


@pytest.mark.parametrize(
    ("exact", "rounding", "rounded"),
    [
        (0.5, "nearest", 1),
        (1.5, "nearest", 2),
        (2.5, "nearest", 3),
        (2.4999, "nearest", 2),
        (0.4999999, "nearest", 0),
        (2.0001, "up", 3),
        (2.9999, "down", 2),
        (0, "up", 0),
    ],
)
def test_half_a_lot_rounds_away_from_zero_as_in_excel(exact, rounding, rounded):
    """Not to even, as numpy's own rounding would."""
    ratio = exact
    assert hedge_contracts(1, 1, 1, ratio, "quote", 1, rounding) == rounded


@pytest.mark.parametrize(
    ("quantity", "price", "size", "rounding"),
    [
        (1.1, 50000, 100, "up"),
        (0.1, 30000, 100, "down"),
        (4.35, 100, 1, "down"),
        (0.7, 10, 1, "up"),
    ],
)
def test_decimal_products_that_are_whole_are_taken_as_whole(quantity, price, size, rounding):
    """1.1 * 50,000 is 55,000 to a person, whatever binary makes of it."""
    expected = round(quantity * price / size)
    assert hedge_contracts(quantity, price, size, 1, "quote", 1, rounding) == expected


@given(QUANTITY, PRICE, SIZE, COUNT)
def test_coverage_and_exposure_say_the_same(quantity, price, size, contracts):
    """What is not covered is exposed."""
    coverage = hedge_coverage(quantity, price, contracts, size)
    exposed = net_exposure(quantity, contracts, size, price)
    assert close(exposed, quantity * (1 - coverage), quantity * (1 + coverage))


@given(QUANTITY, COUNT, PRICE, MOVE, MOVE)
def test_exposure_of_an_open_hedge_is_the_slope_of_its_value(quantity, notional, entry, a, b):
    """Value = exposure * price + N: a move by itself calls for no rebalance."""
    value = [
        quantity * entry * m + inverse_pnl(notional, 1, entry, entry * m, "short", "usd")
        for m in (a, b)
    ]
    slope = net_exposure(quantity, notional, 1, entry)
    scale = (quantity * entry + notional) * (1 + a + b)
    assert close(value[0] - value[1], slope * entry * (a - b), scale)


@given(RATE, st.floats(0.5, 24))
def test_apr_undoes_to_the_rate(rate, interval):
    """Dividing the yearly rate by the intervals of a year gives the rate back."""
    assert close(funding_apr(rate, interval) * interval / 24 / 365, rate)


@given(st.floats(1, 1e9), st.floats(1e-6, 0.04), st.floats(0.1, 400), st.floats(1, 24))
def test_positive_rate_is_income_for_a_short_and_a_cost_for_a_long(notional, rate, days, interval):
    """Longs pay shorts when the rate is above 0, and the other way round."""
    assert funding_cost(notional, rate, days, interval, "short") < 0
    assert funding_cost(notional, rate, days, interval, "long") > 0
    assert funding_cost(notional, -rate, days, interval, "short") > 0
    assert funding_payment(notional, 1, 100, rate, "short") > 0
    scenario = hedge_scenario(1, 100, 1, 100, [90, 110], funding_rate=rate, days=days)
    assert (scenario.funding > 0).all()


@given(st.floats(1e-6, 1e7), SIZE, PRICE, FEE, FEE, SIDE)
def test_breakeven_leaves_nothing(contracts, size, entry, open_fee, close_fee, side):
    """At the break-even price the gain is just the two fees."""
    price = breakeven_price(entry, open_fee, close_fee, side)
    notional = contracts * size
    fees = open_fee * notional / entry + close_fee * notional / price
    gain = inverse_pnl(contracts, size, entry, price, side)
    assert close(gain, fees, notional / entry)


@given(PRICE, LEVERAGE, MAINTENANCE, FEE.map(abs), SIDE)
def test_liquidation_price_is_where_equity_meets_maintenance(entry, leverage, rate, fee, side):
    """By leverage and by margin the same price, and there the equity is what must remain."""
    margin = initial_margin(100, 100, entry, leverage)
    price = liquidation_price(100, 100, entry, margin, rate, side, fee)
    assert math.isclose(
        price, liquidation_at_leverage(entry, leverage, rate, side, fee), rel_tol=1e-10
    )
    equity = margin + inverse_pnl(100, 100, entry, price, side)
    assert close(equity, (rate + fee) * 10000 / price, 10000 / entry + 10000 / price)


@given(PRICE, st.floats(1.01, 50), MAINTENANCE, SIDE)
def test_margin_to_survive_and_max_leverage_undo_the_liquidation_price(entry, move, rate, side):
    """With that margin, at that leverage, the liquidation price is the price to survive."""
    survive = entry * move if side == "short" else entry / move
    margin = margin_to_survive(50, 100, entry, survive, rate, side)
    assert math.isclose(
        liquidation_price(50, 100, entry, margin, rate, side), survive, rel_tol=1e-9
    )
    leverage = max_leverage(entry, survive, rate, side)
    assert math.isclose(leverage, 5000 / entry / margin, rel_tol=1e-9)


@given(PRICE, st.floats(1.5, 20), st.floats(0, 0.1))
def test_dollar_collateral_is_liquidated_nearer_than_coin_of_the_same_value(entry, leverage, rate):
    """Coin collateral grows with the price, dollars do not."""
    coin = liquidation_price(100, 100, entry, 10000 / entry / leverage, rate)
    dollars = liquidation_price_usd_margin(100, 100, entry, 10000 / leverage, rate)
    assert math.isfinite(dollars)
    assume(coin > entry)  # enough margin to open the position at all
    assert dollars < coin


@given(QUANTITY, PRICE, MAINTENANCE, st.floats(1, 1e6))
def test_short_at_1x_is_never_liquidated(quantity, entry, rate, move):
    """Margin of the full value covers every rise."""
    notional = quantity * entry
    margin = initial_margin(notional, 1, entry, 1)
    assert liquidation_price(notional, 1, entry, margin, rate) == math.inf
    assert liquidation_at_leverage(entry, 1, rate) == math.inf
    rise = hedge_scenario(quantity, entry, notional, 1, [entry * move], 1, rate)
    assert not rise.liquidated.any()


@given(QUANTITY, PRICE, st.floats(2, 50), MAINTENANCE.filter(lambda m: m < 0.02))
def test_liquidated_row_loses_just_the_margin(quantity, entry, leverage, rate):
    """Beyond the liquidation price the short has cost its margin, and no funding or fee counts."""
    notional = quantity * entry
    far = 3 * entry * leverage / (leverage - 1)
    s = hedge_scenario(quantity, entry, notional, 1, [far], leverage, rate, 0.0001, 8, 30, 0.0005)
    assert s.liquidated.all()
    assert close(s.short[0], -quantity / leverage * far)
    assert s.funding[0] == s.fees[0] == 0
    assert close(s.net[0], quantity * (far - entry) - quantity / leverage * far, quantity * far)


@given(st.lists(st.tuples(st.floats(1, 1e6), PRICE), min_size=1, max_size=20))
def test_average_entry_has_the_profit_of_its_fills(fills):
    """One position at the average entry gains what the fills gain together, at any exit."""
    contracts, prices = zip(*fills, strict=True)
    average = average_entry(contracts, prices)
    exit_price = prices[0] * 1.7
    apart = sum(inverse_pnl(n, 1, p, exit_price) for n, p in fills)
    together = inverse_pnl(sum(contracts), 1, average, exit_price)
    scale = sum(n / p for n, p in fills) + sum(contracts) / exit_price
    assert close(apart, together, scale)


def test_scenario_at_zero_horizon_without_fees_is_the_two_legs():
    """Nothing but spot and short is left when there is no time and no fee."""
    exits = np.linspace(1000, 200000, 50)
    s = hedge_scenario(5, 50000, 2500, 100, exits)
    assert np.array_equal(s.spot, spot_pnl(5, 50000, exits))
    assert np.allclose(s.net, 0, atol=1e-9)
    assert not s.funding.any()
    assert not s.fees.any()


def test_basis_at_entry_is_earned_when_it_closes():
    """A short opened 1 % above spot and closed at spot earns that 1 % in dollars, at any price."""
    s = hedge_scenario(5, 50000, 2525, 100, [30000, 50000, 90000], entry_basis=0.01)
    assert s.net == pytest.approx([2500, 2500, 2500], rel=1e-12)
