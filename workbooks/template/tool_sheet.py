"""The hidden sheet: what tools need to know of the file, and the checks behind "No numbers"."""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from template import bag_model, chart_data, checks, funding_sheet, look
from template.bag_cells import TOOL_FIRST, TOOL_SHEET
from template.cells import computed, heading, live, name, note, put, widths
from xlhedge.workbook.names import SCHEMA

TITLE = TOOL_SHEET

FACTS = (
    ("xlhedge_schema", "version of the names' meaning", look.WHOLE),
    ("xlhedge_version", "version of xlhedge that filled the file", look.TEXT),
    ("xlhedge_filled_at", "when it was filled, UTC", look.TIME),
    ("xlhedge_filled_from", "from what", look.TEXT),
    ("live_coin", "base coin of the contract", look.TEXT),
    ("live_size_unit", "unit of the contract size: quote (USD) or base (coins)", look.TEXT),
    ("live_maker_fee", "maker fee of the lowest tier", look.RATE),
    ("live_fee_source", "where the fees come from", look.TEXT),
    ("live_received", "when the reply arrived, UTC", look.TIME),
    ("live_note", "a warning of the last refresh, or why it failed", look.TEXT),
)
FACT_ROW = 4
CHECK_ROW = FACT_ROW + len(FACTS) + 2


def draw(ws: Worksheet, version: str) -> None:
    """Draw the sheet and hide it."""
    widths(ws, {"A": 2, "B": 24, "C": 40, "D": 60, "E": 12})
    put(ws, "B1", "Kept by xlhedge", size=14, bold=True, color=look.NAVY)
    note(ws, "B2", "Tools read and write these cells by name. Nothing here needs editing.")
    heading(ws, "B3", "D3", {"B3": "name", "C3": "value", "D3": "meaning"})
    for row, (defined, meaning, fmt) in enumerate(FACTS, FACT_ROW):
        put(ws, f"B{row}", defined)
        live(ws, f"C{row}", fmt, "left")
        note(ws, f"D{row}", meaning)
        name(ws, defined, f"C{row}")
    ws[f"C{FACT_ROW}"].value = SCHEMA
    ws[f"C{FACT_ROW + 1}"].value = version
    row = _checks(ws)
    bag_model.draw_chosen(ws, row)
    bag_model.draw(ws)
    chart_data.draw(ws)
    funding_sheet.draw_note_numbers(ws, chart_data.BESIDE, TOOL_FIRST)
    ws.protection.sheet = True
    ws.sheet_state = "hidden"


def _checks(ws: Worksheet) -> int:
    row = CHECK_ROW
    title = "Checks: no numbers while one of these is 1"
    heading(ws, f"B{row}", f"E{row}", {f"B{row}": title, f"E{row}": "applies"})
    first = row + 1
    for row, (sentence, failing) in enumerate(checks.CHECKS, first):
        put(ws, f"B{row}", sentence)
        computed(ws, f"E{row}", f"=IFERROR({failing},1)", look.WHOLE)
    put(ws, f"B{row + 2}", "the first that applies")
    put(ws, f"C{row + 2}",
        f'=IFERROR(INDEX($B${first}:$B${row},MATCH(1,$E${first}:$E${row},0)),"")')  # fmt: skip
    name(ws, "check_reason", f"C{row + 2}")
    return row + 4
