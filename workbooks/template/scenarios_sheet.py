"""Sheet Scenarios: the price table and two maps of the net result."""

from __future__ import annotations

from openpyxl.formatting.rule import ColorScale, FormatObject
from openpyxl.formatting.rule import Rule as FormatRule
from openpyxl.styles.colors import Color
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from template import look
from template.cells import (
    Rule,
    computed,
    fade_missing,
    heading,
    mark_old,
    name,
    note,
    page,
    put,
    typed,
    widths,
)
from template.model import (
    USD_COLLATERAL,
    collateral,
    contracts,
    fees,
    funding,
    liquidated,
    liquidation,
    mean_inverse,
    short,
    spot,
)

# As HEDGE_SCENARIO spills them
HEADERS = (
    "exit price",
    "move",
    "spot",
    "short",
    "funding",
    "fees",
    "net",
    "hedged value",
    "liquidated",
)
MOVES = tuple(percent / 100 for percent in range(-60, 101, 5))
MAP_MOVES = MOVES[::2]
YEARLY_RATES = (-0.5, -0.25, -0.1, 0.0, 0.1, 0.25, 0.5)
RATIOS = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0, 1.1)

HEAD_ROW = 5
FIRST = HEAD_ROW + 1
LAST = HEAD_ROW + len(MOVES)
MAP_LEFT = 12  # column L: the moves; the grid starts in M
RATE_MAP_ROW = 5
RATIO_MAP_ROW = RATE_MAP_ROW + 3 + len(MAP_MOVES) + 1
LAST_ROW = RATIO_MAP_ROW + 4 + len(MAP_MOVES)


def draw(ws: Worksheet) -> None:
    """Draw the sheet."""
    widths(ws, {"A": 1.5, "B": 13, "C": 9} | dict.fromkeys("DEFGH", 13.5) | {"I": 15, "J": 11,
           "K": 2, "L": 13} | {get_column_letter(MAP_LEFT + k): 13 for k in range(1, 8)}
           | {get_column_letter(MAP_LEFT + 8): 1.5})  # fmt: skip
    put(ws, "B1", "Scenarios at the end of the horizon", size=16, bold=True, color=look.NAVY)
    ws.row_dimensions[1].height = 26
    last = get_column_letter(MAP_LEFT + 7)
    for row, formula in ((2, "=out_verdict"), (3, "=out_status")):
        ws.merge_cells(f"B{row}:{last}{row}")
        put(ws, f"B{row}", formula, size=10 if row == 2 else 9, wrap=True)
        ws[f"B{row}"].alignment = look.Alignment(vertical="center", wrap_text=True, indent=1)
        ws[f"B{row}"].fill = look.ground(look.PALE)
        ws.row_dimensions[row].height = 46 if row == 2 else 30
    mark_old(ws, f"B3:{last}3")
    ws.row_dimensions[4].height = 8
    _table(ws)
    _rate_map(ws)
    _ratio_map(ws)
    ws.freeze_panes = f"A{FIRST}"
    page(ws, f"A1:{get_column_letter(MAP_LEFT + 8)}{LAST_ROW}")


