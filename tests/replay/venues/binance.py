"""Binance: dapi answers lists, fapi objects; funding times jitter; errors are HTTP 400."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.replay.world import PRESENT, Answer, Case, World

MARKS = {
    "BTCUSD_PERP": ("87123.40000000", "87110.51234567", "0.00006292"),
    "ETHUSD_PERP": ("2901.12000000", "2900.55000000", "-0.00012000"),
    "SOLUSD_PERP": ("131.12000000", "131.05000000", "0.00010000"),
    "BTCUSDT": ("87130.20482476", "87125.25197802", "0.00001226"),
}
HISTORY = 2300  # three pages of 1000


def _contract(symbol: str, kind: str, base: str, size: int) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "pair": f"{base}USD",
        "contractType": kind,
        "contractStatus": "TRADING",
        "contractSize": size,
        "marginAsset": base,
        "baseAsset": base,
        "quoteAsset": "USD",
        "maintMarginPercent": "2.5000",
        "filters": [
            {"filterType": "PRICE_FILTER", "tickSize": "0.1", "minPrice": "1000"},
            {"filterType": "LOT_SIZE", "stepSize": "1", "minQty": "1"},
        ],
    }


def coin_m_info(world: World, _: Mapping[str, str]) -> Any:
    """Perpetuals, a quarterly contract, and one that has stopped trading."""
    stopped = _contract("LUNAUSD_PERP", "PERPETUAL", "LUNA", 10) | {"contractStatus": "SETTLING"}
    return {
        "timezone": "UTC",
        "serverTime": world.ms,
        "symbols": [
            _contract("BTCUSD_261225", "CURRENT_QUARTER", "BTC", 100),
            _contract("BTCUSD_PERP", "PERPETUAL", "BTC", world.changes.get("btc_size", 100)),
            _contract("ETHUSD_PERP", "PERPETUAL", "ETH", 10),
            _contract("SOLUSD_PERP", "PERPETUAL", "SOL", 10),
            stopped,
        ],
    }


def usdt_m_info(world: World, _: Mapping[str, str]) -> Any:
    """The linear list: ``status`` where dapi says ``contractStatus``, no contract size."""
    row = _contract("BTCUSDT", "PERPETUAL", "BTC", 1)
    del row["contractStatus"], row["contractSize"]
    row |= {"pair": "BTCUSDT", "status": "TRADING", "marginAsset": "USDT", "quoteAsset": "USDT"}
    row["filters"][1]["stepSize"] = "0.001"
    return {"symbols": [row], "serverTime": world.ms}


def _premium(world: World, symbol: str) -> dict[str, Any]:
    mark, index, rate = MARKS[symbol]
    return {
        "symbol": symbol,
        "pair": symbol.partition("_")[0],
        "markPrice": mark,
        "indexPrice": index,
        "estimatedSettlePrice": index,
        "lastFundingRate": rate,
        "interestRate": "0.00010000",
        "nextFundingTime": round(world.next_settlement().timestamp() * 1000),
        "time": world.ms,
    }


def coin_m_premium(world: World, query: Mapping[str, str]) -> Any:
    """Answer a list always, with delivery contracts as "" and 0."""
    if "symbol" in query:
        if query["symbol"] not in MARKS:
            return Answer({"code": -1121, "msg": "Invalid symbol."}, 400)
        return [_premium(world, query["symbol"])]
    dated = _premium(world, "BTCUSD_PERP") | {
        "symbol": "BTCUSD_261225",
        "lastFundingRate": "",
        "nextFundingTime": 0,
    }
    return [dated] + [_premium(world, s) for s in MARKS if s.endswith("_PERP")]


def usdt_m_premium(world: World, query: Mapping[str, str]) -> Any:
    """Answer an object for one symbol, a list without."""
    if "symbol" in query:
        return _premium(world, query["symbol"])
    return [_premium(world, "BTCUSDT")]


def history(world: World, query: Mapping[str, str]) -> Any:
    """Oldest first, both ends inclusive, at most `limit` rows; times jitter by milliseconds."""
    start, end = int(query["startTime"]), int(query["endTime"])
    rows = [
        {
            "symbol": query["symbol"],
            "fundingTime": round(time.timestamp() * 1000) + n % 12,
            "fundingRate": f"{rate:.8f}",
            "markPrice": "" if n % 5 else "87000.10000000",
        }
        for n, (time, rate) in enumerate(world.settlements(HISTORY))
    ]
    return [r for r in rows if start <= r["fundingTime"] <= end][: int(query.get("limit", 100))]


def adjusted(world: World, _: Mapping[str, str]) -> Any:
    """Only symbols whose interval or cap was adjusted are listed."""
    return [
        {
            "symbol": "SOLUSD_PERP",
            "adjustedFundingRateCap": "0.02000000",
            "adjustedFundingRateFloor": "-0.02000000",
            "fundingIntervalHours": 4,
            "disclaimer": False,
        }
    ]


ROUTES = {
    "/dapi/v1/exchangeInfo": coin_m_info,
    "/dapi/v1/premiumIndex": coin_m_premium,
    "/dapi/v1/fundingInfo": lambda world, query: world.changes.get("coin_m_adjusted"),
    "/dapi/v1/fundingRate": history,
    "/fapi/v1/exchangeInfo": usdt_m_info,
    "/fapi/v1/premiumIndex": usdt_m_premium,
    "/fapi/v1/fundingInfo": adjusted,
    "/fapi/v1/fundingRate": history,
}

CASE = Case(
    symbol="BTCUSD_PERP",
    mark=87123.4,
    index=87110.51234567,
    funding_rate=0.00006292,
    funding_kind="predicted",
    interval_hours=8,
    next_funding=World(PRESENT).next_settlement(),
    contract_size=100,
    size_unit="quote",
    linear="BTCUSDT",
    history=HISTORY,
    rate_limited=("429", "418 300", 'body {"code":-1003,"msg":"Too many requests."}'),
)
