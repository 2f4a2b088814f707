"""``xlhedge rates``, ``history``, ``venues`` and ``refresh`` without a workbook, as a user sees
them: order, words, files and exit codes."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.quote_examples import a_quote
from tests.replay import ReplayServer, World, cases
from xlhedge import venues
from xlhedge.cli import main
from xlhedge.quotes import FIELDS
from xlhedge.store import Store

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer(World(now=datetime.now(UTC))) as replay:
        yield replay


@pytest.fixture
def run(
    server: ReplayServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> Run:
    """Return what runs a command on the replay server: exit code, output, error output."""
    environ = server.environ(XLHEDGE_HOME=str(tmp_path), XLHEDGE_MINIMUM_REFRESH_SECONDS="0")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    def run_command(*words: str) -> tuple[int, str, str]:
        server.world.now = datetime.now(UTC)
        code = main(list(words))
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run_command


def test_rates_are_sorted_by_what_a_short_earns(run: Run) -> None:
    """Every venue is a row, the highest yearly rate first; the one without the contract last."""
    code, out, err = run("rates", "--json")
    assert code == 0, err
    report = json.loads(out)
    assert report["coin"] == "BTC"
    assert {row["venue"] for row in report["rates"]} == set(venues.names())
    *live, none = report["rates"]
    assert [row["ranked"] for row in live] == sorted((row["ranked"] for row in live), reverse=True)
    for part in (True, False):
        yearly = [row["apr"] for row in live if row["ranked"] is part]
        assert yearly == sorted(yearly, reverse=True)
    for row in live:
        case = cases()[row["venue"]]
        assert (row["symbol"], row["status"], row["error"]) == (case.symbol, "LIVE", None)
        assert row["funding_rate"] == pytest.approx(case.funding_rate)
        assert row["funding_kind"] == case.funding_kind
        assert set(FIELDS) < set(row)
    assert (none["venue"], none["status"]) == ("weex", "NOT OFFERED")
    assert "its linear one is BTCUSDT" in none["error"]


def test_what_is_not_confirmed_does_not_lead(run: Run) -> None:
    """Rates whose kind or period is open, or that were settled, are below the others, marked."""
    rates = json.loads(run("rates", "--json")[1])["rates"]
    apart = {row["venue"] for row in rates if row["status"] == "LIVE" and not row["ranked"]}
    assert apart == {"bingx", "kraken"}
    assert max(rates[:-1], key=lambda row: row["apr"])["venue"] == "kraken"  # and yet not first
    assert {row["venue"] for row in rates[-3:-1]} == apart
    kinds = {row["venue"]: row["unconfirmed"] for row in rates[:-1]}
    assert "PI_ ticker" in kinds["kraken"]
    assert "BingX does not say" in kinds["bingx"]
    assert kinds["binance"] is None
    shown = run("rates")[1]
    assert "accrued* " in next(line for line in shown.splitlines() if line.startswith("kraken"))
    assert "* kraken PI_XBTUSD: no recorded settlement confirms" in shown


SLIP = 'replace "lastFundingRate":"0.00006292"=>"lastFundingRate":"0.00629200"'


def test_a_rate_that_may_be_a_slip_comes_with_a_warning(run: Run, server: ReplayServer) -> None:
    """A hundred times the usual rate is shown, marked, explained, and not ranked."""
    assert run("refresh")[0] == 0
    server.misbehave("binance", SLIP, "premiumIndex")
    code, out, err = run("quote", "binance", "BTC", "--json")
    assert code == 0
    said = "binance BTCUSD_PERP: the funding rate +0.6292% an interval may be wrong by a unit"
    assert said in err
    assert said in json.loads(out)["warning"]
    assert said in run("quote", "binance", "BTC", "--offline")[2]
    for words in (("rates",), ("rates", "--offline"), ("refresh",)):
        code, out, err = run(*words)
        row = next(line for line in out.splitlines() if line.startswith("binance"))
        assert "LIVE, CHECK RATE" in row, words
        assert err.count(said) == 1, words
    rates = json.loads(run("rates", "--json")[1])["rates"]
    slip = next(row for row in rates if row["venue"] == "binance")
    assert said in slip["warning"]
    assert not slip["ranked"]
    server.misbehave("binance", None)
    code, out, err = run("quote", "binance", "BTC", "--json")
    assert (json.loads(out)["warning"], err) == (None, "")


def test_a_contract_can_be_forgotten(run: Run, server: ReplayServer, tmp_path: Path) -> None:
    """A delisted contract is refreshed in vain until it is forgotten, with all that is stored."""
    assert run("refresh")[0] == 0
    server.misbehave("okx", 'replace "BTC-USD-SWAP"=>"GONE-USD-SWAP"', "instruments")
    for kept in tmp_path.glob("lists-okx*"):
        kept.unlink()
    code, _, err = run("refresh")
    assert code == 3
    assert "xlhedge quote okx BTC-USD-SWAP --forget" in err
    server.requests.clear()
    code, out, _ = run("quote", "okx", "btc-usd-swap", "--forget")
    assert (code, out) == (0, "forgot okx BTC-USD-SWAP, with 90 settlements\n")
    assert server.requests == []
    store = Store(tmp_path)
    assert ("okx", "BTC-USD-SWAP") not in store.quotes()
    assert store.history("okx", "BTC-USD-SWAP") == []
    assert store.spans("okx") == {}
    assert [f for f in store.failures() if f.venue == "okx"] == []
    store.close()
    assert run("refresh")[0] == 0
    code, out, err = run("quote", "okx", "BTC-USD-SWAP", "--forget")
    assert (code, out) == (1, "")
    assert "nothing to forget" in err


def test_linear_contracts_stand_beside_inverse_ones(run: Run) -> None:
    """With --linear each venue's linear perpetual of the coin joins, in USDT where there is one."""
    code, out, _ = run("rates", "--linear", "--json")
    assert code == 0
    linear = {r["venue"]: r for r in json.loads(out)["rates"] if r["asked"] == "linear:BTC"}
    for name, case in cases().items():
        if case.linear:
            assert linear[name]["contract_type"] == "linear"
            assert linear[name]["coin"] == "BTC"
    assert linear["weex"]["symbol"] == "BTCUSDT"
    assert run("quote", "bybit", "linear:BTC", "--offline", "--json")[0] == 0


