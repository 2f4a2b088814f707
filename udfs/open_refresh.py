"""The refresh of a workbook that is open in Excel: fetch, store, write the named cells, say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING

import xlwings as xw

from udfs import DECLARED
from udfs.live import asked_by_cells
from udfs.open_book import OpenBook
from xlhedge.errors import HedgeError, QuoteError

if TYPE_CHECKING:
    from xlhedge.commands._market import Market
    from xlhedge.live import LiveQuotes

__all__ = ["Refreshed", "refresh_book"]

Asked = tuple[str, str]

NEEDED = ("in_venue", "in_symbol", "live_mark", "live_funding_rate", "live_status")
STATUS_CELL = "refresh_status"  # a line of text, in workbooks that have such a cell
LIVE_FUNCTIONS = tuple(f"{d.name}(" for d in DECLARED.values() if d.subject == "Live quotes")


@dataclass
class Refreshed:
    """How a refresh ended.

    Attributes
    ----------
    line : str
        One line for a person: the selected contract, then what failed.
    status : str
        LIVE, STALE or SNAPSHOT of the selected contract; "" where the workbook has none.
    venues : dict
        For each venue asked: "LIVE", or why it did not answer.
    changed : int
        How many cells were written.
    """

    line: str
    status: str = ""
    venues: dict[str, str] = field(default_factory=dict)
    changed: int = 0


def refresh_book(book: xw.Book, live: LiveQuotes | None, environ: Mapping[str, str]) -> Refreshed:
    """Refresh an open workbook; see :func:`udfs.button.refresh`."""
    try:
        done = _refreshed(book, live, environ)
    except HedgeError as error:
        done = Refreshed(str(error))
        _mark_stale(book, str(error))
    except Exception as error:  # a dialog with a traceback would help nobody
        done = Refreshed(f"the refresh failed ({type(error).__name__}: {error})")
        _mark_stale(book, done.line)
    _recalculate(book)
    return done


def _refreshed(book: xw.Book, live: LiveQuotes | None, environ: Mapping[str, str]) -> Refreshed:
    from xlhedge.commands._market import gather
    from xlhedge.live import open_live
    from xlhedge.workbook.fill import put_market
    from xlhedge.workbook.layout import check_results, check_schema

    live = open_live(environ) if live is None else live
    cells = OpenBook(book)
    has_names = any(cells.has(name) for name in NEEDED)
    if has_names:
        cells.require(NEEDED)
        check_schema(cells)
        check_results(cells)
    wanted = _wanted(cells, live, has_names)
    if not wanted:
        raise QuoteError(
            "nothing to refresh: the workbook has no cells in_venue and in_symbol, and no function "
            "has asked for a quote"
        )
    with redirect_stderr(StringIO()):  # Python under Excel has a console that nobody sees, or none
        market = gather(wanted, live, environ, history_of=wanted[:1] if has_names else ())
    done = _report(market, wanted)
    if not has_names:
        done.line = f"{live.clock():%H:%M} UTC: {_counted(market, wanted)}{_failed(market)}"
        return done
    was = _contract(cells)
    selected = market.quotes.get(wanted[0])
    quote, left_out = put_market(
        cells,
        [market.quotes[key] for key in wanted if key in market.quotes],
        market.history.get((selected.venue, selected.symbol), ()) if selected else (),
        live.clock,
        market.reasons(),
        was,
    )
    done.status = str(cells.read("live_status") or "")
    about = "no quote" if quote is None else f"{quote.venue} {quote.symbol} {done.status}"
    done.line = f"{live.clock():%H:%M} UTC: {about}, {_counted(market, wanted)}{_failed(market)}"
    for doubt in market.doubts_to_tell(quote):
        done.line += f"; {doubt}"
    if left_out:
        done.line += f"; no room in the table for {', '.join(left_out)}"
    if cells.has(STATUS_CELL):
        cells.write(STATUS_CELL, done.line)
    done.changed = cells.flush()
    return done


def _wanted(cells: OpenBook, live: LiveQuotes, has_names: bool) -> list[Asked]:
    """Return what to fetch: the selected contract first, the table's, what functions asked for."""
    from xlhedge.venues import check_name
    from xlhedge.workbook.tables import contracts_listed

    wanted: list[Asked] = []
    if has_names:
        venue, symbol = (str(cells.read(name) or "").strip() for name in ("in_venue", "in_symbol"))
        if not venue or not symbol:
            raise QuoteError("in_venue or in_symbol is empty; fill both in, then refresh")
        wanted.append((check_name(venue), symbol))
        if cells.has("funding_table"):
            wanted += contracts_listed(cells)
    wanted += asked_by_cells()
    if not wanted:
        wanted += list(live.store.quotes())
    known = []
    for venue, symbol in wanted:
        try:
            known.append((check_name(venue), symbol))
        except HedgeError:
            continue  # a row of a venue that this version does not know keeps its numbers
    return list(dict.fromkeys(known))


def _contract(cells: OpenBook) -> tuple[object, object] | None:
    names = ("live_venue", "live_symbol")
    if not all(cells.has(name) for name in names):
        return ("", "")
    return tuple(cells.read(name) for name in names)


def _report(market: Market, wanted: Sequence[Asked]) -> Refreshed:
    venues = {}
    for key in wanted:
        venue, error = key[0], market.errors.get(key)
        if error is not None:
            venues[venue] = str(error)
        else:
            venues.setdefault(venue, "LIVE")
    return Refreshed("", venues=venues)


def _counted(market: Market, wanted: Sequence[Asked]) -> str:
    good = sum(key not in market.errors for key in wanted)
    return f"{good} of {len(wanted)} contract(s) fetched"


def _failed(market: Market) -> str:
    reasons = list(dict.fromkeys(map(str, market.errors.values())))
    return f"; not fetched: {'; '.join(reasons)}" if reasons else ""


def _mark_stale(book: xw.Book, reason: str) -> None:
    """Say in the workbook, where it has the cells, that its numbers are old and why."""
    from xlhedge.workbook.live_block import mark_stale

    try:
        cells = OpenBook(book)
        if cells.has("live_status"):
            mark_stale(cells, reason)
        if cells.has(STATUS_CELL):
            cells.write(STATUS_CELL, reason)
        cells.flush()
    except Exception:
        return  # the status bar still says it


def _recalculate(book: xw.Book) -> None:
    """Compute functions of live quotes anew: they are not volatile, so Excel would not."""
    try:
        if any(_reads_quotes(sheet) for sheet in book.sheets):
            book.app.api.CalculateFull()
    except Exception:
        return  # F9 with Ctrl and Alt does the same


def _reads_quotes(sheet: xw.Sheet) -> bool:
    formulas = sheet.used_range.formula
    rows = formulas if isinstance(formulas, list | tuple) else ((formulas,),)
    return any(
        isinstance(text, str) and text.startswith("=") and _calls_live(text.upper())
        for row in rows
        for text in (row if isinstance(row, list | tuple) else (row,))
    )


def _calls_live(formula: str) -> bool:
    return any(function in formula for function in LIVE_FUNCTIONS)
