"""Cross hedge: hedging one coin with another coin's contract, by least variance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xlhedge.domain import FINITE, POSITIVE, Column, arithmetic
from xlhedge.errors import NoValueError, ShapeError
from xlhedge.words import INPUT, Word

__all__ = ["hedge_beta", "hedge_effectiveness", "residual_volatility"]

_LEAST_RETURNS = 2  # two points fix a slope; below that there is none


@arithmetic
def hedge_beta(asset_prices: Column, hedge_prices: Column, input: Word = "prices") -> float:
    """Return the hedge ratio of least variance of an asset against a hedge.

    Parameters
    ----------
    asset_prices, hedge_prices : array
        Prices at the same moments, oldest first, above 0; or returns, with ``input`` "returns".
    input : {"prices", "returns"}
        What the two columns hold. From prices, simple returns are taken.

    Returns
    -------
    float
        USD of the hedge to short for each USD of the asset.

    Raises
    ------
    DomainError, UnknownWordError, ShapeError
        When an argument is outside its range or list, or lengths differ.
    NoValueError
        With fewer than two returns, or a hedge whose price never moves.

    Notes
    -----
    .. math:: h^* = \\operatorname{cov}(a, b)/\\operatorname{var}(b)

    the slope of the regression of the asset's returns on the hedge's.

    References
    ----------
    Hull, *Options, Futures and Other Derivatives*, section on the minimum variance hedge ratio.

    Examples
    --------
    >>> round(hedge_beta([100, 110, 99], [50, 60, 48]), 12)
    0.5
    """
    asset, hedge = _deviations(asset_prices, hedge_prices, input)
    return float(asset @ hedge / (hedge @ hedge))


@arithmetic
def hedge_effectiveness(
    asset_prices: Column, hedge_prices: Column, input: Word = "prices"
) -> float:
    """Return the share of the asset's variance that the hedge removes (R squared).

    Parameters
    ----------
    asset_prices, hedge_prices : array
        Prices at the same moments, oldest first, above 0; or returns, with ``input`` "returns".
    input : {"prices", "returns"}
        What the two columns hold.

    Returns
    -------
    float
        Fraction from 0 to 1.

    Raises
    ------
    DomainError, UnknownWordError, ShapeError
        When an argument is outside its range or list, or lengths differ.
    NoValueError
        With fewer than two returns, or when either price never moves.

    Notes
    -----
    .. math:: R^2 = \\operatorname{corr}(a, b)^2

    References
    ----------
    Hull, *Options, Futures and Other Derivatives*, section on the minimum variance hedge ratio.

    Examples
    --------
    >>> hedge_effectiveness([0.01, -0.02, 0.03], [0.02, -0.04, 0.06], "returns")
    1.0
    """
    asset, hedge = _deviations(asset_prices, hedge_prices, input)
    own = float(asset @ asset)
    if own == 0:
        raise NoValueError("there is no hedge effectiveness: the asset's returns do not vary")
    return min(float((asset @ hedge) ** 2 / (own * float(hedge @ hedge))), 1.0)


@arithmetic
def residual_volatility(
    asset_prices: Column, hedge_prices: Column, input: Word = "prices"
) -> float:
    """Return the volatility of the asset's returns that the best hedge leaves.

    Parameters
    ----------
    asset_prices, hedge_prices : array
        Prices at the same moments, oldest first, above 0; or returns, with ``input`` "returns".
    input : {"prices", "returns"}
        What the two columns hold.

    Returns
    -------
    float
        Standard deviation (n - 1) of a return over one step of the columns, fraction.

    Raises
    ------
    DomainError, UnknownWordError, ShapeError, NoValueError
        As :func:`hedge_effectiveness`.

    Notes
    -----
    .. math:: \\sigma_a \\sqrt{1 - R^2}

    Examples
    --------
    >>> residual_volatility([0.01, -0.02, 0.03], [0.02, -0.04, 0.06], "returns")
    0.0
    """
    asset, _ = _deviations(asset_prices, hedge_prices, input)
    explained = hedge_effectiveness(asset_prices, hedge_prices, input)
    return float(np.sqrt(asset @ asset / (asset.size - 1) * (1 - explained)))


def _deviations(asset: Any, hedge: Any, input: str) -> tuple[np.ndarray, np.ndarray]:
    """Return both columns' returns less their means, having checked that a slope exists."""
    of_prices = INPUT("input", input) == "prices"
    domain: Callable[[str, Any], Any] = POSITIVE if of_prices else FINITE
    columns = [
        np.ravel(domain(name, column))
        for name, column in (("asset_prices", asset), ("hedge_prices", hedge))
    ]
    if columns[0].size != columns[1].size:
        sizes = f"{columns[0].size} cells against {columns[1].size}"
        raise ShapeError("asset_prices", sizes, "as many cells as hedge_prices")
    if of_prices:
        columns = [np.diff(column) / column[:-1] for column in columns]
    if columns[0].size < _LEAST_RETURNS:
        raise NoValueError(
            f"there is no hedge ratio from {columns[0].size} returns: give more prices"
        )
    a, b = (column - column.mean() for column in columns)
    # a column of equal numbers leaves deviations of rounding size, not a variance
    if not np.any(np.abs(b) > 4 * np.finfo(float).eps * np.abs(columns[1]).max()):
        raise NoValueError("there is no hedge ratio: the hedge's returns do not vary")
    return a, b
