"""OKX's quirks, and its captured replies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.venues.payloads import Canned, needs_payloads, payload
from xlhedge.errors import BadReply, NotOffered, UnknownSymbol
from xlhedge.quotes import INTERVAL_STATED
from xlhedge.venues._reading import Row
from xlhedge.venues.okx import VENUE


def test_the_interval_is_the_distance_of_two_settlements(connect) -> None:
    """4 hours for SOL and 8 for BTC, in the same batch, each stated by its own two times."""
    quotes = VENUE.quotes(connect("okx"), ["SOL", "BTC"])
    assert {word: quote.interval_hours for word, quote in quotes.items()} == {"SOL": 4, "BTC": 8}
    assert {quote.interval_source for quote in quotes.values()} == {INTERVAL_STATED}
    assert quotes["BTC"].funding_cap == 0.00375


def test_an_unstated_interval_is_refused(server, connect) -> None:
    """Without the time of the settlement after the next one no interval is assumed."""
    server.misbehave("okx", 'replace "nextFundingTime":"=>"nextFundingTime":"","was":"', "funding")
    with pytest.raises(BadReply, match="nextFundingTime is ''"):
        VENUE.quote(connect("okx"), "BTC")


def test_the_face_value_is_value_times_multiplier(server, connect) -> None:
    """ctVal 100 and ctMult 0.1 are a face value of 10 USD."""
    server.world.changes["ct_mult"] = "0.1"
    assert VENUE.quote(connect("okx"), "BTC").contract_size == pytest.approx(10)


def test_a_face_value_in_another_currency_is_refused(server, connect) -> None:
    """A contract that is margined in BTC but sized in BTC as well is not quoted."""
    server.misbehave("okx", 'replace "ctValCcy":"USD"=>"ctValCcy":"BTC"', "instruments")
    with pytest.raises(UnknownSymbol, match="face value in BTC"):
        VENUE.quote(connect("okx"), "BTC-USD-SWAP")


def test_a_quanto_contract_is_refused_by_name(server, connect) -> None:
    """A swap on ETH in USD that is margined in BTC is refused with the word quanto."""
    server.misbehave("okx", 'replace "settleCcy":"ETH"=>"settleCcy":"BTC"', "instruments")
    with pytest.raises(NotOffered, match=r"ETH-USD-SWAP is a quanto contract .* margined in BTC"):
        VENUE.quote(connect("okx"), "ETH-USD-SWAP")


def test_a_batch_of_any_size_asks_for_all_swaps_at_once(server, connect) -> None:
    """Three coins take one request each for instruments, rates, marks and indices."""
    VENUE.quotes(connect("okx"), ["BTC", "ETH", "SOL"])
    asked = [path.rpartition("/")[2] for _, path, _ in server.requests]
    assert sorted(asked) == sorted(
        ["instruments", "funding-rate", "mark-price", "index-tickers", *["position-tiers"] * 3]
    )


def test_the_oldest_part_dates_the_quote(server, connect) -> None:
    """A quote of three replies is as old as the oldest of them."""
    quote = VENUE.quote(connect("okx"), "BTC")
    assert (server.world.now - quote.time).total_seconds() == pytest.approx(0.9)


def test_missing_tiers_cost_the_maintenance_rate_not_the_quote(server, connect) -> None:
    """Without position tiers the quote comes with no maintenance rate."""
    server.misbehave("okx", "500", "position-tiers")
    quote = VENUE.quote(connect("okx"), "BTC")
    assert (quote.maintenance_rate, quote.mark) == (None, 87125.6)


@needs_payloads
def test_captured_instruments() -> None:
    """The captured list gives 100 USD for BTC, 10 USD for other coins, 0.01 BTC for USDT."""
    http = Canned({"instruments": payload("okx/instruments_SWAP")["body"]})
    items = {i.symbol: i for kind in ("inverse", "linear") for i in VENUE.instruments(http, kind)}
    sizes = {s: (i.contract_size, i.size_unit, i.margin_coin) for s, i in items.items()}
    assert sizes == {
        "BTC-USD-SWAP": (100, "quote", "BTC"),
        "ETH-USD-SWAP": (10, "quote", "ETH"),
        "SOL-USD-SWAP": (10, "quote", "SOL"),
        "BTC-USDT-SWAP": (0.01, "base", "USDT"),
    }
    assert [i.tick_size for i in items.values()] == [0.1, 0.01, 0.001, 0.1]
    assert all(i.active and i.lot_size == 1 for i in items.values())


@needs_payloads
def test_captured_quote() -> None:
    """The documented funding rate and the captured mark give the values that they state."""
    index = [{"instId": "BTC-USDT", "idxPx": "84655.2", "ts": "1744590349506"}]
    http = Canned(
        {
            "instruments": payload("okx/instruments_SWAP")["body"],
            "funding-rate": payload("okx/doc_funding_rate")["body"],
            "mark-price": payload("okx/mark_price_BTC-USDT-SWAP")["body"],
            "index-tickers": {"code": "0", "msg": "", "data": index},
            "position-tiers": {"code": "0", "msg": "", "data": []},
        }
    )
    quote = VENUE.quote(http, "BTC-USDT-SWAP")
    assert quote.mark == 84660.1
    assert quote.funding_rate == 0.000079238688534
    assert quote.interval_hours == 8
    assert quote.next_funding == datetime(2023, 12, 20, 16, tzinfo=UTC)
    assert (quote.funding_floor, quote.funding_cap) == (-0.00375, 0.00375)
    assert quote.time == datetime(2023, 12, 20, 11, 11, 25, 309000, tzinfo=UTC)  # the oldest


@needs_payloads
@pytest.mark.parametrize(
    ("name", "rates"),
    [
        ("doc_funding_rate_history_BTC-USD-SWAP", [0.0000746572360545, 0.0002279755647389]),
        ("funding_rate_history_BTC-USDT-SWAP", [0.00015, -0.00002]),
    ],
)
def test_captured_history_is_what_was_paid(name: str, rates: list[float]) -> None:
    """The rate of a settlement is realizedRate, not the prediction beside it."""
    http = Canned(
        {
            "instruments": payload("okx/instruments_SWAP")["body"],
            "funding-rate-history": payload(f"okx/{name}")["body"],
        }
    )
    listed = VENUE.fetch_instruments(http, "inverse")[0]
    item = replace(listed, symbol=name.rpartition("_")[2])
    span = datetime(2023, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)
    assert [row.rate for row in VENUE.fetch_history(http, item, *span)] == rates


def test_tiers_of_another_family_are_not_used(server, connect) -> None:
    """Position tiers that say they are of another family give no maintenance rate."""
    fault = 'replace "instFamily":"BTC-USD"=>"instFamily":"ETH-USD"'
    server.misbehave("okx", fault, "position-tiers")
    assert VENUE.quote(connect("okx"), "BTC").maintenance_rate is None
    with pytest.raises(BadReply, match="instFamily is 'ETH-USD'; expected 'BTC-USD'"):
        VENUE.tiers(connect("okx"), "BTC")


@needs_payloads
def test_documented_tier() -> None:
    """The documentation's tier is a maintenance rate of 3 % up to 50."""
    row = payload("okx/doc_position_tiers")["body"]["data"][0]
    tier = VENUE._tier(Row("okx", "position-tiers", row))
    assert (tier.up_to, tier.maintenance_rate) == (50, 0.03)
