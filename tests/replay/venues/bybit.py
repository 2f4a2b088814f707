"""Bybit v5: errors with HTTP 200, numbers as text, "" for none, cursors, history newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.replay.world import PRESENT, Case, World

ROWS = {  # symbol: mark, index, rate, interval in minutes
    "BTCUSD": ("87120.50", "87111.04", "-0.000134", 480),
    "ETHUSD": ("2901.05", "2900.61", "0.0001", 480),
    "SOLUSD": ("131.110", "131.050", "0.00005", 240),
    "BTCUSDT": ("87131.10", "87126.00", "0.0001", 480),
}
HISTORY = 450  # three pages of 200


def _envelope(world: World, result: Any, code: int = 0, message: str = "OK") -> Any:
    return {
        "retCode": code,
        "retMsg": message,
        "result": result,
        "retExtInfo": {},
        "time": world.ms,
    }


def _contract(symbol: str) -> dict[str, Any]:
    linear = symbol.endswith("USDT")
    base = symbol.removesuffix("USDT").removesuffix("USD")
    return {
        "symbol": symbol,
        "contractType": "LinearPerpetual" if linear else "InversePerpetual",
        "status": "Trading",
        "baseCoin": base,
        "quoteCoin": "USDT" if linear else "USD",
        "settleCoin": "USDT" if linear else base,
        "deliveryFeeRate": "",
        "priceFilter": {"minPrice": "0.10", "tickSize": "0.10"},
        "lotSizeFilter": {
            "minOrderQty": "0.001" if linear else "1",
            "qtyStep": "0.001" if linear else "1",
            "minNotionalValue": "5" if linear else "",
        },
        "fundingInterval": ROWS[symbol][3],  # a number, in minutes
        "upperFundingRate": "0.00375",
        "lowerFundingRate": "-0.00375",
    }


def instruments(world: World, query: Mapping[str, str]) -> Any:
    """Two pages; among the inverse ones a dated contract."""
    linear = query["category"] == "linear"
    listed = [_contract(s) for s in ROWS if s.endswith("USDT") == linear]
    if not linear:
        dated = {"symbol": "BTCUSDZ26", "contractType": "InverseFutures", "fundingInterval": 0}
        listed.insert(0, _contract("BTCUSD") | dated)
    half = len(listed) // 2 or 1
    first = "cursor" not in query
    following = "page%3D2" if first and listed[half:] else ""
    page = listed[:half] if first else listed[half:]
    return _envelope(
        world, {"category": query["category"], "list": page, "nextPageCursor": following}
    )


def tickers(world: World, query: Mapping[str, str]) -> Any:
    """No time in a row; the next settlement is milliseconds as text."""
    linear = query["category"] == "linear"
    asked = query.get("symbol")
    if asked is not None and asked not in ROWS:
        return _envelope(world, {}, 10001, "params error: symbol invalid")
    rows = [
        {
            "symbol": symbol,
            "markPrice": mark,
            "indexPrice": index,
            "lastPrice": mark,
            "fundingRate": rate,
            "nextFundingTime": str(round(world.next_settlement(minutes / 60).timestamp() * 1000)),
            "fundingIntervalHour": str(minutes // 60),
            "fundingCap": "0.00375",
            "basis": "",
            "deliveryTime": "0",
        }
        for symbol, (mark, index, rate, minutes) in ROWS.items()
        if symbol.endswith("USDT") == linear and asked in (None, symbol)
    ]
    return _envelope(world, {"category": query["category"], "list": rows})


def history(world: World, query: Mapping[str, str]) -> Any:
    """Newest first; startTime without endTime is an error."""
    if "startTime" in query and "endTime" not in query:
        return _envelope(world, {}, 10001, "params error: endTime is required")
    start, end = int(query.get("startTime", 0)), int(query.get("endTime", world.ms))
    rows = [
        {
            "symbol": query["symbol"],
            "fundingRate": f"{rate:.8f}",
            "fundingRateTimestamp": str(round(time.timestamp() * 1000)),
        }
        for time, rate in reversed(world.settlements(HISTORY))
        if start <= time.timestamp() * 1000 <= end
    ]
    limit = int(query.get("limit", 200))
    return _envelope(world, {"category": query["category"], "list": rows[: min(limit, 200)]})


def risk_limit(world: World, query: Mapping[str, str]) -> Any:
    """In percent, as the documentation's example; the first tier's deduction is ""."""
    rows = [
        ("150", "0.5", "1", "100.00", ""),
        ("300", "1", "2", "50.00", "0.75"),
        ("450", "1.5", "3", "33.33", "2.25"),
    ]
    names = ("riskLimitValue", "maintenanceMargin", "initialMargin", "maxLeverage", "mmDeduction")
    listed = [
        {"id": n, "symbol": query["symbol"], **dict(zip(names, row, strict=True))}
        for n, row in enumerate(rows, 1)
    ]
    return _envelope(world, {"category": query["category"], "list": listed, "nextPageCursor": ""})


ROUTES = {
    "/v5/market/instruments-info": instruments,
    "/v5/market/tickers": tickers,
    "/v5/market/funding/history": history,
    "/v5/market/risk-limit": risk_limit,
}

CASE = Case(
    symbol="BTCUSD",
    mark=87120.5,
    index=87111.04,
    funding_rate=-0.000134,
    funding_kind="predicted",
    interval_hours=8,
    next_funding=World(PRESENT).next_settlement(),
    contract_size=1,
    size_unit="quote",
    linear="BTCUSDT",
    history=HISTORY,
    tiers=True,
    rate_limited=(
        "403",
        "429",
        'body {"retCode":10006,"retMsg":"Too many visits!","result":{},"time":1}',
    ),
)
