"""Wrong calls: the documented error value in a cell, and a sentence that names the argument."""

from __future__ import annotations

import datetime as dt
import math

import pytest

import udfs
from udfs.cell_errors import REASONS
from udfs.declaration import DECLARED

NAN, INF = math.nan, math.inf
VALUE, NUM, NA = "#VALUE!", "#NUM!", "#N/A"

# function, arguments, what the cell shows, the argument that the sentence names
WRONG = [
    ("HEDGE_NOTIONAL", ("five", 50000), VALUE, "quantity"),
    ("HEDGE_NOTIONAL", (None, 50000), VALUE, "quantity"),
    ("HEDGE_NOTIONAL", (5,), VALUE, "price"),
    ("HEDGE_NOTIONAL", (5, 0), NUM, "price"),
    ("HEDGE_NOTIONAL", (5, -50000), NUM, "price"),
    ("HEDGE_NOTIONAL", (5, NAN), NUM, "price"),
    ("HEDGE_NOTIONAL", (5, INF), NUM, "price"),
    ("HEDGE_NOTIONAL", (0, 50000), NUM, "quantity"),
    ("HEDGE_NOTIONAL", (5, 50000, -1), NUM, "hedge_ratio"),
    ("HEDGE_NOTIONAL", (5, True), VALUE, "price"),
    ("HEDGE_NOTIONAL", (5, dt.datetime(2026, 1, 1)), VALUE, "price"),
    ("HEDGE_NOTIONAL", (5, 10**400), NUM, "price"),
    ("HEDGE_NOTIONAL", (5, 50000, 1, 1), VALUE, "arguments"),
    ("HEDGE_NOTIONAL", (1e200, 1e200), NUM, "result"),
    ("HEDGE_CONTRACTS", (5, 50000, 0), NUM, "contract_size"),
    ("HEDGE_CONTRACTS", (5, 50000, 100, 1, "ounces"), VALUE, "size_unit"),
    ("HEDGE_CONTRACTS", (5, 50000, 100, 1, "quote", 0), NUM, "lot_size"),
    ("HEDGE_CONTRACTS", (5, 50000, 100, 1, "quote", 1, "sideways"), VALUE, "rounding"),
    ("HEDGE_CONTRACTS", (5, 50000, 100, 1, 7), VALUE, "size_unit"),
    ("HEDGE_COVERAGE", (5, 50000, -1, 100), NUM, "contracts"),
    ("NET_EXPOSURE", (5, 2000, 100, 50000, "shrot"), VALUE, "side"),
    ("HEDGE_BETA", ([[1], [2], [3]], [[1], [2]]), VALUE, "asset_prices"),
    ("HEDGE_BETA", ([[1], [2], [-3]], [[1], [2], [3]]), NUM, "asset_prices"),
    ("HEDGE_BETA", ([[1], [2], ["x"]], [[1], [2], [3]]), VALUE, "asset_prices"),
    ("HEDGE_BETA", ([[1], [2], [3]], [[5], [5], [5]]), NA, "hedge"),
    ("HEDGE_BETA", ([[1], [2]], [[5], [6]]), NA, "hedge ratio"),
    ("HEDGE_BETA", ([[1], [2], [3]], [[5], [6], [7]], "guesses"), VALUE, "input"),
    ("HEDGE_EFFECTIVENESS", ([[1], [1], [1]], [[5], [6], [7]]), NA, "asset"),
    ("SPOT_PNL", (5, "", 40000), VALUE, "entry_price"),
    ("INVERSE_PNL", (2500, 100, 50000, 0), NUM, "exit_price"),
    ("INVERSE_PNL", (-2500, 100, 50000, 40000), NUM, "contracts"),
    ("INVERSE_PNL", (2500, 100, 50000, 40000, "up"), VALUE, "side"),
    ("INVERSE_PNL", (2500, 100, 50000, 40000, "short", "euro"), VALUE, "currency"),
    ("INVERSE_PNL", (2500, 100, [[1], [2]], [[1], [2], [3]]), VALUE, "entry_price"),
    ("INVERSE_PNL", (2500, 100, 50000, [[1, 2], [3]]), VALUE, "exit_price"),
    ("INVERSE_PNL", (2500, 100, 50000, [[[1]], [[2]]]), VALUE, "exit_price"),
    ("INVERSE_PNL", (2500, 100, 50000, []), VALUE, "exit_price"),
    ("LINEAR_PNL", (5, 1, 35000, "#REF!"), "#REF!", "exit_price"),
    ("QUANTO_PNL", (1000, 0, 500, 600), NUM, "multiplier"),
    ("AVERAGE_ENTRY", ([[1], [2]], [[5], [None]]), VALUE, "prices"),
    ("AVERAGE_ENTRY", ([[0], [0]], [[5], [6]]), NA, "average entry"),
    ("AVERAGE_ENTRY", (None, [[5], [6]]), VALUE, "contracts"),
    ("AVERAGE_ENTRY", ([[1]], [[5]], "futures"), VALUE, "contract_type"),
    ("BREAKEVEN_PRICE", (50000, 1), NUM, "open_fee"),
    ("BREAKEVEN_PRICE", (50000, 0, -1), NUM, "close_fee"),
    ("FUNDING_COST", (-250000, 0.0001, 30), NUM, "notional"),
    ("FUNDING_COST", (250000, NAN, 30), NUM, "funding_rate"),
    ("FUNDING_COST", (250000, 0.0001, -1), NUM, "days"),
    ("FUNDING_COST", (250000, 0.0001, 30, 0), NUM, "interval_hours"),
    ("FUNDING_PAYMENT", (2500, 100, 0, 0.0001), NUM, "mark_price"),
    ("FUNDING_ACCRUED", (2500, 100, [[0.1], [0.2]], [[1], [2], [3]]), VALUE, "funding_rates"),
    ("FUNDING_APR", (0.0001,), VALUE, "interval_hours"),
    ("FUNDING_APR", (0.0001, 0), NUM, "interval_hours"),
    ("FUNDING_APY", (-1, 8), NUM, "funding_rate"),
    ("FUNDING_APY", (5, 1), NUM, "result"),
    ("FUNDING_BREAKEVEN", (0.2, 0), NUM, "days"),
    ("FUNDING_BREAKEVEN", (-0.2, 30), NUM, "protected_move"),
    ("INITIAL_MARGIN", (2500, 100, 50000, 0), NUM, "leverage"),
    ("MAINTENANCE_MARGIN", (2500, 100, 48000, 1.5), NUM, "maintenance_rate"),
    ("LIQUIDATION_PRICE", (2500, 100, 50000, -1, 0.005), NUM, "margin"),
    ("LIQUIDATION_PRICE", (2500, 100, 50000, 1, 0.9, "short", 0.2), NUM, "maintenance_rate"),
    ("LIQUIDATION_PRICE", (2500, 100, 50000, 5, 0.005), NA, "never"),
    ("LIQUIDATION_AT_LEVERAGE", (50000, 1, 0.005), NA, "never"),
    ("LIQUIDATION_PRICE_USD_MARGIN", (1, 100, 50000, 500, 0.005, "long"), NA, "never"),
    ("MAX_LEVERAGE", (50000, 40000, 0.005), NA, "no margin"),
    ("BASIS", (50500, "spot"), VALUE, "spot_price"),
    ("BASIS_APR", (50500, 50000, 0), NUM, "days"),
    ("HEDGE_SCENARIO", (5, [[1], [2]], 2500, 100, [[1]]), VALUE, "entry_price"),
    ("HEDGE_SCENARIO", (5, 50000, 2500, 100, [[1]], 0), NUM, "leverage"),
    ("HEDGE_SCENARIO", (5, 50000, 2500, 100, [[1]], 1, 0, "high"), VALUE, "funding_rate"),
    ("HEDGE_ADVICE", (0.0001, 8, 0), NUM, "days"),
    ("HEDGE_ADVICE", (0.0001, 8, 30, 50500), VALUE, "spot_price"),
    ("FUNDING_RATE", ("binanse", "BTC"), VALUE, "venue"),
    ("FUNDING_RATE", ("binance", "NOSUCHCOIN"), NA, "NOSUCHCOIN"),
    ("FUNDING_RATE", ("binance", 5), VALUE, "symbol"),
    ("FUNDING_RATE", ("binance", None), VALUE, "symbol"),
    ("PERP", ("binance", "BTC", "colour"), VALUE, "field"),
    ("MAINTENANCE_RATE", ("bybit", "BTCUSD", -1), NUM, "notional"),
    ("FUNDING_HISTORY", ("binance", "NOSUCHCOIN"), NA, "NOSUCHCOIN"),
    ("FUNDING_HISTORY", ("binance", "BTC", -1), NUM, "count"),
]


