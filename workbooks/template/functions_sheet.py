"""Sheet Functions: every worksheet function of the add-in, with its arguments and an example.

Everything on it is text: a workbook that has the add-in's functions in cells would show errors to
everybody who has not got it.
"""

from __future__ import annotations

import textwrap
from itertools import groupby

from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from template import look
from template.cells import heading, page, put, widths
from udfs import DECLARED
from udfs.declaration import Argument, Declaration
from udfs.documentation import as_typed

TITLE_ROW, NOTE_ROW, HEAD_ROW = 1, 2, 4
WIDTHS = {"A": 1, "B": 32, "C": 42, "D": 68, "E": 40}
CHARACTERS = {"B": 31, "C": 53, "D": 86, "E": 44}  # that fit into one line
LINE = 12
SUBJECT_NOTE = {
    "Live quotes": "These read what the last refresh stored; none of them opens a connection.",
}


def draw(ws: Worksheet) -> None:
    """Draw the sheet."""
    widths(ws, WIDTHS)
    put(ws, f"B{TITLE_ROW}", "Functions", size=16, bold=True, color=look.NAVY)
    ws.row_dimensions[TITLE_ROW].height = 26
    text = (
        "For people who have the add-in: the functions it gives to every workbook. This workbook "
        "does not use them; all its numbers come from formulas that every Excel has."
    )
    put(ws, f"B{NOTE_ROW}", text, size=9, color=look.GREY)
    captions = {"B": "function", "C": "gives", "D": "arguments", "E": "example"}
    heading(ws, f"B{HEAD_ROW}", f"E{HEAD_ROW}", {f"B{HEAD_ROW}": "function"})
    for letter, caption in captions.items():
        cell = ws[f"{letter}{HEAD_ROW}"]
        cell.value = caption
        cell.font = look.font(10, True, color="FFFFFF")
        cell.alignment = look.aligned("left")
    row = HEAD_ROW
    for subject, declared in groupby(DECLARED.values(), key=lambda d: d.subject):
        row = _subject(ws, row + 1, subject)
        for declaration in declared:
            row += 1
            _function(ws, row, declaration)
    ws.freeze_panes = f"C{HEAD_ROW + 1}"
    page(ws, f"A1:E{row}", title_rows=f"{HEAD_ROW}:{HEAD_ROW}", tall=0, active="C5")


def _subject(ws: Worksheet, row: int, subject: str) -> int:
    put(ws, f"B{row}", subject, bold=True, color=look.NAVY)
    put(ws, f"C{row}", SUBJECT_NOTE.get(subject), size=9, color=look.GREY)
    for letter in "BCDE":
        ws[f"{letter}{row}"].fill = look.ground(look.PALE)
    ws.row_dimensions[row].height = 17
    return row


def _function(ws: Worksheet, row: int, declared: Declaration) -> None:
    texts = {
        "B": declared.name,
        "C": declared.help,
        "D": "\n".join(_argument(a) for a in declared.arguments) or "none",
        "E": _example(declared),
    }
    for letter, text in texts.items():
        cell = put(ws, f"{letter}{row}", None, size=9, bold=letter == "B", wrap=True)
        _text(cell, text)
        cell.border = look.UNDER
    lines = max(_lines(text, CHARACTERS[letter]) for letter, text in texts.items())
    ws.row_dimensions[row].height = 5 + LINE * lines


def _text(cell: Cell, text: str) -> None:
    """Write a text that stays one, even when it begins with an equals sign."""
    cell.value = text
    cell.data_type = "s"
    cell.quotePrefix = True


def _argument(argument: Argument) -> str:
    if argument.required:
        return f"{argument.name}: {argument.help}"
    if argument.default is None:
        return f"[{argument.name}]: {argument.help}"
    default = argument.default
    shown = f'"{default}"' if isinstance(default, str) else f"{default:g}"
    return f"[{argument.name}={shown}]: {argument.help}"


def _example(declared: Declaration) -> str:
    if not declared.examples:
        return f"={declared.name}({_live_arguments(declared)})"
    example = declared.examples[0]
    typed = as_typed(declared, example)
    if isinstance(example.result, list):
        return f"{typed}\ngives a table of {len(example.result)} rows"
    if isinstance(example.result, str):
        return f"{typed}\ngives the sentence: {example.result}"
    return f"{typed}\ngives {example.result:.15g}"


def _live_arguments(declared: Declaration) -> str:
    shown = {"venue": '"bybit"', "symbol": '"BTCUSD"', "field": '"apr"'}
    return ", ".join(shown[a.name] for a in declared.arguments if a.name in shown)


def _lines(text: str, characters: int) -> int:
    return sum(len(textwrap.wrap(line, characters)) or 1 for line in text.split("\n"))
