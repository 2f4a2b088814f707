"""A workbook of a company's own: the contract's names, at addresses of its own choosing."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from openpyxl.workbook.defined_name import DefinedName

from xlhedge.workbook import names

SHEET = "Our sheet"
FORMULAS = {
    "use_entry_price": '=IF(in_entry_price="",live_index,in_entry_price)',
    "out_notional": "=in_quantity*in_hedge_ratio*use_entry_price",
}


def company_workbook(path: Path) -> Path:
    """Write the workbook and return its path."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = SHEET
    sheet["A1"].value = "=not a formula"
    sheet["A1"].data_type = "s"
    cells = [*names.INPUTS, *names.USED, *names.LIVE, *names.RESULTS, *names.IDENTITY]
    for row, name in enumerate(cells, 7):
        sheet.cell(row, 4, name)
        sheet.cell(row, 6).value = FORMULAS.get(name)
        _define(book, name, f"$F${row}")
    schema = book.defined_names["xlhedge_schema"].attr_text.split("!")[1].replace("$", "")
    sheet[schema] = names.SCHEMA
    for column, header in enumerate(("status", "symbol", "venue", "funding rate", "ours"), 10):
        sheet.cell(2, column, header)
    _define(book, "funding_table", "$J$2:$N$6")
    sheet["P2"], sheet["Q2"] = "rate", "time"
    _define(book, "history_table", "$P$2:$Q$12")
    _define(book, "scenario_table", "$S$2:$T$3")
    book.save(path)
    return path


def _define(book: openpyxl.Workbook, name: str, where: str) -> None:
    book.defined_names[name] = DefinedName(name, attr_text=f"'{SHEET}'!{where}")
