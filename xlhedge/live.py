"""What worksheet functions and workbooks read: the last refreshed quotes, never the network.

A quote is LIVE while its own time is within the age limit, STALE after that, SNAPSHOT when it comes
from the data bundled with the package. STALE as well is a quote whose predicted settlement has
passed, for its rate is that of no settlement to come, and one that seems to come from the future:
this computer's clock was set back, so that its age cannot be known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from xlhedge import venues
from xlhedge.errors import (
    DomainError,
    NoQuoteError,
    NotOffered,
    NoValueError,
    StaleQuoteError,
    WrongTypeError,
)
from xlhedge.plausibility import LIMITS, prediction_passed
from xlhedge.quotes import (
    LINEAR_CURRENCIES,
    Clock,
    FundingRow,
    Quote,
    Status,
    Tier,
    linear_coin,
    utc_now,
)
from xlhedge.settings import MAX_AGE
from xlhedge.store import HISTORY, QUOTE, RATE, Store, home_folder

__all__ = ["LiveQuotes", "find", "open_live"]

Quotes = Mapping[tuple[str, str], Quote]


class LiveQuotes:
    """The stored quotes with their status at the present.

    Parameters
    ----------
    store : Store
        Where refreshes put quotes.
    clock : callable
        Returns the present as an aware UTC datetime.
    snapshot : mapping, optional
        Bundled quotes by venue and symbol, used where nothing is stored.
    max_age_minutes : float, optional
        Age limit; None takes the store's setting, else 60 minutes.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        snapshot: Quotes | None = None,
        max_age_minutes: float | None = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.snapshot = {} if snapshot is None else snapshot
        self._limit = max_age_minutes
        self._stale: tuple[Quotes | None, dict[tuple[str, str], Quote]] = (None, {})

    @property
    def max_age(self) -> timedelta:
        """Age from which a quote is STALE."""
        return self._max_age(self.store.look()[1] if self._limit is None else {})

    def _max_age(self, settings: Mapping[str, str]) -> timedelta:
        limit = self._limit if self._limit is not None else MAX_AGE.value(settings, {})
        return timedelta(minutes=limit)

    def quote(self, venue: str, symbol: str) -> Quote:
        """Return the last quote of a contract, whatever its age, with its status.

        Parameters
        ----------
        venue : str
            One of the venues' names, in any case.
        symbol : str
            The venue's own symbol, in any case, or a coin: its inverse perpetual in USD.

        Raises
        ------
        UnknownWordError
            No such venue.
        NoQuoteError
            Nothing stored or bundled for it.
        """
        name = venues.check_name(venue)
        if not isinstance(symbol, str) or not symbol.strip():
            raise WrongTypeError("symbol", symbol, "a symbol of the venue, or a coin such as BTC")
        stored, settings = self.store.look()
        quote = find(stored, name, symbol)
        if quote is not None:
            return self._with_status(stored, quote, self._max_age(settings))
        bundled = find(self.snapshot, name, symbol)
        if bundled is not None:
            return bundled
        raise NoQuoteError(self._nothing(name, symbol))

    def fresh(self, venue: str, symbol: str) -> Quote:
        """Return the last quote of a contract if it is LIVE; otherwise raise StaleQuoteError."""
        quote = self.quote(venue, symbol)
        if quote.status is Status.LIVE:
            return quote
        now = self.clock()
        if quote.status is Status.SNAPSHOT:
            what = "only the bundled snapshot is there"
        elif quote.time > now:
            what = "this computer's clock is behind the last quote"
        elif now - quote.time > self.max_age:
            what = f"the last quote is older than {self.max_age.total_seconds() / 60:g} minutes"
        else:
            settled = f"{quote.next_funding:%H:%M} UTC"
            what = f"the settlement it predicted, of {settled}, has passed since the last quote"
        raise StaleQuoteError(
            f"{quote.venue} {quote.symbol}: {what}, of {quote.time:%Y-%m-%d %H:%M} UTC; refresh"
        )

    def history(self, venue: str, symbol: str, count: int = 90) -> list[FundingRow]:
        """Return the latest `count` settlements, newest first; NoQuoteError if none is stored."""
        name = venues.check_name(venue)
        known = find(self.store.quotes(), name, symbol) or find(self.snapshot, name, symbol)
        exact = known.symbol if known else symbol.strip()
        rows = self.store.history(name, exact, count)
        if not rows:
            why = self._last_failure(name, {exact.upper(), symbol.strip().upper()}, HISTORY)
            nothing = f"no funding history of {name} {exact} is stored: refresh it once"
            raise NoQuoteError(nothing + why)
        return rows

    def maintenance_rate(self, venue: str, symbol: str, notional: float = 0.0) -> float:
        """Return the maintenance rate of a position's tier, as a fraction.

        Parameters
        ----------
        notional : float
            Size of the position in USD at the mark price; 0 means the lowest tier.
        """
        if not math.isfinite(notional) or notional < 0:
            raise DomainError("notional", notional, "a finite number, 0 or above")
        quote = self.fresh(venue, symbol)
        if not quote.tiers:
            if quote.maintenance_rate is not None and notional == 0:
                return quote.maintenance_rate
            raise NoValueError(
                f"{quote.venue} publishes no maintenance rates of {quote.symbol}; enter yours"
            )
        for tier in quote.tiers:
            if notional <= tier.up_to * _usd_per_unit(tier, quote):
                return tier.maintenance_rate
        raise NoValueError(
            f"{quote.venue} {quote.symbol} has no tier for a position of {notional:,.0f} USD"
        )

    def reasons(self) -> list[tuple[datetime, str, str]]:
        """Return why the latest refreshes failed or gave a doubtful rate, newest first.

        Each is time, what, message. That a venue publishes no history at all is no failure, and
        left out.
        """
        named = {QUOTE: "refresh", HISTORY: "history of", RATE: "rate of"}
        found = [*self.store.failures(), *self.store.warnings()]
        return [
            (f.time, f"{named.get(f.what, f.what)} {f.venue} {f.asked}", f.message)
            for f in sorted(found, key=lambda f: f.time, reverse=True)
            if (f.what, f.kind) != (HISTORY, NotOffered.__name__)
        ]

    def warning(self, quote: Quote) -> str | None:
        """Return why the rate of a stored quote is doubtful, or None."""
        for doubt in self.store.warnings() if quote.status is not Status.SNAPSHOT else ():
            if (doubt.venue, doubt.asked) == (quote.venue, quote.symbol):
                return doubt.message
        return None

    def _with_status(self, stored: Quotes, quote: Quote, max_age: timedelta) -> Quote:
        now = self.clock()
        if -LIMITS.ahead <= now - quote.time <= max_age and not prediction_passed(quote, now):
            return quote  # stored as LIVE
        if self._stale[0] is not stored:
            self._stale = (stored, {})
        stale = self._stale[1]
        key = quote.venue, quote.symbol
        if key not in stale:
            stale[key] = quote.with_status(Status.STALE)
        return stale[key]

    def _nothing(self, name: str, symbol: str) -> str:
        why = self._last_failure(name, {symbol.strip().upper()}, QUOTE)
        return f"nothing is stored for {name} {symbol.strip()}: refresh it once{why}"

    def _last_failure(self, name: str, words: set[str], what: str) -> str:
        for failure in self.store.failures():
            if (failure.venue, failure.what) == (name, what) and failure.asked.upper() in words:
                return f" (the last refresh said: {failure.message})"
        return ""


