"""Distrust: a quote that cannot be true is refused with a sentence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.quote_examples import NOW, a_quote
from xlhedge.errors import BadReply
from xlhedge.plausibility import (
    doubt_about_rate,
    refuse_implausible,
    refuse_implausible_history,
)
from xlhedge.quotes import FundingRow

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        # what is wrong, what the refusal says
        ({"mark": -1.0}, "mark is -1.0"),
        ({"index": 0.0}, "index is 0.0"),
        ({"mark": float("nan")}, "mark is nan"),
        ({"mark": float("inf")}, "mark is inf"),
        ({"contract_size": 0.0}, "contract_size"),
        ({"mark": 60001.0}, "from index"),
        ({"mark": 39999.0}, "from index"),
        ({"funding_rate": 0.0401}, "outside"),
        ({"funding_rate": -0.0401}, "outside"),
        ({"funding_rate": float("nan")}, "outside"),
        ({"funding_rate": 0.01, "funding_cap": 0.00375, "funding_floor": -0.00375}, "outside"),
        ({"interval_hours": 0.0}, "interval"),
        ({"interval_hours": 480.0}, "interval"),
        ({"time": NOW + timedelta(seconds=61)}, "future"),
        ({"time": NOW - HOUR - timedelta(seconds=1)}, "minutes old"),
        ({"interval_hours": 1.0}, "more than the interval"),
        ({"next_funding": NOW - HOUR, "funding_kind": "settled"}, "in the past"),
        ({"next_funding": NOW - timedelta(seconds=61)}, "that it predicts, .* UTC, has passed"),
        ({"funding_rate": 0.05, "funding_cap": 0.75, "funding_floor": -0.75}, r"-4\.0000% to \+4"),
        ({"funding_rate": -0.05, "funding_cap": 0.75, "funding_floor": -0.75}, "outside"),
        ({"funding_rate": 0.05, "funding_cap": 0.0, "funding_floor": 0.0}, r"to \+4\.0000%"),
        ({"contract_size": 10.0}, "face value changed from 100 .* to 10"),
        ({"size_unit": "base"}, "face value changed"),
    ],
)
def test_refused(changes: dict[str, Any], sentence: str) -> None:
    """Each of these is refused, in a sentence that names the figure."""
    with pytest.raises(BadReply, match=sentence):
        refuse_implausible(a_quote(**changes), now=NOW, last=a_quote())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"mark": 59999.0},
        {"funding_rate": 0.04},
        {"funding_rate": -0.00375, "funding_cap": 0.00375, "funding_floor": -0.00375},
        {"time": NOW + timedelta(seconds=60)},
        {"time": NOW - HOUR},
        {"next_funding": None},
        {"next_funding": NOW - timedelta(seconds=60)},
        {"next_funding": NOW - timedelta(minutes=9), "funding_kind": "settled"},
        {"funding_rate": 0.09, "funding_cap": 0.10, "funding_floor": -0.10},
        {"funding_rate": 0.0001, "funding_cap": 0.0},
    ],
)
def test_accepted(changes: dict[str, Any]) -> None:
    """What is unusual but possible passes."""
    refuse_implausible(a_quote(**changes), now=NOW, last=a_quote())


def test_a_new_size_passes_when_the_user_accepts_it() -> None:
    """A changed face value passes only with the user's word."""
    refuse_implausible(a_quote(contract_size=10.0), now=NOW, last=a_quote(), accept_new_sizes=True)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (FundingRow(NOW, 0.0401), "beyond"),
        (FundingRow(NOW, -0.0401), "beyond"),
        (FundingRow(NOW, float("nan")), "beyond"),
        (FundingRow(NOW, float("-inf")), "beyond"),
        (FundingRow(NOW + timedelta(seconds=61), 1e-4), "future"),
        (FundingRow(NOW, 1e-4, mark=0.0), "mark is 0.0"),
        (FundingRow(NOW, 1e-4, mark=float("nan")), "mark is nan"),
    ],
)
def test_a_settlement_that_cannot_be_true(row: FundingRow, sentence: str) -> None:
    """One impossible settlement refuses all that came with it, naming its time."""
    rows = [FundingRow(NOW - 8 * HOUR, 1e-4), row]
    with pytest.raises(BadReply, match=f"X, 2026-11-23 13:1.*{sentence}"):
        refuse_implausible_history("bybit", "X", rows, now=NOW)


def test_a_higher_cap_of_the_venue_widens_the_limit_of_settlements() -> None:
    """A lower cap of today says nothing of the past; a higher one is believed."""
    rows = [FundingRow(NOW, 0.05)]
    refuse_implausible_history("bybit", "X", rows, now=NOW, cap=0.05)
    refuse_implausible_history("bybit", "X", [FundingRow(NOW, 0.03)], now=NOW, cap=0.00375)
    with pytest.raises(BadReply, match=r"beyond 4\.0000%"):
        refuse_implausible_history("bybit", "X", rows, now=NOW, cap=0.75)


def settled(*rates: float, hours: int = 8) -> list[FundingRow]:
    """Return settlements at a distance, newest first."""
    return [FundingRow(NOW - n * hours * HOUR, rate) for n, rate in enumerate(rates)]


USUAL = (0.0001, -0.0001, 0.0001)


@pytest.mark.parametrize(
    ("changes", "rows", "last", "doubtful"),
    [
        # of the quote (basis 0.2 %), its history, the last stored rate
        ({"funding_rate": 0.03}, settled(*USUAL), None, True),
        ({"funding_rate": -0.03}, settled(*USUAL), None, True),
        ({"funding_rate": 0.0051, "mark": 50000.0}, settled(*USUAL), None, True),
        ({"funding_rate": 0.0049, "mark": 50000.0}, settled(*USUAL), None, False),  # possible
        ({"funding_rate": 0.01, "mark": 50000.0}, settled(*USUAL), None, True),  # 100 times
        ({"funding_rate": 0.01}, settled(*USUAL), None, False),  # 5 times the basis
        ({"funding_rate": 0.03}, settled(0.0001, 0.02, 0.03), None, False),  # it is usual here
        ({"funding_rate": 0.03}, settled(0.0015), None, False),  # 20 times, not more
        ({"funding_rate": 0.03}, settled(*USUAL), 0.02, True),  # the history comes first
        ({"funding_rate": 0.03}, [], 0.0001, True),
        ({"funding_rate": 0.03}, [], 0.004, False),
        ({"funding_rate": 0.03}, [], 0.03, True),  # as doubtful when it was read before
        ({"funding_rate": 0.03}, [], None, True),  # nothing speaks for it
        ({"funding_rate": 0.03}, settled(0.0, 0.0, 0.0), None, True),
        ({"funding_rate": 0.03}, settled(0.0003, 0.0002, 0.0003, hours=1), None, False),
        ({"funding_rate": 0.0001}, [], None, False),
    ],
)
def test_a_rate_that_looks_like_a_slip_of_the_unit(
    changes: dict[str, Any], rows: list[FundingRow], last: float | None, doubtful: bool
) -> None:
    """Large, far above what is usual, and far above the basis: all three make a warning."""
    before = None if last is None else a_quote(funding_rate=last)
    quote = a_quote(**changes)
    refuse_implausible(quote, now=NOW)
    warning = doubt_about_rate(quote, rows, before)
    assert (warning is not None) == doubtful
    if warning is not None:
        assert warning.startswith("binance BTCUSD_PERP: the funding rate ")
        assert f"{quote.funding_rate:+.4%}" in warning
