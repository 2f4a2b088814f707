"""WEEX v3: no envelope, always lists, intervals in minutes, history in windows of 7 days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.replay.world import PRESENT, Answer, Case, World

ROWS = {  # symbol: base, quantity decimals, size, mark, index, settled, forecast, minutes
    "BTCUSDT": ("BTC", 4, 0.0001, "87131.6", "87125.2", "0.00001031", "0.00005618", 480),
    "DOGEUSDT": ("DOGE", -2, 100, "0.16123", "0.16120", "0.0001", "-0.00003", 240),
}
HISTORY = 30  # two windows of 7 days
WEEK = 7 * 86_400_000
JITTER = 456  # milliseconds, as in the documentation's example


def info(world: World, _: Mapping[str, str]) -> Any:
    """Sizes and fees as JSON numbers, settlements as clock times, no status."""
    return {
        "assets": [{"asset": "BTC", "marginAvailable": False}],
        "rateLimits": [],
        "symbols": [
            {
                "symbol": symbol,
                "baseAsset": base,
                "quoteAsset": "USDT",
                "marginAsset": world.changes.get("weex_margin", "USDT"),
                "pricePrecision": 1,
                "quantityPrecision": decimals,
                "contractVal": size,
                "delivery": [f"{h:02}:00:00" for h in range(0, 24, minutes // 60)],
                "forwardContractFlag": world.changes.get("weex_forward", True),
                "makerFeeRate": 0.0002,
                "takerFeeRate": 0.0008,
                "minOrderSize": size,
            }
            for symbol, (base, decimals, size, *_rest, minutes) in ROWS.items()
        ],
    }


def premium(world: World, query: Mapping[str, str]) -> Any:
    """The rate last settled under lastFundingRate, the next one under forecastFundingRate."""
    asked = query.get("symbol")
    if asked is not None and asked not in ROWS:
        return Answer({"code": -1121, "msg": "Invalid symbol."}, 400)
    return [
        {
            "symbol": symbol,
            "markPrice": mark,
            "indexPrice": index,
            "forecastFundingRate": forecast,
            "lastFundingRate": settled,
            "interestRate": "0.001",
            "nextFundingTime": round(world.next_settlement(minutes / 60).timestamp() * 1000),
            "time": world.ms,
            "collectCycle": minutes,
        }
        for symbol, (*_, mark, index, settled, forecast, minutes) in ROWS.items()
        if asked in (None, symbol)
    ]


def history(world: World, query: Mapping[str, str]) -> Any:
    """At most 7 days and 1000 rows; both ends inclusive; in no particular order."""
    start, end = int(query["startTime"]), int(query["endTime"])
    kept = world.changes.get("weex_kept_days")
    if end - start > WEEK or (kept and start < world.ms - kept * 86_400_000):
        said = "startTime must be within the last days. Time range cannot exceed days."
        return Answer({"code": -1170, "msg": said}, 400)
    rows = [
        {
            "symbol": query["symbol"],
            "fundingRate": f"{rate:.8f}",
            "fundingTime": round(time.timestamp() * 1000) + JITTER,
            "markPrice": "69250.0",
        }
        for time, rate in world.settlements(world.changes.get("weex_history", HISTORY))
        if start <= time.timestamp() * 1000 + JITTER <= end
    ]
    return (rows[1::2] + rows[::2])[: int(query.get("limit", 100))]


ROUTES = {
    "/capi/v3/market/exchangeInfo": info,
    "/capi/v3/market/premiumIndex": premium,
    "/capi/v3/market/fundingRate": history,
}

CASE = Case(
    symbol="BTCUSDT",
    mark=87131.6,
    index=87125.2,
    funding_rate=0.00005618,
    funding_kind="predicted",
    interval_hours=8,
    next_funding=World(PRESENT).next_settlement(),
    contract_size=0.0001,
    size_unit="base",
    coin_word=None,
    contract_type="linear",
    margin_coin="USDT",
    linear="BTCUSDT",
    history=HISTORY,
    rate_limited=("429", 'body {"code":-1000,"msg":"Rate limit exceeded"}'),
)
