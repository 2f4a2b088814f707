"""Damaged workbooks are refused in a sentence with nothing written.

What was only changed, such as a letter inside a text, a chart in another's place or another
formula, may be refused as well; else it is refreshed to a workbook that is whole.
"""

from __future__ import annotations

import os
import resource
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.workbook import cases
from tests.workbook.damage import BOMB, KINDS, altered, damaged, packed, unpacked
from xlhedge.errors import WorkbookError
from xlhedge.workbook import Filled, refresh_workbook, wanted
from xlhedge.workbook.inspection import inspect_workbook
from xlhedge.workbook.integrity import LARGE
from xlhedge.workbook.xml import LIMIT

Fill = Callable[..., Filled]
# XLHEDGE_DAMAGED_WORKBOOKS=2000 runs the long form
COUNT = int(os.environ.get("XLHEDGE_DAMAGED_WORKBOOKS", "60"))
SECONDS = 20.0  # for one workbook; a whole one takes a fifth of a second
MEGABYTES = 1500  # of memory, at the highest, beyond what the process had before


def test_damaged_workbooks_are_refused(fill: Fill, tmp_path: Path) -> None:
    """A sentence each, nothing written, bounded time and memory."""
    whole = fill("whole.xlsx").path.read_bytes()
    before = most_memory()
    done = Counter(attempt(tmp_path, whole, seed, damaged) for seed in range(COUNT))
    assert {outcome for _, outcome in done} == {"refused"}
    if COUNT >= 2000:
        print("\n", sorted(done.items()), file=sys.stderr)
        assert {kind for kind, _ in done} == set(KINDS)
    assert most_memory() - before < MEGABYTES


def most_memory() -> float:
    """Return the most memory that this process has had so far, in megabytes."""
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def test_altered_workbooks_are_refused_or_whole(fill: Fill, tmp_path: Path) -> None:
    """No exception but ours, nothing half written; what was refreshed can be refreshed again."""
    whole = fill("whole.xlsx").path.read_bytes()
    done = Counter(attempt(tmp_path, whole, seed, altered) for seed in range(COUNT // 2))
    assert {outcome for _, outcome in done} <= {"refused", "refreshed"}
    if COUNT >= 2000:
        print("\n", sorted(done.items()), file=sys.stderr)


def attempt(
    folder: Path, whole: bytes, seed: int, change: Callable[[bytes, int], tuple[str, bytes]]
) -> tuple[str, str]:
    """Refresh a changed workbook; return how it was changed, and the outcome."""
    kind, data = change(whole, seed)
    path = folder / "alone" / "book.xlsx"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    start = time.perf_counter()
    try:
        wanted(path)
        refresh_workbook(path, quotes=[cases.a_quote(mark=51_000.0)], clock=cases.clock)
    except WorkbookError as error:
        outcome, said = "refused", str(error)
        if path.read_bytes() != data or not said or "Traceback" in said or len(said) > 600:
            outcome = f"seed {seed}: {said[:200]}"
    except Exception as error:
        outcome = f"seed {seed}: {error!r:.200}"
    else:
        outcome = "refreshed"
        try:
            refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
        except Exception as error:
            outcome = f"seed {seed}: not whole afterwards: {error!r:.200}"
    if time.perf_counter() - start > SECONDS:
        outcome = f"seed {seed}: {time.perf_counter() - start:.1f} s"
    if [other.name for other in path.parent.iterdir()] != [path.name]:
        outcome = f"seed {seed}: left something beside the file"
    return kind, outcome


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


def test_a_document_type_is_seen_in_any_encoding(fill: Fill) -> None:
    """Also in a part so large that it is only read through."""
    path = fill().path
    parts = unpacked(path.read_bytes())
    name = "xl/worksheets/sheet6.xml"
    text = parts[name].decode().rpartition("?>")[2]
    for much in ("", " " * LARGE):
        head = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY e "a">]>'
        data = packed(parts | {name: f"{head}{text}{much}".encode("utf-16")})
        path.write_bytes(data)
        with pytest.raises(WorkbookError, match="declares a document type"):
            refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
        assert path.read_bytes() == data


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


def test_a_large_sheet_of_the_model_is_refused(fill: Fill) -> None:
    """What has to be read as a whole has a bound, far above any model's size, for memory's sake."""
    path = fill().path
    parts = unpacked(path.read_bytes())
    name = "xl/worksheets/sheet1.xml"
    row = b'<row r="900"><c r="A900"><v>1</v></c></row>' + b" " * LIMIT
    data = packed(parts | {name: parts[name].replace(b"</sheetData>", row + b"</sheetData>")})
    path.write_bytes(data)
    before = most_memory()
    with pytest.raises(WorkbookError, match=r"sheet1\.xml inside the workbook has 32 MB"):
        refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
    assert path.read_bytes() == data
    assert most_memory() - before < MEGABYTES


@pytest.mark.parametrize("at", [6, 8, 14, 18, 22])
def test_headers_that_contradict_each_other_are_refused(fill: Fill, at: int) -> None:
    """Flags, method, checksum and sizes in front of a part are those of the list of parts."""
    path = fill().path
    data = bytearray(path.read_bytes())
    data[at] ^= 2
    path.write_bytes(data)
    with pytest.raises(WorkbookError, match="not as the list of parts says"):
        refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
    assert path.read_bytes() == data


def test_parts_of_unknown_size_may_be_told_afterwards(fill: Fill) -> None:
    """As programs write that send a file while they make it."""
    path = fill().path
    parts = unpacked(path.read_bytes())
    with path.open("wb") as target, zipfile.ZipFile(Unseekable(target), "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    refresh_workbook(path, quotes=[cases.a_quote(mark=51_000.0)], clock=cases.clock)


class Unseekable:
    """A file in which nobody can go back."""

    def __init__(self, target: BinaryIO) -> None:
        self.write, self.flush = target.write, target.flush