@pytest.fixture(autouse=True)
def _empty_store(tmp_path, monkeypatch):
    monkeypatch.setenv("XLHEDGE_HOME", str(tmp_path))
    REASONS.clear()


def _flat(cells):
    if isinstance(cells, list):
        return [cell for row in cells for cell in _flat(row)]
    return [cells]


@pytest.mark.parametrize(("name", "arguments", "cell", "named"), WRONG)
def test_wrong_call_shows_its_error_value_and_says_why(name, arguments, cell, named):
    """No call raises: the cell shows the documented value, HEDGE_ERRORS() names the argument."""
    assert set(_flat(getattr(udfs, name)(*arguments))) == {cell}
    if cell in (VALUE, NUM, NA):
        reason = udfs.HEDGE_ERRORS()[0]
        assert reason[1] == name
        assert named in reason[2]


@pytest.mark.parametrize("name", [n for n, d in DECLARED.items() if d.subject != "Live quotes"])
def test_engine_raises_a_sentence_that_names_the_argument(name):
    """In Python, each argument in turn replaced by nonsense raises an error with its name."""
    declared = DECLARED[name]
    good = list(declared.examples[0].arguments)
    for place, argument in enumerate(declared.arguments[: len(good)]):
        arguments = [*good[:place], "nonsense", *good[place + 1 :]]
        with pytest.raises(ValueError, match=argument.name):
            declared.engine(*arguments)


