"""The figures of every bag in one block of the hidden sheet: a row a bag, a column a figure.

Bag 1 is the position of sheet Hedge. What sheets Scenarios and Ticket show of a bag, and the
totals of all bags, read these columns by their names. An unused bag counts as 0; a bag without
numbers is #N/A, so that no total leaves it out silently.
"""

from __future__ import annotations

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from template import checks, funding_sheet, look
from template.bag_cells import (
    BAGS,
    FIGURE_COLUMN,
    FIGURES,
    FIRST,
    LAST,
    MARKET,
    MARKET_FIRST,
    MARKET_LAST,
    SHOWN,
    SHOWN_OF_MARKET,
    TOOL_FIRST,
    TOOL_LEFT,
    column,
    market_of,
    row_of,
)
from template.cells import computed, heading, name, put
from template.model import HEDGE, Terms

KEYS_LEFT = TOOL_LEFT + len(FIGURES) + 1  # the keys of the funding table stand beside the bags
NEVER = "1E+300"  # times the price: a liquidation that no price reaches


def draw(ws: Worksheet) -> None:
    """Write the block and name its columns."""
    first, last = FIGURE_COLUMN[FIGURES[0]], FIGURE_COLUMN[FIGURES[-1]]
    heads = {f"{FIGURE_COLUMN[figure]}{TOOL_FIRST - 1}": figure for figure in FIGURES}
    heading(ws, f"{first}{TOOL_FIRST - 1}", f"{last}{TOOL_FIRST - 1}", heads)
    for bag in range(1, BAGS + 1):
        row = TOOL_FIRST + bag - 1
        own = {figure: f"${FIGURE_COLUMN[figure]}{row}" for figure in FIGURES}
        formulas = (_of_hedge() if bag == 1 else _of_bag(bag, own)) | _sums(bag, own)
        for figure in FIGURES:
            computed(ws, f"{FIGURE_COLUMN[figure]}{row}", f"={formulas[figure]}", _format(figure))
    visible = ws.parent["Bags"]
    for figure, header in SHOWN.items():
        name(visible, f"bag_{figure}", f"{column(header)}{FIRST}:{column(header)}{LAST}")
    for figure, header in SHOWN_OF_MARKET.items():
        area = f"{MARKET[header]}{MARKET_FIRST}:{MARKET[header]}{MARKET_LAST}"
        name(visible, f"bag_{figure}", area)
    for figure, letter in FIGURE_COLUMN.items():
        name(ws, f"bag_{figure}", f"{letter}{TOOL_FIRST}:{letter}{TOOL_FIRST + BAGS - 1}")
    _keys(ws)


def _format(figure: str) -> str:
    return look.TIME if figure == "time" else look.GENERAL


def _keys(ws: Worksheet) -> None:
    """Write the keys by which bags find their row of the funding table, and the messages."""
    symbol, coin = (get_column_letter(KEYS_LEFT + n) for n in (0, 1))
    head = TOOL_FIRST - 1
    captions = {f"{symbol}{head}": "by symbol", f"{coin}{head}": "by coin"}
    heading(ws, f"{symbol}{head}", f"{coin}{head}", captions)
    for step in range(funding_sheet.ROWS):
        row = TOOL_FIRST + step
        venue, traded, base, kind = (
            funding_sheet.at(header, step)
            for header in ("venue", "symbol", "coin", "contract type")
        )
        by_symbol = f'IF({venue}="","",UPPER({venue}&"|"&{traded}))'
        by_coin = f'IF(LOWER({kind})="inverse",UPPER({venue}&"|"&{base}),"")'
        put(ws, f"{symbol}{row}", f"={by_symbol}")
        put(ws, f"{coin}{row}", f"={by_coin}")
    last = TOOL_FIRST + funding_sheet.ROWS - 1
    name(ws, "funding_symbol_keys", f"{symbol}{TOOL_FIRST}:{symbol}{last}")
    messages = get_column_letter(KEYS_LEFT + 9)
    for row, message in enumerate(checks.MESSAGES, TOOL_FIRST):
        put(ws, f"{messages}{row}", message)
    name(ws, "bag_messages", f"{messages}{TOOL_FIRST}:{messages}{row}")
    name(ws, "funding_coin_keys", f"{coin}{TOOL_FIRST}:{coin}{last}")


