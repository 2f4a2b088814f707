"""What follows from a price move alone, and the points of the chart on sheet Hedge.

The chart draws the position of sheet Hedge, whichever bag sheet Scenarios shows.
"""

from __future__ import annotations

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from template import look
from template.bag_cells import FIGURES, TOOL_FIRST, TOOL_LEFT, TOOL_SHEET, figure
from template.cells import computed, heading, put
from template.model import HEDGE, growth

MOVES = tuple(percent / 100 for percent in range(-60, 101, 5))
HEADERS = ("move", "growth", "chosen", "spot", "short", "net")
LEFT = TOOL_LEFT + len(FIGURES) + 4
COLUMN = {header: get_column_letter(LEFT + n) for n, header in enumerate(HEADERS)}
FIRST = TOOL_FIRST
LAST = FIRST + len(MOVES) - 1


def growth_at(move: float) -> str:
    """Return the address of :func:`template.model.growth` at one of the moves."""
    return _at("growth", move)


def chosen_at(move: float) -> str:
    """Return the address of the chosen bag's result at a move for each USD that is short."""
    return _at("chosen", move)


def _at(header: str, move: float) -> str:
    return f"{TOOL_SHEET}!${COLUMN[header]}${FIRST + MOVES.index(move)}"


def draw(ws: Worksheet) -> None:
    """Write what follows from each move, and the points of the chart."""
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
