"""Exchanges that ccxt reads: the same quotes and checks, nothing filled in that ccxt leaves out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from xlhedge import venues
from xlhedge.errors import (
    BadReply,
    NotOffered,
    RateLimited,
    UnknownSymbol,
    UnknownWordError,
    VenueUnreachable,
)
from xlhedge.plausibility import refuse_implausible
from xlhedge.quotes import Status, utc_now
from xlhedge.refresh import refresh
from xlhedge.store import Store
from xlhedge.transport import Http
from xlhedge.venues._ccxt import CcxtVenue

NAME = "ccxt:kucoinfutures"
# The only time that this server states is the Date of its replies, which is the real one: so is
# every clock here
STARTED = datetime.now(UTC)
SETTLES = STARTED.replace(minute=0, second=0, microsecond=0) + timedelta(hours=3)


def _ms(time: datetime) -> int:
    return round(time.timestamp() * 1000)


def _contract(symbol: str, base: str, quote: str, settle: str, **more: Any) -> dict[str, Any]:
    """Return a row in the shape that ccxt documents for KuCoin's contracts/active."""
    return {
        "symbol": symbol,
        "type": "FFWCSX",
        "baseCurrency": base,
        "quoteCurrency": quote,
        "settleCurrency": settle,
        "lotSize": 1,
        "tickSize": 0.1,
        "multiplier": -1.0,
        "makerFeeRate": 0.0002,
        "takerFeeRate": 0.0006,
        "isInverse": settle == base,
        "status": "Open",
        "expireDate": None,
        "nextFundingRateTime": 25481884,
    } | more


