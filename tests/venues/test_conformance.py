"""Every venue passes the same tests, over real HTTP in the venue's documented shape."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.replay import cases
from tests.replay.world import settled_rate
from xlhedge import venues
from xlhedge.errors import BadReply, NotOffered, RateLimited, UnknownSymbol
from xlhedge.plausibility import refuse_implausible

CASES = cases()
NAMES = venues.names()
COMPARED = (
    "symbol",
    "mark",
    "index",
    "funding_rate",
    "funding_kind",
    "interval_hours",
    "next_funding",
    "contract_size",
    "size_unit",
    "margin_coin",
    "contract_type",
)


def test_every_venue_is_replayed() -> None:
    """A venue cannot be added without a replay of its documented replies."""
    assert set(CASES) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_module_says_who_it_is(name: str) -> None:
    """A venue's name is its module's name, and its fees carry a source and a date."""
    venue = venues.venue(name)
    assert venue.name == name
    assert all(fee.source and fee.date for fee in venue.fees)


@pytest.mark.parametrize("name", NAMES)
def test_a_quote_says_what_the_venue_says(name: str, connect) -> None:
    """Mark, index, rate, kind, interval, next settlement and face value arrive normalised."""
    case = CASES[name]
    quote = venues.venue(name).quote(connect(name), case.symbol)
    for field in COMPARED:
        expected = getattr(case, field)
        shown = getattr(quote, field)
        assert shown == (
            pytest.approx(expected, rel=1e-12) if field == "funding_rate" else expected
        )
    assert quote.coin == "BTC"
    assert quote.venue == name
    assert quote.taker_fee is not None
    assert quote.source.startswith("127.0.0.1:")
    refuse_implausible(quote, now=quote.received)


@pytest.mark.parametrize("name", NAMES)
def test_a_coin_means_its_inverse_perpetual(name: str, connect) -> None:
    """A coin's name finds the inverse perpetual, in any case; where there is none, it says so."""
    case, venue = CASES[name], venues.venue(name)
    if case.coin_word is None:
        with pytest.raises(NotOffered, match=case.symbol):
            venue.quote(connect(name), "BTC")
    else:
        assert venue.resolve(connect(name), case.coin_word.lower()).symbol == case.symbol
        assert venue.resolve(connect(name), "xbt").symbol == case.symbol
        assert venue.resolve(connect(name), case.symbol.lower()).symbol == case.symbol


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_answers_each_symbol_for_itself(name: str, connect) -> None:
    """An unknown symbol in a batch gets its own error and costs the others nothing."""
    case = CASES[name]
    answers = venues.venue(name).quotes(connect(name), [case.symbol, case.unknown])
    assert answers[case.symbol].mark == case.mark
    assert isinstance(answers[case.unknown], UnknownSymbol)


@pytest.mark.parametrize("name", [n for n in NAMES if CASES[n].linear])
def test_the_linear_contract_is_linear(name: str, connect) -> None:
    """The linear contract has a size in coins and a margin coin that is not the coin."""
    quote = venues.venue(name).quote(connect(name), CASES[name].linear)
    assert quote.contract_type == "linear"
    assert quote.size_unit == "base"
    assert quote.margin_coin != quote.coin


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_symbol_is_named_with_the_nearest(name: str, connect) -> None:
    """A misspelt symbol raises UnknownSymbol and lists what it may have meant."""
    case = CASES[name]
    with pytest.raises(UnknownSymbol, match=case.symbol):
        venues.venue(name).quote(connect(name), case.symbol[:-1] + "X")


