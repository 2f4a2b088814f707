"""Refresh: all venues at once, one venue's trouble stays its own, nothing wrong is stored."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.replay import ReplayServer, cases
from xlhedge.errors import BadReply, RateLimited, UnknownSymbol, UnknownWordError, VenueUnreachable
from xlhedge.quotes import Status
from xlhedge.refresh import Outcome, refresh
from xlhedge.store import Store

BOTH = [("binance", "BTC"), ("bybit", "BTC")]


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as replay:
        yield replay


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path)
    yield opened
    opened.close()


def refreshed(server: ReplayServer, store: Store, wanted=BOTH, **options) -> list[Outcome]:
    """Refresh from the replay server at its own time."""
    options = {"minimum_age_seconds": 0.0} | options
    return refresh(
        wanted, store=store, clock=lambda: server.world.now, environ=server.environ(), **options
    )


def test_every_venue_at_once(server: ReplayServer, store: Store) -> None:
    """One call fetches and stores a quote of each venue, in the order asked."""
    wanted = [(name, case.symbol) for name, case in cases().items()]
    outcomes = refreshed(server, store, wanted)
    assert [(o.venue, o.asked) for o in outcomes] == wanted
    for outcome in outcomes:
        assert outcome.error is None
        assert store.quotes()[outcome.venue, outcome.quote.symbol] == outcome.quote


def test_venues_do_not_wait_for_each_other(server: ReplayServer, store: Store) -> None:
    """Two venues take the time of one, and a second refresh needs no instrument list."""
    server.delay = 0.15
    start = time.monotonic()
    refreshed(server, store)
    both = time.monotonic() - start
    server.requests.clear()
    refreshed(server, store)
    assert both < 0.15 * 8  # two requests one after the other, with room for a busy machine
    assert not [path for _, path, _ in server.requests if "nfo" in path and "funding" not in path]


def test_a_young_quote_is_not_asked_for_again(server: ReplayServer, store: Store) -> None:
    """Within the minimum age the stored quote is the answer and no request is made."""
    first = refreshed(server, store, minimum_age_seconds=10.0)
    server.requests.clear()
    server.world.now += timedelta(seconds=9)
    again = refreshed(server, store, minimum_age_seconds=10.0)
    assert [o.quote for o in again] == [o.quote for o in first]
    assert server.requests == []
    server.world.now += timedelta(seconds=1)
    assert refreshed(server, store, minimum_age_seconds=10.0)[
        0
    ].quote.time == server.world.now.replace(microsecond=250000)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        # what Binance does: what its outcome is
        ("429 30", RateLimited),
        ("418 120", RateLimited),
        ("403", RateLimited),
        ("503 20", RateLimited),
        ("500", VenueUnreachable),
        ("502", VenueUnreachable),
        ("reset", VenueUnreachable),
        ("broken", VenueUnreachable),
        ("slow 5", VenueUnreachable),
        ("drip", VenueUnreachable),
        ("html", BadReply),
        ("truncated", BadReply),
        ("giant", BadReply),
        ("redirect", BadReply),
        ("body []", BadReply),
        ("body null", BadReply),
        ("body {}", BadReply),
        ("body 17", BadReply),
        ('body {"code":-1000,"msg":"unknown"}', BadReply),
        ('replace "87123.40000000"=>""', BadReply),
        ('replace "87123.40000000"=>null', BadReply),
        ('replace "87123.40000000"=>NaN', BadReply),
        ('replace "87123.40000000"=>"NaN"', BadReply),
        ('replace "87123.40000000"=>true', BadReply),
        ('replace "87123.40000000"=>[1]', BadReply),
        ('replace "87123.40000000"=>"1e999"', BadReply),
        ('replace "87123.40000000"=>"-87123.4"', BadReply),
        ('replace "87123.40000000"=>"871.2340"', BadReply),
        ('replace "0.00006292"=>"0.06292"', BadReply),
        ('replace "0.00006292"=>""', BadReply),
    ],
)
def test_faults_store_nothing_and_stay_with_their_venue(
    fault: str, error: type[Exception], server: ReplayServer, store: Store
) -> None:
    """Whatever Binance does wrong, its last good quote stays, marked STALE; Bybit is refreshed."""
    good, _ = refreshed(server, store)
    server.world.now += timedelta(minutes=2)
    server.misbehave("binance", fault, "premiumIndex")
    bad, other = refreshed(server, store, deadline_seconds=1.5)
    assert isinstance(bad.error, error), bad.error
    assert str(bad.error).startswith("binance: ")
    assert bad.quote is None
    assert bad.last_good == good.quote.with_status(Status.STALE)
    assert store.quotes()["binance", "BTCUSD_PERP"] == good.quote
    assert other.error is None
    assert other.quote.time == server.world.now
    (failure,) = store.failures()
    assert failure.message == str(bad.error)


def test_a_refused_connection_is_readable(server: ReplayServer, store: Store) -> None:
    """Nothing listening is an outcome, not an exception."""
    (outcome,) = refresh(
        [("bybit", "BTC")],
        store=store,
        clock=lambda: server.world.now,
        environ={"XLHEDGE_URL_BYBIT": "http://127.0.0.1:9"},
    )
    assert isinstance(outcome.error, VenueUnreachable)
    assert outcome.last_good is None


def test_plain_http_goes_nowhere_but_here(server: ReplayServer, store: Store) -> None:
    """A base URL without TLS is refused unless it is this computer."""
    (outcome,) = refresh(
        [("bybit", "BTC")],
        store=store,
        clock=lambda: server.world.now,
        environ={"XLHEDGE_URL_BYBIT": "http://api.bybit.com"},
    )
    assert "https is required" in str(outcome.error)


def test_a_ban_is_kept_until_its_time(server: ReplayServer, store: Store) -> None:
    """A banned address asks nothing until the stated time, also in a new process, then again."""
    server.misbehave("binance", "418 120")
    refreshed(server, store)
    server.misbehave("binance", None)
    server.requests.clear()
    server.world.now += timedelta(seconds=119)
    banned, fine = refreshed(server, Store(store.folder))
    assert isinstance(banned.error, RateLimited)
    assert "has banned this address" in str(banned.error)
    assert fine.error is None
    assert {venue for venue, _, _ in server.requests} == {"bybit"}
    server.world.now += timedelta(seconds=2)
    assert refreshed(server, store)[0].error is None


def test_a_changed_face_value_needs_the_users_word(server: ReplayServer, store: Store) -> None:
    """A contract ten times smaller than yesterday is refused, then taken when accepted."""
    refreshed(server, store)
    for kept in store.folder.glob("lists-*"):
        kept.unlink()  # the day for which lists are kept is over
    server.world.changes["btc_size"] = 10
    refused, _ = refreshed(server, store)
    assert "face value changed from 100 (quote) to 10 (quote)" in str(refused.error)
    accepted, _ = refreshed(server, store, accept_new_sizes=True)
    assert accepted.quote.contract_size == 10


def test_unknown_names_are_outcomes(server: ReplayServer, store: Store) -> None:
    """A venue or symbol that does not exist costs the others nothing."""
    wanted = [("ftx", "BTC"), ("Binance", "NOSUCH"), ("binance", "ETH")]
    venue, symbol, fine = refreshed(server, store, wanted)
    assert isinstance(venue.error, UnknownWordError)
    assert isinstance(symbol.error, UnknownSymbol)
    assert fine.quote.symbol == "ETHUSD_PERP"


def test_a_refused_list_is_not_kept(server: ReplayServer, store: Store) -> None:
    """An error that Bybit sends with HTTP 200 for its instrument list is not kept for a day."""
    server.misbehave(
        "bybit", 'body {"retCode":10016,"retMsg":"Server error","result":{}}', "instruments"
    )
    assert refreshed(server, store)[1].error is not None
    server.misbehave("bybit", None)
    assert refreshed(server, store)[1].error is None


def test_a_new_contract_is_found_despite_kept_lists(server: ReplayServer, store: Store) -> None:
    """A symbol that the kept list lacks is looked for in a fresh one before it is unknown."""
    refreshed(server, store)
    server.requests.clear()
    refreshed(server, store, [("binance", "NOSUCH")])
    assert "/dapi/v1/exchangeInfo" in [path for _, path, _ in server.requests]


def test_progress_is_told_as_it_comes(server: ReplayServer, store: Store) -> None:
    """Each outcome is told once."""
    told: list[Outcome] = []
    outcomes = refreshed(server, store, progress=told.append)
    assert sorted(told, key=lambda o: o.venue) == sorted(outcomes, key=lambda o: o.venue)


def test_a_doubtful_rate_is_stored_with_its_warning(server: ReplayServer, store: Store) -> None:
    """The warning stays with the quote while it is young, and when it is read again."""
    refreshed(server, store, history_days=5)
    slip = 'replace "lastFundingRate":"0.00006292"=>"lastFundingRate":"0.00629200"'
    server.misbehave("binance", slip, "premiumIndex")
    for options in ({}, {"minimum_age_seconds": 60.0}, {}):
        first, other = refreshed(server, store, **options)
        assert first.error is None
        assert "may be wrong by a unit (usual are 0.0" in first.warning
        assert other.warning is None
    assert store.quotes()["binance", "BTCUSD_PERP"].funding_rate == 0.006292
    assert [(w.venue, w.asked, w.message) for w in store.warnings()] == [
        ("binance", "BTCUSD_PERP", first.warning)
    ]
    server.misbehave("binance", "500", "premiumIndex")
    refreshed(server, store)
    assert len(store.warnings()) == 1  # the quote that stays is as doubtful as before
    server.misbehave("binance", None)
    assert refreshed(server, store)[0].warning is None
    assert store.warnings() == []


def test_a_young_quote_is_asked_for_again_after_its_settlement(
    server: ReplayServer, store: Store
) -> None:
    """However long refreshes are kept apart, a passed prediction is not given as young."""
    server.world.now = server.world.now.replace(hour=15, minute=58)
    refreshed(server, store)
    server.world.now += timedelta(minutes=4)
    first, _ = refreshed(server, store, minimum_age_seconds=3600.0)
    assert first.quote.time == server.world.now
    assert first.quote.next_funding > server.world.now
