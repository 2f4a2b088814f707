"""The worksheet functions for a calculation engine other than Excel, which refreshes files.

The engine gives a cell as a number, text, bool or ``None``, a range as rows of those, and an error
value as a dict with its kind.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

import udfs
from udfs.cell_errors import ERROR_VALUES
from udfs.declaration import DECLARED

__all__ = ["functions"]

OF_EXCEL = frozenset({"HEDGE_ERRORS"})  # tells of what happened in the Excel that runs it
_KINDS = {
    "#DIV/0!": "Div",
    "#N/A": "Na",
    "#NAME?": "Name",
    "#NULL!": "Null",
    "#NUM!": "Num",
    "#REF!": "Ref",
    "#VALUE!": "Value",
}
_TEXTS = {kind: text for text, kind in _KINDS.items()}


def functions() -> dict[str, Callable[..., Any]]:
    """Return the worksheet functions by name, as a calculation engine calls them.

    >>> functions()["INVERSE_PNL"](2500.0, 100.0, 50000.0, [[40000.0], [None]])
    [[1.25], ['']]
    >>> functions()["HEDGE_CONTRACTS"](5.0, {"type": "Error", "kind": "Na"}, 100.0)
    {'type': 'Error', 'kind': 'Na'}
    """
    names = (name for name in DECLARED if name not in OF_EXCEL)
    return {name: _for_engine(getattr(udfs, name)) for name in names}


def _for_engine(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def called(*cells: Any) -> Any:
        return _given_back(function(*map(_taken, cells)))

    return called


def _taken(value: Any) -> Any:
    """Return a cell or range as the functions take it."""
    if isinstance(value, list):
        return [_taken(part) for part in value]
    if isinstance(value, dict):
        return _TEXTS.get(str(value.get("kind")), "#VALUE!")
    return value


def _given_back(value: Any) -> Any:
    """Return a result as the engine takes it."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_given_back(part) for part in value]
    if value is None:
        return ""
    if isinstance(value, str) and value in ERROR_VALUES:
        return {"type": "Error", "kind": _KINDS.get(value, "Value")}
    return value
