"""Links to an add-in of another computer, repaired in the file."""

from __future__ import annotations

import zipfile

import pytest

from tests.addin.saved_by_excel import ELSEWHERE, saved
from udfs.addin.links import repair
from xlhedge.cli import main
from xlhedge.errors import WorkbookError

HERE = r"C:\Users\Ann B\AppData\Roaming\Microsoft\Excel\XLSTART\xlhedge.xlam"
CALLS = {
    "A1": ("[1]!HEDGE_CONTRACTS(5,50000,100)", 2500),
    "A2": ("[1]!HEDGE_NOTIONAL(5,B2)+SUM(B1:B3)", 250000),
    "B2": ("", 50000),
}


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_link_points_to_this_computers_addin_and_nothing_else_changes(tmp_path):
    """One relation changes; every other part, formulas and values included, is byte for byte."""
    book = saved(tmp_path / "book.xlsx", CALLS)
    before = parts(book)
    done = repair(book, HERE)
    after = parts(book)
    relation = "xl/externalLinks/_rels/externalLink1.xml.rels"
    assert {name for name in after if after[name] != before[name]} == {relation}
    assert set(after) == set(before)
    assert b"C:\\Users\\Ann%20B\\AppData\\Roaming\\Microsoft\\Excel\\XLSTART" in after[relation]
    assert b"Bob" not in after[relation]
    assert done.links == {ELSEWHERE: HERE}


def test_second_repair_changes_nothing(tmp_path):
    """A workbook in order is not written."""
    book = saved(tmp_path / "book.xlsx", CALLS)
    repair(book, HERE)
    written = book.stat().st_mtime_ns, book.read_bytes()
    assert repair(book, HERE).links == {}
    assert (book.stat().st_mtime_ns, book.read_bytes()) == written


def test_links_to_other_workbooks_stay(tmp_path):
    """Only the link to xlhedge.xlam is touched, whichever number it has."""
    book = saved(tmp_path / "book.xlsx", CALLS, links=("prices.xlsx", ELSEWHERE))
    before = parts(book)
    repair(book, HERE)
    after = parts(book)
    assert {name for name in after if after[name] != before[name]} == {
        "xl/externalLinks/_rels/externalLink2.xml.rels"
    }


def test_path_inside_a_formula_is_taken_out(tmp_path):
    """Other programs write the path itself before the function's name."""
    call = r"'C:\Users\Bob\xlhedge.xlam'!HEDGE_NOTIONAL(5,50000)"
    book = saved(tmp_path / "book.xlsx", {"A1": (call, 250000)}, links=())
    assert repair(book, HERE).formulas == 1
    assert b"<f>HEDGE_NOTIONAL(5,50000)</f>" in parts(book)["xl/worksheets/sheet1.xml"]


def test_workbook_that_is_open_is_refused(tmp_path):
    """A lock file of Excel beside the workbook: close it first."""
    book = saved(tmp_path / "book.xlsx", CALLS)
    (tmp_path / "~$book.xlsx").write_bytes(b"")
    with pytest.raises(WorkbookError, match="open in Excel"):
        repair(book, HERE)


def test_path_of_another_file_is_refused(tmp_path):
    """The add-in's path must end in its name: formulas would point to nothing."""
    with pytest.raises(WorkbookError, match=r"xlhedge\.xlam"):
        repair(saved(tmp_path / "book.xlsx", CALLS), r"C:\other.xlam")


def test_command_says_what_it_changed(tmp_path, capsys):
    """`xlhedge repair` names the old and the new path, or that nothing was to do."""
    book = saved(tmp_path / "book.xlsx", CALLS)
    assert main(["repair", str(book), "--addin", HERE]) == 0
    assert f"{ELSEWHERE} -> {HERE}" in capsys.readouterr().out
    assert main(["repair", str(book), "--addin", HERE]) == 0
    assert "nothing to repair" in capsys.readouterr().out
