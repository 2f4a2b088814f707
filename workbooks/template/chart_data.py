"""What follows from a price move alone, and the points of the chart on sheet Hedge.

The chart draws the position of sheet Hedge, whichever bag sheet Scenarios shows.
"""

from __future__ import annotations

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from template import funding_sheet, look
from template.bag_cells import FIGURES, TOOL_FIRST, TOOL_LEFT, TOOL_SHEET, figure
from template.cells import computed, heading, put
from template.model import HEDGE, growth

MOVES = tuple(percent / 100 for percent in range(-60, 101, 5))
HEADERS = ("move", "growth", "chosen", "spot", "short", "net")
LEFT = TOOL_LEFT + len(FIGURES) + 4
HEDGE_TITLE = f"'{TOOL_SHEET}'!${get_column_letter(LEFT)}$1"
PORTFOLIO_TITLE = f"'{TOOL_SHEET}'!${get_column_letter(LEFT)}$2"
_TIME, _RATE = get_column_letter(LEFT + 8), get_column_letter(LEFT + 9)
QUOTED_TIMES, QUOTED_RATES = (f"${at}${TOOL_FIRST}:${at}${TOOL_FIRST + 1}" for at in (_TIME, _RATE))
COLUMN = {header: get_column_letter(LEFT + n) for n, header in enumerate(HEADERS)}
BESIDE = get_column_letter(LEFT + 11)  # the first column that is free
FIRST = TOOL_FIRST
LAST = FIRST + len(MOVES) - 1


def growth_at(move: float) -> str:
    """Return the address of :func:`template.model.growth` at one of the moves."""
    return _at("growth", move)


def chosen_at(move: float) -> str:
    """Return the address of the chosen bag's result at a move for each USD that is short."""
    return _at("chosen", move)


def _at(header: str, move: float) -> str:
    return f"{TOOL_SHEET}!${COLUMN[header]}{FIRST + MOVES.index(move)}"


def draw(ws: Worksheet) -> None:
    """Write what follows from each move, and the points of the chart."""
    left, after = get_column_letter(LEFT), '" after "&ROUND(in_horizon_days,2)&" days, USD"'
    put(ws, f"{left}1", f'=IF(check_reason="","Gain or loss"&{after},"No chart: no numbers yet")')
    put(ws, f"{left}2", f'=IF(SUM(bag_without_numbers)=0,"All bags: gain or loss"&{after},"No '
        'chart: a bag is without numbers")')  # fmt: skip
    row = FIRST - 1
    heading(ws, f"{COLUMN['move']}{row}", f"{COLUMN['net']}{row}",
            {f"{letter}{row}": header for header, letter in COLUMN.items()})  # fmt: skip
    for row, move in enumerate(MOVES, FIRST):
        at = {header: f"${letter}{row}" for header, letter in COLUMN.items()}
        moved, grown = at["move"], at["growth"]
        gone = f"1+{moved}>={figure('reach', 1)}"
        paid = f"use_open_fee*(1+{moved})+use_close_fee"
        put(ws, f"{COLUMN['move']}{row}", move, fmt=look.MOVE)
        formulas = {
            "growth": growth(moved),
            "chosen": (
                f"0-{moved}+chosen_carry*{grown}-chosen_open_fee*(1+{moved})-chosen_close_fee"
            ),
            "spot": f"{figure('value', 1)}*{moved}",
            "short": HEDGE.short(moved, gone),
            "net": (
                f"{at['spot']}+{at['short']}+IF({gone},0,"
                f"out_notional*({figure('carry', 1)}*{grown}-{paid}))"
            ),
        }
        for header, formula in formulas.items():
            computed(ws, f"{COLUMN[header]}{row}", f"={formula}", look.GENERAL)
    _quoted(ws)


def _quoted(ws: Worksheet) -> None:
    """Write the line of the last quote's rate in the chart of past rates, as long as these."""
    heading(ws, f"{_TIME}{FIRST - 1}", f"{_RATE}{FIRST - 1}",
            {f"{_TIME}{FIRST - 1}": "time", f"{_RATE}{FIRST - 1}": "rate"})  # fmt: skip
    times = funding_sheet.HISTORY_TIMES
    starts = f"IF(COUNT({times})>0,MIN({times}),N(live_quote_time)-30)"
    for row, formula in ((FIRST, starts), (FIRST + 1, "N(live_quote_time)")):
        computed(ws, f"{_TIME}{row}", f"={formula}", look.TIME)
        computed(ws, f"{_RATE}{row}", "=N(live_funding_rate)", look.RATE)
