"""Fetching quotes and past settlements from many venues at once into the store.

One thread and one batch of requests a venue, quotes first. Only the caller's thread writes to the
store, so that a venue that answers after the deadline changes nothing.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from xlhedge import venues
from xlhedge._venue_thread import Fetched, Job, hopeless, start
from xlhedge.errors import HedgeError, RateLimited, VenueUnreachable
from xlhedge.live import find
from xlhedge.outcome import Asked, Outcome
from xlhedge.plausibility import (
    LIMITS,
    doubt_about_rate,
    prediction_passed,
    refuse_implausible,
    refuse_implausible_history,
)
from xlhedge.quotes import Clock, Quote, Status
from xlhedge.settings import MAX_AGE, MINIMUM_REFRESH
from xlhedge.store import HISTORY, RATE, Store

__all__ = ["DEADLINE_SECONDS", "Outcome", "refresh"]

DEADLINE_SECONDS = 20.0
TOO_LATE = "no answer before the deadline of the refresh"
USUAL_OF = 90  # settlements, of which the median is the usual rate


Progress = Callable[[Outcome], None]


def refresh(
    wanted: Iterable[Asked],
    *,
    store: Store,
    clock: Clock,
    environ: Mapping[str, str],
    deadline_seconds: float = DEADLINE_SECONDS,
    accept_new_sizes: bool = False,
    minimum_age_seconds: float | None = None,
    max_age: timedelta | None = None,
    history_days: float | None = None,
    history_of: Iterable[Asked] | None = None,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Fetch, check and store quotes; no venue's trouble reaches another or the caller.

    Parameters
    ----------
    wanted : iterable of (venue, symbol)
        Symbols of the venue, or coins (their inverse perpetual; "linear:BTC" for the linear one).
    store : Store
        Where good quotes, bans and reasons are kept.
    clock : callable
        Returns the present as an aware UTC datetime.
    environ : mapping
        For ``XLHEDGE_URL_<VENUE>`` and the settings.
    deadline_seconds : float
        After this the venues that have not answered are given up.
    accept_new_sizes : bool
        Whether a face value that has changed is accepted.
    minimum_age_seconds : float, optional
        A stored quote younger than this is returned without asking again; None takes the setting.
    max_age : timedelta, optional
        A quote whose own time is older than this is refused; None takes the setting.
    history_days : float, optional
        Whether past settlements are fetched too, and of how many days; only what the store lacks
        is asked for, after the venue's quotes.
    history_of : iterable of (venue, symbol), optional
        Whose settlements, of those in `wanted`; None means all.
    progress : callable, optional
        Called with each outcome as it is known, and again when its settlements are there.

    Returns
    -------
    list of Outcome
        In the order of `wanted`.

    Raises
    ------
    StoreError
        The store cannot be used: nothing was fetched, or nothing could be kept.
    """
    wanted = [(venue_name(venue), symbol) for venue, symbol in dict.fromkeys(wanted)]
    set_by_user = store.look()[1]
    if minimum_age_seconds is None:
        minimum_age_seconds = MINIMUM_REFRESH.value(set_by_user, environ)
    if max_age is None:
        max_age = timedelta(minutes=MAX_AGE.value(set_by_user, environ))
    histories = set(wanted)
    if history_of is not None:
        histories &= {(venue_name(venue), symbol) for venue, symbol in history_of}
    at_work = _Refresh(
        store=store,
        clock=clock,
        environ=environ,
        started=time.monotonic(),
        deadline=time.monotonic() + deadline_seconds,
        accept_new_sizes=accept_new_sizes,
        minimum_age=timedelta(seconds=minimum_age_seconds),
        max_age=max_age,
        since=None if history_days is None else clock() - timedelta(days=history_days),
        history_of=histories if history_days is not None else set(),
        progress=progress,
    )
    at_work.run(wanted)
    return [at_work.outcomes[key] for key in wanted]


def venue_name(word: str) -> str:
    """Return the usual spelling of a venue's name, or the word as it is if there is none."""
    try:
        return venues.check_name(word)
    except HedgeError:
        return word


