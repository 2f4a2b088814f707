"""What the thread of one venue does in a refresh: its quotes first, then its histories.

It reads and writes nothing of the store: what it needs is in the job, what it finds goes into a
queue, and only the caller of the refresh stores it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlhedge import venues
from xlhedge.errors import ArgumentError, HedgeError, NotOffered, RateLimited, UnknownSymbol
from xlhedge.quotes import Clock, FundingRow, Quote
from xlhedge.store import Span

if TYPE_CHECKING:
    from xlhedge.transport import Http

__all__ = ["Fetched", "Job", "hopeless", "start"]


@dataclass(frozen=True, slots=True)
class Fetched:
    """Settlements of one contract: the spans that were missing, each with all of its rows."""

    symbol: str
    spans: list[tuple[datetime, datetime, list[FundingRow]]]


@dataclass(slots=True)
class Job:
    """What to ask one venue.

    Attributes
    ----------
    symbols : list of str
        Whose quotes to ask for.
    history_of : dict
        Whose settlements to ask for, with the quote where it is known already.
    since : datetime or None
        From when on settlements are wanted.
    spans : mapping
        Which settlements are stored already, by the venue's symbol.
    """

    venue: str
    clock: Clock
    environ: Mapping[str, str]
    folder: Path
    deadline: float
    symbols: list[str]
    history_of: dict[str, Quote | None] = field(default_factory=dict)
    since: datetime | None = None
    spans: Mapping[str, Span] = field(default_factory=dict)


def start(job: Job, answers: queue.SimpleQueue) -> None:
    """Start the thread of one venue; it ends with the process.

    It puts (venue, {asked: quote or error}) once, where quotes are asked for, and then
    (venue, asked, settlements or error) for each history.
    """
    threading.Thread(target=_work, args=(job, answers), daemon=True).start()


def hopeless(error: HedgeError | None) -> bool:
    """Tell whether a quote failed for a reason for which its history would fail as well."""
    return isinstance(error, RateLimited | UnknownSymbol | NotOffered | ArgumentError)


def _work(job: Job, answers: queue.SimpleQueue) -> None:
    http = _guarded(job, lambda: _connected(job))
    known: dict[str, Quote | HedgeError | None] = dict(job.history_of)
    if job.symbols:
        quotes = http
        if not isinstance(http, HedgeError):
            quotes = _guarded(job, lambda: venues.venue(job.venue).quotes(http, job.symbols))
        if isinstance(quotes, HedgeError):
            quotes = dict.fromkeys(job.symbols, quotes)
        answers.put((job.venue, quotes))
        known |= {asked: quotes[asked] for asked in known if asked in quotes}
    refusal: HedgeError | None = http if isinstance(http, HedgeError) else None
    for asked, quote in known.items():
        found = refusal
        if found is None:
            found = _guarded(job, lambda a=asked, q=quote: _history(http, job, a, q))
            refusal = found if isinstance(found, RateLimited) else None
        answers.put((job.venue, asked, found))
    if not isinstance(http, HedgeError):
        http.close()


def _connected(job: Job) -> Http:
    from xlhedge.transport import Http, base_override

    venue = venues.venue(job.venue)
    return Http(
        job.venue,
        clock=job.clock,
        base=base_override(job.venue, job.environ),
        folder=job.folder,
        deadline=job.deadline,
        retry_seconds=venue.retry_seconds,
        list_retry_seconds=venue.list_retry_seconds,
    )


def _history(http: Http, job: Job, asked: str, quote: Quote | HedgeError | None) -> Fetched:
    if isinstance(quote, HedgeError):
        if hopeless(quote):
            raise quote
        quote = None  # the ticker may be at fault where the past is not
    venue = venues.venue(job.venue)
    symbol = quote.symbol if quote else venue.resolve(http, asked).symbol
    now, span = job.clock(), job.spans.get(symbol)
    missing = span.missing(job.since, now) if span else [(job.since, now)]
    if span and now < span.last + _shortest_step(span, quote):
        missing = [(first, last) for first, last in missing if last <= span.first]
    return Fetched(
        symbol,
        [(first, last, venue.history(http, symbol, first, last)) for first, last in missing],
    )


def _shortest_step(span: Span, quote: Quote | None) -> timedelta:
    """Return how long after the newest settlement the next one can be there, at the earliest."""
    steps = [span.step or timedelta(0)]
    if quote is not None:
        steps.append(timedelta(hours=quote.interval_hours))
    return min(steps)


def _guarded(job: Job, work: Callable[[], Any]) -> Any:
    """Return what some work gave, or the error it ended with: a thread never dies silently."""
    try:
        return work()
    except HedgeError as error:
        return error
    except Exception as error:  # a fault of ours must not lose the other venues' quotes
        return HedgeError(f"{job.venue}: xlhedge failed ({type(error).__name__}: {error})")
