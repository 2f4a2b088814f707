"""The worksheet functions as a calculation engine calls them give what they give in Excel."""

from __future__ import annotations

from typing import Any

import pytest

import udfs
from udfs.declaration import DECLARED
from udfs.outside_excel import OF_EXCEL, functions

ERROR = {"type": "Error", "kind": "Na"}
EXAMPLES = [
    (name, example)
    for name, declared in DECLARED.items()
    if name not in OF_EXCEL and declared.subject != "Live quotes"
    for example in declared.examples
]


def as_excel_gives(value: Any) -> Any:
    """Return a result of the engine with its errors and blanks as Excel's."""
    if isinstance(value, list):
        return [as_excel_gives(part) for part in value]
    if isinstance(value, dict):
        return {"Na": "#N/A", "Num": "#NUM!", "Value": "#VALUE!"}[value["kind"]]
    return None if value == "" else value


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=lambda one: getattr(one, "name", None))
def test_every_example(name: str, example: Any) -> None:
    """Each declared example, called with what the engine makes of numbers and ranges."""
    given = [float(cell) if isinstance(cell, int) else cell for cell in example.arguments]
    in_excel = getattr(udfs, name)(*given)
    assert as_excel_gives(functions()[name](*given)) == in_excel


def test_errors_are_passed_on() -> None:
    """An error value that goes in comes out, element by element."""
    assert functions()["INVERSE_PNL"](1.0, 100.0, ERROR, 2.0) == ERROR
    assert functions()["SPOT_PNL"](1.0, [[100.0], [ERROR], [None]], 2.0) == [[-98.0], [ERROR], [""]]
    assert functions()["INVERSE_PNL"](1.0, 100.0, -1.0, 2.0) == {"type": "Error", "kind": "Num"}


def test_what_only_excel_knows_is_not_lent() -> None:
    """HEDGE_ERRORS tells of the Excel in which it stands."""
    assert set(DECLARED) - set(functions()) == {"HEDGE_ERRORS"}
