"""Refreshing the store without a workbook: what came, what failed and why, how old it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from xlhedge.commands._printing import (
    EXIT_NOT_LIVE,
    NOTHING,
    age,
    complain,
    progress,
    show_table,
)
from xlhedge.errors import UnknownSymbol
from xlhedge.outcome import Asked, Outcome, status, status_shown

if TYPE_CHECKING:
    from xlhedge.live import LiveQuotes

__all__ = ["contracts", "refresh_store", "show_outcomes"]

USUAL_COIN = "BTC"
HISTORY_DAYS = 30
HEADERS = ("venue", "contract", "mark", "rate", "every", "settlements", "status", "age")


def refresh_store(
    live: LiveQuotes,
    environ: Mapping[str, str],
    *,
    accept_new_sizes: bool = False,
) -> int:
    """Refresh every contract that was ever stored, with its settlements; print the table.

    Returns
    -------
    int
        Exit code: 0 if all of them are LIVE, 3 if some are not, 1 if none is.
    """
    from xlhedge.refresh import refresh

    wanted = contracts(live)
    with progress(len(wanted)) as told:
        outcomes = refresh(
            wanted,
            store=live.store,
            clock=live.clock,
            environ=environ,
            max_age=live.max_age,
            accept_new_sizes=accept_new_sizes,
            history_days=HISTORY_DAYS,
            progress=told,
        )
    show_outcomes(outcomes, live.clock())
    states = {status(outcome) for outcome in outcomes} - {"NOT OFFERED"}
    if states == {"LIVE"}:
        return 0
    return EXIT_NOT_LIVE if "LIVE" in states or "STALE" in states else 1


def contracts(live: LiveQuotes) -> list[Asked]:
    """Return the contracts stored so far; in a new store, bitcoin at every venue."""
    from xlhedge.venues import names

    return sorted(live.store.quotes()) or [(name, USUAL_COIN) for name in names()]


def show_outcomes(outcomes: Sequence[Outcome], now: datetime) -> None:
    """Print how a refresh ended, a row for each contract, and the reasons on the error output."""
    show_table(HEADERS, [_row(o, now) for o in outcomes], right="mark rate every settlements age")
    for reason in _reasons(outcomes):
        complain(reason)


def _row(outcome: Outcome, now: datetime) -> list[str]:
    quote = outcome.shown
    count = NOTHING if outcome.settlements is None else str(outcome.settlements)
    if quote is None:
        empty = [NOTHING] * 3
        return [outcome.venue, outcome.asked, *empty, count, status(outcome), NOTHING]
    return [
        quote.venue,
        quote.symbol,
        f"{quote.mark:,.10g}",
        f"{quote.funding_rate:+.6%}",
        f"{quote.interval_hours:g} h",
        count,
        status_shown(outcome),
        age(quote.time, now),
    ]


def _reasons(outcomes: Sequence[Outcome]) -> Iterable[str]:
    """Return each reason once: a venue that is down is down for all of its contracts."""
    reasons: dict[str, None] = {}
    for outcome in outcomes:
        for error in (outcome.warning, outcome.error, outcome.history_error):
            if error is not None:
                reasons[str(error)] = None
        if isinstance(outcome.error, UnknownSymbol) and outcome.last_good is not None:
            named = f"{outcome.venue} {outcome.asked}"
            reasons[f"{named} is gone for good? xlhedge quote {named} --forget"] = None
    return reasons
