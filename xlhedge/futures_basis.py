"""Basis: how far a future or a perpetual trades from spot, and what that is a year."""

from __future__ import annotations

from xlhedge.domain import POSITIVE, Numbers, arithmetic
from xlhedge.periods import DAYS_PER_YEAR

__all__ = ["basis", "basis_apr"]


@arithmetic
def basis(futures_price: Numbers, spot_price: Numbers) -> Numbers:
    """Return the basis of a future or perpetual as a fraction of spot.

    Parameters
    ----------
    futures_price, spot_price : float or array
        USD per coin, above 0.

    Returns
    -------
    float or numpy.ndarray
        Fraction; above 0 when the future trades above spot (contango), which a short earns.

    Raises
    ------
    DomainError
        When an argument lies outside the range above.

    Notes
    -----
    .. math:: (F - S)/S

    Some texts (Hull) define the basis as S - F, with the opposite sign.

    Examples
    --------
    >>> basis(50500, 50000)
    0.01
    """
    futures_price = POSITIVE("futures_price", futures_price)
    spot_price = POSITIVE("spot_price", spot_price)
    return (futures_price - spot_price) / spot_price


@arithmetic
def basis_apr(futures_price: Numbers, spot_price: Numbers, days: Numbers) -> Numbers:
    """Return the basis of a dated future as a simple yearly rate.

    Parameters
    ----------
    futures_price, spot_price : float or array
        USD per coin, above 0.
    days : float or array
        Days to expiry, above 0.

    Returns
    -------
    float or numpy.ndarray
        Fraction per year of 365 days, with the sign of the basis.

    Raises
    ------
    DomainError
        When an argument lies outside the range above.

    Notes
    -----
    .. math:: \\frac{F - S}{S} \\cdot \\frac{365}{\\text{days}}

    Examples
    --------
    >>> round(basis_apr(50500, 50000, 30), 12)
    0.121666666667
    """
    days = POSITIVE("days", days)
    return basis(futures_price, spot_price) * DAYS_PER_YEAR / days
