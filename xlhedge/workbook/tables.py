"""The tables that a refresh fills: funding of every contract, history of the selected one.

Columns are found by their header, so that a company's own template may have fewer of them or in
another order. Columns with other headers, and cells that hold formulas, are left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from xlhedge.workbook.bags import bags_listed
from xlhedge.workbook.cells import Value
from xlhedge.workbook.live_block import chosen
from xlhedge.workbook.table import Row, Table

if TYPE_CHECKING:
    from xlhedge.quotes import FundingRow, Quote
    from xlhedge.workbook.named_cells import NamedCells

__all__ = [
    "contracts_listed",
    "fill_funding",
    "fill_history",
    "mark_funding_stale",
    "reason_of",
]

FUNDING_KEYS = ("venue", "symbol")
NO_DATA = "NO DATA"  # status of a bag's contract of which no quote is known


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
ALSO_CALLED = {
    "exchange": "venue",
    "contract": "symbol",
    "rate": "funding rate",
    "interval": "interval h",
    "interval hours": "interval h",
    "next funding": "next settlement",
    "mark price": "mark",
    "index price": "index",
    "time": "quote time",
}
FUNDING_NEEDED = (*FUNDING_KEYS, "funding rate", "status")


def _funding_table(book: NamedCells) -> Table:
    return Table(book, "funding_table", FUNDING_NEEDED, FUNDING_HEADERS, ALSO_CALLED)


def contracts_listed(book: NamedCells) -> list[tuple[str, str]]:
    """Return venue and symbol of each bag, then of each row of the funding table."""
    rows = [row for row in _funding_table(book).rows() if row["status"] != NO_DATA]
    listed = [(str(row["venue"]), str(row["symbol"])) for row in rows if row["symbol"]]
    return list(dict.fromkeys([*bags_listed(book), *listed]))


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
        Venue and symbol (upper case) to why a fresh quote is missing, or why one is doubtful.
    first : Quote, optional
        The selected contract, which goes on top.

    Returns
    -------
    list of str
        Contracts for which the table has no room.
    """
    table = _funding_table(book)
    old = {
        (str(row["venue"]).lower(), str(row["symbol"]).upper()): row
        for row in table.rows()
        if row["status"] != NO_DATA
    }
    bags = {bag: chosen(quotes, *bag) for bag in bags_listed(book)}
    of_bags = [quote for quote in bags.values() if quote is not None]
    rows: dict[tuple[str, str], Mapping[str, Value | datetime]] = {}
    for quote in ([first] if first is not None else []) + of_bags + list(quotes):
        key = (quote.venue.lower(), quote.symbol.upper())
        reason = reason_of(quote, reasons)
        known = old.get(key)
        if str(quote.status) != "LIVE" and known is not None and _newer(book, known, quote):
            rows.setdefault(key, _kept(known, reason))
        else:
            rows.setdefault(key, _funding_row(quote, reason))
    for key, row in old.items():
        rows.setdefault(key, _kept(row, reasons.get(key)))
    missing = [bag for bag, quote in bags.items() if quote is None and not _holds(rows, bag)]
    whole = [*rows.values(), *(_without_data(bag, reasons) for bag in missing)]
    if len(whole) > table.capacity:  # bags come before contracts that are only compared
        asked = {(bag[0].lower(), bag[1].upper()) for bag in bags}
        whole.sort(key=lambda row: not _is_asked(row, asked, first))
    table.write(whole[: table.capacity])
    return [f"{row['venue']} {row['symbol']}" for row in whole[table.capacity :]]


def reason_of(quote: Quote, reasons: Mapping[tuple[str, str], str]) -> str | None:
    """Return why a quote is not fresh, or why a fresh one is doubtful, where that is known."""
    words = [quote.symbol] if str(quote.status) == "LIVE" else [quote.symbol, quote.coin]
    found = (reasons.get((quote.venue.lower(), word.upper())) for word in words)
    return "; ".join(dict.fromkeys(filter(None, found))) or None


def _holds(rows: Mapping[tuple[str, str], Mapping[str, object]], bag: tuple[str, str]) -> bool:
    venue, symbol = bag[0].lower(), bag[1].upper()
    return (venue, symbol) in rows or any(
        key[0] == venue
        and str(row.get("coin")).upper() == symbol
        and row.get("contract type") == "inverse"
        for key, row in rows.items()
    )


def _without_data(
    bag: tuple[str, str], reasons: Mapping[tuple[str, str], str]
) -> dict[str, Value | datetime]:
    """Return the row of a bag's contract of which nothing is known, with the reason."""
    venue, symbol = bag
    reason = reasons.get((venue.lower(), symbol.upper()))
    reason = reason or f"no quote of {venue} {symbol} is known"
    return {"venue": venue.lower(), "symbol": symbol, "status": NO_DATA, "note": reason}


def _is_asked(row: Mapping[str, object], asked: set[tuple[str, str]], first: Quote | None) -> bool:
    venue = str(row["venue"]).lower()
    keys = {(venue, str(row[word]).upper()) for word in ("symbol", "coin") if row.get(word)}
    return bool(keys & asked) or (first is not None and (first.venue, first.symbol.upper()) in keys)


def _newer(book: NamedCells, row: Row, quote: Quote) -> bool:
    stored = row.get("quote time")
    return isinstance(stored, float) and stored > 0 and book.time(stored) > quote.time


def _kept(row: Row, reason: str | None) -> Row:
    status = "STALE" if row.get("status") == "LIVE" else row.get("status")
    return row | {"status": status, "note": reason or row.get("note") or "not refreshed this time"}


def mark_funding_stale(book: NamedCells, reason: str) -> int:
    """Keep every row of the funding table as it is, no longer as live; return how many were."""
    table, count = _funding_table(book), 0
    for number in table.numbers():
        status, note = table.columns["status"], table.columns.get("note")
        if table.sheet.value(number, status) == "LIVE":
            count += 1
            table.sheet.write(number, status, "STALE")
            if note is not None:
                warning = table.sheet.value(number, note)
                table.sheet.write(number, note, f"{reason}; {warning}" if warning else reason)
    return count


def fill_history(book: NamedCells, history: Sequence[FundingRow]) -> None:
    """Write past settlements, newest first, as many as fit, and empty the rest."""
    known = ("time", "rate", "kind", "mark")
    table = Table(book, "history_table", known[:2], known, {"funding rate": "rate"})
    newest_first = sorted(history, key=lambda row: row.time, reverse=True)
    table.write(
        [
            {"time": row.time, "rate": row.rate, "kind": row.kind, "mark": row.mark}
            for row in newest_first[: table.capacity]
        ]
    )
