"""Days, hours and funding intervals: the market's year is 365 days, around the clock."""

from __future__ import annotations

from xlhedge.domain import Numbers

__all__ = ["DAYS_PER_YEAR", "HOURS_PER_DAY", "intervals_per_year", "settlements"]

HOURS_PER_DAY = 24
DAYS_PER_YEAR = 365  # convention of every venue's APR; leap years are not counted


def settlements(days: Numbers, interval_hours: Numbers) -> Numbers:
    """Return how many settlements fall into a number of days, not rounded.

    Examples
    --------
    >>> settlements(30, 8)
    90.0
    """
    return days * HOURS_PER_DAY / interval_hours


def intervals_per_year(interval_hours: Numbers) -> Numbers:
    """Return how many funding intervals a year holds.

    Examples
    --------
    >>> intervals_per_year(8)
    1095.0
    """
    return settlements(DAYS_PER_YEAR, interval_hours)
