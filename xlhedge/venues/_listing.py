"""Rows of a reply by their symbol, whichever way the venue wraps them; steps from decimals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from xlhedge.errors import BadReply
from xlhedge.venues._reading import Row, list_rows

__all__ = ["of_symbol", "rows_by_symbol", "step"]


def rows_by_symbol(venue: str, where: str, data: Any) -> dict[str, Row]:
    """Return the rows of a list, or a lone object, by symbol.

    A venue may answer for one symbol with an object or with a list of one: BingX documents the one
    and sends the other. Two rows of one symbol that differ cannot both be true.
    """
    found: dict[str, Row] = {}
    for row in list_rows(venue, where, [data] if isinstance(data, dict) else data):
        symbol = row.text("symbol")
        if symbol in found and found[symbol].data != row.data:
            raise BadReply(venue, f"{where} has two different rows of {symbol}")
        found[symbol] = Row(venue, f"{where} {symbol}", row.data)
    return found


def of_symbol(row: Row, symbol: str) -> Row:
    """Return the row, or raise if it is of another symbol than the one asked for."""
    if row.text("symbol") != symbol:
        raise row.bad("symbol", repr(symbol))
    return row


def step(row: Row, key: str) -> float:
    """Return the step that a number of decimals means; WEEX has negative ones.

    >>> step(Row("weex", "exchangeInfo", {"quantityPrecision": "-2"}), "quantityPrecision")
    100.0
    """
    decimals = row.decimal(key)
    if decimals != int(decimals) or not -9 <= decimals <= 18:
        raise row.bad(key, "a number of decimals")
    return float(Decimal(1).scaleb(-int(decimals)))
