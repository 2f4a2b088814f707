"""Basis, the scenario table and the advice in words."""

from __future__ import annotations

from udfs.declaration import worksheet
from xlhedge import advice, futures_basis, scenario

_SUBJECT = "Basis and scenario"

BASIS = worksheet(
    futures_basis.basis,
    _SUBJECT,
    "How far a future or perpetual trades from spot, fraction of spot; above 0: higher than spot.",
    futures_price="Price of the future or perpetual, USD per coin.",
    spot_price="Spot or index price, USD per coin.",
    examples=[((50500, 50000), 0.01)],
)

BASIS_APR = worksheet(
    futures_basis.basis_apr,
    _SUBJECT,
    "Basis of a dated future as a simple yearly rate, fraction per 365 days.",
    futures_price="Price of the dated future, USD per coin.",
    spot_price="Spot or index price, USD per coin.",
    days="Days to expiry, above 0.",
    examples=[((50500, 50000, 30), 0.121666666666667)],
)

HEDGE_SCENARIO = worksheet(
    scenario.hedge_scenario,
    _SUBJECT,
    "Spills a row for each exit price: exit price, move, spot, short, funding, fees, net, hedged value (USD), liquidated.",
    quantity="Coins held, above 0.",
    entry_price="Price when the hedge is opened, USD per coin.",
    contracts="Contracts short, 0 or more.",
    contract_size="Face value, USD per contract.",
    exit_prices="Prices at the horizon, USD per coin: a cell or a range.",
    leverage="Position value over margin; 1 (default) is never liquidated by a rising price.",
    maintenance_rate="Maintenance-margin rate, fraction (0.005 is 0.5 %). Default 0.",
    funding_rate="Average rate over the horizon, fraction per interval; above 0 the short receives. Default 0.",
    interval_hours="Hours between two settlements; default 8.",
    days="Horizon, days; default 0.",
    open_fee="Fee rate of the opening fill, fraction (0.0005 is 0.05 %). Default 0.",
    close_fee="Fee rate of the closing fill, fraction. Default 0.",
    examples=[
        (
            (5, 50000, 2500, 100, [[40000], [50000], [60000]], 1, 0, 0.0001, 8, 30, 0.0005, 0.0005),
            [
                list(scenario.Scenario.HEADER),
                [
                    40000,
                    -0.2,
                    -50000,
                    50000,
                    2008.2919618278877,
                    225,
                    1783.2919618278877,
                    251783.29196182789,
                    False,
                ],
                [50000, 0, 0, 0, 2250, 250, 2000, 252000, False],
                [
                    60000,
                    0.2,
                    50000,
                    -50000,
                    2461.3410167183874,
                    275,
                    2186.3410167183874,
                    252186.34101671839,
                    False,
                ],
            ],
        )
    ],
)

HEDGE_ADVICE = worksheet(
    advice.hedge_advice,
    _SUBJECT,
    "One sentence: keep the perpetual, reduce the ratio, or use the dated future, with the carry that decides it.",
    funding_rate="Funding rate, fraction per interval; above 0 a short receives.",
    interval_hours="Hours between two settlements.",
    days="Horizon in days; the days to expiry when a dated future is compared.",
    futures_price="Price of the dated future, USD per coin (optional, with spot_price).",
    spot_price="Spot price, USD per coin (optional, with futures_price).",
    examples=[
        (
            (0.0001, 8, 30),
            "Keep the perpetual: at 0.0100 % every 8 h a short receives 0.90 % of the position "
            "over 30 days (10.95 % a year), before fees.",
        )
    ],
)
