"""Filling and refreshing workbook files beside bare openpyxl on the same file."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

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
            changed = replace(quote, mark=other, index=other)
            refresh_workbook(book, quotes=[changed], clock=live.clock)

        yield compare(
            "refreshing a workbook, stored values included",
            refresh,
            "openpyxl: load and save the same workbook",
            lambda: openpyxl.load_workbook(book).save(copy),
            limit=0.5,
            turns=15,
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
        template = template_path()
        yield in_turns(
            "xlhedge new OUT --offline, a whole process",
            lambda: run("-m", "xlhedge.cli", "new", str(copy), "--offline", "--force"),
            "1.5 x (python: import openpyxl) + 0.5 x (load and save)",
            [
                (1.5, lambda: run("-c", "import openpyxl")),
                (0.5, lambda: openpyxl.load_workbook(template).save(copy)),
            ],
            limit=1.0,
        )


def in_turns(
    what: str,
    ours: Callable[[], Any],
    beside: str,
    theirs: Sequence[tuple[float, Callable[[], Any]]],
    *,
    limit: float,
    turns: int = 7,
) -> Measurement:
    """Time one call beside a weighted sum of others, in turns; the best time of each counts."""
    calls = [ours, *(call for _, call in theirs)]
    best = [float("inf")] * len(calls)
    for _ in range(turns):
        for side, call in enumerate(calls):
            start = perf_counter()
            call()
            best[side] = min(best[side], perf_counter() - start)
    allowed = sum(weight * time for (weight, _), time in zip(theirs, best[1:], strict=True))
    return Measurement(what, best[0] / allowed, limit, beside)
