"""Live quotes: the status follows from the age, and nothing stale passes for live."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.quote_examples import NOW, a_quote
from xlhedge.errors import (
    DomainError,
    NoQuoteError,
    NoValueError,
    StaleQuoteError,
    UnknownWordError,
    VenueUnreachable,
    WrongTypeError,
)
from xlhedge.live import LiveQuotes, open_live
from xlhedge.quotes import FIELDS, Status, Tier
from xlhedge.snapshot import bundled_quotes
from xlhedge.store import RATE, Store


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(tmp_path: Path, clock: Clock) -> LiveQuotes:
    return LiveQuotes(Store(tmp_path), clock, bundled_quotes())


def test_a_quote_is_live_within_the_limit_and_stale_after(live: LiveQuotes, clock: Clock) -> None:
    """60 minutes after the venue's own time a quote is LIVE, a second later STALE."""
    live.store.save_quotes([a_quote()])
    clock.now = NOW + timedelta(minutes=60)
    assert live.fresh("Binance", "btcusd_perp").status is Status.LIVE
    clock.now += timedelta(seconds=1)
    assert live.quote("binance", "BTC").status is Status.STALE
    with pytest.raises(StaleQuoteError, match="13:17 UTC"):
        live.fresh("binance", "BTC")


def test_a_bundled_quote_is_never_live(live: LiveQuotes, clock: Clock) -> None:
    """The snapshot is SNAPSHOT at any time, also at its own."""
    for (venue, symbol), bundled in bundled_quotes().items():
        for now in (bundled.time, NOW):
            clock.now = now
            quote = live.quote(venue, symbol)
            assert quote.status is Status.SNAPSHOT
            assert quote.source.startswith("snapshot: ")
            with pytest.raises(StaleQuoteError, match=f"{bundled.time:%Y-%m-%d}"):
                live.fresh(venue, symbol)


def test_a_passed_settlement_is_predicted_no_more(live: LiveQuotes, clock: Clock) -> None:
    """A predicted rate is STALE a minute after its settlement, however young the quote is."""
    settles = NOW + timedelta(minutes=10)
    live.store.save_quotes(
        [
            a_quote(next_funding=settles),
            a_quote(symbol="SETTLED", funding_kind="settled", next_funding=settles),
            a_quote(symbol="ACCRUED", funding_kind="accrued", next_funding=None),
        ]
    )
    clock.now = settles + timedelta(seconds=60)
    assert live.fresh("binance", "BTCUSD_PERP").status is Status.LIVE
    clock.now += timedelta(seconds=1)
    with pytest.raises(StaleQuoteError, match=r"it predicted, of 13:27 UTC, has passed.*refresh$"):
        live.fresh("binance", "BTCUSD_PERP")
    stale = live.quote("binance", "BTCUSD_PERP")
    assert (stale.status, stale.interval_hours, stale.contract_size) == (Status.STALE, 8, 100)
    for symbol in ("SETTLED", "ACCRUED"):
        assert live.fresh("binance", symbol).status is Status.LIVE


def test_a_doubtful_rate_is_among_the_reasons(live: LiveQuotes) -> None:
    """HEDGE_ERRORS() tells of a rate that was stored with a warning, until a better one comes."""
    live.store.save_quotes([a_quote()])
    live.store.save_outcomes([("binance", "BTCUSD_PERP", "doubtful")], NOW, RATE)
    assert live.reasons() == [(NOW, "rate of binance BTCUSD_PERP", "doubtful")]
    assert live.warning(live.quote("binance", "BTC")) == "doubtful"
    assert live.store.failures() == []
    live.store.save_outcomes([("binance", "BTCUSD_PERP", None)], NOW, RATE)
    assert live.reasons() == []
    assert live.warning(live.quote("binance", "BTC")) is None


def test_a_quote_from_the_future_is_stale(live: LiveQuotes, clock: Clock) -> None:
    """Where this computer's clock was set back the age is unknown: STALE, beyond a minute."""
    live.store.save_quotes([a_quote()])
    clock.now = NOW - timedelta(seconds=60)
    assert live.fresh("binance", "BTC").status is Status.LIVE
    clock.now -= timedelta(seconds=1)
    assert live.quote("binance", "BTC").status is Status.STALE
    with pytest.raises(StaleQuoteError, match="clock is behind"):
        live.fresh("binance", "BTC")


