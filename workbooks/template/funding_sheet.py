"""Sheet Funding: every contract that was refreshed, and the past of the selected one."""

from __future__ import annotations

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from template import look
from template.cells import (
    computed,
    fade_missing,
    heading,
    live,
    mark_old,
    mark_old_if,
    mark_warning_if,
    name,
    note,
    page,
    put,
    rule_off_if,
)
from template.cells import widths as set_widths
from template.shortening import shortened

# header, width, format; APR and basis are formulas, the rest is filled by name of the header
COLUMNS = (
    ("venue", 13, look.TEXT),
    ("symbol", 16, look.TEXT),
    ("coin", 7, look.TEXT),
    ("contract type", 8.5, look.TEXT),
    ("funding rate", 9, look.RATE),
    ("kind", 8.5, look.TEXT),
    ("interval h", 7, look.WHOLE),
    ("APR", 8.5, look.PERCENT),
    ("next settlement", 14.5, look.TIME),
    ("mark", 10.5, look.PRICE),
    ("index", 10.5, look.PRICE),
    ("basis", 8.5, look.RATE),
    ("quote time", 14.5, look.TIME),
    ("status", 9.5, look.TEXT),
    ("contract size", 7.5, look.WHOLE),
    ("size unit", 7, look.TEXT),
    ("margin coin", 7, look.TEXT),
    ("lot size", 5.5, look.WHOLE),
    ("maintenance rate", 10, look.RATE),
    ("taker fee", 8.5, look.RATE),
    ("note", 60, look.TEXT),  # read on the screen; in print the notes stand under the table
)
ROWS = 30  # 20 bags, the selected contract, the coin at other venues
HEAD_ROW = 4
FIRST = HEAD_ROW + 1
LAST = HEAD_ROW + ROWS

NOTES_HEAD = LAST + 2
NOTES_LAST = NOTES_HEAD + 11  # as many as the page has room for
NOTE_LENGTH = 220  # characters of a note that the width of the page holds

HISTORY_ROWS = 90
HISTORY_TITLE = NOTES_LAST + 3
HISTORY_HEAD = HISTORY_TITLE + 1
HISTORY_FIRST = HISTORY_HEAD + 1
HISTORY_LAST = HISTORY_HEAD + HISTORY_ROWS
HISTORY_TIMES = f"Funding!$B${HISTORY_FIRST}:$B${HISTORY_LAST}"
HISTORY_PRINTED = 42  # the newest, as many as fill the page with their chart
PRINT_LAST = HISTORY_HEAD + HISTORY_PRINTED
ROW_HEIGHT = 15.5
CHART = f"J{HISTORY_HEAD}:U{HISTORY_HEAD + 30}"

_LETTER = {header: get_column_letter(number) for number, (header, _, _) in enumerate(COLUMNS, 2)}
_END = get_column_letter(len(COLUMNS) + 1)
_PRINT_END = get_column_letter(len(COLUMNS))  # all but the notes


def at(header: str, step: int) -> str:
    """Return the address of a cell of the table, for formulas of other sheets."""
    return f"Funding!${_LETTER[header]}{FIRST + step}"


def column(header: str) -> str:
    """Return the address of a column of the table, without its header."""
    return f"Funding!${_LETTER[header]}${FIRST}:${_LETTER[header]}${LAST}"


def draw(ws: Worksheet) -> None:
    """Draw the sheet, except its chart."""
    set_widths(ws, {"A": 1} | {_LETTER[header]: width for header, width, _ in COLUMNS})
    put(ws, "B1", "Funding by venue", size=16, bold=True, color=look.NAVY)
    ws.row_dimensions[1].height = 26
    text = (
        "Filled by xlhedge. A positive rate is paid by longs to shorts: a short hedge receives it. "
        "APR = rate x 24 / interval x 365, not compounded. Times are UTC. Past rates and their "
        "chart stand below."
    )
    note(ws, "B2", text)
    _table(ws)
    _notes(ws)
    _history(ws)
    _summary(ws)
    ws.freeze_panes = f"D{FIRST}"
    areas = f"A1:{_PRINT_END}{NOTES_LAST}", f"A{HISTORY_TITLE}:{_PRINT_END}{PRINT_LAST}"
    page(ws, *areas, active=f"B{FIRST}")


