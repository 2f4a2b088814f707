"""What past settlements add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import fsum

from xlhedge.errors import NoValueError
from xlhedge.quotes import DAYS_A_YEAR, HOURS_A_DAY, FundingRow

__all__ = ["Summary", "summary", "usual_rate"]


@dataclass(frozen=True, slots=True)
class Summary:
    """Settlements of one contract over a time.

    Attributes
    ----------
    total : float
        Sum of the rates: what a short received (below 0: paid) as a fraction of its notional. For
        an inverse contract this is exact in USD valued at each settlement, since its notional in
        USD does not move with the price.
    mean : float
        Rate of the average settlement.
    apr : float
        The total as a simple yearly rate over the time that the settlements cover.
    usual_hours, longest_hours : float
        Median and longest distance of two settlements: a longest far above the median is a gap at
        the venue, or a change of its interval.
    """

    count: int
    first: datetime
    last: datetime
    total: float
    mean: float
    apr: float
    usual_hours: float
    longest_hours: float


def summary(rows: Sequence[FundingRow], interval_hours: float | None = None) -> Summary:
    """Add up settlements, in any order.

    Parameters
    ----------
    rows : sequence of FundingRow
        At least one.
    interval_hours : float, optional
        The contract's interval, needed where there is a single settlement.

    Raises
    ------
    NoValueError
        There is no settlement, or a single one and no interval.
    """
    if not rows:
        raise NoValueError("there are no settlements to add up")
    from statistics import median  # it loads much, and most commands add nothing up

    times = sorted(row.time for row in rows)
    hours = [(after - before) / timedelta(hours=1) for before, after in pairwise(times)]
    if not hours:
        if interval_hours is None:
            raise NoValueError("one settlement alone does not say how often it happens")
        hours = [interval_hours]
    usual = median(hours)
    hours_covered = (times[-1] - times[0]) / timedelta(hours=1) + usual  # with the first's own
    total = fsum(row.rate for row in rows)
    return Summary(
        count=len(rows),
        first=times[0],
        last=times[-1],
        total=total,
        mean=total / len(rows),
        apr=total * HOURS_A_DAY / hours_covered * DAYS_A_YEAR,
        usual_hours=usual,
        longest_hours=max(hours),
    )


def usual_rate(rows: Sequence[FundingRow], interval_hours: float) -> float | None:
    """Return the median of settlements without their signs, as a rate per interval.

    Parameters
    ----------
    rows : sequence of FundingRow
        In any order; where there are none, the result is None.
    interval_hours : float
        The interval that the result is of: Deribit's settlements are of an hour, its quotes of 8.

    Examples
    --------
    >>> from datetime import UTC
    >>> hours = [datetime(2026, 11, 23, hour, tzinfo=UTC) for hour in range(3)]
    >>> usual_rate([FundingRow(t, r) for t, r in zip(hours, (1e-5, -3e-5, 2e-5))], 8)
    0.00016
    """
    if not rows:
        return None
    from statistics import median

    sums = summary(rows, interval_hours)
    return median(abs(row.rate) for row in rows) * interval_hours / sums.usual_hours
