"""What Excel and a shell wait for: imports and the smallest command, each in a new process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measurement import Measurement, compare

COMMAND = Path(sys.executable).with_name("xlhedge")


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _python(code: str) -> None:
    _run(sys.executable, "-c", code)


def measurements() -> Iterator[Measurement]:
    """Yield the start-up measurements."""
    yield compare(
        "import udfs",
        lambda: _python("import udfs"),
        "import xlwings, numpy",
        lambda: _python("import xlwings, numpy"),
        limit=1.5,
    )
    # 150 ms more than an empty Python, given as a ratio to that sum
    yield compare(
        "xlhedge --version",
        lambda: _run(COMMAND, "--version"),
        "python -c pass, and a sleep of 150 ms",
        lambda: _python("import time; time.sleep(0.15)"),
        limit=1.0,
    )
