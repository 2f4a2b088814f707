"""Sheet Scenarios: the price table and two maps of the net result."""

from __future__ import annotations

from openpyxl.formatting.rule import ColorScale, FormatObject, FormulaRule
from openpyxl.formatting.rule import Rule as FormatRule
from openpyxl.styles import Font
from openpyxl.styles.colors import Color
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from template import chart_data, look, portfolio, words
from template.bag_cells import BAGS
from template.bag_model import CHOSEN
from template.cells import (
    Rule,
    computed,
    fade_missing,
    heading,
    mark_alarm_if,
    mark_old,
    mark_old_on_colors,
    mark_warning_if,
    name,
    note,
    page,
    put,
    sentence,
    typed,
    widths,
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

ROW_HEIGHT = 13.25
CHOICE_ROW = 4
HEAD_ROW = 6
FIRST = HEAD_ROW + 1
LAST = HEAD_ROW + len(MOVES)
MAP_LEFT = 12  # column L: the moves; the grid starts in M
RATE_MAP_ROW = HEAD_ROW
RATIO_MAP_ROW = RATE_MAP_ROW + 3 + len(MAP_MOVES) + 1
RATIO_HEADS = 5  # rows from the title of the map to its first move
LAST_ROW = RATIO_MAP_ROW + RATIO_HEADS + len(MAP_MOVES)
PORTFOLIO_ROW = LAST_ROW + 2


def draw(ws: Worksheet) -> None:
    """Draw the sheet."""
    widths(ws, {"A": 1, "B": 12.5, "C": 7.5} | dict.fromkeys("DEFGH", 12.5) | {"I": 12.5, "J": 9.5,
           "K": 1.5, "L": 13.5} | {get_column_letter(MAP_LEFT + k): 12 for k in range(1, 8)}
           | {get_column_letter(MAP_LEFT + 8): 1})  # fmt: skip
    put(ws, "B1", "Scenarios at the end of the horizon", size=16, bold=True, color=look.NAVY)
    ws.row_dimensions[1].height = 26
    last = get_column_letter(MAP_LEFT + 7)
    for row, formula in ((2, words.verdict(CHOSEN)), (3, words.status(CHOSEN))):
        big = row == 2
        sentence(ws, row, last, f"={formula}", 10.5 if big else 10, 44 if big else 28)
    mark_old(ws, f"B3:{last}3", status=CHOSEN.status)
    mark_warning_if(ws, f"B3:{last}3", 'AND(chosen_status="LIVE",chosen_note<>"")')
    for row in range(CHOICE_ROW, LAST_ROW + 1):
        ws.row_dimensions[row].height = ROW_HEIGHT
    _choice(ws)
    ws.row_dimensions[CHOICE_ROW + 1].height = 6
    _table(ws)
    _rate_map(ws)
    _ratio_map(ws)
    ws.freeze_panes = f"A{FIRST}"
    portfolio.draw(ws, PORTFOLIO_ROW)
    edge = get_column_letter(MAP_LEFT + 8)
    below = f"A{PORTFOLIO_ROW}:{edge}{portfolio.last_row(PORTFOLIO_ROW)}"
    page(ws, f"A1:{edge}{LAST_ROW}", below, active=f"C{CHOICE_ROW}")


def _choice(ws: Worksheet) -> None:
    row = CHOICE_ROW
    put(ws, f"B{row}", "Bag", bold=True)
    rule = Rule("whole", "1", str(BAGS))
    prompt = "Number of a bag of sheet Bags. 1 is the position of sheet Hedge."
    typed(ws, f"C{row}", 1, look.WHOLE, rule, "Bag", prompt)
    name(ws, "in_scenario_bag", f"C{row}")
    text = (
        '=chosen_coin&IF(chosen_bag=1,", the position of sheet Hedge. Type 2 to 20 for another bag '
        'of sheet Bags.",", from sheet Bags. Type 1 for the position of sheet Hedge.")'
    )
    note(ws, f"D{row}", text)


def _table(ws: Worksheet) -> None:
    columns = "BCDEFGHIJ"
    heading(ws, f"B{HEAD_ROW}", f"J{HEAD_ROW}",
            {f"{column}{HEAD_ROW}": head
             for column, head in zip(columns, HEADERS, strict=True)})  # fmt: skip
    ws[f"B{HEAD_ROW}"].font = look.font(9, color="FFFFFF")
    ws[f"B{HEAD_ROW}"].alignment = look.aligned("right")
    for row, move in enumerate(MOVES, FIRST):
        moved, flag = f"$C{row}", f"$J{row}"
        computed(ws, f"B{row}", f"={CHOSEN.price}*(1+$C{row})", look.PRICE)
        put(ws, f"C{row}", move, fmt=look.MOVE, align="right")
        computed(ws, f"D{row}", f"={CHOSEN.spot(moved)}", look.USD)
        lost = f"0-chosen_coin_collateral*(1+{moved})-chosen_usd_collateral"
        received = f"chosen_carry*chosen_notional*{chart_data.growth_at(move)}"
        short = f"=IF({flag},{lost},chosen_notional*(0-{moved}))"
        computed(ws, f"E{row}", short, look.USD)
        computed(ws, f"F{row}", f"=IF({flag},0,{received})", look.USD)
        computed(ws, f"G{row}", f"={CHOSEN.fees(moved, flag)}", look.USD)
        computed(ws, f"H{row}", f"=D{row}+E{row}+F{row}-G{row}", look.USD, bold=True)
        computed(ws, f"I{row}", f"={CHOSEN.exposure}*{CHOSEN.price}+H{row}", look.USD)
        computed(ws, f"J{row}", f"=$B{row}>=chosen_limit", look.LOGICAL)
        for column in columns:
            ws[f"{column}{row}"].border = look.UNDER
            if move == 0:
                ws[f"{column}{row}"].fill = look.ground(look.PALE)
    name(ws, "scenario_table", f"B{HEAD_ROW}:J{LAST}")
    area = f"B{FIRST}:J{LAST}"
    fade_missing(ws, area)
    _flag(ws, f"J{FIRST}:J{LAST}")
    mark_old(ws, f"B{FIRST}:B{LAST}", status=CHOSEN.status)
    mark_old(ws, f"D{FIRST}:J{LAST}", status=CHOSEN.status)
    lines = (
        "USD. spot: the coins held (with extra coin margin). short: the position's gain, or its",
        "whole collateral lost once liquidated. funding: + received, - paid. fees: a cost.",
        "net = spot + short + funding - fees. hedged value = value at entry + net. The price is",
        "taken to move straight from entry to exit; a move up and back can liquidate as well.",
    )
    for step, line in enumerate(lines, 2):
        note(ws, f"B{LAST + step}", line)


def _flag(ws: Worksheet, area: str) -> None:
    """Make TRUE loud and FALSE quiet."""
    mark_alarm_if(ws, area, f"AND(ISLOGICAL($J{FIRST}),$J{FIRST}=TRUE)")
    quiet = FormulaRule(
        formula=[f"AND(ISLOGICAL($J{FIRST}),$J{FIRST}=FALSE)"],
        font=Font(color=look.FAINT),
        stopIfTrue=True,
    )
    ws.conditional_formatting.add(area, quiet)


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
                 f"={column}{top + 1}*chosen_hours/24/365",
                 look.RATE, size=9, color=look.GREY)  # fmt: skip
    fade_missing(ws, f"{grid[0]}{top + 2}:{grid[-1]}{top + 2}")
    mark_old(ws, f"{grid[0]}{top + 2}:{grid[-1]}{top + 2}", status=CHOSEN.status)
    for row, move in enumerate(MAP_MOVES, top + 3):
        source = FIRST + MOVES.index(move)
        put(ws, f"L{row}", move, fmt=look.MOVE, align="right")
        for column in grid:
            received = CHOSEN.funding(
                chart_data.growth_at(move), f"$J${source}", f"{column}${top + 2}"
            )
            computed(
                ws, f"{column}{row}", f"=$D${source}+$E${source}-$G${source}+{received}", look.USD
            )
    _color(ws, grid, top + 3)
    name(ws, "rate_map", f"L{top + 2}:{grid[-1]}{top + 2 + len(MAP_MOVES)}")


