"""How many contracts hedge a bag, what ratio they reach, and what stays exposed."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlhedge.domain import COUNT, NOT_NEGATIVE, POSITIVE, Numbers, arithmetic
from xlhedge.words import ROUNDING, SIDE, SIZE_UNIT, Word

__all__ = ["hedge_contracts", "hedge_coverage", "hedge_notional", "net_exposure"]

# Quantity, price, ratio and size come as decimals and meet here after three roundings, each of
# half a unit in the last place: 1.1 coins at 50,000 are 550.0000000000001 lots of 100 USD.
# Within this relative distance of a whole or half lot, the whole or half lot is meant.
_SNAP = 2.0**-48


@arithmetic
def hedge_notional(quantity: Numbers, price: Numbers, hedge_ratio: Numbers = 1) -> Numbers:
    """Return the size of the short, in USD, that hedges a bag.

    Parameters
    ----------
    quantity : float or array
        Coins held, above 0.
    price : float or array
        Price of the coin, USD per coin, above 0.
    hedge_ratio : float or array, default 1
        Share of the bag to hedge, 0 or more; 1 is a full hedge.

    Returns
    -------
    float or numpy.ndarray
        USD to short, 0 or more.

    Raises
    ------
    DomainError
        When an argument lies outside the range above.

    Notes
    -----
    .. math:: N = h Q P

    ``hedge_ratio`` 0 gives 0: no hedge.

    Examples
    --------
    >>> hedge_notional(5, 50000)
    250000.0
    """
    quantity = POSITIVE("quantity", quantity)
    price = POSITIVE("price", price)
    hedge_ratio = NOT_NEGATIVE("hedge_ratio", hedge_ratio)
    return hedge_ratio * quantity * price


@arithmetic
def hedge_contracts(
    quantity: Numbers,
    price: Numbers,
    contract_size: Numbers,
    hedge_ratio: Numbers = 1,
    size_unit: Word = "quote",
    lot_size: Numbers = 1,
    rounding: Word = "nearest",
) -> Numbers:
    """Return how many contracts to short, rounded to the venue's lot.

    Parameters
    ----------
    quantity : float or array
        Coins held, above 0.
    price : float or array
        Price of the coin, USD per coin, above 0.
    contract_size : float or array
        Face value: USD per contract, or coins per contract when ``size_unit`` is "base".
    hedge_ratio : float or array, default 1
        Share of the bag to hedge, 0 or more.
    size_unit : {"quote", "base"}
        Unit of ``contract_size``.
    lot_size : float or array, default 1
        Smallest step of an order, contracts, above 0.
    rounding : {"nearest", "down", "up"}
        "nearest" rounds half a lot away from zero, as Excel does.

    Returns
    -------
    float or numpy.ndarray
        Contracts to short, a whole number of lots, 0 or more.

    Raises
    ------
    DomainError, UnknownWordError
        When an argument lies outside the range or list above.

    Notes
    -----
    .. math:: n = h Q P / F \\qquad\\text{or, sized in coins,}\\qquad n = h Q / F

    The residual after rounding is at most half a lot ("nearest"). A quotient within
    :math:`2^{-48}` of a whole or half lot counts as that, so that 1.1 coins at 50,000 USD are 550
    contracts of 100 USD, rounded up too.

    Examples
    --------
    >>> hedge_contracts(5, 50000, 100)
    2500.0
    >>> hedge_contracts(10, 3000, 1, 1, "base")
    10.0
    >>> hedge_contracts(1.1, 50000, 100, rounding="up")
    550.0
    """
    quantity = POSITIVE("quantity", quantity)
    price = POSITIVE("price", price)
    contract_size = POSITIVE("contract_size", contract_size)
    hedge_ratio = NOT_NEGATIVE("hedge_ratio", hedge_ratio)
    unit = SIZE_UNIT("size_unit", size_unit)
    lot_size = POSITIVE("lot_size", lot_size)
    mode = ROUNDING("rounding", rounding)
    exposure = hedge_ratio * quantity
    # sized in coins the price plays no part, but the result keeps its shape
    exact = (
        exposure * price / contract_size
        if unit == "quote"
        else exposure / contract_size + 0 * price
    )
    return round_to_lot(exact, lot_size, mode)


def round_to_lot(contracts: Any, lot_size: Any, rounding: str) -> Any:
    """Return contracts (0 or more) rounded to whole lots, half a lot away from zero.

    Examples
    --------
    >>> round_to_lot(2.5, 1.0, "nearest"), round_to_lot(2.9, 1.0, "down")
    (3.0, 2.0)
    >>> round_to_lot(0.31, 0.1, "nearest")
    0.3
    """
    lots = np.asarray(contracts / lot_size)
    halves = np.rint(2 * lots)
    lots = np.where(np.abs(2 * lots - halves) <= _SNAP * halves, halves / 2, lots)
    whole = np.floor(lots)
    if rounding == "nearest":
        whole = whole + (lots - whole >= 0.5)
    elif rounding == "up":
        whole = np.ceil(lots)
    # a lot such as 0.1 is a rounded number itself: 3 lots are 3/10, not 3 * 0.1
    per_unit = np.rint(1 / np.asarray(lot_size))
    decimal_lot = (per_unit > 1) & (np.abs(per_unit * lot_size - 1) <= _SNAP)
    rounded = np.where(decimal_lot, whole / np.where(decimal_lot, per_unit, 1), whole * lot_size)
    return rounded.item() if rounded.ndim == 0 else rounded


@arithmetic
def hedge_coverage(
    quantity: Numbers,
    price: Numbers,
    contracts: Numbers,
    contract_size: Numbers,
    size_unit: Word = "quote",
) -> Numbers:
    """Return the hedge ratio that a number of contracts reaches.

    Parameters
    ----------
    quantity : float or array
        Coins held, above 0.
    price : float or array
        Price at which the hedge is sized, USD per coin. Once the hedge is open: its entry price,
        not the price now (the coverage of an open hedge does not move with the market).
    contracts : float or array
        Contracts short, 0 or more.
    contract_size : float or array
        Face value: USD per contract, or coins per contract when ``size_unit`` is "base".
    size_unit : {"quote", "base"}
        Unit of ``contract_size``.

    Returns
    -------
    float or numpy.ndarray
        Ratio, 0 or more; 1 is a full hedge.

    Raises
    ------
    DomainError, UnknownWordError
        When an argument lies outside the range or list above.

    Notes
    -----
    .. math:: h = n F / (Q P) \\qquad\\text{or, sized in coins,}\\qquad h = n F / Q

    Examples
    --------
    >>> hedge_coverage(5, 50000, 2499, 100)
    0.9996
    """
    quantity = POSITIVE("quantity", quantity)
    price = POSITIVE("price", price)
    contracts = COUNT("contracts", contracts)
    contract_size = POSITIVE("contract_size", contract_size)
    if SIZE_UNIT("size_unit", size_unit) == "base":
        return contracts * contract_size / quantity + 0 * price
    return contracts * contract_size / (quantity * price)


@arithmetic
def net_exposure(
    quantity: Numbers,
    contracts: Numbers,
    contract_size: Numbers,
    entry_price: Numbers,
    side: Word = "short",
) -> Numbers:
    """Return the coins of the bag that still follow the price while the hedge is open.

    Parameters
    ----------
    quantity : float or array
        Coins held, above 0.
    contracts : float or array
        Contracts of the inverse perpetual, 0 or more.
    contract_size : float or array
        Face value, USD per contract.
    entry_price : float or array
        Price at which the hedge was opened, USD per coin.
    side : {"short", "long"}
        Side of the contracts.

    Returns
    -------
    float or numpy.ndarray
        Coins; 0 when fully hedged, below 0 when hedged by more than the bag.

    Raises
    ------
    DomainError, UnknownWordError
        When an argument lies outside the range or list above.

    Notes
    -----
    .. math:: Q + s N / E, \\quad N = n F

    It does not depend on the price now: a move by itself never calls for a rebalance. The bag
    with its hedge is worth :math:`(Q - N/E) P + N` at any price P.

    Examples
    --------
    >>> net_exposure(5, 2000, 100, 50000)
    1.0
    """
    quantity = POSITIVE("quantity", quantity)
    contracts = COUNT("contracts", contracts)
    contract_size = POSITIVE("contract_size", contract_size)
    entry_price = POSITIVE("entry_price", entry_price)
    return quantity + SIDE("side", side) * contracts * contract_size / entry_price
