"""Refreshing a workbook full of shapes, controls, pivots and macros leaves all of them alone."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from tests.workbook import cases, rich
from tests.workbook.lint import problems
from tests.workbook.test_refresh_file import _without_points, _without_values, parts
from xlhedge.workbook import Filled, refresh_workbook
from xlhedge.workbook.inspection import inspect_workbook
from xlhedge.workbook.xml import tag

Fill = Callable[..., Filled]
COMPUTED = {f"xl/worksheets/sheet{n}.xml" for n in (1, 2, 3, 4, 5, 8)}
CHARTS = {f"xl/charts/chart{n}.xml" for n in (1, 2, 3)}
QUOTE = {"mark": 61_010.0, "index": 61_000.0, "funding_rate": -0.0002}


@pytest.mark.parametrize("name", ["rich.xlsx", "rich.xlsm"])
def test_every_part_but_the_computed_ones_is_the_same(fill: Fill, name: str) -> None:
    """Part by part: owned sheets differ in values, the workbook in calculation settings."""
    path = fill(name).path
    rich.enrich(path)
    before = parts(path)
    assert set(rich.PARTS) <= set(before)
    assert problems(path) == []
    refresh_workbook(path, quotes=[cases.a_quote(**QUOTE)], clock=cases.clock)
    after = parts(path)
    assert list(before) == list(after)
    changed = {part for part in before if before[part] != after[part]}
    assert changed <= COMPUTED | CHARTS | {"xl/workbook.xml"}
    assert {"xl/worksheets/sheet1.xml", "xl/charts/chart1.xml"} <= changed
    for part in changed & COMPUTED:
        assert _without_values(before[part]) == _without_values(after[part]), part
    for part in changed & CHARTS:
        assert _without_points(before[part]) == _without_points(after[part]), part
    assert _without_calculation(before) == _without_calculation(after)
    assert problems(path) == []


def _without_calculation(whole: dict[str, bytes]) -> bytes:
    root = etree.fromstring(whole["xl/workbook.xml"])
    for settings in root.findall(tag("calcPr")):
        root.remove(settings)
    return etree.tostring(root, method="c14n2")


def test_a_refresh_that_changes_nothing_changes_no_part(fill: Fill) -> None:
    """The same quote again: not even an owned sheet is written differently."""
    path = fill("rich.xlsx").path
    rich.enrich(path)
    refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
    before = parts(path)
    refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
    assert parts(path) == before


def test_the_order_and_dates_of_parts_stay(fill: Fill) -> None:
    """Entries keep their place, time stamp and compression."""
    path = fill("rich.xlsx").path
    rich.enrich(path)
    before = _entries(path)
    refresh_workbook(path, quotes=[cases.a_quote(**QUOTE)], clock=cases.clock)
    assert _entries(path) == before


def _entries(path: Path) -> list[tuple]:
    with zipfile.ZipFile(path) as archive:
        return [(e.filename, e.date_time, e.compress_type) for e in archive.infolist()]


def test_inspect_names_what_it_holds(fill: Fill) -> None:
    """The inspection of such a workbook lists macros, pivots, custom XML and a ribbon."""
    path = fill("rich.xlsm").path
    rich.enrich(path)
    held = inspect_workbook(path).special
    assert {"macros (VBA)", "pivot table", "custom XML", "ribbon of its own"} <= set(held)
