"""``xlhedge quote`` as a user runs it: output and exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.replay import ReplayServer, World
from xlhedge.quotes import FIELDS


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer(World(now=datetime.now(UTC))) as replay:
        yield replay


def run(server: ReplayServer, home: Path, *words: str) -> subprocess.CompletedProcess:
    """Run the command with its folder and all venues on the replay server."""
    environ = {**os.environ, **server.environ(), "XLHEDGE_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "xlhedge.cli", "quote", *words],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_json_has_the_fields_of_perp(server: ReplayServer, tmp_path: Path) -> None:
    """A live quote is one JSON object with PERP's fields, and the exit code is 0."""
    shown = run(server, tmp_path, "binance", "BTC", "--json")
    assert shown.returncode == 0, shown.stderr
    quote = json.loads(shown.stdout)
    assert set(FIELDS) < set(quote)
    assert quote["status"] == "LIVE"
    assert quote["symbol"] == "BTCUSD_PERP"
    assert quote["funding_rate"] == 0.00006292
    assert quote["maintenance_rate"] is None
    assert quote["time"].endswith("Z")


def test_unreachable_shows_what_is_stored_then_what_is_bundled(
    server: ReplayServer, tmp_path: Path
) -> None:
    """Without the venue: first the bundled snapshot, later the stored quote as STALE; exit 3."""
    server.misbehave("bybit", "500")
    bundled = run(server, tmp_path, "bybit", "BTC")
    assert bundled.returncode == 3
    assert "SNAPSHOT" in bundled.stdout
    assert "bundled snapshot, of 2022-12-30" in bundled.stderr
    assert "HTTP 500" in bundled.stderr
    server.misbehave("bybit", None)
    assert run(server, tmp_path, "bybit", "BTC").returncode == 0
    server.misbehave("bybit", "500")
    offline = run(server, tmp_path, "bybit", "BTC", "--offline", "--json")
    assert json.loads(offline.stdout)["status"] == "LIVE"  # seconds old, and nobody was asked


def test_nothing_at_all_is_an_error(server: ReplayServer, tmp_path: Path) -> None:
    """No quote, stored or bundled: one sentence on stderr, nothing on stdout, exit 1."""
    for words in (("binance", "NOSUCH"), ("ftx", "BTC"), ("binance", "DOGE", "--offline")):
        shown = run(server, tmp_path, *words)
        assert shown.returncode == 1
        assert shown.stdout == ""
        assert shown.stderr.startswith("xlhedge: ")
        assert "Traceback" not in shown.stderr


def test_offline_asks_nobody(server: ReplayServer, tmp_path: Path) -> None:
    """--offline shows the snapshot without a request."""
    shown = run(server, tmp_path, "binance", "BTC", "--offline")
    assert shown.returncode == 3
    assert "longs pay shorts" in shown.stdout
    assert server.requests == []