class Kucoin:
    """A server in the shape of KuCoin's futures interface, whose replies a test may change."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.contracts = [
            _contract("XBTUSDM", "XBT", "USD", "XBT"),
            _contract("XBTUSDTM", "XBT", "USDT", "USDT", multiplier=0.001),
            _contract("ETHUSDM", "ETH", "USD", "XBT"),
            _contract("SOLUSDM", "SOL", "USD", "SOL", multiplier=0),
            _contract("XRPUSDM", "XRP", "USD", "XRP", isInverse=False),
            _contract("LUNAUSDM", "LUNA", "USD", "LUNA", status="BeingSettled"),
        ]
        self.funding = {
            "symbol": ".XBTUSDMFPI8H",
            "granularity": 28800000,
            "timePoint": _ms(SETTLES - timedelta(hours=8)),
            "value": 0.000125,
            "fundingRateCap": 0.003,
            "fundingRateFloor": -0.003,
            "fundingTime": _ms(SETTLES),
        }
        self.price = {"value": 87120.3, "indexPrice": 87111.9}

    def serve(self) -> None:
        """Answer with what is there now."""
        for symbol in ("XBTUSDM", "XBTUSDTM"):
            self._answer(f"/api/v1/funding-rate/{symbol}/current", self.funding)
            price = self.price | {"symbol": symbol, "granularity": 1000}
            self._answer(f"/api/v1/mark-price/{symbol}/current", price)
            self._answer("/api/v1/ticker", {"symbol": symbol, "price": "1", "ts": _ms(utc_now())})
        self._answer("/api/v1/contracts/active", self.contracts)

    def _answer(self, path: str, data: Any) -> None:
        self.server.expect_request(path).respond_with_json({"code": "200000", "data": data})


@pytest.fixture
def kucoin(httpserver: HTTPServer) -> Kucoin:
    return Kucoin(httpserver)


@pytest.fixture
def http(httpserver: HTTPServer) -> Iterator[Http]:
    connection = Http(NAME, clock=utc_now, base=httpserver.url_for("").rstrip("/"))
    yield connection
    connection.close()


def _quote(kucoin: Kucoin, http: Http, asked: str = "BTC") -> Any:
    kucoin.serve()
    return venues.venue(NAME).quote(http, asked)


def test_a_quote_is_of_the_same_type_and_passes_the_same_checks(kucoin, http) -> None:
    """Mark, index, rate, interval, next settlement and face value come as ccxt states them."""
    quote = _quote(kucoin, http)
    assert (quote.venue, quote.symbol, quote.coin) == (NAME, "XBTUSDM", "BTC")
    assert (quote.mark, quote.index, quote.funding_rate) == (87120.3, 87111.9, 0.000125)
    assert (quote.funding_kind, quote.interval_hours) == ("predicted", 8)
    assert quote.interval_source.startswith("stated by ccxt 4.")
    assert quote.next_funding == SETTLES
    assert (quote.contract_type, quote.margin_coin) == ("inverse", "BTC")
    assert (quote.contract_size, quote.size_unit) == (1, "quote")
    assert (quote.maker_fee, quote.taker_fee) == (0.0002, 0.0006)
    assert quote.fee_source.startswith("ccxt 4.")
    assert quote.source.endswith(", read by ccxt")
    assert abs(quote.time - utc_now()) < timedelta(minutes=10)
    refuse_implausible(quote, now=utc_now())


def test_a_linear_contract_is_linear(kucoin, http) -> None:
    """A contract margined in its quote currency is sized in coins."""
    quote = _quote(kucoin, http, "XBTUSDTM")
    assert (quote.contract_type, quote.contract_size, quote.size_unit) == ("linear", 0.001, "base")


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ("ETHUSDM", NotOffered, "quanto contract"),
        ("SOLUSDM", UnknownSymbol, "does not state a contract size"),
        ("XRPUSDM", UnknownSymbol, "inverse by its margin coin, but ccxt says otherwise"),
        ("LUNAUSDM", UnknownSymbol, "not active by ccxt"),
        ("XBTUSDX", UnknownSymbol, "nearest: XBTUSDM"),
    ],
)
def test_a_contract_that_cannot_be_trusted_is_refused(asked, error, said, kucoin, http) -> None:
    """Quanto, of unknown size, of doubtful type, closed or unknown: each says why."""
    with pytest.raises(error, match=said):
        _quote(kucoin, http, asked)


def test_an_unknown_interval_is_refused(kucoin, http) -> None:
    """An interval that ccxt does not state is not taken for 8 hours."""
    kucoin.funding["granularity"] = 12345
    with pytest.raises(BadReply, match=r"states no funding interval of BTC/USD:BTC \('12345'\)"):
        _quote(kucoin, http)


@pytest.mark.parametrize("key", ["value", "indexPrice"])
def test_a_missing_price_is_refused(key: str, kucoin, http) -> None:
    """No mark or index price: the last trade does not take its place."""
    kucoin.price[key] = None
    with pytest.raises(BadReply, match=r"ccxt gives no (mark|index)Price"):
        _quote(kucoin, http)


def test_a_missing_rate_is_refused(kucoin, http) -> None:
    """No rate is no quote, not a rate of 0."""
    kucoin.funding["value"] = ""
    with pytest.raises(BadReply, match="ccxt gives no fundingRate"):
        _quote(kucoin, http)


def test_a_rate_of_a_settlement_long_past_is_called_settled(kucoin, http) -> None:
    """Where ccxt dates the rate to the last settlement, it is not called a prediction."""
    kucoin.funding["fundingTime"] = _ms(SETTLES - timedelta(hours=8))
    quote = _quote(kucoin, http)
    assert (quote.funding_kind, quote.next_funding) == ("settled", None)


@pytest.mark.parametrize(
    ("status", "error"),
    [(429, RateLimited), (500, VenueUnreachable), (404, VenueUnreachable)],
)
def test_ccxts_errors_become_ours(
    status: int, error: type[Exception], kucoin: Kucoin, http: Http
) -> None:
    """Too many requests, a fault of theirs, nonsense: the errors that all venues raise."""
    kucoin.server.expect_request("/api/v1/contracts/active").respond_with_data("", status=status)
    with pytest.raises(error, match=NAME):
        venues.venue(NAME).quote(http, "BTC")


@pytest.mark.parametrize(
    "body",
    ["<html>Just a moment...</html>", '{"code":"400100","msg":"no"}', '{"code":"200000"', "[]"],
)
def test_a_reply_of_another_shape_is_refused(body: str, kucoin: Kucoin, http: Http) -> None:
    """HTML, an error with HTTP 200, half of a JSON, a list: none of it becomes a quote."""
    kucoin.server.expect_request("/api/v1/contracts/active").respond_with_data(
        body, content_type="application/json"
    )
    with pytest.raises((BadReply, NotOffered)):
        venues.venue(NAME).quote(http, "BTC")


def test_a_redirect_is_not_followed(kucoin, http) -> None:
    """ccxt reads over the same session as all venues: another host is never asked."""
    kucoin.server.expect_request("/api/v1/contracts/active").respond_with_data(
        "", status=302, headers={"Location": "https://example.com/"}
    )
    with pytest.raises(BadReply):
        venues.venue(NAME).quote(http, "BTC")


def test_plain_http_elsewhere_is_refused() -> None:
    """An override of ccxt's hosts has to be https, or this computer."""
    http = Http(NAME, clock=utc_now, base="http://192.0.2.1")
    with pytest.raises(VenueUnreachable, match="XLHEDGE_URL_CCXT_KUCOINFUTURES"):
        venues.venue(NAME).quote(http, "BTC")