@dataclass(slots=True)
class _Refresh:
    """One refresh while it runs; all of it happens in the caller's thread."""

    store: Store
    clock: Clock
    environ: Mapping[str, str]
    started: float
    deadline: float
    accept_new_sizes: bool
    minimum_age: timedelta
    max_age: timedelta
    since: datetime | None
    history_of: set[Asked]
    progress: Progress | None
    outcomes: dict[Asked, Outcome] = field(default_factory=dict)

    def run(self, wanted: Sequence[Asked]) -> None:
        """Start all venues, keep what they answer until the deadline, give up the rest."""
        answers: queue.SimpleQueue = queue.SimpleQueue()
        waiting: dict[str, Job] = {}
        for name in dict.fromkeys(name for name, _ in wanted):
            job = self._job(name, [symbol for venue, symbol in wanted if venue == name])
            if job is not None:
                waiting[name] = job
                start(job, answers)
        while waiting:
            try:
                answer = answers.get(timeout=max(self.deadline - time.monotonic(), 0))
            except queue.Empty:
                break
            job = waiting[answer[0]]
            if len(answer) == 2:
                self._keep_quotes(job.venue, job.symbols, answer[1])
                job.symbols = []
            else:
                _, asked, found = answer
                self._keep_history(job.venue, asked, found)
                del job.history_of[asked]
            if not job.symbols and not job.history_of:
                del waiting[job.venue]
        for name, job in waiting.items():
            late = VenueUnreachable(name, TOO_LATE)
            if job.symbols:
                self._keep_quotes(name, job.symbols, dict.fromkeys(job.symbols, late))
            for asked in job.history_of:
                self._keep_history(name, asked, late)

    def _job(self, name: str, symbols: list[str]) -> Job | None:
        """Answer without the network what is known or forbidden; return the rest to be asked."""
        try:
            venues.check_name(name)
        except HedgeError as error:
            for symbol in symbols:
                self._tell(Outcome(name, symbol, None, error, None, 0.0))
            return None
        now, quotes = self.clock(), self.store.quotes()
        asked = []
        histories: dict[str, Quote | None] = {}
        for symbol in symbols:
            quote = find(quotes, name, symbol)
            young = quote is not None and self._is_young(quote, now)
            if young:
                doubts = {(w.venue, w.asked): w.message for w in self.store.warnings()}
                warning = doubts.get((name, quote.symbol))
                self._tell(Outcome(name, symbol, quote, None, None, 0.0, warning=warning))
            else:
                asked.append(symbol)
            if (name, symbol) in self.history_of:
                histories[symbol] = quote if young else None
        ban = self.store.ban(name, now) if asked or histories else None
        if ban is not None:
            until, message = ban
            error = RateLimited(name, message.removeprefix(f"{name}: "), until.timestamp())
            self._keep_quotes(name, asked, dict.fromkeys(asked, error))
            for symbol in histories:
                self._keep_history(name, symbol, error)
            return None
        if not asked and not histories:
            return None
        return Job(
            venue=name,
            clock=self.clock,
            environ=self.environ,
            folder=self.store.folder,
            deadline=self.deadline,
            symbols=asked,
            history_of=histories,
            since=self.since,
            spans=self.store.spans(name) if histories else {},
        )

    def _is_young(self, quote: Quote, now: datetime) -> bool:
        """Tell whether a quote was received a moment ago and is still what it was."""
        received = now - quote.received
        young = timedelta(0) <= received < self.minimum_age and now - quote.time <= self.max_age
        return young and not prediction_passed(quote, now)

    def _keep_quotes(
        self, name: str, symbols: Sequence[str], answer: Mapping[str, Quote | HedgeError]
    ) -> None:
        """Check one venue's quotes, store the good ones and how it ended."""
        stored, now, seconds = self.store.quotes(), self.clock(), time.monotonic() - self.started
        outcomes = []
        for symbol in symbols:
            found = self._checked(answer[symbol], stored)
            if isinstance(found, Quote):
                rows = self.store.history(name, found.symbol, USUAL_OF)
                doubt = doubt_about_rate(found, rows, stored.get((name, found.symbol)))
                outcomes.append(Outcome(name, symbol, found, None, None, seconds, warning=doubt))
            else:
                last = find(stored, name, symbol)
                stale = last.with_status(Status.STALE) if last else None
                outcomes.append(Outcome(name, symbol, None, found, stale, seconds))
        came = [o for o in outcomes if o.quote is not None]
        # a doubt before its quote: whatever happens, no reader finds the one without the other
        self.store.save_outcomes([(name, o.quote.symbol, o.warning) for o in came], now, RATE)
        self.store.save_quotes([o.quote for o in came])
        self.store.save_outcomes([(name, o.asked, o.error) for o in outcomes], now)
        for error in {str(o.error): o.error for o in outcomes}.values():
            self._keep_ban(error, now)
        for outcome in outcomes:
            self._tell(outcome)

    def _checked(
        self, found: Quote | HedgeError, stored: Mapping[Asked, Quote]
    ) -> Quote | HedgeError:
        if isinstance(found, HedgeError):
            return found
        try:
            refuse_implausible(
                found,
                now=self.clock(),
                last=stored.get((found.venue, found.symbol)),
                accept_new_sizes=self.accept_new_sizes,
                limits=replace(LIMITS, age=self.max_age),
            )
        except HedgeError as error:
            return error
        return found

    def _keep_history(self, name: str, asked: str, found: Fetched | HedgeError) -> None:
        """Check and store settlements; the outcome of the quote stands as it is."""
        now, outcome = self.clock(), self.outcomes[name, asked]
        quote = outcome.quote or outcome.last_good
        symbol = found.symbol if isinstance(found, Fetched) else quote.symbol if quote else asked
        error = found if isinstance(found, HedgeError) else None
        try:
            for since, until, rows in () if error else found.spans:
                cap = quote.funding_cap if quote else None
                refuse_implausible_history(name, symbol, rows, now=now, cap=cap)
                self.store.save_history(name, symbol, rows, since, until)
        except HedgeError as complaint:
            error = complaint
        if not hopeless(outcome.error):  # else the quote's own reason says it already
            self.store.save_outcomes([(name, asked, error)], now, HISTORY)
        self._keep_ban(error, now)
        count = len(self.store.history(name, symbol, since=self.since))
        self._tell(replace(outcome, settlements=count, history_error=error))

    def _keep_ban(self, error: HedgeError | None, now: datetime) -> None:
        if isinstance(error, RateLimited) and error.retry_at and error.retry_at > now.timestamp():
            self.store.save_ban(error.venue, error.retry_at, str(error))

    def _tell(self, outcome: Outcome) -> None:
        self.outcomes[outcome.venue, outcome.asked] = outcome
        if self.progress is not None:
            self.progress(outcome)
