"""Printed pages: every sheet on its pages, in a size that can be read, no cut numbers."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter, range_boundaries

from tests.workbook import cases, office
from xlhedge.quotes import Status
from xlhedge.workbook import Filled, new_workbook
from xlhedge.workbook.template import template_path

Fill = Callable[..., Filled]

# The sheet of every page; all of them but Functions take a fixed number
SHEETS = (
    "Hedge",
    "Bags",
    "Bags",
    "Scenarios",
    "Scenarios",
    "Funding",
    "Funding",
    "Ticket",
    "Guide",
)
TITLE_POINTS = 16  # the title of each sheet
FLOOR = 0.65  # least print scale
PAPERS = {"A4": (9, 11.69, 8.27), "Letter": (1, 11.0, 8.5)}  # code in the file, inches
# of a column's unit: 7 pixels of 96 to the inch on the screen, and 6.6 % more in print
UNIT = 7 / 96 * 1.066
DEFAULT_HEIGHT = 13.2  # points, of Arial 10


def text_of(pdf: Path) -> list[str]:
    """Return the text of each page."""
    if shutil.which("pdftotext") is None:
        office.missing("pdftotext (poppler-utils)")
    done = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\f")[:-1]


def scales_of(pdf: Path) -> list[float]:
    """Return the print scale of each page, from the size of its largest text."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf.read_bytes(), re.DOTALL):
        try:
            content = zlib.decompress(stream)
        except zlib.error:
            continue
        sizes = [float(size) for size in re.findall(rb"/F\d+ ([\d.]+) Tf", content)]
        if sizes:
            found.append(max(sizes) / TITLE_POINTS)
    return found


def on_paper(book: Path, code: int, target: Path) -> Path:
    """Copy a workbook with another paper size."""
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(target, "w") as out:
        for name in source.namelist():
            part = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                part = part.replace(b'paperSize="9"', b'paperSize="%d"' % code)
            out.writestr(name, part)
    return target


@pytest.mark.parametrize("paper", PAPERS)
def test_every_sheet_prints_in_a_readable_size(paper: str) -> None:
    """Widths and heights leave at least the floor, and no area needs a second page in height."""
    _, wide, high = PAPERS[paper]
    book = openpyxl.load_workbook(template_path())
    for sheet in book:
        if sheet.sheet_state != "visible":
            continue
        margins, columns, rows = sheet.page_margins, sheet.column_dimensions, sheet.row_dimensions
        by_width, by_height = [], []
        for area in sheet.print_area.split(","):
            left, top, right, bottom = range_boundaries(area.split("!")[-1].replace("$", ""))
            units = sum(columns[get_column_letter(n)].width for n in range(left, right + 1))
            points = sum(rows[n].height or DEFAULT_HEIGHT for n in range(top, bottom + 1))
            by_width.append((wide - margins.left - margins.right) / (units * UNIT))
            by_height.append((high - margins.top - margins.bottom) / (points / 72))
        assert min(by_width) >= FLOOR, (sheet.title, by_width)
        if sheet.page_setup.fitToHeight == 1:
            assert min(by_height) >= FLOOR, (sheet.title, by_height)
        elif sheet.title != "Functions":  # whose rows go over several pages
            assert min(by_height) >= min(by_width), (sheet.title, by_width, by_height)


@pytest.mark.parametrize("paper", PAPERS)
def test_libreoffice_prints_every_sheet_in_a_readable_size(
    fill: Fill, tmp_path: Path, paper: str
) -> None:
    """Every page of a filled workbook is printed at the floor or above, on its own sheet's page."""
    office.need_office()
    book = on_paper(fill().path, PAPERS[paper][0], tmp_path / "paper.xlsx")
    (pdf,) = office.printed([book], tmp_path)
    scales = scales_of(pdf)
    first_pages = {title: scales[SHEETS.index(title)] for title in SHEETS}
    first_pages["Functions"] = scales[len(SHEETS)]
    assert min(first_pages.values()) >= FLOOR, first_pages
    footers = [page.splitlines()[-1] for page in text_of(pdf)]
    wanted = [*SHEETS, *["Functions"] * (len(footers) - len(SHEETS))]
    for title, footer in zip(wanted, footers, strict=True):
        assert title in footer, (footer, title)


