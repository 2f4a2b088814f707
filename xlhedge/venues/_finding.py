"""Which instrument a coin's name means, and what to say where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from xlhedge.errors import HedgeError, NotOffered, UnknownSymbol
from xlhedge.quotes import LINEAR_CURRENCIES, Instrument

if TYPE_CHECKING:
    from xlhedge.venues._base import Venue

__all__ = ["is_inverse_of", "linear_of", "not_found"]

DOLLARS = ("USD",)  # the quote currency of a coin's inverse perpetual


def is_inverse_of(item: Instrument, coin: str) -> bool:
    """Tell whether an instrument is what a coin's name means: its inverse perpetual in USD."""
    return (
        item.contract_type == "inverse"
        and item.coin == coin == item.margin_coin
        and item.quote_currency in DOLLARS
        and item.active
    )


def linear_of(venue: Venue, coin: str, listed: Sequence[Instrument]) -> Instrument:
    """Return a coin's linear perpetual, in USDT if there is one, or raise NotOffered."""
    for currency in LINEAR_CURRENCIES:
        for item in listed:
            kind = item.coin, item.contract_type, item.quote_currency
            if item.active and kind == (coin, "linear", currency):
                return item
    raise NotOffered(venue.name, f"{venue.title} has no linear perpetual of {coin}")


def not_found(venue: Venue, asked: str, coin: str, seen: Sequence[Instrument]) -> HedgeError:
    """Return the error for a word that nothing in the lists seen answers to."""
    linear = [i.symbol for i in seen if i.coin == coin and i.contract_type == "linear"]
    if linear:
        return NotOffered(
            venue.name,
            f"{venue.title} has no inverse perpetual of {coin} in USD; "
            f"its linear one is {linear[0]}",
        )
    names = {item.symbol.upper(): item.symbol for item in seen}
    near = [names[n] for n in get_close_matches(asked.upper(), names, n=3, cutoff=0.5)]
    near = near or sorted(i.symbol for i in seen if i.contract_type == "inverse")[:3]
    hint = f"; nearest: {', '.join(near)}" if near else ""
    return UnknownSymbol(venue.name, f"{venue.title} lists no perpetual {asked!r}{hint}")
