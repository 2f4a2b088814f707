"""``xlhedge refresh BOOK.xlsx...``: fetch live rates into workbooks that exist.

What people typed stays; only the live cells change. A contract that could not be fetched keeps its
numbers, marked STALE with the reason. Without a workbook the store is refreshed. Exit code: 0 if
everything is LIVE or --offline was asked for, 3 if some data are not LIVE, 1 if a workbook could
not be written.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from xlhedge.errors import HedgeError, QuoteError

if TYPE_CHECKING:
    from xlhedge.commands._market import Market
    from xlhedge.live import LiveQuotes
    from xlhedge.quotes import Quote

EXIT_NOT_LIVE = 3
PATTERN = frozenset("*?[")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "books",
        metavar="BOOK.xlsx",
        nargs="*",
        help="workbooks to refresh; *.xlsx is all of a folder",
    )
    parser.add_argument("--offline", action="store_true", help="use stored or bundled data only")
    parser.add_argument(
        "--accept-new-sizes",
        action="store_true",
        help="store quotes even if a contract's face value has changed",
    )


def run(args: argparse.Namespace) -> int:
    """Refresh all workbooks with one round of requests, and say what became of each."""
    from xlhedge.commands._market import gather
    from xlhedge.commands._printing import complain
    from xlhedge.live import open_live
    from xlhedge.workbook import wanted

    live = open_live(os.environ)
    if not args.books:
        if args.offline:
            raise QuoteError("without a workbook and without a network there is nothing to refresh")
        from xlhedge.commands._store_refresh import refresh_store

        return refresh_store(live, os.environ, accept_new_sizes=args.accept_new_sizes)
    asked: dict[Path, list[tuple[str, str]]] = {}
    failed = 0
    for path in books_named(args.books):
        try:
            asked[path] = _checked(wanted(path))
        except HedgeError as error:
            failed += _refused(path, error)
    everything = [contract for contracts in asked.values() for contract in contracts]
    selected = [contracts[0] for contracts in asked.values()]
    market = gather(
        everything,
        live,
        os.environ,
        offline=args.offline,
        history_of=selected,
        accept_new_sizes=args.accept_new_sizes,
    )
    not_live = 0
    told: dict[str, None] = {}
    for number, (path, contracts) in enumerate(asked.items(), 1):
        try:
            line = _refresh_book(path, contracts, market, live)
        except HedgeError as error:
            failed += _refused(path, error)
            continue
        not_live += not line.startswith("LIVE")
        selected_quote = market.quotes.get(contracts[0])
        told |= dict.fromkeys(market.doubts_to_tell(selected_quote))
        count = f"[{number}/{len(asked)}] " if len(asked) > 1 else ""
        print(f"{count}{path}: {line}")
    for doubt in told:
        complain(doubt)
    return 1 if failed else EXIT_NOT_LIVE if not_live and not args.offline else 0


def books_named(words: Iterable[str]) -> list[Path]:
    """Return the files of some words, each once; Windows leaves patterns to its programs."""
    found: list[Path] = []
    for word in words:
        if not PATTERN.intersection(word) or os.path.exists(word):
            found.append(Path(word))
            continue
        from glob import glob  # takes its time to start

        matches = (Path(match) for match in sorted(glob(word)))
        # what Excel lays beside an open workbook is none
        found += [path for path in matches if not path.name.startswith("~$")] or [Path(word)]
    return list(dict.fromkeys(found))


def _checked(contracts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the contracts with the venues' usual names; those of unknown venues are left out."""
    from xlhedge.venues import check_name

    known = [(check_name(contracts[0][0]), contracts[0][1])]
    for venue, symbol in contracts[1:]:
        try:
            known.append((check_name(venue), symbol))
        except HedgeError:
            continue
    return known


def _refresh_book(
    path: Path, contracts: list[tuple[str, str]], market: Market, live: LiveQuotes
) -> str:
    from xlhedge.commands._functions import left_to_excel, worksheet_functions
    from xlhedge.commands._printing import complain
    from xlhedge.workbook import refresh_workbook

    found: list[Quote] = [market.quotes[key] for key in contracts if key in market.quotes]
    quote = market.quotes.get(contracts[0])
    history = market.history.get((quote.venue, quote.symbol), ()) if quote else ()
    filled = refresh_workbook(
        path,
        quotes=found,
        history=history,
        clock=live.clock,
        reasons=market.reasons(),
        functions=worksheet_functions,
    )
    if filled.not_computed:
        complain(f"{path.name}: {left_to_excel(filled.not_computed)}")
    if quote is None:
        error = market.errors.get(contracts[0]) or QuoteError("no quote")
        return f"{filled.status or 'EMPTY'}, kept as it was: {error}"
    line = (
        f"{filled.status}, {quote.venue} {quote.symbol} of {quote.time:%Y-%m-%d %H:%M} UTC, "
        f"funding {quote.funding_rate:+.4%} per {quote.interval_hours:g} h"
    )
    error = market.errors.get(contracts[0])
    return f"{line}: {error}" if error and filled.status != "LIVE" else line


def _refused(path: Path, error: HedgeError) -> int:
    print(f"xlhedge: {path}: {str(error).removeprefix(f'{path.name}: ')}", file=sys.stderr)
    return 1