def _of_hedge() -> dict[str, str]:
    return {
        "used": "1",
        "key": '""',
        "found": "0",
        "code": "0",
        "reason": HEDGE.reason,
        "exposure": HEDGE.exposure,
        "in_coins": f"IF({HEDGE.in_coins},1,0)",
        "lot": HEDGE.lot,
        "rate": HEDGE.rate,
        "maintenance": HEDGE.maintenance,
        "maintenance_unknown": f"IF({HEDGE.unknown_maintenance},1,0)",
        "open_fee": HEDGE.open_fee,
        "close_fee": HEDGE.close_fee,
        "extra": HEDGE.extra,
        "usd": f"IF({HEDGE.usd},1,0)",
        "notional": HEDGE.notional,
        "collateral": HEDGE.collateral,
    }


def _of_bag(bag: int, own: dict[str, str]) -> dict[str, str]:
    typed, market = row_of(bag), market_of(bag)
    used = own["used"]

    def number(formula: str) -> str:
        return f"IF({own['state']},{formula},0)"

    key, plain = own["key"], f'{typed["venue"]}&"|"&{typed["symbol"]}'
    for wildcard in "~*?":  # of MATCH, and of no contract's name
        plain = f'SUBSTITUTE({plain},"{wildcard}","")'
    empty = "&".join(typed[header] for header in ("coin", "quantity", "venue", "symbol"))
    return {
        "used": f'IF({empty}="",0,1)',
        "key": f'SUBSTITUTE(UPPER({plain})," ","")',
        "found": (
            f"IF({used}=0,0,IFERROR(MATCH({key},funding_symbol_keys,0),"
            f"IFERROR(MATCH({key},funding_coin_keys,0),0)))"
        ),
        "code": f"IF({used}=0,0,{checks.code_of_bag(own['found'], typed, market)})",
        "reason": checks.reason_of_bag(own["code"], typed, market),
        "exposure": number(f"{typed['quantity']}+N({typed['extra margin']})"),
        "in_coins": f'IF(LOWER({market["size unit"]})="base",1,0)',
        "lot": f"IF(N({market['lot size']})>0,{market['lot size']},1)",
        "rate": number(market["funding rate"]),
        "maintenance": f"N({market['maintenance rate']})",
        "maintenance_unknown": f"IF(ISNUMBER({market['maintenance rate']}),0,1)",
        "open_fee": f"N({market['taker fee']})",
        "close_fee": f"N({market['taker fee']})",
        "extra": number(f"N({typed['extra margin']})"),
        "usd": "0",
        "notional": number(typed["notional"]),
        "collateral": number(f"{typed['margin']}+N({typed['extra margin']})"),
    }


def _sums(bag: int, own: dict[str, str]) -> dict[str, str]:
    used, reason, notional = own["used"], own["reason"], own["notional"]
    shown, market = row_of(bag), market_of(bag)
    price, reached = shown["price"], shown["liquidation price"]

    def number(formula: str) -> str:
        return f"IF({own['state']},{formula},0)"

    letter = FIGURE_COLUMN["rank"]
    ranks = f"{letter}${TOOL_FIRST - 1}:{letter}{TOOL_FIRST + bag - 2}"
    return {
        "state": f'IF({used}=0,0,IF({reason}<>"",NA(),1))',
        "value": number(f"{own['exposure']}*{price}"),
        "carry": number(f"{own['rate']}*in_horizon_days*24/{market['interval h']}"),
        "reach": (f"IF({own['state']},IF(ISNUMBER({reached}),{reached}/{price},{NEVER}),{NEVER})"),
        "coin_collateral": number(f"IF({own['usd']}=1,0,{own['collateral']}*{price})"),
        "usd_collateral": number(f"IF({own['usd']}=1,{own['collateral']},0)"),
        "without_numbers": f'IF({reason}<>"",1,0)',
        "not_live": f'IF(AND({used}=1,{market["status"]}<>"LIVE"),1,0)',
        "rank": f'IF(ISNUMBER({notional}),IF({notional}>0,COUNT({ranks})+1,""),"")',
    }


