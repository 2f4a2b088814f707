"""Deribit v2: JSON-RPC over GET, numbers as numbers, hourly accruals of at most 744 a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.replay.world import Answer, Case, World

ROWS = {  # perpetual: mark, index, rate over 8 hours, face value
    "BTC-PERPETUAL": (87124.78, 87111.55, 1.742e-05, 10.0),
    "ETH-PERPETUAL": (2901.27, 2900.71, -9.2e-05, 1.0),
    "SOL-PERPETUAL": (131.14, 131.06, 0.0, 10.0),
    "BTC_USDC-PERPETUAL": (87131.0, 87126.2, 8.1e-05, 0.001),
}
HISTORY = 1500  # hours: three windows of 744
MOST_ROWS = 744


def _result(world: World, result: Any) -> Any:
    return {
        "jsonrpc": "2.0",
        "result": result,
        "usIn": world.ms * 1000,
        "usOut": world.ms * 1000 + 181,
        "usDiff": 181,
        "testnet": False,
    }


def _error(code: int, message: str, data: Any = None, status: int = 400) -> Answer:
    error = {"code": code, "message": message} | ({"data": data} if data else {})
    return Answer({"jsonrpc": "2.0", "error": error, "testnet": False}, status)


def instruments(world: World, _: Mapping[str, str]) -> Any:
    """Perpetuals and a dated future; fees are stated; amounts are in USD or coins."""
    listed = []
    for symbol, (*_, face) in ROWS.items():
        base, _, quote = symbol.removesuffix("-PERPETUAL").partition("_")
        kind = "linear" if quote else "reversed"
        listed.append(
            {
                "instrument_name": symbol,
                "kind": "future",
                "instrument_type": kind,
                "future_type": kind,
                "settlement_period": "perpetual",
                "base_currency": base,
                "quote_currency": quote or "USD",
                "counter_currency": quote or "USD",
                "settlement_currency": quote or base,
                "price_index": f"{base}_{quote or 'usd'}".lower(),
                "contract_size": face,
                "min_trade_amount": face,
                "tick_size": 0.5,
                "maker_commission": 0.0,
                "taker_commission": 0.0005,
                "is_active": True,
                "expiration_timestamp": 32503708800000,
            }
        )
    dated = {"instrument_name": "BTC-25DEC26", "settlement_period": "month"}
    return _result(world, [listed[0] | dated, *listed])


def ticker(world: World, query: Mapping[str, str]) -> Any:
    """One contract; the funding of the moment is 0, that of the last 8 hours is not."""
    symbol = query["instrument_name"]
    if symbol not in ROWS:
        reason = {"reason": "wrong format", "param": "instrument_name"}
        return _error(-32602, "Invalid params", reason)
    mark, index, rate, _ = ROWS[symbol]
    return _result(
        world,
        {
            "timestamp": world.ms - 86,
            "state": "open",
            "instrument_name": symbol,
            "mark_price": mark,
            "index_price": index,
            "last_price": mark,
            "current_funding": 0.0,
            "funding_8h": rate,
            "interest_value": 0.0028213400122472977,
        },
    )


def history(world: World, query: Mapping[str, str]) -> Any:
    """Oldest first; each row also has the sum of the 8 hours before it."""
    start, end = int(query["start_timestamp"]), int(query["end_timestamp"])
    hourly = world.settlements(HISTORY, 1)
    rows = [
        {
            "timestamp": round(time.timestamp() * 1000),
            "index_price": 87111.55,
            "prev_index_price": 87109.5,
            "interest_1h": rate,
            "interest_8h": sum(r for _, r in hourly[max(n - 7, 0) : n + 1]),
        }
        for n, (time, rate) in enumerate(hourly)
        if start <= time.timestamp() * 1000 <= end
    ]
    return _result(world, rows[-MOST_ROWS:])


def funding_value(world: World, query: Mapping[str, str]) -> Any:
    """What accrued over a window; of 8 hours, what the ticker's funding_8h says."""
    return _result(world, ROWS[query["instrument_name"]][2])


ROUTES = {
    "/api/v2/public/get_instruments": instruments,
    "/api/v2/public/ticker": ticker,
    "/api/v2/public/get_funding_rate_history": history,
    "/api/v2/public/get_funding_rate_value": funding_value,
}

CASE = Case(
    symbol="BTC-PERPETUAL",
    mark=87124.78,
    index=87111.55,
    funding_rate=0.00001742,
    funding_kind="accrued",
    interval_hours=8,
    next_funding=None,
    contract_size=10,
    size_unit="quote",
    linear="BTC_USDC-PERPETUAL",
    history=HISTORY,
    history_hours=1,
    rate_limited=(
        "429",
        'body {"jsonrpc":"2.0","error":{"code":10028,"message":"too_many_requests"}}',
    ),
)
