"""MEXC's quirks, and its captured replies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.replay import ReplayServer
from tests.venues.payloads import Canned, needs_payloads, payload
from xlhedge.errors import BadReply, NotOffered, UnknownSymbol
from xlhedge.quotes import INTERVAL_STATED, Instrument, Tier
from xlhedge.venues._reading import Row
from xlhedge.venues.mexc import BATCH, VENUE, Mexc

DETAIL: dict[str, Any] = {
    "symbol": "BTC_USD",
    "maintenanceMarginRate": "0.004",
    "riskBaseVol": 30000,
    "riskIncrVol": 20000,
    "riskIncrMmr": "0.002",
    "riskLevelLimit": 3,
    "riskLimitType": "BY_VOLUME",
}


def tiers(**changes: Any) -> list[Tier]:
    """Read the ladder of a row of contract/detail."""
    return VENUE._tiers(Row("mexc", "detail BTC_USD", DETAIL | changes))


def test_the_cycle_is_in_hours_and_the_caps_are_stated(connect) -> None:
    """A collectCycle of 4 is four hours, by the venue's own word, with cap and floor."""
    quote = VENUE.quote(connect("mexc"), "ETH")
    assert (quote.interval_hours, quote.interval_source) == (4, INTERVAL_STATED)
    assert (quote.funding_cap, quote.funding_floor) == (0.0018, -0.0018)


def test_the_quote_is_as_old_as_the_older_of_its_two_replies(server, connect) -> None:
    """The ticker here is 1.2 seconds older than funding_rate, and so is the quote."""
    quote = VENUE.quote(connect("mexc"), "BTC")
    assert server.world.now - quote.time == timedelta(seconds=1.2)


def test_a_reply_of_another_symbol_is_refused(server, connect) -> None:
    """The funding rate of another contract is not taken for the one asked."""
    server.misbehave("mexc", 'replace "symbol":"BTC_USD"=>"symbol":"ETH_USD"', "funding_rate")
    with pytest.raises(BadReply, match="funding_rate of BTC_USD is of ETH_USD"):
        VENUE.quote(connect("mexc"), "BTC")


def test_a_face_value_is_in_dollars_only_for_coin_margin(connect) -> None:
    """contractSize is USD for BTC_USD and coins for BTC_USDT."""
    http = connect("mexc")
    inverse, linear = VENUE.resolve(http, "BTC_USD"), VENUE.resolve(http, "BTC_USDT")
    assert (inverse.contract_size, inverse.size_unit, inverse.margin_coin) == (100, "quote", "BTC")
    assert (linear.contract_size, linear.size_unit, linear.margin_coin) == (0.0001, "base", "USDT")


def test_contracts_that_cannot_be_quoted_are_named(connect) -> None:
    """A quanto contract and one that is offline are refused with their reason."""
    with pytest.raises(NotOffered, match=r"XRP_BTC is a quanto contract .* margined in BTC"):
        VENUE.quote(connect("mexc"), "XRP_BTC")
    with pytest.raises(UnknownSymbol, match=r"LTC_USDT is not trading .*offline"):
        VENUE.quote(connect("mexc"), "LTC_USDT")


def test_the_list_is_asked_for_once_for_both_kinds(server, connect) -> None:
    """contract/detail allows one request in 5 seconds: a batch of both kinds makes one."""
    VENUE.quotes(connect("mexc"), ["BTC", "BTC_USDT", "ETH"])
    paths = [path for _, path, _ in server.requests]
    assert paths.count("/api/v1/contract/detail") == 1


def test_many_contracts_are_asked_in_batches(server, connect) -> None:
    """More than 18 requests of one kind wait 2 seconds between batches (20 are allowed)."""
    waits: list[float] = []
    venue = Mexc(wait=waits.append)
    http = connect("mexc")
    items = [venue.resolve(http, "BTC")] * (2 * BATCH + 1)
    venue.fetch_quotes(http, items)
    assert waits == [2, 2]


def test_history_ends_with_the_page_that_reaches_far_enough(server, connect) -> None:
    """Pages are turned until the time asked for, and 18 of them before a pause."""
    now = server.world.now
    rows = VENUE.history(connect("mexc"), "BTC", now - timedelta(days=40), now)
    assert len(rows) == 120
    pages = [q["page_num"] for _, path, q in server.requests if path.endswith("history")]
    assert pages == ["1", "2"]


def test_a_history_out_of_order_is_refused(server: ReplayServer, connect) -> None:
    """Pages that are not newest first would end too early, with gaps."""
    newest = round((server.world.next_settlement() - timedelta(hours=8)).timestamp() * 1000)
    server.misbehave(
        "mexc", f"replace {newest}=>{newest - 400 * 86_400_000}", "funding_rate/history"
    )
    with pytest.raises(BadReply, match="not in order"):
        VENUE.history(
            connect("mexc"), "BTC", server.world.now - timedelta(days=9), server.world.now
        )


