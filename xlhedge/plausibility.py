"""Whether a quote can be true: what is refused is never stored, what is doubtful gets a warning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from xlhedge.errors import BadReply
from xlhedge.history import usual_rate
from xlhedge.quotes import FundingRow, Quote

__all__ = [
    "LIMITS",
    "Limits",
    "doubt_about_rate",
    "prediction_passed",
    "refuse_implausible",
    "refuse_implausible_history",
]


@dataclass(frozen=True, slots=True)
class Limits:
    """How far from the usual a quote may be before it is taken for an error."""

    mark_from_index: float = 0.20  # fraction of the index
    rate_per_interval: float = 0.04  # fraction, where the venue states no cap
    highest_cap: float = 0.10  # fraction an interval; a venue that states a higher one is in error
    longest_interval_hours: float = 24.0
    ahead: timedelta = timedelta(seconds=60)  # of this computer's clock
    age: timedelta = timedelta(minutes=60)
    settlement_slack: timedelta = timedelta(minutes=10)
    prediction_slack: timedelta = timedelta(minutes=1)  # for which a passed settlement is to come
    # A rate may be 100 times too large, by a slip between fractions and percent, and still be
    # possible. It is doubtful if it is all of these: at least so large, so many times the usual
    # one, and so many times the basis that drives it.
    doubtful_rate: float = 0.005  # fraction an interval
    times_usual: float = 20.0
    times_basis: float = 10.0
    least_basis: float = 0.0005  # a smaller one counts as this


LIMITS = Limits()
TINY = 1e-12  # the cap itself is allowed


def refuse_implausible(
    quote: Quote,
    *,
    now: datetime,
    last: Quote | None = None,
    accept_new_sizes: bool = False,
    limits: Limits = LIMITS,
) -> None:
    """Raise BadReply, with a sentence, if a quote cannot be true.

    Parameters
    ----------
    quote : Quote
        What was just read.
    now : datetime
        The present, aware.
    last : Quote, optional
        The last good quote of the same contract: its face value should not have changed.
    accept_new_sizes : bool
        Whether the user accepts a changed face value.
    """
    for complaint in (
        _prices(quote, limits),
        _rate(quote, limits),
        _times(quote, now, limits),
        None if accept_new_sizes else _size(quote, last),
    ):
        if complaint:
            raise BadReply(quote.venue, f"{quote.symbol}: {complaint}; not stored")


def prediction_passed(quote: Quote, now: datetime, limits: Limits = LIMITS) -> bool:
    """Tell whether the settlement that a quote predicts is past: its rate predicts nothing now."""
    return (
        quote.funding_kind == "predicted"
        and quote.next_funding is not None
        and now - quote.next_funding > limits.prediction_slack
    )


def doubt_about_rate(
    quote: Quote,
    rows: Sequence[FundingRow],
    last: Quote | None = None,
    limits: Limits = LIMITS,
) -> str | None:
    """Return a warning about a rate that is possible but looks like a slip of the unit, or None.

    Parameters
    ----------
    quote : Quote
        What was just read.
    rows : sequence of FundingRow
        Past settlements of the contract, which tell what is usual.
    last : Quote, optional
        The last good quote: its rate is the usual one where there are no settlements, unless it
        was doubtful itself. Where nothing is known to compare with, size and basis decide.
    """
    if not _stands_out(quote, limits):
        return None
    usual = usual_rate(rows, quote.interval_hours)
    if usual is None and last is not None and not _stands_out(last, limits):
        usual = abs(last.funding_rate) * quote.interval_hours / last.interval_hours
    if usual is not None and abs(quote.funding_rate) <= limits.times_usual * usual:
        return None
    compared = "nothing is stored to compare it with"
    if usual is not None:
        compared = f"usual are {usual:.4%}"
    return (
        f"{quote.venue} {quote.symbol}: the funding rate {quote.funding_rate:+.4%} an interval may "
        f"be wrong by a unit ({compared}, and the basis is {quote.basis:+.4%}); compare it with "
        "the venue's own page before you rely on it"
    )


def refuse_implausible_history(
    venue: str,
    symbol: str,
    rows: Iterable[FundingRow],
    *,
    now: datetime,
    cap: float | None = None,
    limits: Limits = LIMITS,
) -> None:
    """Raise BadReply if one of the settlements cannot be true: then none of them is stored.

    Parameters
    ----------
    rows : iterable of FundingRow
        What was just read.
    now : datetime
        The present, aware.
    cap : float, optional
        Highest rate per interval that the venue states today; an older rate may have had another
        cap, so it only widens the usual limit.
    """
    most = max(limits.rate_per_interval, _cap(cap, limits)) + TINY
    for row in rows:
        complaint = None
        if not -most <= row.rate <= most:  # NaN fails too
            complaint = f"the rate settled then, {row.rate:+.4%}, is beyond {most:.4%}"
        elif row.time > now + limits.ahead:
            complaint = "a settlement in the future (is this computer's clock right?)"
        elif row.mark is not None and not 0 < row.mark < float("inf"):
            complaint = f"mark is {row.mark}, expected a number above 0"
        if complaint:
            when = f"{row.time:%Y-%m-%d %H:%M} UTC"
            raise BadReply(venue, f"{symbol}, {when}: {complaint}; no settlement stored")


def _prices(quote: Quote, limits: Limits) -> str | None:
    for name in ("mark", "index", "contract_size"):
        value = getattr(quote, name)
        if not 0 < value < float("inf"):
            return f"{name} is {value}, expected a number above 0"
    if abs(quote.basis) > limits.mark_from_index:
        return (
            f"mark {quote.mark} is {quote.basis:+.1%} from index {quote.index}, beyond "
            f"{limits.mark_from_index:.0%}"
        )
    return None


def _rate(quote: Quote, limits: Limits) -> str | None:
    rate = quote.funding_rate
    if not 0 < quote.interval_hours <= limits.longest_interval_hours:
        return f"funding interval is {quote.interval_hours} hours"
    cap = _cap(quote.funding_cap, limits)
    floor = -_cap(None if quote.funding_floor is None else -quote.funding_floor, limits)
    if not floor - TINY <= rate <= cap + TINY:  # NaN fails too
        return f"funding rate {rate:+.4%} is outside {floor:+.4%} to {cap:+.4%} an interval"
    return None


def _cap(stated: float | None, limits: Limits) -> float:
    """Return the cap that a venue states, or the usual one where what it states cannot be true."""
    if stated is None or not 0 < stated <= limits.highest_cap:
        return limits.rate_per_interval
    return stated


def _stands_out(quote: Quote, limits: Limits) -> bool:
    basis = max(abs(quote.basis), limits.least_basis)
    rate = abs(quote.funding_rate)
    return rate >= limits.doubtful_rate and rate > limits.times_basis * basis


def _times(quote: Quote, now: datetime, limits: Limits) -> str | None:
    if quote.time > now + limits.ahead:
        ahead = (quote.time - now).total_seconds()
        return f"its time is {ahead:.0f} s in the future (is this computer's clock right?)"
    if quote.time < now - limits.age:
        age = (now - quote.time).total_seconds() / 60
        return f"its time, {quote.time:%Y-%m-%d %H:%M} UTC, is {age:.0f} minutes old"
    if quote.next_funding is None:
        return None
    interval = timedelta(hours=quote.interval_hours)
    if quote.next_funding - quote.time > interval + limits.settlement_slack:
        return (
            f"next settlement {quote.next_funding:%Y-%m-%d %H:%M} UTC is more than the interval of "
            f"{quote.interval_hours:g} hours ({quote.interval_source}) ahead"
        )
    if prediction_passed(quote, now, limits):
        return (
            f"the settlement that it predicts, {quote.next_funding:%Y-%m-%d %H:%M} UTC, has passed"
        )
    if quote.next_funding < quote.time - limits.settlement_slack:
        return f"next settlement {quote.next_funding:%Y-%m-%d %H:%M} UTC is in the past"
    return None


def _size(quote: Quote, last: Quote | None) -> str | None:
    if last is None:
        return None
    now, before = (quote.contract_size, quote.size_unit), (last.contract_size, last.size_unit)
    if now == before:
        return None
    return (
        f"face value changed from {before[0]:g} ({before[1]}) to {now[0]:g} ({now[1]}); check the "
        "venue's notice, then refresh with --accept-new-sizes"
    )