def find(quotes: Quotes, venue: str, symbol: str) -> Quote | None:
    """Return the quote of a symbol, or of what a coin's name means, or None.

    A coin ("BTC") means its inverse perpetual in USD, "linear:BTC" its linear one.
    """
    exact = quotes.get((venue, symbol.strip()))
    if exact is not None:
        return exact
    word = symbol.strip().upper()
    coin = linear_coin(word)
    kind, currencies = ("inverse", ("USD",)) if coin is None else ("linear", LINEAR_CURRENCIES)
    coin = coin or ("BTC" if word == "XBT" else word)
    of_coin = []
    for (name, known), quote in quotes.items():
        if name != venue:
            continue
        if known.upper() == word:
            return quote
        if (quote.coin, quote.contract_type) == (coin, kind) and quote.quote_currency in currencies:
            of_coin.append((-currencies.index(quote.quote_currency), quote.time, known))
    return quotes[venue, max(of_coin)[2]] if of_coin else None


def open_live(environ: Mapping[str, str], clock: Clock = utc_now) -> LiveQuotes:
    """Return the live quotes of this user: store, bundled snapshot, age limit by environment."""
    from xlhedge.snapshot import bundled_quotes

    limit = environ.get(MAX_AGE.variable)
    return LiveQuotes(
        Store(home_folder(environ)),
        clock,
        bundled_quotes(),
        MAX_AGE.value({}, environ) if limit else None,
    )


def _usd_per_unit(tier: Tier, quote: Quote) -> float:
    """Return how many USD of position one unit of the tier's limit stands for, at the mark."""
    per_contract = quote.contract_size * (1.0 if quote.size_unit == "quote" else quote.mark)
    return {"coin": quote.mark, "quote": 1.0, "contracts": per_contract}[tier.unit]