def _table(ws: Worksheet) -> None:
    heading(ws, f"B{HEAD_ROW}", f"{_END}{HEAD_ROW}",
            {f"{_LETTER[header]}{HEAD_ROW}": header for header, _, _ in COLUMNS})  # fmt: skip
    for header, _, fmt in COLUMNS:
        top = ws[f"{_LETTER[header]}{HEAD_ROW}"]
        top.font = look.font(8, True, color="FFFFFF")
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
        for header in ("next settlement", "quote time"):
            ws[f"{_LETTER[header]}{row}"].font = look.font(9, color=look.LIVE_GREEN)
        said = ws[f"{_LETTER['note']}{row}"]
        # not wrapped: the last column's text runs on to the right
        said.font, said.alignment = (
            look.font(8, color=look.LIVE_GREEN),
            look.aligned("left", indent=1),
        )
        ws.row_dimensions[row].height = ROW_HEIGHT
    name(ws, "funding_table", f"B{HEAD_ROW}:{_END}{LAST}")
    whole, status = f"B{FIRST}:{_END}{LAST}", f"${_LETTER['status']}{FIRST}"
    warned = f'AND({status}="LIVE",${_LETTER["note"]}{FIRST}<>"")'
    for header in ("funding rate", "APR", "note"):
        letter = _LETTER[header]
        mark_warning_if(ws, f"{letter}{FIRST}:{letter}{LAST}", warned, bold=header != "note")
    mark_old_if(ws, whole, f'AND($B{FIRST}<>"",{status}<>"LIVE")', ruled=True)
    rule_off_if(ws, whole, f'$B{FIRST}<>""')


def draw_note_numbers(ws: Worksheet, letter: str, first: int) -> None:
    """Number the rows that hold a note, on the hidden sheet: 0 1 1 2 where two of four do."""
    for step in range(ROWS):
        before = f"{letter}{first + step - 1}" if step else "0"
        computed(
            ws, f"{letter}{first + step}", f'={before}+IF({at("note", step)}="",0,1)', look.WHOLE
        )
    name(ws, "note_numbers", f"{letter}{first}:{letter}{first + ROWS - 1}")


def _notes(ws: Worksheet) -> None:
    """Write notes out for print, each on a line that is as wide as the page."""
    shown = NOTES_LAST - NOTES_HEAD
    more = f'" (the first {shown} of "&MAX(note_numbers)&"; all are in the column note)"'
    heading_ = f'=IF(MAX(note_numbers)=0,"","Notes"&IF(MAX(note_numbers)>{shown},{more},""))'
    put(ws, f"B{NOTES_HEAD}", heading_, size=8, bold=True, color=look.NAVY)
    ws.row_dimensions[NOTES_HEAD].height = 13
    for number in range(1, shown + 1):
        row = f"MATCH({number},note_numbers,0)"
        parts = (f"INDEX({column(header)},{row})" for header in ("venue", "symbol", "note"))
        venue, symbol, said = parts
        text = f'=IFERROR({venue}&" "&{symbol}&": "&{shortened(said, NOTE_LENGTH)},"")'
        put(ws, f"B{NOTES_HEAD + number}", text, size=8, color=look.GREY, align="left", indent=1)
        ws.row_dimensions[NOTES_HEAD + number].height = 12


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
        live(ws, f"B{row}", look.TIME, "left").alignment = look.aligned("left", shrink=True)
        ws.row_dimensions[row].height = 15
        live(ws, f"C{row}", look.RATE)
    name(ws, "history_table", f"B{HISTORY_HEAD}:C{HISTORY_LAST}")
    area, filled = f"B{HISTORY_FIRST}:C{HISTORY_LAST}", f'$B{HISTORY_FIRST}<>""'
    mark_old_if(ws, area, f'AND({filled},live_status<>"LIVE")', ruled=True)
    rule_off_if(ws, area, filled)


def _summary(ws: Worksheet) -> None:
    rates = f"$C${HISTORY_FIRST}:$C${HISTORY_LAST}"
    row = HISTORY_HEAD
    heading(ws, f"E{row}", f"I{row}", {f"E{row}": "What it was"})
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
        computed(ws, f"I{row + step}", f"=IFERROR({formula},NA())", fmt)
        for column in "EFGHI":
            ws[f"{column}{row + step}"].border = look.UNDER
    fade_missing(ws, f"I{row + 1}:I{row + len(lines)}")
    mark_old(ws, f"I{row + 1}:I{row + len(lines)}")
    text = (
        "Past funding says nothing certain about future funding. A settlement above 0 paid the "
        f"short, one below 0 cost it. The newest {HISTORY_PRINTED} settlements are printed; the "
        f"chart and these figures hold all of them, up to {HISTORY_ROWS}."
    )
    below = row + len(lines) + 2
    ws.merge_cells(f"E{below}:I{below + 5}")
    note(ws, f"E{below}", text, wrap=True)
