"""The examples that documentation shows for each function."""

from __future__ import annotations

import pytest

import udfs
from udfs.declaration import DECLARED

EXAMPLES = [
    pytest.param(name, example, id=f"{name}-{k}")
    for name, declared in DECLARED.items()
    for k, example in enumerate(declared.examples)
]


def assert_cells_equal(got, expected):
    """Compare cells: numbers to 1e-12 relative, everything else exactly."""
    if isinstance(expected, list):
        assert isinstance(got, list)
        assert len(got) == len(expected)
        for one, other in zip(got, expected, strict=True):
            assert_cells_equal(one, other)
    elif isinstance(expected, int | float) and not isinstance(expected, bool):
        assert got == pytest.approx(expected, rel=1e-12, abs=0)
    else:
        assert got == expected


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_documented_example_gives_its_documented_result(name, example):
    """What the wizard, the README and the Functions sheet print is what a cell shows."""
    assert_cells_equal(getattr(udfs, name)(*example.arguments), example.result)


# function, arguments, result: the contract's own table, digits as it prints them
CONTRACT = [
    ("HEDGE_NOTIONAL", (5, 50000), 250000),
    ("HEDGE_CONTRACTS", (5, 50000, 100), 2500),
    ("HEDGE_CONTRACTS", (10, 3000, 1, 1, "base"), 10),
    ("HEDGE_COVERAGE", (5, 50000, 2499, 100), 0.9996),
    ("NET_EXPOSURE", (5, 2000, 100, 50000), 1),
    ("SPOT_PNL", (5, 50000, 40000), -50000),
    ("INVERSE_PNL", (2500, 100, 50000, 40000), 1.25),
    ("INVERSE_PNL", (2500, 100, 50000, 40000, "short", "usd"), 50000),
    ("AVERAGE_ENTRY", ([[1000], [2000]], [[5000], [6000]]), 5625),
    ("BREAKEVEN_PRICE", (50000, 0.0005, 0.0005), 49950.02498750625),
    ("FUNDING_COST", (250000, 0.0001, 30), -2250),
    ("FUNDING_PAYMENT", (2500, 100, 48000, 0.0001), 0.00052083333333333333),
    ("FUNDING_APR", (0.0001, 8), 0.1095),
    ("FUNDING_APY", (0.0001, 8), 0.11571396279167323),
    ("FUNDING_BREAKEVEN", (0.20, 30), -0.0022222222222222222),
    ("INITIAL_MARGIN", (2500, 100, 50000, 3), 1.6666666666666667),
    ("MAINTENANCE_MARGIN", (2500, 100, 48000, 0.005), 0.026041666666666667),
    ("LIQUIDATION_PRICE", (2500, 100, 50000, 1.6666666666666667, 0.005), 74625),
    ("LIQUIDATION_AT_LEVERAGE", (50000, 3, 0.005), 74625),
    ("LIQUIDATION_AT_LEVERAGE", (50000, 1, 0.005), "#N/A"),
    (
        "LIQUIDATION_PRICE_USD_MARGIN",
        (2500, 100, 50000, 83333.333333333333, 0.005),
        66416.666666666667,
    ),
    ("MARGIN_TO_SURVIVE", (2500, 100, 50000, 75000, 0.005), 1.6833333333333333),
    ("MAX_LEVERAGE", (50000, 75000, 0.005), 2.9702970297029703),
    ("BASIS", (50500, 50000), 0.01),
    ("BASIS_APR", (50500, 50000, 30), 0.12166666666666667),
]


@pytest.mark.parametrize(("name", "arguments", "result"), CONTRACT)
def test_example_of_the_contract_holds_to_1e_12(name, arguments, result):
    """The published table of functions is met to twelve digits."""
    assert_cells_equal(getattr(udfs, name)(*arguments), result)
