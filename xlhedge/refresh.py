"""Fetching quotes from many venues at once into the store.

One thread and one batch of requests a venue. Only the caller's thread writes to the store, so that
a venue that answers after the deadline changes nothing.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from xlhedge import venues
from xlhedge.errors import HedgeError, RateLimited, VenueUnreachable
from xlhedge.live import find
from xlhedge.plausibility import LIMITS, refuse_implausible
from xlhedge.quotes import Clock, Quote, Status
from xlhedge.store import Store

__all__ = ["DEADLINE_SECONDS", "MINIMUM_AGE_SECONDS", "Outcome", "refresh"]

DEADLINE_SECONDS = 20.0
MINIMUM_AGE_SECONDS = 10.0  # a quote younger than this is not asked for again

Progress = Callable[["Outcome"], None]
Asked = tuple[str, str]  # venue, symbol or coin


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the refresh of one asked symbol ended: a quote, or an error and the last good quote."""

    venue: str
    asked: str
    quote: Quote | None
    error: HedgeError | None
    last_good: Quote | None  # status STALE; None where nothing was ever stored
    seconds: float


@dataclass(frozen=True, slots=True)
class _Settings:
    store: Store
    clock: Clock
    environ: Mapping[str, str]
    deadline: float
    accept_new_sizes: bool
    minimum_age: timedelta
    max_age: timedelta


