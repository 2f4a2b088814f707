"""Funding: what a perpetual costs or earns while it is held.

Sign, as every venue applies it: a rate above 0 means that longs pay shorts. A short hedge RECEIVES
when the rate is positive and PAYS when it is negative.

A cost is positive when the holder pays; a payment is positive when the holder receives.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from xlhedge.domain import (
    COUNT,
    FINITE,
    NOT_NEGATIVE,
    POSITIVE,
    Column,
    Domain,
    Numbers,
    arithmetic,
    same_length,
)
from xlhedge.periods import HOURS_PER_DAY, intervals_per_year, settlements
from xlhedge.words import CURRENCY, SIDE, Word

__all__ = [
    "funding_accrued",
    "funding_apr",
    "funding_apy",
    "funding_breakeven",
    "funding_cost",
    "funding_payment",
    "mean_inverse_price",
]

_COMPOUNDED_RATE = Domain("a finite rate per interval above -1 (-100 %)", -1.0)


@arithmetic
def funding_cost(
    notional: Numbers,
    funding_rate: Numbers,
    days: Numbers,
    interval_hours: Numbers = 8,
    side: Word = "short",
) -> Numbers:
    """Return what funding costs (+) or earns (-) over a horizon, in USD, at a constant rate.

    Parameters
    ----------
    notional : float or array
        Size of the position, USD, 0 or more.
    funding_rate : float or array
        Fraction per interval; above 0 longs pay shorts.
    days : float or array
        Days held, 0 or more.
    interval_hours : float or array, default 8
        Hours between two settlements, above 0.
    side : {"short", "long"}
        Side of the position.

    Returns
    -------
    float or numpy.ndarray
        USD: positive is paid by the holder, negative is income.

    Raises
    ------
    DomainError, UnknownWordError
        When an argument lies outside the range or list above.

    Notes
    -----
    .. math:: s r N k, \\quad k = 24\\,\\text{days}/i \\quad\\text{settlements, not rounded}

    A short pays :math:`-r N k`: a positive rate is income.

    References
    ----------
    BitMEX, *Perpetual Contracts Guide*; OKX, *Funding fee*; Bybit, *Funding fee calculation*.

    Examples
    --------
    >>> funding_cost(250000, 0.0001, 30)
    -2250.0
    """
    notional = NOT_NEGATIVE("notional", notional)
    funding_rate = FINITE("funding_rate", funding_rate)
    days = NOT_NEGATIVE("days", days)
    interval_hours = POSITIVE("interval_hours", interval_hours)
    return SIDE("side", side) * funding_rate * notional * settlements(days, interval_hours)


@arithmetic
def funding_payment(
    contracts: Numbers,
    contract_size: Numbers,
    mark_price: Numbers,
    funding_rate: Numbers,
    side: Word = "short",
    currency: Word = "coin",
) -> Numbers:
    """Return what one settlement pays to the holder of an inverse position.

    Parameters
    ----------
    contracts : float or array
        Contracts held, 0 or more.
    contract_size : float or array
        Face value, USD per contract, above 0.
    mark_price : float or array
        Mark price at the settlement, USD per coin, above 0.
    funding_rate : float or array
        Fraction for this interval; above 0 longs pay shorts.
    side : {"short", "long"}
        Side of the position.
    currency : {"coin", "usd"}
        Unit of the result; USD at the moment of the settlement.

    Returns
    -------
    float or numpy.ndarray
        Coin or USD: positive is received, negative is paid.

    Raises
    ------
    DomainError, UnknownWordError
        When an argument lies outside the range or list above.

    Notes
    -----
    .. math:: -s r N / P_\\text{mark} \\qquad\\text{or, in USD,}\\qquad -s r N

    Examples
    --------
    >>> round(funding_payment(2500, 100, 48000, 0.0001), 15)
    0.000520833333333
    """
    contracts = COUNT("contracts", contracts)
    contract_size = POSITIVE("contract_size", contract_size)
    mark_price = POSITIVE("mark_price", mark_price)
    funding_rate = FINITE("funding_rate", funding_rate)
    received_usd = -SIDE("side", side) * funding_rate * (contracts * contract_size)
    if CURRENCY("currency", currency) == "usd":
        return received_usd + 0 * mark_price  # plays no part, but gives the result its shape
    return received_usd / mark_price


@arithmetic
def funding_accrued(
    contracts: Column,
    contract_size: Column,
    funding_rates: Column,
    mark_prices: Column,
    side: Word = "short",
    currency: Word = "coin",
) -> float:
    """Return the funding received (+) or paid (-) over a series of settlements.

    Parameters
    ----------
    contracts : float or array
        Contracts held at each settlement (one number: the same throughout), 0 or more.
    contract_size : float or array
        Face value, USD per contract, above 0.
    funding_rates : array
        Settled rate of each interval, fraction; above 0 longs pay shorts.
    mark_prices : array
        Mark price at each settlement, USD per coin, above 0.
    side : {"short", "long"}
        Side of the position.
    currency : {"coin", "usd"}
        Unit of the result; USD, each payment at its own moment.

    Returns
    -------
    float
        Coin or USD: positive is received. 0 for no settlements.

    Raises
    ------
    DomainError, UnknownWordError, ShapeError
        When an argument lies outside the range or list above, or lengths differ.

    Notes
    -----
    .. math:: \\sum_j -s r_j N_j / P_j

    The payments do not share one mark: the same rate pays more coin at a lower price.

    Examples
    --------
    >>> funding_accrued(2500, 100, [0.0001, -0.0001], [50000, 40000])
    -0.000125
    """
    contracts = COUNT("contracts", contracts)
    contract_size = POSITIVE("contract_size", contract_size)
    funding_rates = FINITE("funding_rates", funding_rates)
    mark_prices = POSITIVE("mark_prices", mark_prices)
    sign = SIDE("side", side)
    in_usd = CURRENCY("currency", currency) == "usd"
    n, face, rates, marks = same_length(
        contracts=contracts,
        contract_size=contract_size,
        funding_rates=funding_rates,
        mark_prices=mark_prices,
    )
    received = -sign * rates * (n * face)
    return math.fsum(received if in_usd else received / marks)


@arithmetic
def funding_apr(funding_rate: Numbers, interval_hours: Numbers) -> Numbers:
    """Return the simple yearly rate of a funding rate.

    Parameters
    ----------
    funding_rate : float or array
        Fraction per interval.
    interval_hours : float or array
        Hours between two settlements, above 0. There is no default: venues use 1, 2, 4 and 8.

    Returns
    -------
    float or numpy.ndarray
        Fraction per year of 365 days, with the sign of the rate.

    Raises
    ------
    DomainError
        When an argument lies outside the range above.

    Notes
    -----
    .. math:: r \\cdot 24/i \\cdot 365

    Examples
    --------
    >>> round(funding_apr(0.0001, 8), 12)
    0.1095
    """
    funding_rate = FINITE("funding_rate", funding_rate)
    interval_hours = POSITIVE("interval_hours", interval_hours)
    return funding_rate * intervals_per_year(interval_hours)


@arithmetic
def funding_apy(funding_rate: Numbers, interval_hours: Numbers) -> Numbers:
    """Return the yearly rate of a funding rate, compounded at every settlement.

    Parameters
    ----------
    funding_rate : float or array
        Fraction per interval, above -1.
    interval_hours : float or array
        Hours between two settlements, above 0. There is no default.

    Returns
    -------
    float or numpy.ndarray
        Fraction per year of 365 days, above -1.

    Raises
    ------
    DomainError
        When an argument lies outside the range above.

    Notes
    -----
    .. math:: (1 + r)^{24/i \\cdot 365} - 1

    computed as ``expm1(k * log1p(r))``, which keeps the digits of small rates.

    Examples
    --------
    >>> round(funding_apy(0.0001, 8), 12)
    0.115713962792
    """
    funding_rate = _COMPOUNDED_RATE("funding_rate", funding_rate)
    interval_hours = POSITIVE("interval_hours", interval_hours)
    growth = intervals_per_year(interval_hours) * np.log1p(funding_rate)
    with np.errstate(over="ignore"):
        return _plain(np.expm1(growth))


@arithmetic
def funding_breakeven(
    protected_move: Numbers,
    days: Numbers,
    interval_hours: Numbers = 8,
    side: Word = "short",
) -> Numbers:
    """Return the rate at which funding costs as much as the move that the hedge protects from.

    Parameters
    ----------
    protected_move : float or array
        Size of the move as a fraction of the price, 0 or more (0.2 for 20 %).
    days : float or array
        Days held, above 0.
    interval_hours : float or array, default 8
        Hours between two settlements, above 0.
    side : {"short", "long"}
        Side of the hedge.

    Returns
    -------
    float or numpy.ndarray
        Fraction per interval. Below 0 for a short, which pays when the rate is negative: a rate
        lower than this costs more than the hedge protects.

    Raises
    ------
    DomainError, UnknownWordError
        When an argument lies outside the range or list above.

    Notes
    -----
    .. math:: s d / k, \\quad k = 24\\,\\text{days}/i

    Examples
    --------
    >>> round(funding_breakeven(0.20, 30), 15)
    -0.002222222222222
    """
    protected_move = NOT_NEGATIVE("protected_move", protected_move)
    days = POSITIVE("days", days)
    interval_hours = POSITIVE("interval_hours", interval_hours)
    return SIDE("side", side) * protected_move * interval_hours / (days * HOURS_PER_DAY)


def mean_inverse_price(start: Numbers, end: Numbers) -> Numbers:
    """Return the mean of 1/price over a path that runs linearly from one price to another.

    Parameters
    ----------
    start, end : float or array
        Prices, USD per coin, above 0; not checked here.

    Returns
    -------
    float or numpy.ndarray
        Coin per USD.

    Notes
    -----
    .. math:: \\frac{\\ln(P_1/P_0)}{P_1 - P_0} = \\frac{\\ln(1+x)}{x\\,P_0}, \\quad x = P_1/P_0 - 1

    and :math:`1/P_0` at :math:`P_1 = P_0`. ``log1p`` keeps all digits near there; below half of
    the start price the plain logarithm is the better conditioned of the two.

    Examples
    --------
    >>> mean_inverse_price(50000.0, 50000.0)
    2e-05
    """
    move = (np.asarray(end) - start) / start
    # log1p is exact enough for all but deep falls, which are rare: look before computing both
    if move.size and move.min() < -0.5:
        log_growth = np.where(move < -0.5, np.log(end / np.asarray(start)), np.log1p(move))
    else:
        log_growth = np.log1p(move)
    flat = move == 0
    if flat.any():
        per_start = np.where(flat, 1.0, log_growth / np.where(flat, 1.0, move))
    else:
        per_start = log_growth / move
    return _plain(per_start / start)


def _plain(value: Any) -> Any:
    return value.item() if getattr(value, "ndim", 0) == 0 and hasattr(value, "item") else value
