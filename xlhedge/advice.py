"""Which contract carries the hedge better over a horizon, in one sentence."""

from __future__ import annotations

from xlhedge.domain import FINITE, POSITIVE, Numbers, arithmetic
from xlhedge.errors import WrongTypeError
from xlhedge.funding import funding_apr
from xlhedge.futures_basis import basis
from xlhedge.periods import settlements

__all__ = ["hedge_advice"]


@arithmetic
def hedge_advice(
    funding_rate: Numbers,
    interval_hours: Numbers,
    days: Numbers,
    futures_price: Numbers | None = None,
    spot_price: Numbers | None = None,
) -> str:
    """Return whether to keep the perpetual, reduce the ratio, or use the dated future, and why.

    Parameters
    ----------
    funding_rate : float
        Fraction per interval; above 0 a short receives.
    interval_hours : float
        Hours between two settlements, above 0.
    days : float
        Horizon, days, above 0; for a comparison with a dated future, its days to expiry.
    futures_price, spot_price : float, optional
        Price of the dated future and of spot, USD per coin; both or neither.

    Returns
    -------
    str
        One sentence with the carry that decides, as a share of the position over the horizon:
        income is positive. Fees are left out: compare them with the difference.

    Raises
    ------
    DomainError
        When a number lies outside the range above.
    WrongTypeError
        When only one of the two prices is given.

    Notes
    -----
    Carry of a short perpetual: :math:`r \\cdot 24/i \\cdot \\text{days}`; of a short dated future:
    its basis :math:`(F - S)/S`. The larger carry wins; a perpetual that costs and has no better
    alternative is a reason to hedge less.

    Examples
    --------
    >>> hedge_advice(0.0001, 8, 30)
    'Keep the perpetual: at 0.0100 % every 8 h a short receives 0.90 % of the position over 30 days (10.95 % a year), before fees.'
    >>> hedge_advice(-0.0002, 8, 30, 50500, 50000)
    'Use the dated future: short, its basis earns 1.00 % over 30 days, while at -0.0200 % every 8 h a short perpetual pays 1.80 % (21.90 % a year), before fees.'
    """
    funding_rate = FINITE("funding_rate", funding_rate)
    interval_hours = POSITIVE("interval_hours", interval_hours)
    days = POSITIVE("days", days)
    perpetual = funding_rate * settlements(days, interval_hours)
    yearly = funding_apr(funding_rate, interval_hours)
    rate = f"at {funding_rate * 100:.4f} % every {interval_hours:g} h"
    horizon = f"over {days:g} days"
    a_year = f"({abs(yearly) * 100:.2f} % a year)"
    verb = "receives" if perpetual >= 0 else "pays"
    amount = f"{abs(perpetual) * 100:.2f} %"

    if (futures_price is None) != (spot_price is None):
        missing = "spot_price" if spot_price is None else "futures_price"
        raise WrongTypeError(missing, None, "a price, as the other of the two prices is given")
    if futures_price is not None:
        dated = basis(futures_price, spot_price)
        dated_verb = "earns" if dated >= 0 else "costs"
        dated_amount = f"{abs(dated) * 100:.2f} %"
        if dated > perpetual:
            return (
                f"Use the dated future: short, its basis {dated_verb} {dated_amount} {horizon}, "
                f"while {rate} a short perpetual {verb} {amount} {a_year}, before fees."
            )
        against = f", against {dated_amount} that the dated future's basis {dated_verb}"
    else:
        against = ""
    if perpetual >= 0:
        return (
            f"Keep the perpetual: {rate} a short receives {amount} of the position {horizon} "
            f"{a_year}{against}, before fees."
        )
    return (
        f"Reduce the ratio: {rate} a short pays {amount} of the position {horizon} "
        f"{a_year}{against}, before fees; hedge the part whose protection is worth that."
    )
