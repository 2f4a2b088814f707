"""Sheet Funding: every contract that was refreshed, and the past of the selected one."""

from __future__ import annotations

from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from template import look
from template.cells import computed, fade_missing, heading, live, mark_old, name, note, page, put
from template.cells import widths as set_widths

# header, width, format; APR and basis are formulas, the rest is filled by name of the header
COLUMNS = (
    ("venue", 18, look.TEXT),
    ("symbol", 18, look.TEXT),
    ("coin", 7, look.TEXT),
    ("contract type", 10, look.TEXT),
    ("funding rate", 11, look.RATE),
    ("kind", 11, look.TEXT),
    ("interval h", 10, look.WHOLE),
    ("APR", 10, look.PERCENT),
    ("next settlement", 16, look.TIME),
    ("mark", 12, look.PRICE),
    ("index", 12, look.PRICE),
    ("basis", 10, look.RATE),
    ("quote time", 16, look.TIME),
    ("status", 12, look.TEXT),
    ("contract size", 9, look.WHOLE),
    ("size unit", 8, look.TEXT),
    ("margin coin", 8, look.TEXT),
    ("lot size", 8, look.WHOLE),
    ("maintenance rate", 12, look.RATE),
    ("taker fee", 10, look.RATE),
    ("note", 40, look.TEXT),
)
RULED = Border(bottom=Side("thin", look.RULE))
ROWS = 30  # 20 bags, the selected contract, the coin at other venues
HEAD_ROW = 4
FIRST = HEAD_ROW + 1
LAST = HEAD_ROW + ROWS

HISTORY_ROWS = 90
HISTORY_TITLE = LAST + 3
HISTORY_HEAD = HISTORY_TITLE + 1
HISTORY_FIRST = HISTORY_HEAD + 1
HISTORY_LAST = HISTORY_HEAD + HISTORY_ROWS

_LETTER = {header: get_column_letter(number) for number, (header, _, _) in enumerate(COLUMNS, 2)}
_END = get_column_letter(len(COLUMNS) + 1)


def at(header: str, step: int) -> str:
    """Return the address of a cell of the table, for formulas of other sheets."""
    return f"Funding!${_LETTER[header]}${FIRST + step}"


def column(header: str) -> str:
    """Return the address of a column of the table, without its header."""
    return f"Funding!${_LETTER[header]}${FIRST}:${_LETTER[header]}${LAST}"


def draw(ws: Worksheet) -> None:
    """Draw the sheet, except its chart."""
    set_widths(ws, {"A": 1.5} | {_LETTER[header]: width for header, width, _ in COLUMNS})
    put(ws, "B1", "Funding by venue", size=16, bold=True, color=look.NAVY)
    ws.row_dimensions[1].height = 26
    text = (
        "Filled by xlhedge. A positive rate is paid by longs to shorts: a short hedge receives it. "
        "APR = rate x 24 / interval x 365, not compounded. Times are UTC."
    )
    note(ws, "B2", text)
    _table(ws)
    _history(ws)
    _summary(ws)
    ws.freeze_panes = f"D{FIRST}"
    page(ws, f"A1:{_END}{HISTORY_LAST}", f"{HEAD_ROW}:{HEAD_ROW}", tall=0)