@pytest.mark.parametrize("name", DECLARED)
def test_no_nonsense_whatever_raises_in_a_cell(name):
    """Whatever stands in every argument, the result is a cell or rows of cells."""
    count = len(DECLARED[name].arguments)
    odd = [None, "", "x", True, NAN, -INF, 10**400, 1j, b"x", object(), [], [[]], [[None]], {}]
    odd += [dt.date(2026, 1, 1), [["x", 1], [None, NAN]], [1, [2]], (1, 2), "\x00", "#N/A", {1}]
    for value in odd:
        result = getattr(udfs, name)(*[value] * count)
        for cell in _flat(result):
            assert cell is None or isinstance(cell, float | int | str | dt.datetime)
            assert not isinstance(cell, float) or math.isfinite(cell)


def test_each_wrong_element_of_a_block_has_its_own_error_value():
    """Good elements keep their results, blanks stay blank."""
    exits = [[40000], [0], [None], ["x"], [True], ["#DIV/0!"], [NAN], [""]]
    assert udfs.INVERSE_PNL(2500, 100, 50000, exits) == [
        [1.25],
        [NUM],
        [None],
        [VALUE],
        [VALUE],
        ["#DIV/0!"],
        [NUM],
        [None],
    ]


def test_wrong_scalar_fills_the_block_but_blanks_stay_blank():
    """A wrong word or number beside a block is the error of every element of it."""
    exits = [[40000], [None]]
    assert udfs.INVERSE_PNL(2500, 100, -5, exits) == [[NUM], [None]]
    assert udfs.INVERSE_PNL(2500, 100, "x", exits) == [[VALUE], [None]]
    assert udfs.INVERSE_PNL(2500, 100, 50000, exits, "shrot") == [[VALUE], [None]]


def test_scenario_gives_wrong_and_blank_exit_prices_rows_of_their_own():
    """One bad exit price does not take the table with it."""
    rows = udfs.HEDGE_SCENARIO(5, 50000, 2500, 100, [[40000], [None], [-1], ["x"], [60000]])
    assert [row[0] for row in rows] == ["exit price", 40000, None, NUM, VALUE, 60000]
    assert all(len(row) == 9 for row in rows)


def test_reason_says_where_in_the_block_it_is():
    """A person can find the cell: row, column and how many more."""
    udfs.INVERSE_PNL(2500, 100, 50000, [[1, -2], [-3, 4]])
    assert "(row 1, column 2, and 1 more)" in udfs.HEDGE_ERRORS()[0][2]


def test_errors_are_kept_once_each_and_newest_first():
    """A sheet full of the same mistake does not push the other reasons out."""
    udfs.SPOT_PNL(5, 0, 1)
    for _ in range(500):
        udfs.SPOT_PNL(5, 1, 0)
    messages = [row[2] for row in udfs.HEDGE_ERRORS()]
    assert len(messages) == 2
    assert "exit_price" in messages[0]
    assert "entry_price" in messages[1]


def test_without_errors_the_list_says_so():
    """An empty list would look like a broken function."""
    assert udfs.HEDGE_ERRORS() == [[None, None, "no errors since the add-in was loaded"]]
