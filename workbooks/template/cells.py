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
    shrink: bool = False,
) -> Cell:
    """Write a label or a computed cell (black)."""
    cell = ws[address]
    cell.value = value
    cell.font = look.font(size, bold, italic, color)
    cell.alignment = look.aligned(align, wrap, indent, shrink)
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
    return put(ws, address, formula, fmt=fmt, align="right", shrink=True, **how)


def live(ws: Worksheet, address: str, fmt: str, align: str = "right") -> Cell:
    """Prepare a cell that a tool fills from a venue; text in it stays text (quote prefix)."""
    indent = 1 if align == "left" else 0
    cell = put(
        ws, address, None, color=look.LIVE_GREEN, fmt=fmt, align=align, indent=indent, shrink=True
    )
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
    cell = put(ws, address, value, color=look.INPUT_BLUE, fmt=fmt, align="right", shrink=True)
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


def mark_old_on_colors(ws: Worksheet, area: str, status: str = "live_status") -> None:
    """Show what is old in italics where the ground has a meaning of its own."""
    font = Font(italic=True, color=look.OLD_INK_ON_COLORS)
    ws.conditional_formatting.add(area, FormulaRule(formula=[f'{status}<>"LIVE"'], font=font))


def mark_old_if(ws: Worksheet, area: str, formula: str, *, ruled: bool = False) -> None:
    """Show an area on amber and in italics where a condition holds, ruled off if need be.

    Of formats that overlap, Excel merges what does not differ and LibreOffice takes the first: what
    matters more is added first, and brings the rule under the row with it.
    """
    ws.conditional_formatting.add(
        area,
        FormulaRule(
            formula=[formula],
            font=Font(italic=True, color=look.OLD_INK),
            fill=PatternFill(bgColor=look.OLD_GROUND),
            border=look.RULED if ruled else None,
        ),
    )


def mark_warning_if(
    ws: Worksheet, area: str, formula: str, *, bold: bool = True, ruled: bool = True
) -> None:
    """Show fresh data that carry a warning dark on vermillion, in bold where there is room."""
    ws.conditional_formatting.add(
        area,
        FormulaRule(
            formula=[formula],
            font=Font(bold=bold, italic=False, color=look.WARNING_INK),
            fill=PatternFill(bgColor=look.WARNING_GROUND),
            border=look.RULED if ruled else None,
        ),
    )


def mark_alarm_if(ws: Worksheet, area: str, formula: str, *, bold: bool = True) -> None:
    """Show what must not be overlooked white on dark vermillion."""
    ws.conditional_formatting.add(
        area,
        FormulaRule(
            formula=[formula],
            font=Font(bold=bold, italic=False, color="FFFFFF"),
            fill=PatternFill(bgColor=look.ALARM),
            stopIfTrue=True,
        ),
    )


def rule_off_if(ws: Worksheet, area: str, formula: str) -> None:
    """Draw a line under the rows that hold something, and only those."""
    ws.conditional_formatting.add(area, FormulaRule(formula=[formula], border=look.RULED))


def fade_missing(ws: Worksheet, area: str) -> None:
    """Grey out #N/A: there is no such number, which is an answer and not an accident."""
    corner = area.split(":")[0]
    ws.conditional_formatting.add(
        area,
        FormulaRule(formula=[f"ISNA({corner})"], font=Font(color=look.FAINT), stopIfTrue=True),
    )


def page(
    ws: Worksheet,
    *areas: str,
    active: str,
    title_rows: str | None = None,
    tall: int | None = None,
) -> None:
    """Set a sheet up for A4 or Letter landscape, all columns on one page, and protect it.

    Parameters
    ----------
    areas : str
        What is printed; each area begins a page.
    active : str
        The cell that is selected when the sheet is opened.
    title_rows : str, optional
        Rows that every page repeats.
    tall : int, optional
        Pages in height, 0 for as many as it takes; otherwise one for one area.
    """
    ws.sheet_view.showGridLines = False
    ws.sheet_view.zoomScale = ws.sheet_view.zoomScaleNormal = 100
    for selection in ws.sheet_view.selection:
        selection.activeCell = selection.sqref = active
    ws.page_setup.orientation = "landscape"
    ws.page_setup.paperSize = ws.PAPERSIZE_A4
    ws.page_setup.fitToWidth = 1
    ws.page_setup.fitToHeight = int(len(areas) == 1) if tall is None else tall
    ws.sheet_properties.pageSetUpPr.fitToPage = True
    ws.print_area = ",".join(areas)
    if title_rows:
        ws.print_title_rows = title_rows
    ws.print_options.horizontalCentered = True
    margins = ws.page_margins
    margins.left = margins.right = 0.25  # as Excel's own narrow margins
    margins.top, margins.bottom, margins.header, margins.footer = 0.4, 0.5, 0.2, 0.25
    ws.HeaderFooter.scaleWithDoc = False
    ws.oddFooter.left.text = "xlhedge: a model, not advice"
    ws.oddFooter.center.text = "&A"
    ws.oddFooter.right.text = "page &P of &N"
    for part in (ws.oddFooter.left, ws.oddFooter.center, ws.oddFooter.right):
        part.font, part.size = f"{look.FACE},Regular", 8
    ws.protection.sheet = True
    ws.protection.formatColumns = False
    ws.protection.formatRows = False
    ws.protection.selectLockedCells = False


def sentence(ws: Worksheet, row: int, last: str, formula: str, size: float, height: float) -> None:
    """Write a sentence over the width of a sheet, from column B to a column, in a pale band."""
    ws.merge_cells(f"B{row}:{last}{row}")
    put(ws, f"B{row}", formula, size=size).alignment = look.in_the_middle(indent=1)
    ws[f"B{row}"].fill = look.ground(look.PALE)
    ws.row_dimensions[row].height = height


def widths(ws: Worksheet, columns: dict[str, float]) -> None:
    """Set column widths in characters."""
    for column, width in columns.items():
        ws.column_dimensions[column].width = width
