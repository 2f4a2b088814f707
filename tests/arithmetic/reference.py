"""The formulas once more, slow and plain, in 50-digit arithmetic.

Same names and argument order as the engine. Each is written from its definition (coin values at
two prices, equity against maintenance), not from the form that the engine computes. Arguments are
floats, taken exactly. ``None`` means never.
"""

from __future__ import annotations

from mpmath import mp, mpf

mp.dps = 50


def _exact(function):
    def of_floats(*args):
        return function(*(mpf(a) if isinstance(a, int | float) else a for a in args))

    return of_floats


@_exact
def hedge_notional(quantity, price, hedge_ratio):
    return hedge_ratio * quantity * price


@_exact
def hedge_coverage(quantity, price, contracts, contract_size):
    return contracts * contract_size / (quantity * price)


@_exact
def net_exposure(quantity, contracts, contract_size, entry_price, side):
    return quantity + side * contracts * contract_size / entry_price


@_exact
def spot_pnl(quantity, entry_price, exit_price):
    return quantity * exit_price - quantity * entry_price


@_exact
def inverse_pnl(contracts, contract_size, entry_price, exit_price, side):
    notional = contracts * contract_size
    return side * (notional / entry_price - notional / exit_price)


@_exact
def inverse_pnl_usd(contracts, contract_size, entry_price, exit_price, side):
    return inverse_pnl(contracts, contract_size, entry_price, exit_price, side) * exit_price


@_exact
def linear_pnl(contracts, contract_size, entry_price, exit_price, side):
    return side * contracts * contract_size * (exit_price - entry_price)


@_exact
def breakeven_price(entry_price, open_fee, close_fee, side):
    # s (1/P0 - 1/P1) = f0/P0 + f1/P1, solved for 1/P1
    inverse_exit = (side - open_fee) / entry_price / (side + close_fee)
    return 1 / inverse_exit


@_exact
def funding_cost(notional, funding_rate, days, interval_hours, side):
    return side * funding_rate * notional * days * 24 / interval_hours


@_exact
def funding_payment(contracts, contract_size, mark_price, funding_rate, side):
    return -side * funding_rate * contracts * contract_size / mark_price


@_exact
def funding_apr(funding_rate, interval_hours):
    return funding_rate * 24 / interval_hours * 365


@_exact
def funding_apy(funding_rate, interval_hours):
    return (1 + funding_rate) ** (mpf(24) * 365 / interval_hours) - 1


@_exact
def funding_breakeven(protected_move, days, interval_hours, side):
    return side * protected_move / (days * 24 / interval_hours)


@_exact
def initial_margin(contracts, contract_size, price, leverage):
    return contracts * contract_size / (price * leverage)


@_exact
def maintenance_margin(contracts, contract_size, mark_price, maintenance_rate, maintenance_amount):
    return maintenance_rate * contracts * contract_size / mark_price - maintenance_amount


@_exact
def liquidation_price(
    contracts, contract_size, entry_price, margin, maintenance_rate, side, close_fee, amount
):
    # margin + s N (1/P0 - 1/P) = (m + f) N/P - a, a line in x = 1/P
    notional = contracts * contract_size
    at_zero = margin + amount + side * notional / entry_price
    per_x = notional * (maintenance_rate + close_fee + side)
    x = at_zero / per_x if per_x else mpf(0)
    return 1 / x if x > 0 else None


@_exact
def liquidation_price_usd_margin(
    contracts, contract_size, entry_price, margin_usd, maintenance_rate, side, close_fee
):
    # M x + s N (1/E - x) = (m + f) N x, with x = 1/P
    notional = contracts * contract_size
    per_x = notional * (maintenance_rate + close_fee) + side * notional - margin_usd
    x = side * notional / entry_price / per_x
    return 1 / x if x > 0 else None


@_exact
def liquidation_at_leverage(entry_price, leverage, maintenance_rate, side, close_fee):
    margin = 1 / (entry_price * leverage)
    x = (margin + side / entry_price) / (side + maintenance_rate + close_fee)
    return 1 / x if x > 0 else None


@_exact
def margin_to_survive(
    contracts, contract_size, entry_price, price, maintenance_rate, side, close_fee, amount
):
    notional = contracts * contract_size
    loss = -side * (notional / entry_price - notional / price)
    needed = loss + (maintenance_rate + close_fee) * notional / price - amount
    return max(needed, mpf(0))


@_exact
def max_leverage(entry_price, survive_price, maintenance_rate, side, close_fee):
    margin = margin_to_survive(
        mpf(1), mpf(1), entry_price, survive_price, maintenance_rate, side, close_fee, mpf(0)
    )
    return 1 / entry_price / margin if margin > 0 else None


@_exact
def basis(futures_price, spot_price):
    return futures_price / spot_price - 1


@_exact
def basis_apr(futures_price, spot_price, days):
    return (futures_price / spot_price - 1) * 365 / days


@_exact
def hedge_scenario(
    quantity,
    entry_price,
    contracts,
    contract_size,
    exit_price,
    leverage,
    maintenance_rate,
    funding_rate,
    interval_hours,
    days,
    open_fee,
    close_fee,
):
    """Return (spot, short, funding, fees, net, hedged value, liquidated), USD at the exit price."""
    notional = contracts * contract_size
    margin = notional / (entry_price * leverage)
    limit = liquidation_price(
        contracts, contract_size, entry_price, margin, maintenance_rate, mpf(-1), mpf(0), mpf(0)
    )
    spot = quantity * (exit_price - entry_price)
    short = notional * (1 / exit_price - 1 / entry_price)
    k = days * 24 / interval_hours
    if exit_price == entry_price:
        mean = 1 / entry_price
    else:
        mean = mp.log(exit_price / entry_price) / (exit_price - entry_price)
    funding = funding_rate * k * notional * mean
    fees = open_fee * notional / entry_price + close_fee * notional / exit_price
    liquidated = limit is not None and exit_price >= limit
    if liquidated:
        short, funding, fees = -margin, mpf(0), mpf(0)
    net = (quantity + short + funding - fees) * exit_price - quantity * entry_price
    value = (quantity + short + funding - fees) * exit_price
    legs = (short * exit_price, funding * exit_price, fees * exit_price)
    return (spot, *legs, net, value, liquidated)
