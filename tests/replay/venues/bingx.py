"""BingX: a time on every request, errors with HTTP 200, a list or an object, no coin-M past."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.replay.world import PRESENT, Case, World

INVERSE = {  # symbol: face value in USD, mark, index, rate
    "BTC-USD": ("100", "87119.7", "87110.8", "0.0001"),
    "ETH-USD": ("10", "2900.88", "2900.31", "-0.000044"),
    "SOL-USD": ("10", "131.102", "131.048", "0.000071"),
}
LINEAR = {  # symbol: asset, currency, mark, index, rate, interval in hours
    "BTC-USDT": ("BTC", "USDT", "87130.9", "87124.0", "0.00013", 8),
    "BTC-USDC": ("BTC", "USDC", "87128.0", "87121.5", "0.00002", 4),
}
HISTORY = 2300  # three pages of 1000


def _envelope(world: World, data: Any, code: int = 0, message: str = "") -> Any:
    return {"code": code, "msg": message, "timestamp": world.ms, "data": data}


def _unknown(world: World, symbol: str) -> Any:
    return _envelope(world, {}, 109425, f"{symbol} not exist, please verify it")


def _dated(route: Callable[[World, Mapping[str, str]], Any]) -> Callable[..., Any]:
    def answer(world: World, query: Mapping[str, str]) -> Any:
        if "timestamp" not in query:
            return _envelope(world, {}, 104414, "parameter timestamp is required")
        return route(world, query)

    return answer


def inverse_contracts(world: World, _: Mapping[str, str]) -> Any:
    """No margin coin, no step, no fees; the face value is called minTickSize."""
    rows = [
        {
            "symbol": symbol,
            "pricePrecision": 1,
            "minTickSize": world.changes.get("bingx_face", face) if symbol[:3] == "BTC" else face,
            "minTradeValue": face,
            "minQty": "1.00000000",
            "status": 1,
            "timeOnline": 1713175200000,
        }
        for symbol, (face, *_rest) in INVERSE.items()
    ]
    return _envelope(world, [*rows, rows[0] | {"symbol": "LUNA-USD", "status": 0}])


def linear_contracts(world: World, _: Mapping[str, str]) -> Any:
    """Asset and currency, decimals instead of steps, fees as JSON numbers."""
    return _envelope(
        world,
        [
            {
                "contractId": str(number),
                "symbol": symbol,
                "size": "0",
                "quantityPrecision": 4,
                "pricePrecision": 1,
                "makerFeeRate": 0.0002,
                "takerFeeRate": 0.0005,
                "currency": currency,
                "asset": asset,
                "status": 1,
                "apiStateOpen": "true",
            }
            for number, (symbol, (asset, currency, *_rest)) in enumerate(LINEAR.items(), 100)
        ],
    )


def inverse_premium(world: World, query: Mapping[str, str]) -> Any:
    """Answer a list also for one symbol, without a time of its own: as captured, not documented."""
    asked = query.get("symbol")
    if asked is not None and asked not in INVERSE:
        return _unknown(world, asked)
    rows = [
        {
            "symbol": symbol,
            "lastFundingRate": rate,
            "markPrice": mark,
            "indexPrice": index,
            "nextFundingTime": round(world.next_settlement().timestamp() * 1000),
        }
        for symbol, (_, mark, index, rate) in INVERSE.items()
        if asked in (None, symbol)
    ]
    if world.changes.get("bingx_documented"):  # an object with `time`, the envelope without
        return {"code": 0, "msg": "", "data": rows[0] | {"time": world.ms}}
    return _envelope(world, rows)


def linear_premium(world: World, query: Mapping[str, str]) -> Any:
    """Answer an object for one symbol, a list without; the envelope has no time."""
    asked = query.get("symbol")
    if asked is not None and asked not in LINEAR:
        return _unknown(world, asked)
    rows = [
        {
            "symbol": symbol,
            "markPrice": mark,
            "indexPrice": index,
            "lastFundingRate": rate,
            "nextFundingTime": round(world.next_settlement(hours).timestamp() * 1000),
            "fundingIntervalHours": hours,
            "updateTime": round(world.next_settlement(hours).timestamp() * 1000) - hours * 3600_000,
            "maxFundingRate": "0.003",
            "minFundingRate": "-0.003",
        }
        for symbol, (*_, mark, index, rate, hours) in LINEAR.items()
        if asked in (None, symbol)
    ]
    return {"code": 0, "msg": "", "data": rows if asked is None else rows[0]}


def linear_history(world: World, query: Mapping[str, str]) -> Any:
    """Newest first, both ends inclusive, at most 1000 rows."""
    start, end = int(query["startTime"]), int(query["endTime"])
    rows = [
        {
            "symbol": query["symbol"],
            "fundingRate": f"{rate:.8f}",
            "fundingTime": round(time.timestamp() * 1000),
        }
        for time, rate in reversed(world.settlements(HISTORY))
        if start <= time.timestamp() * 1000 <= end
    ]
    return _envelope(world, rows[: min(int(query.get("limit", 100)), 1000)])


ROUTES = {
    "/openApi/cswap/v1/market/contracts": _dated(inverse_contracts),
    "/openApi/cswap/v1/market/premiumIndex": _dated(inverse_premium),
    "/openApi/swap/v2/quote/contracts": _dated(linear_contracts),
    "/openApi/swap/v2/quote/premiumIndex": _dated(linear_premium),
    "/openApi/swap/v2/quote/fundingRate": _dated(linear_history),
}

CASE = Case(
    symbol="BTC-USD",
    mark=87119.7,
    index=87110.8,
    funding_rate=0.0001,
    funding_kind="settled",
    interval_hours=8,
    next_funding=World(PRESENT).next_settlement(),
    contract_size=100,
    size_unit="quote",
    linear="BTC-USDT",
    rate_limited=(
        "429",
        "418",
        'body {"code":100410,"msg":"rate limited","data":{}}',
    ),
)
