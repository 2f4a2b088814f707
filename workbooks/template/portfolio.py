"""All bags at once, under one parallel move of every price: a block of sheet Scenarios."""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from template import chart_data, look
from template.bag_cells import WARNED
from template.cells import (
    computed,
    fade_missing,
    heading,
    mark_old_if,
    mark_warning_if,
    name,
    note,
    put,
    sentence,
)

HEADERS = (
    "unhedged value",
    "move",
    "spot",
    "short",
    "funding",
    "fees",
    "net",
    "hedged value",
    "liquidated",
)
MOVES = tuple(percent / 100 for percent in range(-60, 101, 10))
COLUMNS = "BCDEFGHIJ"
HEAD_HEIGHT, ROW_HEIGHT = 20, 24
NOT_LIVE = "SUM(bag_not_live)>0"


def head_row(top: int) -> int:
    """Return the row of the headers of a block that begins at a row."""
    return top + 4


def first_row(top: int) -> int:
    """Return the row of the first move."""
    return head_row(top) + 1


def last_row(top: int) -> int:
    """Return the last row of the block, with the remarks under the table."""
    return head_row(top) + len(MOVES) + 3


def chart_area(top: int) -> str:
    """Return the cells that the chart covers, beside the table."""
    return f"L{head_row(top)}:S{head_row(top) + len(MOVES)}"


def draw(ws: Worksheet, top: int) -> None:
    """Draw the block, except its chart."""
    put(ws, f"B{top}", "All bags under one parallel move", size=16, bold=True, color=look.NAVY)
    ws.row_dimensions[top].height = 26
    sentence(ws, top + 1, "S", "=out_bags_verdict", 10.5, 34)
    sentence(ws, top + 2, "S", "=out_bags_status", 10, 20)
    mark_old_if(ws, f"B{top + 2}:S{top + 2}", NOT_LIVE)
    mark_warning_if(ws, f"B{top + 2}:S{top + 2}", f"{WARNED}>0", ruled=False)
    ws.row_dimensions[top + 3].height = 8
    head = head_row(top)
    heading(ws, f"B{head}", f"J{head}",
            {f"{letter}{head}": header
             for letter, header in zip(COLUMNS, HEADERS, strict=True)})  # fmt: skip
    ws[f"B{head}"].font = look.font(9, color="FFFFFF")
    ws[f"B{head}"].alignment = look.aligned("right")
    ws.row_dimensions[head].height = HEAD_HEIGHT
    for row, move in enumerate(MOVES, first_row(top)):
        ws.row_dimensions[row].height = ROW_HEIGHT
        grown = chart_data.growth_at(move)
        put(ws, f"C{row}", move, fmt=look.MOVE, align="right")
        for letter, formula in _formulas(row, grown).items():
            fmt = look.WHOLE if letter == "J" else look.USD
            computed(ws, f"{letter}{row}", f"={formula}", fmt, bold=letter == "H")
        for letter in COLUMNS:
            ws[f"{letter}{row}"].border = look.UNDER
            if move == 0:
                ws[f"{letter}{row}"].fill = look.ground(look.PALE)
    last = head + len(MOVES)
    for area in (f"B{head + 1}:B{last}", f"D{head + 1}:J{last}"):
        fade_missing(ws, area)
        mark_old_if(ws, area, NOT_LIVE)
    name(ws, "portfolio_table", f"B{head}:J{last}")
    lines = (
        "USD. Every coin moves by the same percentage, straight from its entry price. Each bag has",
        "its own funding rate, fees and collateral. liquidated: how many shorts this move closes.",
    )
    for step, line in enumerate(lines, 2):
        note(ws, f"B{last + step}", line)


def _formulas(row: int, grown: str) -> dict[str, str]:
    ratio = f"(1+$C{row})"
    open_ = f"({ratio}<bag_reach)"
    gone = f"({ratio}>=bag_reach)"
    return {
        "B": f"SUM(bag_value)*{ratio}",
        "D": f"SUM(bag_value)*$C{row}",
        "E": (
            f"SUMPRODUCT({open_}*bag_notional)*(0-$C{row})"
            f"-SUMPRODUCT({gone}*(bag_coin_collateral*{ratio}+bag_usd_collateral))"
        ),
        "F": f"SUMPRODUCT({open_}*bag_notional*bag_carry)*{grown}",
        "G": f"SUMPRODUCT({open_}*bag_notional*(bag_open_fee*{ratio}+bag_close_fee))",
        "H": f"D{row}+E{row}+F{row}-G{row}",
        "I": f"SUM(bag_value)+H{row}",
        "J": f"SUMPRODUCT({gone}*1)",
    }
