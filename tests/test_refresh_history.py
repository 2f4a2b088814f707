"""Past settlements in a refresh: after the quotes, without gaps or repeats, never wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.replay import ReplayServer, cases
from tests.replay.world import settled_rate
from xlhedge.errors import BadReply, NoQuoteError, NotOffered, RateLimited, VenueUnreachable
from xlhedge.live import LiveQuotes
from xlhedge.refresh import Outcome, refresh
from xlhedge.store import Store

BYBIT = [("bybit", "BTC")]


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as replay:
        yield replay


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path)
    yield opened
    opened.close()


def refreshed(server: ReplayServer, store: Store, wanted=BYBIT, **options) -> list[Outcome]:
    """Refresh with 30 days of history from the replay server, at its own time."""
    options = {"minimum_age_seconds": 0.0, "history_days": 30} | options
    return refresh(
        wanted, store=store, clock=lambda: server.world.now, environ=server.environ(), **options
    )


def history_requests(server: ReplayServer) -> list[dict[str, str]]:
    """Return the queries of Bybit's funding history since the last clearing."""
    return [query for _, path, query in server.requests if path.endswith("funding/history")]


def test_every_venue_fills_its_history(server: ReplayServer, store: Store) -> None:
    """After one refresh FUNDING_HISTORY has each venue's settlements, or says there are none."""
    served = cases()
    wanted = [(name, case.linear if name == "weex" else "BTC") for name, case in served.items()]
    live = LiveQuotes(store, lambda: server.world.now)
    for outcome in refreshed(server, store, wanted, history_days=5):
        case = served[outcome.venue]
        assert outcome.error is None
        if case.history == 0:
            assert isinstance(outcome.history_error, NotOffered)
            with pytest.raises(NoQuoteError, match="publishes no"):
                live.history(outcome.venue, "BTC")
            continue
        assert outcome.history_error is None
        rows = live.history(outcome.venue, outcome.asked, 10_000)
        step = timedelta(hours=case.history_hours)
        assert outcome.settlements == len(rows) == timedelta(days=5) // step
        assert {newer.time - older.time for newer, older in pairwise(rows)} == {step}
        assert [r.rate for r in rows] == pytest.approx([settled_rate(r.time) for r in rows])
    assert live.reasons() == []


def test_only_what_is_missing_is_asked_for(server: ReplayServer, store: Store) -> None:
    """Between two settlements nothing is asked; after the next one, only what is new."""
    refreshed(server, store)
    server.requests.clear()
    server.world.now += timedelta(hours=2)  # 15:17: settlements are at 8 and 16
    assert refreshed(server, store)[0].settlements == 90
    assert history_requests(server) == []
    server.world.now += timedelta(hours=1)
    refreshed(server, store)
    (query,) = history_requests(server)
    asked = (int(query["endTime"]) - int(query["startTime"])) / 3600e3
    assert asked < 9
    times = [row.time for row in store.history("bybit", "BTCUSD")]
    assert len(times) == 91
    assert {a - b for a, b in pairwise(times)} == {timedelta(hours=8)}


def test_older_days_join_without_a_gap(server: ReplayServer, store: Store) -> None:
    """Asking for more days later fetches only the older ones."""
    refreshed(server, store)
    server.requests.clear()
    (outcome,) = refreshed(server, store, history_days=60)
    assert outcome.settlements == 180
    (query,) = history_requests(server)
    assert (int(query["endTime"]) - int(query["startTime"])) / 86400e3 < 31
    times = [row.time for row in store.history("bybit", "BTCUSD")]
    assert {a - b for a, b in pairwise(times)} == {timedelta(hours=8)}


