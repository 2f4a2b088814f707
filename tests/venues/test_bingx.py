"""BingX's quirks, and its captured replies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.replay.world import settled_rate
from tests.venues.payloads import Canned, needs_payloads, payload
from xlhedge.errors import BadReply, NotOffered, RateLimited, UnknownSymbol
from xlhedge.plausibility import refuse_implausible
from xlhedge.quotes import INTERVAL_STATED, utc_now
from xlhedge.venues._reading import Row
from xlhedge.venues.bingx import INTERVAL_ASSUMED, VENUE, BingX


class DatedCanned(Canned):
    """Captured bodies for a venue that writes the time on its requests."""

    clock = staticmethod(utc_now)


def test_every_request_carries_the_time(server, connect) -> None:
    """The clock's milliseconds are in each query; without them BingX answers 104414."""
    VENUE.quotes(connect("bingx"), ["BTC", "BTC-USDT"])
    assert len(server.requests) == 4
    assert {query["timestamp"] for _, _, query in server.requests} == {str(server.world.ms)}


def test_each_endpoint_is_asked_once_a_batch(server, connect) -> None:
    """One request a second and endpoint is allowed: a batch of five makes four requests."""
    VENUE.quotes(connect("bingx"), ["BTC", "ETH", "SOL", "BTC-USDT", "BTC-USDC"])
    paths = [path for _, path, _ in server.requests]
    assert len(paths) == len(set(paths)) == 4


def test_a_list_of_one_and_an_object_are_the_same(server, connect) -> None:
    """What BingX documents (an object with its time) and sends (a list without) read alike."""
    sent = VENUE.quote(connect("bingx"), "BTC")
    server.world.changes["bingx_documented"] = True
    assert VENUE.quote(connect("bingx"), "BTC") == sent
    assert sent.time == server.world.now


def test_coin_m_without_any_time_is_refused(server, connect) -> None:
    """A coin-M reply whose age cannot be told is not taken for the present."""
    server.misbehave("bingx", f'replace "timestamp":{server.world.ms},=>', "premiumIndex")
    with pytest.raises(BadReply, match="timestamp is missing"):
        VENUE.quote(connect("bingx"), "BTC")


def test_the_face_value_is_the_field_called_tick_size(connect) -> None:
    """minTickSize is USD a contract; the price's step comes from its decimals."""
    quote = VENUE.quote(connect("bingx"), "SOL")
    assert (quote.contract_size, quote.size_unit, quote.tick_size) == (10, "quote", 0.1)
    assert (quote.margin_coin, quote.lot_size) == ("SOL", 1)


def test_the_rate_is_labelled_settled(connect) -> None:
    """Nobody documents what lastFundingRate is, so it promises nothing about the next one."""
    assert VENUE.quote(connect("bingx"), "BTC").funding_kind == "settled"
    assert VENUE.quote(connect("bingx"), "BTC-USDT").funding_kind == "settled"


def test_the_interval_is_assumed_for_coin_m_and_stated_for_linear(connect) -> None:
    """8 hours are an assumption for coin-M, and said to be one; linear contracts state theirs."""
    http = connect("bingx")
    inverse, linear = VENUE.quote(http, "BTC"), VENUE.quote(http, "BTC-USDC")
    assert (inverse.interval_hours, inverse.interval_source) == (8, INTERVAL_ASSUMED)
    assert (linear.interval_hours, linear.interval_source) == (4, INTERVAL_STATED)
    assert (linear.funding_cap, linear.funding_floor) == (0.003, -0.003)


@pytest.mark.parametrize("hours", [-12, -4])
def test_a_settlement_that_does_not_fit_8_hours_is_refused(hours: int, server, connect) -> None:
    """A next settlement at 04:00 or 12:00 UTC shows that the assumption is wrong."""
    fits = round(server.world.next_settlement().timestamp() * 1000)
    server.misbehave("bingx", f"replace {fits}=>{fits + hours * 3_600_000}", "premiumIndex")
    with pytest.raises(BadReply, match="fits the 8 hours that are assumed"):
        VENUE.quote(connect("bingx"), "BTC")


def test_linear_without_a_time_is_of_when_it_came(server, connect) -> None:
    """USDT-M states no time (updateTime is the last settlement's): the quote is of its arrival."""
    quote = VENUE.quote(connect("bingx"), "BTC-USDT")
    assert quote.time == quote.received
    refuse_implausible(quote, now=server.world.now)


def test_coin_m_has_no_history_and_says_so(server, connect) -> None:
    """The refusal names the contract; nothing is asked."""
    http = connect("bingx")
    VENUE.resolve(http, "BTC")
    server.requests.clear()
    with pytest.raises(NotOffered, match=r"no funding history of its coin-M contracts \(BTC-USD\)"):
        VENUE.history(http, "BTC", server.world.now - timedelta(days=1), server.world.now)
    assert server.requests == []


def test_linear_history_comes_page_by_page_a_second_apart(server, connect) -> None:
    """2300 settlements come over three pages, once each, with a second between requests."""
    waits: list[float] = []
    whole = server.world.settlements(2300)
    rows = BingX(wait=waits.append).history(
        connect("bingx"), "BTC-USDT", whole[0][0], server.world.now
    )
    assert [row.time for row in rows] == [time for time, _ in whole]
    assert [row.rate for row in rows] == pytest.approx([settled_rate(t) for t, _ in whole])
    assert waits == [1.0, 1.0]


