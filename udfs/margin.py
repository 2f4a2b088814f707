"""Margin and liquidation of inverse positions, isolated margin."""

from __future__ import annotations

from udfs.declaration import worksheet
from xlhedge import liquidation, margin

_SUBJECT = "Margin and risk"
_COUNT = "Contracts held, 0 or more."
_FACE = "Face value, USD per contract."
_ENTRY = "Entry price, USD per coin."
_RATE = "Maintenance-margin rate of the tier, fraction (0.005 is 0.5 %)."
_SIDE = '"short" (default) or "long".'
_FEE = "Fee to close, fraction, where the venue counts it in the liquidation price (Bybit, OKX). Default 0."
_AMOUNT = "Deduction of the tier, coin, where the venue has one (Binance). Default 0."

INITIAL_MARGIN = worksheet(
    margin.initial_margin,
    _SUBJECT,
    "Margin that opens an inverse position, in coin.",
    contracts=_COUNT,
    contract_size=_FACE,
    price=_ENTRY,
    leverage="Position value over margin; 1 posts the whole value.",
    examples=[((2500, 100, 50000, 3), 5 / 3)],
)

MAINTENANCE_MARGIN = worksheet(
    margin.maintenance_margin,
    _SUBJECT,
    "Margin that must remain behind an inverse position, in coin.",
    contracts=_COUNT,
    contract_size=_FACE,
    mark_price="Mark price, USD per coin.",
    maintenance_rate=_RATE,
    maintenance_amount=_AMOUNT,
    examples=[((2500, 100, 48000, 0.005), 1.25 / 48)],
)

LIQUIDATION_PRICE = worksheet(
    liquidation.liquidation_price,
    _SUBJECT,
    "Price at which an inverse position with coin as margin is liquidated, USD per coin; #N/A when never (a 1x short).",
    contracts=_COUNT,
    contract_size=_FACE,
    entry_price=_ENTRY,
    margin="Margin posted for the position, coin.",
    maintenance_rate=_RATE,
    side=_SIDE,
    close_fee=_FEE,
    maintenance_amount=_AMOUNT,
    never="never liquidated: the margin covers the whole position at every price",
    examples=[((2500, 100, 50000, 5 / 3, 0.005), 74625.0)],
)

LIQUIDATION_AT_LEVERAGE = worksheet(
    liquidation.liquidation_at_leverage,
    _SUBJECT,
    "Liquidation price of an inverse position opened with a leverage, USD per coin; #N/A when never (a short at leverage 1 or less).",
    entry_price=_ENTRY,
    leverage="Position value over margin, above 0.",
    maintenance_rate=_RATE,
    side=_SIDE,
    close_fee=_FEE,
    never="never liquidated: a short at leverage 1 or less posts its whole value",
    examples=[((50000, 3, 0.005), 74625.0), ((50000, 1, 0.005), "#N/A")],
)

LIQUIDATION_PRICE_USD_MARGIN = worksheet(
    liquidation.liquidation_price_usd_margin,
    _SUBJECT,
    "Liquidation price of an inverse position whose collateral is dollars, not coin, USD per coin; #N/A when never.",
    contracts=_COUNT,
    contract_size=_FACE,
    entry_price=_ENTRY,
    margin_usd="Collateral, USD (a stablecoin in a cross or hybrid account).",
    maintenance_rate=_RATE,
    side=_SIDE,
    close_fee=_FEE,
    never="never liquidated: the collateral covers the whole position",
    examples=[((2500, 100, 50000, 250000 / 3, 0.005), 66416.6666666667)],
)

MARGIN_TO_SURVIVE = worksheet(
    margin.margin_to_survive,
    _SUBJECT,
    "Margin with which a move to a price is just survived, in coin; 0 when none is needed.",
    contracts=_COUNT,
    contract_size=_FACE,
    entry_price=_ENTRY,
    price="Price to survive, USD per coin.",
    maintenance_rate=_RATE,
    side=_SIDE,
    close_fee=_FEE,
    maintenance_amount=_AMOUNT,
    examples=[((2500, 100, 50000, 75000, 0.005), 1.68333333333333)],
)

MAX_LEVERAGE = worksheet(
    margin.max_leverage,
    _SUBJECT,
    "Highest leverage that survives a move to a price; #N/A when no margin is needed.",
    entry_price=_ENTRY,
    survive_price="Price to survive, USD per coin.",
    maintenance_rate=_RATE,
    side=_SIDE,
    close_fee=_FEE,
    never="no highest leverage: the move is in the position's favour and needs no margin",
    examples=[((50000, 75000, 0.005), 2.97029702970297)],
)
