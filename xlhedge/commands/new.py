"""``xlhedge new OUT.xlsx``: write a scenario workbook and fill it with market data.

Without a network the last stored quote is used (STALE), or the one that comes with the package
(SNAPSHOT); the workbook says so wherever a number rests on it, and the command does on its error
output. Exit code: 0 if the workbook was written, 1 if nothing was.
"""

from __future__ import annotations

import argparse
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlhedge.errors import DomainError, WrongTypeError

if TYPE_CHECKING:
    from xlhedge.commands._market import Market
    from xlhedge.quotes import Quote
    from xlhedge.workbook import Filled

DEFAULT_BAG = "BTC=5"
DEFAULT_VENUE = "bybit"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "out", metavar="OUT.xlsx", help="the workbook to write; an .xlsm has a refresh button"
    )
    parser.add_argument(
        "--bag",
        metavar="COIN=QUANTITY",
        action="append",
        help=f"coins held (default {DEFAULT_BAG}); again for more bags, on sheet Bags",
    )
    parser.add_argument(
        "--venue", default=DEFAULT_VENUE, help=f"where to hedge (default {DEFAULT_VENUE})"
    )
    parser.add_argument(
        "--symbol", help="the venue's contract (default: its inverse perpetual of the coin)"
    )
    parser.add_argument("--ratio", default="1", help="share of the bag to hedge (default 1)")
    parser.add_argument("--leverage", default="1", help="position over margin (default 1)")
    parser.add_argument("--days", default="30", help="days the hedge stays open (default 30)")
    parser.add_argument("--offline", action="store_true", help="use stored or bundled data only")
    parser.add_argument("--force", action="store_true", help="replace the file if it exists")
    parser.add_argument(
        "--template",
        metavar="BOOK",
        help="fill a workbook of your own that has the names of the contract, at whatever places",
    )


def run(args: argparse.Namespace) -> int:
    """Write the workbook and say what was done."""
    (coin, quantity), *more = map(_bag, args.bag or [DEFAULT_BAG])
    inputs = {
        "in_coin": coin,
        "in_quantity": quantity,
        "in_hedge_ratio": _number("--ratio", args.ratio, low=0.0),
        "in_leverage": _number("--leverage", args.leverage, above=0.0),
        "in_horizon_days": _number("--days", args.days, low=0.0),
    }
    out = Path(args.out)
    from xlhedge.commands._functions import left_to_excel, worksheet_functions
    from xlhedge.commands._market import gather
    from xlhedge.commands._printing import complain
    from xlhedge.live import open_live
    from xlhedge.venues import check_name, names
    from xlhedge.workbook import new_workbook
    from xlhedge.workbook.fill import refuse_target

    refuse_target(out, args.force)
    selected = (check_name(args.venue), (args.symbol or coin).strip())
    bags = [(selected[0], other) for other, _ in more]
    others = bags + [(venue, coin) for venue in names() if venue != selected[0]]
    live = open_live(os.environ)
    market = gather(
        [selected, *others], live, os.environ, offline=args.offline, history_of=[selected]
    )
    quote = market.require(selected)
    filled = new_workbook(
        out,
        inputs=inputs | {"in_venue": quote.venue, "in_symbol": quote.symbol},
        quotes=[quote, *(q for key, q in market.quotes.items() if key != selected)],
        history=market.history.get((quote.venue, quote.symbol), ()),
        bags=[
            _row(bag, amount, market, inputs) for bag, (_, amount) in zip(bags, more, strict=True)
        ],
        clock=live.clock,
        reasons=market.reasons() | _own_reason(market, selected, quote),
        force=args.force,
        template=args.template,
        finish=_with_button if out.suffix.lower() == ".xlsm" else bytes,
        functions=worksheet_functions,
    )
    _tell(filled, quote, market)
    if filled.not_computed:
        complain(left_to_excel(filled.not_computed))
    for doubt in market.doubts_to_tell(quote):
        complain(doubt)
    if quote.status != "LIVE":
        reason = market.errors.get(selected)
        complain(f"no fresh data{f': {reason}' if reason else ''}")
    return 0


def _row(
    bag: tuple[str, str], quantity: float, market: Market, inputs: dict[str, Any]
) -> dict[str, Any]:
    """Return a bag beside the first: hedged at the same venue, ratio and leverage."""
    venue, coin = bag
    quote = market.quotes.get(bag)
    return {
        "coin": coin,
        "quantity": quantity,
        "venue": venue,
        "symbol": quote.symbol if quote is not None else coin,
        "hedge ratio": inputs["in_hedge_ratio"],
        "leverage": inputs["in_leverage"],
    }


def _with_button(data: bytes) -> bytes:
    """Make a workbook one with a button that refreshes it; one with macros stays as it is."""
    from udfs.addin.macro_workbook import macro_workbook
    from xlhedge.workbook.package import Package
    from xlhedge.workbook.package_kind import holds_macros

    label = "the new workbook"
    return data if holds_macros(Package(data, label)) else macro_workbook(data, label)


def _own_reason(
    market: Market, selected: tuple[str, str], quote: Quote
) -> dict[tuple[str, str], str]:
    """Return why the selected quote is not fresh, under its own symbol."""
    error = market.errors.get(selected)
    return {(quote.venue, quote.symbol.upper()): str(error)} if error else {}


def _tell(filled: Filled, quote: Quote, market: Market) -> None:
    quantity, coin = filled.inputs["in_quantity"], filled.inputs["in_coin"]
    others = sum(1 for other in market.quotes.values() if other is not quote)
    print(f"wrote    {filled.path}")
    print(f"bag      {quantity:,.8g} {coin}, hedged at {quote.venue} with {quote.symbol}")
    print(
        f"data     {quote.status}, {quote.time:%Y-%m-%d %H:%M} UTC: mark {quote.mark:,.10g}, "
        f"index {quote.index:,.10g}, funding {quote.funding_rate:+.4%} per "
        f"{quote.interval_hours:g} h ({quote.funding_kind})"
    )
    print(f"         from {quote.source}")
    if others:
        print(f"         and {others} other contract(s) on sheet Funding")
    lines = str(filled.results["out_verdict"] or "").split("\n")
    for label, line in zip(("answer", "funding", "margin"), lines, strict=False):
        print(f"{label:<8} {line}")


def _bag(text: str) -> tuple[str, float]:
    coin, sign, amount = text.partition("=")
    coin = coin.strip().upper()
    if not sign or not coin.isalnum() or len(coin) > 15:
        raise WrongTypeError("--bag", text, "COIN=QUANTITY, such as BTC=5")
    return coin, _number("--bag", amount, above=0.0)


def _number(argument: str, text: str, low: float = -math.inf, above: float = -math.inf) -> float:
    expected = "a finite number"
    if low > -math.inf:
        expected = f"a finite number, {low:g} or more"
    if above > -math.inf:
        expected = f"a finite number above {above:g}"
    try:
        number = float(text)
    except ValueError:
        raise WrongTypeError(argument, text, expected) from None
    if not math.isfinite(number) or number < low or number <= above:
        raise DomainError(argument, text, expected)
    return number