def test_refresh_takes_the_name_and_the_override(kucoin, tmp_path, httpserver) -> None:
    """A refresh stores the quote under ccxt:<exchange>, from XLHEDGE_URL_CCXT_<EXCHANGE>."""
    kucoin.serve()
    store = Store(tmp_path)
    (outcome,) = refresh(
        [("ccxt:KuCoinFutures", "BTC")],
        store=store,
        clock=utc_now,
        environ={"XLHEDGE_URL_CCXT_KUCOINFUTURES": httpserver.url_for("").rstrip("/")},
    )
    assert outcome.error is None
    assert outcome.quote.status is Status.LIVE
    assert store.quotes()[NAME, "XBTUSDM"].mark == 87120.3


def test_an_implausible_quote_is_not_stored(kucoin, tmp_path, httpserver) -> None:
    """A rate beyond the limit through ccxt is refused as from any venue."""
    kucoin.funding["value"] = 0.5
    kucoin.serve()
    store = Store(tmp_path)
    (outcome,) = refresh(
        [(NAME, "BTC")],
        store=store,
        clock=utc_now,
        environ={"XLHEDGE_URL_CCXT_KUCOINFUTURES": httpserver.url_for("").rstrip("/")},
    )
    assert "outside" in str(outcome.error)
    assert not store.quotes()


def _absent(name: str) -> Any:
    raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def test_without_ccxt_a_sentence_says_what_to_install(http) -> None:
    """The extra is named, in the form that pip takes."""
    with pytest.raises(NotOffered, match=r'pip install "xlhedge\[ccxt\]"'):
        CcxtVenue("kucoinfutures", load=_absent).quote(http, "BTC")


@pytest.mark.parametrize(
    ("exchange", "said"),
    [
        ("kucoinfuture", "nearest: kucoinfutures"),
        ("krakenfutures", "use kraken"),
        ("weex", "use weex"),
        ("deribit", "use deribit"),
    ],
)
def test_an_exchange_that_ccxt_misreads_or_lacks_is_refused(exchange, said, http) -> None:
    """An unknown name gets the nearest; where ccxt is wrong, the venue of our own is named."""
    with pytest.raises(NotOffered, match=said):
        venues.venue(f"ccxt:{exchange}").quote(http, "BTC")


@pytest.mark.parametrize("word", ["ccxt:", "ccxt:a/b", "cxt:kucoin", "ccxt", 5])
def test_what_is_no_venue_name_is_refused(word: object) -> None:
    """Only ccxt:<exchange> is accepted beside the venues, and the message says so."""
    with pytest.raises(UnknownWordError, match=r"binance.*or ccxt:<exchange>|ccxt:<exchange>"):
        venues.check_name(word)


def test_neither_history_nor_tiers_are_offered(kucoin, http) -> None:
    """Settlements and tiers are said not to be offered, not invented."""
    kucoin.serve()
    check: Callable[[], Any]
    for check in (
        lambda: venues.venue(NAME).tiers(http, "BTC"),
        lambda: venues.venue(NAME).history(http, "BTC", STARTED - timedelta(days=1), STARTED),
    ):
        with pytest.raises(NotOffered):
            check()
