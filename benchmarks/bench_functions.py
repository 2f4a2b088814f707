"""Worksheet functions and engine beside numpy_financial and bare numpy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy_financial

import udfs
import xlhedge
from benchmarks.measurement import Measurement, compare

POINTS = 1_000_000


def measurements() -> Iterator[Measurement]:
    """Yield a measurement for each claim about the functions' speed."""
    yield compare(
        "INVERSE_PNL of one cell",
        lambda: udfs.INVERSE_PNL(2500.0, 100.0, 50000.0, 40000.0),
        "numpy_financial.pmt of one cell",
        lambda: numpy_financial.pmt(0.01, 12.0, 1000.0),
        limit=1.0,
        calls=2000,
    )
    exits = np.linspace(1000.0, 200000.0, POINTS)
    entries = np.linspace(30000.0, 60000.0, POINTS)
    yield compare(
        "inverse_pnl of 1,000,000 exit prices",
        lambda: xlhedge.inverse_pnl(2500, 100, 50000, exits),
        "bare numpy",
        lambda: -1 * 2500 * 100 * (1 / 50000 - 1 / exits),
        limit=2.5,
    )
    yield compare(
        "inverse_pnl of 1,000,000 pairs of entry and exit",
        lambda: xlhedge.inverse_pnl(2500, 100, entries, exits),
        "bare numpy",
        lambda: -1 * 2500 * 100 * (1 / entries - 1 / exits),
        limit=2.5,
    )
    column = [[price] for price in exits.tolist()]

    def by_hand() -> list:
        return (-1 * 2500 * 100 * (1 / 50000 - 1 / np.array(column))).tolist()

    yield compare(
        "INVERSE_PNL of a column of 1,000,000 cells",
        lambda: udfs.INVERSE_PNL(2500, 100, 50000, column),
        "np.array(list), bare numpy, tolist()",
        by_hand,
        limit=1.5,
        turns=5,
    )

    def columns_of_a_scenario() -> tuple:
        q, p0, n, r, k, f0, f1 = 5.0, 50000.0, 250000.0, 0.0001, 90.0, 0.0005, 0.0005
        spot = q * (exits - p0)
        short = n * (1 / exits - 1 / p0) * exits
        funding = r * k * n * np.log(exits / p0) / (exits - p0) * exits
        fees = (f0 * n / p0 + f1 * n / exits) * exits
        net = spot + short + funding - fees
        return spot, short, funding, fees, net, q * p0 + net, (exits - p0) / p0

    for leverage in (1, 5):
        yield compare(
            f"hedge_scenario over 1,000,000 exit prices, leverage {leverage}",
            lambda leverage=leverage: xlhedge.hedge_scenario(
                5, 50000, 2500, 100, exits, leverage, 0.005, 0.0001, 8, 30, 0.0005, 0.0005
            ),
            "bare numpy of the same columns",
            columns_of_a_scenario,
            limit=4.0,
        )
