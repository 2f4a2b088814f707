"""What crosses between pywin32 and a function, for people who import with xlwings itself too."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from udfs.excel_values import ExcelValues

NA, DIV0 = -2146826246, -2146826281


def read(value):
    """Return what a function receives for a value of a range."""
    context = SimpleNamespace(range=SimpleNamespace(raw_value=value), value=None)
    ExcelValues.reader({})(context)
    return context.value


@pytest.mark.parametrize(
    ("raw", "received"),
    [
        (2.5, 2.5),
        ("short", "short"),
        (None, None),
        (True, True),
        (NA, "#N/A"),
        (((1.0, 2.0),), ((1.0, 2.0),)),
        (((1.0,), (None,)), ((1.0,), (None,))),
        (((1.0, NA), ("x", DIV0)), [[1.0, "#N/A"], ["x", "#DIV/0!"]]),
        ((1.0, NA), [1.0, "#N/A"]),
    ],
)
def test_error_values_arrive_as_their_texts(raw, received):
    """Excel's error values come as whole numbers: taken for numbers, they would be huge losses."""
    assert read(raw) == received


def test_typed_values_pass_through():
    """What a formula holds itself comes without a range."""
    context = SimpleNamespace(range=None, value=40000.0)
    ExcelValues.reader({})(context)
    assert context.value == 40000.0


@pytest.mark.parametrize(
    ("result", "cells"),
    [
        (2.5, [[2.5]]),
        ("#N/A", [["#N/A"]]),
        (None, [["blank"]]),
        ([[1.0, None], ["x", True]], [[1.0, "blank"], ["x", True]]),
    ],
)
def test_results_become_blocks_of_cells(result, cells):
    """One cell is a block too; what COM has no form for is left to xlwings."""
    engine = SimpleNamespace(prepare_xl_data_element=lambda cell, options: "blank")
    context = SimpleNamespace(value=result, engine=SimpleNamespace(impl=engine))
    ExcelValues.writer({})(context)
    assert context.value == cells
