"""``xlhedge inspect``: what is told of a workbook that somebody sent."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from tests.workbook.company import company_workbook
from xlhedge.cli import main
from xlhedge.workbook import Filled
from xlhedge.workbook.book import Book
from xlhedge.workbook.inspection import functions_of, inspect_workbook

Fill = Callable[..., Filled]


def said(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what the command prints of a workbook."""
    assert main(["inspect", str(path)]) == 0
    return capsys.readouterr().out


def edited(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Change parts of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return path


def test_a_workbook_of_ours(fill: Fill, capsys: pytest.CaptureFixture[str]) -> None:
    """Schema, version, time and source of the data; no macros, no links, nothing changed."""
    text = said(fill().path, capsys)
    assert "schema     1, filled by xlhedge " in text
    assert "filled     2026-11-23 18:30 UTC" in text
    assert "from       LIVE: api.bybit.com/v5/market/tickers" in text
    data = "data       LIVE when it was filled: bybit BTCUSD, quote of 2026-11-23 18:29 UTC, "
    assert re.search(re.escape(data) + r"\d+ \w+ ago", text)
    assert "macros     none" in text
    assert "links      no other workbook" in text
    assert "hidden     xlhedge" in text
    assert "template   every name and formula is the template's" in text


def test_a_changed_formula_is_named(fill: Fill, capsys: pytest.CaptureFixture[str]) -> None:
    """A formula that somebody changed, removed or added is listed with the template's."""
    path = fill().path
    book = openpyxl.load_workbook(path)
    book["Hedge"]["H27"] = "=1+NOW()"
    book["Hedge"]["H28"] = 250000
    book["Guide"]["F9"] = '=HEDGE_NOTIONAL(5,50000)&INDIRECT("A1")'
    book.save(path)
    found = inspect_workbook(path)
    assert {change.where for change in found.changes} == {"Hedge!H27", "Hedge!H28", "Guide!F9"}
    text = said(path, capsys)
    assert "3 name(s) and formula(s) differ from the template" in text
    assert "Hedge!H27: =1+NOW() instead of =out_contracts*" in text
    assert "Hedge!H28: nothing instead of =" in text
    assert "xlhedge    HEDGE_NOTIONAL (1)" in text
    assert "volatile   INDIRECT, NOW" in text


def test_values_that_are_not_their_formulas_are_named(
    fill: Fill, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever previews show: a number or word that no formula gives is told, beside its own."""
    path = fill().path
    assert re.search(r"values     2,\d\d\d were checked: each is what its form", said(path, capsys))

    def forge(parts: dict[str, bytes]) -> None:
        name = "xl/worksheets/sheet1.xml"
        part = (
            parts[name]
            .replace(b"RECEIVES about 2", b"PAYS about 2")
            .replace(b"<v>250000</v>", b"<v>2500</v>")
        )
        parts[name] = part.replace(b"<v>0.0001</v>", b"<v>0.00010000000000000001</v>")

    text = said(edited(path, forge), capsys)
    assert "Hedge!H27 shows 2500, its formula gives 250000" in text
    assert "this hedge PAYS about" in text
    assert "this hedge RECEIVES about" in text
    assert "D18" not in text  # a last digit is no difference


def test_what_was_typed_without_a_recalculation_is_told(
    fill: Fill, capsys: pytest.CaptureFixture[str]
) -> None:
    """An input changed by a program that computes nothing: the results are those of the old one."""
    path = fill().path
    book = Book.open(path)
    book.write("in_quantity", 7)
    path.write_bytes(book.package.packed(book.changed_parts()))
    text = said(path, capsys)
    assert "stored value(s) are NOT what the formula gives: recalculate first" in text
    assert "Hedge!H26 shows 250000, its formula gives 350000" in text


def test_what_cannot_be_checked_does_not_pass_for_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A workbook of formulas that only Excel computes: no word of values that are right."""
    book = openpyxl.Workbook()
    book.active["A1"] = "=OTHERS_FUNCTION(1)"
    book.save(tmp_path / "a.xlsx")
    text = said(tmp_path / "a.xlsx", capsys)
    assert "were checked" not in text
    assert "unchecked  1 formula(s) that only Excel computes: Sheet!A1" in text


def test_functions_for_excel_365_are_listed(
    fill: Fill, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """LAMBDA names are told by name; without them there is no such line."""
    path, copy = fill().path, tmp_path / "copy.xlsx"
    assert "lambdas" not in said(path, capsys)
    assert main(["share", str(path), str(copy), "--functions"]) == 0
    capsys.readouterr()
    assert "29 names are functions of Excel 365: AVERAGE_ENTRY, BASIS" in said(copy, capsys)


def test_macros_and_links_are_named(fill: Fill, capsys: pytest.CaptureFixture[str]) -> None:
    """Code, links to other workbooks and addresses outside are told, with their parts."""

    def add(parts: dict[str, bytes]) -> None:
        parts["xl/vbaProject.bin"] = b"code"
        parts["xl/externalLinks/externalLink1.xml"] = b"<externalLink/>"
        parts["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
            b'<Relationships><Relationship Id="r" Type="t/externalLinkPath" '
            b'Target="file:///C:/secret/book.xlsx" TargetMode="External"/></Relationships>'
        )
        parts["customXml/item1.xml"] = b"<a/>"

    text = said(edited(fill().path, add), capsys)
    assert "macros     macros (VBA): xl/vbaProject.bin" in text
    assert "links      link to another workbook: xl/externalLinks/externalLink1.xml" in text
    assert "outside: file:///C:/secret/book.xlsx" in text
    assert "custom XML: customXml/item1.xml" in text


def test_another_layout_is_not_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A company's own template is described, without a comparison that would mean nothing."""
    text = said(company_workbook(tmp_path / "company.xlsx"), capsys)
    assert "schema     1" in text
    assert "data       NO MARKET DATA" in text
    assert "another layout" in text


def test_any_workbook_can_be_inspected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A workbook without the contract's names is still described."""
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    book.properties.creator = "A. Person"
    book.save(tmp_path / "other.xlsx")
    text = said(tmp_path / "other.xlsx", capsys)
    assert "of the contract are missing: no scenario workbook" in text
    assert "formulas   1 cells" in text
    assert "author: A. Person" in text


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    """A file of another kind ends in a sentence and exit code 1."""
    (tmp_path / "a.xlsx").write_bytes(b"PK no")
    assert main(["inspect", str(tmp_path / "a.xlsx")]) == 1


def test_what_a_file_says_cannot_move_the_cursor(
    fill: Fill, capsys: pytest.CaptureFixture[str]
) -> None:
    """Control characters and escape sequences from the file are not printed as such."""
    text = said(fill(source="\x9b31m\u202eevil").path, capsys)
    assert "\x9b" not in text
    assert "\u202e" not in text


def test_functions_are_read_from_tokens() -> None:
    """Names inside texts and defined names are no functions."""
    assert list(functions_of('IF(A1="SUM(1)",MAX(sum_of),0)')) == ["IF", "MAX"]


def test_a_formula_that_is_none_is_said(fill: Fill, capsys: pytest.CaptureFixture) -> None:
    """A damaged formula does not keep the rest of the workbook from being described."""
    name = "xl/worksheets/sheet1.xml"

    def damage(parts: dict[str, bytes]) -> None:
        parts[name] = parts[name].replace(b"<f>", b"<f>[", 1)

    text = said(edited(fill().path, damage), capsys)
    assert "(unreadable)" in text
    assert "schema     1" in text