def _table(ws: Worksheet) -> None:
    heading(ws, f"B{HEAD_ROW}", f"{_END}{HEAD_ROW}",
            {f"{_LETTER[header]}{HEAD_ROW}": header for header, _, _ in COLUMNS})  # fmt: skip
    for header, _, fmt in COLUMNS:
        top = ws[f"{_LETTER[header]}{HEAD_ROW}"]
        top.font = look.font(9, True, color="FFFFFF")
        left = fmt == look.TEXT
        top.alignment = look.Alignment(
            "left" if left else "right", "center", wrap_text=True, indent=1 if left else 0
        )
    ws.row_dimensions[HEAD_ROW].height = 28
    for row in range(FIRST, LAST + 1):
        for header, _, fmt in COLUMNS:
            address = f"{_LETTER[header]}{row}"
            if header == "APR":
                rate, hours = f"{_LETTER['funding rate']}{row}", f"{_LETTER['interval h']}{row}"
                formula = f'=IF(AND(ISNUMBER({rate}),N({hours})>0),{rate}*24/{hours}*365,"")'
                computed(ws, address, formula, fmt)
            elif header == "basis":
                mark, index = f"{_LETTER['mark']}{row}", f"{_LETTER['index']}{row}"
                formula = f'=IF(AND(N({mark})>0,N({index})>0),({mark}-{index})/{index},"")'
                computed(ws, address, formula, fmt)
            else:
                live(ws, address, fmt, "left" if fmt == look.TEXT else "right")
    name(ws, "funding_table", f"B{HEAD_ROW}:{_END}{LAST}")
    status = _LETTER["status"]
    ws.conditional_formatting.add(
        f"B{FIRST}:{_END}{LAST}",
        FormulaRule(
            formula=[f'AND($B{FIRST}<>"",${status}{FIRST}<>"LIVE")'],
            font=Font(italic=True, color=look.OLD_INK),
            fill=PatternFill(bgColor=look.OLD_GROUND),
            border=RULED,
        ),
    )
    _underline(ws, f"B{FIRST}:{_END}{LAST}", f"$B{FIRST}")


def _history(ws: Worksheet) -> None:
    rates = f"$C${HISTORY_FIRST}:$C${HISTORY_LAST}"
    title = (
        f'=IF(COUNT({rates})=0,"No funding history in this file: a refresh brings it",'
        '"Funding rate per interval: "&live_venue&" "&live_symbol)'
    )
    put(ws, f"B{HISTORY_TITLE}", title, size=13, bold=True, color=look.NAVY)
    ws.row_dimensions[HISTORY_TITLE].height = 22
    heading(ws, f"B{HISTORY_HEAD}", f"C{HISTORY_HEAD}",
            {f"B{HISTORY_HEAD}": "time", f"C{HISTORY_HEAD}": "rate"})  # fmt: skip
    ws[f"B{HISTORY_HEAD}"].font = look.font(9, True, color="FFFFFF")
    ws[f"C{HISTORY_HEAD}"].font = look.font(9, True, color="FFFFFF")
    for row in range(HISTORY_FIRST, HISTORY_LAST + 1):
        live(ws, f"B{row}", look.TIME, "left")
        live(ws, f"C{row}", look.RATE)
    name(ws, "history_table", f"B{HISTORY_HEAD}:C{HISTORY_LAST}")
    mark_old(ws, f"B{HISTORY_FIRST}:C{HISTORY_LAST}", filled=True)
    _underline(ws, f"B{HISTORY_FIRST}:C{HISTORY_LAST}", f"$B{HISTORY_FIRST}")


def _underline(ws: Worksheet, area: str, key: str) -> None:
    """Rule off the rows that hold something, and only those."""
    ws.conditional_formatting.add(area, FormulaRule(formula=[f'{key}<>""'], border=RULED))


def _summary(ws: Worksheet) -> None:
    rates = f"$C${HISTORY_FIRST}:$C${HISTORY_LAST}"
    row = HISTORY_HEAD
    heading(ws, f"E{row}", f"H{row}", {f"E{row}": "What it was"})
    lines = (
        ("settlements in the table", f"COUNT({rates})", look.WHOLE),
        ("mean rate", f"AVERAGE({rates})", look.RATE),
        ("median rate", f"MEDIAN({rates})", look.RATE),
        ("lowest", f"IF(COUNT({rates})=0,NA(),MIN({rates}))", look.RATE),
        ("highest", f"IF(COUNT({rates})=0,NA(),MAX({rates}))", look.RATE),
        ("share below 0 (the hedge paid)", f'COUNTIF({rates},"<0")/COUNT({rates})', look.PERCENT),
        ("mean, simple a year", f"AVERAGE({rates})*24/live_interval_hours*365", look.PERCENT),
    )
    for step, (label, formula, fmt) in enumerate(lines, 1):
        put(ws, f"E{row + step}", label)
        computed(ws, f"H{row + step}", f"=IFERROR({formula},NA())", fmt)
        for column in "EFGH":
            ws[f"{column}{row + step}"].border = look.UNDER
    fade_missing(ws, f"H{row + 1}:H{row + len(lines)}")
    mark_old(ws, f"H{row + 1}:H{row + len(lines)}")
    note(ws, f"E{row + len(lines) + 1}", "Past funding says nothing certain about future funding.")
