"""Filling and refreshing workbook files beside bare openpyxl on the same file."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl

from benchmarks.measurement import Measurement, compare
from xlhedge.live import open_live
from xlhedge.workbook import new_workbook, refresh_workbook
from xlhedge.workbook.template import template_path

INPUTS = {"in_coin": "BTC", "in_venue": "bybit", "in_symbol": "BTCUSD"}
LOAD_AND_SAVE = "import openpyxl; openpyxl.load_workbook({0!r}).save({1!r})"


def measurements() -> Iterator[Measurement]:
    """Yield the measurements of one filled template, in one process and as whole processes."""
    with tempfile.TemporaryDirectory() as folder:
        book, copy = Path(folder, "hedge.xlsx"), Path(folder, "copy.xlsx")
        environ = {**os.environ, "XLHEDGE_HOME": str(Path(folder, "home"))}
        live = open_live(environ)
        quote = live.quote("bybit", "BTCUSD")
        new_workbook(book, inputs=INPUTS, quotes=[quote], clock=live.clock)
        turn = 0

        def refresh() -> None:
            nonlocal turn
            turn += 1
            other = quote.mark * (1 + turn / 1000)
            from dataclasses import replace

            changed = replace(quote, mark=other, index=other)
            refresh_workbook(book, quotes=[changed], clock=live.clock)

        yield compare(
            "refreshing a workbook, stored values included",
            refresh,
            "openpyxl: load and save the same workbook",
            lambda: openpyxl.load_workbook(book).save(copy),
            limit=0.5,
        )

        def run(*words: str) -> None:
            subprocess.run(
                [sys.executable, *words], check=True, env=environ, capture_output=True, timeout=60
            )

        def bare(source: Path) -> None:
            run("-c", LOAD_AND_SAVE.format(str(source), str(copy)))

        yield compare(
            "xlhedge refresh BOOK --offline, a whole process",
            lambda: run("-m", "xlhedge.cli", "refresh", str(book), "--offline"),
            "python: import openpyxl, load and save",
            lambda: bare(book),
            limit=1.0,
            turns=5,
        )
        yield compare(
            "xlhedge new OUT --offline, a whole process",
            lambda: run("-m", "xlhedge.cli", "new", str(copy), "--offline", "--force"),
            "python: import openpyxl, load and save",
            lambda: bare(template_path()),
            limit=1.5,
            turns=5,
        )
