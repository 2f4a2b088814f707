"""A quote that tests start from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from xlhedge.quotes import INTERVAL_DEFAULT, Quote

NOW = datetime(2026, 11, 23, 13, 17, tzinfo=UTC)
QUOTE: dict[str, Any] = {
    "venue": "binance",
    "symbol": "BTCUSD_PERP",
    "coin": "BTC",
    "contract_type": "inverse",
    "quote_currency": "USD",
    "mark": 50100.0,
    "index": 50000.0,
    "funding_rate": 0.0001,
    "funding_kind": "predicted",
    "interval_hours": 8.0,
    "interval_source": INTERVAL_DEFAULT,
    "next_funding": datetime(2026, 11, 23, 16, tzinfo=UTC),
    "contract_size": 100.0,
    "size_unit": "quote",
    "margin_coin": "BTC",
    "lot_size": 1.0,
    "tick_size": 0.1,
    "taker_fee": 0.0005,
    "maker_fee": 0.0001,
    "time": NOW,
    "received": NOW,
    "source": "dapi.binance.com/dapi/v1/premiumIndex",
}


def a_quote(**changes: Any) -> Quote:
    """Return the example quote with some fields changed."""
    return Quote(**QUOTE | changes)