def refresh(
    wanted: Iterable[Asked],
    *,
    store: Store,
    clock: Clock,
    environ: Mapping[str, str],
    deadline_seconds: float = DEADLINE_SECONDS,
    accept_new_sizes: bool = False,
    minimum_age_seconds: float = MINIMUM_AGE_SECONDS,
    max_age: timedelta = LIMITS.age,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Fetch, check and store quotes; no venue's trouble reaches another or the caller.

    Parameters
    ----------
    wanted : iterable of (venue, symbol)
        Symbols of the venue, or coins.
    store : Store
        Where good quotes, bans and reasons are kept.
    clock : callable
        Returns the present as an aware UTC datetime.
    environ : mapping
        For ``XLHEDGE_URL_<VENUE>``.
    deadline_seconds : float
        After this the venues that have not answered are given up.
    accept_new_sizes : bool
        Whether a face value that has changed is accepted.
    minimum_age_seconds : float
        A stored quote younger than this is returned without asking again.
    max_age : timedelta
        A quote whose own time is older than this is refused.
    progress : callable, optional
        Called with each outcome as it is known.

    Returns
    -------
    list of Outcome
        In the order of `wanted`.

    Raises
    ------
    StoreError
        The store cannot be used: nothing was fetched, or nothing could be kept.
    """
    wanted = list(dict.fromkeys(wanted))
    settings = _Settings(
        store=store,
        clock=clock,
        environ=environ,
        deadline=time.monotonic() + deadline_seconds,
        accept_new_sizes=accept_new_sizes,
        minimum_age=timedelta(seconds=minimum_age_seconds),
        max_age=max_age,
    )
    outcomes: dict[Asked, Outcome] = {}
    for done in _fetched(wanted, settings):
        outcomes.update({(o.venue, o.asked): o for o in done})
        for outcome in done:
            if progress is not None:
                progress(outcome)
    return [outcomes[venue_name(venue), symbol] for venue, symbol in wanted]


def venue_name(word: str) -> str:
    """Return the usual spelling of a venue's name, or the word as it is if there is none."""
    try:
        return venues.check_name(word)
    except HedgeError:
        return word


def _fetched(wanted: Sequence[Asked], settings: _Settings) -> Iterable[list[Outcome]]:
    """Yield the outcomes of one venue after another, as they become known."""
    by_venue: dict[str, list[str]] = {}
    for venue, symbol in wanted:
        by_venue.setdefault(venue_name(venue), []).append(symbol)
    answers: queue.SimpleQueue = queue.SimpleQueue()
    waiting: dict[str, list[str]] = {}
    started = time.monotonic()
    for name, symbols in by_venue.items():
        known, symbols = _known_already(name, symbols, settings)
        if known:
            yield known
        if symbols:
            waiting[name] = symbols
            threading.Thread(
                target=_ask, args=(name, symbols, settings, answers), daemon=True
            ).start()
    while waiting:
        try:
            left = max(settings.deadline - time.monotonic(), 0)
            name, answer = answers.get(timeout=left)
        except queue.Empty:
            break
        yield _kept(name, waiting.pop(name), answer, settings, time.monotonic() - started)
    for name, symbols in waiting.items():
        late = VenueUnreachable(name, "no answer before the deadline of the refresh")
        answer = dict.fromkeys(symbols, late)
        yield _kept(name, symbols, answer, settings, time.monotonic() - started)


def _known_already(
    name: str, symbols: list[str], settings: _Settings
) -> tuple[list[Outcome], list[str]]:
    """Answer without the network what is known or forbidden; return the rest to be asked."""
    store, now = settings.store, settings.clock()
    try:
        venues.check_name(name)
    except HedgeError as error:
        return [Outcome(name, symbol, None, error, None, 0.0) for symbol in symbols], []
    quotes = store.quotes()
    young, rest = [], []
    for symbol in symbols:
        quote = find(quotes, name, symbol)
        if quote is not None and timedelta(0) <= now - quote.received < settings.minimum_age:
            young.append(Outcome(name, symbol, quote, None, None, 0.0))
        else:
            rest.append(symbol)
    ban = store.ban(name, now) if rest else None
    if ban is None:
        return young, rest
    until, message = ban
    error = RateLimited(name, message.removeprefix(f"{name}: "), until.timestamp())
    return young + _kept(name, rest, dict.fromkeys(rest, error), settings, 0.0), []


def _ask(name: str, symbols: list[str], settings: _Settings, answers: queue.SimpleQueue) -> None:
    """Ask one venue, in its own thread; whatever happens, put an answer."""
    try:
        from xlhedge.transport import Http, base_override

        http = Http(
            name,
            clock=settings.clock,
            base=base_override(name, settings.environ),
            folder=settings.store.folder,
            deadline=settings.deadline,
        )
        try:
            answer = venues.venue(name).quotes(http, symbols)
        finally:
            http.close()
    except HedgeError as error:
        answer = dict.fromkeys(symbols, error)
    except Exception as error:  # a fault of ours must not lose the other venues' quotes
        fault = HedgeError(f"{name}: xlhedge failed ({type(error).__name__}: {error})")
        answer = dict.fromkeys(symbols, fault)
    answers.put((name, answer))


def _kept(
    name: str,
    symbols: list[str],
    answer: Mapping[str, Quote | HedgeError],
    settings: _Settings,
    seconds: float,
) -> list[Outcome]:
    """Check one venue's quotes, store the good ones and how it ended; return the outcomes."""
    store, now = settings.store, settings.clock()
    stored = store.quotes()
    outcomes = []
    for symbol in symbols:
        found = _checked(answer[symbol], stored, settings)
        if isinstance(found, Quote):
            outcomes.append(Outcome(name, symbol, found, None, None, seconds))
        else:
            last = find(stored, name, symbol)
            stale = last.with_status(Status.STALE) if last else None
            outcomes.append(Outcome(name, symbol, None, found, stale, seconds))
    store.save_quotes([o.quote for o in outcomes if o.quote is not None])
    store.save_outcomes([(name, o.asked, o.error) for o in outcomes], now)
    for error in {str(o.error): o.error for o in outcomes}.values():
        if isinstance(error, RateLimited) and error.retry_at and error.retry_at > now.timestamp():
            store.save_ban(name, error.retry_at, str(error))
    return outcomes


def _checked(
    found: Quote | HedgeError, stored: Mapping[Asked, Quote], settings: _Settings
) -> Quote | HedgeError:
    if isinstance(found, HedgeError):
        return found
    try:
        refuse_implausible(
            found,
            now=settings.clock(),
            last=stored.get((found.venue, found.symbol)),
            accept_new_sizes=settings.accept_new_sizes,
            limits=replace(LIMITS, age=settings.max_age),
        )
    except HedgeError as error:
        return error
    return found
