"""Live quotes: what the last refresh stored. No function here opens a socket.

Numbers that move (mark, index, basis, rate) are given only while the quote is within the age
limit; after that their cells show #N/A, and HEDGE_ERRORS() says of when the last quote is. What
rarely changes (face value, interval, lot) is given from an older quote or from the bundled
snapshot too; ``PERP(venue, symbol, "status")`` tells which it is.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from udfs.cell_errors import REASONS
from udfs.declaration import worksheet
from xlhedge.domain import COUNT, Numbers, Single
from xlhedge.errors import NoValueError, QuoteError, UnknownWordError

if TYPE_CHECKING:
    from xlhedge.live import LiveQuotes
    from xlhedge.quotes import Quote

Text = str
Cell = float | str | datetime

_SUBJECT = "Live quotes"
_VENUE = "binance, bybit, bingx, mexc, weex, okx, deribit or kraken (in any case)."
_SYMBOL = (
    'The venue\'s own symbol ("BTCUSD_PERP"), or a coin ("BTC"): its inverse perpetual in USD.'
)

_MOVING = frozenset({"mark", "index", "basis", "funding_rate", "apr", "next_funding"})
_SETTINGS = ("XLHEDGE_HOME", "XLHEDGE_MAX_AGE_MINUTES")

ASKED_MOST = 200

_asked: dict[tuple[str, str], None] = {}  # what cells asked for: the refresh button fetches it
_opened: tuple[tuple[str | None, ...], LiveQuotes] | None = None


def _quotes(venue: Any = None, symbol: Any = None) -> LiveQuotes:
    """Return the user's quotes, opened at the first call and when the settings change."""
    global _opened
    if venue.__class__ is str and symbol.__class__ is str and len(_asked) < ASKED_MOST:
        _asked[venue.strip().lower(), symbol.strip()] = None
    settings = tuple(os.environ.get(name) for name in _SETTINGS)
    if _opened is None or _opened[0] != settings:
        from xlhedge.live import open_live  # SQLite and JSON: not needed until a quote is

        _opened = (settings, open_live(os.environ))
    return _opened[1]


def asked_by_cells() -> list[tuple[str, str]]:
    """Return venue and symbol of each quote that a function of this process was asked for."""
    return list(_asked)


def _in_excel(value: Any) -> Any:
    """Return a value as a cell takes it: Excel's date-times know no time zone, these are UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def _field(quote: Quote, name: str) -> Any:
    value = quote.fields()[name]
    if value is None:
        raise NoValueError(f"{quote.venue} publishes no {name} of {quote.symbol}")
    return _in_excel(value)


def funding_rate(venue: Text, symbol: Text) -> Cell:
    """Return the funding rate, fraction per interval."""
    return _field(_quotes(venue, symbol).fresh(venue, symbol), "funding_rate")


def funding_interval(venue: Text, symbol: Text) -> Cell:
    """Return the hours between two settlements."""
    return _field(_quotes(venue, symbol).quote(venue, symbol), "interval_hours")


def next_funding(venue: Text, symbol: Text) -> Cell:
    """Return the time of the next settlement, UTC."""
    return _field(_quotes(venue, symbol).fresh(venue, symbol), "next_funding")


def mark_price(venue: Text, symbol: Text) -> Cell:
    """Return the mark price, USD per coin."""
    return _field(_quotes(venue, symbol).fresh(venue, symbol), "mark")


def index_price(venue: Text, symbol: Text) -> Cell:
    """Return the index price, USD per coin."""
    return _field(_quotes(venue, symbol).fresh(venue, symbol), "index")


def contract_size(venue: Text, symbol: Text) -> Cell:
    """Return the face value."""
    return _field(_quotes(venue, symbol).quote(venue, symbol), "contract_size")


def maintenance_rate(venue: Text, symbol: Text, notional: Numbers = 0) -> Cell:
    """Return the maintenance-margin rate of a tier."""
    from xlhedge.domain import NOT_NEGATIVE

    return _quotes(venue, symbol).maintenance_rate(
        venue, symbol, NOT_NEGATIVE("notional", notional)
    )


def quote_time(venue: Text, symbol: Text) -> Cell:
    """Return the venue's own time of the last quote, UTC."""
    return _field(_quotes(venue, symbol).quote(venue, symbol), "time")


