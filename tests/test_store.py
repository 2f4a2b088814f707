"""The store: what is written is read, by many at once, and damage is explained."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.quote_examples import NOW, a_quote
from xlhedge.errors import RateLimited, StoreError, VenueUnreachable
from xlhedge.quotes import FundingRow, Tier, from_record, to_record
from xlhedge.store import Store, home_folder


@pytest.fixture
def store(tmp_path: Path):
    opened = Store(tmp_path / "new folder")
    yield opened
    opened.close()


def test_a_quote_survives_its_record() -> None:
    """A quote written as JSON and read back is the same quote, to the last bit."""
    quote = a_quote(tiers=(Tier(150, "coin", 0.005), Tier(300, "coin", 0.01, 0.75)))
    assert from_record(json.loads(json.dumps(to_record(quote)))) == quote


def test_reading_makes_nothing(store: Store) -> None:
    """Reading where no store was written yet gives nothing and leaves no file behind."""
    assert dict(store.quotes()) == {}
    assert store.history("binance", "BTCUSD_PERP") == []
    assert store.failures() == []
    assert not store.folder.exists()


def test_another_process_is_seen(store: Store) -> None:
    """A reader sees what another connection wrote, and reads again only then."""
    store.save_quotes([a_quote()])
    reader = Store(store.folder)
    first = reader.quotes()
    assert first["binance", "BTCUSD_PERP"] == a_quote()
    assert reader.quotes() is first
    store.save_quotes([a_quote(mark=1e5, time=NOW + timedelta(seconds=1))])
    assert reader.quotes()["binance", "BTCUSD_PERP"].mark == 1e5
    reader.close()


def test_an_older_quote_never_replaces_a_newer(store: Store) -> None:
    """Of two refreshes at once, the later quote stays."""
    store.save_quotes([a_quote(mark=2.0)])
    store.save_quotes([a_quote(mark=1.0, time=NOW - timedelta(minutes=1))])
    assert store.quotes()["binance", "BTCUSD_PERP"].mark == 2.0


def test_reading_is_cheap(store: Store) -> None:
    """A cell's look at an unchanged store costs far less than opening it."""
    store.save_quotes([a_quote(symbol=f"S{n}") for n in range(50)])
    store.quotes()
    start = time.perf_counter()
    for _ in range(1000):
        store.quotes()
    assert (time.perf_counter() - start) / 1000 < 500e-6  # some 10 µs; slack for a busy machine


def test_history_has_no_gaps_and_no_repeats(store: Store) -> None:
    """Settlements are kept once a minute, and a span that would leave a gap is refused."""
    day = timedelta(days=1)
    rows = [FundingRow(NOW - day + timedelta(hours=8 * n, milliseconds=9), 1e-4) for n in range(3)]
    key = "binance", "BTCUSD_PERP"
    assert store.missing_history(*key, NOW - day, NOW) == [(NOW - day, NOW)]
    store.save_history(*key, rows, NOW - day, NOW)
    store.save_history(*key, rows[1:], NOW - day / 2, NOW)
    assert len(store.history(*key)) == 3
    assert [r.time for r in store.history(*key, 2)] == [
        rows[2].time.replace(microsecond=0),
        rows[1].time.replace(microsecond=0),
    ]
    assert store.missing_history(*key, NOW - day / 2, NOW) == []
    assert store.missing_history(*key, NOW - 2 * day, NOW + day) == [
        (NOW - 2 * day, NOW - day),
        (NOW, NOW + day),
    ]
    with pytest.raises(StoreError, match="gap"):
        store.save_history(*key, [], NOW + day, NOW + 2 * day)


def test_reasons_are_kept_until_the_next_success(store: Store) -> None:
    """The latest failure of each asked symbol is listed, and a success takes it away."""
    store.save_outcomes([("bybit", "BTC", VenueUnreachable("bybit", "no answer"))], NOW)
    (failure,) = store.failures()
    assert (failure.kind, failure.message) == ("VenueUnreachable", "bybit: no answer")
    store.save_outcomes([("bybit", "BTC", None)], NOW)
    assert store.failures() == []


def test_a_ban_ends_at_its_time(store: Store) -> None:
    """A venue that asked to be left alone is known until then and not a second longer."""
    store.save_ban(
        "bybit", (NOW + timedelta(minutes=10)).timestamp(), str(RateLimited("bybit", "x"))
    )
    assert store.ban("bybit", NOW)[0] == NOW + timedelta(minutes=10)
    assert store.ban("bybit", NOW + timedelta(minutes=10)) is None
    assert store.ban("binance", NOW) is None


