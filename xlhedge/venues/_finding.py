"""Which instrument a coin's name means, and what to say where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from xlhedge.errors import BadReply, HedgeError, NotOffered, UnknownSymbol
from xlhedge.quotes import LINEAR_CURRENCIES, Instrument
from xlhedge.venues._listing import UNREADABLE
from xlhedge.venues._reading import coin_name

if TYPE_CHECKING:
    from xlhedge.venues._base import Venue

__all__ = ["is_inverse_of", "linear_of", "not_found", "usable"]

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
    """Return a coin's linear perpetual, in USDT if there is one, or raise NotOffered.

    BadReply instead, where what may be that contract could not be read.
    """
    for currency in LINEAR_CURRENCIES:
        for item in listed:
            kind = item.coin, item.contract_type, item.quote_currency
            if item.active and kind == (coin, "linear", currency):
                return item
    raise _unread(venue, coin, listed) or NotOffered(
        venue.name, f"{venue.title} has no linear perpetual of {coin}"
    )


def usable(venue: Venue, item: Instrument, listed: Sequence[Instrument]) -> Instrument:
    """Return the instrument found in the lists, or raise why it must not be used.

    Raises
    ------
    BadReply
        Its row cannot be read, or the lists have another, different row of it.
    NotOffered
        It is quanto.
    UnknownSymbol
        It is not traded.
    """
    symbol = item.symbol.upper()
    if any(other.symbol.upper() == symbol and other != item for other in listed):
        raise BadReply(venue.name, f"the list of contracts has two different rows of {item.symbol}")
    if item.contract_type == UNREADABLE:
        raise BadReply(venue.name, item.status)
    unit = {"inverse": "quote", "linear": "base"}.get(item.contract_type, item.size_unit)
    if item.size_unit != unit and venue.offers.inverse:
        raise BadReply(
            venue.name,
            f"{item.symbol} is {item.contract_type} by its margin coin, {item.margin_coin}, but is "
            "listed among the others; what its contract is worth is not known",
        )
    if item.contract_type == "quanto":
        raise NotOffered(
            venue.name,
            f"{item.symbol} is a quanto contract (quoted in {item.quote_currency}, margined in "
            f"{item.margin_coin}): neither inverse nor linear formulas hold for it",
        )
    if not item.active:
        raise UnknownSymbol(venue.name, f"{item.symbol} is not trading (status {item.status})")
    return item


def not_found(venue: Venue, asked: str, coin: str, seen: Sequence[Instrument]) -> HedgeError:
    """Return the error for a word that nothing in the lists seen answers to."""
    unread = _unread(venue, coin, seen)
    if unread is not None:
        return unread
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


def _unread(venue: Venue, coin: str, seen: Sequence[Instrument]) -> BadReply | None:
    """Return the complaint about a row that could not be read and may be what was asked for."""
    for item in seen:
        if item.contract_type == UNREADABLE and coin_name(item.symbol[: len(coin)]) == coin:
            return BadReply(venue.name, item.status)
    return None