# The bag that sheet Scenarios looks at: a name for each of its figures
CHOSEN_TEXTS = ("coin", "venue", "symbol", "status", "note")
CHOSEN_NUMBERS = (
    "exposure",
    "price",
    "size",
    "in_coins",
    "lot",
    "rate",
    "hours",
    "maintenance",
    "maintenance_unknown",
    "open_fee",
    "close_fee",
    "leverage",
    "extra",
    "usd",
    "contracts",
    "notional",
    "collateral",
    "coin_collateral",
    "usd_collateral",
    "liquidation",
    "distance",
)
CHOSEN_SUMS = {
    "chosen_limit": f"IF(ISNUMBER(chosen_liquidation),chosen_liquidation,chosen_price*{NEVER})",
    "chosen_carry": "chosen_rate*chosen_settlements",
    "chosen_coverage": "chosen_notional/(chosen_exposure*chosen_price)",
    "chosen_settlements": "in_horizon_days*24/chosen_hours",
    "chosen_funding_usd": "chosen_rate*chosen_settlements*chosen_notional",
    "chosen_apr": "chosen_rate*24/chosen_hours*365",
}
CHOSEN = Terms(
    reason="chosen_reason",
    coin="chosen_coin",
    venue="chosen_venue",
    symbol="chosen_symbol",
    status="chosen_status",
    time="chosen_time",
    note="chosen_note",
    exposure="chosen_exposure",
    price="chosen_price",
    size="chosen_size",
    in_coins="chosen_in_coins=1",
    lot="chosen_lot",
    rate="chosen_rate",
    hours="chosen_hours",
    maintenance="chosen_maintenance",
    unknown_maintenance="chosen_maintenance_unknown=1",
    open_fee="chosen_open_fee",
    close_fee="chosen_close_fee",
    leverage="chosen_leverage",
    extra="chosen_extra",
    usd="chosen_usd=1",
    contracts="chosen_contracts",
    notional="chosen_notional",
    coverage="chosen_coverage",
    collateral="chosen_collateral",
    liquidation="chosen_liquidation",
    distance="chosen_distance",
    settlements="chosen_settlements",
    funding_usd="chosen_funding_usd",
    apr="chosen_apr",
)


def draw_chosen(ws: Worksheet, row: int) -> int:
    """Write the figures of the chosen bag from a row on; return the row after them."""
    heading(ws, f"B{row}", f"D{row}", {f"B{row}": "The bag that sheet Scenarios looks at"})
    bad = f"AND(ISNUMBER(in_scenario_bag),in_scenario_bag>=1,in_scenario_bag<{BAGS + 1})"
    formulas = {
        "chosen_bag": f'IF(in_scenario_bag="",1,IF({bad},INT(in_scenario_bag),0))',
        "chosen_reason": (
            f'IF(chosen_bag=0,"the bag must be a whole number from 1 to {BAGS}",'
            'IF(INDEX(bag_used,chosen_bag)=0,"bag "&chosen_bag&" of sheet Bags is empty",'
            "INDEX(bag_reason,chosen_bag)))"
        ),
    }
    for figure in CHOSEN_TEXTS:
        formulas[f"chosen_{figure}"] = f'IF(chosen_bag=0,"",INDEX(bag_{figure},chosen_bag)&"")'
    formulas["chosen_time"] = "IF(chosen_bag=0,0,N(INDEX(bag_time,chosen_bag)))"
    for figure in CHOSEN_NUMBERS:
        formulas[f"chosen_{figure}"] = f'IF(chosen_reason<>"",NA(),INDEX(bag_{figure},chosen_bag))'
    formulas |= CHOSEN_SUMS
    for defined, formula in formulas.items():
        row += 1
        put(ws, f"B{row}", defined)
        computed(ws, f"C{row}", f"={formula}", _format(defined.removeprefix("chosen_")))
        name(ws, defined, f"C{row}")
    return row + 1
