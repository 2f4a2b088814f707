"""Kraken Futures' quirks, and its captured replies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.venues.payloads import Canned, needs_payloads, payload
from xlhedge.errors import BadReply, UnknownSymbol
from xlhedge.plausibility import refuse_implausible
from xlhedge.quotes import Tier
from xlhedge.venues._reading import Row
from xlhedge.venues.kraken import HOURLY_SINCE, VENUE

PAST = datetime(2018, 1, 1, tzinfo=UTC)


def test_absolute_rates_become_relative_each_its_own_way(connect) -> None:
    """PI_ is multiplied by the price, PF_ divided: 0.002 % and 0.001 % here, both of one size."""
    quotes = VENUE.quotes(connect("kraken"), ["PI_XBTUSD", "PF_XBTUSD", "PI_ETHUSD"])
    assert quotes["PI_XBTUSD"].funding_rate == pytest.approx(2.178e-05, rel=1e-3)
    assert quotes["PF_XBTUSD"].funding_rate == pytest.approx(1e-05)
    assert quotes["PI_ETHUSD"].funding_rate == pytest.approx(-1.1895e-05, rel=1e-3)


def test_the_coins_paid_are_the_absolute_rate(connect) -> None:
    """Position value in coin times rate is contracts times Kraken's absolute rate, exactly."""
    quote = VENUE.quote(connect("kraken"), "BTC")
    contracts = 1_000_000
    paid = contracts * quote.contract_size / quote.mark * quote.funding_rate
    assert paid == pytest.approx(contracts * 2.5e-10, rel=1e-12)


def test_a_rate_beyond_the_cap_is_refused(server, connect) -> None:
    """What the price times the rate puts beyond maxRelativeFundingRate is not a quote."""
    server.misbehave("kraken", 'replace "fundingRate":2.5e-10=>"fundingRate":7.1e-8', "tickers")
    quote = VENUE.quote(connect("kraken"), "BTC")
    with pytest.raises(BadReply, match=r"funding rate \+0.6186% is outside"):
        refuse_implausible(quote, now=quote.received)


def test_a_rate_at_the_cap_is_not_refused_for_a_price_that_moved(server, connect) -> None:
    """At the cap, a price 5 % above that at the beginning of the hour still gives a quote."""
    capped = 0.0025 / (87123.6 / 1.05)
    server.misbehave("kraken", f'replace "fundingRate":2.5e-10=>"fundingRate":{capped}', "tickers")
    quote = VENUE.quote(connect("kraken"), "BTC")
    assert quote.funding_rate == pytest.approx(0.0025 * 1.05)
    refuse_implausible(quote, now=quote.received)


def test_the_period_of_inverse_tickers_is_said_to_be_unconfirmed(connect) -> None:
    """The source of the interval says of PI_ what it does not have to say of PF_."""
    quotes = VENUE.quotes(connect("kraken"), ["PI_XBTUSD", "PF_XBTUSD"])
    assert "not confirmed" in quotes["PI_XBTUSD"].interval_source
    assert "not confirmed" not in quotes["PF_XBTUSD"].interval_source


def test_bad_levels_cost_the_maintenance_rate_not_the_quote(server, connect) -> None:
    """Margin levels that cannot be read leave the quote without a maintenance rate."""
    server.misbehave("kraken", 'replace "maintenanceMargin":=>"moved":', "instruments")
    quote = VENUE.quote(connect("kraken"), "BTC")
    assert (quote.maintenance_rate, quote.tiers) == (None, ())
    assert quote.mark == 87123.6


def test_the_time_of_the_last_trade_is_not_the_quotes_time(server, connect) -> None:
    """A contract that traded 3 hours ago has a mark of now."""
    assert VENUE.quote(connect("kraken"), "BTC").time == server.world.now


def test_a_suspended_contract_is_not_quoted(server, connect) -> None:
    """A suspended contract is named so; one that is not tradeable is not found."""
    server.misbehave("kraken", 'replace "suspended":false=>"suspended":true', "tickers")
    with pytest.raises(UnknownSymbol, match="suspended"):
        VENUE.quote(connect("kraken"), "BTC")
    with pytest.raises(UnknownSymbol, match="not tradeable"):
        VENUE.quote(connect("kraken"), "PI_BCHUSD")


def test_lower_case_symbols_are_the_same_contracts(server, connect) -> None:
    """Kraken wrote symbols in lower case in 2021 and in capitals since."""
    server.misbehave("kraken", 'replace "symbol":"PI_XBTUSD"=>"symbol":"pi_xbtusd"')
    assert VENUE.quote(connect("kraken"), "XBT").symbol == "PI_XBTUSD"


def test_levels_are_where_tiers_begin(connect) -> None:
    """A margin level's number is its lower end: contracts for PI_, USD for PF_."""
    http = connect("kraken")
    ladder = [(500_000, 0.01), (1_000_000, 0.02), (1e15, 0.05)]
    assert VENUE.tiers(http, "BTC") == [Tier(to, "contracts", rate) for to, rate in ladder]
    assert VENUE.tiers(http, "PF_XBTUSD") == [Tier(to, "quote", rate) for to, rate in ladder]


