"""Binance's quirks, and its captured replies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.venues.payloads import Canned, needs_payloads, payload
from xlhedge.errors import BadReply, UnknownSymbol
from xlhedge.quotes import INTERVAL_DEFAULT, INTERVAL_STATED, Instrument
from xlhedge.venues.binance import VENUE


def test_the_interval_is_stated_only_for_adjusted_symbols(server, connect) -> None:
    """A symbol that fundingInfo lists has the interval and cap of that list; others 8 hours."""
    server.world.changes["coin_m_adjusted"] = [
        {
            "symbol": "SOLUSD_PERP",
            "fundingIntervalHours": 4,
            "adjustedFundingRateCap": "0.02",
            "adjustedFundingRateFloor": "-0.02",
        }
    ]
    quotes = VENUE.quotes(connect("binance"), ["SOL", "ETH"])
    assert (quotes["SOL"].interval_hours, quotes["SOL"].interval_source) == (4, INTERVAL_STATED)
    assert quotes["SOL"].funding_cap == 0.02
    assert (quotes["ETH"].interval_hours, quotes["ETH"].interval_source) == (8, INTERVAL_DEFAULT)


def test_a_bad_row_costs_only_its_symbol(server, connect) -> None:
    """A broken number in one row of a batch leaves the other rows' quotes alone."""
    server.misbehave("binance", 'replace "2901.12000000"=>"n/a"', "premiumIndex")
    quotes = VENUE.quotes(connect("binance"), ["BTC", "ETH"])
    assert quotes["BTC"].mark == 87123.4
    assert isinstance(quotes["ETH"], BadReply)
    assert "ETHUSD_PERP: markPrice is 'n/a'" in str(quotes["ETH"])


def test_a_stopped_contract_is_no_contract(connect) -> None:
    """A contract that is settling is named with its status, and its coin is not found."""
    with pytest.raises(UnknownSymbol, match="SETTLING"):
        VENUE.quote(connect("binance"), "LUNAUSD_PERP")
    with pytest.raises(UnknownSymbol):
        VENUE.quote(connect("binance"), "LUNA")


def test_a_dated_contract_is_not_a_perpetual(connect) -> None:
    """A quarterly contract is unknown here, and the perpetual is named as nearest."""
    with pytest.raises(UnknownSymbol, match="BTCUSD_PERP"):
        VENUE.quote(connect("binance"), "BTCUSD_261225")


def test_pages_shorter_than_asked_for_are_followed(server, connect) -> None:
    """A venue that serves 100 settlements where 1000 are asked for still gives all of them."""

    class Sparing:
        """Connections of a Binance that serves 100 rows at most."""

        def __init__(self, http) -> None:
            self.__dict__["http"] = http

        def __getattr__(self, name: str):
            return getattr(self.http, name)

        def get(self, host, path, params=None, **options):
            if path.endswith("fundingRate"):
                params = {**params, "limit": 100}
            return self.http.get(host, path, params, **options)

    whole = server.world.settlements(250)
    rows = VENUE.history(Sparing(connect("binance")), "BTC", whole[0][0], server.world.now)
    assert [row.time for row in rows] == [time for time, _ in whole]


def test_a_contract_of_the_other_kind_in_a_list_is_refused(server, connect) -> None:
    """Should coin-M's list hold a USDT-margined contract, its size would be of unknown unit."""
    old, new = '"marginAsset":"ETH"', '"marginAsset":"USD"'
    server.misbehave("binance", f"replace {old}=>{new}", "dapi/v1/exchangeInfo")
    with pytest.raises(BadReply, match="ETHUSD_PERP is linear by its margin coin, USD"):
        VENUE.quote(connect("binance"), "ETHUSD_PERP")


@needs_payloads
def test_captured_coin_m_replies() -> None:
    """The captured premiumIndex, exchangeInfo and (null) fundingInfo give the values they state."""
    http = Canned(
        {
            "exchangeInfo": payload("binance/dapi_exchangeInfo_2021_full")["body"],
            "premiumIndex": payload("binance/dapi_premiumIndex_BTCUSD_PERP")["body"],
            "fundingInfo": payload("binance/dapi_fundingInfo_null")["body"],
        }
    )
    quote = VENUE.quote(http, "BTC")
    assert (quote.mark, quote.index) == (26780.2, 26792.39505234)
    assert quote.funding_rate == 0.00006292
    assert quote.next_funding == datetime(2023, 6, 20, 8, tzinfo=UTC)
    assert (quote.contract_size, quote.tick_size, quote.lot_size) == (100, 0.1, 1)
    sizes = {i.symbol: i.contract_size for i in VENUE.fetch_instruments(http, "inverse")}
    assert len(sizes) == 18
    assert sizes.pop("BTCUSD_PERP") == 100
    assert set(sizes.values()) == {10}


