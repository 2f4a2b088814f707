"""Bybit's quirks, and its captured replies."""

from __future__ import annotations

import pytest

from tests.venues.payloads import Canned, needs_payloads, payload
from xlhedge.errors import BadReply, NotOffered
from xlhedge.quotes import Tier
from xlhedge.venues._reading import Row
from xlhedge.venues.bybit import VENUE


def test_minutes_and_hours_are_told_apart(connect) -> None:
    """The list says 240 minutes and the ticker 4 hours: both are 4 hours."""
    http = connect("bybit")
    assert VENUE.resolve(http, "SOL").interval_hours == 4
    assert VENUE.quote(http, "SOL").interval_hours == 4


def test_the_tickers_interval_is_the_newer_one(server, connect) -> None:
    """An interval that has changed since the list was kept is taken from the ticker."""
    server.misbehave("bybit", 'replace "fundingInterval":240=>"fundingInterval":480', "instruments")
    assert VENUE.quote(connect("bybit"), "SOL").interval_hours == 4


def test_a_quanto_contract_is_refused_by_name(server, connect) -> None:
    """A contract margined in a third coin is refused with the word quanto, and its coin is not."""
    server.misbehave("bybit", 'replace "settleCoin":"ETH"=>"settleCoin":"BTC"', "instruments")
    with pytest.raises(NotOffered, match=r"ETHUSD is a quanto contract .* margined in BTC"):
        VENUE.quote(connect("bybit"), "ETHUSD")


@pytest.mark.parametrize(
    ("maintenance", "initial", "leverage", "rate"),
    [
        ("0.5", "1", "100.00", 0.005),
        ("0.005", "0.01", "100.00", 0.005),
        ("1.5", "3", "33.33", 0.015),
    ],
)
def test_percent_and_fractions_are_told_apart(
    maintenance: str, initial: str, leverage: str, rate: float
) -> None:
    """Initial margin times leverage tells whether the risk limits are in percent."""
    row = {
        "riskLimitValue": "150",
        "maintenanceMargin": maintenance,
        "initialMargin": initial,
        "maxLeverage": leverage,
        "mmDeduction": "",
    }
    tier = VENUE._tier(Row("bybit", "risk-limit", row), "coin")
    assert tier == Tier(150, "coin", pytest.approx(rate), 0.0)


def test_risk_limits_of_neither_unit_are_refused() -> None:
    """Where the unit cannot be told, there is no maintenance rate."""
    row = {
        "riskLimitValue": "150",
        "maintenanceMargin": "5",
        "initialMargin": "10",
        "maxLeverage": "100",
    }
    with pytest.raises(BadReply, match="neither fractions nor percent"):
        VENUE._tier(Row("bybit", "risk-limit", row), "coin")


def test_bad_risk_limits_cost_the_maintenance_rate_not_the_quote(server, connect) -> None:
    """Without usable risk limits the quote comes with no maintenance rate."""
    server.misbehave("bybit", "500", "risk-limit")
    quote = VENUE.quote(connect("bybit"), "BTC")
    assert quote.maintenance_rate is None
    assert quote.mark == 87120.5


@pytest.mark.parametrize(
    "fault",
    ['replace "riskLimitValue":"300"=>"riskLimitValue":"150"', 'replace "1.5"=>"0.7"'],
)
def test_tiers_that_contradict_each_other_are_not_used(fault: str, server, connect) -> None:
    """Two rates of one size, or a lower rate of a larger position: no maintenance rate at all."""
    server.misbehave("bybit", fault, "risk-limit")
    quote = VENUE.quote(connect("bybit"), "BTC")
    assert (quote.maintenance_rate, quote.tiers) == (None, ())
    with pytest.raises(BadReply, match="margin tiers of BTCUSD contradict each other"):
        VENUE.tiers(connect("bybit"), "BTC")


@needs_payloads
def test_captured_rows() -> None:
    """The captured instrument and tickers give the values that they state."""
    row = payload("bybit/instruments_info_row_inverse_LTCUSD")
    item = VENUE._instrument(Row("bybit", "instruments-info", row["body"]), "inverse")
    assert (item.symbol, item.contract_type, item.margin_coin) == ("LTCUSD", "inverse", "LTC")
    assert (item.contract_size, item.lot_size, item.tick_size) == (1, 1, 0.01)
    assert (item.interval_hours, item.funding_cap, item.funding_floor) == (8, 0.0075, -0.0075)
    linear = payload("bybit/tickers_linear_BTCUSDT_a")
    http = Canned(
        {
            "instruments-info": payload("bybit/doc_instruments_linear_BTCUSDT")["body"],
            "tickers": linear["body"],
            "risk-limit": {"retCode": 0, "result": {"list": []}},
        }
    )
    quote = VENUE.quote(http, "BTCUSDT")
    said = linear["expected"]
    assert quote.mark == float(said["markPrice"])
    assert quote.index == float(said["indexPrice"])
    assert quote.funding_rate == float(said["fundingRate"])
    assert quote.next_funding.timestamp() * 1000 == said["fundingTimestamp"]
    assert quote.time.timestamp() * 1000 == pytest.approx(said["timestamp"])


@needs_payloads
def test_documented_ladder() -> None:
    """The documentation's risk limit, in percent, is 0.5 % up to 150 BTC."""
    body = payload("bybit/doc_risk_limit_inverse_BTCUSD")["body"]
    row = Row("bybit", "risk-limit", body["result"]["list"][0])
    assert VENUE._tier(row, "coin") == Tier(150, "coin", 0.005, 0.0)


@needs_payloads
def test_documented_inverse_ticker_and_settlement() -> None:
    """The documentation's inverse ticker: a negative rate, and its interval from the instrument."""
    row = dict(payload("bybit/instruments_info_row_inverse_LTCUSD")["body"])
    row |= {"symbol": "BTCUSD", "baseCoin": "BTC", "settleCoin": "BTC"}
    item = VENUE._instrument(Row("bybit", "instruments-info", row), "inverse")
    http = Canned(
        {
            "tickers": payload("bybit/doc_tickers_inverse_BTCUSD")["body"],
            "risk-limit": payload("bybit/doc_risk_limit_inverse_BTCUSD")["body"],
        }
    )
    quote = VENUE.fetch_quotes(http, [item])["BTCUSD"]
    assert (quote.mark, quote.index, quote.funding_rate) == (16596.0, 16598.54, -0.001034)
    assert (quote.interval_hours, quote.maintenance_rate) == (8, 0.005)
    assert quote.time.timestamp() == pytest.approx(1672376496.682)
    assert quote.next_funding.timestamp() == 1672387200
