"""``xlhedge rates``: the funding of one coin at every venue, side by side.

Live rows come first, sorted by what a short would earn; below them, marked with *, those whose rate
cannot be compared with the others': it is not confirmed what it is, it is the one settled last, or
it is doubtful. Then what is stored of venues that could not be asked, marked STALE; then venues of
which there is nothing, each with the reason. Exit code: 0 if every venue that offers the contract
is LIVE, 3 if some are not, 1 if none is.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from xlhedge.commands._printing import (
    EXIT_NOT_LIVE,
    NOTHING,
    age,
    complain,
    iso,
    progress,
    quote_record,
    show_table,
    utc,
)
from xlhedge.errors import QuoteError, UnknownWordError
from xlhedge.live import LiveQuotes, open_live
from xlhedge.outcome import Outcome, status, status_shown
from xlhedge.quotes import Quote, Status

HEADERS = (
    "venue",
    "contract",
    "type",
    "rate",
    "kind",
    "every",
    "APR",
    "next settlement",
    "basis",
    "age",
    "status",
)

LEGEND = "rate: per interval; above 0 longs pay shorts, and a short earns the APR (simple)"
APART = "*"  # marks a rate that is not ranked with the others
SETTLED = "the rate is the one settled last; what comes next is not said"
DOUBTFUL = "the rate is doubtful, see below"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--coin", default="BTC", help="the coin (default BTC)")
    parser.add_argument("--linear", action="store_true", help="linear perpetuals too")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--offline", action="store_true", help="use stored quotes only")


def run(args: argparse.Namespace) -> int:
    """Ask all venues and show what each says; see the module for the exit code."""
    from xlhedge import venues

    coin = args.coin.strip().upper()
    if not coin.isalnum():
        raise UnknownWordError("--coin", args.coin, 'the name of a coin, such as "BTC"')
    live = open_live(os.environ)
    words = [coin, f"linear:{coin}"] if args.linear else [coin]
    wanted = [(name, word) for name in venues.names() for word in words]
    outcomes = [_stored(live, *w) for w in wanted] if args.offline else _fetched(live, wanted)
    outcomes = sorted(outcomes, key=_place)
    now = live.clock()
    if args.json:
        report = {"coin": coin, "time": iso(now), "rates": [_record(o, now) for o in outcomes]}
        print(json.dumps(report, allow_nan=False))
    else:
        show_table(HEADERS, [_row(o, now) for o in outcomes], right="rate every APR basis age")
        print(f"\n{LEGEND}")
        for outcome in outcomes:
            why = _apart(outcome)
            if why is not None:
                print(f"{APART} {outcome.venue} {outcome.shown.symbol}: {why}")
        sys.stdout.flush()
        for outcome in outcomes:
            for reason in (outcome.warning, outcome.error):
                if reason is not None:
                    complain(reason)
    return _exit_code(outcomes)


def _fetched(live: LiveQuotes, wanted: Sequence[tuple[str, str]]) -> list[Outcome]:
    from xlhedge.refresh import refresh

    with progress(len(wanted)) as told:
        return refresh(
            wanted,
            store=live.store,
            clock=live.clock,
            environ=os.environ,
            max_age=live.max_age,
            progress=told,
        )


def _stored(live: LiveQuotes, venue: str, word: str) -> Outcome:
    try:
        quote = live.quote(venue, word)
    except QuoteError as error:
        return Outcome(venue, word, None, error, None, 0.0)
    if quote.status is Status.LIVE:
        return Outcome(venue, word, quote, None, None, 0.0, warning=live.warning(quote))
    if quote.status is Status.SNAPSHOT:  # of some day years ago: not to be compared with others
        quote = None
    why = QuoteError(f"{venue}: nothing was fetched (--offline)")
    return Outcome(venue, word, None, why, quote, 0.0)


def _place(outcome: Outcome) -> tuple[int, bool, float, str, str]:
    """Order: live before stale before nothing; ranked before apart; what earns most first."""
    quote = outcome.shown
    order = ("LIVE", "STALE", "FAILED", "NOT OFFERED").index(status(outcome))
    apart = _apart(outcome) is not None
    return order, apart, -quote.apr if quote else 0.0, outcome.venue, outcome.asked


def _apart(outcome: Outcome) -> str | None:
    """Return why a rate is not ranked with the others, or None."""
    quote = outcome.shown
    if quote is None:
        return None
    if outcome.warning is not None:
        return DOUBTFUL
    return quote.unconfirmed or (SETTLED if quote.funding_kind == "settled" else None)


def _row(outcome: Outcome, now: datetime) -> list[str]:
    quote = outcome.shown
    if quote is None:
        return [outcome.venue, outcome.asked, *[NOTHING] * (len(HEADERS) - 3), status(outcome)]
    return [
        quote.venue,
        quote.symbol,
        quote.contract_type,
        f"{quote.funding_rate:+.6%}",
        quote.funding_kind + (APART if _apart(outcome) else ""),
        f"{quote.interval_hours:g} h",
        f"{quote.apr:+.2%}",
        _next(quote, now),
        f"{quote.basis:+.4%}",
        age(quote.time, now),
        status_shown(outcome),
    ]


def _next(quote: Quote, now: datetime) -> str:
    if quote.next_funding is None:
        return "continuous" if quote.funding_kind == "accrued" else "not stated"
    passed = " (passed)" if quote.next_funding < now else ""
    return f"{utc(quote.next_funding)}{passed}"


def _record(outcome: Outcome, now: datetime) -> dict[str, Any]:
    quote = outcome.shown
    record = {"venue": outcome.venue, "asked": outcome.asked}
    if quote is not None:
        record |= quote_record(quote) | {"age_seconds": (now - quote.time).total_seconds()}
    record["status"] = status(outcome)
    record["error"] = str(outcome.error) if outcome.error is not None else None
    record["warning"] = outcome.warning
    record["ranked"] = quote is not None and _apart(outcome) is None
    return record


def _exit_code(outcomes: Sequence[Outcome]) -> int:
    states = {status(outcome) for outcome in outcomes} - {"NOT OFFERED"}
    if states == {"LIVE"}:
        return 0
    return EXIT_NOT_LIVE if states & {"LIVE", "STALE"} else 1
