"""Every error that xlhedge raises on purpose.

::

    HedgeError
    ├── ArgumentError            what was typed is wrong; names the argument and its value
    │   ├── WrongTypeError       text, a date or a blank where a number is expected
    │   ├── UnknownWordError     a word outside the accepted list ("shrot")
    │   ├── ShapeError           blocks whose sizes do not fit together
    │   └── DomainError          a number outside its domain (price <= 0, NaN)
    ├── NoValueError             the arguments are fine, but no such number exists
    ├── QuoteError               about a stored quote
    │   ├── NoQuoteError         nothing stored for that venue and symbol
    │   ├── StaleQuoteError      stored, but older than the limit
    │   └── StoreError           the file of stored quotes cannot be read or written
    ├── VenueError               an exchange did not give what was asked
    │   ├── VenueUnreachable     no answer: name, network, time-out
    │   ├── RateLimited          too many requests, or banned until a stated time
    │   ├── BadReply             the reply is not what the venue documents
    │   ├── UnknownSymbol        the venue has no such contract
    │   └── NotOffered           the venue does not have this kind of contract or data
    └── WorkbookError            a workbook is not what was expected; nothing was written

What a worksheet cell shows for each of them is in one table, ``udfs/cell_errors.py``.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "ArgumentError",
    "BadReply",
    "DomainError",
    "HedgeError",
    "NoQuoteError",
    "NoValueError",
    "NotOffered",
    "QuoteError",
    "RateLimited",
    "ShapeError",
    "StaleQuoteError",
    "StoreError",
    "UnknownSymbol",
    "UnknownWordError",
    "VenueError",
    "VenueUnreachable",
    "WorkbookError",
    "WrongTypeError",
]


class HedgeError(Exception):
    """Base of all errors that xlhedge raises on purpose: catch this one to catch them all."""


class ArgumentError(HedgeError, ValueError):
    """An argument is wrong. The message names it, its value and what was expected.

    Parameters
    ----------
    argument : str
        Name of the argument, as in the function's signature.
    value : object
        What was given (for a block, its first wrong element).
    expected : str
        What would have been right, as a phrase: "a finite number above 0".
    where : numpy.ndarray of bool, optional
        For a block: which elements are wrong, in the argument's own shape.
    """

    def __init__(self, argument: str, value: Any, expected: str, where: Any = None) -> None:
        self.argument = argument
        self.value = value
        self.expected = expected
        self.where = where
        super().__init__(f"{argument} is {_shown(value)}; expected {expected}")


class WrongTypeError(ArgumentError, TypeError):
    """Text, a date, TRUE/FALSE or a blank stands where a number is expected: enter a number."""


class UnknownWordError(ArgumentError):
    """A word is not one of the accepted ones: use one from the list in the message."""


class ShapeError(ArgumentError):
    """Blocks do not fit together: give equal shapes, a single number, or a row with a column."""


class DomainError(ArgumentError):
    """A number is outside its domain, such as a price of 0: correct the number."""


class NoValueError(HedgeError):
    """No such number exists (a 1x short is never liquidated): nothing to correct."""


class QuoteError(HedgeError):
    """A stored quote cannot be used: refresh, then look again."""


class NoQuoteError(QuoteError):
    """Nothing was ever stored for that venue and symbol: refresh it once."""


class StaleQuoteError(QuoteError):
    """The stored quote is older than the limit: refresh, or see why the last refresh failed."""


class StoreError(QuoteError):
    """The file of stored quotes cannot be read or written: the message says what to do."""


class VenueError(HedgeError):
    """An exchange did not give what was asked. ``venue`` names it.

    The message may quote what the exchange sent: control characters in it become "?", so that it
    can be shown on a terminal and written into a workbook.
    """

    def __init__(self, venue: str, message: str) -> None:
        self.venue = venue
        super().__init__("".join(c if c.isprintable() else "?" for c in f"{venue}: {message}"))


class VenueUnreachable(VenueError):
    """No answer from the venue: check the network, a proxy, or the venue's status page."""


class RateLimited(VenueError):
    """The venue refuses further requests: wait until ``retry_at`` (UTC seconds), then refresh."""

    def __init__(self, venue: str, message: str, retry_at: float | None = None) -> None:
        self.retry_at = retry_at
        super().__init__(venue, message)


class BadReply(VenueError):
    """The reply is not what the venue documents, so nothing of it is used."""


class UnknownSymbol(VenueError):
    """The venue lists no such contract: check the spelling, or give the coin's name."""


class NotOffered(VenueError):
    """The venue does not offer this kind of contract or data: see ``xlhedge venues``."""


class WorkbookError(HedgeError):
    """A workbook is not what was expected, or cannot be written; the file is unchanged."""


def _shown(value: Any) -> str:
    """Return a value as it should stand in a message: short, and text in quotes."""
    if value is None:
        return "empty"
    shown = repr(
        value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value
    )
    return shown if len(shown) <= 60 else shown[:57] + "..."
