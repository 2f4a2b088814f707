"""The store: what is written is read, by many at once, and damage is explained."""

from __future__ import annotations

import json
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.quote_examples import NOW, a_quote
from xlhedge._schema import STEPS, VERSION
from xlhedge.errors import RateLimited, StoreError, VenueUnreachable
from xlhedge.quotes import FundingRow, Tier, from_record, to_record
from xlhedge.store import HISTORY, Failure, Span, Store, home_folder


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
    day, last = timedelta(days=1), NOW - timedelta(hours=8)
    rows = [FundingRow(NOW - day + timedelta(hours=8 * n, milliseconds=9), 1e-4) for n in range(3)]
    key = "binance", "BTCUSD_PERP"
    assert store.spans("binance") == {}
    store.save_history(*key, rows, NOW - day, NOW)
    store.save_history(*key, rows[1:], NOW - day / 2, NOW)
    assert len(store.history(*key)) == 3
    assert [r.time for r in store.history(*key, 2)] == [
        rows[2].time.replace(microsecond=0),
        rows[1].time.replace(microsecond=0),
    ]
    assert store.history(*key, since=NOW - day / 2) == store.history(*key, 1)
    span = store.spans("binance")["BTCUSD_PERP"]
    assert span == Span(NOW - day, last, timedelta(hours=8))
    assert span.missing(NOW - day / 2, last) == []
    assert span.missing(NOW - 2 * day, NOW) == [
        (NOW - 2 * day, NOW - day),
        (last, NOW),
    ]
    with pytest.raises(StoreError, match="gap"):
        store.save_history(*key, [], NOW + day, NOW + 2 * day)


def test_a_settlement_published_late_is_asked_for_again(store: Store) -> None:
    """What is known ends with the newest settlement seen, not with the moment of asking."""
    key = "bybit", "BTCUSD"
    eight = NOW.replace(hour=8, minute=0)
    store.save_history(*key, [FundingRow(eight, 1e-4)], NOW - timedelta(days=1), NOW)
    store.save_history(*key, [], eight, NOW)
    assert store.spans("bybit")["BTCUSD"].missing(eight, NOW) == [(eight, NOW)]
    store.save_history("bybit", "NEWUSD", [], NOW - timedelta(days=1), NOW)
    assert store.spans("bybit").keys() == {"BTCUSD"}  # nothing came: nothing is known


def test_a_contract_younger_than_asked_is_not_asked_for_again(store: Store) -> None:
    """An empty span before the first settlement is known to be empty."""
    key, week = ("bybit", "BTCUSD"), NOW - timedelta(days=7)
    store.save_history(*key, [FundingRow(NOW, 1e-4)], NOW - timedelta(days=1), NOW)
    store.save_history(*key, [], week, NOW - timedelta(days=1))
    assert store.spans("bybit")["BTCUSD"].missing(week, NOW) == []


def test_reasons_are_kept_until_the_next_success(store: Store) -> None:
    """The latest failure of each asked symbol is listed, and a success takes it away."""
    store.save_outcomes([("bybit", "BTC", VenueUnreachable("bybit", "no answer"))], NOW)
    (failure,) = store.failures()
    assert (failure.kind, failure.message) == ("VenueUnreachable", "bybit: no answer")
    store.save_outcomes([("bybit", "BTC", None)], NOW, HISTORY)
    assert store.failures() == [failure]  # its history came, its quote did not
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


def test_a_ban_is_never_shortened(store: Store) -> None:
    """Of two bans the longer stays: a refusal of a minute does not end a ban of days."""
    store.save_ban("binance", (NOW + timedelta(days=3)).timestamp(), "binance: banned")
    store.save_ban("binance", (NOW + timedelta(minutes=1)).timestamp(), "binance: slower")
    assert store.ban("binance", NOW) == (NOW + timedelta(days=3), "binance: banned")


def test_settings(store: Store) -> None:
    """A setting is text under a name."""
    assert store.setting("max_age_minutes") is None
    store.save_setting("max_age_minutes", "30")
    assert store.setting("max_age_minutes") == "30"
    store.save_setting("max_age_minutes", None)
    assert store.setting("max_age_minutes") is None


def test_a_contract_is_forgotten_whole(store: Store) -> None:
    """Quote, settlements and reasons of one contract go; those of all others stay."""
    for symbol in ("BTCUSD_PERP", "ETHUSD_PERP"):
        store.save_quotes([a_quote(symbol=symbol)])
        store.save_history("binance", symbol, [FundingRow(NOW, 1e-4)], NOW - timedelta(1), NOW)
        store.save_outcomes([("binance", symbol, VenueUnreachable("binance", "no"))], NOW)
    store.save_outcomes([("binance", "btc", VenueUnreachable("binance", "no"))], NOW)
    assert store.forget("binance", ("btcusd_perp", "BTC")) == 5
    assert [symbol for _, symbol in store.quotes()] == ["ETHUSD_PERP"]
    assert store.spans("binance").keys() == {"ETHUSD_PERP"}
    assert [failure.asked for failure in store.failures()] == ["ETHUSD_PERP"]
    assert len(store.history("binance", "ETHUSD_PERP")) == 1
    assert store.forget("binance", ("BTC",)) == 0


