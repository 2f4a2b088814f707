"""Sizing: how many contracts, what ratio they reach, what stays exposed, and cross hedges."""

from __future__ import annotations

from udfs.declaration import worksheet
from xlhedge import cross_hedge, sizing

_SUBJECT = "Sizing"

HEDGE_NOTIONAL = worksheet(
    sizing.hedge_notional,
    _SUBJECT,
    "Size of the short that hedges a bag, in USD.",
    quantity="Coins held, above 0.",
    price="Price of the coin, USD per coin.",
    hedge_ratio="Share of the bag to hedge; 1 (default) is a full hedge.",
    examples=[((5, 50000), 250000.0)],
)

HEDGE_CONTRACTS = worksheet(
    sizing.hedge_contracts,
    _SUBJECT,
    "Contracts to short, rounded to the venue's lot.",
    quantity="Coins held, above 0.",
    price="Price of the coin, USD per coin.",
    contract_size='Face value: USD per contract, or coins per contract when size_unit is "base".',
    hedge_ratio="Share of the bag to hedge; 1 (default) is a full hedge.",
    size_unit='Unit of contract_size: "quote" (USD per contract, default) or "base" (coins).',
    lot_size="Smallest step of an order, contracts; default 1.",
    rounding='"nearest" (default, half a lot away from zero), "down" or "up".',
    examples=[((5, 50000, 100), 2500.0), ((10, 3000, 1, 1, "base"), 10.0)],
)

HEDGE_COVERAGE = worksheet(
    sizing.hedge_coverage,
    _SUBJECT,
    "Hedge ratio that a number of contracts reaches; 1 is a full hedge.",
    quantity="Coins held, above 0.",
    price="USD per coin: the price of sizing, or the hedge's entry price once it is open.",
    contracts="Contracts short, 0 or more.",
    contract_size='Face value: USD per contract, or coins per contract when size_unit is "base".',
    size_unit='Unit of contract_size: "quote" (USD per contract, default) or "base" (coins).',
    examples=[((5, 50000, 2499, 100), 0.9996)],
)

NET_EXPOSURE = worksheet(
    sizing.net_exposure,
    _SUBJECT,
    "Coins of the bag that still follow the price while the hedge is open; below 0: over-hedged.",
    quantity="Coins held, above 0.",
    contracts="Contracts of the inverse perpetual, 0 or more.",
    contract_size="Face value, USD per contract.",
    entry_price="Price at which the hedge was opened, USD per coin.",
    side='"short" (default) or "long".',
    examples=[((5, 2000, 100, 50000), 1.0)],
)

HEDGE_BETA = worksheet(
    cross_hedge.hedge_beta,
    _SUBJECT,
    "Hedge ratio of least variance: USD of the hedge to short for each USD of the asset.",
    asset_prices="Column of the asset's prices, oldest first (or of its returns). Rows with a blank are skipped.",
    hedge_prices="Column of the hedge's prices at the same moments (or of its returns).",
    input='"prices" (default: simple returns are taken) or "returns".',
    blanks="skip",
    examples=[(([[100], [110], [99]], [[50], [60], [48]]), 0.5)],
)

HEDGE_EFFECTIVENESS = worksheet(
    cross_hedge.hedge_effectiveness,
    _SUBJECT,
    "Share of the asset's variance that the hedge removes (R squared), 0 to 1.",
    asset_prices="Column of the asset's prices, oldest first (or of its returns). Rows with a blank are skipped.",
    hedge_prices="Column of the hedge's prices at the same moments (or of its returns).",
    input='"prices" (default: simple returns are taken) or "returns".',
    blanks="skip",
    examples=[(([[100], [110], [99]], [[50], [60], [48]]), 1.0)],
)
