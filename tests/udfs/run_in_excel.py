"""Run worksheet functions through xlwings' own ``call_udf``, in a process of its own.

Reads JSON from standard input: ``{"calls": [[name, [argument, ...]], ...]}``, an argument being
``{"range": rows}``, ``{"value": cell}``, ``{"date": iso}`` or ``{"missing": true}``. Prints what
each cell receives, what xlwings read from the declarations, and the VBA that it would write.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import sys

from tests.udfs import pywin32_stub as stub

stub.install()

from xlwings import udfs as machinery  # noqa: E402

import udfs  # noqa: E402


def excel_value(cell):
    """Return a cell as pywin32 hands it over: numbers are doubles."""
    if isinstance(cell, dict):
        return dt.datetime.fromisoformat(cell["date"])
    return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def argument(given):
    if "missing" in given:
        return stub.MISSING
    if "range" in given:
        rows = given["range"]
        if len(rows) == len(rows[0]) == 1:
            return stub.Range(excel_value(rows[0][0]))
        return stub.Range(tuple(tuple(excel_value(c) for c in row) for row in rows))
    return excel_value(given["date"] if "date" in given else given["value"])


def call(name, arguments):
    try:
        given = tuple(argument(a) for a in arguments)
        return machinery.call_udf("udfs", name, given, None, stub.Range(None))
    except Exception as error:
        return f"EXCEPTION {type(error).__name__}: {error}"


def main() -> None:
    asked = json.load(sys.stdin)
    text = io.StringIO()
    machinery.udf_modules["udfs"] = {"module": udfs, "filetime": 0, "filename": udfs.__file__}
    machinery.get_udf_module = lambda name, book: udfs
    machinery.generate_vba_wrapper("udfs", udfs, text, stub.Book("xlhedge.xlam"))
    declared = {}
    for name in udfs.__all__:
        info = getattr(udfs, name).__xlfunc__
        declared[name] = {
            "help": info["ret"]["doc"],
            "category": info["category"],
            "volatile": info["volatile"],
            "arguments": [
                {"name": a["name"], "help": a["doc"], "optional": "optional" in a}
                for a in info["args"]
            ],
        }
    cells = [call(*one) for one in asked["calls"]]
    json.dump(
        {"cells": cells, "declared": declared, "vba": text.getvalue()}, sys.stdout, default=str
    )


if __name__ == "__main__":
    main()
