"""``xlhedge history VENUE SYMBOL``: past settlements of one contract, and what they add up to.

Only what the store lacks is fetched. Exit code: 0 if the history is up to date, 3 if it could not
be brought up to date and what is stored is shown, 1 if there is none.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from xlhedge.commands._files import as_csv, refuse_target, write_beside_and_rename
from xlhedge.commands._printing import (
    EXIT_NOT_LIVE,
    NOTHING,
    complain,
    iso,
    progress,
    show_table,
    utc,
)
from xlhedge.errors import DomainError, HedgeError, NoQuoteError, WrongTypeError
from xlhedge.history import Summary, summary
from xlhedge.live import LiveQuotes, find, open_live
from xlhedge.quotes import FundingRow, Quote

DEFAULT_DAYS = 90.0
LONGEST_DAYS = 3650.0
DEADLINE_SECONDS = 60.0  # a year at a venue that gives a week a page is 53 requests
SHOWN = 15  # rows; all of them are in --csv and --json
EXAMPLE = 10_000  # USD


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("venue", help="binance, bybit, ... (xlhedge venues lists them)")
    parser.add_argument("symbol", help="the venue's symbol (BTCUSD_PERP), or a coin (BTC)")
    parser.add_argument("--days", default=f"{DEFAULT_DAYS:g}", help="how far back (default 90)")
    parser.add_argument("--csv", metavar="FILE", help="write all settlements to a file")
    parser.add_argument("--force", action="store_true", help="replace the file if it exists")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--offline", action="store_true", help="use stored settlements only")


def run(args: argparse.Namespace) -> int:
    """Fetch what is missing, show the settlements and their sum; see the module for the code."""
    from xlhedge.venues import check_name

    days, venue = _days(args.days), check_name(args.venue)
    target = Path(args.csv) if args.csv else None
    if target is not None:
        refuse_target(target, args.force)
    live = open_live(os.environ)
    error = None if args.offline else _fetched(live, venue, args.symbol, days)
    quote = find(live.store.quotes(), venue, args.symbol)
    symbol = quote.symbol if quote else args.symbol.strip()
    since = live.clock() - timedelta(days=days)
    rows = live.store.history(venue, symbol, since=since)
    if not rows:
        raise error or NoQuoteError(f"no settlements of {venue} {symbol} in {days:g} days")
    sums = summary(rows, quote.interval_hours if quote else None)
    if target is not None:
        write_beside_and_rename(target, _csv(venue, symbol, rows), args.force)
    if args.json:
        print(json.dumps(_record(venue, symbol, quote, rows, sums), allow_nan=False))
    else:
        _show(venue, symbol, quote, rows, sums, since, target)
    if error is not None:
        complain(error)
        complain(f"showing what is stored, up to {utc(sums.last)}")
        return EXIT_NOT_LIVE
    return 0


def _days(text: str) -> float:
    expected = f"days, as a number above 0 to {LONGEST_DAYS:g}"
    try:
        days = float(text)
    except ValueError:
        raise WrongTypeError("--days", text, expected) from None
    if not 0 < days <= LONGEST_DAYS:
        raise DomainError("--days", days, expected)
    return days


def _fetched(live: LiveQuotes, venue: str, symbol: str, days: float) -> HedgeError | None:
    """Bring the stored history up to date; return why that failed."""
    from xlhedge.refresh import refresh

    with progress(1) as told:
        (outcome,) = refresh(
            [(venue, symbol)],
            store=live.store,
            clock=live.clock,
            environ=os.environ,
            max_age=live.max_age,
            deadline_seconds=DEADLINE_SECONDS,
            history_days=days,
            progress=told,
        )
    return outcome.history_error


def _csv(venue: str, symbol: str, rows: Sequence[FundingRow]) -> str:
    """Return the settlements, newest first, with times that spreadsheets read."""
    return as_csv(
        ("time_utc", "rate", "kind", "mark", "venue", "symbol"),
        [
            (f"{row.time:%Y-%m-%d %H:%M}", row.rate, row.kind, row.mark, venue, symbol)
            for row in rows
        ],
    )


def _record(
    venue: str, symbol: str, quote: Quote | None, rows: Sequence[FundingRow], sums: Summary
) -> dict[str, Any]:
    return {
        "venue": venue,
        "symbol": symbol,
        "contract_type": quote.contract_type if quote else None,
        "from": iso(sums.first),
        "to": iso(sums.last),
        "count": sums.count,
        "sum": sums.total,
        "mean": sums.mean,
        "apr": sums.apr,
        "usual_hours": sums.usual_hours,
        "longest_hours": sums.longest_hours,
        "settlements": [
            {"time": iso(row.time), "rate": row.rate, "kind": row.kind, "mark": row.mark}
            for row in rows
        ],
    }


def _show(
    venue: str,
    symbol: str,
    quote: Quote | None,
    rows: Sequence[FundingRow],
    sums: Summary,
    since: datetime,
    target: Path | None,
) -> None:
    show_table(
        ("settlement", "rate", "kind", "mark"),
        [
            (utc(r.time), f"{r.rate:+.6%}", r.kind, f"{r.mark:,.10g}" if r.mark else NOTHING)
            for r in rows[:SHOWN]
        ],
        right="rate mark",
    )
    if len(rows) > SHOWN:
        print(f"... and {len(rows) - SHOWN} older (all of them: --csv FILE or --json)")
    print(
        f"\n{venue} {symbol}: {sums.count} settlements, {utc(sums.first)} to {utc(sums.last)}; "
        f"sum {sums.total:+.6%}, mean {sums.mean:+.6%}, APR {sums.apr:+.4%} (simple)"
    )
    print(_received(quote, sums))
    if sums.longest_hours > 1.5 * sums.usual_hours:
        print(
            f"distance of settlements: usually {sums.usual_hours:g} hours, once "
            f"{sums.longest_hours:g} hours; the venue paused, or changed its interval"
        )
    if sums.first - since > timedelta(hours=2 * sums.longest_hours):
        print(f"asked for those since {utc(since)}; there are none before {utc(sums.first)}")
    if target is not None:
        print(f"wrote {target}")


def _received(quote: Quote | None, sums: Summary) -> str:
    verb = "received" if sums.total >= 0 else "paid"
    share = f"{abs(sums.total):.4%}"
    if quote is not None and quote.contract_type == "inverse":
        dollars = f"{abs(sums.total) * EXAMPLE:,.2f} USD on {EXAMPLE:,} USD"
        return (
            f"a 1x short {verb} {share} of its notional: {dollars}, in {quote.margin_coin}, valued "
            "at each settlement"
        )
    return f"a 1x short {verb} {share} of what its position was worth at each settlement"
