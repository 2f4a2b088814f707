"""Profit and loss of the bag and of contracts; average entry; break-even."""

from __future__ import annotations

from udfs.declaration import worksheet
from xlhedge import pnl

_SUBJECT = "Profit and loss"
_COUNT = "Contracts held, 0 or more; the side is an argument of its own."
_SIDE = '"short" (default) or "long".'

SPOT_PNL = worksheet(
    pnl.spot_pnl,
    _SUBJECT,
    "Profit (+) or loss (-) of the bag itself, in USD.",
    quantity="Coins held, above 0.",
    entry_price="Price then, USD per coin.",
    exit_price="Price now or at the exit, USD per coin.",
    examples=[((5, 50000, 40000), -50000.0)],
)

INVERSE_PNL = worksheet(
    pnl.inverse_pnl,
    _SUBJECT,
    "Profit (+) or loss (-) of an inverse (coin-margined) position, in coin, or in USD at the exit price.",
    contracts=_COUNT,
    contract_size="Face value, USD per contract.",
    entry_price="Entry price of the contract, USD per coin.",
    exit_price="Exit or mark price of the contract, USD per coin.",
    side=_SIDE,
    currency='Unit of the result: "coin" (default) or "usd" (valued at the exit price).',
    examples=[
        ((2500, 100, 50000, 40000), 1.25),
        ((2500, 100, 50000, 40000, "short", "usd"), 50000.0),
    ],
)

LINEAR_PNL = worksheet(
    pnl.linear_pnl,
    _SUBJECT,
    "Profit (+) or loss (-) of a linear (USD-margined) position, in the quote currency.",
    contracts=_COUNT,
    contract_size="Coins per contract.",
    entry_price="Entry price, quote currency per coin.",
    exit_price="Exit or mark price, quote currency per coin.",
    side=_SIDE,
    examples=[((5, 1, 35000, 40000, "long"), 25000.0)],
)

QUANTO_PNL = worksheet(
    pnl.quanto_pnl,
    _SUBJECT,
    "Profit (+) or loss (-) of a quanto position (settled in a third coin at a fixed multiplier), in that coin.",
    contracts=_COUNT,
    multiplier="Settlement coins per contract for each 1 of price.",
    entry_price="Entry price of the contract.",
    exit_price="Exit or mark price of the contract.",
    side=_SIDE,
    examples=[((1000, 0.000001, 500, 600, "long"), 0.1)],
)

AVERAGE_ENTRY = worksheet(
    pnl.average_entry,
    _SUBJECT,
    "Average price of several fills of one side, USD per coin: harmonic for an inverse contract, arithmetic otherwise.",
    contracts="Column of the contracts of each fill.",
    prices="Column of the price of each fill, USD per coin.",
    contract_type='"inverse" (default), "linear" or "quanto".',
    examples=[(([[1000], [2000]], [[5000], [6000]]), 5625.0)],
)

BREAKEVEN_PRICE = worksheet(
    pnl.breakeven_price,
    _SUBJECT,
    "Exit price at which a position earns nothing after both fees, USD per coin. Funding is not included.",
    entry_price="Entry price, USD per coin.",
    open_fee="Fee rate of the opening fill, fraction (0.0005 is 0.05 %); a rebate is below 0. Default 0.",
    close_fee="Fee rate of the closing fill, fraction. Default 0.",
    side=_SIDE,
    contract_type='"inverse" (default), "linear" or "quanto".',
    examples=[((50000, 0.0005, 0.0005), 49950.02498750625)],
)