def test_a_venue_that_fails_stays_as_a_row(run: Run, server: ReplayServer) -> None:
    """A failed venue is below the live ones, STALE with its numbers or FAILED, with the reason."""
    server.misbehave("kraken", "500")
    code, out, err = run("rates")
    assert code == 3
    rows = [line for line in out.splitlines() if line.startswith("kraken")]
    assert rows[0].endswith("FAILED")
    assert "kraken: " in err
    assert "HTTP 500" in err
    server.misbehave("kraken", None)
    run("rates")
    server.misbehave("kraken", "500")
    code, out, _ = run("rates", "--json")
    rates = json.loads(out)["rates"]
    stale = next(row for row in rates if row["venue"] == "kraken")
    assert code == 3
    assert (stale["status"], stale["symbol"]) == ("STALE", "PI_XBTUSD")
    assert "HTTP 500" in stale["error"]
    assert [r["status"] for r in rates].index("STALE") == len(rates) - 2  # above NOT OFFERED only


def test_rates_without_any_venue(run: Run, server: ReplayServer) -> None:
    """When no venue answers and nothing is stored, every row says FAILED and the exit code is 1."""
    for name in venues.names():
        server.misbehave(name, "500")
    code, out, err = run("rates", "--json")
    assert code == 1, err
    assert {row["status"] for row in json.loads(out)["rates"]} == {"FAILED"}
    server.requests.clear()
    assert run("rates", "--offline")[0] == 1
    assert server.requests == []


def test_a_wrong_coin_is_named(run: Run) -> None:
    """What cannot be a coin's name is refused before any request."""
    code, out, err = run("rates", "--coin", "../BTC")
    assert (code, out) == (1, "")
    assert "--coin is '../BTC'" in err


def test_history_adds_up(run: Run) -> None:
    """The summary's sum, mean and yearly rate are those of the settlements shown."""
    code, out, err = run("history", "binance", "BTC", "--days", "30", "--json")
    assert code == 0, err
    report = json.loads(out)
    rates = [row["rate"] for row in report["settlements"]]
    assert report["count"] == len(rates) == 90
    assert report["sum"] == pytest.approx(sum(rates))
    assert report["apr"] == pytest.approx(sum(rates) / 30 * 365)
    times = [row["time"] for row in report["settlements"]]
    assert times == sorted(times, reverse=True)
    text = run("history", "binance", "BTC", "--days", "30")[1]
    verb = "received" if sum(rates) >= 0 else "paid"
    assert f"a 1x short {verb} {abs(sum(rates)):.4%} of its notional" in text
    assert "90 settlements" in text


def test_history_goes_to_a_file_once(run: Run, tmp_path: Path) -> None:
    """The CSV has every settlement; an existing file is kept unless --force is given."""
    target = tmp_path / "funding.csv"
    assert run("history", "binance", "BTC", "--days", "10", "--csv", str(target))[0] == 0
    rows = list(csv.DictReader(target.read_text(encoding="utf-8").splitlines()))
    stored = Store(tmp_path).history("binance", "BTCUSD_PERP")
    assert [float(row["rate"]) for row in rows] == [row.rate for row in stored]
    assert rows[0]["time_utc"] == f"{stored[0].time:%Y-%m-%d %H:%M}"
    target.write_text("mine", encoding="utf-8")
    code, out, err = run("history", "binance", "BTC", "--csv", str(target))
    assert (code, out) == (1, "")
    assert "exists" in err
    assert target.read_text(encoding="utf-8") == "mine"
    assert run("history", "binance", "BTC", "--csv", str(target), "--force")[0] == 0
    assert target.read_text(encoding="utf-8").startswith("time_utc,rate,")
    assert not list(tmp_path.glob(".funding.csv*"))


