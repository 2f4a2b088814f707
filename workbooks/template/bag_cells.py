"""Where the figures of a bag stand: shown on sheet Bags, and in one row of the hidden sheet."""

from __future__ import annotations

from openpyxl.utils import get_column_letter

from template import look

BAGS = 20
# how many bags are LIVE with a note beside their data
WARNED = 'SUMPRODUCT((bag_status="LIVE")*(bag_note<>""))'

# sheet Bags: header, width, format; typed, then computed
TYPED = (
    ("coin", 7, look.TEXT),
    ("quantity", 10.5, look.COINS),
    ("extra margin", 8, look.COINS),
    ("venue", 8.5, look.TEXT),
    ("symbol", 14.5, look.TEXT),
    ("hedge ratio", 7, look.RATIO),
    ("leverage", 8.5, look.RATIO),
)
ANSWER = (
    ("price", 10.5, look.PRICE),
    ("exposure before", 11, look.USD),
    ("contracts", 11, look.WHOLE),
    ("notional", 11, look.USD),
    ("margin", 12, look.COINS),
    ("margin USD", 11, look.USD),
    ("liquidation price", 11, look.PRICE),
    ("distance", 9, look.PERCENT),
    ("funding a day", 10, look.USD_CENTS),
    ("exposure after", 10, look.USD),
    ("remark", 30, look.GENERAL),
)
HEADERS = tuple(header for header, _, _ in TYPED + ANSWER)
NUMBER = "B"  # column of the bag's number
_COLUMN = {header: get_column_letter(n) for n, header in enumerate(HEADERS, 3)}
END = _COLUMN["remark"]
HEAD_ROW = 6
FIRST = HEAD_ROW + 1
LAST = HEAD_ROW + BAGS

# the same columns further down: what the venue says of each bag's contract
MARKET = {
    "coin": "C",
    "margin coin": "D",
    "contract type": "E",
    "venue": "F",
    "symbol": "G",
    "lot size": "H",
    "interval h": "I",
    "mark": "J",
    "index": "K",
    "contract size": "L",
    "size unit": "M",
    "maintenance rate": "N",
    "taker fee": "O",
    "funding rate": "P",
    "status": "Q",
    "quote time": "R",
    "note": "T",
}
MARKET_HEAD_ROW = LAST + 5
MARKET_FIRST = MARKET_HEAD_ROW + 1
MARKET_LAST = MARKET_HEAD_ROW + BAGS


def column(header: str) -> str:
    """Return the column of a typed or computed figure of sheet Bags."""
    return _COLUMN[header]


def row_of(bag: int) -> dict[str, str]:
    """Return the addresses of what is typed and shown of a bag, by header.

    Rows are relative, so that the formulas of all bags are the same ones, moved: engines share
    their work between such formulas. Names, validations and conditional formats do not use them.
    """
    return {header: f"Bags!${letter}{FIRST + bag - 1}" for header, letter in _COLUMN.items()}


def market_of(bag: int) -> dict[str, str]:
    """Return the addresses of the market data of a bag's contract, by header."""
    return {header: f"Bags!${letter}{MARKET_FIRST + bag - 1}" for header, letter in MARKET.items()}


# the hidden sheet: a column a figure
TOOL_SHEET = "xlhedge"
TOOL_FIRST = 4  # row of bag 1
TOOL_LEFT = 8  # column H
FIGURES = (
    "used",
    "key",
    "found",
    "code",
    "reason",
    "state",  # 1; 0 for an unused bag; #N/A for one without numbers
    "exposure",
    "in_coins",
    "lot",
    "rate",
    "maintenance",
    "maintenance_unknown",
    "open_fee",
    "close_fee",
    "extra",
    "usd",
    "notional",
    "collateral",
    # for sums over all bags
    "value",
    "carry",
    "reach",
    "coin_collateral",
    "usd_collateral",
    "without_numbers",
    "not_live",
    "rank",
)
# figures that stand on sheet Bags already
SHOWN = {
    "coin": "coin",
    "venue": "venue",
    "price": "price",
    "leverage": "leverage",
    "contracts": "contracts",
    "liquidation": "liquidation price",
    "distance": "distance",
}
SHOWN_OF_MARKET = {
    "symbol": "symbol",
    "size": "contract size",
    "hours": "interval h",
    "status": "status",
    "time": "quote time",
    "note": "note",
    "margin_coin": "margin coin",
}
FIGURE_COLUMN = {figure: get_column_letter(TOOL_LEFT + n) for n, figure in enumerate(FIGURES)}


def figure(name: str, bag: int) -> str:
    """Return the address of a figure of a bag on the hidden sheet."""
    return f"{TOOL_SHEET}!${FIGURE_COLUMN[name]}{TOOL_FIRST + bag - 1}"
