"""Hostile text on the ways by which it really comes: replies, cells, commands, file names."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from tests.replay import ReplayServer, World
from tests.workbook.lint import problems
from tests.workbook.reading import Shown
from tests.workbook.test_commands import run
from xlhedge.workbook.book import Book
from xlhedge.workbook.template import template_path

HOSTILE = '=HYPERLINK("http://x","y") +1 -1 @A1 \x07\x1b[31m _x0041_ <b>&amp; #N/A'
IN_CELLS = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "#N/A", "1E5", "_x0041_")


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    """Return venues that answer on this computer."""
    with ReplayServer(World(now=datetime.now(UTC))) as replay:
        yield replay


def formulas(path: Path) -> dict[tuple[str, str], str]:
    """Return every formula of a workbook."""
    book = openpyxl.load_workbook(path)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


def type_in(path: Path, name: str, text: str, row: int | None = None, column: str = "") -> None:
    """Write a text as a person types it behind an apostrophe, into a named cell or a table."""
    book = Book.open(path)
    if row is None:
        book.write(name, text)
    else:
        area = book.area(name)
        sheet = book.sheet(area.sheet)
        heads = {sheet.value(area.top, c): c for c in range(area.left, area.right + 1)}
        sheet.write(area.top + row, heads[column], text)
    path.write_bytes(book.package.packed(book.changed_parts()))


def test_an_error_message_of_a_venue(server: ReplayServer, tmp_path: Path) -> None:
    """What a venue says in an error lands in the note as text, without control characters."""
    path = tmp_path / "book.xlsx"
    assert run(tmp_path, server, "new", path, "--venue", "okx", "--offline").returncode in (0, 1)
    if not path.exists():  # the bundled quotes have no contract of this venue
        assert run(tmp_path, server, "new", path, "--venue", "okx").returncode == 0
        (tmp_path / "home").rename(tmp_path / "other home")  # a store that has seen nothing
    server.misbehave("okx", "body " + json.dumps({"code": "51000", "msg": HOSTILE, "data": []}))
    done = run(tmp_path, server, "refresh", path)
    assert done.returncode == 3
    note = Shown(path).value("live_note")
    assert "=HYPERLINK" in note
    assert "#N/A" in note
    assert "_x0041_" in note
    assert "\x07" not in note
    assert "\x1b" not in done.stdout + done.stderr
    assert formulas(path) == formulas(template_path())
    assert problems(path) == []


@pytest.mark.parametrize("text", IN_CELLS)
def test_a_symbol_and_a_coin_that_people_type(
    server: ReplayServer, tmp_path: Path, text: str
) -> None:
    """A symbol, a coin, a bag's venue and symbol: kept as text, refused as contracts."""
    path = tmp_path / "book.xlsx"
    assert run(tmp_path, server, "new", path, "--bag", "BTC=1", "--bag", "ETH=2").returncode == 0
    type_in(path, "in_symbol", text)
    type_in(path, "in_coin", text)
    type_in(path, "bags_table", text, 2, "coin")
    type_in(path, "bags_table", text, 2, "symbol")
    done = run(tmp_path, server, "refresh", path)
    assert done.returncode == 3, done.stderr
    assert formulas(path) == formulas(template_path())
    assert problems(path) == []
    book = Book.open(path)
    area = book.area("funding_table")
    block = [[book.sheet(area.sheet).value(row, column)
              for column in range(area.left, area.right + 1)]
             for row in range(area.top, area.bottom + 1)]  # fmt: skip
    header, *rows = block
    row = next(row for row in rows if str(row[header.index("symbol")]).upper() == text.upper())
    assert row[header.index("status")] == "NO DATA"
    assert text.lower() in str(book.read("live_note")).lower()
    assert book.read("live_status") == "STALE"


def test_a_file_name(server: ReplayServer, tmp_path: Path) -> None:
    """A workbook with a hostile name is written, refreshed, shared and inspected by that name."""
    name = "=1+1 @SUM(A1) '[1]x' #N_A & <b> ü.xlsx"
    assert run(tmp_path, server, "new", name).returncode == 0
    assert run(tmp_path, server, "refresh", name).returncode == 0
    assert run(tmp_path, server, "share", name, "+copy.xlsx").returncode == 0
    assert run(tmp_path, server, "inspect", "+copy.xlsx").returncode == 0
    for path in (tmp_path / name, tmp_path / "+copy.xlsx"):
        assert formulas(path) == formulas(template_path())
        assert problems(path) == []
        with zipfile.ZipFile(path) as archive:
            for part in archive.namelist():
                assert b"=1+1 @SUM" not in archive.read(part)


def test_a_coin_of_the_command_line_is_checked(server: ReplayServer, tmp_path: Path) -> None:
    """A coin with other signs than letters and digits is refused before anything is asked."""
    for text in ("=1+1=5", "@SUM=5", "BTC\x07=5"):
        done = run(tmp_path, server, "new", "book.xlsx", "--bag", text)
        assert done.returncode == 1
        assert "--bag" in done.stderr
        assert "\x07" not in done.stderr
    assert server.requests == []
    assert not (tmp_path / "book.xlsx").exists()
