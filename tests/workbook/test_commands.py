"""``xlhedge new`` and ``xlhedge refresh`` as a user runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.replay import ReplayServer, World
from tests.workbook.reading import Shown


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    """Return venues that answer on this computer."""
    with ReplayServer(World(now=datetime.now(UTC))) as replay:
        yield replay


def run(folder: Path, server: ReplayServer | None, *words: object) -> subprocess.CompletedProcess:
    """Run the command in a folder, with all venues on the replay server or out of reach."""
    nowhere = {f"XLHEDGE_URL_{v}": "http://127.0.0.1:9" for v in ("BINANCE", "BYBIT", "OKX")}
    environ = {
        **os.environ,
        **(server.environ() if server else nowhere),
        "XLHEDGE_HOME": str(folder / "home"),
    }
    return subprocess.run(
        [sys.executable, "-m", "xlhedge.cli", *map(str, words)],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_new_fills_a_workbook_with_live_data(server: ReplayServer, tmp_path: Path) -> None:
    """With a network the workbook is LIVE, holds the history, and the command says what it did."""
    done = run(tmp_path, server, "new", "hedge.xlsx", "--bag", "BTC=5", "--leverage", 2)
    assert done.returncode == 0, done.stderr
    shown = Shown(tmp_path / "hedge.xlsx")
    assert shown.value("live_status") == "LIVE"
    assert shown.value("in_symbol") == shown.value("live_symbol") == "BTCUSD"
    assert shown.value("out_contracts") > 0
    assert len([row for row in shown.block("history_table")[1:] if row[1] is not None]) > 10
    for words in ("wrote    hedge.xlsx", "5 BTC", "LIVE", "funding", "contracts"):
        assert words in done.stdout


def test_new_without_a_network_says_so(tmp_path: Path) -> None:
    """Out of reach, the bundled snapshot is used, and both file and command name its date."""
    done = run(tmp_path, None, "new", "hedge.xlsx")
    assert done.returncode == 0, done.stderr
    assert "SNAPSHOT, 2022-12-30" in done.stdout
    assert "no fresh data" in done.stderr
    assert "SNAPSHOT" in Shown(tmp_path / "hedge.xlsx").value("out_verdict")


def test_new_falls_back_to_the_last_stored_quote(server: ReplayServer, tmp_path: Path) -> None:
    """After one good refresh, a failing venue gives the stored quote as STALE."""
    run(tmp_path, server, "new", "one.xlsx")
    done = run(tmp_path, None, "new", "two.xlsx")
    assert done.returncode == 0, done.stderr
    if "STALE" not in done.stdout:  # younger than the refresh asks for anew
        assert "LIVE" in done.stdout


def test_offline_opens_no_connection(server: ReplayServer, tmp_path: Path) -> None:
    """With --offline the venues are not asked."""
    done = run(tmp_path, server, "new", "hedge.xlsx", "--offline")
    assert done.returncode == 0, done.stderr
    assert server.requests == []


def test_an_existing_file_is_kept_without_force(tmp_path: Path) -> None:
    """The file is replaced only with --force."""
    path = tmp_path / "hedge.xlsx"
    path.write_bytes(b"mine")
    done = run(tmp_path, None, "new", "hedge.xlsx", "--offline")
    assert done.returncode == 1
    assert "exists" in done.stderr
    assert path.read_bytes() == b"mine"
    assert run(tmp_path, None, "new", "hedge.xlsx", "--offline", "--force").returncode == 0
    assert path.read_bytes()[:2] == b"PK"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--bag", "BTC=abc"], "--bag is 'abc'; expected a finite number above 0"),
        (["--bag", "BTC=-1"], "--bag"),
        (["--bag", "BTC=0"], "--bag"),
        (["--bag", "BTC"], "--bag is 'BTC'; expected COIN=QUANTITY"),
        (["--bag", "=5"], "--bag"),
        (["--bag", "BTC=nan"], "--bag"),
        (["--bag", "BTC=inf"], "--bag"),
        (["--ratio", "-1"], "--ratio"),
        (["--ratio", "x"], "--ratio"),
        (["--leverage", "0"], "--leverage"),
        (["--days", "-3"], "--days"),
        (["--venue", "nowhere"], "venue is 'nowhere'; expected one of"),
        (["--bag", "NOSUCH=5"], "NOSUCH"),
    ],
)
def test_bad_arguments_are_named(tmp_path: Path, words: list[str], said: str) -> None:
    """A wrong argument ends in one sentence that names it; no file is written."""
    done = run(tmp_path, None, "new", "hedge.xlsx", "--offline", *words)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "hedge.xlsx").exists()


def test_the_name_must_be_a_workbooks(tmp_path: Path) -> None:
    """OUT must end in .xlsx and lie in a folder that exists."""
    assert "ends in .xlsx" in run(tmp_path, None, "new", "hedge.csv", "--offline").stderr
    assert "does not exist" in run(tmp_path, None, "new", "no/hedge.xlsx", "--offline").stderr


def test_refresh_makes_several_books_live(server: ReplayServer, tmp_path: Path) -> None:
    """Workbooks of the snapshot become LIVE in one run, one line each, inputs untouched."""
    for name in ("a.xlsx", "b.xlsx"):
        run(tmp_path, None, "new", name, "--offline", "--bag", "BTC=7", "--ratio", "0.5")
    done = run(tmp_path, server, "refresh", "a.xlsx", "b.xlsx")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("LIVE, bybit BTCUSD") == 2
    shown = Shown(tmp_path / "a.xlsx")
    assert shown.value("live_status") == "LIVE"
    assert (shown.value("in_quantity"), shown.value("in_hedge_ratio")) == (7, 0.5)


def test_a_pattern_is_all_workbooks_that_match(server: ReplayServer, tmp_path: Path) -> None:
    """As on Windows, whose shells hand patterns on; a file named like one is itself."""
    for name in ("a.xlsx", "b.xlsx", "[b].xlsx"):
        run(tmp_path, None, "new", name, "--offline")
    (tmp_path / "~$c.xlsx").write_bytes(b"a lock of Excel")
    done = run(tmp_path, server, "refresh", "?.xlsx", "a.xlsx", "[b].xlsx")
    assert done.returncode == 0, done.stderr
    started = [line.split(":")[0] for line in done.stdout.splitlines()]
    assert started == ["[1/3] a.xlsx", "[2/3] b.xlsx", "[3/3] [b].xlsx"]
    done = run(tmp_path, server, "refresh", "z*.xlsx")
    assert (done.returncode, "z*.xlsx: No such file" in done.stderr) == (1, True)


def test_refresh_marks_what_failed(server: ReplayServer, tmp_path: Path) -> None:
    """When the venue fails the numbers stay, marked STALE with the reason; exit code 3."""
    run(tmp_path, server, "new", "a.xlsx")
    before = Shown(tmp_path / "a.xlsx").value("live_mark")
    (tmp_path / "home").rename(tmp_path / "elsewhere")  # nothing young is stored any more
    server.misbehave("bybit", "500")
    done = run(tmp_path, server, "refresh", "a.xlsx")
    assert done.returncode == 3, done.stdout + done.stderr
    shown = Shown(tmp_path / "a.xlsx")
    assert shown.value("live_mark") == before
    assert shown.value("live_status") == "STALE"
    assert "HTTP 500" in shown.value("live_note")
    assert "STALE" in shown.value("out_verdict")


def test_refresh_goes_on_after_a_bad_book(server: ReplayServer, tmp_path: Path) -> None:
    """One file that is no workbook is named; the others are refreshed; exit code 1."""
    run(tmp_path, None, "new", "good.xlsx", "--offline")
    (tmp_path / "bad.xlsx").write_bytes(b"no workbook")
    done = run(tmp_path, server, "refresh", "bad.xlsx", "good.xlsx")
    assert done.returncode == 1
    assert "bad.xlsx" in done.stderr
    assert Shown(tmp_path / "good.xlsx").value("live_status") == "LIVE"


SLIP = 'replace "lastFundingRate":"0.00006292"=>"lastFundingRate":"0.00629200"'


def test_a_doubtful_rate_is_said_in_the_workbook(server: ReplayServer, tmp_path: Path) -> None:
    """A rate that may be wrong by a unit is LIVE, and the sheet and the command both warn."""
    server.misbehave("binance", SLIP, "premiumIndex")
    done = run(tmp_path, server, "new", "hedge.xlsx", "--venue", "binance")
    assert done.returncode == 0, done.stderr
    said = "CHECK RATE: the funding rate +0.6292% an interval may be wrong by a unit"
    assert f"binance BTCUSD_PERP: {said}" in done.stderr
    shown = Shown(tmp_path / "hedge.xlsx")
    assert shown.value("live_status") == "LIVE"
    assert shown.value("live_note").startswith(said)
    assert "CHECK RATE" in shown.value("out_status")
    header, *rows = shown.block("funding_table")
    (row,) = (row for row in rows if row[0] == "binance")
    assert row[header.index("note")] == shown.value("live_note")
    again = run(tmp_path, server, "refresh", "hedge.xlsx")
    assert f"binance BTCUSD_PERP: {said}" in again.stderr
    server.misbehave("binance", None)
    assert run(tmp_path, server, "new", "good.xlsx", "--venue", "okx").returncode == 0
    assert not Shown(tmp_path / "good.xlsx").value("live_note")


def test_what_a_venue_leaves_open_is_said(server: ReplayServer, tmp_path: Path) -> None:
    """A rate whose meaning the venue does not state carries that in the workbook."""
    done = run(tmp_path, server, "new", "hedge.xlsx", "--venue", "kraken", "--symbol", "PI_XBTUSD")
    assert done.returncode == 0, done.stderr
    assert "Unconfirmed: no recorded settlement confirms" in done.stderr
    note = Shown(tmp_path / "hedge.xlsx").value("live_note")
    assert note.startswith("Unconfirmed: no recorded settlement confirms")
