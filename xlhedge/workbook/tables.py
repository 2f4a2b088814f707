"""The tables that a refresh fills: funding of every contract, history of the selected one.

Columns are found by their header, so that a company's own template may have fewer of them or in
another order. Columns with other headers, and cells that hold formulas, are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from xlhedge.errors import WorkbookError
from xlhedge.workbook.cells import Value

if TYPE_CHECKING:
    from xlhedge.quotes import FundingRow, Quote
    from xlhedge.workbook.named_cells import Area, NamedCells

__all__ = ["Table", "contracts_listed", "fill_funding", "fill_history"]

Row = dict[str, Value]
FUNDING_KEYS = ("venue", "symbol")


class Table:
    """A header row and the rows under it.

    Parameters
    ----------
    book : Book
        The workbook.
    name : str
        Defined name of the block, header row included.
    needed : sequence of str
        Headers that must be there.
    known : iterable of str
        Headers that tools fill.
    """

    def __init__(
        self, book: NamedCells, name: str, needed: Sequence[str], known: Iterable[str]
    ) -> None:
        self.book = book
        self.area: Area = book.area(name)
        self.sheet = book.sheet(self.area.sheet)
        self.columns: dict[str, int] = {}
        for column in range(self.area.left, self.area.right + 1):
            header = self.sheet.value(self.area.top, column)
            word = str(header or "").strip().lower()
            if word in known and word not in self.columns:
                self.columns[word] = column
        missing = [header for header in needed if header not in self.columns]
        if missing:
            raise WorkbookError(
                f"{book.label}: the header row of {name} lacks {', '.join(missing)}"
            )

    @property
    def capacity(self) -> int:
        """How many rows fit."""
        return self.area.bottom - self.area.top

    def rows(self) -> list[Row]:
        """Return the rows that hold something in their first needed column, values by header."""
        first = next(iter(self.columns.values()))
        found = []
        for number in range(self.area.top + 1, self.area.bottom + 1):
            if self.sheet.value(number, first) is not None:
                found.append(
                    {word: self.sheet.value(number, at) for word, at in self.columns.items()}
                )
        return found

    def write(self, rows: Sequence[Mapping[str, Value | datetime]]) -> None:
        """Write rows from the top and empty the rest."""
        for step in range(self.capacity):
            row = rows[step] if step < len(rows) else {}
            number = self.area.top + 1 + step
            for word, column in self.columns.items():
                if self.sheet.holds_formula(number, column):
                    continue
                value = row.get(word)
                plain = self.book.serial(value) if isinstance(value, datetime) else value
                self.sheet.write(number, column, plain)


def _funding_row(quote: Quote, note: str | None) -> dict[str, Value | datetime]:
    return {
        "venue": quote.venue,
        "symbol": quote.symbol,
        "coin": quote.coin,
        "contract type": quote.contract_type,
        "funding rate": quote.funding_rate,
        "kind": quote.funding_kind,
        "interval h": quote.interval_hours,
        "apr": quote.apr,
        "next settlement": quote.next_funding,
        "mark": quote.mark,
        "index": quote.index,
        "basis": quote.basis,
        "quote time": quote.time,
        "status": str(quote.status),
        "contract size": quote.contract_size,
        "size unit": quote.size_unit,
        "margin coin": quote.margin_coin,
        "lot size": quote.lot_size,
        "maintenance rate": quote.maintenance_rate,
        "taker fee": quote.taker_fee,
        "note": note,
    }


FUNDING_HEADERS = (
    "venue",
    "symbol",
    "coin",
    "contract type",
    "funding rate",
    "kind",
    "interval h",
    "apr",
    "next settlement",
    "mark",
    "index",
    "basis",
    "quote time",
    "status",
    "contract size",
    "size unit",
    "margin coin",
    "lot size",
    "maintenance rate",
    "taker fee",
    "note",
)
FUNDING_NEEDED = (*FUNDING_KEYS, "funding rate", "status")


def _funding_table(book: NamedCells) -> Table:
    return Table(book, "funding_table", FUNDING_NEEDED, FUNDING_HEADERS)


def contracts_listed(book: NamedCells) -> list[tuple[str, str]]:
    """Return venue and symbol of each row of the funding table."""
    rows = _funding_table(book).rows()
    return [(str(row["venue"]), str(row["symbol"])) for row in rows if row["symbol"]]


def fill_funding(
    book: NamedCells,
    quotes: Sequence[Quote],
    reasons: Mapping[tuple[str, str], str],
    first: Quote | None = None,
) -> list[str]:
    """Write a row for each quote; rows that were not refreshed stay and are marked stale.

    Parameters
    ----------
    quotes : sequence of Quote
        What is known now.
    reasons : mapping
        Venue and symbol (upper case) to why a fresh quote is missing.
    first : Quote, optional
        The selected contract, which goes on top.

    Returns
    -------
    list of str
        Contracts for which the table has no room.
    """
    table = _funding_table(book)
    old = {(str(row["venue"]).lower(), str(row["symbol"]).upper()): row for row in table.rows()}
    rows: dict[tuple[str, str], Mapping[str, Value | datetime]] = {}
    for quote in ([first] if first is not None else []) + list(quotes):
        key = (quote.venue.lower(), quote.symbol.upper())
        reason = reasons.get(key) or reasons.get((key[0], quote.coin.upper()))
        known = old.get(key)
        if str(quote.status) != "LIVE" and known is not None and _newer(book, known, quote):
            rows.setdefault(key, _kept(known, reason))
        else:
            note = reason if str(quote.status) != "LIVE" else None
            rows.setdefault(key, _funding_row(quote, note))
    for key, row in old.items():
        rows.setdefault(key, _kept(row, reasons.get(key)))
    whole = list(rows.values())
    table.write(whole[: table.capacity])
    return [f"{row['venue']} {row['symbol']}" for row in whole[table.capacity :]]


def _newer(book: NamedCells, row: Row, quote: Quote) -> bool:
    stored = row.get("quote time")
    return isinstance(stored, float) and stored > 0 and book.time(stored) > quote.time


def _kept(row: Row, reason: str | None) -> Row:
    status = "STALE" if row.get("status") == "LIVE" else row.get("status")
    return row | {"status": status, "note": reason or row.get("note") or "not refreshed this time"}


def fill_history(book: NamedCells, history: Sequence[FundingRow]) -> None:
    """Write past settlements, newest first, as many as fit, and empty the rest."""
    table = Table(book, "history_table", ("time", "rate"), ("time", "rate", "kind", "mark"))
    newest_first = sorted(history, key=lambda row: row.time, reverse=True)
    table.write(
        [
            {"time": row.time, "rate": row.rate, "kind": row.kind, "mark": row.mark}
            for row in newest_first[: table.capacity]
        ]
    )
