"""The venues: each public module in this folder is one, and its name is the venue's name.

Adding a venue is adding a module that defines ``VENUE``, an instance of a
:class:`~xlhedge.venues._base.Venue`. Listing the names imports none of them.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from xlhedge.errors import UnknownWordError

if TYPE_CHECKING:
    from xlhedge.venues._base import Venue

__all__ = ["check_name", "names", "venue"]


@cache
def names() -> tuple[str, ...]:
    """Return the venues' names in alphabetical order."""
    return tuple(sorted(m.name for m in iter_modules(__path__) if not m.name.startswith("_")))


@cache
def check_name(word: str) -> str:
    """Return a venue's name in its usual spelling, or raise naming all of them.

    >>> check_name("Binance")
    'binance'
    """
    name = word.strip().lower() if isinstance(word, str) else word
    if name in names():
        return name
    raise UnknownWordError("venue", word, f"one of {', '.join(names())}")


@cache
def venue(word: str) -> Venue:
    """Return the venue of that name."""
    return import_module(f"{__name__}.{check_name(word)}").VENUE
