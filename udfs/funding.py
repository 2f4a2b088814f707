"""Funding: a rate above 0 means that longs pay shorts, so a short hedge receives."""

from __future__ import annotations

from udfs.declaration import worksheet
from xlhedge import funding

_SUBJECT = "Funding"
_RATE = "Funding rate, fraction per interval (0.0001 is 0.01 %); above 0 longs pay shorts."
_INTERVAL = "Hours between two settlements; default 8."
_SIDE = '"short" (default) or "long".'

FUNDING_COST = worksheet(
    funding.funding_cost,
    _SUBJECT,
    "USD that funding costs over a horizon at a constant rate: positive is paid by the holder, negative is income.",
    notional="Size of the position, USD.",
    funding_rate=_RATE,
    days="Days held, 0 or more.",
    interval_hours=_INTERVAL,
    side=_SIDE,
    examples=[((250000, 0.0001, 30), -2250.0)],
)

FUNDING_PAYMENT = worksheet(
    funding.funding_payment,
    _SUBJECT,
    "What one settlement pays to the holder of an inverse position: positive is received. In coin, or in USD at that moment.",
    contracts="Contracts held, 0 or more.",
    contract_size="Face value, USD per contract.",
    mark_price="Mark price at the settlement, USD per coin.",
    funding_rate=_RATE,
    side=_SIDE,
    currency='Unit of the result: "coin" (default) or "usd".',
    examples=[((2500, 100, 48000, 0.0001), 0.000520833333333333)],
)

FUNDING_ACCRUED = worksheet(
    funding.funding_accrued,
    _SUBJECT,
    "Funding received (+) or paid (-) over a column of settlements, each at its own mark price, in coin or USD.",
    contracts="Contracts held at each settlement: one number, or a column.",
    contract_size="Face value, USD per contract.",
    funding_rates="Column of settled rates, fraction per interval; above 0 longs pay shorts.",
    mark_prices="Column of mark prices at the settlements, USD per coin.",
    side=_SIDE,
    currency='Unit of the result: "coin" (default) or "usd" (each payment at its own moment).',
    examples=[((2500, 100, [[0.0001], [-0.0001]], [[50000], [40000]]), -0.000125)],
)

FUNDING_APR = worksheet(
    funding.funding_apr,
    _SUBJECT,
    "Simple yearly rate of a funding rate, fraction per 365 days, with the rate's sign.",
    funding_rate=_RATE,
    interval_hours="Hours between two settlements of this symbol (1, 2, 4, 8). There is no default.",
    examples=[((0.0001, 8), 0.1095)],
)

FUNDING_APY = worksheet(
    funding.funding_apy,
    _SUBJECT,
    "Yearly rate of a funding rate, compounded at every settlement, fraction per 365 days.",
    funding_rate=_RATE,
    interval_hours="Hours between two settlements of this symbol (1, 2, 4, 8). There is no default.",
    examples=[((0.0001, 8), 0.11571396279167323)],
)

FUNDING_BREAKEVEN = worksheet(
    funding.funding_breakeven,
    _SUBJECT,
    "Rate per interval at which funding costs as much as the move that the hedge protects from; below 0 for a short.",
    protected_move="Size of the move, fraction of the price, 0 or more (0.2 is 20 %).",
    days="Days held, above 0.",
    interval_hours=_INTERVAL,
    side=_SIDE,
    examples=[((0.20, 30), -0.00222222222222222)],
)
