"""Market data for workbooks: fetched where there is a network, else the last that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xlhedge.commands._printing import progress
from xlhedge.errors import HedgeError, NotOffered, QuoteError, UnknownSymbol
from xlhedge.outcome import CHECK
from xlhedge.quotes import FundingRow, Quote, Status

if TYPE_CHECKING:
    from xlhedge.live import LiveQuotes

__all__ = ["HISTORY_ROWS", "Market", "gather", "who_pays"]

HISTORY_ROWS = 90  # as many as the Funding sheet shows
HISTORY_DAYS = 30  # as many settlements of 8 hours

Asked = tuple[str, str]


@dataclass
class Market:
    """What is known of some contracts.

    Attributes
    ----------
    quotes : dict
        By venue and symbol as they were asked for; LIVE, STALE or SNAPSHOT.
    errors : dict
        Why no fresh quote is there, by the same key.
    history : dict
        Past settlements, by venue and the venue's own symbol.
    doubts : dict
        What is doubtful or unconfirmed about the rate of a quote that was fetched, now or before,
        by venue and the venue's own symbol.
    """

    quotes: dict[Asked, Quote] = field(default_factory=dict)
    errors: dict[Asked, HedgeError] = field(default_factory=dict)
    history: dict[Asked, list[FundingRow]] = field(default_factory=dict)
    doubts: dict[Asked, str] = field(default_factory=dict)

    def reasons(self) -> dict[Asked, str]:
        """Return errors and doubts as sentences, by venue and what was asked for in upper case."""
        found: dict[Asked, str] = {}
        for told in (self.errors, self.doubts):
            for (venue, asked), text in told.items():
                key = (venue, asked.upper())
                found[key] = f"{found[key]}; {text}" if key in found else str(text)
        return found

    def doubts_to_tell(self, selected: Quote | None) -> list[str]:
        """Return what a person has to be told: every doubtful rate, what the selected one lacks."""
        own = None if selected is None else (selected.venue, selected.symbol)
        return [
            f"{' '.join(key)}: {doubt}"
            for key, doubt in self.doubts.items()
            if key == own or doubt.startswith(CHECK)
        ]

    def require(self, asked: Asked) -> Quote:
        """Return the quote of a contract, or raise why there is none of any age."""
        error = self.errors.get(asked)
        if isinstance(error, UnknownSymbol | NotOffered | ValueError):
            raise error  # asking again would not help: the request is wrong
        quote = self.quotes.get(asked)
        if quote is None:
            raise error or QuoteError(f"no quote of {' '.join(asked)} is known")
        return quote


def gather(
    wanted: Sequence[Asked],
    live: LiveQuotes,
    environ: Mapping[str, str],
    *,
    offline: bool = False,
    history_of: Sequence[Asked] = (),
    accept_new_sizes: bool = False,
) -> Market:
    """Return quotes of all contracts, and past settlements of some of them.

    Parameters
    ----------
    wanted : sequence of (venue, symbol)
        Symbols of the venue, or coins.
    live : LiveQuotes
        The user's store, with the bundled snapshot behind it.
    environ : mapping
        For ``XLHEDGE_URL_<VENUE>``.
    offline : bool
        Whether only what is stored or bundled is used.
    history_of : sequence of (venue, symbol)
        Whose settlements to fetch, as in `wanted`.
    accept_new_sizes : bool
        Whether a face value that has changed is accepted.
    """
    from xlhedge.venues import check_name

    market = Market()
    wanted = [(check_name(venue), symbol) for venue, symbol in dict.fromkeys(wanted)]
    if not offline:
        _fetch(market, wanted, live, environ, history_of, accept_new_sizes)
    for venue, symbol in wanted:
        if (venue, symbol) not in market.quotes:
            _fall_back(market, (venue, symbol), live, offline)
    for quote in market.quotes.values():
        doubt = _doubt(quote, live)
        if doubt is not None:
            market.doubts[quote.venue, quote.symbol] = doubt
    for venue, symbol in history_of:
        quote = market.quotes.get((check_name(venue), symbol))
        if quote is not None:
            rows = live.store.history(quote.venue, quote.symbol, HISTORY_ROWS)
            market.history[quote.venue, quote.symbol] = rows
    return market


def _fetch(
    market: Market,
    wanted: Sequence[Asked],
    live: LiveQuotes,
    environ: Mapping[str, str],
    history_of: Sequence[Asked],
    accept_new_sizes: bool,
) -> None:
    from xlhedge.refresh import refresh

    with progress(len(wanted)) as told:
        outcomes = refresh(
            wanted,
            store=live.store,
            clock=live.clock,
            environ=environ,
            max_age=live.max_age,
            accept_new_sizes=accept_new_sizes,
            history_days=HISTORY_DAYS if history_of else None,
            history_of=history_of,
            progress=told,
        )
    for outcome in outcomes:
        key = (outcome.venue, outcome.asked)
        if outcome.quote is not None:
            market.quotes[key] = outcome.quote
        else:
            market.errors[key] = outcome.error
            if outcome.last_good is not None:
                market.quotes[key] = outcome.last_good


def _fall_back(market: Market, key: Asked, live: LiveQuotes, offline: bool) -> None:
    try:
        quote = live.quote(*key)
    except QuoteError as error:
        market.errors.setdefault(key, error)
        return
    if quote.status is Status.LIVE and not offline:
        quote = quote.with_status(Status.STALE)  # it was asked for anew, and did not come
    market.quotes[key] = quote
    if offline and quote.status is not Status.LIVE:
        market.errors.setdefault(key, QuoteError("not fetched (--offline)"))


def _doubt(quote: Quote, live: LiveQuotes) -> str | None:
    if quote.status is Status.SNAPSHOT:
        return None  # an example: that is said
    warning = live.warning(quote)
    if warning is not None:
        return f"{CHECK}: {warning.removeprefix(f'{quote.venue} {quote.symbol}: ')}"
    return None if quote.unconfirmed is None else f"Unconfirmed: {quote.unconfirmed}"


def who_pays(rate: float) -> str:
    """Say in words which side pays at a funding rate.

    >>> who_pays(0.0001)
    'longs pay shorts, so a short hedge receives'
    """
    if rate == 0:
        return "nobody pays"
    if rate > 0:
        return "longs pay shorts, so a short hedge receives"
    return "shorts pay longs, so a short hedge pays"