@pytest.mark.parametrize(
    ("inputs", "quote"),
    [
        ({}, {}),
        ({"in_leverage": 3}, {"status": Status.STALE, "maintenance_rate": None}),
        ({"in_quantity": 123_456_789.12345678}, {"index": 0.00001234, "mark": 0.00001233}),
        ({"in_quantity": 98_765.4321}, {"index": 123_456.78, "mark": 123_400.5}),
        ({"in_quantity": 1_000_000, "in_leverage": 3}, {"index": 1_234_567.8, "mark": 1_234_000}),
    ],
)
def test_no_number_is_cut_and_no_page_is_empty(
    fill: Fill, tmp_path: Path, inputs: dict, quote: dict
) -> None:
    """Small and large prices print without ###; every sheet takes as many pages as planned."""
    office.need_office()
    (pdf,) = office.printed([fill(inputs=inputs, **quote).path], tmp_path)
    pages = text_of(pdf)
    assert len(SHEETS) + 4 <= len(pages) <= len(SHEETS) + 6
    for number, page in enumerate(pages, 1):
        assert "###" not in page, (number, [line for line in page.splitlines() if "###" in line])
        assert len(page.split()) > 10, number


def test_no_function_is_split_between_pages(fill: Fill, tmp_path: Path) -> None:
    """Every page of sheet Functions repeats the header row."""
    office.need_office()
    (pdf,) = office.printed([fill().path], tmp_path)
    for page in text_of(pdf)[len(SHEETS) :]:
        heads = [line.split() for line in page.splitlines() if line.split()]
        assert ["function", "gives", "arguments", "example"] in heads[:3]


LONG = (
    "okx answers 50011: Requests too frequent, PLEASE TRY AGAIN LATER; see the documentation of "
    "this endpoint for its limits, or contact support with the request id 9f2c-77aa-4b1e (tried 3 "
    "times within 25 s, then gave up; the next try is allowed at 18:45 UTC) AND SO ON AND SO ON"
)


def words_of(pdf: Path, page: int) -> list[tuple[float, float, str]]:
    """Return right end, line and text of each word of a page, in points from the top left."""
    done = subprocess.run(
        ["pdftotext", "-bbox", "-f", str(page), "-l", str(page), str(pdf), "-"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = re.findall(r'yMin="([\d.]+)" xMax="([\d.]+)" yMax="[\d.]+">(.*?)</word>', done.stdout)
    return [(float(right), float(top), text) for top, right, text in found]


@pytest.mark.parametrize("status", [Status.LIVE, Status.STALE])
def test_notes_of_any_length_are_not_cut(tmp_path: Path, status: Status) -> None:
    """What has no room is shortened with "..." and not cut at the edge of a cell or page."""
    office.need_office()
    symbols = [f"COIN{number}-USD-SWAP" for number in range(24)]
    quotes = [cases.a_quote(status=status)]
    quotes += [
        cases.a_quote(venue="deribit", symbol=symbol, coin=symbol[:6].rstrip("-"), status=status)
        for symbol in symbols
    ]
    bag = {"quantity": 3, "hedge ratio": 1, "leverage": 2}
    bags = [bag | {"coin": q.coin, "venue": q.venue, "symbol": q.symbol} for q in quotes[1:6]]
    bags.append(bag | {"coin": "ETH", "venue": "okx", "symbol": "NO-SUCH-CONTRACT"})
    reasons = {(q.venue, q.symbol): LONG for q in quotes} | {("okx", "NO-SUCH-CONTRACT"): LONG}
    book = new_workbook(
        tmp_path / "notes.xlsx", inputs=cases.POSITION, quotes=quotes, bags=bags, reasons=reasons,
        clock=cases.clock,
    )  # fmt: skip
    (pdf,) = office.printed([book.path], tmp_path)
    lines = text_of(pdf)[5].splitlines()
    notes = [line for line in lines if ": okx answers 50011" in line]
    assert len(notes) == 11
    assert all(line.rstrip().endswith("...") for line in notes)
    assert any("the first 11 of 26" in line for line in lines)
    right_edge = PAPERS["A4"][1] * 72 - 0.25 * 72 + 1  # of the margin; a point for rounding
    for page in range(1, len(SHEETS) + 1):
        assert max(right for right, _, _ in words_of(pdf, page)) < right_edge
    hedge = words_of(pdf, 1)
    position = min(top for _, top, text in hedge if text == "Your")
    above = {top for _, top, _ in hedge if top < position - 1}
    assert len(above) <= 2 + 3 + 2  # title and version, verdict, status
    columns = {"note": words_of(pdf, 3), "remark": words_of(pdf, 2)}
    for header, words in columns.items():
        left, top_of_head = max((right, top) for right, top, text in words if text == header)
        said = {top for right, top, _ in words if right > left and top > top_of_head + 5}
        assert 0 < len(said - footers_of(words)) <= 3 * (len(bags) + 1), header


def footers_of(words: list[tuple[float, float, str]]) -> set[float]:
    """Return the lines of a page's footer."""
    last = max(top for _, top, _ in words)
    return {top for _, top, _ in words if top > last - 3}
