"""WEEX's quirks, and its captured replies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.replay.world import settled_rate
from tests.venues.payloads import Canned, needs_payloads, payload
from xlhedge.errors import BadReply, NotOffered, UnknownSymbol
from xlhedge.quotes import INTERVAL_STATED
from xlhedge.venues._reading import Row
from xlhedge.venues.weex import VENUE, Weex


def test_there_is_no_inverse_contract_and_the_linear_one_is_named(connect) -> None:
    """A coin gets one sentence: none in USD, and which linear one there is."""
    with pytest.raises(NotOffered) as caught:
        VENUE.quote(connect("weex"), "BTC")
    assert str(caught.value) == (
        "weex: WEEX has no inverse perpetual of BTC in USD; its linear one is BTCUSDT"
    )


def test_the_next_settlement_is_at_a_whole_minute(server, connect) -> None:
    """Milliseconds that a venue stamps beside the minute do not reach a cell."""
    at = round(server.world.next_settlement().timestamp() * 1000)
    server.misbehave("weex", f"replace {at}=>{at + 456}", "premiumIndex")
    quote = VENUE.quote(connect("weex"), "BTCUSDT")
    assert quote.next_funding == server.world.next_settlement()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        # what the list says of its contracts
        ("weex_margin", "BTC"),
        ("weex_forward", False),
        ("weex_forward", None),
    ],
)
@pytest.mark.parametrize("asked", ["BTC", "BTCUSDT"])
def test_a_coin_margined_contract_would_be_refused(
    name: str, value: object, asked: str, server, connect
) -> None:
    """Margin in the base coin, or a flag that is not true, is refused and no figure is read."""
    server.world.changes[name] = value
    with pytest.raises((NotOffered, UnknownSymbol)):
        VENUE.quote(connect("weex"), asked)
    assert not [path for _, path, _ in server.requests if "premium" in path]


def test_the_refusal_of_a_coin_margined_contract_says_why(server, connect) -> None:
    """The sentence names the contract, its margin coin and what is not known."""
    server.world.changes["weex_margin"] = "BTC"
    with pytest.raises(NotOffered, match="BTCUSDT as margined in BTC, not as USDT-M"):
        VENUE.quote(connect("weex"), "BTCUSDT")


def test_the_forecast_is_the_rate_and_not_the_last_one(connect) -> None:
    """The rate to be charged next is forecastFundingRate; lastFundingRate was paid already."""
    quote = VENUE.quote(connect("weex"), "BTCUSDT")
    assert (quote.funding_rate, quote.funding_kind) == (0.00005618, "predicted")


def test_without_a_forecast_there_is_no_quote(server, connect) -> None:
    """The settled rate never stands in for a missing forecast."""
    server.misbehave("weex", 'replace "forecastFundingRate":"0.00005618"=>"x":1', "premiumIndex")
    with pytest.raises(BadReply, match="forecastFundingRate is missing"):
        VENUE.quote(connect("weex"), "BTCUSDT")


def test_the_cycle_is_in_minutes(connect) -> None:
    """A collectCycle of 240 is four hours, and the clock times in the list say the same."""
    http = connect("weex")
    quote = VENUE.quote(http, "DOGEUSDT")
    assert (quote.interval_hours, quote.interval_source) == (4, INTERVAL_STATED)
    assert VENUE.resolve(http, "DOGEUSDT").interval_hours == 4


def test_negative_decimals_are_steps_of_many_coins(connect) -> None:
    """quantityPrecision -2 is a step of 100 DOGE, which is one contract of 100."""
    item = VENUE.resolve(connect("weex"), "DOGEUSDT")
    assert (item.contract_size, item.size_unit, item.lot_size) == (100, "base", 1)


def test_history_comes_in_windows_of_seven_days(server, connect) -> None:
    """No window is longer than 7 days, and 35 days come once each, half a second apart."""
    waits: list[float] = []
    server.world.changes["weex_history"] = 105
    whole = server.world.settlements(105)
    rows = Weex(wait=waits.append).history(
        connect("weex"), "BTCUSDT", whole[0][0], server.world.now
    )
    assert [row.time for row in rows] == [time for time, _ in whole]
    assert [row.rate for row in rows] == pytest.approx([settled_rate(t) for t, _ in whole])
    assert rows[0].mark == 69250.0
    windows = [
        int(q["endTime"]) - int(q["startTime"]) for _, p, q in server.requests if "fundingRate" in p
    ]
    assert max(windows) == 7 * 86_400_000
    assert waits == [0.5] * (len(windows) - 1)


def test_history_ends_before_launch(server, connect) -> None:
    """A week without settlements is before launch: nothing older is asked for."""
    now = server.world.now
    rows = Weex(wait=lambda _: None).history(
        connect("weex"), "BTCUSDT", now - timedelta(days=700), now
    )
    assert len(rows) == 30
    assert len([p for _, p, _ in server.requests if "fundingRate" in p]) == 3


def test_history_ends_where_weex_keeps_no_more(server, connect) -> None:
    """What is older than WEEX keeps ends the history; if all of it is, that is said."""
    server.world.changes |= {"weex_history": 105, "weex_kept_days": 15}
    now, venue = server.world.now, Weex(wait=lambda _: None)
    rows = venue.history(connect("weex"), "BTCUSDT", now - timedelta(days=90), now)
    assert len(rows) == 42
    with pytest.raises(NotOffered, match="-1170"):
        venue.history(
            connect("weex"), "BTCUSDT", now - timedelta(days=40), now - timedelta(days=30)
        )


def test_a_settlement_of_another_symbol_is_refused(server, connect) -> None:
    """Rows of another contract are never stored as this one's past."""
    server.misbehave("weex", "replace BTCUSDT=>ETHUSDT", "fundingRate")
    with pytest.raises(BadReply, match="symbol is 'ETHUSDT'"):
        VENUE.history(
            connect("weex"), "BTCUSDT", server.world.now - timedelta(days=1), server.world.now
        )


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(("code", "error"), [(-1121, UnknownSymbol), (-1054, BadReply)])
def test_errors_are_read_whatever_their_status(
    status: int, code: int, error: type[Exception]
) -> None:
    """An object with a code is an error, with HTTP 200 as with 400."""
    reply = Canned({"x": {"code": code, "msg": "said"}}, status).get("https://w", "/x")
    with pytest.raises(error, match=f"{code}: said"):
        VENUE.check_envelope(reply, "x")