@pytest.mark.parametrize("name", NAMES)
def test_history_comes_whole_over_all_pages(name: str, server, connect) -> None:
    """Settlements over several pages come once each, oldest first, at whole minutes."""
    case, venue, now = CASES[name], venues.venue(name), server.world.now
    if not case.history:
        with pytest.raises(NotOffered):
            venue.history(connect(name), case.symbol, now - timedelta(days=3), now)
        return
    whole = server.world.settlements(case.history, case.history_hours)
    since = whole[0][0] - timedelta(minutes=1)
    rows = venue.history(connect(name), case.symbol, since, now)
    assert [row.time for row in rows] == [time for time, _ in whole]
    assert [row.rate for row in rows] == pytest.approx([settled_rate(t) for t, _ in whole])
    part = venue.history(connect(name), case.symbol, whole[3][0], whole[-5][0])
    assert [row.time for row in part] == [time for time, _ in whole[3:-4]]


NAMED = {  # which histories say of which contract each row is: part of the path, field
    "binance": ("fundingRate", "symbol", "BTCUSD_PERP"),
    "bingx": ("fundingRate", "symbol", "BTC-USDT"),
    "bybit": ("funding/history", "symbol", "BTCUSD"),
    "mexc": ("funding_rate/history", "symbol", "BTC_USD"),
    "okx": ("funding-rate-history", "instId", "BTC-USD-SWAP"),
    "weex": ("fundingRate", "symbol", "BTCUSDT"),
}


@pytest.mark.parametrize("name", NAMED)
def test_settlements_of_another_contract_are_refused(name: str, server, connect) -> None:
    """A history whose rows name another contract is not taken for the one asked."""
    where, key, symbol = NAMED[name]
    server.misbehave(name, f'replace "{key}":"{symbol}"=>"{key}":"OTHER"', where)
    now = server.world.now
    with pytest.raises(BadReply, match=f"{key} is 'OTHER'; expected '{symbol}'"):
        venues.venue(name).history(connect(name), symbol, now - timedelta(days=3), now)


@pytest.mark.parametrize("name", [n for n in NAMES if CASES[n].history])
def test_two_settlements_of_one_time_are_refused(name: str, server, connect) -> None:
    """Rows of the same time may repeat each other, not contradict each other."""
    newest, older = server.world.settlements(2, CASES[name].history_hours)[::-1]
    stamps = {
        "deribit": (f'"timestamp":{_ms(older[0])}', f'"timestamp":{_ms(newest[0])}'),
        "kraken": (_iso(older[0]), _iso(newest[0])),
    }
    old, new = stamps.get(name, (str(_ms(older[0]))[:-3], str(_ms(newest[0]))[:-3]))
    server.misbehave(name, f"replace {old}=>{new}", "unding")
    symbol, now = CASES[name].symbol, server.world.now
    with pytest.raises(BadReply, match=f"two different settlements of {symbol}"):
        venues.venue(name).history(connect(name), symbol, now - timedelta(days=3), now)


def _ms(time: datetime) -> int:
    return round(time.timestamp() * 1000)


def _iso(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize("name", NAMES)
def test_tiers_are_fractions_or_not_offered(name: str, connect) -> None:
    """Maintenance tiers rise with the size of the position; where a key is needed it says so."""
    case, venue = CASES[name], venues.venue(name)
    if not case.tiers:
        with pytest.raises(NotOffered):
            venue.tiers(connect(name), case.symbol)
        return
    tiers = venue.tiers(connect(name), case.symbol)
    assert [t.up_to for t in tiers] == sorted(t.up_to for t in tiers)
    assert all(0 < t.maintenance_rate < 0.6 for t in tiers)
    quote = venue.quote(connect(name), case.symbol)
    assert quote.maintenance_rate == tiers[0].maintenance_rate


@pytest.mark.parametrize(("name", "fault"), [(n, f) for n in NAMES for f in CASES[n].rate_limited])
def test_a_rate_limit_says_until_when(name: str, fault: str, server, connect) -> None:
    """Each way of a venue to say "too many requests" becomes RateLimited with a time to return."""
    server.misbehave(name, fault)
    with pytest.raises(RateLimited) as caught:
        venues.venue(name).quote(connect(name), CASES[name].symbol)
    assert caught.value.retry_at > server.world.now.timestamp()