def test_the_limit_is_a_setting(live: LiveQuotes, clock: Clock, tmp_path: Path) -> None:
    """The store's setting moves the limit, and the environment overrules it."""
    live.store.save_quotes([a_quote()])
    live.store.save_setting("max_age_minutes", "5")
    clock.now = NOW + timedelta(minutes=6)
    assert live.quote("binance", "BTC").status is Status.STALE
    environ = {"XLHEDGE_HOME": str(tmp_path), "XLHEDGE_MAX_AGE_MINUTES": "7"}
    assert open_live(environ, clock).quote("binance", "BTC").status is Status.LIVE


@pytest.mark.parametrize(
    ("text", "error"), [("soon", WrongTypeError), ("-1", DomainError), ("nan", DomainError)]
)
def test_a_wrong_limit_is_named(text: str, error: type[Exception], tmp_path: Path) -> None:
    """An age limit that is no number above 0 is an error that names the variable."""
    with pytest.raises(error, match="XLHEDGE_MAX_AGE_MINUTES"):
        open_live({"XLHEDGE_HOME": str(tmp_path), "XLHEDGE_MAX_AGE_MINUTES": text})


def test_wrong_words(live: LiveQuotes) -> None:
    """An unknown venue lists the venues; a symbol that is no text is named."""
    with pytest.raises(UnknownWordError, match=r"venue is 'ftx'.*binance.*bybit"):
        live.quote("ftx", "BTC")
    with pytest.raises(WrongTypeError, match="symbol"):
        live.quote("binance", 5)


def test_nothing_stored_says_refresh_and_why_the_last_one_failed(live: LiveQuotes) -> None:
    """A contract never fetched says to refresh; after a failed refresh it says why."""
    with pytest.raises(NoQuoteError, match="refresh"):
        live.quote("binance", "DOGE")
    live.store.save_outcomes([("binance", "DOGE", VenueUnreachable("binance", "no answer"))], NOW)
    with pytest.raises(NoQuoteError, match="no answer"):
        live.quote("binance", "doge")
    assert live.reasons() == [(NOW, "refresh binance DOGE", "binance: no answer")]


def test_a_coin_is_not_its_linear_contract(live: LiveQuotes) -> None:
    """A coin's name never picks the linear contract, stored or not."""
    linear = {"contract_type": "linear", "quote_currency": "USDT", "margin_coin": "USDT"}
    live.store.save_quotes([a_quote(symbol="ETHUSDT", coin="ETH", **linear)])
    with pytest.raises(NoQuoteError):
        live.quote("binance", "ETH")
    assert live.quote("binance", "ethusdt").contract_type == "linear"
    assert live.quote("binance", "Linear:eth").symbol == "ETHUSDT"
    in_usdc = linear | {"quote_currency": "USDC", "time": NOW + timedelta(minutes=1)}
    live.store.save_quotes([a_quote(symbol="ETHUSDC", coin="ETH", **in_usdc)])
    assert live.quote("binance", "linear:ETH").symbol == "ETHUSDT"  # USDT first, also if older
    with pytest.raises(NoQuoteError):
        live.quote("binance", "linear:BTC")


def test_maintenance_rate_by_tier(live: LiveQuotes) -> None:
    """The tier is found by the position's size in the tier's own unit at the mark price."""
    tiers = (Tier(2, "coin", 0.005), Tier(10, "coin", 0.01, 0.05))
    live.store.save_quotes([a_quote(tiers=tiers, maintenance_rate=0.005)])
    assert live.maintenance_rate("binance", "BTC") == 0.005
    assert live.maintenance_rate("binance", "BTC", 2 * 50100) == 0.005
    assert live.maintenance_rate("binance", "BTC", 2 * 50100 + 1) == 0.01
    with pytest.raises(NoValueError, match="no tier"):
        live.maintenance_rate("binance", "BTC", 1e9)
    with pytest.raises(DomainError, match="notional"):
        live.maintenance_rate("binance", "BTC", -1)


def test_no_maintenance_rate_published(live: LiveQuotes) -> None:
    """A venue that publishes none gives NoValueError, not 0."""
    live.store.save_quotes([a_quote()])
    with pytest.raises(NoValueError, match="publishes no"):
        live.maintenance_rate("binance", "BTC")


def test_fields_are_those_of_perp() -> None:
    """fields() has the names of PERP, in its order, and basis and yearly rate are computed."""
    fields = a_quote().fields()
    assert tuple(fields) == FIELDS
    assert fields["basis"] == pytest.approx(0.002)
    assert fields["apr"] == pytest.approx(0.1095)


def test_reading_loads_no_network_library() -> None:
    """Importing the live quotes loads neither requests nor openpyxl nor rich."""
    code = (
        "import sys, xlhedge.live, xlhedge.snapshot\n"
        "xlhedge.snapshot.bundled_quotes()\n"
        "print([m for m in ('requests', 'urllib3', 'openpyxl', 'rich') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
