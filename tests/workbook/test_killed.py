"""A refresh that is killed at any moment leaves the old file or the new one, never half of one."""

from __future__ import annotations

import os
import random
import select
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
SECONDS = 60  # for a child to get to its stage
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
        reached, tell = os.pipe()
        child = os.fork()
        if child == 0:
            _refresh_slowly(path, mark, stage, tell)
        os.close(tell)
        if stage == "anywhere":
            time.sleep(draw.uniform(0, 1.3 * usual))
        else:
            assert select.select([reached], [], [], SECONDS)[0], stage
            assert os.read(reached, 1) == b"!", stage  # it stands there, however busy the machine
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reached)
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


def _refresh_slowly(path: Path, mark: float, stage: str, tell: int) -> None:
    """Refresh in a child process that says so and stands still at one step of the writing."""

    def stand_still(*_: object) -> None:
        os.write(tell, b"!")
        time.sleep(SECONDS)

    if stage == "replaced":
        replace = os.replace
        package.os.replace = lambda *names: (replace(*names), stand_still())
    elif stage != "anywhere":
        setattr(package.os, stage, stand_still)
    try:
        refresh_workbook(path, quotes=[cases.a_quote(mark=mark)], clock=cases.clock)
    finally:
        os._exit(0)


def test_what_a_killed_refresh_left_is_removed_later(fill: Fill, tmp_path: Path) -> None:
    """A file beside that is old goes with the next refresh; a young one may be somebody's."""
    path = fill().path
    old, young, other = (
        path.with_name(name)
        for name in (f".{path.name}.a.tmp", f".{path.name}.b.tmp", ".other.xlsx.c.tmp")
    )
    for beside in (old, young, other):
        beside.write_bytes(b"half")
    for beside in (old, other):
        hours_ago = path.stat().st_mtime - 2 * package.LEFT_OVER
        os.utime(beside, (hours_ago, hours_ago))
    refresh_workbook(path, quotes=[cases.a_quote(mark=1234.5)], clock=cases.clock)
    assert sorted(p.name for p in path.parent.iterdir() if p != path) == [young.name, other.name]