@needs_payloads
def test_captured_contracts() -> None:
    """The captured rows of exchangeInfo give the sizes, steps and fees that they state."""
    capture = payload("weex/exchangeInfo_rows_BTCUSDT_DOGEUSDT")
    bitcoin, doge = (VENUE._instrument(Row("weex", "info", row)) for row in capture["body"])
    for item, said in zip((bitcoin, doge), capture["expected"], strict=True):
        assert item.contract_type == "linear"
        assert item.contract_size == float(said["contractSize"])
        assert item.lot_size * item.contract_size == float(said["precision"]["amount"])
        assert item.tick_size == float(said["precision"]["price"])
        assert item.interval_hours == 8
    assert (bitcoin.maker_fee, bitcoin.taker_fee) == (0.0002, 0.0008)


@needs_payloads
def test_captured_fee_is_the_tables() -> None:
    """The captured commission rates are those of the table of fees."""
    body = payload("weex/commissionRate_DOGEUSDT_private")["body"]
    (fee,) = VENUE.fees
    assert fee.maker == float(body["makerCommissionRate"])
    assert fee.taker == float(body["takerCommissionRate"])


@needs_payloads
def test_documented_replies() -> None:
    """The documentation's exchangeInfo and premiumIndex make the quote that they state."""
    http = Canned(
        {
            "exchangeInfo": payload("weex/doc_exchangeInfo_BTCUSDT")["body"],
            "premiumIndex": payload("weex/doc_premiumIndex")["body"],
        }
    )
    quote = VENUE.quote(http, "BTCUSDT")
    assert (quote.mark, quote.index, quote.funding_rate) == (69348.6, 69347.9, 0.00025)
    assert quote.interval_hours == 8
    assert quote.next_funding.timestamp() == 1764510000
    assert quote.time.timestamp() == 1764505777.345
    assert (quote.contract_size, quote.lot_size) == (1e-06, pytest.approx(1))


@needs_payloads
def test_documented_history() -> None:
    """The documentation's settlement comes at its whole minute, with its mark price."""
    body = payload("weex/doc_fundingRate_history")["body"]
    http = Canned(
        {
            "exchangeInfo": payload("weex/doc_exchangeInfo_BTCUSDT")["body"],
            "fundingRate": body,
        }
    )
    day = datetime(2025, 11, 30, tzinfo=UTC)
    (row,) = VENUE.history(http, "BTCUSDT", day, day + timedelta(days=1))
    assert (row.rate, row.mark) == (0.00025, 69250.0)
    assert row.time == datetime(2025, 11, 30, 12, 33, tzinfo=UTC)
