"""What a cell shows for each error, and the latest reasons for HEDGE_ERRORS()."""

from __future__ import annotations

import time
from collections.abc import Callable

from xlhedge.errors import (
    DomainError,
    HedgeError,
    NoQuoteError,
    NoValueError,
    ShapeError,
    StaleQuoteError,
    UnknownWordError,
    WrongTypeError,
)

__all__ = ["ERROR_VALUES", "NA", "NUM", "REASONS", "VALUE", "Reasons", "error_value"]

VALUE = "#VALUE!"
NUM = "#NUM!"
NA = "#N/A"

# the whole table: from error to what its cell shows
CELL_OF_ERROR: dict[type[HedgeError], str] = {
    WrongTypeError: VALUE,
    UnknownWordError: VALUE,
    ShapeError: VALUE,
    DomainError: NUM,
    NoValueError: NA,
    NoQuoteError: NA,
    StaleQuoteError: NA,
}

ERROR_VALUES = frozenset(
    {VALUE, NUM, NA, "#DIV/0!", "#REF!", "#NAME?", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)
"""Texts that stand for an error value: an argument that holds one passes it on, as Excel does."""


def error_value(error: Exception) -> str:
    """Return what a cell shows for an error.

    Examples
    --------
    >>> error_value(DomainError("price", 0, "a finite number above 0"))
    '#NUM!'
    """
    for kind in type(error).__mro__:
        if kind in CELL_OF_ERROR:
            return CELL_OF_ERROR[kind]
    return NA if isinstance(error, HedgeError) else VALUE


class Reasons:
    """The latest reasons for error values: one entry for each function and message.

    Parameters
    ----------
    clock : callable
        Returns the time in UTC seconds.
    most : int
        How many reasons are kept; the oldest go first.
    """

    def __init__(self, clock: Callable[[], float] = time.time, most: int = 100) -> None:
        self._clock = clock
        self._most = most
        self._latest: dict[tuple[str, str], float] = {}

    def add(self, function: str, message: str) -> None:
        """Keep a reason; the same one again only renews its time."""
        key = (function, message)
        self._latest.pop(key, None)
        self._latest[key] = self._clock()
        if len(self._latest) > self._most:
            del self._latest[next(iter(self._latest))]

    def newest_first(self) -> list[tuple[float, str, str]]:
        """Return (UTC seconds, function, message), newest first."""
        return [
            (at, function, message) for (function, message), at in reversed(self._latest.items())
        ]

    def clear(self) -> None:
        """Forget all reasons."""
        self._latest.clear()


REASONS = Reasons()
"""The reasons of this process: what HEDGE_ERRORS() spills."""
