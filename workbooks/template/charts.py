"""The charts: spot, short and net by price move; the history of the funding rate."""

from __future__ import annotations

from openpyxl.chart import Reference, ScatterChart, Series
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
    RichTextProperties,
)
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from template import chart_data, funding_sheet, look, portfolio
from template.chart_data import MOVES

POINT = 12_700  # EMU

DATES = '[<20000]"";yyyy-mm-dd'  # a file without any data has no dates, rather than 1900
RATES = "0.000%"

# legend, colour, dash, width in points
LINES = (
    ("spot", look.ORANGE, "sysDash", 2.0),
    ("short", look.BLUE, "dash", 2.0),
    ("net", look.BLACK, "solid", 3.0),
)


def _text(size: int = 900, bold: bool = False, color: str = look.INK) -> RichText:
    properties = CharacterProperties(
        latin=Font(typeface=look.FACE), sz=size, b=bold, solidFill=color
    )
    return RichText(
        bodyPr=RichTextProperties(),
        p=[Paragraph(pPr=ParagraphProperties(defRPr=properties), endParaRPr=properties)],
    )


def _titled(text: str, size: int, bold: bool = False, color: str = look.INK) -> Title:
    """Return a title: a text, or the address of a cell that composes it, such as Funding!$B$36."""
    rich = _text(size, bold, color)
    if "!" in text:
        return Title(tx=Text(strRef=StrRef(text)), txPr=rich, overlay=False)
    (paragraph,) = rich.p
    run = RegularTextRun(rPr=paragraph.pPr.defRPr, t=text)
    paragraphs = [Paragraph(pPr=paragraph.pPr, r=[run])]
    return Title(tx=Text(rich=RichText(bodyPr=rich.bodyPr, p=paragraphs)), overlay=False)


def _place(page: Worksheet, chart: ScatterChart, area: str, indent: int = 0) -> None:
    """Put a chart exactly over some cells, however wide a program draws them."""
    left, top, right, bottom = range_boundaries(area)
    chart.anchor = TwoCellAnchor(
        editAs="oneCell",
        _from=AnchorMarker(col=left - 1, row=top - 1, colOff=indent),
        to=AnchorMarker(col=right, row=bottom),
    )
    page.add_chart(chart)


def _plain(chart: ScatterChart, x_title: str, y_title: str) -> None:
    for axis, title in ((chart.x_axis, x_title), (chart.y_axis, y_title)):
        axis.title = _titled(title, 800, color=look.GREY)
        axis.delete = False
        axis.txPr = _text()
        axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=look.GREY))
    chart.x_axis.tickLblPos = "low"
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=look.RULE))
    chart.x_axis.majorGridlines = None
    chart.graphical_properties = GraphicalProperties(
        solidFill="FFFFFF", ln=LineProperties(solidFill=look.RULE)
    )
    chart.roundedCorners = False


def add_hedge(page: Worksheet, tool: Worksheet, area: str) -> None:
    """Put the line chart of spot, short and net over some cells of the Hedge sheet."""
    columns = {header: tool[f"{letter}1"].column for header, letter in chart_data.COLUMN.items()}
    chart = _moves(tool, columns, chart_data.FIRST, chart_data.LAST)
    chart.title = _titled(chart_data.HEDGE_TITLE, 1000, bold=True)
    _place(page, chart, area)


def add_portfolio(page: Worksheet, top: int, area: str) -> None:
    """Put the same lines for all bags together beside the portfolio's table."""
    first = portfolio.first_row(top)
    columns = {header: 2 + n for n, header in enumerate(portfolio.HEADERS)}
    chart = _moves(page, columns, first, first + len(portfolio.MOVES) - 1)
    chart.title = _titled(chart_data.PORTFOLIO_TITLE, 1000, bold=True)
    _place(page, chart, area)


def _moves(sheet: Worksheet, columns: dict[str, int], first: int, last: int) -> ScatterChart:
    moves = Reference(sheet, min_col=columns["move"], min_row=first, max_row=last)
    chart = ScatterChart()
    chart.scatterStyle = "lineMarker"
    for legend, color, dash, points in LINES:
        values = Reference(sheet, min_col=columns[legend], min_row=first, max_row=last)
        series = Series(values, moves, title=legend)
        series.graphicalProperties.line = LineProperties(
            solidFill=color, prstDash=dash, w=int(points * POINT), cap="rnd"
        )
        series.smooth = False
        series.marker.symbol = "none"
        chart.series.append(series)
    _plain(chart, "price move", "USD")
    chart.x_axis.number_format = "0%"
    chart.x_axis.numFmt.sourceLinked = False
    chart.x_axis.scaling.min, chart.x_axis.scaling.max = min(MOVES), max(MOVES)
    chart.x_axis.majorUnit = 0.2
    chart.y_axis.crosses = "min"
    chart.y_axis.number_format = "#,##0"
    chart.y_axis.numFmt.sourceLinked = False
    chart.legend.position = "t"
    chart.legend.txPr = _text(900)
    chart.display_blanks = "gap"
    chart.visible_cells_only = False
    return chart


def add_history(page: Worksheet, tool: Worksheet, area: str, title: str) -> None:
    """Put the chart of past funding rates on the Funding sheet, titled by one of its cells.

    The line of the last quote's rate gives it sane axes where the file holds no history.
    """
    first, last = funding_sheet.HISTORY_FIRST, funding_sheet.HISTORY_LAST
    chart = ScatterChart()
    chart.style = 13
    chart.scatterStyle = "lineMarker"
    series = Series(
        Reference(page, min_col=3, min_row=first, max_row=last),
        Reference(page, min_col=2, min_row=first, max_row=last),
        title="funding rate per interval",
    )
    series.graphicalProperties.line = LineProperties(solidFill=look.BLUE, w=int(1.5 * POINT))
    series.marker.symbol = "circle"
    series.marker.size = 4
    series.marker.graphicalProperties = GraphicalProperties(solidFill=look.BLUE)
    series.marker.graphicalProperties.line = LineProperties(solidFill=look.BLUE)
    series.smooth = False
    chart.series.append(series)
    times, rates = (
        Reference(tool, range_string=f"{tool.title}!{where}")
        for where in (chart_data.QUOTED_TIMES, chart_data.QUOTED_RATES)
    )
    quoted = Series(rates, times, title="rate of the last quote")
    quoted.graphicalProperties.line = LineProperties(
        solidFill=look.VERMILLION, prstDash="dash", w=int(1.5 * POINT)
    )
    quoted.marker.symbol = "none"
    quoted.smooth = False
    chart.series.append(quoted)
    _plain(chart, "settlement, UTC", "rate per interval; above 0 the short receives")
    chart.x_axis.number_format = DATES
    chart.x_axis.numFmt.sourceLinked = False
    chart.y_axis.crosses = "min"
    chart.y_axis.number_format = RATES
    chart.y_axis.numFmt.sourceLinked = False
    chart.title = _titled(f"'{page.title}'!{title}", 1000, bold=True)
    chart.legend.position = "t"
    chart.legend.txPr = _text(900)
    _place(page, chart, area, indent=20 * POINT)
