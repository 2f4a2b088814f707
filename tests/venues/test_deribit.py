"""Deribit's quirks, and its captured replies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.replay.world import settled_rate
from tests.venues.payloads import Canned, needs_payloads, payload
from xlhedge.errors import BadReply, NotOffered, UnknownSymbol
from xlhedge.venues.deribit import VENUE


def test_history_is_what_accrued_each_hour(server, connect) -> None:
    """A day's rows add up to the day's funding, not to 8 times as much."""
    now = server.world.now
    rows = VENUE.history(connect("deribit"), "BTC", now - timedelta(days=1), now)
    hours = [time for time, _ in server.world.settlements(24, 1)]
    assert [row.time for row in rows] == hours
    assert sum(row.rate for row in rows) == pytest.approx(sum(settled_rate(t) for t in hours))
    assert {row.kind for row in rows} == {"accrued"}


def test_no_window_has_more_rows_than_a_call_returns(server, connect) -> None:
    """A window of history is never longer than 744 hours, whatever end the cut would be at."""
    now = server.world.now
    VENUE.history(connect("deribit"), "BTC", now - timedelta(days=60), now)
    windows = [
        int(query["end_timestamp"]) - int(query["start_timestamp"])
        for _, path, query in server.requests
        if path.endswith("get_funding_rate_history")
    ]
    assert len(windows) == 2
    assert max(windows) < 744 * 3_600_000


def test_there_is_no_next_settlement(connect) -> None:
    """Funding accrues continuously: no next settlement is made up."""
    quote = VENUE.quote(connect("deribit"), "BTC")
    assert quote.next_funding is None
    assert quote.funding_kind == "accrued"


def test_the_funding_of_the_moment_is_not_the_rate(server, connect) -> None:
    """The quote's rate is funding_8h, also where current_funding is another number."""
    server.misbehave("deribit", 'replace "current_funding":0.0=>"current_funding":0.005', "ticker")
    assert VENUE.quote(connect("deribit"), "BTC").funding_rate == 1.742e-05


def test_orders_in_dollars_are_steps_in_contracts(connect) -> None:
    """A smallest amount of 10 USD on a face value of 10 USD is a step of 1 contract."""
    assert VENUE.resolve(connect("deribit"), "BTC").lot_size == 1
    linear = VENUE.quote(connect("deribit"), "BTC_USDC-PERPETUAL")
    assert (linear.contract_size, linear.size_unit, linear.lot_size) == (0.001, "base", 1)


def test_a_closed_contract_is_not_quoted(server, connect) -> None:
    """A contract whose book is closed is named with its state."""
    server.misbehave("deribit", 'replace "state":"open"=>"state":"closed"', "ticker")
    with pytest.raises(UnknownSymbol, match="state closed"):
        VENUE.quote(connect("deribit"), "BTC")


def test_a_quanto_contract_is_refused_by_name(server, connect) -> None:
    """An ETH contract margined in BTC is refused with the word quanto."""
    old, new = '"settlement_currency":"ETH"', '"settlement_currency":"BTC"'
    server.misbehave("deribit", f"replace {old}=>{new}", "instruments")
    with pytest.raises(NotOffered, match="ETH-PERPETUAL is a quanto contract"):
        VENUE.quote(connect("deribit"), "ETH-PERPETUAL")


def test_another_contracts_ticker_is_refused(server, connect) -> None:
    """A ticker of another contract than the one asked for is not taken for it."""
    old, new = '"instrument_name":"BTC-PERP', '"instrument_name":"ETH-PERP'
    server.misbehave("deribit", f"replace {old}=>{new}", "ticker")
    with pytest.raises(BadReply, match="BTC-PERPETUAL is of ETH-PERPETUAL"):
        VENUE.quote(connect("deribit"), "BTC")


@needs_payloads
@pytest.mark.parametrize(
    ("name", "coin", "size", "tick", "maker"),
    [
        ("get_instruments_BTC_perpetual", "BTC", 10, 0.5, 0.0),
        ("get_instruments_SOL_perpetual", "SOL", 10, 0.01, -0.0002),
        ("get_instrument_BTC-PERPETUAL_testnet", "BTC", 10, 0.5, 0.0),
    ],
)
def test_captured_instruments(name: str, coin: str, size: float, tick: float, maker: float) -> None:
    """The captured rows, of 2021 to 2025, give their face value, tick and fees."""
    body = payload(f"deribit/{name}")["body"]
    if isinstance(body["result"], dict):
        body["result"] = [body["result"]]
    (item,) = VENUE.fetch_instruments(Canned({"get_instruments": body}), "inverse")
    assert (item.coin, item.margin_coin, item.contract_type) == (coin, coin, "inverse")
    assert (item.contract_size, item.size_unit, item.lot_size) == (size, "quote", 1)
    assert (item.tick_size, item.maker_fee, item.taker_fee) == (tick, maker, 0.0005)
    assert item.active


@needs_payloads
def test_captured_ticker() -> None:
    """The recorded ticker gives the mark, index and 8-hour funding that it states."""
    result = payload("deribit/ws_ticker_BTC-PERPETUAL")["body"]["params"]["data"]
    http = Canned(
        {
            "get_instruments": payload("deribit/get_instruments_BTC_perpetual")["body"],
            "ticker": {"jsonrpc": "2.0", "result": result},
        }
    )
    quote = VENUE.quote(http, "BTC")
    assert (quote.mark, quote.index, quote.funding_rate) == (92281.78, 92263.55, 1.742e-05)
    assert quote.time == datetime(2025, 12, 12, 12, 11, 14, 86000, tzinfo=UTC)
    assert quote.fee_source == "the venue's instrument list"


@needs_payloads
def test_captured_envelope() -> None:
    """The recorded get_time is its result."""
    body = payload("deribit/get_time")["body"]
    reply = Canned({"get_time": body}).get("https://www.deribit.com", "/api/v2/public/get_time")
    assert VENUE.check_envelope(reply, "get_time") == 1733338800000