def _table(ws: Worksheet) -> None:
    columns = "BCDEFGHIJ"
    heading(ws, f"B{HEAD_ROW}", f"J{HEAD_ROW}",
            {f"{column}{HEAD_ROW}": head
             for column, head in zip(columns, HEADERS, strict=True)})  # fmt: skip
    ws[f"B{HEAD_ROW}"].font = look.font(9, color="FFFFFF")
    ws[f"B{HEAD_ROW}"].alignment = look.aligned("right")
    for row, move in enumerate(MOVES, FIRST):
        price, flag = f"$B{row}", f"$J{row}"
        computed(
            ws, f"B{row}", f'=IF(check_reason<>"",NA(),use_entry_price*(1+$C{row}))', look.PRICE
        )
        put(ws, f"C{row}", move, fmt=look.MOVE, align="right")
        computed(ws, f"D{row}", f"={spot(price)}", look.USD)
        computed(ws, f"E{row}", f"={short(price, flag)}", look.USD)
        computed(ws, f"F{row}", f"={funding(price, flag)}", look.USD)
        computed(ws, f"G{row}", f"={fees(price, flag)}", look.USD)
        computed(ws, f"H{row}", f"=D{row}+E{row}+F{row}-G{row}", look.USD, bold=True)
        computed(ws, f"I{row}", f"=calc_exposure*use_entry_price+H{row}", look.USD)
        computed(ws, f"J{row}", f"={liquidated(price)}", look.GENERAL)
        for column in columns:
            ws[f"{column}{row}"].border = look.UNDER
            if move == 0:
                ws[f"{column}{row}"].fill = look.ground(look.PALE)
    name(ws, "scenario_table", f"B{HEAD_ROW}:J{LAST}")
    area = f"B{FIRST}:J{LAST}"
    fade_missing(ws, area)
    _flag(ws, f"J{FIRST}:J{LAST}")
    mark_old(ws, f"B{FIRST}:B{LAST}")
    mark_old(ws, f"D{FIRST}:J{LAST}")
    lines = (
        "USD. spot: the coins held (with extra coin margin). short: the position's gain, or its",
        "whole collateral lost once liquidated. funding: + received, - paid. fees: a cost.",
        "net = spot + short + funding - fees. hedged value = value at entry + net. The price is",
        "taken to move straight from entry to exit; a move up and back can liquidate as well.",
    )
    for step, line in enumerate(lines, 2):
        note(ws, f"B{LAST + step}", line)


def _flag(ws: Worksheet, area: str) -> None:
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import Font, PatternFill

    ws.conditional_formatting.add(
        area,
        FormulaRule(
            formula=[f"AND(ISLOGICAL($J{FIRST}),$J{FIRST}=TRUE)"],
            font=Font(bold=True, color="FFFFFF"),
            fill=PatternFill(bgColor=look.VERMILLION),
            stopIfTrue=True,
        ),
    )


def _rate_map(ws: Worksheet) -> None:
    top = RATE_MAP_ROW
    grid = _map_frame(ws, top, "Net by price move and average funding rate", top + 3)
    put(ws, f"L{top + 1}", "a year", size=9, color=look.GREY, align="right")
    put(ws, f"L{top + 2}", "per interval", size=9, color=look.GREY, align="right")
    for column, rate in zip(grid, YEARLY_RATES, strict=True):
        typed(ws, f"{column}{top + 1}", rate, look.PERCENT, Rule("decimal", "-10", "10"),
              "Average funding, a year", "Simple yearly funding rate of this column. Above 0 longs "
              "pay shorts: the hedge receives.")  # fmt: skip
        computed(ws, f"{column}{top + 2}",
                 f"=IF(N(live_interval_hours)>0,{column}{top + 1}*live_interval_hours/24/365,NA())",
                 look.RATE, size=9, color=look.GREY)  # fmt: skip
    fade_missing(ws, f"{grid[0]}{top + 2}:{grid[-1]}{top + 2}")
    for row, move in enumerate(MAP_MOVES, top + 3):
        source = FIRST + MOVES.index(move)
        put(ws, f"L{row}", move, fmt=look.MOVE, align="right")
        price, flag = f"$B${source}", f"$J${source}"
        for column in grid:
            received = funding(price, flag, f"{column}${top + 2}")
            computed(
                ws, f"{column}{row}", f"=$D${source}+$E${source}-$G${source}+{received}", look.USD
            )
    _color(ws, grid, top + 3)
    name(ws, "rate_map", f"L{top + 2}:{grid[-1]}{top + 2 + len(MAP_MOVES)}")


