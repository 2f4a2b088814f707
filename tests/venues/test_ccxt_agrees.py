"""ccxt, pointed at the same server, reads the same numbers; where it does not, why is in a table.

Each row of ``DIFFERENCES`` and ``HISTORY_DIFFERENCES`` states what ccxt reads instead and the
evidence for reading otherwise, and the test asserts that ccxt reads exactly that: a difference that
goes away, or turns into another one, fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.replay import ReplayServer, cases
from tests.venues.by_ccxt import READERS, aimed, by_ccxt, market_of
from xlhedge import venues
from xlhedge.quotes import Quote
from xlhedge.transport import Http
from xlhedge.venues._reading import round_to_minute

FIELDS = ("mark", "index", "rate", "interval", "next", "size", "inverse", "step")


@dataclass(frozen=True)
class Difference:
    """What ccxt reads instead, computed from our quote, and why ours is right."""

    venue: str
    fields: tuple[str, ...]
    symbols: tuple[str, ...]
    ccxt_reads: Callable[[Quote], Any]
    evidence: str


def _none(_: Quote) -> None:
    return None


DIFFERENCES = (
    Difference(
        "kraken",
        ("rate",),
        ("PI_XBTUSD", "PI_ETHUSD"),
        lambda quote: quote.funding_rate / quote.mark**2,
        "ccxt divides by the price for every contract. PI_ rates are coins a contract of 1 USD, so "
        "that relative is absolute times the price: documented rows of 2022-06-28 have "
        "relativeFundingRate / fundingRate = 20713, 20713, 20867, which was BTC's price.",
    ),
    Difference(
        "kraken",
        ("next",),
        ("PI_XBTUSD", "PI_ETHUSD", "PF_XBTUSD"),
        _none,
        "The ticker does not state it; support article 360022835911 does, for all perpetuals: "
        "every hour, at the end of the hour.",
    ),
    Difference(
        "deribit",
        ("step",),
        ("BTC-PERPETUAL", "BTC_USDC-PERPETUAL"),
        lambda quote: quote.lot_size * quote.contract_size,
        "min_trade_amount is in USD or coins and a multiple of contract_size (docs.deribit.com, "
        "get_instruments); ours is in contracts. For ETH the face value is 1 USD, so they agree.",
    ),
    Difference(
        "okx",
        ("index",),
        ("BTC-USD-SWAP", "SOL-USD-SWAP", "BTC-USDT-SWAP"),
        _none,
        "ccxt reads no index-tickers of OKX.",
    ),
    Difference(
        "binance",
        ("interval",),
        ("BTCUSD_PERP", "ETHUSD_PERP", "BTCUSDT"),
        _none,
        "fundingInfo lists only adjusted symbols; for others ccxt leaves the interval out, and we "
        "take the 8 hours of the documentation, named as such in interval_source.",
    ),
    Difference(
        "bingx",
        ("interval",),
        ("BTC-USD", "SOL-USD"),
        _none,
        "BingX states no interval of coin-M contracts; ours says in interval_source where it is "
        "from.",
    ),
    Difference(
        "bingx",
        ("step",),
        ("BTC-USD", "SOL-USD"),
        _none,
        "BingX states no step of coin-M contracts; orders are whole contracts, as minQty is.",
    ),
    Difference(
        "mexc",
        ("mark", "index"),
        ("BTC_USD", "ETH_USD", "BTC_USDT"),
        _none,
        "ccxt does not read fairPrice and indexPrice of MEXC's ticker, which its own example has.",
    ),
    Difference(
        "weex",
        ("rate",),
        ("BTCUSDT", "DOGEUSDT"),
        lambda quote: {"BTCUSDT": 0.00001031, "DOGEUSDT": 0.0001}[quote.symbol],
        "ccxt takes lastFundingRate for the rate to come. Its own samples of ETHUSDT of 2026-04-07 "
        "show that it is the one last settled: 0.00001031 in premiumIndex at 21:33 and in the "
        "history at 16:00, while forecastFundingRate was 0.00005618.",
    ),
    Difference(
        "weex",
        ("step",),
        ("BTCUSDT", "DOGEUSDT"),
        lambda quote: quote.lot_size * quote.contract_size,
        "quantityPrecision counts decimals of coins (captured: -2 for DOGE, whose contract is 100 "
        "coins); ours is in contracts.",
    ),
)


@pytest.fixture(scope="module")
def replay() -> Iterator[ReplayServer]:
    with ReplayServer() as server:
        yield server


@pytest.fixture(scope="module")
def exchanges(replay: ReplayServer) -> dict[str, Any]:
    """Return ccxt's exchanges with the server in the place of their hosts."""
    return {venue: aimed(reader, replay.url(venue)) for venue, reader in READERS.items()}


