"""Damaged workbooks: refused in a sentence with nothing written, or refreshed to a whole one.

A bit that flips inside a comment or an unused cell leaves a workbook that is still whole; such a
file is refreshed. Every other one is refused.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.workbook import cases
from tests.workbook.damage import BOMB, KINDS, damaged, packed, unpacked
from xlhedge.errors import WorkbookError
from xlhedge.workbook import Filled, refresh_workbook, wanted
from xlhedge.workbook.inspection import inspect_workbook
from xlhedge.workbook.integrity import LARGE

Fill = Callable[..., Filled]
# XLHEDGE_DAMAGED_WORKBOOKS=2000 runs the long form
COUNT = int(os.environ.get("XLHEDGE_DAMAGED_WORKBOOKS", "60"))
SECONDS = 20.0  # for one workbook; a whole one takes a fifth of a second
NEVER_WHOLE = {"cut", "other bytes", "lost part", "bomb in front", "outside path", "zip bomb",
               "huge sheet"}  # fmt: skip
MEGABYTES = 1500  # of memory, at the highest, for all of them in one process


def test_damaged_workbooks_are_refused_or_whole(fill: Fill, tmp_path: Path) -> None:
    """No exception but ours, no file half written, bounded time and memory."""
    whole = fill("whole.xlsx").path.read_bytes()
    folder = tmp_path / "damaged"
    folder.mkdir()
    path = folder / "book.xlsx"
    outcomes: Counter[str] = Counter()
    problems = []
    for seed in range(COUNT):
        kind, data = damaged(whole, seed)
        path.write_bytes(data)
        start = time.perf_counter()
        try:
            wanted(path)
            refresh_workbook(path, quotes=[cases.a_quote(mark=51_000.0)], clock=cases.clock)
        except WorkbookError as error:
            outcomes[f"{kind}: refused"] += 1
            said = str(error)
            if path.read_bytes() != data or not said or "Traceback" in said or len(said) > 600:
                problems.append((seed, kind, said[:200]))
        except Exception as error:
            problems.append((seed, kind, repr(error)[:200]))
        else:
            outcomes[f"{kind}: refreshed"] += 1
            if kind in NEVER_WHOLE:
                problems.append((seed, kind, "was taken for a whole workbook"))
            try:
                refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
            except Exception as error:
                problems.append((seed, kind, f"not whole afterwards: {error!r}"[:200]))
        if time.perf_counter() - start > SECONDS:
            problems.append((seed, kind, f"{time.perf_counter() - start:.1f} s"))
        if [other.name for other in folder.iterdir()] != [path.name]:
            problems.append((seed, kind, "left something beside the file"))
    assert not problems
    if COUNT >= 2000:
        print("\n", sorted(outcomes.items()), file=sys.stderr)
        assert {name.split(":")[0] for name in outcomes} == set(KINDS)
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit < MEGABYTES


def test_inspecting_damaged_workbooks_is_safe(fill: Fill, tmp_path: Path) -> None:
    """An inspection of any of them ends with a description or a sentence."""
    whole = fill("whole.xlsx").path.read_bytes()
    path = tmp_path / "book.xlsx"
    for seed in range(1000, 1000 + COUNT // 4):
        path.write_bytes(damaged(whole, seed)[1])
        with suppress(WorkbookError):
            inspect_workbook(path)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"])
def test_a_bomb_in_any_part_is_refused(fill: Fill, part: str) -> None:
    """A part that declares entities is refused even where this package never reads it."""
    path = fill().path
    path.write_bytes(packed(unpacked(path.read_bytes()) | {part: BOMB}))
    with pytest.raises(WorkbookError):
        refresh_workbook(path, quotes=[cases.a_quote(mark=51_000.0)], clock=cases.clock)


@pytest.mark.parametrize("end", [b"</sheetData>", b"<v>"])
def test_a_large_part_is_read_without_a_tree(fill: Fill, end: bytes) -> None:
    """A sheet of 10 MB that nobody computes with is refused when broken, and kept when whole."""
    path = fill().path
    parts = unpacked(path.read_bytes())
    name = "xl/worksheets/sheet6.xml"
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (n, n, n)
                    for n in range(900, 220_000))  # fmt: skip
    parts[name] = parts[name].replace(b"</sheetData>", rows + end)
    assert len(parts[name]) > LARGE
    data = packed(parts)
    path.write_bytes(data)
    if end == b"<v>":
        with pytest.raises(WorkbookError, match=r"sheet6\.xml inside the workbook is not well"):
            refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
        assert path.read_bytes() == data
        return
    refresh_workbook(path, quotes=[cases.a_quote(mark=51_000.0)], clock=cases.clock)
    assert unpacked(path.read_bytes())[name] == parts[name]
