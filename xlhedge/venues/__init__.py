"""The venues: each public module in this folder is one, and its name is the venue's name.

Adding a venue is adding a module that defines ``VENUE``, an instance of a
:class:`~xlhedge.venues._base.Venue`. Listing the names imports none of them.

A name with a colon means a member of a family, ``ccxt:kucoinfutures``: the private module of the
family's name makes the venue. Families have too many members to be listed.
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

FAMILIES = ("ccxt",)  # each a module _<family> with ``member(name)``


@cache
def names() -> tuple[str, ...]:
    """Return the venues' names in alphabetical order."""
    return tuple(sorted(m.name for m in iter_modules(__path__) if not m.name.startswith("_")))


@cache
def check_name(word: str) -> str:
    """Return a venue's name in its usual spelling, or raise naming all of them.

    >>> check_name("Binance"), check_name("CCXT: KuCoinFutures")
    ('binance', 'ccxt:kucoinfutures')
    """
    name = word.strip().lower() if isinstance(word, str) else word
    if name in names():
        return name
    family, member = _parts(name)
    if family in FAMILIES and member.isidentifier():
        return f"{family}:{member}"
    listed = ", ".join((*names(), *(f"{family}:<exchange>" for family in FAMILIES)))
    raise UnknownWordError("venue", word, f"one of {listed}")


@cache
def venue(word: str) -> Venue:
    """Return the venue of that name."""
    name = check_name(word)
    family, member = _parts(name)
    if member:
        return import_module(f"{__name__}._{family}").member(member)
    return import_module(f"{__name__}.{name}").VENUE


def _parts(name: object) -> tuple[str, str]:
    family, _, member = name.partition(":") if isinstance(name, str) else ("", "", "")
    return family.strip(), member.strip()