@pytest.mark.parametrize(
    "record", ["{", "[]", "17", "{}", '{"mark":NaN}', '{"time":"soon"}', '{"time":1e300}']
)
def test_one_unreadable_quote_costs_no_other(store: Store, record: str) -> None:
    """A record that cannot be read is as if it were not stored, until a refresh replaces it."""
    store.save_quotes([a_quote(), a_quote(symbol="ETHUSD_PERP")])
    with sqlite3.connect(store.path) as db:
        db.execute("UPDATE quotes SET record = ? WHERE symbol = 'BTCUSD_PERP'", (record,))
    db.close()
    assert [symbol for _, symbol in store.quotes()] == ["ETHUSD_PERP"]
    store.save_quotes([a_quote()])
    assert store.quotes()["binance", "BTCUSD_PERP"] == a_quote()


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


def test_an_older_version_is_migrated_with_its_data(tmp_path: Path) -> None:
    """A store of version 1 keeps quotes, settlements, reasons, bans and settings."""
    with sqlite3.connect(tmp_path / "quotes.sqlite") as db:
        for statement in STEPS[0]:
            db.execute(statement)
        db.execute("PRAGMA user_version = 1")
        record = json.dumps(to_record(a_quote()))
        db.execute("INSERT INTO quotes VALUES ('binance', 'BTCUSD_PERP', 0, ?)", (record,))
        eight = NOW.replace(hour=8, minute=0).timestamp()
        db.execute("INSERT INTO settlements VALUES ('bybit', 'X', ?, 1e-4, 'settled', 1)", (eight,))
        db.execute("INSERT INTO spans VALUES ('bybit', 'X', ?, ?)", (eight - 9, eight))
        reason = ("bybit", "BTC", NOW.timestamp(), "BadReply", "bybit: no")
        db.execute("INSERT INTO outcomes VALUES (?, ?, ?, ?, ?)", reason)
        db.execute("INSERT INTO bans VALUES ('bybit', ?, 'bybit: wait')", (NOW.timestamp() + 60,))
        db.execute("INSERT INTO settings VALUES ('max_age_minutes', '30')")
    db.close()
    store = Store(tmp_path)
    assert store.quotes() == {("binance", "BTCUSD_PERP"): a_quote()}
    assert [row.rate for row in store.history("bybit", "X")] == [1e-4]
    assert store.spans("bybit").keys() == {"X"}
    assert store.failures() == [Failure(NOW, "bybit", "BTC", "BadReply", "bybit: no", "quote")]
    assert store.ban("bybit", NOW)
    assert store.setting("max_age_minutes") == "30"
    store.save_outcomes([("bybit", "BTC", None)], NOW)
    store.close()
    with sqlite3.connect(tmp_path / "quotes.sqlite") as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == VERSION
    db.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    """A step that cannot be done leaves the file at the version it had."""
    path = tmp_path / "quotes.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE outcomes_of_quotes (x)")  # in the way of step 2
        for statement in STEPS[0]:
            db.execute(statement)
        db.execute("PRAGMA user_version = 1")
    db.close()
    with pytest.raises(StoreError, match="cannot be used"):
        Store(tmp_path).save_quotes([a_quote()])
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == 1
    db.close()


def test_a_file_set_aside_by_another_program_is_let_go(tmp_path: Path) -> None:
    """A program that still holds a file that was moved away goes on with the new one."""
    held = Store(tmp_path)
    held.save_quotes([a_quote()])
    for part in tmp_path.glob("quotes.sqlite*"):
        part.rename(f"{part}.aside")
    Store(tmp_path).save_quotes([a_quote(symbol="ETHUSD_PERP")])
    held.save_quotes([a_quote(symbol="SOLUSD_PERP")])
    assert {symbol for _, symbol in Store(tmp_path).quotes()} == {"ETHUSD_PERP", "SOLUSD_PERP"}
    assert held.quotes() == Store(tmp_path).quotes()
    held.close()


def test_the_folder_is_the_environments(tmp_path: Path) -> None:
    """XLHEDGE_HOME names the folder; without it the system's place for data is used."""
    assert home_folder({"XLHEDGE_HOME": str(tmp_path)}) == tmp_path
    assert "xlhedge" in str(home_folder({}))


def test_times_come_back_aware(store: Store) -> None:
    """Every time that leaves the store is an aware UTC time."""
    store.save_quotes([a_quote()])
    assert store.quotes()["binance", "BTCUSD_PERP"].time.tzinfo is UTC
    assert isinstance(NOW, datetime)
