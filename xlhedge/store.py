"""The user's store: last good quotes, past settlements, why refreshes failed.

One SQLite file in write-ahead mode: a refresh writes while Excel and the command line read. A read
of quotes costs a look at the file's change counter; the quotes themselves are read again only
when somebody has written.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from xlhedge._schema import VERSION, migrate
from xlhedge.errors import StoreError
from xlhedge.quotes import FundingRow, Quote, from_record, to_record

__all__ = ["Failure", "Store", "home_folder"]

FILE_NAME = "quotes.sqlite"
BUSY_SECONDS = 5.0
DAMAGED = ("malformed", "not a database", "disk image", "corrupt")

Key = tuple[str, str]  # venue, symbol


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the last refresh of one asked symbol failed."""

    time: datetime
    venue: str
    asked: str
    kind: str
    message: str


def home_folder(environ: Mapping[str, str]) -> Path:
    """Return the user's folder: ``XLHEDGE_HOME``, else where the system keeps such data."""
    if environ.get("XLHEDGE_HOME"):
        return Path(environ["XLHEDGE_HOME"])
    from platformdirs import user_data_dir

    return Path(user_data_dir("xlhedge", appauthor=False))


class Store:
    """The stored quotes of one user.

    Parameters
    ----------
    folder : Path
        Where the file is; made on the first write. Reading never makes anything.
    busy_seconds : float
        How long to wait for another program that is writing.
    """

    def __init__(self, folder: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.folder = Path(folder)
        self.path = self.folder / FILE_NAME
        self._busy = busy_seconds
        self._lock = threading.RLock()
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None  # of the file that the connections are of
        self._seen = -1  # data_version that the caches below are of
        self._quotes: Mapping[Key, Quote] = MappingProxyType({})
        self._settings: dict[str, str] = {}

    # -- reading ----------------------------------------------------------------------------

    def quotes(self) -> Mapping[Key, Quote]:
        """Return all stored quotes by venue and symbol; the same object until somebody writes."""
        return self.look()[0]

    def setting(self, name: str) -> str | None:
        """Return a setting's text, or None where it was never set."""
        return self.look()[1].get(name)

    def look(self) -> tuple[Mapping[Key, Quote], Mapping[str, str]]:
        """Return quotes and settings, as a cell reads them: one look at the file."""
        with self._reading() as db:
            self._look(db)
            return self._quotes, self._settings

    def history(self, venue: str, symbol: str, count: int | None = None) -> list[FundingRow]:
        """Return the latest settlements, newest first."""
        with self._reading() as db:
            rows = _rows(
                db,
                "SELECT time, rate, kind, mark FROM settlements WHERE venue = ? AND symbol = ? "
                "ORDER BY time DESC LIMIT ?",
                (venue, symbol, -1 if count is None else count),
            )
        return [FundingRow(_time(row[0]), *row[1:]) for row in rows]

    def missing_history(
        self, venue: str, symbol: str, since: datetime, until: datetime
    ) -> list[tuple[datetime, datetime]]:
        """Return the spans to fetch so that all settlements from `since` to `until` are there.

        What is stored already is one span without gaps; a span before it reaches up to it and a
        span after it starts from it, so that it stays one.
        """
        with self._reading() as db:
            span = _rows(
                db,
                "SELECT first, last FROM spans WHERE venue = ? AND symbol = ?",
                (venue, symbol),
            )
        if not span:
            return [(since, until)]
        first, last = _time(span[0][0]), _time(span[0][1])
        before = [(since, first)] if since < first else []
        after = [(last, until)] if until > last else []
        return before + after

    def failures(self) -> list[Failure]:
        """Return why the latest refreshes failed, newest first; successes are left out."""
        with self._reading() as db:
            rows = _rows(
                db,
                "SELECT time, venue, asked, kind, message FROM outcomes WHERE kind <> '' "
                "ORDER BY time DESC, venue, asked",
            )
        return [Failure(_time(row[0]), *row[1:]) for row in rows]

    def ban(self, venue: str, now: datetime) -> tuple[datetime, str] | None:
        """Return until when a venue is to be left alone and why, or None."""
        with self._reading() as db:
            rows = _rows(db, "SELECT until, message FROM bans WHERE venue = ?", (venue,))
        if not rows or _time(rows[0][0]) <= now:
            return None
        return _time(rows[0][0]), rows[0][1]

    # -- writing ----------------------------------------------------------------------------

    def save_quotes(self, quotes: Iterable[Quote]) -> None:
        """Store good quotes; an older quote never replaces a newer one."""
        with self._writing() as db:
            db.executemany(
                "INSERT INTO quotes VALUES (?, ?, ?, ?) ON CONFLICT (venue, symbol) DO UPDATE "
                "SET time = excluded.time, record = excluded.record "
                "WHERE excluded.time >= quotes.time",
                [(q.venue, q.symbol, q.time.timestamp(), _packed(q)) for q in quotes],
            )

    def save_history(
        self,
        venue: str,
        symbol: str,
        rows: Iterable[FundingRow],
        since: datetime,
        until: datetime,
    ) -> None:
        """Store all settlements that the venue has from `since` to `until`.

        A span that neither overlaps nor touches what is stored would leave a gap and is refused:
        fetch what :meth:`missing_history` names.
        """
        with self._writing() as db:
            span = db.execute(
                "SELECT first, last FROM spans WHERE venue = ? AND symbol = ?", (venue, symbol)
            ).fetchone()
            first, last = since.timestamp(), until.timestamp()
            if span:
                if first > span[1] or last < span[0]:
                    raise StoreError(
                        f"settlements of {venue} {symbol} from {since} to {until} would leave a "
                        "gap; fetch the spans that are missing"
                    )
                first, last = min(first, span[0]), max(last, span[1])
            db.executemany(
                "INSERT OR REPLACE INTO settlements VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (venue, symbol, round(r.time.timestamp() / 60) * 60, r.rate, r.kind, r.mark)
                    for r in rows
                ],
            )
            db.execute(
                "INSERT OR REPLACE INTO spans VALUES (?, ?, ?, ?)", (venue, symbol, first, last)
            )

    def save_outcomes(
        self, outcomes: Iterable[tuple[str, str, Exception | None]], now: datetime
    ) -> None:
        """Store how a refresh ended: (venue, asked, error or None) each."""
        with self._writing() as db:
            db.executemany(
                "INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?)",
                [
                    (
                        venue,
                        asked,
                        now.timestamp(),
                        type(error).__name__ if error else "",
                        str(error) if error else "",
                    )
                    for venue, asked, error in outcomes
                ],
            )

    def save_ban(self, venue: str, until: float, message: str) -> None:
        """Remember that a venue is to be left alone until a time (UTC seconds)."""
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO bans VALUES (?, ?, ?)", (venue, until, message))

    def save_setting(self, name: str, value: str) -> None:
        """Store a setting."""
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            for db in (self._reader, self._writer):
                if db is not None:
                    with suppress(sqlite3.Error):
                        db.close()
            self._reader = self._writer = self._identity = None
            self._seen = -1

    # -- inside -----------------------------------------------------------------------------

    def _look(self, db: sqlite3.Connection | None) -> None:
        """Read quotes and settings again if the file has changed since the last look."""
        version = -1 if db is None else db.execute("PRAGMA data_version").fetchone()[0]
        if version == self._seen and db is not None:
            return
        records = _rows(db, "SELECT venue, symbol, record FROM quotes")
        self._quotes = MappingProxyType({(v, s): from_record(json.loads(r)) for v, s, r in records})
        self._settings = dict(_rows(db, "SELECT name, value FROM settings"))
        self._seen = version

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """Give a connection to read from, or None where no store was written yet."""
        with self._lock, self._explained():
            yield self._open_reader()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection inside a transaction that is kept whole or not at all."""
        with self._lock, self._explained():
            db = self._open_writer()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
                raise

    def _open_reader(self) -> sqlite3.Connection | None:
        try:
            stat = os.stat(self.path)
        except FileNotFoundError:
            self.close()
            self._quotes, self._settings = MappingProxyType({}), {}
            return None
        if self._identity != (stat.st_dev, stat.st_ino):
            self.close()
            db = self._connect("rw")
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                db.close()
                raise self._newer()
            if version < VERSION:  # made by an older xlhedge, or being made right now
                migrate(db)
            db.execute("PRAGMA query_only = ON")
            self._reader, self._identity = db, (stat.st_dev, stat.st_ino)
        elif self._reader is None:
            self._identity = None
            return self._open_reader()
        return self._reader

    def _open_writer(self) -> sqlite3.Connection:
        if self._writer is not None and self.path.exists():
            return self._writer
        self.close()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{self.folder} cannot be made ({error.strerror}); set XLHEDGE_HOME to a folder "
                "that you may write to"
            ) from None
        db = self._connect("rwc")
        _write_ahead(db, self._busy)
        if db.execute("PRAGMA user_version").fetchone()[0] > VERSION:
            db.close()
            raise self._newer()
        migrate(db)
        self._writer = db
        return db

    def _connect(self, mode: str) -> sqlite3.Connection:
        db = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=self._busy,
            isolation_level=None,
            check_same_thread=False,
        )
        db.execute("PRAGMA synchronous = NORMAL")
        return db

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what SQLite complains of into a sentence that says what to do."""
        try:
            yield
        except sqlite3.Error as error:
            text = str(error).lower()
            if any(word in text for word in DAMAGED):
                raise StoreError(self._set_aside()) from None
            if "locked" in text or "busy" in text:
                raise StoreError(
                    f"another program keeps {self.path} locked; wait for its refresh to end, then "
                    "try again"
                ) from None
            self.close()
            raise StoreError(
                f"{self.path} cannot be used ({error}); check that you may write to its folder and "
                "that the disk is not full, or set XLHEDGE_HOME to another folder"
            ) from None
        except (ValueError, TypeError, KeyError) as error:
            raise StoreError(
                f"{self.path} holds something unexpected ({error}); refresh, and if that does not "
                "help, move the file away"
            ) from None

    def _set_aside(self) -> str:
        """Move a damaged file (and its log) aside; return the sentence about it."""
        self.close()
        aside = self.path.with_name(f"{FILE_NAME}.damaged-{time.time_ns() // 1_000_000}")
        try:
            for ending in ("-wal", "-shm", ""):
                with suppress(FileNotFoundError):
                    os.replace(f"{self.path}{ending}", f"{aside}{ending}")
        except OSError:
            return (
                f"the store {self.path} is damaged and in use; close Excel, move the file away, "
                "then refresh"
            )
        return f"the store was damaged and is kept as {aside}; refresh to start a new one"

    def _newer(self) -> StoreError:
        return StoreError(
            f"{self.path} was written by a newer xlhedge; upgrade this one, or set XLHEDGE_HOME "
            "to another folder"
        )


def _rows(db: sqlite3.Connection | None, query: str, values: tuple = ()) -> list[tuple[Any, ...]]:
    return [] if db is None else db.execute(query, values).fetchall()


def _write_ahead(db: sqlite3.Connection, busy_seconds: float) -> None:
    """Switch to write-ahead mode; two processes making the file at once get in each other's way,
    and SQLite does not wait for that."""
    give_up = time.monotonic() + busy_seconds
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.02)


def _packed(quote: Quote) -> str:
    return json.dumps(to_record(quote), allow_nan=False, separators=(",", ":"))


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
