"""How ccxt reads each venue, with the replay server in the place of its hosts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import ccxt

from xlhedge.venues._ccxt import _each_url


def _all(exchange: Any) -> list[Any]:
    return exchange.fetch_markets()


def _bingx(exchange: Any) -> list[Any]:
    return exchange.fetch_swap_markets({}) + exchange.fetch_inverse_swap_markets({})


def _weex(exchange: Any) -> list[Any]:
    return exchange.parse_markets(exchange.contractGetCapiV3MarketExchangeInfo()["symbols"])


@dataclass(frozen=True)
class Reader:
    """How ccxt reads one venue: its name there, the list of its contracts, where prices are."""

    exchange: str
    symbols: tuple[str, ...]
    markets: Callable[[Any], list[Any]] = _all  # without the spot markets, which are not replayed
    prices: str | None = None  # beside fetch_funding_rate, where that has no prices
    history: Mapping[str, Any] = field(default_factory=dict)  # further parameters


READERS = {
    "binance": Reader(
        "binance", ("BTCUSD_PERP", "ETHUSD_PERP", "BTCUSDT"), history={"until": True}
    ),
    "bingx": Reader("bingx", ("BTC-USD", "SOL-USD", "BTC-USDT"), _bingx, history={"until": True}),
    "bybit": Reader("bybit", ("BTCUSD", "SOLUSD", "BTCUSDT"), history={"until": True}),
    "deribit": Reader(
        "deribit",
        ("BTC-PERPETUAL", "ETH-PERPETUAL", "BTC_USDC-PERPETUAL"),
        prices="fetch_ticker",
        history={"until": True},
    ),
    "kraken": Reader("krakenfutures", ("PI_XBTUSD", "PI_ETHUSD", "PF_XBTUSD")),
    "mexc": Reader(
        "mexc",
        ("BTC_USD", "ETH_USD", "BTC_USDT"),
        lambda exchange: exchange.fetch_swap_markets(),
        history={"page_num": 1, "page_size": 100},
    ),
    "okx": Reader(
        "okx", ("BTC-USD-SWAP", "SOL-USD-SWAP", "BTC-USDT-SWAP"), prices="fetch_mark_price"
    ),
    "weex": Reader("weex", ("BTCUSDT", "DOGEUSDT"), _weex, history={"until": True}),
}


def aimed(reader: Reader, base: str) -> Any:
    """Return the exchange with `base` for its hosts and its contracts listed."""
    exchange = getattr(ccxt, reader.exchange)({"enableRateLimit": False})
    exchange.urls["api"] = _each_url(
        exchange.urls["api"], lambda url: base + urlsplit(exchange.implode_hostname(url)).path
    )
    types = exchange.options.get("fetchMarkets", {}).get("types")
    if isinstance(types, list):
        exchange.options["fetchMarkets"]["types"] = [
            kind for kind in types if kind in ("swap", "linear", "inverse")
        ]
    exchange.set_markets(reader.markets(exchange))
    return exchange


def market_of(exchange: Any, symbol: str) -> Mapping[str, Any]:
    """Return ccxt's description of a perpetual by the venue's symbol."""
    return next(market for market in exchange.markets_by_id[symbol] if market["swap"])


def by_ccxt(now: datetime, exchange: Any, reader: Reader, symbol: str) -> dict[str, Any]:
    """Return what ccxt reads, under our names and in our units."""
    market = market_of(exchange, symbol)
    funding = exchange.fetch_funding_rate(market["symbol"])
    prices = [funding]
    if reader.prices:
        prices.append(getattr(exchange, reader.prices)(market["symbol"]))
    stated = (funding["fundingTimestamp"], funding["nextFundingTimestamp"])
    times = [datetime.fromtimestamp(time / 1000, UTC) for time in stated if time is not None]
    hours = funding["interval"]
    return {
        "mark": next((p["markPrice"] for p in prices if p["markPrice"] is not None), None),
        "index": next((p["indexPrice"] for p in prices if p["indexPrice"] is not None), None),
        "rate": funding["fundingRate"],
        "interval": None if hours is None else float(hours.removesuffix("h")),
        "next": min((time for time in times if time > now), default=None),
        "size": market["contractSize"],
        "inverse": market["inverse"],
        "step": market["precision"]["amount"],
    }
