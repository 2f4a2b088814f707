"""Rows of a reply: by their symbol, whichever way the venue wraps them, or as instruments."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Any

from xlhedge.errors import BadReply
from xlhedge.quotes import Instrument, Tier
from xlhedge.venues._reading import Row, list_rows

__all__ = [
    "UNREADABLE",
    "ladder",
    "of_symbol",
    "only_row",
    "readable",
    "rows_by_symbol",
    "step",
]

UNREADABLE = "unreadable"  # the contract type of a row that is not as the venue documents it


def rows_by_symbol(
    venue: str,
    where: str,
    data: Any,
    wanted: Container[str] | None = None,
    *,
    key: str = "symbol",
    spelled: Callable[[str], str] = str,
) -> dict[str, Row]:
    """Return the rows of a list, or a lone object, by symbol.

    A venue may answer for one symbol with an object or with a list of one: BingX documents the one
    and sends the other. Two rows of one symbol that differ cannot both be true, so that neither is
    taken.

    Parameters
    ----------
    venue, where : str
        For the complaints: whose reply, and which.
    data : object
        What json.loads gave.
    wanted : container of str, optional
        Symbols that are asked for: what the reply says of others does not matter. None means all.
    key : str
        Field that names the contract.
    spelled : callable
        Makes the usual spelling of a symbol from the reply's.

    Raises
    ------
    BadReply
        No list of objects that are named, or two different rows of one symbol.
    """
    found: dict[str, Row] = {}
    for row in list_rows(venue, where, [data] if isinstance(data, dict) else data):
        symbol = spelled(row.text(key))
        if wanted is not None and symbol not in wanted:
            continue
        if symbol in found and found[symbol].data != row.data:
            raise BadReply(venue, f"{where} has two different rows of {symbol}")
        found[symbol] = Row(venue, f"{where} {symbol}", row.data)
    return found


def only_row(venue: str, where: str, data: Any, symbol: str, key: str = "symbol") -> Row:
    """Return the row of the one symbol that was asked for, as an object or as a list of one."""
    rows = rows_by_symbol(venue, where, data, key=key)
    if symbol not in rows:
        raise BadReply(venue, f"{where} of {symbol} is of {', '.join(rows)[:60] or 'nothing'}")
    return rows[symbol]


def of_symbol(row: Row, symbol: str, key: str = "symbol") -> Row:
    """Return the row, or raise if it is of another symbol than the one asked for."""
    if row.text(key) != symbol:
        raise row.bad(key, repr(symbol))
    return row


def readable(
    rows: Iterable[Row], read: Callable[[Row], Instrument], key: str = "symbol"
) -> list[Instrument]:
    """Return the instruments of an instrument list.

    A row that cannot be read costs its own contract only, which then says why: one odd contract
    among hundreds must not take a venue away. If no row can be read, the list itself is at fault.

    Parameters
    ----------
    rows : iterable of Row
        The list's rows of perpetuals.
    read : callable
        Makes an instrument of a row, or raises BadReply.
    key : str
        Field that names the contract.
    """
    found: list[Instrument] = []
    complaint: BadReply | None = None
    for row in rows:
        try:
            found.append(read(row))
        except BadReply as error:
            complaint = complaint or error
            if isinstance(row.data.get(key), str):
                found.append(_unreadable(row, row.data[key], error))
    if complaint and all(item.contract_type == UNREADABLE for item in found):
        raise complaint
    return found


def _unreadable(row: Row, symbol: str, error: BadReply) -> Instrument:
    return Instrument(
        venue=row.venue,
        symbol=symbol,
        coin="",
        quote_currency="",
        contract_type=UNREADABLE,
        contract_size=0.0,
        size_unit="",
        margin_coin="",
        lot_size=None,
        tick_size=None,
        active=False,
        status=str(error).removeprefix(f"{row.venue}: "),
    )


def ladder(tiers: Iterable[Tier]) -> tuple[Tier, ...]:
    """Return maintenance tiers, smallest position first, or none where they contradict each other.

    A larger position never has a lower rate, and one size has one rate.
    """
    rising = tuple(sorted(dict.fromkeys(tiers), key=lambda tier: tier.up_to))
    for small, large in pairwise(rising):
        if small.up_to == large.up_to or small.maintenance_rate > large.maintenance_rate:
            return ()
    return rising


def step(row: Row, key: str) -> float:
    """Return the step that a number of decimals means; WEEX has negative ones.

    >>> step(Row("weex", "exchangeInfo", {"quantityPrecision": "-2"}), "quantityPrecision")
    100.0
    """
    decimals = row.decimal(key)
    if decimals != int(decimals) or not -9 <= decimals <= 18:
        raise row.bad(key, "a number of decimals")
    return float(Decimal(1).scaleb(-int(decimals)))
