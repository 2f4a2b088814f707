"""The charts: spot, short and net by price move; the history of the funding rate."""

from __future__ import annotations

from openpyxl.chart import Reference, ScatterChart, Series
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RichTextProperties,
)
from openpyxl.worksheet.worksheet import Worksheet

from template import chart_data, funding_sheet, look, portfolio
from template.chart_data import MOVES

POINT = 12_700  # EMU

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


def _plain(chart: ScatterChart) -> None:
    for axis in (chart.x_axis, chart.y_axis):
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


def add_hedge(page: Worksheet, tool: Worksheet, anchor: str) -> None:
    """Put the line chart of spot, short and net at an address of the Hedge sheet."""
    columns = {header: tool[f"{letter}1"].column for header, letter in chart_data.COLUMN.items()}
    chart = _moves(tool, columns, chart_data.FIRST, chart_data.LAST)
    chart.width, chart.height = 15.6, 13.2
    page.add_chart(chart, anchor)


def add_portfolio(page: Worksheet, top: int, anchor: str) -> None:
    """Put the same lines for all bags together beside the portfolio's table."""
    first = portfolio.first_row(top)
    columns = {header: 2 + n for n, header in enumerate(portfolio.HEADERS)}
    chart = _moves(page, columns, first, first + len(portfolio.MOVES) - 1)
    chart.width, chart.height = 20.5, 9.6
    page.add_chart(chart, anchor)


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
    _plain(chart)
    chart.x_axis.number_format = "0%"
    chart.x_axis.numFmt.sourceLinked = False
    chart.x_axis.scaling.min, chart.x_axis.scaling.max = min(MOVES), max(MOVES)
    chart.x_axis.majorUnit = 0.2
    chart.y_axis.crosses = "min"
    chart.y_axis.number_format = "#,##0"
    chart.y_axis.numFmt.sourceLinked = False
    chart.legend.position = "t"
    chart.legend.txPr = _text(1000)
    chart.display_blanks = "gap"
    chart.visible_cells_only = False
    return chart


def add_history(page: Worksheet, anchor: str, title: str) -> None:
    """Put the chart of past funding rates on the Funding sheet, titled by one of its cells."""
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
    _plain(chart)
    chart.x_axis.number_format = "yyyy-mm-dd"
    chart.x_axis.numFmt.sourceLinked = False
    chart.y_axis.number_format = "0.000%"
    chart.y_axis.numFmt.sourceLinked = False
    chart.title = Title(tx=Text(strRef=StrRef(f"'{page.title}'!{title}")), overlay=False)
    chart.title.txPr = _text(1000, bold=True)
    chart.legend = None
    chart.layout = Layout(manualLayout=ManualLayout(x=0.08, y=0.12, w=0.88, h=0.74))
    chart.width, chart.height = 26, 9.5
    page.add_chart(chart, anchor)
