"""Market data for workbooks: fetched where there is a network, else the last that is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from xlhedge.errors import HedgeError, NotOffered, QuoteError, UnknownSymbol
from xlhedge.quotes import FundingRow, Quote, Status

if TYPE_CHECKING:
    from xlhedge.live import LiveQuotes

__all__ = ["HISTORY_ROWS", "Market", "gather", "who_pays"]

HISTORY_ROWS = 90  # as many as the Funding sheet shows
HISTORY_SECONDS = 10.0
HOURS_A_DAY = 24

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
    """

    quotes: dict[Asked, Quote] = field(default_factory=dict)
    errors: dict[Asked, HedgeError] = field(default_factory=dict)
    history: dict[Asked, list[FundingRow]] = field(default_factory=dict)

    def reasons(self) -> dict[Asked, str]:
        """Return the errors as sentences, by venue and what was asked for in upper case."""
        return {(venue, asked.upper()): str(error) for (venue, asked), error in self.errors.items()}

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
    progress: Callable[[str], None] | None = None,
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
    progress : callable, optional
        Called with a line as each venue answers.
    """
    from xlhedge.venues import check_name

    market = Market()
    wanted = [(check_name(venue), symbol) for venue, symbol in dict.fromkeys(wanted)]
    if not offline:
        _fetch(market, wanted, live, environ, progress)
    for venue, symbol in wanted:
        if (venue, symbol) not in market.quotes:
            _fall_back(market, (venue, symbol), live, offline)
    for venue, symbol in history_of:
        quote = market.quotes.get((check_name(venue), symbol))
        if quote is not None:
            if quote.status is Status.LIVE and not offline:
                _fetch_history(quote, live, environ)
            rows = live.store.history(quote.venue, quote.symbol, HISTORY_ROWS)
            market.history[quote.venue, quote.symbol] = rows
    return market


def _fetch(
    market: Market,
    wanted: Sequence[Asked],
    live: LiveQuotes,
    environ: Mapping[str, str],
    progress: Callable[[str], None] | None,
) -> None:
    from xlhedge.refresh import Outcome, refresh

    def told(outcome: Outcome) -> None:
        if progress is not None:
            said = outcome.error or f"{outcome.quote.symbol} {outcome.quote.status}"
            progress(f"{outcome.venue} {outcome.asked}: {said}")

    outcomes = refresh(
        wanted,
        store=live.store,
        clock=live.clock,
        environ=environ,
        max_age=live.max_age,
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


def _fetch_history(quote: Quote, live: LiveQuotes, environ: Mapping[str, str]) -> None:
    """Fetch the settlements that the store lacks; without them the quote still stands."""
    import time

    from xlhedge import venues
    from xlhedge.transport import Http, base_override

    until = live.clock()
    since = until - timedelta(hours=HISTORY_ROWS * quote.interval_hours)
    http = Http(
        quote.venue,
        clock=live.clock,
        base=base_override(quote.venue, environ),
        folder=live.store.folder,
        deadline=time.monotonic() + HISTORY_SECONDS,
    )
    try:
        spans = live.store.missing_history(quote.venue, quote.symbol, since, until)
        for first, last in spans:
            rows = venues.venue(quote.venue).history(http, quote.symbol, first, last)
            live.store.save_history(quote.venue, quote.symbol, rows, first, last)
    except HedgeError:
        return
    finally:
        http.close()


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