def _ratio_map(ws: Worksheet) -> None:
    top = RATIO_MAP_ROW
    grid = _map_frame(ws, top, "Net by price move and hedge ratio", top + 4)
    put(ws, f"L{top + 1}", "hedge ratio", size=9, color=look.GREY, align="right")
    put(ws, f"L{top + 2}", "notional, USD", size=9, color=look.GREY, align="right")
    put(ws, f"L{top + 3}", "liquidation", size=9, color=look.GREY, align="right")
    for column, ratio in zip(grid, RATIOS, strict=True):
        prompt = "Share of the bag's value sold short in this column, 0 to 2."
        typed(
            ws,
            f"{column}{top + 1}",
            ratio,
            look.RATIO,
            Rule("decimal", "0", "2"),
            "Hedge ratio",
            prompt,
        )
        size = contracts(f"{column}{top + 1}")
        face = 'live_contract_size*IF(LOWER(TRIM(live_size_unit))="base",use_entry_price,1)'
        computed(ws, f"{column}{top + 2}", f"={size}*{face}", look.USD, size=9, color=look.GREY)
        posted = f"({collateral(f'{column}{top + 2}')})"
        computed(ws, f"{column}{top + 3}", f"={liquidation(f'{column}{top + 2}', posted)}",
                 look.PRICE, size=9, color=look.GREY)  # fmt: skip
    fade_missing(ws, f"{grid[0]}{top + 2}:{grid[-1]}{top + 3}")
    for row, move in enumerate(MAP_MOVES, top + 4):
        source = FIRST + MOVES.index(move)
        put(ws, f"L{row}", move, fmt=look.MOVE, align="right")
        for column in grid:
            computed(ws, f"{column}{row}", f"={_net_at_ratio(column, top, source)}", look.USD)
    _color(ws, grid, top + 4)
    name(ws, "ratio_map", f"L{top + 1}:{grid[-1]}{top + 3 + len(MAP_MOVES)}")


def _net_at_ratio(column: str, top: int, source: int) -> str:
    price = f"$B${source}"
    notional, reached = f"{column}${top + 2}", f"{column}${top + 3}"
    posted = f"({collateral(notional)})"
    lost = f"{posted}*IF({USD_COLLATERAL},1,{price})"
    ratio = f"{price}/use_entry_price"
    kept = (
        f"{notional}*(1-{ratio}+use_funding_rate*calc_settlements*{mean_inverse(price)}*{ratio}"
        f"-use_open_fee*{ratio}-use_close_fee)"
    )
    flag = f"IF(ISNUMBER({reached}),{price}>={reached},FALSE)"
    return f"$D${source}+IF({flag},-{lost},{kept})"


def _map_frame(ws: Worksheet, top: int, title: str, first: int) -> list[str]:
    grid = [get_column_letter(MAP_LEFT + k) for k in range(1, 8)]
    heading(ws, f"L{top}", f"{grid[-1]}{top}", {f"L{top}": title})
    area = f"{grid[0]}{first}:{grid[-1]}{first + len(MAP_MOVES) - 1}"
    fade_missing(ws, area)
    mark_old(ws, area, ground=False)
    return grid


def _color(ws: Worksheet, grid: list[str], first: int) -> None:
    """Colour a map from vermillion (loss) over white (0) to blue (gain), alike on both sides."""
    last = first + len(MAP_MOVES) - 1
    area = f"{grid[0]}{first}:{grid[-1]}{last}"
    corner = f"${grid[0]}${first}:${grid[-1]}${last}"
    bound = f"IFERROR(MAX(1,MAX({corner}),-MIN({corner})),1)"
    scale = ColorScale(
        cfvo=[
            FormatObject(type="formula", val=f"-{bound}"),
            FormatObject(type="num", val=0),
            FormatObject(type="formula", val=bound),
        ],
        color=[Color(f"FF{look.LOSS}"), Color("FFFFFFFF"), Color(f"FF{look.GAIN}")],
    )
    ws.conditional_formatting.add(area, FormatRule(type="colorScale", colorScale=scale))
