"""Printed pages: every sheet on its pages, no cut numbers."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workbook import office
from xlhedge.quotes import Status
from xlhedge.workbook import Filled

Fill = Callable[..., Filled]


def text_of(pdf: Path) -> list[str]:
    """Return the text of each page."""
    done = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\f")[:-1]


@pytest.mark.parametrize(
    ("inputs", "quote"),
    [
        ({}, {}),
        ({"in_leverage": 3}, {"status": Status.STALE, "maintenance_rate": None}),
        ({"in_quantity": 123_456_789.12345678}, {"index": 0.00001234, "mark": 0.00001233}),
        ({"in_quantity": 98_765.4321}, {"index": 123_456.78, "mark": 123_400.5}),
    ],
)
def test_no_number_is_cut_and_no_page_is_empty(
    fill: Fill, tmp_path: Path, inputs: dict, quote: dict
) -> None:
    """Small and large prices print without ###; history and functions take several pages."""
    office.need_office()
    if shutil.which("pdftotext") is None:
        office.missing("pdftotext (poppler-utils)")
    (pdf,) = office.printed([fill(inputs=inputs, **quote).path], tmp_path)
    pages = text_of(pdf)
    assert 10 <= len(pages) <= 12
    for number, page in enumerate(pages, 1):
        assert "###" not in page, (number, [line for line in page.splitlines() if "###" in line])
        assert len(page.split()) > 10, number
    for title, page in zip(("Hedge", "Bags", "Scenarios", "Scenarios"), pages, strict=False):
        assert title in page.splitlines()[-1] or title in page