def test_a_quote_never_waits_for_a_history(server: ReplayServer, store: Store) -> None:
    """A history that hangs costs itself only: its quote and the other venue's are there."""
    server.misbehave("bybit", "slow 5", "funding/history")
    told: list[tuple[Outcome, float]] = []
    start = time.monotonic()
    slow, fine = refreshed(
        server,
        store,
        [*BYBIT, ("binance", "BTC")],
        deadline_seconds=2.0,
        progress=lambda outcome: told.append((outcome, time.monotonic() - start)),
    )
    assert time.monotonic() - start < 3.0
    assert slow.error is None
    assert slow.quote == store.quotes()["bybit", "BTCUSD"]
    assert isinstance(slow.history_error, VenueUnreachable)
    assert (fine.error, fine.history_error, fine.settlements) == (None, None, 90)
    first = next(when for outcome, when in told if outcome.venue == "bybit")
    assert first < 1.5
    (failure,) = store.failures()
    assert (failure.what, failure.message) == ("history", str(slow.history_error))
    server.misbehave("bybit", None)
    assert refreshed(server, store)[0].settlements == 90
    assert store.failures() == []


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        # the oldest settlement's rate, as Bybit would send it
        ("0.0401", "beyond"),
        ("-4", "beyond"),
        ("NaN", "finite"),
        ("", "number"),
    ],
)
def test_a_wrong_settlement_spoils_its_whole_page(
    wrong: str, sentence: str, server: ReplayServer, store: Store
) -> None:
    """One impossible rate among 90: none is stored, the quote stands, the reason is kept."""
    first, rate = server.world.settlements(90)[0]
    old = f'"fundingRate":"{rate:.8f}"'
    body = server.answer(
        "bybit",
        "/v5/market/funding/history",
        {
            "category": "inverse",
            "symbol": "BTCUSD",
            "startTime": str(round(first.timestamp() * 1000)),
            "endTime": str(server.world.ms),
            "limit": "200",
        },
    ).body
    assert any(row["fundingRate"] == f"{rate:.8f}" for row in body["result"]["list"])
    fault = f'replace {old}=>"fundingRate":"{wrong}"'
    server.misbehave("bybit", fault, "funding/history")
    (outcome,) = refreshed(server, store)
    assert outcome.error is None
    assert isinstance(outcome.history_error, BadReply)
    assert sentence in str(outcome.history_error)
    assert store.history("bybit", "BTCUSD") == []
    assert store.spans("bybit") == {}


def test_a_refused_history_bans_the_venue_and_says_so(server: ReplayServer, store: Store) -> None:
    """Bybit's 403 for a history is kept: the next refresh asks Bybit nothing for ten minutes."""
    server.misbehave("bybit", "403", "funding/history")
    (outcome,) = refreshed(server, store)
    assert outcome.error is None
    assert isinstance(outcome.history_error, RateLimited)
    server.misbehave("bybit", None)
    server.requests.clear()
    server.world.now += timedelta(minutes=9)
    (banned,) = refreshed(server, store)
    assert isinstance(banned.error, RateLimited)
    assert "left alone until 2026-11-23 13:27:42 UTC" in str(banned.error)
    assert server.requests == []
    server.world.now += timedelta(minutes=2)
    assert refreshed(server, store)[0].settlements == 90


def test_a_young_quote_still_gets_its_history(server: ReplayServer, store: Store) -> None:
    """A quote of a second ago is not asked for again, but its settlements are fetched."""
    refreshed(server, store, history_days=None)
    server.requests.clear()
    (outcome,) = refreshed(server, store, minimum_age_seconds=10.0)
    assert outcome.settlements == 90
    assert {path.rpartition("/")[2] for _, path, _ in server.requests} == {"history"}


def test_histories_are_of_the_contracts_chosen(server: ReplayServer, store: Store) -> None:
    """Only the contracts named in history_of get a history."""
    wanted = [("Bybit", "BTC"), ("bybit", "BTCUSDT"), ("binance", "BTC")]
    chosen, *others = refreshed(server, store, wanted, history_of=[("bybit", "BTC")])
    assert chosen.settlements == 90
    assert [o.settlements for o in others] == [None, None]
    assert store.spans("binance") == {}


def test_an_unknown_contract_has_no_history_either(server: ReplayServer, store: Store) -> None:
    """What has no quote because it does not exist fails once, with one reason."""
    (outcome,) = refreshed(server, store, [("bybit", "NOSUCH")])
    assert outcome.history_error is outcome.error
    assert [failure.what for failure in store.failures()] == ["quote"]


def test_a_long_minimum_age_does_not_make_old_quotes_live(
    server: ReplayServer, store: Store
) -> None:
    """A quote beyond the age limit is asked for again, however long refreshes are kept apart."""
    options = {"minimum_age_seconds": 7200.0, "max_age": timedelta(minutes=5), "history_days": None}
    (first,) = refreshed(server, store, **options)
    server.world.now += timedelta(minutes=6)
    (second,) = refreshed(server, store, **options)
    assert second.quote.time > first.quote.time


def test_the_settings_are_taken_from_the_store(server: ReplayServer, store: Store) -> None:
    """Without arguments the minimum age is the user's setting, and the environment's before it."""
    store.save_setting("minimum_refresh_seconds", "60")
    options = {"store": store, "clock": lambda: server.world.now}
    refresh(BYBIT, environ=server.environ(), **options)
    server.world.now += timedelta(seconds=50)
    server.requests.clear()
    refresh(BYBIT, environ=server.environ(), **options)
    assert server.requests == []
    refresh(BYBIT, environ=server.environ(XLHEDGE_MINIMUM_REFRESH_SECONDS="5"), **options)
    assert server.requests != []