def test_history_that_cannot_be_fetched(run: Run, server: ReplayServer) -> None:
    """What is stored is shown with the reason and exit code 3; with nothing stored it is 1."""
    server.misbehave("bybit", "500", "funding/history")
    code, out, err = run("history", "bybit", "BTC")
    assert (code, out) == (1, "")
    assert "HTTP 500" in err
    server.misbehave("bybit", None)
    assert run("history", "bybit", "BTC", "--days", "3")[0] == 0
    server.misbehave("bybit", "500", "funding/history")
    code, out, err = run("history", "bybit", "BTC", "--days", "9")
    assert code == 3
    assert "9 settlements" in out
    assert "showing what is stored" in err
    server.requests.clear()
    assert run("history", "bybit", "BTC", "--days", "3", "--offline")[0] == 0
    assert server.requests == []


def test_no_history_is_a_sentence(run: Run) -> None:
    """A venue without a public history, wrong days and wrong names are one sentence each."""
    for words, said in (
        (("bingx", "BTC"), "publishes no funding history"),
        (("bybit", "BTC", "--days", "0"), "--days is 0"),
        (("bybit", "BTC", "--days", "long"), "--days is 'long'"),
        (("ftx", "BTC"), "venue is 'ftx'"),
        (("bybit", "BTC", "--csv", "no folder/x.csv"), "does not exist"),
    ):
        code, out, err = run("history", *words)
        assert (code, out) == (1, "")
        assert said in err
        assert err.count("\n") == 1


def test_venues_say_what_they_offer(run: Run, server: ReplayServer) -> None:
    """Each venue is listed with its kinds, its fees with source and date, and its base URL."""
    code, out, _ = run("venues", "--json")
    listed = {record["venue"]: record for record in json.loads(out)}
    assert code == 0
    assert set(listed) == set(venues.names())
    assert not listed["weex"]["inverse"]
    for name, record in listed.items():
        assert record["base_urls"] == [server.url(name)]
        assert record["overridden"]
        assert all(fee["source"] and fee["date"] for fee in record["fees"])
        assert venues.venue(name).hosts
        assert all(host.startswith("https://") for host in venues.venue(name).hosts)
    assert "XLHEDGE_URL_" in run("venues")[1]
    assert server.requests == []


def test_refresh_without_a_workbook(run: Run, server: ReplayServer, tmp_path: Path) -> None:
    """A new store gets bitcoin everywhere with its history; later what is stored is refreshed."""
    code, out, err = run("refresh")
    assert code == 0, err
    assert {line.split()[0] for line in out.splitlines()[1:]} == set(venues.names())
    assert len(Store(tmp_path).history("okx", "BTC-USD-SWAP")) == 90
    server.misbehave("okx", "500")
    code, out, err = run("refresh")
    assert code == 3
    (row,) = (line for line in out.splitlines() if line.startswith("okx"))
    assert "STALE" in row
    assert err.count("okx: ") == 1


def test_text_of_a_venue_cannot_change_the_terminal(run: Run, server: ReplayServer) -> None:
    """Escape sequences in a venue's message arrive as question marks."""
    body = 'body {"retCode":10001,"retMsg":"\\u001b[2Jgone\\u0007","result":{}}'
    server.misbehave("bybit", body, "tickers")
    _, out, err = run("rates")
    assert "?[2Jgone?" in err
    assert "\x1b" not in out + err


def test_a_venue_banned_until_a_time_says_so_in_the_table(run: Run, server: ReplayServer) -> None:
    """Bybit's 403 is a row with the time until which it is left alone, and it is left alone."""
    server.misbehave("bybit", "403")
    assert "bybit: " in run("rates")[2]
    server.misbehave("bybit", None)
    server.requests.clear()
    _, _, err = run("rates")
    assert "left alone until" in err
    assert "bybit" not in {venue for venue, _, _ in server.requests}


def test_a_new_face_value_is_taken_when_accepted(run: Run, tmp_path: Path) -> None:
    """A face value that differs from the stored one is refused, and taken with the flag."""
    store = Store(tmp_path)
    store.save_quotes([a_quote(contract_size=10.0, time=datetime(2026, 1, 1, tzinfo=UTC))])
    code, _, err = run("quote", "binance", "BTC")
    assert code == 3
    assert "face value changed from 10 (quote) to 100 (quote)" in err
    assert "--accept-new-sizes" in err
    assert run("refresh", "--accept-new-sizes")[0] == 0
    assert store.quotes()["binance", "BTCUSD_PERP"].contract_size == 100
    store.close()