def perp(venue: Text, symbol: Text, field: Text) -> Cell:
    """Return any field of the last quote."""
    from xlhedge.quotes import FIELDS

    name = field.strip().lower().replace(" ", "_")
    if name not in FIELDS:
        raise UnknownWordError("field", field, ", ".join(FIELDS))
    quotes = _quotes(venue, symbol)
    quote = quotes.fresh(venue, symbol) if name in _MOVING else quotes.quote(venue, symbol)
    return _field(quote, name)


def funding_history(venue: Text, symbol: Text, count: Single = 90) -> list[list[Cell]]:
    """Return the latest settlements, newest first."""
    rows = _quotes(venue, symbol).history(venue, symbol, max(int(COUNT("count", count)), 1))
    return [[_in_excel(row.time), row.rate] for row in rows]


def hedge_errors() -> list[list[Any]]:
    """Return the latest reasons for error values and failed refreshes, newest first."""
    rows = [
        (datetime.fromtimestamp(at, UTC), function, message)
        for at, function, message in REASONS.newest_first()
    ]
    try:
        rows += _quotes().reasons()
    except QuoteError as error:  # the store itself cannot be read: that is a reason too
        rows.append((datetime.fromtimestamp(0, UTC), "stored quotes", str(error)))
    rows.sort(key=lambda row: row[0], reverse=True)
    if not rows:
        return [[None, None, "no errors since the add-in was loaded"]]
    return [[_in_excel(at), what, message] for at, what, message in rows]


FUNDING_RATE = worksheet(
    funding_rate,
    _SUBJECT,
    "Funding rate of the last refresh, fraction per interval (above 0 longs pay shorts); #N/A when the quote is too old.",
    venue=_VENUE,
    symbol=_SYMBOL,
)
FUNDING_INTERVAL = worksheet(
    funding_interval,
    _SUBJECT,
    "Hours between two settlements of this contract.",
    venue=_VENUE,
    symbol=_SYMBOL,
)
NEXT_FUNDING = worksheet(
    next_funding,
    _SUBJECT,
    "Date and time of the next settlement, UTC; #N/A when the quote is too old or funding accrues continuously.",
    venue=_VENUE,
    symbol=_SYMBOL,
)
MARK_PRICE = worksheet(
    mark_price,
    _SUBJECT,
    "Mark price of the last refresh, USD per coin; #N/A when the quote is too old.",
    venue=_VENUE,
    symbol=_SYMBOL,
)
INDEX_PRICE = worksheet(
    index_price,
    _SUBJECT,
    "Index (spot) price of the last refresh, USD per coin; #N/A when the quote is too old.",
    venue=_VENUE,
    symbol=_SYMBOL,
)
CONTRACT_SIZE = worksheet(
    contract_size,
    _SUBJECT,
    "Face value: USD per contract of an inverse contract, coins per contract of a linear one.",
    venue=_VENUE,
    symbol=_SYMBOL,
)
MAINTENANCE_RATE = worksheet(
    maintenance_rate,
    _SUBJECT,
    "Maintenance-margin rate of the tier, fraction; #N/A where the venue publishes none.",
    venue=_VENUE,
    symbol=_SYMBOL,
    notional="Size of the position, USD; 0 (default) is the lowest tier.",
)
QUOTE_TIME = worksheet(
    quote_time,
    _SUBJECT,
    "Date and time of the last quote by the venue's own clock, UTC.",
    venue=_VENUE,
    symbol=_SYMBOL,
)
PERP = worksheet(
    perp,
    _SUBJECT,
    "Any field of the last quote; fields that move (mark, rate, ...) are #N/A when the quote is too old.",
    venue=_VENUE,
    symbol=_SYMBOL,
    field="mark, index, basis, funding_rate, funding_kind, interval_hours, apr, next_funding, contract_size, size_unit, margin_coin, lot_size, tick_size, maintenance_rate, taker_fee, maker_fee, time or status (LIVE, STALE, SNAPSHOT).",
)
FUNDING_HISTORY = worksheet(
    funding_history,
    _SUBJECT,
    "Spills the latest settlements, newest first: time (UTC) and rate (fraction per interval).",
    venue=_VENUE,
    symbol=_SYMBOL,
    count="How many settlements; default 90.",
)
HEDGE_ERRORS = worksheet(
    hedge_errors,
    _SUBJECT,
    "Spills the latest reasons for error values and failed refreshes, newest first: time (UTC), function, message.",
)
