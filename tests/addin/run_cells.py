"""Cells of a sheet call the worksheet functions: the add-in's VBA, xlwings' ``CallUDF``, Python.

The VBA that the built .xlam holds runs in pyOpenVBA's model of Excel; the Python server that it
reaches for is xlwings' own ``XLPython`` under a stubbed pywin32. Runs in a process of its own.

Reads JSON from standard input: ``{"addin": path, "calls": [[name, [argument, ...]], ...]}``. An
argument is ``{"range": rows}`` (cells of a sheet), ``{"value": cell}``, ``{"array": rows}`` (typed
into the formula) or ``{"missing": true}``; a cell is plain JSON, ``{"date": iso}``,
``{"error": "#N/A"}`` or ``{"currency": number}``. Prints what each cell shows: error values as
``{"error": ...}``, dates as ``{"date": ...}``; and how often Python was called.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import traceback

from tests.udfs import pywin32_stub as stub

stub.install()

from pyopenvba import ExcelFile  # noqa: E402
from pyopenvba.apps.excel import ExcelApplication  # noqa: E402
from pyopenvba.exceptions import VBARuntimeError  # noqa: E402
from pyopenvba.interpreter import (  # noqa: E402
    EMPTY,
    MISSING,
    VBAArray,
    VBADate,
    VBAErrorValue,
    VBAInt,
    VBAObject,
)
from pyopenvba.interpreter._objects import MemberSpec, method  # noqa: E402
from xlwings import udfs as machinery  # noqa: E402
from xlwings.com_server import XLPython  # noqa: E402

import udfs  # noqa: E402
from udfs.addin.build import CALLS  # noqa: E402
from udfs.addin.stubs import FUNCTIONS, HELP  # noqa: E402

NUMBERS = {
    "#NULL!": 2000,
    "#DIV/0!": 2007,
    "#VALUE!": 2015,
    "#REF!": 2023,
    "#NAME?": 2029,
    "#NUM!": 2036,
    "#N/A": 2042,
}
TEXTS = {number: text for text, number in NUMBERS.items()}

# stands for xlwings' module in the add-in: its DLL starts Python, here Python is there already
XLWINGS = """
Public Function XLPy() As Object
    Set XLPy = PythonServer
End Function
"""


class PythonServer(VBAObject):
    """xlwings' COM object, with what COM makes of the arguments and results."""

    def __init__(self) -> None:
        self.python = XLPython()
        self.calls = 0
        self.broken = 0  # how many of the next calls find no server
        self.raises = None  # what CallUDF raises instead of answering

    @method
    def CallUDF(self, script: object, name: object, arguments: object) -> object:
        self.calls += 1
        if self.broken:
            self.broken -= 1
            raise VBARuntimeError(462, "The remote server machine does not exist")
        if self.raises:
            raise VBARuntimeError(-2147352567, self.raises)
        given = to_python(arguments)
        try:
            return to_vba(self.python.CallUDF(script, name, given))
        except Exception:  # as pywin32 does: a COM exception described by the traceback
            raise VBARuntimeError(-2147352567, traceback.format_exc()) from None

    @method
    def Exec(self, statement: object) -> object:
        self.python.Exec(str(statement))
        return EMPTY


def to_python(value):
    """Return a VBA value as pywin32 hands it to Python."""
    if isinstance(value, VBAArray):
        items = [to_python(item) for item in value.items]
        if value.dimensions == 1:
            return tuple(items)
        (low, high), (left, right) = value.bounds
        height = high - low + 1
        return tuple(
            tuple(items[row + column * height] for column in range(right - left + 1))
            for row in range(height)
        )
    if value is EMPTY:
        return None
    if value is MISSING:
        return stub.MISSING
    if isinstance(value, VBADate):
        return dt.datetime(1899, 12, 30) + dt.timedelta(days=value.serial)
    if isinstance(value, VBAErrorValue):
        raise AssertionError(f"{value} went to Python, where it would be a blank")
    if isinstance(value, VBAInt):
        return int(value)
    return value


def to_vba(value):
    """Return what Python gives as COM hands it to VBA: arrays from 0, blanks as empty text."""
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], list | tuple):
            bounds = [(0, len(value) - 1), (0, len(value[0]) - 1)]
            items = [to_vba(value[i][j]) for j in range(len(value[0])) for i in range(len(value))]
            return VBAArray(bounds, items=items)
        return VBAArray([(0, len(value) - 1)], items=[to_vba(item) for item in value])
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return VBADate.from_datetime(value.replace(tzinfo=None))
    return value


def shown(value):
    """Return what a cell shows, as JSON."""
    if isinstance(value, VBAErrorValue):
        return {"error": TEXTS.get(value.number, value.number)}
    if isinstance(value, VBADate):
        return {"date": (VBADate.EPOCH + dt.timedelta(days=value.serial)).isoformat()}
    if isinstance(value, VBAArray):
        rows = to_rows(value)
        return [[shown(cell) for cell in row] for row in rows]
    if isinstance(value, VBAInt):
        return int(value)
    return None if value is EMPTY else value


