"""Write labels, inputs, venue data and formulas so that each kind looks the same everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font, PatternFill, Protection
from openpyxl.utils import absolute_coordinate, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from template import look

PROMPT_LIMIT = 255  # characters Excel shows of a prompt or an error message
TITLE_LIMIT = 32


@dataclass(frozen=True)
class Rule:
    """What may be typed into an input.

    Parameters
    ----------
    kind : str
        "decimal", "whole", "list" or "textLength".
    low, high : str, optional
        Bounds as formulas; both given means between, one means at least or at most.
    above : str, optional
        Lower bound that is itself not allowed.
    words : str, optional
        Comma-separated words of a list.
    style : str
        "stop" refuses, "warning" asks.
    """

    kind: str
    low: str | None = None
    high: str | None = None
    above: str | None = None
    words: str | None = None
    style: str = "stop"


def put(
    ws: Worksheet,
    address: str,
    value: object = None,
    *,
    size: float = 10,
    bold: bool = False,
    italic: bool = False,
    color: str = look.INK,
    fmt: str | None = None,
    align: str = "general",
    wrap: bool = False,
    indent: int = 0,
) -> Cell:
    """Write a label or a computed cell (black)."""
    cell = ws[address]
    cell.value = value
    cell.font = look.font(size, bold, italic, color)
    cell.alignment = look.aligned(align, wrap, indent)
    if fmt is not None:
        cell.number_format = fmt
    return cell


def note(ws: Worksheet, address: str, value: object, *, wrap: bool = False) -> Cell:
    """Write a small grey remark."""
    return put(ws, address, value, size=9, color=look.GREY, align="left", wrap=wrap, indent=1)


def heading(ws: Worksheet, first: str, last: str, captions: dict[str, str]) -> None:
    """Draw a section heading from column to column of one row, with its captions."""
    row = ws[first].row
    for column in range(ws[first].column, ws[last].column + 1):
        cell = ws.cell(row, column)
        cell.fill = look.ground(look.NAVY)
        cell.font = look.font(10, True, color="FFFFFF")
        cell.alignment = look.aligned("left")
    for address, caption in captions.items():
        ws[address].value = caption
        if address != first:
            ws[address].font = look.font(9, color="FFFFFF")
            ws[address].alignment = look.aligned("right")


def computed(ws: Worksheet, address: str, formula: str, fmt: str, **how: object) -> Cell:
    """Write a formula whose result is a number."""
    return put(ws, address, formula, fmt=fmt, align="right", **how)


def live(ws: Worksheet, address: str, fmt: str, align: str = "right") -> Cell:
    """Prepare a cell that a tool fills from a venue; text in it stays text (quote prefix)."""
    indent = 1 if align == "left" else 0
    cell = put(ws, address, None, color=look.LIVE_GREEN, fmt=fmt, align=align, indent=indent)
    cell.quotePrefix = fmt == look.TEXT
    return cell


def typed(
    ws: Worksheet,
    address: str,
    value: object,
    fmt: str,
    rule: Rule,
    title: str,
    prompt: str,
) -> Cell:
    """Write an unlocked input with its validation and prompt."""
    assert len(prompt) <= PROMPT_LIMIT, (title, len(prompt))
    assert len(title) <= TITLE_LIMIT, title
    cell = put(ws, address, value, color=look.INPUT_BLUE, fmt=fmt, align="right")
    cell.fill = look.ground(look.INPUT_GROUND)
    cell.border = look.BOX
    cell.protection = Protection(locked=False)
    ws.add_data_validation(_validation(rule, title, prompt, address))
    return cell


def _validation(rule: Rule, title: str, prompt: str, address: str) -> DataValidation:
    first, second, operator = rule.low, rule.high, "between"
    if rule.kind == "list":
        first, second, operator = f'"{rule.words}"', None, None
    elif rule.above is not None:
        first, second, operator = rule.above, None, "greaterThan"
    elif rule.high is None:
        operator = "greaterThanOrEqual"
    validation = DataValidation(
        type=rule.kind,
        operator=operator,
        formula1=first,
        formula2=second,
        allow_blank=True,
        showErrorMessage=True,
        showInputMessage=True,
        errorStyle=rule.style,
        errorTitle=title,
        error=prompt,
        promptTitle=title,
        prompt=prompt,
    )
    validation.add(address)
    return validation


def name(ws: Worksheet, defined: str, address: str) -> None:
    """Give a cell or range its workbook-wide name."""
    sheet = ws.title if ws.title.isalnum() else quote_sheetname(ws.title)
    where = f"{sheet}!{absolute_coordinate(address)}"
    ws.parent.defined_names[defined] = DefinedName(defined, attr_text=where)


def mark_old(
    ws: Worksheet, area: str, *, filled: bool = False, status: str = "live_status"
) -> None:
    """Show what rests on stale, bundled or missing data on amber and in italics."""
    corner = area.split(":")[0]
    old = f'{status}<>"LIVE"'
    mark_old_if(ws, area, f'AND({corner}<>"",{old})' if filled else old)


def mark_old_if(ws: Worksheet, area: str, formula: str) -> None:
    """Show an area on amber and in italics where a condition holds."""
    ws.conditional_formatting.add(
        area,
        FormulaRule(
            formula=[formula],
            font=Font(italic=True, color=look.OLD_INK),
            fill=PatternFill(bgColor=look.OLD_GROUND),
        ),
    )


def fade_missing(ws: Worksheet, area: str) -> None:
    """Grey out #N/A: there is no such number, which is an answer and not an accident."""
    corner = area.split(":")[0]
    ws.conditional_formatting.add(
        area,
        FormulaRule(formula=[f"ISNA({corner})"], font=Font(color=look.FAINT), stopIfTrue=True),
    )


def page(ws: Worksheet, area: str, title_rows: str | None = None, tall: int = 1) -> None:
    """Set a sheet up for A4 or Letter landscape, all columns on one page, and protect it."""
    ws.sheet_view.showGridLines = False
    ws.page_setup.orientation = "landscape"
    ws.page_setup.paperSize = ws.PAPERSIZE_A4
    ws.page_setup.fitToWidth = 1
    ws.page_setup.fitToHeight = tall
    ws.sheet_properties.pageSetUpPr.fitToPage = True
    ws.print_area = area
    if title_rows:
        ws.print_title_rows = title_rows
    ws.print_options.horizontalCentered = True
    margins = ws.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.header, margins.footer = 0.5, 0.6, 0.25, 0.3
    ws.oddFooter.left.text = "xlhedge: a model, not advice"
    ws.oddFooter.center.text = "&A"
    ws.oddFooter.right.text = "page &P of &N"
    for part in (ws.oddFooter.left, ws.oddFooter.center, ws.oddFooter.right):
        part.font, part.size = f"{look.FACE},Regular", 8
    ws.protection.sheet = True
    ws.protection.formatColumns = False
    ws.protection.formatRows = False
    ws.protection.selectLockedCells = False


def widths(ws: Worksheet, columns: dict[str, float]) -> None:
    """Set column widths in characters."""
    for column, width in columns.items():
        ws.column_dimensions[column].width = width
