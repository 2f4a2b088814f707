"""Sheet Ticket: the orders that open and unwind each hedge, to be typed in at the venue."""

from __future__ import annotations

from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from template import look
from template.bag_cells import BAGS, WARNED
from template.cells import (
    Rule,
    computed,
    heading,
    mark_old_if,
    mark_warning_if,
    name,
    note,
    page,
    put,
    rule_off_if,
    sentence,
    typed,
    widths,
)

COLUMNS = (
    ("bag", 5, look.WHOLE),
    ("coin", 8, look.GENERAL),
    ("step", 10, look.GENERAL),
    ("venue", 10, look.GENERAL),
    ("symbol", 18, look.GENERAL),
    ("side", 7.5, look.GENERAL),
    ("contracts", 13, look.WHOLE),
    ("order type", 11, look.GENERAL),
    ("reduce-only", 12, look.GENERAL),
    ("margin coin", 12, look.GENERAL),
    ("leverage", 9, look.RATIO),
    ("collateral", 13, look.COINS),
    ("notional, USD", 13.5, look.USD),
    ("remark", 42, look.GENERAL),
)
LETTER = {header: chr(ord("B") + n) for n, (header, _, _) in enumerate(COLUMNS)}
END = LETTER["remark"]
CHOICE_ROW = 4
HEAD_ROW = 6
FIRST = HEAD_ROW + 1
LAST = HEAD_ROW + 2 * BAGS
ROW_HEIGHT = 13.5

ORDERS = "COUNT(bag_rank)"
SENTENCE = (
    f'IF({ORDERS}=0,"No orders: no bag has a hedge to open.",{ORDERS}&IF({ORDERS}=1,'
    '" hedge: one order opens it, one unwinds it."," hedges: one order opens each, one unwinds '
    'each.")&" NOTHING IS SENT: type them in at the venue yourself.")'
    '&IF(SUM(bag_without_numbers)=0,""," Not listed, for lack of numbers: "&'
    'SUM(bag_without_numbers)&IF(SUM(bag_without_numbers)=1," bag"," bags")&", see sheet Bags.")'
)


def draw(ws: Worksheet) -> None:
    """Draw the sheet."""
    widths(ws, {"A": 1} | {LETTER[header]: width for header, width, _ in COLUMNS})
    put(ws, "B1", "Ticket", size=16, bold=True, color=look.NAVY)
    ws.row_dimensions[1].height = 26
    sentence(ws, 2, END, f"={SENTENCE}", 11, 32)
    sentence(ws, 3, END, "=out_bags_status", 10, 20)
    mark_old_if(ws, f"B3:{END}3", "SUM(bag_not_live)>0")
    mark_warning_if(ws, f"B3:{END}3", f"{WARNED}>0", ruled=False)
    put(ws, f"B{CHOICE_ROW}", "Order type", bold=True)
    prompt = "How the orders are placed: market or limit. Fees in this workbook are taker fees."
    typed(ws, f"D{CHOICE_ROW}", "market", look.TEXT, Rule("list", words="market,limit"),
          "Order type", prompt)  # fmt: skip
    name(ws, "in_order_type", f"D{CHOICE_ROW}")
    note(ws, f"E{CHOICE_ROW}", "market or limit; fees in this workbook are taker fees")
    ws.row_dimensions[CHOICE_ROW].height = 16
    ws.row_dimensions[CHOICE_ROW + 1].height = 6
    _heads(ws)
    for step in range(2 * BAGS):
        ws.row_dimensions[FIRST + step].height = ROW_HEIGHT
        _order(ws, FIRST + step, step // 2 + 1, opens=step % 2 == 0)
    name(ws, "ticket_table", f"B{HEAD_ROW}:{END}{LAST}")
    area = f"B{FIRST}:{END}{LAST}"
    mark_old_if(
        ws, area, f'AND($B{FIRST}<>"",INDEX(bag_status,N($B{FIRST})+($B{FIRST}=""))<>"LIVE")'
    )
    ws.conditional_formatting.add(
        f"B{FIRST}:{LETTER['notional, USD']}{LAST}",
        FormulaRule(formula=[f'$D{FIRST}="OPEN"'], font=Font(bold=True)),
    )
    rule_off_if(ws, area, f'$D{FIRST}="UNWIND"')
    ws.freeze_panes = f"A{FIRST}"
    page(ws, f"A1:{END}{LAST}", active=f"D{CHOICE_ROW}")


def _heads(ws: Worksheet) -> None:
    heading(ws, f"B{HEAD_ROW}", f"{END}{HEAD_ROW}", {f"B{HEAD_ROW}": "bag"})
    for header, _, fmt in COLUMNS:
        cell = ws[f"{LETTER[header]}{HEAD_ROW}"]
        cell.value = header
        cell.font = look.font(9, True, color="FFFFFF")
        number = fmt != look.GENERAL
        cell.alignment = look.aligned("right" if number else "left", indent=0 if number else 1)


def _order(ws: Worksheet, row: int, rank: int, opens: bool) -> None:
    bag = f"$B{row}"

    def of(figure: str) -> str:
        return f"INDEX(bag_{figure},{bag})"

    posted_in = f'IF({of("usd")}=1,"USD",{of("margin_coin")})'
    remark = (
        f'IF({of("usd")}=1,"post the collateral in dollars first, cross margin","post the '
        f'collateral in "&{of("margin_coin")}&" first, isolated margin")'
        if opens
        else '"closes the short, cannot open another"'
    )
    formulas = {
        "coin": of("coin"),
        "step": '"OPEN"' if opens else '"UNWIND"',
        "venue": of("venue"),
        "symbol": of("symbol"),
        "side": '"SELL"' if opens else '"BUY"',
        "contracts": of("contracts"),
        "order type": "in_order_type",
        "reduce-only": '"no"' if opens else '"yes"',
        "margin coin": posted_in,
        "leverage": of("leverage"),
        "collateral": of("collateral") if opens else '""',
        "notional, USD": of("notional"),
        "remark": remark,
    }
    computed(ws, f"B{row}", f'=IFERROR(MATCH({rank},bag_rank,0),"")', look.WHOLE)
    for header, _, fmt in COLUMNS[1:]:
        shown = f'=IF({bag}="","",{formulas[header]})'
        left = fmt == look.GENERAL
        put(ws, f"{LETTER[header]}{row}", shown, fmt=fmt, align="left" if left else "right",
            indent=1 if left else 0, size=9 if header == "remark" else 10, shrink=True,
            color=look.GREY if header == "remark" else look.INK)  # fmt: skip
