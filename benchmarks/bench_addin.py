"""The functions through xlwings' own ``CallUDF``, beside functions that do nothing.

Runs in a process where pywin32 is a stub: what is measured is xlwings' conversion and xlhedge, not
COM. The stub is installed before xlwings is imported, so this file starts a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measurement import Measurement

ROWS, COLUMNS = 1000, 10
SCALAR_LIMIT, BLOCK_LIMIT = 1.25, 1.3


def measurements() -> Iterator[Measurement]:
    """Yield a measurement for each claim about the way through xlwings."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bench_addin"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        check=True,
    )
    for row in json.loads(done.stdout):
        yield Measurement(**row)


def main() -> None:
    """Measure, and print the measurements as JSON."""
    from tests.udfs import pywin32_stub

    pywin32_stub.install()
    import types

    import xlwings as xw
    from xlwings import udfs as machinery
    from xlwings.com_server import XLPython

    import udfs
    from benchmarks.measurement import compare

    @xw.func
    def hello(name):
        return f"hello {name}"

    @xw.func
    def hello_six(name, b, c, d, e=None, f=None):
        return f"hello {name}"

    @xw.func
    @xw.arg("cells", ndim=2)
    def same(cells):
        return cells

    idle = types.SimpleNamespace(hello=hello, hello_six=hello_six, same=same)
    for name, module in (("udfs", udfs), ("idle", idle)):
        machinery.udf_modules[name] = {"module": module, "filetime": None, "filename": ""}
    call = XLPython().CallUDF
    block = tuple(
        tuple(20_000.0 + 7 * (row * COLUMNS + column) for column in range(COLUMNS))
        for row in range(ROWS)
    )
    scalars = (2500.0, 100.0, 50000.0, 40000.0, None, None)
    results = [
        compare(
            "BASIS of one cell (2 arguments), through CallUDF",
            lambda: call("udfs", "BASIS", (50500.0, 50000.0)),
            "a function that greets (1 argument)",
            lambda: call("idle", "hello", ("world",)),
            limit=SCALAR_LIMIT,
            calls=500,
            turns=30,
        ),
        compare(
            "INVERSE_PNL of one cell (6 arguments), through CallUDF",
            lambda: call("udfs", "INVERSE_PNL", scalars),
            "a function that greets (6 arguments)",
            lambda: call("idle", "hello_six", ("world", *scalars[1:])),
            limit=SCALAR_LIMIT,
            calls=500,
            turns=30,
        ),
        compare(
            f"INVERSE_PNL of a block of {ROWS * COLUMNS:,} cells, through CallUDF",
            lambda: call("udfs", "INVERSE_PNL", (2500.0, 100.0, 50000.0, block, None, None)),
            "a function that returns its argument",
            lambda: call("idle", "same", (block,)),
            limit=BLOCK_LIMIT,
            calls=5,
            turns=15,
        ),
    ]
    json.dump([vars(one) for one in results], sys.stdout)


if __name__ == "__main__":
    main()
