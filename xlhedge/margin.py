"""Initial and maintenance margin of an inverse position, and the margin that survives a move."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlhedge.domain import COUNT, FEE, FRACTION, NOT_NEGATIVE, POSITIVE, Numbers, arithmetic
from xlhedge.errors import DomainError
from xlhedge.words import SIDE, Word

__all__ = ["initial_margin", "maintenance_margin", "margin_to_survive", "max_leverage"]


@arithmetic
def initial_margin(
    contracts: Numbers, contract_size: Numbers, price: Numbers, leverage: Numbers
) -> Numbers:
    """Return the margin that opens an inverse position, in coin.

    Parameters
    ----------
    contracts : float or array
        Contracts, 0 or more.
    contract_size : float or array
        Face value, USD per contract, above 0.
    price : float or array
        Entry price, USD per coin, above 0.
    leverage : float or array
        Position value over margin, above 0; 1 posts the whole value.

    Returns
    -------
    float or numpy.ndarray
        Coin.

    Raises
    ------
    DomainError
        When an argument lies outside the range above.

    Notes
    -----
    .. math:: N / (P L), \\quad N = n F

    References
    ----------
    Bybit, *Initial margin*; Huobi, *Margin of coin-margined swaps*.

    Examples
    --------
    >>> initial_margin(2500, 100, 50000, 5)
    1.0
    """
    contracts = COUNT("contracts", contracts)
    contract_size = POSITIVE("contract_size", contract_size)
    price = POSITIVE("price", price)
    leverage = POSITIVE("leverage", leverage)
    return contracts * contract_size / price / leverage


@arithmetic
def maintenance_margin(
    contracts: Numbers,
    contract_size: Numbers,
    mark_price: Numbers,
    maintenance_rate: Numbers,
    maintenance_amount: Numbers = 0,
) -> Numbers:
    """Return the margin that must remain behind an inverse position, in coin.

    Parameters
    ----------
    contracts : float or array
        Contracts, 0 or more.
    contract_size : float or array
        Face value, USD per contract, above 0.
    mark_price : float or array
        Mark price, USD per coin, above 0.
    maintenance_rate : float or array
        Maintenance-margin rate of the tier, fraction from 0 to below 1.
    maintenance_amount : float or array, default 0
        Deduction of the tier, coin, 0 or more.

    Returns
    -------
    float or numpy.ndarray
        Coin.

    Raises
    ------
    DomainError
        When an argument lies outside the range above.

    Notes
    -----
    .. math:: m N / P - a

    References
    ----------
    Binance, *How to calculate liquidation price of COIN-M futures contracts*.

    Examples
    --------
    >>> maintenance_margin(100, 100, 25000, 0.004)
    0.0016
    """
    contracts = COUNT("contracts", contracts)
    contract_size = POSITIVE("contract_size", contract_size)
    mark_price = POSITIVE("mark_price", mark_price)
    maintenance_rate = FRACTION("maintenance_rate", maintenance_rate)
    maintenance_amount = NOT_NEGATIVE("maintenance_amount", maintenance_amount)
    return maintenance_rate * (contracts * contract_size) / mark_price - maintenance_amount


@arithmetic
def margin_to_survive(
    contracts: Numbers,
    contract_size: Numbers,
    entry_price: Numbers,
    price: Numbers,
    maintenance_rate: Numbers,
    side: Word = "short",
    close_fee: Numbers = 0,
    maintenance_amount: Numbers = 0,
) -> Numbers:
    """Return the margin with which a move to a price is just survived, in coin.

    Parameters
    ----------
    contracts : float or array
        Contracts, 0 or more.
    contract_size : float or array
        Face value, USD per contract, above 0.
    entry_price : float or array
        Entry price, USD per coin, above 0.
    price : float or array
        Price to survive, USD per coin, above 0.
    maintenance_rate : float or array
        Maintenance-margin rate of the tier, fraction from 0 to below 1.
    side : {"short", "long"}
        Side of the position.
    close_fee : float or array, default 0
        Fee to close, fraction, where the venue counts it (Bybit, OKX).
    maintenance_amount : float or array, default 0
        Deduction of the tier, coin.

    Returns
    -------
    float or numpy.ndarray
        Coin, 0 or more. 0 when the position survives without margin.

    Raises
    ------
    DomainError, UnknownWordError
        When an argument lies outside the range or list above.

    Notes
    -----
    The margin M whose liquidation price is the price given:

    .. math:: M = \\max(0,\\; N (s + m + f)/S - s N/P_0 - a)

    Examples
    --------
    >>> round(margin_to_survive(2500, 100, 50000, 75000, 0.005), 14)
    1.68333333333333
    """
    contracts = COUNT("contracts", contracts)
    contract_size = POSITIVE("contract_size", contract_size)
    entry_price = POSITIVE("entry_price", entry_price)
    price = POSITIVE("price", price)
    maintenance_rate = FRACTION("maintenance_rate", maintenance_rate)
    sign = SIDE("side", side)
    buffer = liquidation_buffer(maintenance_rate, FEE("close_fee", close_fee), sign)
    maintenance_amount = NOT_NEGATIVE("maintenance_amount", maintenance_amount)
    shortfall = sign * (entry_price - price) + entry_price * buffer
    margin = contracts * contract_size / entry_price * (shortfall / price) - maintenance_amount
    return np.maximum(margin, 0.0) if isinstance(margin, np.ndarray) else max(margin, 0.0)


@arithmetic
def max_leverage(
    entry_price: Numbers,
    survive_price: Numbers,
    maintenance_rate: Numbers,
    side: Word = "short",
    close_fee: Numbers = 0,
) -> Numbers:
    """Return the highest leverage that survives a move to a price.

    Parameters
    ----------
    entry_price, survive_price : float or array
        Entry price and price to survive, USD per coin, above 0.
    maintenance_rate : float or array
        Maintenance-margin rate of the tier, fraction from 0 to below 1.
    side : {"short", "long"}
        Side of the position.
    close_fee : float or array, default 0
        Fee to close, fraction, where the venue counts it.

    Returns
    -------
    float or numpy.ndarray
        Leverage; infinity when no margin is needed (the move is in the position's favour).

    Raises
    ------
    DomainError, UnknownWordError
        When an argument lies outside the range or list above.

    Notes
    -----
    .. math:: \\frac{N/P_0}{M} = \\frac{S}{s (P_0 - S) + P_0 (m + f)}

    Examples
    --------
    >>> round(max_leverage(50000, 75000, 0.005), 14)
    2.97029702970297
    """
    entry_price = POSITIVE("entry_price", entry_price)
    survive_price = POSITIVE("survive_price", survive_price)
    maintenance_rate = FRACTION("maintenance_rate", maintenance_rate)
    sign = SIDE("side", side)
    buffer = liquidation_buffer(maintenance_rate, FEE("close_fee", close_fee), sign)
    shortfall = sign * (entry_price - survive_price) + entry_price * buffer
    return divide_or_never(survive_price, shortfall, shortfall <= 0)


def liquidation_buffer(maintenance_rate: Any, close_fee: Any, sign: float) -> Any:
    """Return maintenance rate plus fee to close, refusing a short that neither could ever back."""
    buffer = maintenance_rate + close_fee
    if sign < 0:
        where = np.asarray(buffer >= 1)
        if where.any():
            together = np.asarray(buffer)[where][0]
            expected = "maintenance_rate + close_fee below 1 for a short"
            raise DomainError(
                "maintenance_rate", together, expected, where=where if where.ndim else None
            )
    return buffer


def divide_or_never(numerator: Any, denominator: Any, never: Any) -> Any:
    """Return the quotient, and infinity where it stands for "never".

    Examples
    --------
    >>> divide_or_never(1.0, 0.0, True)
    inf
    """
    if isinstance(never, bool):
        return float("inf") if never else numerator / denominator
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(never, np.inf, np.divide(numerator, denominator))
