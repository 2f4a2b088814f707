"""The template as built: allowed functions, names, protection, prompts, print set-up."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from lxml import etree
from openpyxl.formula import Tokenizer

from tests.workbook.lint import problems
from xlhedge.workbook import names
from xlhedge.workbook.template import template_path

ROOT = Path(__file__).parents[2]

# Functions of Excel 2010 and before, none of them volatile
ALLOWED = {
    "ABS",
    "AND",
    "AVERAGE",
    "CHAR",
    "COUNT",
    "COUNTIF",
    "FIXED",
    "IF",
    "IFERROR",
    "INDEX",
    "INT",
    "ISLOGICAL",
    "ISNA",
    "ISNUMBER",
    "LEFT",
    "LN",
    "LOWER",
    "MATCH",
    "MAX",
    "MEDIAN",
    "MIN",
    "MOD",
    "MONTH",
    "DAY",
    "N",
    "NA",
    "NOT",
    "OR",
    "RIGHT",
    "ROUND",
    "SUBSTITUTE",
    "SUM",
    "SUMPRODUCT",
    "TRIM",
    "UPPER",
    "YEAR",
}
VISIBLE = ("Hedge", "Bags", "Scenarios", "Funding", "Ticket", "Guide", "Functions")


@pytest.fixture(scope="module")
def book() -> openpyxl.Workbook:
    """Return the template with its formulas."""
    return openpyxl.load_workbook(template_path())


def formulas(book: openpyxl.Workbook) -> list[tuple[str, str]]:
    """Return where and what of every formula: cells, conditional formats, validations, names."""
    found = []
    for sheet in book:
        for row in sheet.iter_rows():
            found += [
                (f"{sheet.title}!{cell.coordinate}", cell.value)
                for cell in row
                if cell.data_type == "f"
            ]
        for area in sheet.conditional_formatting:
            for rule in area.rules:
                found += [(f"{sheet.title} format {area.sqref}", f"={f}") for f in rule.formula]
                if rule.colorScale:
                    found += [
                        (f"{sheet.title} scale", f"={bound.val}")
                        for bound in rule.colorScale.cfvo
                        if bound.type == "formula"
                    ]
        for check in sheet.data_validations.dataValidation:
            found += [
                (f"{sheet.title} check", f"={f}") for f in (check.formula1, check.formula2) if f
            ]
    return found


def test_the_file_is_what_the_code_builds() -> None:
    """Building again gives the same bytes as the file that is committed."""
    command = [sys.executable, str(ROOT / "workbooks" / "build_template.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_formulas_use_allowed_functions_only(book: openpyxl.Workbook) -> None:
    """Every formula anywhere parses, and calls nothing newer than Excel 2010 or volatile."""
    seen = 0
    for where, formula in formulas(book):
        assert isinstance(formula, str), f"{where} is an array"
        assert len(formula) <= 8192, where
        assert all(len(text) <= 257 for text in re.findall(r'"[^"]*"', formula)), where
        for token in Tokenizer(formula).items:
            assert token.type not in ("ARRAY",), where
            assert "[" not in token.value or token.subtype == "TEXT", f"{where}: a link"
            if token.type == "FUNC" and token.subtype == "OPEN":
                assert token.value[:-1].upper() in ALLOWED, f"{where}: {token.value}"
                seen += 1
    assert seen > 1000


def test_no_links_macros_or_dynamic_arrays() -> None:
    """The package holds no external link, macro, connection or dynamic-array part."""
    with zipfile.ZipFile(template_path()) as package:
        for part in package.namelist():
            assert not re.search(r"external|vba|connection|metadata|activeX", part, re.I), part
            text = package.read(part)
            assert b'TargetMode="External"' not in text, part
            assert b"<f t=" not in text, f"{part}: array or shared formula"


def test_all_names_are_there_and_absolute(book: openpyxl.Workbook) -> None:
    """Every name of the contract, and every other, points at cells by an absolute reference."""
    for name in names.REQUIRED + names.OPTIONAL + names.MORE_TABLES:
        assert name in book.defined_names, name
    for name, defined in book.defined_names.items():
        reference = r"('[^']+'|\w+)!\$[A-Z]+\$\d+(:\$[A-Z]+\$\d+)?"
        assert re.fullmatch(reference, defined.attr_text), (name, defined.attr_text)


def test_package_is_well_formed() -> None:
    """Element order, content types, cell order, styles and relations are as Excel needs them."""
    assert problems(template_path()) == []


def test_only_inputs_are_unlocked_and_each_says_what_it_wants(book: openpyxl.Workbook) -> None:
    """Unlocked cells are exactly the inputs; each has a rule, a prompt and an error message."""
    typed = {
        defined.attr_text for name, defined in book.defined_names.items() if name in names.INPUTS
    }
    unlocked = set()
    for sheet in book:
        assert sheet.protection.sheet, sheet.title
        assert sheet.protection.password is None, sheet.title
        checked = {
            cell
            for check in sheet.data_validations.dataValidation
            if check.prompt and check.error and len(check.prompt) <= 255
            for cell in check.sqref.ranges
        }
        checked = {str(cell) for cell in checked}
        for row in sheet.iter_rows():
            for cell in row:
                if not cell.protection.locked:
                    unlocked.add(f"{sheet.title}!${cell.column_letter}${cell.row}")
                    assert cell.coordinate in checked, f"{sheet.title}!{cell.coordinate}"
    assert typed <= unlocked
    assert {where.split("!")[0] for where in unlocked - typed} == {"Bags", "Scenarios", "Ticket"}


def test_every_formula_carries_its_value() -> None:
    """No formula cell is without a stored value, not even in the unfilled template."""
    with zipfile.ZipFile(template_path()) as package:
        for part in package.namelist():
            if part.startswith("xl/worksheets/sheet"):
                cells = re.findall(
                    rb"<c [^>]*>(?:(?!</c>).)*<f>(?:(?!</c>).)*</c>", package.read(part)
                )
                assert all(b"<v>" in cell or b"<v/>" in cell for cell in cells), part


@pytest.mark.parametrize("title", VISIBLE)
def test_prints_on_one_page_wide(book: openpyxl.Workbook, title: str) -> None:
    """Each sheet prints in landscape, fitted to one page's width, with a footer."""
    sheet = book[title]
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.fitToWidth == 1
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_area
    assert sheet.oddFooter.right.text == "page &P of &N"
    assert not sheet.sheet_view.showGridLines