def to_rows(array):
    """Return an array as a cell spills it: one dimension is a row."""
    if array.dimensions == 1:
        return [array.items]
    (low, high), (left, right) = array.bounds
    height = high - low + 1
    return [
        [array.items[row + column * height] for column in range(right - left + 1)]
        for row in range(height)
    ]


MACRO_OPTIONS = ("Macro", "Description", "Category", "ArgumentDescriptions")
registered = {}


def macro_options(_, macro, description, category, texts):
    """Keep what the wizard would show of a function."""
    arguments = [] if texts is MISSING else [str(text) for text in texts.items]
    registered[str(macro)] = {
        "help": str(description),
        "category": str(category),
        "arguments": arguments,
    }
    return EMPTY


class Sheet:
    """Puts ranges into cells, side by side."""

    def __init__(self, app: ExcelApplication) -> None:
        self.sheet = app.workbook.sheets_[0]
        self.column = 3
        self.cell(60, 1).vba_set("Value", 1.0)  # the model cuts a range where the sheet ends

    def place(self, rows):
        first, last = (1, self.column), (len(rows), self.column + len(rows[0]) - 1)
        self.column = last[1] + 2
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                target = self.sheet.vba_get(
                    "Cells", [VBAInt(1 + i, "Long"), VBAInt(first[1] + j, "Long")]
                )
                if isinstance(cell, dict) and "currency" in cell:
                    target.vba_set("NumberFormat", "$#,##0.00")
                    target.vba_set("Value2", cell["currency"])
                elif cell is not None:
                    target.vba_set("Value", scalar(cell))
        return self.sheet.vba_get("Range", [self.cell(*first), self.cell(*last)])

    def cell(self, row, column):
        return self.sheet.vba_get("Cells", [VBAInt(row, "Long"), VBAInt(column, "Long")])


def scalar(cell):
    """Return a cell's content as VBA holds it."""
    if isinstance(cell, dict):
        if "date" in cell:
            return VBADate.from_datetime(dt.datetime.fromisoformat(cell["date"]))
        if "error" in cell:
            return VBAErrorValue(NUMBERS[cell["error"]])
        return cell["currency"]
    if cell is None:
        return EMPTY
    return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def argument(given, sheet):
    if "missing" in given:
        return MISSING
    if "range" in given:
        return sheet.place(given["range"])
    if "array" in given:
        rows = given["array"]
        bounds = [(1, len(rows)), (1, len(rows[0]))]
        items = [scalar(rows[i][j]) for j in range(len(rows[0])) for i in range(len(rows))]
        return VBAArray(bounds, items=items)
    return scalar(given["value"])


def start(addin: str) -> tuple[ExcelApplication, PythonServer]:
    """Return Excel with the add-in's own VBA loaded, and the Python server behind it."""
    machinery.udf_modules["udfs"] = {"module": udfs, "filetime": None, "filename": udfs.__file__}
    app = ExcelApplication()
    app.add_workbook()
    server = PythonServer()
    found = app.interpreter.host.global_object
    app.interpreter.host.global_object = lambda name: (
        server if name == "pythonserver" else found(name)
    )
    # Excel's Application.MacroOptions, which the model lacks: it keeps what it is told
    app.application.vba_add_member(
        MemberSpec("MacroOptions", "method", macro_options, parameters=MACRO_OPTIONS)
    )
    app.add_module(XLWINGS, name="xlwings")
    with ExcelFile(addin) as host:
        for name in (FUNCTIONS, CALLS, HELP):
            app.add_module(host.get_module(name), name=name)
    return app, server


def main() -> None:
    asked = json.load(sys.stdin)
    app, server = start(asked["addin"])
    sheet = Sheet(app)
    cells, counts = [], []
    for name, arguments in asked["calls"]:
        before = server.calls
        given = [argument(a, sheet) for a in arguments]
        cells.append(shown(app.interpreter.run(name, given)))
        counts.append(server.calls - before)
    app.interpreter.run("RegisterHelp", [])
    answer = {"cells": cells, "calls": counts, "registered": registered} | failures(app, server)
    json.dump(answer, sys.stdout)


def failures(app: ExcelApplication, server: PythonServer) -> dict[str, object]:
    """Return what cells show when Python fails in one way or another."""
    good = [5.0, 50000.0]
    server.broken = 1
    restarted = shown(app.interpreter.run("HEDGE_NOTIONAL", good))
    server.raises = "Traceback (most recent call last):\n  File x\nZeroDivisionError: by 'zero'\n"
    raised = shown(app.interpreter.run("HEDGE_NOTIONAL", good))
    server.raises = None
    reason = shown(app.interpreter.run("HEDGE_ERRORS", []))[0]
    return {"restarted": restarted, "raised": raised, "reason": reason}


if __name__ == "__main__":
    main()
