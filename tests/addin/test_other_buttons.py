"""The other buttons: new workbook, share a copy, functions, check."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import openpyxl
import pytest
import xlwings as xw

from tests.addin.saved_by_excel import saved
from udfs import button
from udfs.declaration import DECLARED


class Excel:
    """An application that keeps what it is told."""

    def __init__(self) -> None:
        self.status_bar = ""
        self.opened: list[str] = []
        self.blocks: list[SimpleNamespace] = []
        self.sheet = SimpleNamespace(name="Sheet1", range=self._range)
        self.books = SimpleNamespace(
            open=self.opened.append, add=lambda: SimpleNamespace(sheets=[self.sheet])
        )

    def _range(self, first, last=None):
        block = SimpleNamespace(first=first, last=last)
        self.blocks.append(block)
        return block


@pytest.fixture
def excel(monkeypatch, tmp_path):
    """Excel as the active application, and a home of its own."""
    application = Excel()
    monkeypatch.setattr(xw, "apps", SimpleNamespace(active=application))
    monkeypatch.setenv("XLHEDGE_HOME", str(tmp_path / "home"))
    return application


def test_new_workbook_is_written_and_opened(excel, tmp_path, monkeypatch):
    """Offline too: the bundled data fill it, and Excel opens it."""
    from tests.replay.server import ReplayServer

    path = tmp_path / "hedge.xlsx"
    with ReplayServer() as server:
        for name, value in server.environ().items():
            monkeypatch.setenv(name, value)
        button.new_workbook(str(path))
    assert path.exists()
    assert excel.opened == [str(path)]
    assert excel.status_bar == f"xlhedge: wrote {path}"


def test_new_workbook_that_cannot_be_written_says_why(excel, tmp_path):
    """The command's own sentence stands on the status bar; nothing is opened."""
    button.new_workbook(str(tmp_path / "no such folder" / "hedge.xlsx"))
    assert "does not exist" in excel.status_bar
    assert excel.opened == []


def test_shared_copy_needs_no_addin(excel, tmp_path, monkeypatch):
    """The workbook as it is open is copied, and its calls replaced; no draft is left behind."""
    source = saved(tmp_path / "open.xlsx", {"A1": ("[1]!BASIS(50500,50000)", 0.01)})
    out = tmp_path / "out"
    out.mkdir()
    book = SimpleNamespace(
        name="open.xlsx",
        api=SimpleNamespace(SaveCopyAs=lambda target: shutil.copyfile(source, target)),
    )
    monkeypatch.setattr(xw.Book, "caller", classmethod(lambda cls: book))
    for _ in range(2):  # the second time the dialog has asked whether to replace
        button.share_copy(str(out / "copy.xlsx"))
    assert [path.name for path in out.iterdir()] == ["copy.xlsx"]
    assert openpyxl.load_workbook(out / "copy.xlsx").active["A1"].value.startswith("=((50500")
    assert "1 cell(s) with native formulas" in excel.status_bar


def test_functions_are_listed_as_text(excel):
    """Examples start with "=": as text they are read, not computed."""
    button.show_functions()
    (block, *_) = excel.blocks
    assert block.number_format == "@"
    assert len(block.value) == len(DECLARED) + 1
    assert block.value[1][2] == "=HEDGE_NOTIONAL(5, 50000)"
    assert excel.status_bar == f"xlhedge: {len(DECLARED)} functions"


def test_check_lists_what_doctor_finds(excel, monkeypatch):
    """The same checks as the command, in a sheet."""
    from xlhedge.commands import doctor

    found = [doctor.Check("Python", doctor.OK, "3.12"), doctor.Check("okx", "look", "no", "wait")]
    monkeypatch.setattr(doctor, "check", lambda environ: found)
    button.check_installation()
    assert excel.blocks[0].value[1:] == [
        ["Python", "ok", "3.12", ""],
        ["okx", "look", "no", "wait"],
    ]
    assert excel.status_bar == "xlhedge: 2 checks, 1 to look at"


def test_fault_of_a_button_is_a_line_on_the_status_bar(excel, monkeypatch):
    """No button raises, whatever happens under it."""
    monkeypatch.setattr(excel.books, "add", None)
    button.show_functions()
    assert excel.status_bar.startswith("xlhedge: failed (TypeError")
