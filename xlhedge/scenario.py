"""The net result of a hedged bag at a horizon: spot, short, funding, fees and what remains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from xlhedge.domain import (
    COUNT,
    FEE,
    FINITE,
    FRACTION,
    NOT_NEGATIVE,
    POSITIVE,
    Column,
    Domain,
    Single,
    arithmetic,
)
from xlhedge.funding import mean_inverse_price
from xlhedge.liquidation import liquidation_price
from xlhedge.periods import settlements

__all__ = ["Scenario", "hedge_scenario"]

_BASIS = Domain("a basis as a fraction above -1 (1 % is 0.01)", -1.0)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What each exit price leaves, USD valued at that price; arrays of one shape.

    Attributes
    ----------
    exit_price : numpy.ndarray
        Spot price at the horizon, USD per coin.
    move : numpy.ndarray
        Fraction of the entry price.
    spot, short, funding : numpy.ndarray
        Profit (+) or loss (-) of the bag, of the short, and funding received (+) or paid (-).
    fees : numpy.ndarray
        Fees paid; a cost is positive.
    net : numpy.ndarray
        ``spot + short + funding - fees``.
    hedged_value : numpy.ndarray
        What bag and hedge are worth together.
    liquidated : numpy.ndarray of bool
        The path reaches the liquidation price: the short is closed at the loss of its margin.
    """

    exit_price: np.ndarray
    move: np.ndarray
    spot: np.ndarray
    short: np.ndarray
    funding: np.ndarray
    fees: np.ndarray
    net: np.ndarray
    hedged_value: np.ndarray
    liquidated: np.ndarray

    HEADER = (
        "exit price",
        "move",
        "spot",
        "short",
        "funding",
        "fees",
        "net",
        "hedged value",
        "liquidated",
    )

    def rows(self) -> list[list[Any]]:
        """Return one row for each exit price, in the order of ``HEADER``."""
        columns = (getattr(self, name.replace(" ", "_")).ravel().tolist() for name in self.HEADER)
        return [list(row) for row in zip(*columns, strict=True)]


@arithmetic
def hedge_scenario(
    quantity: Single,
    entry_price: Single,
    contracts: Single,
    contract_size: Single,
    exit_prices: Column,
    leverage: Single = 1,
    maintenance_rate: Single = 0,
    funding_rate: Single = 0,
    interval_hours: Single = 8,
    days: Single = 0,
    open_fee: Single = 0,
    close_fee: Single = 0,
    *,
    margin: Single | None = None,
    maintenance_amount: Single = 0,
    liquidation_fee: Single = 0,
    entry_basis: Single = 0,
    exit_basis: Single = 0,
) -> Scenario:
    """Return what a bag with its short inverse hedge is worth at a horizon, for each exit price.

    Parameters
    ----------
    quantity : float
        Coins held, above 0.
    entry_price : float
        Spot price when the hedge is opened, USD per coin, above 0.
    contracts : float
        Contracts short, 0 or more.
    contract_size : float
        Face value, USD per contract, above 0.
    exit_prices : array
        Spot prices at the horizon, USD per coin, above 0.
    leverage : float, default 1
        Position value over margin, above 0. Not used when ``margin`` is given.
    maintenance_rate : float, default 0
        Maintenance-margin rate, fraction from 0 to below 1.
    funding_rate : float, default 0
        Average rate over the horizon, fraction per interval; above 0 the short receives.
    interval_hours : float, default 8
        Hours between two settlements, above 0.
    days : float, default 0
        Horizon, days, 0 or more.
    open_fee, close_fee : float, default 0
        Fee rates as fractions of the position's value at each fill.
    margin : float, optional
        Margin posted, coin, instead of ``leverage``.
    maintenance_amount : float, default 0
        Deduction of the tier, coin.
    liquidation_fee : float, default 0
        Fee to close that the venue counts in the liquidation price, fraction.
    entry_basis, exit_basis : float, default 0
        Basis of the perpetual at entry and exit, fraction above -1.

    Returns
    -------
    Scenario
        Arrays of the exit prices' shape; USD at the exit price.

    Raises
    ------
    DomainError
        When an argument lies outside the range above.

    Notes
    -----
    With perpetual prices :math:`E_0 = P_0 (1 + b_0)`, :math:`E_1 = P_1 (1 + b_1)` and
    :math:`N = n F`, in coin:

    .. math::

        \\text{short} = N (1/E_1 - 1/E_0), \\quad
        \\text{funding} = r k N \\frac{\\ln(E_1/E_0)}{E_1 - E_0}, \\quad
        \\text{fees} = f_0 N/E_0 + f_1 N/E_1

    each valued at :math:`P_1`. When :math:`E_1` reaches the liquidation price the three are
    replaced by the loss of the margin, :math:`-M`. At leverage 1, without fees, funding and
    basis, the hedged value is the value at entry at every price: a synthetic dollar.

    Examples
    --------
    >>> result = hedge_scenario(5, 50000, 2500, 100, [40000, 60000])
    >>> result.short.tolist(), result.hedged_value.tolist()
    ([50000.0, -50000.0], [250000.0, 250000.0])
    """
    quantity = POSITIVE("quantity", quantity)
    entry_price = POSITIVE("entry_price", entry_price)
    contracts = COUNT("contracts", contracts)
    contract_size = POSITIVE("contract_size", contract_size)
    exit_prices = np.asarray(POSITIVE("exit_prices", exit_prices))
    leverage = POSITIVE("leverage", leverage)
    funding_rate = FINITE("funding_rate", funding_rate)
    interval_hours = POSITIVE("interval_hours", interval_hours)
    days = NOT_NEGATIVE("days", days)
    open_fee = FEE("open_fee", open_fee)
    close_fee = FEE("close_fee", close_fee)
    perpetual_entry = entry_price * (1 + _BASIS("entry_basis", entry_basis))
    relative_exit = 1 + _BASIS("exit_basis", exit_basis)

    notional = contracts * contract_size
    coins = notional / perpetual_entry
    posted = coins / leverage if margin is None else NOT_NEGATIVE("margin", margin)
    liquidation = liquidation_price(
        contracts,
        contract_size,
        perpetual_entry,
        posted,
        FRACTION("maintenance_rate", maintenance_rate),
        "short",
        liquidation_fee,
        maintenance_amount,
    )

    perpetual_exit = exit_prices if relative_exit == 1 else exit_prices * relative_exit
    change = exit_prices - entry_price
    spot = quantity * change
    # exit_prices / perpetual_exit is 1 / relative_exit: coin amounts at the exit, valued at spot
    short = (perpetual_entry - perpetual_exit) * (coins / relative_exit)
    earned = funding_rate * settlements(days, interval_hours) * notional
    funding = (
        exit_prices * earned * mean_inverse_price(perpetual_entry, perpetual_exit)
        if earned
        else np.zeros_like(spot)
    )
    fees = exit_prices * (open_fee * coins) + close_fee * notional / relative_exit
    liquidated = perpetual_exit >= liquidation
    if liquidated.any():
        short = np.where(liquidated, -posted * exit_prices, short)
        funding = np.where(liquidated, 0.0, funding)
        fees = np.where(liquidated, 0.0, fees)
    net = spot + short + funding - fees
    return Scenario(
        exit_price=exit_prices,
        move=change / entry_price,
        spot=spot,
        short=short,
        funding=funding,
        fees=fees,
        net=net,
        hedged_value=quantity * entry_price + net,
        liquidated=liquidated,
    )