def test_history_before_hourly_settlement_is_left_out(connect) -> None:
    """Rows of the time when rates were per hour but 4 hours apart do not come."""
    item = VENUE.resolve(connect("kraken"), "BTC")
    rates = [
        {
            "timestamp": (HOURLY_SINCE + timedelta(hours=n)).isoformat(),
            "fundingRate": "1e-10",
            "relativeFundingRate": "1e-06",
        }
        for n in (-8, -4, 0, 1, 2)
    ]
    http = Canned({"historical-funding-rates": {"result": "success", "rates": rates}})
    rows = list(VENUE.fetch_history(http, item, PAST, HOURLY_SINCE + timedelta(days=1)))
    assert [row.time for row in rows] == [HOURLY_SINCE + timedelta(hours=n) for n in (1, 2)]


@needs_payloads
def test_captured_instruments() -> None:
    """The captured list of 2021: five inverse perpetuals of 1 USD, no dated one, no index."""
    http = Canned({"instruments": payload("kraken_futures/instruments_2021_full")["body"]})
    items = VENUE.instruments(http, "inverse")
    assert [(i.symbol, i.coin, i.tick_size) for i in items] == [
        ("PI_XBTUSD", "BTC", 0.5),
        ("PI_ETHUSD", "ETH", 0.05),
        ("PI_LTCUSD", "LTC", 0.01),
        ("PI_BCHUSD", "BCH", 0.1),
        ("PI_XRPUSD", "XRP", 0.0001),
    ]
    assert all(i.contract_size == 1 and i.margin_coin == i.coin and i.active for i in items)
    assert items[0].funding_cap == pytest.approx(0.001, rel=0.11)
    tiers = VENUE.fetch_tiers(http, items[0])
    assert tiers[0] == Tier(500_000, "contracts", 0.01)
    assert tiers[-2] == Tier(50_000_000, "contracts", 0.15)
    assert (len(tiers), tiers[-1].maintenance_rate) == (8, 0.2)


@needs_payloads
def test_captured_linear_ticker() -> None:
    """The captured PF_DOGEUSD, of 6 fractional digits, has the rate that ccxt computes."""
    capture = payload("kraken_futures/tickers_PF_DOGEUSD")
    contract = {
        "symbol": "PF_DOGEUSD",
        "type": "flexible_futures",
        "contractSize": 1,
        "tickSize": "0.000001",
        "tradeable": True,
        "marginLevels": [
            {"numNonContractUnits": 0, "initialMargin": "0.1", "maintenanceMargin": "0.05"}
        ],
    }
    http = Canned(
        {
            "instruments": {"result": "success", "instruments": [contract]},
            "tickers": capture["body"],
        }
    )
    (item,) = VENUE.fetch_instruments(http, "linear")
    quote = VENUE.fetch_quotes(http, [item])["PF_DOGEUSD"]
    said = capture["expected"]
    assert quote.mark == float(said["markPrice"])
    assert quote.index == float(said["indexPrice"])
    assert quote.funding_rate == pytest.approx(float(said["fundingRate"]))
    assert quote.time == datetime(2026, 2, 8, 17, 33, 58, 322000, tzinfo=UTC)
    assert quote.next_funding == datetime(2026, 2, 8, 18, tzinfo=UTC)


@needs_payloads
def test_documented_inverse_ticker() -> None:
    """The documentation's PI_XBTUSD is refused: its mark is 43 % above its index.

    By the index its rate is at the cap of 0.25 % an hour, which says what the unit is.
    """
    body = payload("kraken_futures/doc_tickers_PI_XBTUSD")["body"]
    http = Canned(
        {
            "instruments": payload("kraken_futures/instruments_2021_full")["body"],
            "tickers": body,
        }
    )
    quote = VENUE.quote(http, "BTC")
    assert (quote.mark, quote.index) == (30209.9, 21087.8)
    assert quote.funding_rate == pytest.approx(1.18588737106e-07 * 30209.9)
    assert quote.funding_rate / quote.mark * quote.index == pytest.approx(0.0025, rel=1e-3)
    with pytest.raises(BadReply, match="beyond 20%"):
        refuse_implausible(quote, now=quote.time)


@needs_payloads
@pytest.mark.parametrize(
    ("name", "rates"),
    [
        (
            "doc_historicalfundingrates_PI",
            [-1.6898883333333e-05, -5.40935416667e-07, -8.521190625e-06],
        ),
        ("historical_funding_rates_PF_XBTUSD_vendor_test", [5.247063888889e-06, 1.58e-05]),
    ],
)
def test_captured_history_is_relative(name: str, rates: list[float]) -> None:
    """A settlement's rate is relativeFundingRate, whatever the contract."""
    rows = payload(f"kraken_futures/{name}")["body"]["rates"]
    read = [VENUE._settlement(Row("kraken", "rates", row)) for row in rows]
    assert [row.rate for row in read] == rates
    assert all(row.time.minute == 0 for row in read)
