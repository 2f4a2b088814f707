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
from template import (
    charts,
    funding_sheet,
    guide_sheet,
    hedge_sheet,
    look,
    scenarios_sheet,
    tool_sheet,
)
from template.fixed import fixed

from xlhedge import __version__

TARGET = Path(__file__).with_name("hedge.xlsx")


def build() -> bytes:
    """Return the template as bytes, with the stored value of every formula."""
    book = Workbook()
    book._fonts = IndexedList([look.font(10)])  # instead of openpyxl's own default face
    book._named_styles["Normal"].font = look.font(10)
    hedge = book.active
    hedge.title = "Hedge"
    scenarios = book.create_sheet("Scenarios")
    funding = book.create_sheet("Funding")
    guide = book.create_sheet("Guide")
    tool = book.create_sheet(tool_sheet.TITLE)
    hedge_sheet.draw(hedge)
    scenarios_sheet.draw(scenarios)
    funding_sheet.draw(funding)
    guide_sheet.draw(guide)
    tool_sheet.draw(tool, __version__)
    charts.add_scenarios(hedge, scenarios, f"K{hedge_sheet.FIRST_ROW}")
    charts.add_history(
        funding, f"J{funding_sheet.HISTORY_HEAD}", f"$B${funding_sheet.HISTORY_TITLE}"
    )
    for sheet, color in ((hedge, look.NAVY), (scenarios, look.BLUE), (funding, look.LIVE_GREEN),
                         (guide, look.GREY)):  # fmt: skip
        sheet.sheet_properties.tabColor = color
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
    return fixed(computed["bytes"])


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
