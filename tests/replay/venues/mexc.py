"""MEXC: JSON numbers, errors with HTTP 200, intervals in hours, history by page number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.replay.world import PRESENT, Case, World

ROWS = {  # symbol: base, quote, settle, contract size, mark, index, rate, interval in hours
    "BTC_USD": ("BTC", "USD", "BTC", 100, 87118.3, 87109.9, 0.000058, 8),
    "ETH_USD": ("ETH", "USD", "ETH", 10, 2900.91, 2900.4, -0.000021, 4),
    "BTC_USDT": ("BTC", "USDT", "USDT", 0.0001, 87129.4, 87121.1, 0.000018, 8),
    "LTC_USDT": ("LTC", "USDT", "USDT", 0.01, 101.23, 101.2, 0.0001, 8),
    "XRP_BTC": ("XRP", "USD", "BTC", 10, 2.11, 2.1, 0.0001, 8),  # quanto
}
HISTORY = 250  # three pages of 100
SERVED = 100  # rows a page, whatever was asked (ccxt says so, the documentation says 1000)


def _envelope(data: Any) -> Any:
    return {"success": True, "code": 0, "data": data}


def _unknown() -> Any:
    return {"success": False, "code": 1001, "message": "Contract does not exist"}


def detail(world: World, query: Mapping[str, str]) -> Any:
    """All contracts in one list, inverse and linear, with fees and the steps of the ladder."""
    listed = [
        {
            "symbol": symbol,
            "displayNameEn": f"{symbol} PERPETUAL",
            "baseCoin": base,
            "quoteCoin": quote,
            "settleCoin": settle,
            "contractSize": size,
            "priceScale": 1,
            "priceUnit": 0.1,
            "volUnit": 1,
            "minVol": 1,
            "maxVol": 1000000,
            "takerFeeRate": 0.0004,
            "makerFeeRate": 0.0001,
            "maintenanceMarginRate": 0.004,
            "initialMarginRate": 0.005,
            "riskBaseVol": 30000,
            "riskIncrVol": 20000,
            "riskIncrMmr": 0.002,
            "riskIncrImr": 0.002,
            "riskLevelLimit": 5,
            "riskLimitType": "BY_VOLUME",
            "state": 3 if symbol == "LTC_USDT" else 0,
            "apiAllowed": False,
        }
        for symbol, (base, quote, settle, size, *_) in ROWS.items()
    ]
    nameless = dict(listed[-1], symbol="INDEX_ONLY", baseCoin="", quoteCoin=None)
    return _envelope([*listed, nameless])


def ticker(world: World, query: Mapping[str, str]) -> Any:
    """Answer an object for one symbol, a list without; the mark is `fairPrice`."""
    asked = query.get("symbol")
    rows = [
        {
            "symbol": symbol,
            "lastPrice": mark,
            "indexPrice": index,
            "fairPrice": mark,
            "fundingRate": rate,
            "holdVol": 55102960,
            "timestamp": world.ms - 1200,
        }
        for symbol, (*_, mark, index, rate, _hours) in ROWS.items()
        if asked in (None, symbol)
    ]
    if not rows:
        return _unknown()
    return _envelope(rows if asked is None else rows[0])


def funding(world: World, query: Mapping[str, str]) -> Any:
    """One symbol's rate, with its cap, its interval in hours and the next settlement."""
    if query["*"] not in ROWS:
        return _unknown()
    *_, rate, hours = ROWS[query["*"]]
    return _envelope(
        {
            "symbol": query["*"],
            "fundingRate": rate,
            "maxFundingRate": 0.0018,
            "minFundingRate": -0.0018,
            "collectCycle": hours,
            "nextSettleTime": round(world.next_settlement(hours).timestamp() * 1000),
            "timestamp": world.ms,
        }
    )


def history(world: World, query: Mapping[str, str]) -> Any:
    """Pages counted from 1, newest first; there is no filter by time."""
    number, size = int(query["page_num"]), min(int(query["page_size"]), SERVED)
    settled = world.settlements(HISTORY)[::-1]
    return _envelope(
        {
            "pageSize": size,
            "totalCount": len(settled),
            "totalPage": -(-len(settled) // size),
            "currentPage": number,
            "resultList": [
                {
                    "symbol": query["symbol"],
                    "fundingRate": rate,
                    "settleTime": round(time.timestamp() * 1000),
                    "collectCycle": 8,
                }
                for time, rate in settled[(number - 1) * size : number * size]
            ],
        }
    )


ROUTES = {
    "/api/v1/contract/detail": detail,
    "/api/v1/contract/ticker": ticker,
    "/api/v1/contract/funding_rate/history": history,
    "/api/v1/contract/funding_rate/*": funding,
}

CASE = Case(
    symbol="BTC_USD",
    mark=87118.3,
    index=87109.9,
    funding_rate=0.000058,
    funding_kind="predicted",
    interval_hours=8,
    next_funding=World(PRESENT).next_settlement(),
    contract_size=100,
    size_unit="quote",
    linear="BTC_USDT",
    history=HISTORY,
    tiers=True,
    rate_limited=(
        "429",
        'body {"success":false,"code":510,"message":"Requests are too frequent"}',
    ),
)