def _ratio_map(ws: Worksheet) -> None:
    top = RATIO_MAP_ROW
    grid = _map_frame(ws, top, "Net by price move and hedge ratio", top + RATIO_HEADS)
    heads = ("hedge ratio", "notional, USD", '="collateral, "&IF(chosen_usd=1,"USD",chosen_coin)',
             "liquidation")  # fmt: skip
    for step, head in enumerate(heads, 1):
        put(ws, f"L{top + step}", head, size=9, color=look.GREY, align="right", shrink=True)
    rule = Rule("decimal", "0", "2")
    prompt = "Share of the bag's value sold short in this column, 0 to 2."
    for column, ratio in zip(grid, RATIOS, strict=True):
        at, notional, posted, reached = (f"{column}{top + step}" for step in range(1, 5))
        typed(ws, at, ratio, look.RATIO, rule, "Hedge ratio", prompt)
        formulas = (
            (notional, f"{CHOSEN.sized(at)}*{CHOSEN.face()}", look.USD),
            (posted, CHOSEN.posted(notional), look.COINS),
            (reached, CHOSEN.reached(notional, posted), look.PRICE),
        )
        for address, formula, fmt in formulas:
            computed(ws, address, f"={formula}", fmt, size=9, color=look.GREY)
    fade_missing(ws, f"{grid[0]}{top + 2}:{grid[-1]}{top + 4}")
    mark_old(ws, f"{grid[0]}{top + 2}:{grid[-1]}{top + 4}", status=CHOSEN.status)
    first = top + RATIO_HEADS
    for row, move in enumerate(MAP_MOVES, first):
        put(ws, f"L{row}", move, fmt=look.MOVE, align="right")
        for column in grid:
            net = _net_at_ratio(move, column)
            computed(ws, f"{column}{row}", f"={net}", look.USD)
    _color(ws, grid, first)
    name(ws, "ratio_map", f"L{top + 1}:{grid[-1]}{first - 1 + len(MAP_MOVES)}")


def _net_at_ratio(move: float, column: str) -> str:
    source = FIRST + MOVES.index(move)
    notional, posted, reached = (f"{column}${RATIO_MAP_ROW + step}" for step in (2, 3, 4))
    gone = f"IF(ISNUMBER({reached}),$B${source}>={reached},FALSE)"
    lost = f"{posted}*IF({CHOSEN.usd},1,$B${source})"
    return f"$D${source}+IF({gone},-{lost},{notional}*{chart_data.chosen_at(move)})"


def _map_frame(ws: Worksheet, top: int, title: str, first: int) -> list[str]:
    grid = [get_column_letter(MAP_LEFT + k) for k in range(1, 8)]
    heading(ws, f"L{top}", f"{grid[-1]}{top}", {f"L{top}": title})
    area = f"{grid[0]}{first}:{grid[-1]}{first + len(MAP_MOVES) - 1}"
    fade_missing(ws, area)
    mark_old_on_colors(ws, area, CHOSEN.status)
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
