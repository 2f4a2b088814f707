"""Every kind of file that the project writes passes the checks that stand in for Excel's own."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName

from tests.workbook.company import company_workbook
from tests.workbook.lint import problems
from tests.workbook.test_commands import run

NEW = ["new", "{out}", "--offline"]
# what is run, one command after the other, and the file that has to be whole
MADE = {
    "xlsx": ([NEW], "out.xlsx"),
    "bags": ([[*NEW, "--bag", "BTC=5", "--bag", "ETH=40"]], "out.xlsx"),
    "xlsm": ([NEW], "out.xlsm"),
    "refreshed xlsx": ([NEW, ["refresh", "{out}", "--offline"]], "out.xlsx"),
    "refreshed xlsm": ([NEW, ["refresh", "{out}", "--offline"]], "out.xlsm"),
    "own template": ([[*NEW, "--template", "company.xlsx"]], "out.xlsx"),
    "own template with a button": ([[*NEW, "--template", "company.xlsx"]], "out.xlsm"),
    "shared": ([NEW, ["share", "{out}", "copy.xlsx"]], "copy.xlsx"),
    "shared without macros": ([["new", "out.xlsm", "--offline"],
                               ["share", "out.xlsm", "copy.xlsx"]], "copy.xlsx"),
    "values": ([NEW, ["share", "{out}", "copy.xlsx", "--values"]], "copy.xlsx"),
    "functions": ([NEW, ["share", "{out}", "copy.xlsx", "--functions"]], "copy.xlsx"),
    "add-in": ([["addin", "build", "{out}"]], "out.xlam"),
}  # fmt: skip


@pytest.mark.parametrize("kind", MADE)
def test_every_file_that_is_written_is_whole(tmp_path: Path, kind: str) -> None:
    """Content types, relations, names, order of elements, cells, styles, table headers."""
    commands, result = MADE[kind]
    company_workbook(tmp_path / "company.xlsx")
    first = result if "copy" not in result else "out.xlsx"
    for words in commands:
        done = run(tmp_path, None, *(word.format(out=first) for word in words))
        assert done.returncode == 0, done.stderr
    assert problems(tmp_path / result) == []


def test_the_checks_find_faults(tmp_path: Path) -> None:
    """The checks themselves: a relative name, a column twice in a table, a number that is none."""
    book = openpyxl.Workbook()
    sheet = book.active
    for name, text in (("good", "Sheet!$A$1"), ("bad", "Sheet!A$1"), ("worse", "Sheet!$A$1:B2")):
        book.defined_names[name] = DefinedName(name, attr_text=text)
    sheet["A1"], sheet["B1"] = "head", "other"
    sheet.add_table(openpyxl.worksheet.table.Table(displayName="T", ref="A1:B2"))
    path = tmp_path / "book.xlsx"
    book.save(path)
    found = problems(path)
    assert [f for f in found if f.startswith("bad ")]
    assert [f for f in found if f.startswith("worse ")]
    assert not [f for f in found if f.startswith("good ")]
