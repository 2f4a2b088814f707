"""The store in use: many processes at once, and processes that die while they write."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.quote_examples import NOW, a_quote
from tests.replay import ReplayServer, cases
from xlhedge.quotes import FundingRow
from xlhedge.store import Store

SECONDS = float(os.environ.get("XLHEDGE_SOAK_SECONDS", "3"))  # 30 before a release
READERS = 8
KILLS = 100
BATCH = 5  # quotes written in one transaction, all with one mark

WRITER = """
import sys, time
from datetime import timedelta

from pathlib import Path
from tests.quote_examples import NOW, a_quote
from xlhedge.store import Store
store = Store(Path(sys.argv[1]), busy_seconds=20)
n, end = 0, time.monotonic() + float(sys.argv[3])
while time.monotonic() < end:
    n += 1
    new = {"mark": float(n), "time": NOW + timedelta(seconds=n)}
    store.save_quotes([a_quote(symbol=f"{sys.argv[2]}{k}", **new) for k in range(5)])
print(n)
"""
READER = """
import sys, time
from pathlib import Path
from xlhedge.store import Store
store = Store(Path(sys.argv[1]), busy_seconds=20)
last, end = 0, time.monotonic() + float(sys.argv[3])
while time.monotonic() < end:
    marks = {q.mark for (_, s), q in store.quotes().items() if s.startswith(sys.argv[2])}
    assert len(marks) <= 1, f"half a transaction: {marks}"
    now = max(marks, default=0)
    assert now >= last, "a quote went back"
    last = now
assert last > 0, "nothing was ever seen"
"""
WATCHER = """
import sys, time
from pathlib import Path
from xlhedge.store import Store
store = Store(Path(sys.argv[1]), busy_seconds=20)
seen, end = set(), time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    quotes = store.quotes()
    assert seen <= quotes.keys(), "a quote was lost"
    seen |= quotes.keys()
    for venue, symbol in seen:
        count = len(store.history(venue, symbol))
        assert count in (0, 90), f"part of a history: {count}"
    assert store.failures() == []
    time.sleep(0.005)
assert seen, "nothing was ever seen"
"""
REFRESHER = """
import json, os, sys, time
from datetime import datetime, UTC
from pathlib import Path
from xlhedge.refresh import refresh
from xlhedge.store import Store
store, wanted = Store(Path(sys.argv[1]), busy_seconds=20), json.loads(sys.argv[2])
present = datetime.fromisoformat(sys.argv[4])
start = time.monotonic()
while (passed := time.monotonic() - start) < float(sys.argv[3]):
    outcomes = refresh([tuple(w) for w in wanted], store=store, environ=os.environ,
                       clock=lambda: present, minimum_age_seconds=0, history_days=30)
    for outcome in outcomes:
        assert outcome.error is None, outcome.error
        assert outcome.history_error is None, outcome.history_error
"""


def run_together(jobs: list[list[str]], environ: dict[str, str]) -> list[str]:
    """Run programs at the same time; return what each printed, and fail if one of them does."""
    environ = {**os.environ, **environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", *job],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for job in jobs
    ]
    printed = []
    for process in running:
        shown, complaint = process.communicate(timeout=SECONDS + 60)
        assert process.returncode == 0, complaint
        printed.append(shown)
    return printed


def test_writers_and_readers_at_once(tmp_path: Path) -> None:
    """Two writing and four reading processes never see a lock, half a batch or an older quote."""
    home, seconds = str(tmp_path), str(SECONDS)
    jobs = [[code, home, name, seconds] for name in "ab" for code in (WRITER, READER, READER)]
    counts = [int(text) for text in run_together(jobs, {}) if text]
    stored = Store(tmp_path).quotes()
    for name, count in zip("ab", counts, strict=True):
        assert {q.mark for (_, s), q in stored.items() if s.startswith(name)} == {float(count)}


def test_two_refreshes_and_readers_at_once(tmp_path: Path) -> None:
    """Two refreshes with histories and eight readers: no lock error, no lost quote, no gap."""
    with ReplayServer() as server:
        served = cases()
        wanted = [[v, served[v].symbol] for v in ("binance", "bybit")]
        job = [str(wanted).replace("'", '"'), str(SECONDS), server.world.now.isoformat()]
        jobs = [[REFRESHER, str(tmp_path), *job]] * 2
        jobs += [[WATCHER, str(tmp_path), str(SECONDS)]] * READERS
        run_together(jobs, server.environ())
    store = Store(tmp_path)
    for venue, symbol in wanted:
        assert store.quotes()[venue, symbol].mark == served[venue].mark
        times = [row.time for row in store.history(venue, symbol)]
        assert len(times) == 90
        assert {a - b for a, b in pairwise(times)} == {timedelta(hours=8)}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to start writers quickly")
def test_a_killed_writer_leaves_only_good_data(tmp_path: Path) -> None:
    """After each of 100 kills at random moments the store opens with whole, newest batches."""
    chance = random.Random(20261123)
    folder = tmp_path
    for kill in range(KILLS):
        if kill % 10 == 0:  # a new file: some die while it is made
            folder = tmp_path / str(kill)
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            _write_for_ever(folder, tell)
        os.close(tell)
        time.sleep(chance.uniform(0.0, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        acknowledged = _last_number(told)
        store = Store(folder)
        marks = {quote.mark for quote in store.quotes().values()}
        assert len(marks) <= 1, "half a transaction"
        assert len(store.quotes()) in (0, BATCH)
        assert max(marks, default=0) >= acknowledged, "a committed quote was lost"
        times = [row.time for row in store.history("binance", "S0")]
        assert {a - b for a, b in pairwise(times)} <= {timedelta(hours=8)}
        if times:
            assert store.spans("binance")["S0"].last == times[0]
        store.close()
        if store.path.exists():
            with sqlite3.connect(store.path) as db:
                assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            db.close()
    assert not list(tmp_path.rglob("*damaged*"))


def _write_for_ever(folder: Path, tell: int) -> None:
    """Write batch after batch until killed, and tell the number of each that is committed."""
    try:
        store = Store(folder, busy_seconds=20)
        n = int(max((quote.mark for quote in store.quotes().values()), default=0))
        while True:
            n += 1
            new = {"mark": float(n), "time": NOW + timedelta(seconds=n)}
            store.save_quotes([a_quote(symbol=f"S{k}", **new) for k in range(BATCH)])
            os.write(tell, f"{n} ".encode())
            span = store.spans("binance").get("S0")
            last = span.last if span else NOW.replace(minute=0)
            rows = [FundingRow(last + timedelta(hours=8 * k), 1e-4) for k in range(3)]
            store.save_history("binance", "S0", rows, last, rows[-1].time)
    finally:
        os._exit(1)


def _last_number(told: int) -> int:
    """Return the last whole number that was told through a pipe."""
    text = b""
    while part := os.read(told, 65536):
        text += part
    os.close(told)
    numbers = text.rpartition(b" ")[0].split()
    return int(numbers[-1]) if numbers else 0
