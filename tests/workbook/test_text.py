"""Text from outside lands as text, whatever it starts with or holds."""

from __future__ import annotations

import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from tests.workbook import cases
from tests.workbook.lint import problems
from tests.workbook.reading import Shown
from xlhedge.errors import WorkbookError
from xlhedge.quotes import Status
from xlhedge.workbook import Filled, refresh_workbook
from xlhedge.workbook.book import Book
from xlhedge.workbook.text import CELL_LIMIT, cell_text

Fill = Callable[..., Filled]
HOSTILE = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "#N/A",
    "TRUE",
    "1e5",
    "_x0041_ and _x000D_",
    "<b>&amp;</b>]]>",
    " leading and trailing ",
    "two\nlines",
    "'quoted",
    "ünïcode 🦆",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_comes_back_as_it_was(fill: Fill, text: str) -> None:
    """A venue's words, an error message and a symbol are text cells with the same text."""
    path = fill(source=text, symbol=text.strip(), inputs={"in_symbol": text.strip()}).path
    stale = cases.a_quote(source=text, symbol=text.strip(), status=Status.STALE)
    refresh_workbook(
        path, quotes=[stale], reasons={("bybit", text.strip().upper()): text}, clock=cases.clock
    )
    book = openpyxl.load_workbook(path)
    for name in ("live_source", "live_note", "live_symbol"):
        ((title, where),) = book.defined_names[name].destinations
        cell = book[title][where.replace("$", "")]
        assert cell.data_type == "s", name
        wanted = text.strip() if name == "live_symbol" else text
        assert Book.open(path).read(name) == wanted
        assert cell.quotePrefix, name
    assert Shown(path).value("live_status") == "STALE"
    assert problems(path) == []


def test_what_xml_cannot_carry_is_replaced() -> None:
    """Control characters and lone surrogates become the replacement character; long text is cut."""
    assert cell_text("a\x00b\x1fc\ufffed\ud800e") == "a�b�c�d�e"
    assert len(cell_text("x" * 40_000)) == CELL_LIMIT


def test_control_characters_do_not_break_the_file(fill: Fill) -> None:
    """A message with control characters still gives a readable, well-formed workbook."""
    path = fill(source="bad \x00\x07 bytes \ud800").path
    assert Shown(path).value("live_source") == "bad �� bytes �"
    assert problems(path) == []


def test_text_is_written_inline_and_not_as_a_formula(fill: Fill) -> None:
    """The part holds the text in an inline string, never in a formula element."""
    path = fill(source="=HYPERLINK(1)").path
    with zipfile.ZipFile(path) as archive:
        part = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>HYPERLINK" not in part
    assert b'<is><t xml:space="preserve">=HYPERLINK(1)</t></is>' in part


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_no_cell_can_hold_are_refused(fill: Fill, number: float) -> None:
    """NaN and infinities are refused with the cell's name, and nothing is written."""
    path = fill().path
    before = path.read_bytes()
    with pytest.raises(WorkbookError, match="live_mark"):
        refresh_workbook(path, quotes=[cases.a_quote(mark=number)], clock=cases.clock)
    assert path.read_bytes() == before
