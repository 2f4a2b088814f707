"""Kraken Futures: absolute rates, ISO times, the whole history at once, indices among tickers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.replay.world import PRESENT, Case, World

ROWS = {  # perpetual: mark, index, absolute rate of this hour, of the next
    "PI_XBTUSD": (87123.6, 87110.9, 2.5e-10, 7.1e-08),  # the prediction is beyond the cap
    "PI_ETHUSD": (2901.3, 2900.8, -4.1e-09, -4.0e-09),
    "PF_XBTUSD": (87130.25, 87125.5, 0.8713025, 0.91),
}
HISTORY = 900  # hours; there are no pages


def _iso(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def _envelope(world: World, **content: Any) -> Any:
    return {"result": "success", "serverTime": _iso(world.now), **content}


def _contract(symbol: str) -> dict[str, Any]:
    inverse = symbol.startswith("PI_")
    key = "contracts" if inverse else "numNonContractUnits"
    levels = [(0, 0.02, 0.01), (500000, 0.04, 0.02), (1000000, 0.1, 0.05)]
    base = symbol[3:].removesuffix("USD").replace("XBT", "BTC")
    return {
        "symbol": symbol,
        "type": "futures_inverse" if inverse else "flexible_futures",
        "base": base,
        "quote": "USD",
        "pair": f"{base}:USD",
        "tickSize": 0.5 if inverse else 1,
        "contractSize": 1,
        "contractValueTradePrecision": 0 if inverse else 4,
        "tradeable": True,
        "maxPositionSize": 75000000 if inverse else 11200,
        "marginLevels": [
            {key: start, "initialMargin": first, "maintenanceMargin": kept}
            for start, first, kept in levels
        ],
        "fundingRateCoefficient": 8,
        "maxRelativeFundingRate": 0.0025,
        "openingDate": "2018-08-31T00:00:00.000Z",
    }


def instruments(world: World, _: Mapping[str, str]) -> Any:
    """Perpetuals, a dated contract, an index, and a contract that is not tradeable."""
    dated = _contract("PI_XBTUSD") | {
        "symbol": "FI_XBTUSD_261225",
        "lastTradingTime": "2026-12-25T16:00:00.000Z",
    }
    closed = _contract("PI_ETHUSD") | {"symbol": "PI_BCHUSD", "base": "BCH", "tradeable": False}
    index = {"symbol": "in_xbtusd", "type": "spot index", "tradeable": False}
    return _envelope(
        world, instruments=[dated, *[_contract(symbol) for symbol in ROWS], closed, index]
    )


def tickers(world: World, _: Mapping[str, str]) -> Any:
    """Indices have few fields; the last trade may be long ago; 6 fractional digits."""
    last = _iso(world.now - timedelta(hours=3)).replace("250000", "922599")
    rows = [
        {
            "symbol": symbol,
            "tag": "perpetual",
            "pair": f"{symbol[3:6]}:USD",
            "last": mark,
            "lastTime": last,
            "markPrice": mark,
            "indexPrice": index,
            "fundingRate": rate,
            "fundingRatePrediction": following,
            "suspended": False,
            "postOnly": False,
        }
        for symbol, (mark, index, rate, following) in ROWS.items()
    ]
    rows.append({"symbol": "in_xbtusd", "last": 87110, "lastTime": _iso(world.now)})
    return _envelope(world, tickers=rows)


def history(world: World, query: Mapping[str, str]) -> Any:
    """Every hour since the beginning, oldest first, whatever is asked; rates of both kinds."""
    inverse = query["symbol"].startswith("PI_")
    return _envelope(
        world,
        rates=[
            {
                "timestamp": _iso(time),
                "fundingRate": rate / 87000 if inverse else rate * 87000,
                "relativeFundingRate": rate,
            }
            for time, rate in world.settlements(HISTORY, 1)
        ],
    )


ROUTES = {
    "/derivatives/api/v3/instruments": instruments,
    "/derivatives/api/v3/tickers": tickers,
    "/derivatives/api/v3/historical-funding-rates": history,
    "/derivatives/api/v4/historicalfundingrates": history,  # the older spelling
}

CASE = Case(
    symbol="PI_XBTUSD",
    mark=87123.6,
    index=87110.9,
    funding_rate=2.5e-10 * 87123.6,
    funding_kind="accrued",
    interval_hours=1,
    next_funding=World(PRESENT).next_settlement(1),
    contract_size=1,
    size_unit="quote",
    linear="PF_XBTUSD",
    history=HISTORY,
    history_hours=1,
    tiers=True,
    rate_limited=("429", 'body {"result":"error","error":"apiLimitExceeded"}'),
)
