"""Shapes: numbers, rows, columns, blocks and grids, as cells give and take them."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import udfs

PRICES = st.floats(1e-6, 1e7)


def test_scalar_gives_a_float_and_a_1x1_range_too():
    """One cell is one cell, however it is handed over."""
    for exit_price in (40000, 40000.0, [[40000]], [40000], np.float64(40000), Decimal(40000)):
        result = udfs.INVERSE_PNL(2500, 100, 50000, exit_price)
        assert type(result) is float
        assert result == 1.25


def test_row_and_column_give_a_grid():
    """A row of entries with a column of exits is every pair of them."""
    grid = udfs.SPOT_PNL(1, [[10, 20]], [[10], [20], [30]])
    assert grid == [[0, -10], [10, 0], [20, 10]]


def test_column_stays_a_column_and_a_flat_list_is_a_row():
    """Two dimensions always come back as rows."""
    assert udfs.SPOT_PNL(1, 10, [[10], [20]]) == [[0], [10]]
    assert udfs.SPOT_PNL(1, 10, [10, 20]) == [[0, 10]]
    assert udfs.SPOT_PNL(1, 10, np.array([10, 20])) == [[0, 10]]
    assert udfs.SPOT_PNL(1, 10, ((10,), (20,))) == [[0], [10]]


def test_empty_optional_argument_takes_its_default():
    """A blank cell, an empty text and an omission mean the same."""
    for blank in (None, "", [[None]], " "):
        assert udfs.INVERSE_PNL(2500, 100, 50000, 40000, blank, blank) == 1.25
    assert udfs.HEDGE_CONTRACTS(5, 50000, 100, None, None, None, None) == 2500


def test_named_arguments_work_in_python():
    """Names are those of the wizard."""
    assert udfs.INVERSE_PNL(2500, 100, 50000, exit_price=40000, currency="USD") == 50000
    assert udfs.INVERSE_PNL(2500, 100, 50000, leaving=40000) == "#VALUE!"
    assert udfs.INVERSE_PNL(2500, 100, 50000, 40000, exit_price=1) == "#VALUE!"


def test_words_are_matched_without_case_and_in_their_common_spellings():
    """Trading screens say buy and sell, sheets say S and L."""
    for short in ("short", "SHORT", " Sell ", "s", "S"):
        assert udfs.INVERSE_PNL(2500, 100, 50000, 40000, short) == 1.25
    for long in ("long", "Buy", "l"):
        assert udfs.INVERSE_PNL(2500, 100, 50000, 40000, long) == -1.25
    for usd in ("usd", "USD", "quote"):
        assert udfs.INVERSE_PNL(2500, 100, 50000, 40000, "s", usd) == 50000
    for coin in ("coin", "base", "BTC"):
        assert udfs.INVERSE_PNL(2500, 100, 50000, 40000, "s", coin) == 1.25


def test_a_column_of_words_goes_with_the_column_of_numbers():
    """A book of long and short rows is one call; a blank word is a blank row."""
    sides = [["short"], ["Long"], [None], ["shrot"]]
    exits = [[40000], [40000], [40000], [40000]]
    assert udfs.INVERSE_PNL(2500, 100, 50000, exits, sides) == [
        [1.25],
        [-1.25],
        [None],
        ["#VALUE!"],
    ]


def test_text_results_spill_too():
    """HEDGE_ADVICE over a column of rates is a column of sentences."""
    rates = [[0.0001], [-0.0001], [None], ["x"]]
    advice = udfs.HEDGE_ADVICE(rates, 8, 30)
    assert advice[0][0].startswith("Keep the perpetual")
    assert advice[1][0].startswith("Reduce the ratio")
    assert advice[2:] == [[None], ["#VALUE!"]]


def test_partly_filled_rows_of_prices_are_skipped_for_a_beta():
    """As SLOPE does: a row with a blank on either side does not count."""
    full = udfs.HEDGE_BETA([[1], [2], [4], [5]], [[1], [3], [4], [9]], "returns")
    holes = udfs.HEDGE_BETA([[1], [2], [None], [4], [5]], [[1], [3], [7], [4], [9]], "returns")
    assert holes == full


def test_empty_rows_at_the_end_of_a_column_do_not_count():
    """A selection longer than the data is what people make."""
    fills = udfs.AVERAGE_ENTRY([[1000], [2000], [None]], [[5000], [6000], [None]])
    assert fills == pytest.approx(5625, rel=1e-15)


@given(st.lists(PRICES, min_size=2, max_size=6), st.lists(PRICES, min_size=2, max_size=6))
def test_broadcasting_equals_calls_one_by_one(entries, exits):
    """A grid holds, bit for bit, what the single calls give."""
    grid = udfs.INVERSE_PNL(7, 100, [entries], [[p] for p in exits], "long", "usd")
    assert grid == [[udfs.INVERSE_PNL(7, 100, e, x, "long", "usd") for e in entries] for x in exits]


@given(
    st.lists(st.tuples(PRICES, st.floats(0.2, 50), st.floats(0, 0.3)), min_size=2, max_size=5),
)
def test_block_with_never_equals_calls_one_by_one(rows):
    """Liquidation prices that exist and those that do not stand side by side."""
    entry, leverage, rate = ([[row[k]] for row in rows] for k in range(3))
    block = udfs.LIQUIDATION_AT_LEVERAGE(entry, leverage, rate)
    assert block == [[udfs.LIQUIDATION_AT_LEVERAGE(*row)] for row in rows]