@needs_payloads
def test_captured_settlements_are_at_whole_minutes() -> None:
    """Captured funding times jitter by 8 and 10 ms; they come out at whole minutes."""
    rows = payload("binance/dapi_fundingRate_BTCUSD_PERP")["body"]
    http = Canned({"fundingRate": rows})
    item = next(
        i
        for i in VENUE.fetch_instruments(
            Canned({"exchangeInfo": payload("binance/dapi_exchangeInfo_2021_full")["body"]}),
            "inverse",
        )
    )
    span = datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 11, 17, 20, tzinfo=UTC)
    history = list(VENUE.fetch_history(http, item, *span))
    assert [r.rate for r in history] == [0.0001, 0.00025141, 0.0001, 0.0001, 0.0001]
    assert all(r.time.second == r.time.microsecond == 0 for r in history)


@needs_payloads
def test_captured_error() -> None:
    """The captured error envelope is a BadReply with Binance's own sentence."""
    body = payload("binance/dapi_klines_error_200days")["body"]
    reply = Canned({"klines": body}, status=400).get("https://dapi.binance.com", "/dapi/v1/klines")
    with pytest.raises(BadReply, match="Maximum time interval is 200 days"):
        VENUE.check_envelope(reply, "klines")


def _linear_btcusdt() -> Instrument:
    """Return the linear contract of the captured replies; no capture of its list exists."""
    return Instrument(
        venue="binance",
        symbol="BTCUSDT",
        coin="BTC",
        quote_currency="USDT",
        contract_type="linear",
        contract_size=1.0,
        size_unit="base",
        margin_coin="USDT",
        lot_size=0.001,
        tick_size=0.1,
    )


@needs_payloads
def test_captured_usdt_m_replies() -> None:
    """USDT-M answers one symbol with an object, where COIN-M answers with an array."""
    capture = payload("binance/fapi_premiumIndex_BTCUSDT")["body"]
    http = Canned({"premiumIndex": capture, "fundingInfo": []})
    quote = VENUE.fetch_quotes(http, [_linear_btcusdt()])["BTCUSDT"]
    assert (quote.mark, quote.index) == (26780.82240476, 26798.25197802)
    assert (quote.funding_rate, quote.funding_kind) == (0.00001226, "predicted")
    assert quote.next_funding == datetime(2023, 6, 20, 8, tzinfo=UTC)
    assert quote.time == datetime(2023, 6, 20, 6, 55, 12, tzinfo=UTC)


@needs_payloads
def test_captured_usdt_m_settlements() -> None:
    """Negative and positive rates keep their signs; jittering times come out whole."""
    rows = payload("binance/fapi_fundingRate_BTCUSDT")["body"]
    last = datetime.fromtimestamp(rows[-1]["fundingTime"] // 1000, UTC)
    span = datetime(2020, 9, 1, tzinfo=UTC), last + timedelta(hours=1)
    history = list(VENUE.fetch_history(Canned({"fundingRate": rows}), _linear_btcusdt(), *span))
    assert [r.rate for r in history] == [float(row["fundingRate"]) for row in rows]
    assert history[0].rate == -0.0002227
    assert all(r.time.minute == r.time.second == r.time.microsecond == 0 for r in history)


@needs_payloads
def test_documented_settlements_carry_their_mark() -> None:
    """Newer COIN-M rows state the mark at the settlement."""
    rows = payload("binance/doc_dapi_fundingRate_markPrice")["body"]
    exchange_info = payload("binance/dapi_exchangeInfo_2021_full")["body"]
    item = VENUE.fetch_instruments(Canned({"exchangeInfo": exchange_info}), "inverse")[0]
    span = datetime(2023, 10, 1, tzinfo=UTC), datetime(2023, 11, 1, tzinfo=UTC)
    history = list(VENUE.fetch_history(Canned({"fundingRate": rows}), item, *span))
    assert [(r.rate, r.mark) for r in history] == [(-0.003, 34651.4), (-0.003, 34651.4)]