def test_a_halted_contract_is_no_contract(connect) -> None:
    """A contract whose status is not 1 is named with it."""
    with pytest.raises(UnknownSymbol, match="LUNA-USD is not trading"):
        VENUE.quote(connect("bingx"), "LUNA-USD")


def test_a_ban_with_a_time_lasts_until_then(server, connect) -> None:
    """The time in BingX's sentence, in milliseconds, is when it may be asked again."""
    until = server.world.ms + 300_000
    said = f"The endpoint trigger frequency limit rule will be unblocked after {until}"
    server.misbehave("bingx", f'body {{"code":100410,"msg":"{said}","data":{{}}}}')
    with pytest.raises(RateLimited) as caught:
        VENUE.quote(connect("bingx"), "BTC")
    assert caught.value.retry_at == until / 1000


@pytest.mark.parametrize(
    ("code", "message", "error"),
    [
        (109425, "NOPE-USD not exist, please verify it", UnknownSymbol),
        (80014, "Invalid parameters, err:Key: 'GetTickerRequest.Symbol'", UnknownSymbol),
        (109400, "Invalid parameters, err:startTs: field is required", BadReply),
        (100500, "The current system is busy, please try again later", BadReply),
    ],
)
def test_errors_with_http_200(
    code: int, message: str, error: type[Exception], server, connect
) -> None:
    """A code other than 0 is an error, and its sentence is passed on."""
    body = f'body {{"code":{code},"msg":"{message}","data":{{}}}}'
    server.misbehave("bingx", body, "premiumIndex")
    with pytest.raises(error, match=message[:12]):
        VENUE.quote(connect("bingx"), "BTC")


@needs_payloads
def test_captured_coin_m_reply() -> None:
    """The captured premiumIndex of BTC-USD, of 2026-08-21, gives the values it states."""
    capture = payload("bingx/cswap_premiumIndex_BTC-USD")
    http = DatedCanned(
        {
            "contracts": payload("bingx/doc_cswap_contracts")["body"],
            "premiumIndex": capture["body"],
        }
    )
    quote, said = VENUE.quote(http, "BTC"), capture["expected"]
    assert quote.mark == float(said["markPrice"])
    assert quote.index == float(said["indexPrice"])
    assert quote.funding_rate == float(said["fundingRate"])
    assert quote.next_funding.timestamp() * 1000 == said["nextFundingTimestamp"]
    assert quote.time == datetime(2026, 8, 21, 20, 0, 56, 49000, tzinfo=UTC)
    assert quote.contract_size == 10  # the documentation's example; live rows have 100
    refuse_implausible(quote, now=quote.time)


@needs_payloads
def test_documented_coin_m_object() -> None:
    """The documentation's object gives its values and its own time."""
    http = DatedCanned(
        {
            "contracts": payload("bingx/doc_cswap_contracts")["body"],
            "premiumIndex": payload("bingx/doc_cswap_premiumIndex_object")["body"],
        }
    )
    quote = VENUE.quote(http, "BTC-USD")
    assert (quote.mark, quote.index, quote.funding_rate) == (67523.5, 67510.0, 0.0001)
    assert quote.time.timestamp() == 1720074487.610


@needs_payloads
def test_captured_position_proves_the_face_value() -> None:
    """A captured position of one SOL-USD contract has the margin of 10 USD, ten times leveraged."""
    (row,) = payload("bingx/cswap_positions_SOL-USD_private")["body"]["data"]
    margin = 10 / float(row["avgPrice"]) / row["leverage"]
    assert margin == pytest.approx(float(row["initialMargin"]), abs=1e-8)


@needs_payloads
def test_documented_linear_replies() -> None:
    """The documentation's linear contracts and settlements give what they state."""
    contracts = payload("bingx/doc_swap_contracts")["body"]
    items = VENUE.fetch_instruments(DatedCanned({"contracts": contracts}), "linear")
    shown = [
        (i.symbol, i.contract_type, i.lot_size, i.tick_size, i.maker_fee, i.taker_fee)
        for i in items
    ]
    assert shown == [
        ("BTC-USDT", "linear", 0.0001, 0.1, 0.0002, 0.0005),
        ("ETH-USDT", "linear", 0.01, 0.01, 0.0002, 0.0005),
    ]
    history = payload("bingx/doc_swap_fundingRate_history")["body"]
    for row in history["data"]:
        row["symbol"] = "BTC-USDT"  # the example is of QNT-USDT
    rows = list(
        VENUE.fetch_history(
            DatedCanned({"fundingRate": history}),
            items[0],
            datetime(2023, 12, 1, tzinfo=UTC),
            datetime(2024, 1, 1, tzinfo=UTC),
        )
    )
    assert [row.rate for row in rows] == [0.000271, 0.000128]
    assert rows[0].time == datetime(2023, 12, 16, 8, tzinfo=UTC)


@needs_payloads
def test_captured_open_interest_is_dated_ahead() -> None:
    """A captured row's own time can be the next settlement's: no age is read from such rows."""
    body = payload("bingx/cswap_openInterest_BTC-USD")["body"]
    row = Row("bingx", "openInterest", body["data"][0])
    assert row.milliseconds("timestamp") == datetime(2026, 8, 22, tzinfo=UTC)
    assert row.milliseconds("timestamp").timestamp() * 1000 > body["timestamp"]
