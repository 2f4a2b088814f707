"""Reading replies field by field, with distrust.

A :class:`Row` is one JSON object of a reply. It hands out numbers, words and times, and whatever
is missing or of another kind becomes a :class:`~xlhedge.errors.BadReply` that names venue, place
and value. Numbers arrive as str, int or Decimal; ``""`` and null both mean missing, which is how
Bybit and Binance write it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from xlhedge.errors import BadReply

__all__ = [
    "Row",
    "coin_name",
    "list_rows",
    "round_to_minute",
    "to_milliseconds",
]

EARLIEST = datetime(2014, 1, 1, tzinfo=UTC)  # before the first perpetual: a wrong unit of time
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


class Row:
    """One JSON object of a venue's reply.

    Parameters
    ----------
    venue : str
        Name for the complaints.
    where : str
        What the object is, for the complaints: "premiumIndex BTCUSD_PERP".
    data : object
        What json.loads gave.
    """

    __slots__ = ("data", "venue", "where")

    def __init__(self, venue: str, where: str, data: Any) -> None:
        self.venue = venue
        self.where = where
        self.data = data
        if not isinstance(data, dict):
            raise BadReply(venue, f"{where} is {_kind(data)}; expected an object")

    def bad(self, key: str, expected: str) -> BadReply:
        """Return the complaint about one field."""
        shown = repr(self.data[key])[:60] if key in self.data else "missing"
        return BadReply(self.venue, f"{self.where}: {key} is {shown}; expected {expected}")

    def missing(self, key: str) -> bool:
        """Tell whether a field is absent, null or empty."""
        value = self.data.get(key)
        return value is None or (isinstance(value, str) and not value.strip())

    def decimal(self, key: str) -> Decimal:
        """Return a number exactly as written."""
        value = self.data.get(key)
        if (
            self.missing(key)
            or isinstance(value, bool)
            or not isinstance(value, str | int | Decimal)
        ):
            raise self.bad(key, "a number")
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise self.bad(key, "a number") from None
        if not number.is_finite():
            raise self.bad(key, "a finite number")
        return number

    def number(self, key: str) -> float:
        """Return a finite number."""
        number = float(self.decimal(key))
        if not math.isfinite(number):
            raise self.bad(key, "a finite number")
        return number

    def number_or_none(self, key: str) -> float | None:
        """Return a finite number, or None where the field is absent, null or empty."""
        return None if self.missing(key) else self.number(key)

    def positive(self, key: str) -> float:
        """Return a number above 0."""
        number = self.number(key)
        if number <= 0:
            raise self.bad(key, "a number above 0")
        return number

    def positive_or_none(self, key: str) -> float | None:
        """Return a number above 0, or None where the field is absent, null or empty."""
        return None if self.missing(key) else self.positive(key)

    def text(self, key: str, longest: int = 100) -> str:
        """Return a word; never empty, at most `longest` characters, printable."""
        value = self.data.get(key)
        if self.missing(key) or not isinstance(value, str):
            raise self.bad(key, "text")
        if len(value) > longest or not value.isprintable():
            raise self.bad(key, "a short printable text")
        return value

    def text_or(self, key: str, other: str = "", longest: int = 100) -> str:
        """Return a word, or `other` where the field is absent, null or empty."""
        return other if self.missing(key) else self.text(key, longest)

    def coin(self, key: str) -> str:
        """Return a coin's name in capitals, XBT as BTC."""
        return coin_name(self.text(key))

    def milliseconds(self, key: str) -> datetime:
        """Return a time given in milliseconds since 1970."""
        return self._time(key, 1000)

    def milliseconds_or_none(self, key: str) -> datetime | None:
        """Return a time in milliseconds; None for absent, empty and 0 (Binance: no funding)."""
        return None if self.missing(key) or self.decimal(key) == 0 else self._time(key, 1000)

    def seconds(self, key: str) -> datetime:
        """Return a time given in seconds since 1970."""
        return self._time(key, 1)

    def iso(self, key: str) -> datetime:
        """Return a time written in ISO 8601; without an offset it is UTC."""
        try:
            time = datetime.fromisoformat(self.text(key))
        except ValueError:
            raise self.bad(key, "an ISO 8601 time") from None
        return self._in_range(key, (time if time.tzinfo else time.replace(tzinfo=UTC)))

    def row(self, key: str) -> Row:
        """Return the object in a field."""
        if not isinstance(self.data.get(key), dict):
            raise self.bad(key, "an object")
        return Row(self.venue, f"{self.where} {key}", self.data[key])

    def rows(self, key: str) -> Iterator[Row]:
        """Return the objects of the list in a field."""
        return list_rows(self.venue, f"{self.where} {key}", self.listed(key))

    def listed(self, key: str) -> list[Any]:
        """Return the list in a field, whatever it is of."""
        if not isinstance(self.data.get(key), list):
            raise self.bad(key, "a list")
        return self.data[key]

    def _time(self, key: str, units_a_second: int) -> datetime:
        try:
            return self._in_range(
                key, datetime.fromtimestamp(float(self.decimal(key) / units_a_second), UTC)
            )
        except (OverflowError, OSError, ValueError):
            raise self.bad(key, "a time") from None

    def _in_range(self, key: str, time: datetime) -> datetime:
        if not EARLIEST < time < LATEST:
            raise self.bad(key, "a time between 2014 and 2100")
        return time.astimezone(UTC)


def list_rows(venue: str, where: str, data: Any) -> Iterator[Row]:
    """Return the rows of a list; null stands for an empty one (Binance's fundingInfo)."""
    if data is None:
        return iter(())
    if not isinstance(data, list):
        raise BadReply(venue, f"{where} is {_kind(data)}; expected a list")
    return (Row(venue, where, item) for item in data)


def round_to_minute(time: datetime) -> datetime:
    """Round a settlement's time to the minute: Binance stamps 00:00:00.010 or .008 for 00:00."""
    return (time + timedelta(seconds=30)).replace(second=0, microsecond=0)


def to_milliseconds(time: datetime) -> int:
    """Return a time as milliseconds since 1970, as most venues ask for it."""
    return round(time.timestamp() * 1000)


def coin_name(word: str) -> str:
    """Return a coin's usual name: XBT (ISO 4217 style, used by Kraken) is BTC.

    >>> coin_name("xbt")
    'BTC'
    """
    word = word.strip().upper()
    return "BTC" if word == "XBT" else word


def _kind(data: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", type(None): "null"}
    return names.get(type(data), type(data).__name__)
