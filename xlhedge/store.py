"""The user's store: last good quotes, past settlements, why refreshes failed.

One SQLite file in write-ahead mode: a refresh writes while Excel and the command line read. A read
of quotes costs a look at the file's change counter; the quotes themselves are read again only
when somebody has written.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from xlhedge._database import Database
from xlhedge._stored import HISTORY, QUOTE, RATE, Failure, Span
from xlhedge.errors import StoreError
from xlhedge.quotes import FundingRow, Quote, from_record, to_record

__all__ = ["HISTORY", "QUOTE", "RATE", "Failure", "Span", "Store", "home_folder"]

FILE_NAME = "quotes.sqlite"
BUSY_SECONDS = 5.0

Key = tuple[str, str]  # venue, symbol

# Tables that hold something of one contract, and the column that names it
OF_CONTRACTS = (
    ("quotes", "symbol"),
    ("settlements", "symbol"),
    ("spans", "symbol"),
    ("outcomes", "asked"),
)


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
        self._file = Database(self.path, busy_seconds)
        self._seen: tuple[int, int] | None = None  # file and version that the caches are of
        self._quotes: Mapping[Key, Quote] = MappingProxyType({})
        self._settings: Mapping[str, str] = MappingProxyType({})

    # -- reading ----------------------------------------------------------------------------

    def quotes(self) -> Mapping[Key, Quote]:
        """Return all stored quotes by venue and symbol; the same object until somebody writes."""
        return self.look()[0]

    def setting(self, name: str) -> str | None:
        """Return a setting's text, or None where it was never set."""
        return self.look()[1].get(name)

    def look(self) -> tuple[Mapping[Key, Quote], Mapping[str, str]]:
        """Return quotes and settings, as a cell reads them: one look at the file."""
        with self._file.reading() as db:
            if db is None:
                self._seen = None
                return MappingProxyType({}), MappingProxyType({})
            # the version is read before the rows: rows written meanwhile are read once more
            seen = self._file.opened, db.execute("PRAGMA data_version").fetchone()[0]
            if seen != self._seen:
                self._quotes = _good(_rows(db, "SELECT venue, symbol, record FROM quotes"))
                self._settings = dict(_rows(db, "SELECT name, value FROM settings"))
                self._seen = seen
            return self._quotes, self._settings

    def history(
        self, venue: str, symbol: str, count: int | None = None, since: datetime | None = None
    ) -> list[FundingRow]:
        """Return the latest settlements, newest first: `count` of them, or those since a time."""
        with self._file.reading() as db:
            rows = _rows(
                db,
                "SELECT time, rate, kind, mark FROM settlements WHERE venue = ? AND symbol = ? "
                "AND time >= ? ORDER BY time DESC LIMIT ?",
                (venue, symbol, since.timestamp() if since else 0, -1 if count is None else count),
            )
            return [FundingRow(_time(row[0]), *row[1:]) for row in rows]

    def spans(self, venue: str) -> dict[str, Span]:
        """Return, by symbol, of which time a venue's settlements are stored without a gap."""
        with self._file.reading() as db:
            rows = _rows(
                db,
                "SELECT symbol, first, last, (SELECT max(time) - min(time) FROM (SELECT time FROM "
                "settlements WHERE venue = spans.venue AND symbol = spans.symbol "
                "ORDER BY time DESC LIMIT 2)) FROM spans WHERE venue = ?",
                (venue,),
            )
            return {
                symbol: Span(_time(first), _time(last), timedelta(seconds=step) if step else None)
                for symbol, first, last, step in rows
            }

    def failures(self) -> list[Failure]:
        """Return why the latest refreshes failed, newest first; successes are left out."""
        return self._outcomes("what <> ?")

    def warnings(self) -> list[Failure]:
        """Return why rates that were stored are doubtful, newest first, by the venue's symbol."""
        return self._outcomes("what = ?")

    def ban(self, venue: str, now: datetime) -> tuple[datetime, str] | None:
        """Return until when a venue is to be left alone and why, or None."""
        with self._file.reading() as db:
            rows = _rows(db, "SELECT until, message FROM bans WHERE venue = ?", (venue,))
            if not rows or _time(rows[0][0]) <= now:
                return None
            return _time(rows[0][0]), rows[0][1]

    # -- writing ----------------------------------------------------------------------------

    def save_quotes(self, quotes: Iterable[Quote]) -> None:
        """Store good quotes; an older quote never replaces a newer one."""
        with self._file.writing() as db:
            db.executemany(
                "INSERT INTO quotes VALUES (?, ?, ?, ?) ON CONFLICT (venue, symbol) DO UPDATE "
                "SET time = excluded.time, record = excluded.record "
                "WHERE excluded.time >= quotes.time",
                [(q.venue, q.symbol, q.time.timestamp(), _packed(q)) for q in quotes],
            )

    def save_history(
        self, venue: str, symbol: str, rows: Iterable[FundingRow], since: datetime, until: datetime
    ) -> None:
        """Store all settlements that the venue has shown from `since` to `until`.

        What counts as known ends with the newest of them, not with `until`: a venue may publish a
        settlement minutes late, and the next fetch must still find it. A span that neither
        overlaps nor touches what is stored would leave a gap and is refused.
        """
        records = [(venue, symbol, _minute(r.time), r.rate, r.kind, r.mark) for r in rows]
        with self._file.writing() as db:
            known = db.execute(
                "SELECT first, last FROM spans WHERE venue = ? AND symbol = ?", (venue, symbol)
            ).fetchone()
            first, last = since.timestamp(), max((row[2] for row in records), default=None)
            if known is None and last is None:
                return
            if known is not None:
                if first > known[1] or until.timestamp() < known[0]:
                    raise StoreError(
                        f"settlements of {venue} {symbol} from {since} to {until} would leave a "
                        "gap; fetch the spans that are missing"
                    )
                first, last = min(first, known[0]), max(last or known[1], known[1])
            db.executemany("INSERT OR REPLACE INTO settlements VALUES (?, ?, ?, ?, ?, ?)", records)
            db.execute(
                "INSERT OR REPLACE INTO spans VALUES (?, ?, ?, ?)", (venue, symbol, first, last)
            )

    def save_outcomes(
        self,
        outcomes: Iterable[tuple[str, str, Exception | str | None]],
        now: datetime,
        what: str = QUOTE,
    ) -> None:
        """Store how a refresh ended: (venue, asked, error, warning or None) each."""
        rows = [
            (venue, asked, what, now.timestamp(), *_kind_and_message(error))
            for venue, asked, error in outcomes
        ]
        with self._file.writing() as db:
            db.executemany("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?, ?)", rows)

    def save_ban(self, venue: str, until: float, message: str) -> None:
        """Remember that a venue is to be left alone until a time (UTC seconds), or longer."""
        with self._file.writing() as db:
            db.execute(
                "INSERT INTO bans VALUES (?, ?, ?) ON CONFLICT (venue) DO UPDATE "
                "SET until = excluded.until, message = excluded.message "
                "WHERE excluded.until > bans.until",
                (venue, until, message),
            )

    def save_setting(self, name: str, value: str | None) -> None:
        """Store a setting, or forget it (None)."""
        with self._file.writing() as db:
            if value is None:
                db.execute("DELETE FROM settings WHERE name = ?", (name,))
            else:
                db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    def forget(self, venue: str, words: Iterable[str]) -> int:
        """Forget all that is stored of a contract; return how many entries that were.

        Parameters
        ----------
        venue : str
            The venue's name.
        words : iterable of str
            The contract's symbol, and what it was asked for as; their case does not matter.
        """
        count = 0
        with self._file.writing() as db:
            for word in {word.upper() for word in words}:
                for table, column in OF_CONTRACTS:
                    count += db.execute(
                        f"DELETE FROM {table} WHERE venue = ? AND upper({column}) = ?",
                        (venue, word),
                    ).rowcount
        return count

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._file.close()

    def _outcomes(self, which: str) -> list[Failure]:
        with self._file.reading() as db:
            rows = _rows(
                db,
                "SELECT time, venue, asked, kind, message, what FROM outcomes WHERE kind <> '' "
                f"AND {which} ORDER BY time DESC, venue, asked, what DESC",
                (RATE,),
            )
            return [Failure(_time(row[0]), *row[1:]) for row in rows]


def _good(records: Iterable[tuple[str, str, str]]) -> Mapping[Key, Quote]:
    """Return the quotes that can be read; of another, nothing is stored: a refresh replaces it."""
    quotes: dict[Key, Quote] = {}
    for venue, symbol, record in records:
        try:
            quotes[venue, symbol] = from_record(json.loads(record, parse_constant=_no_constant))
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, OSError):
            continue
    return MappingProxyType(quotes)


def _kind_and_message(error: Exception | str | None) -> tuple[str, str]:
    if isinstance(error, str):
        return "warning", error
    return ("", "") if error is None else (type(error).__name__, str(error))


def _rows(db: sqlite3.Connection | None, query: str, values: tuple = ()) -> list[tuple[Any, ...]]:
    return [] if db is None else db.execute(query, values).fetchall()


def _packed(quote: Quote) -> str:
    return json.dumps(to_record(quote), allow_nan=False, separators=(",", ":"))


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} stands where a number should")


def _minute(time: datetime) -> int:
    return round(time.timestamp() / 60) * 60


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
