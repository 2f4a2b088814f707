"""What past settlements add up to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.quote_examples import NOW
from xlhedge.errors import NoValueError
from xlhedge.history import summary
from xlhedge.quotes import FundingRow


def rows(*rates: float, hours: float = 8.0) -> list[FundingRow]:
    """Return settlements some hours apart, newest first."""
    return [FundingRow(NOW - timedelta(hours=hours * n), rate) for n, rate in enumerate(rates)]


@pytest.mark.parametrize(
    ("settled", "total", "apr"),
    [
        # three settlements of 8 hours are a day, 24 of an hour too
        (rows(1e-4, 1e-4, 1e-4), 3e-4, 3e-4 * 365),
        (rows(-1e-4, -1e-4, -1e-4), -3e-4, -3e-4 * 365),
        (rows(1e-4, -2e-4, 1e-4), 0.0, 0.0),
        (rows(*[1e-5] * 24, hours=1.0), 24e-5, 24e-5 * 365),
    ],
)
def test_sums(settled: list[FundingRow], total: float, apr: float) -> None:
    """Sum, mean and yearly rate of settlements, above 0 where a short received."""
    sums = summary(settled)
    assert sums.total == pytest.approx(total, abs=1e-18)
    assert sums.mean == pytest.approx(total / len(settled), abs=1e-18)
    assert sums.apr == pytest.approx(apr, abs=1e-15)
    assert (sums.last, sums.count) == (NOW, len(settled))
    assert summary(settled[::-1]) == sums


def test_a_gap_is_told() -> None:
    """The longest distance shows where the venue paused, and its time counts in the yearly rate."""
    settled = [*rows(1e-4, 1e-4, 1e-4), FundingRow(NOW - timedelta(hours=40), 1e-4)]
    sums = summary(settled)
    assert (sums.usual_hours, sums.longest_hours) == (8.0, 24.0)
    assert sums.apr == pytest.approx(4e-4 / 48 * 24 * 365)


def test_a_single_settlement_needs_the_interval() -> None:
    """One settlement alone has no yearly rate unless its interval is known; none has no sum."""
    assert summary(rows(1e-4), 4.0).apr == pytest.approx(1e-4 * 6 * 365)
    with pytest.raises(NoValueError, match="how often"):
        summary(rows(1e-4))
    with pytest.raises(NoValueError, match="no settlements"):
        summary([])
