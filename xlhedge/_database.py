"""The store's SQLite file: opening it, one writer and many readers, damage and locks explained.

:mod:`xlhedge.store` says what is in it; here is how it is opened, by whom and what can go wrong.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from xlhedge._schema import VERSION, migrate
from xlhedge.errors import StoreError

__all__ = ["Database"]

DAMAGED = ("malformed", "not a database", "disk image", "corrupt")

Identity = tuple[int, int]  # device and inode: the file itself, whatever its name is by now


class Database:
    """One SQLite file in write-ahead mode, opened when it is first needed.

    Parameters
    ----------
    path : Path
        The file; it and its folder are made on the first write. Reading never makes anything.
    busy_seconds : float
        How long to wait for another program that is writing.

    Attributes
    ----------
    opened : int
        Counts the files that were opened for reading: a reader's change counter starts anew with
        each of them.
    """

    def __init__(self, path: Path, busy_seconds: float) -> None:
        self.path = path
        self.opened = 0
        self._busy = busy_seconds
        self._lock = threading.RLock()
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._identity: Identity | None = None  # of the file that the connections are of

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """Give a connection to read from, or None where no store was written yet."""
        with self._lock, self._explained():
            yield self._open_reader()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
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

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            for db in (self._reader, self._writer):
                if db is not None:
                    with suppress(sqlite3.Error):
                        db.close()
            self._reader = self._writer = self._identity = None

    # -- inside -----------------------------------------------------------------------------

    def _open_reader(self) -> sqlite3.Connection | None:
        identity = self._now_there()
        if identity is None:
            self.close()
            return None
        if identity != self._identity:  # not opened yet, or another file has taken its place
            self.close()
        if self._reader is None:
            db = self._connect("rw")
            try:
                if self._version(db) < VERSION:  # of an older xlhedge, or being made right now
                    migrate(db)
                db.execute("PRAGMA query_only = ON")
            except BaseException:
                db.close()
                raise
            self._reader = db
            self.opened += 1
        return self._reader

    def _open_writer(self) -> sqlite3.Connection:
        if self._writer is not None and self._now_there() == self._identity:
            return self._writer
        self.close()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{self.path.parent} cannot be made ({error.strerror}); set XLHEDGE_HOME to a "
                "folder that you may write to"
            ) from None
        db = self._connect("rwc")
        try:
            self._version(db)
            _write_ahead(db, self._busy)
            migrate(db)
        except BaseException:
            db.close()
            raise
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
        self._identity = self._now_there()
        db.execute("PRAGMA synchronous = NORMAL")
        return db

    def _version(self, db: sqlite3.Connection) -> int:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise StoreError(
                f"{self.path} was written by a newer xlhedge; upgrade this one, or set "
                "XLHEDGE_HOME to another folder"
            )
        return version

    def _now_there(self) -> Identity | None:
        try:
            stat = os.stat(self.path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return stat.st_dev, stat.st_ino

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
        except (ValueError, TypeError, KeyError, ArithmeticError) as error:
            raise StoreError(
                f"{self.path} holds something unexpected ({error}); refresh, and if that does not "
                "help, move the file away"
            ) from None

    def _set_aside(self) -> str:
        """Move a damaged file (and its log) aside; return the sentence about it."""
        damaged = self._identity
        self.close()
        if self._now_there() != damaged:
            return f"the store {self.path} was damaged and has been replaced; refresh again"
        aside = self.path.with_name(f"{self.path.name}.damaged-{time.time_ns() // 1_000_000}")
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
