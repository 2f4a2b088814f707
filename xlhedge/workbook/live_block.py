"""The live block: what a quote puts into the cells ``live_...`` of a workbook."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from xlhedge.errors import WorkbookError
from xlhedge.outcome import CHECK
from xlhedge.workbook.cells import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlhedge.quotes import Quote
    from xlhedge.workbook.named_cells import NamedCells

__all__ = ["chosen", "fill_live", "mark_stale"]

LIVE, STALE = "LIVE", "STALE"


def live_values(quote: Quote) -> dict[str, Value | datetime]:
    """Return the value of each live cell for a quote."""
    return {
        "live_venue": quote.venue,
        "live_symbol": quote.symbol,
        "live_coin": quote.coin,
        "live_contract_type": quote.contract_type,
        "live_margin_coin": quote.margin_coin,
        "live_mark": quote.mark,
        "live_index": quote.index,
        "live_funding_rate": quote.funding_rate,
        "live_funding_kind": quote.funding_kind,
        "live_interval_hours": quote.interval_hours,
        "live_interval_source": _interval_source(quote),
        "live_next_funding": quote.next_funding,
        "live_contract_size": quote.contract_size,
        "live_size_unit": quote.size_unit,
        "live_lot_size": quote.lot_size,
        "live_maintenance_rate": quote.maintenance_rate,
        "live_taker_fee": quote.taker_fee,
        "live_maker_fee": quote.maker_fee,
        "live_fee_source": quote.fee_source,
        "live_quote_time": quote.time,
        "live_received": quote.received,
        "live_source": quote.source,
        "live_status": str(quote.status),
    }


def _interval_source(quote: Quote) -> str:
    """Say in few words who stated the interval: the cell is narrow."""
    words = {"stated": "stated by the venue", "inferred": "inferred from settlements"}
    return words.get(quote.interval_source, "the venue's default")


def chosen(quotes: Sequence[Quote], venue: Value, symbol: Value) -> Quote | None:
    """Return the quote of the selected contract: by the venue's symbol, else by its coin."""
    name, asked = str(venue or "").strip().lower(), str(symbol or "").strip().upper()
    at_venue = [quote for quote in quotes if quote.venue.lower() == name]
    for quote in at_venue:
        if quote.symbol.upper() == asked:
            return quote
    for quote in at_venue:
        if quote.coin.upper() == asked and quote.contract_type == "inverse":
            return quote
    return None


def fill_live(book: NamedCells, quote: Quote, reason: str | None = None) -> None:
    """Write a quote into the live cells; `reason` says why it is not fresh, or is doubtful.

    A workbook never goes back in time: where it holds a newer quote of the same contract, that
    quote stays and is marked stale.

    Raises
    ------
    WorkbookError
        The contract is not inverse and the workbook has no cell to say so: its formulas would
        take it for an inverse one.
    """
    if quote.contract_type != "inverse" and not book.has("live_contract_type"):
        raise WorkbookError(
            f"{book.label}: {quote.venue} {quote.symbol} is a {quote.contract_type} contract, and "
            "this workbook has no cell live_contract_type to say so; choose an inverse contract"
        )
    if str(quote.status) != LIVE and _holds_newer(book, quote):
        mark_stale(book, reason or "the refresh brought nothing newer")
        return
    for name, value in live_values(quote).items():
        if book.has(name):
            book.write(name, value)
    if book.has("live_note"):
        book.write("live_note", reason)


def mark_stale(book: NamedCells, reason: str) -> None:
    """Keep the numbers that are there, and say that they are old and why; a doubt stays."""
    if book.read("live_status") == LIVE:
        book.write("live_status", STALE)
    if book.has("live_note"):
        said = str(book.read("live_note") or "")
        doubt = said[said.index(CHECK) :] if CHECK in said else ""
        book.write("live_note", reason if CHECK in reason or not doubt else f"{reason}; {doubt}")


def _holds_newer(book: NamedCells, quote: Quote) -> bool:
    stored = book.read("live_quote_time")
    if not isinstance(stored, float) or not stored:
        return False
    for name, own in (("live_venue", quote.venue), ("live_symbol", quote.symbol)):
        if book.has(name) and str(book.read(name) or "").lower() != own.lower():
            return False
    return book.time(stored) > quote.time
