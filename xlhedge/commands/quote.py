"""``xlhedge quote VENUE SYMBOL``: what one venue says of one contract, fetched and stored.

A rate that is possible but looks like a slip of the unit is shown with a warning on the error
output. ``--forget`` takes a contract out of the store instead, one that is no longer listed or was
never meant. Exit code: 0 if the quote is LIVE, 3 if only a stale or bundled one is there, 1 if
none is.
"""

from __future__ import annotations

import argparse
import json
import os
from datetime import datetime

from xlhedge.commands._printing import EXIT_NOT_LIVE, age, complain, quote_record, utc
from xlhedge.errors import HedgeError, NoQuoteError, NotOffered, QuoteError, UnknownSymbol
from xlhedge.live import LiveQuotes, find, open_live
from xlhedge.quotes import Quote, Status


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("venue", help="binance, bybit, ... (xlhedge venues lists them)")
    parser.add_argument("symbol", help="the venue's symbol (BTCUSD_PERP), or a coin (BTC)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--offline", action="store_true", help="use stored data only")
    parser.add_argument(
        "--accept-new-sizes",
        action="store_true",
        help="store the quote even if the contract's face value has changed",
    )
    parser.add_argument(
        "--forget",
        action="store_true",
        help="ask nobody; take the contract with its settlements and reasons out of the store",
    )


def run(args: argparse.Namespace) -> int:
    """Fetch one quote, or show the last stored one; see the module for the exit code."""
    live = open_live(os.environ)
    if args.forget:
        return _forget(live, args)
    quote = live.quote(args.venue, args.symbol) if args.offline else _fetched(live, args)
    now, warning = live.clock(), live.warning(quote)
    if args.json:
        print(json.dumps(quote_record(quote) | {"warning": warning}, allow_nan=False))
    else:
        print(_as_text(quote, now), flush=True)
    if warning is not None:
        complain(warning)
    return 0 if quote.status is Status.LIVE else EXIT_NOT_LIVE


def _fetched(live: LiveQuotes, args: argparse.Namespace) -> Quote:
    from xlhedge.refresh import refresh

    (outcome,) = refresh(
        [(args.venue, args.symbol)],
        store=live.store,
        clock=live.clock,
        environ=os.environ,
        accept_new_sizes=args.accept_new_sizes,
        max_age=live.max_age,
    )
    if outcome.quote is not None:
        return outcome.quote
    error = outcome.error
    if isinstance(error, UnknownSymbol | NotOffered | ValueError):
        raise error
    quote = outcome.last_good or _stored(live, args, error)
    kind = "bundled snapshot" if quote.status is Status.SNAPSHOT else "last stored quote"
    complain(error)
    complain(f"showing the {kind}, of {utc(quote.time)}")
    return quote


def _forget(live: LiveQuotes, args: argparse.Namespace) -> int:
    from xlhedge.venues import check_name

    venue, word = check_name(args.venue), args.symbol.strip()
    quote = find(live.store.quotes(), venue, word)
    symbol = quote.symbol if quote else word
    settlements = len(live.store.history(venue, symbol))
    if not live.store.forget(venue, (symbol, word)):
        raise NoQuoteError(f"nothing is stored for {venue} {word}: there is nothing to forget")
    print(f"forgot {venue} {symbol}, with {settlements} settlements")
    return 0


def _stored(live: LiveQuotes, args: argparse.Namespace, error: HedgeError) -> Quote:
    try:
        quote = live.quote(args.venue, args.symbol)
    except QuoteError:
        raise error from None
    return quote if quote.status is Status.SNAPSHOT else quote.with_status(Status.STALE)


def _as_text(quote: Quote, now: datetime) -> str:
    unit = quote.quote_currency
    size_unit = unit if quote.size_unit == "quote" else quote.coin
    rows = [
        ("contract", f"{quote.venue} {quote.symbol} ({quote.contract_type}, {quote.coin})"),
        ("status", f"{quote.status} ({age(quote.time, now)} old)"),
        ("time", f"{quote.time:%Y-%m-%d %H:%M:%S} UTC"),
        ("mark", f"{quote.mark:,.10g} {unit}"),
        ("index", f"{quote.index:,.10g} {unit}"),
        ("basis", f"{quote.basis:+.4%} of the index"),
        ("funding rate", f"{quote.funding_rate:+.6%} an interval, {quote.funding_kind}"),
        ("", _who_pays(quote.funding_rate)),
        *([("", f"unconfirmed: {quote.unconfirmed}")] if quote.unconfirmed else []),
        ("interval", f"{quote.interval_hours:g} hours ({quote.interval_source})"),
        ("yearly", f"{quote.apr:+.4%}, simple"),
        ("next funding", utc(quote.next_funding) if quote.next_funding else "not stated"),
        ("contract size", f"{quote.contract_size:,.10g} {size_unit}"),
        ("margin coin", quote.margin_coin),
        ("lot size", _or_none(quote.lot_size, "{:,.10g} contracts")),
        ("tick size", _or_none(quote.tick_size, "{:,.10g} " + unit)),
        ("maintenance", _or_none(quote.maintenance_rate, "{:.4%}, lowest tier")),
        ("taker fee", _or_none(quote.taker_fee, "{:.4%}")),
        ("maker fee", _or_none(quote.maker_fee, "{:.4%}")),
        ("fees from", quote.fee_source or "not stated"),
        ("source", quote.source),
    ]
    return "\n".join(f"{name:<14}{text}" for name, text in rows)


def _who_pays(rate: float) -> str:
    if rate == 0:
        return "nobody pays"
    return "longs pay shorts" if rate > 0 else "shorts pay longs"


def _or_none(value: float | None, pattern: str) -> str:
    return "not published" if value is None else pattern.format(value)