def test_the_ladder_is_built_from_its_steps() -> None:
    """Each level adds a step of contracts and a step of the rate."""
    assert tiers() == [
        Tier(30000, "contracts", 0.004),
        Tier(50000, "contracts", 0.006),
        Tier(70000, "contracts", 0.008),
    ]
    assert tiers(riskIncrVol=0) == [Tier(30000, "contracts", 0.004)]
    assert tiers(riskLevelLimit=1) == [Tier(30000, "contracts", 0.004)]


def test_a_ladder_of_its_own_is_read_from_its_table() -> None:
    """riskLimitMode CUSTOM states every level."""
    levels = [
        {"level": 2, "maxVol": 900, "mmr": "0.01"},
        {"level": 1, "maxVol": 100, "mmr": "0.005"},
    ]
    assert tiers(riskLimitMode="CUSTOM", riskLimitCustom=levels) == [
        Tier(100, "contracts", 0.005),
        Tier(900, "contracts", 0.01),
    ]


def test_a_ladder_in_an_unknown_unit_costs_the_rate_not_the_quote(server, connect) -> None:
    """Limits by value have no documented unit: no maintenance rate, but a quote."""
    with pytest.raises(BadReply, match="riskLimitType"):
        tiers(riskLimitType="BY_VALUE")
    server.misbehave("mexc", "replace BY_VOLUME=>BY_VALUE", "detail")
    quote = VENUE.quote(connect("mexc"), "BTC")
    assert quote.maintenance_rate is None
    assert quote.mark == 87118.3


def test_failures_are_read_from_the_envelope(server, connect) -> None:
    """A failure with HTTP 200 is an error whichever way its message is called."""
    for key in ("message", "msg"):
        server.misbehave("mexc", f'body {{"success":false,"code":500,"{key}":"System error!"}}')
        with pytest.raises(BadReply, match="answers 500: System error!"):
            VENUE.quote(connect("mexc"), "BTC")


@needs_payloads
@pytest.mark.parametrize("symbol", ["BTC_USDT", "LTC_USDT"])
def test_captured_contracts(symbol: str) -> None:
    """The captured rows of contract/detail give the sizes, steps and fees that they state."""
    capture = payload(f"mexc/contract_detail_row_{symbol}")
    said = capture["expected"]
    row = Row("mexc", "detail", capture["body"])
    item = VENUE._instrument(row)
    assert (item.symbol, item.contract_type, item.active) == (symbol, "linear", True)
    assert item.contract_size == float(said["contractSize"])
    assert item.lot_size == said["precision"]["amount"]
    assert item.tick_size == float(said["precision"]["price"])
    assert (item.maker_fee, item.taker_fee) == (said["maker"], float(said["taker"]))
    (tier,) = VENUE._tiers(row)
    assert tier == Tier(float(said["limits"]["amount"]["max"]), "contracts", 0.004)


@needs_payloads
def test_documented_replies() -> None:
    """The documentation's detail, ticker and funding_rate make the quote that they state."""
    http = Canned(
        {
            "detail": payload("mexc/doc_detail_BTC_USDT")["body"],
            "ticker": payload("mexc/doc_ticker")["body"],
            "funding_rate/BTC_USDT": payload("mexc/doc_funding_rate_BTC_USDT")["body"],
        }
    )
    quote = VENUE.quote(http, "BTC_USDT")
    assert (quote.mark, quote.index) == (31199.5, 31016.3)
    assert quote.funding_rate == -0.000489  # funding_rate's own, not the ticker's 0.001
    assert (quote.interval_hours, quote.funding_cap) == (8, 0.001)
    assert quote.next_funding == datetime(2021, 1, 5, 8, tzinfo=UTC)
    assert quote.time.timestamp() == 1609829807.577  # the older of the two
    assert (quote.maker_fee, quote.taker_fee) == (0.0002, 0.0006)
    assert (len(quote.tiers), quote.tiers[-1]) == (100, Tier(1_000_000, "contracts", 0.4))


@needs_payloads
def test_documented_history() -> None:
    """The documentation's page of settlements gives its two rates."""
    body = payload("mexc/doc_funding_rate_history")["body"]
    body["data"]["totalPage"] = 1
    item = Instrument(
        venue="mexc",
        symbol="BTC_USDT",
        coin="BTC",
        quote_currency="USDT",
        contract_type="linear",
        contract_size=0.0001,
        size_unit="base",
        margin_coin="USDT",
        lot_size=1,
        tick_size=0.5,
    )
    span = datetime(2021, 1, 1, tzinfo=UTC), datetime(2021, 2, 1, tzinfo=UTC)
    rows = list(VENUE.fetch_history(Canned({"history": body}), item, *span))
    assert [row.rate for row in rows] == [0.000266, 0.00029]
    assert rows[0].time == datetime(2021, 1, 5, tzinfo=UTC)


@needs_payloads
def test_documented_envelopes() -> None:
    """The documentation's error is a BadReply, its time a number without a code."""
    reply = Canned({"x": payload("mexc/doc_envelope_error")["body"]}).get("https://m", "/x")
    with pytest.raises(BadReply, match="500: System internal error!"):
        VENUE.check_envelope(reply, "x")
    ping = Canned({"x": payload("mexc/doc_ping_time")["body"]}).get("https://m", "/x")
    assert VENUE.check_envelope(ping, "ping") == 1587442022003
