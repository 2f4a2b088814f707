"""Build ``workbooks/hedge.xlsx``: ``python workbooks/build_template.py [--check]``.

The same code gives the same bytes. With ``--check`` nothing is written; the exit code is 1 when
the file beside this script differs from what the code builds.
"""

from __future__ import annotations

import argparse
import datetime
import io
import sys
from pathlib import Path

import formualizer
from openpyxl import Workbook
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.workbook.properties import CalcProperties
from openpyxl.worksheet.worksheet import Worksheet
from template import (
    bags_sheet,
    charts,
    functions_sheet,
    funding_sheet,
    guide_sheet,
    hedge_sheet,
    look,
    portfolio,
    scenarios_sheet,
    ticket_sheet,
    tool_sheet,
)
from template.chart_caches import with_caches
from template.chart_descriptions import with_descriptions
from template.fixed import fixed

from xlhedge import __version__

# the sheets after Hedge, in order: title, what draws it, colour of its tab
OTHERS = (
    ("Bags", bags_sheet.draw, look.NAVY),
    ("Scenarios", scenarios_sheet.draw, look.BLUE),
    ("Funding", funding_sheet.draw, look.LIVE_GREEN),
    ("Ticket", ticket_sheet.draw, look.BLUE),
    ("Guide", guide_sheet.draw, look.GREY),
    ("Functions", functions_sheet.draw, look.GREY),
)
TARGET = Path(__file__).with_name("hedge.xlsx")


def build() -> bytes:
    """Return the template as bytes, with the stored value of every formula."""
    book = Workbook()
    book._fonts = IndexedList([look.font(10)])  # instead of openpyxl's own default face
    book._named_styles["Normal"].font = look.font(10)
    hedge = book.active
    hedge.title = "Hedge"
    hedge.sheet_properties.tabColor = look.NAVY
    hedge.sheet_view.tabSelected = True
    sheets = {"Hedge": hedge}
    for title, _, color in OTHERS:
        sheets[title] = book.create_sheet(title)
        sheets[title].sheet_properties.tabColor = color
    tool = book.create_sheet(tool_sheet.TITLE)
    hedge_sheet.draw(hedge)
    for title, draw, _ in OTHERS:
        draw(sheets[title])
    tool_sheet.draw(tool, __version__)
    _add_charts(sheets, tool)
    properties = book.properties
    properties.title = "Hedge of a spot bag with an inverse perpetual"
    properties.subject = "Scenarios, funding, margin and liquidation of a short inverse perpetual"
    properties.creator = properties.lastModifiedBy = "xlhedge"
    properties.keywords = "hedge; inverse perpetual; funding rate; scenarios"
    properties.description = "Native formulas, no macros, no links. A model, not advice."
    properties.created = properties.modified = datetime.datetime(2026, 1, 1)
    book.calculation = CalcProperties(fullCalcOnLoad=True)
    target = io.BytesIO()
    book.save(target)
    computed = formualizer.recalculate_xlsx_bytes(target.getvalue())
    errors = computed["summary"]["error_summary"]
    if set(errors) - {"#N/A"}:  # an unfilled template has no numbers, but no other error either
        raise SystemExit(f"formulas with errors: {errors}")
    return fixed(with_descriptions(with_caches(computed["bytes"])))


def _add_charts(sheets: dict[str, Worksheet], tool: Worksheet) -> None:
    scenarios, funding = sheets["Scenarios"], sheets["Funding"]
    charts.add_hedge(sheets["Hedge"], tool, hedge_sheet.CHART)
    top = scenarios_sheet.PORTFOLIO_ROW
    charts.add_portfolio(scenarios, top, portfolio.chart_area(top))
    charts.add_history(funding, tool, funding_sheet.CHART, f"$B${funding_sheet.HISTORY_TITLE}")


def main() -> int:
    """Write the template, or compare it with what is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if it would change")
    args = parser.parse_args()
    package = build()
    same = TARGET.exists() and TARGET.read_bytes() == package
    if args.check:
        print(f"{TARGET.name} {'is up to date' if same else 'differs: build it again'}")
        return 0 if same else 1
    TARGET.write_bytes(package)
    print(f"{TARGET.name}: {len(package):,} bytes{', unchanged' if same else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
