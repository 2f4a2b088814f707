"""The tables of the store and the steps from one version of them to the next.

``STEPS[n]`` turns version n into n + 1; ``PRAGMA user_version`` says where a file stands. A step
is never changed once released: a new one is added.
"""

from __future__ import annotations

import sqlite3

__all__ = ["VERSION", "migrate"]

STEPS: tuple[tuple[str, ...], ...] = (
    (
        # The last good quote of each contract; times in UTC seconds, the rest as JSON
        """CREATE TABLE quotes (
            venue TEXT NOT NULL, symbol TEXT NOT NULL, time REAL NOT NULL, record TEXT NOT NULL,
            PRIMARY KEY (venue, symbol)) WITHOUT ROWID""",
        # Settlements; time is rounded to the minute, so that each is there once
        """CREATE TABLE settlements (
            venue TEXT NOT NULL, symbol TEXT NOT NULL, time INTEGER NOT NULL, rate REAL NOT NULL,
            kind TEXT NOT NULL, mark REAL, PRIMARY KEY (venue, symbol, time)) WITHOUT ROWID""",
        # The span of time whose settlements are all there: one a contract, without gaps
        """CREATE TABLE spans (
            venue TEXT NOT NULL, symbol TEXT NOT NULL, first REAL NOT NULL, last REAL NOT NULL,
            PRIMARY KEY (venue, symbol)) WITHOUT ROWID""",
        # How the last refresh of each asked symbol ended; kind is '' for success
        """CREATE TABLE outcomes (
            venue TEXT NOT NULL, asked TEXT NOT NULL, time REAL NOT NULL, kind TEXT NOT NULL,
            message TEXT NOT NULL, PRIMARY KEY (venue, asked)) WITHOUT ROWID""",
        # Venues that asked to be left alone, and until when
        """CREATE TABLE bans (
            venue TEXT PRIMARY KEY, until REAL NOT NULL, message TEXT NOT NULL) WITHOUT ROWID""",
        "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    ),
    (
        # Quotes and histories fail for reasons of their own: what was fetched joins the key
        "ALTER TABLE outcomes RENAME TO outcomes_of_quotes",
        """CREATE TABLE outcomes (
            venue TEXT NOT NULL, asked TEXT NOT NULL, what TEXT NOT NULL, time REAL NOT NULL,
            kind TEXT NOT NULL, message TEXT NOT NULL,
            PRIMARY KEY (venue, asked, what)) WITHOUT ROWID""",
        """INSERT INTO outcomes SELECT venue, asked, 'quote', time, kind, message
            FROM outcomes_of_quotes""",
        "DROP TABLE outcomes_of_quotes",
    ),
)
VERSION = len(STEPS)


def migrate(db: sqlite3.Connection) -> None:
    """Bring a store to :data:`VERSION`, in one transaction; two processes may try at once."""
    if db.execute("PRAGMA user_version").fetchone()[0] >= VERSION:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        stands_at = db.execute("PRAGMA user_version").fetchone()[0]
        for step in STEPS[stands_at:]:
            for statement in step:
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {max(VERSION, stands_at)}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