def test_settings(store: Store) -> None:
    """A setting is text under a name."""
    assert store.setting("max_age_minutes") is None
    store.save_setting("max_age_minutes", "30")
    assert store.setting("max_age_minutes") == "30"


@pytest.mark.parametrize(
    "content", [b"this is not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_damaged_file_is_moved_aside_not_deleted(tmp_path: Path, content: bytes) -> None:
    """A damaged store is explained, kept under another name, and a new one starts."""
    (tmp_path / "quotes.sqlite").write_bytes(content)
    store = Store(tmp_path)
    with pytest.raises(StoreError, match="damaged"):
        store.quotes()
    (aside,) = tmp_path.glob("quotes.sqlite.damaged-*")
    assert aside.read_bytes() == content
    store.save_quotes([a_quote()])
    assert len(store.quotes()) == 1
    store.close()


def test_a_locked_store_is_explained(tmp_path: Path) -> None:
    """A store that another program keeps locked gives a sentence, not a traceback."""
    store = Store(tmp_path, busy_seconds=0.05)
    store.save_quotes([a_quote()])
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        store.save_quotes([a_quote()])
    assert len(store.quotes()) == 1  # readers are not in the way of a writer
    other.execute("ROLLBACK")
    other.close()
    store.save_quotes([a_quote()])
    store.close()


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """A file that a newer xlhedge wrote is neither read wrongly nor changed."""
    store = Store(tmp_path)
    store.save_quotes([a_quote()])
    store.close()
    with sqlite3.connect(tmp_path / "quotes.sqlite") as db:
        db.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(StoreError, match="newer"):
        store.quotes()
    with pytest.raises(StoreError, match="newer"):
        store.save_quotes([a_quote()])


def test_an_unusable_folder_is_explained(tmp_path: Path) -> None:
    """Where the folder cannot be made, the sentence names XLHEDGE_HOME."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="XLHEDGE_HOME"):
        Store(tmp_path / "file" / "folder").save_quotes([a_quote()])


WRITER = """
import sys
from datetime import timedelta
from pathlib import Path
from tests.quote_examples import NOW, a_quote
from xlhedge.store import Store
store = Store(Path(sys.argv[1]), busy_seconds=20)
for n in range(int(sys.argv[3])):
    new = {"mark": n + 1.0, "time": NOW + timedelta(seconds=n)}
    store.save_quotes([a_quote(symbol=f"{sys.argv[2]}{k}", **new) for k in range(5)])
"""
READER = """
import sys, time
from pathlib import Path
from xlhedge.store import Store
store = Store(Path(sys.argv[1]), busy_seconds=20)
last = 0
while last < float(sys.argv[3]):
    marks = {q.mark for (_, s), q in store.quotes().items() if s.startswith(sys.argv[2])}
    assert len(marks) <= 1, f"half a transaction: {marks}"
    now = max(marks, default=0)
    assert now >= last, "a quote went back"
    last = now
"""


def test_writers_and_readers_at_once(tmp_path: Path) -> None:
    """Two writing and three reading processes never see a lock, half a batch or an older quote."""
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    jobs = [(WRITER, "a"), (WRITER, "b"), (READER, "a"), (READER, "b"), (READER, "a")]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path), prefix, "60"],
            env=environ,
            stderr=subprocess.PIPE,
            text=True,
        )
        for code, prefix in jobs
    ]
    for process in running:
        _, complaint = process.communicate(timeout=60)
        assert process.returncode == 0, complaint
    assert {q.mark for q in Store(tmp_path).quotes().values()} == {60.0}


def test_the_folder_is_the_environments(tmp_path: Path) -> None:
    """XLHEDGE_HOME names the folder; without it the system's place for data is used."""
    assert home_folder({"XLHEDGE_HOME": str(tmp_path)}) == tmp_path
    assert "xlhedge" in str(home_folder({}))


def test_times_come_back_aware(store: Store) -> None:
    """Every time that leaves the store is an aware UTC time."""
    store.save_quotes([a_quote()])
    assert store.quotes()["binance", "BTCUSD_PERP"].time.tzinfo is UTC
    assert isinstance(NOW, datetime)
