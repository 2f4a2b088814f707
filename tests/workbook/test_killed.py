"""A refresh that is killed at any moment leaves the old file or the new one, never half of one."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workbook import cases
from tests.workbook.lint import problems
from xlhedge.workbook import Filled, package, refresh_workbook
from xlhedge.workbook.book import Book

Fill = Callable[..., Filled]
# XLHEDGE_KILLS=200 runs the long form
COUNT = int(os.environ.get("XLHEDGE_KILLS", "12"))
STAGES = ("anywhere", "fsync", "replace", "chmod", "anywhere", "replaced")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a process of its own")
def test_a_killed_refresh_leaves_a_whole_file(fill: Fill, tmp_path: Path) -> None:
    """Kills at random moments, many of them between writing beside the file and renaming."""
    folder = tmp_path / "kept"
    folder.mkdir()
    path = folder / "book.xlsx"
    path.write_bytes(fill().path.read_bytes())
    draw = random.Random(7)
    usual = _seconds(path)
    found: Counter[str] = Counter()
    for turn in range(1, COUNT + 1):
        before, mark = path.read_bytes(), 50_000.0 + turn
        stage = STAGES[turn % len(STAGES)]
        child = os.fork()
        if child == 0:
            _refresh_slowly(path, mark, stage)
        time.sleep(draw.uniform(0, 1.3 * usual) if stage == "anywhere" else 2.5 * usual)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        after = path.read_bytes()
        if after == before:
            found["old"] += 1
            continue
        assert Book.open(path).read("live_mark") == mark
        assert problems(path) == []
        found["new"] += 1
    assert sum(found.values()) == COUNT
    assert found["old"] > 0
    assert found["new"] > 0
    refresh_workbook(path, quotes=[cases.a_quote(mark=1234.5)], clock=cases.clock)
    assert Book.open(path).read("live_mark") == 1234.5
    print(found)


def _seconds(path: Path) -> float:
    start = time.perf_counter()
    refresh_workbook(path, quotes=[cases.a_quote(mark=49_999.0)], clock=cases.clock)
    return time.perf_counter() - start


def _refresh_slowly(path: Path, mark: float, stage: str) -> None:
    """Refresh in a child process that stands still at one step of the writing."""
    if stage == "replaced":
        replace = os.replace
        package.os.replace = lambda *names: (replace(*names), time.sleep(60))
    elif stage != "anywhere":
        setattr(package.os, stage, lambda *_: time.sleep(60))
    try:
        refresh_workbook(path, quotes=[cases.a_quote(mark=mark)], clock=cases.clock)
    finally:
        os._exit(0)