def test_opens_on_the_first_sheet_at_an_input(book: openpyxl.Workbook) -> None:
    """The first sheet is in front at 100 %; sheets with inputs have one of them selected."""
    assert book.active.title == "Hedge"
    assert [sheet.title for sheet in book if sheet.sheet_view.tabSelected] == ["Hedge"]
    for title in VISIBLE:
        view = book[title].sheet_view
        assert view.zoomScale == 100
        (cell,) = {selection.activeCell for selection in view.selection}
        if title in ("Hedge", "Bags", "Scenarios", "Ticket"):
            assert not book[title][cell].protection.locked, (title, cell)


def test_long_figures_shrink_instead_of_turning_into_hashes(book: openpyxl.Workbook) -> None:
    """Every number that a formula or a venue writes on a visible sheet fits its cell."""
    for title in VISIBLE:
        for row in book[title].iter_rows():
            for cell in row:
                figure = cell.data_type == "f" and cell.number_format != "General"
                assert not figure or cell.alignment.shrink_to_fit, f"{title}!{cell.coordinate}"


def test_every_font_is_named(book: openpyxl.Workbook) -> None:
    """No cell relies on a program's default font."""
    fonts = {font.name for font in book._fonts}
    assert fonts == {"Arial"}


def test_properties_say_what_the_file_is(book: openpyxl.Workbook) -> None:
    """Title, author and a fixed date stand in the document properties."""
    assert book.properties.title
    assert book.properties.creator == "xlhedge"
    assert book.properties.modified.year == 2026


def test_every_chart_is_described_in_words() -> None:
    """A reader who does not see a chart hears its name and what it shows, on every sheet."""
    described = {}
    with zipfile.ZipFile(template_path()) as archive:
        for part in archive.namelist():
            if part.startswith("xl/drawings/drawing"):
                for frame in etree.fromstring(archive.read(part)).iter("{*}cNvPr"):
                    described[frame.get("name")] = frame.get("descr") or ""
        charts = [part for part in archive.namelist() if part.startswith("xl/charts/chart")]
    assert len(described) == len(charts) == 3
    assert all(len(text) > 80 for text in described.values())
    assert not any(name.startswith("Chart") for name in described)