def _ours(replay: ReplayServer, venue: str, symbol: str) -> Quote:
    http = Http(venue, clock=lambda: replay.world.now, base=replay.url(venue))
    try:
        return venues.venue(venue).quote(http, symbol)
    finally:
        http.close()


def _by_us(quote: Quote) -> dict[str, Any]:
    return {
        "mark": quote.mark,
        "index": quote.index,
        "rate": quote.funding_rate,
        "interval": quote.interval_hours,
        "next": quote.next_funding,
        "size": quote.contract_size,
        "inverse": quote.contract_type == "inverse",
        "step": quote.lot_size,
    }


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, int | float):
        return one == pytest.approx(other, rel=1e-9, abs=1e-17)  # ccxt divides to 18 decimals
    return one == other


def test_every_venue_is_compared() -> None:
    """A venue cannot be added without being compared with ccxt."""
    assert set(READERS) == set(cases()) == set(venues.names())
    assert all(difference.evidence for difference in DIFFERENCES)


@pytest.mark.parametrize(
    ("venue", "symbol"), [(venue, s) for venue, reader in READERS.items() for s in reader.symbols]
)
def test_ccxt_reads_the_same_or_differs_as_the_table_says(
    venue: str, symbol: str, replay: ReplayServer, exchanges: dict[str, Any]
) -> None:
    """Each field is equal, or what the table says that ccxt reads instead of ours."""
    quote = _ours(replay, venue, symbol)
    ours = _by_us(quote)
    theirs = by_ccxt(replay.world.now, exchanges[venue], READERS[venue], symbol)
    expected = {
        name: difference.ccxt_reads
        for difference in DIFFERENCES
        if difference.venue == venue and symbol in difference.symbols
        for name in difference.fields
    }
    for name in FIELDS:
        if name in expected:
            assert _same(theirs[name], expected[name](quote)), (name, theirs[name])
            assert not _same(theirs[name], ours[name]), f"{name}: no difference is left"
        else:
            assert _same(theirs[name], ours[name]), (name, theirs[name], ours[name])


@dataclass(frozen=True)
class HistoryDifference:
    """What ccxt reads instead of past rates, computed from ours, and why ours are right."""

    ccxt_reads: Callable[[list[float]], list[float]]
    evidence: str


def _trailing(rates: list[float]) -> list[float]:
    return [sum(rates[max(n - 7, 0) : n + 1]) for n in range(len(rates))]


HISTORY_DIFFERENCES = {
    "deribit": HistoryDifference(
        _trailing,
        "ccxt reads interest_8h of each hourly row, which is what accrued over the trailing eight "
        "hours (OpenBB's data model of the same reply); added up it counts every hour 8 times.",
    ),
}
# Whose contracts have no history to compare: BingX publishes none of coin-M
PAST = {venue: reader.symbols[0] for venue, reader in READERS.items()} | {"bingx": "BTC-USDT"}


@pytest.mark.parametrize("venue", list(READERS))
def test_settlements_are_the_same_or_differ_as_the_table_says(
    venue: str, replay: ReplayServer, exchanges: dict[str, Any]
) -> None:
    """Times to the minute and rates of the last days' settlements are those that ccxt reads."""
    now, symbol = replay.world.now, PAST[venue]
    since = now - timedelta(days=5)
    http = Http(venue, clock=lambda: now, base=replay.url(venue))
    ours = venues.venue(venue).history(http, symbol, since - timedelta(days=1), now)
    http.close()
    params = {
        name: round(now.timestamp() * 1000) if name == "until" else value
        for name, value in READERS[venue].history.items()
    }
    theirs = exchanges[venue].fetch_funding_rate_history(
        market_of(exchanges[venue], symbol)["symbol"],
        since=round(since.timestamp() * 1000),
        params=params,
    )
    read = {
        round_to_minute(datetime.fromtimestamp(row["timestamp"] / 1000, UTC)): row["fundingRate"]
        for row in theirs
    }
    expected = [row.rate for row in ours]
    if venue in HISTORY_DIFFERENCES:
        expected = HISTORY_DIFFERENCES[venue].ccxt_reads(expected)
        assert expected != [row.rate for row in ours]
    rates = {row.time: rate for row, rate in zip(ours, expected, strict=True) if row.time >= since}
    assert len(read) >= 15
    assert read == pytest.approx(rates, abs=1e-15)
