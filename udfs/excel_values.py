"""What crosses between Excel and a function: values as they are, error values as their texts.

xlwings' own conversions take several times as long as the arithmetic, and make a blank of an error
value. This accessor takes their place: a value passes through, a range is a block of rows; a
result is a block of cells, in which a blank is an empty text (Excel would show 0 for nothing).
"""

from __future__ import annotations

from typing import Any

__all__ = ["ExcelValues"]

# whole numbers by which pywin32 hands over Excel's error values; true numbers arrive as floats
_ERRORS = {
    -2146826288: "#NULL!",
    -2146826281: "#DIV/0!",
    -2146826273: "#VALUE!",
    -2146826265: "#REF!",
    -2146826259: "#NAME?",
    -2146826252: "#NUM!",
    -2146826246: "#N/A",
    -2146826245: "#GETTING_DATA",
    -2146826243: "#SPILL!",
    -2146826238: "#CALC!",
}


_AS_THEY_ARE = frozenset({float, str, bool, int})


class ExcelValues:
    """xlwings' accessor for the arguments and results of worksheet functions."""

    @classmethod
    def reader(cls, options: dict[str, Any]) -> Any:
        """Return what xlwings calls to read an argument."""
        return _read

    @classmethod
    def router(cls, value: Any, cells: Any, options: dict[str, Any]) -> type[ExcelValues]:
        """Return the accessor that writes a result: this one, whatever it is."""
        return cls

    @classmethod
    def writer(cls, options: dict[str, Any]) -> Any:
        """Return what xlwings calls to make cells of a result."""
        return _write


def _read(context: Any) -> None:
    value = context.value if context.range is None else context.range.raw_value
    kind = value.__class__
    if kind is tuple or kind is list:
        value = _block(value)
    elif kind is int:
        value = _ERRORS.get(value, value)
    context.value = value


def _block(rows: Any) -> Any:
    """Return rows with the texts of error values in their places."""
    for row in rows:
        if row.__class__ is int or (row.__class__ in (tuple, list) and int in set(map(type, row))):
            break
    else:
        return rows
    return [
        [_shown(cell) for cell in row] if row.__class__ in (tuple, list) else _shown(row)
        for row in rows
    ]


def _shown(cell: Any) -> Any:
    return _ERRORS.get(cell, cell) if cell.__class__ is int else cell


def _write(context: Any) -> None:
    value = context.value
    rows = value if value.__class__ is list else [[value]]
    plain = _AS_THEY_ARE.issuperset
    prepared = context.engine.impl.prepare_xl_data_element
    context.value = [
        row
        if plain(map(type, row))
        else [cell if cell.__class__ in _AS_THEY_ARE else prepared(cell, {}) for cell in row]
        for row in rows
    ]
