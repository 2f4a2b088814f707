"""What people put into cells: a table of calls made from the declarations, and what to expect.

What a cell should show is worked out by the engine function alone, one element at a time, and by
the documented rules for what is no number. The code between a cell and the engine has no part in
it.
"""

from __future__ import annotations

import math
from typing import Any

from udfs.declaration import DECLARED, Declaration
from xlhedge.errors import DomainError, NoValueError

__all__ = ["Call", "calls"]

MISSING = {"missing": True}
# beside numbers: blank, text, TRUE, a date, error values, and a number that most functions refuse
ODD = [None, "x", True, {"date": "2026-01-01"}, {"error": "#DIV/0!"}, {"error": "#N/A"}, -1.0]

Call = tuple[str, list[dict[str, Any]], Any]  # function, arguments, what the cell shows


def calls() -> list[Call]:
    """Return the table: function, arguments as Excel has them, expected cell or rows."""
    table: list[Call] = []
    for declared in DECLARED.values():
        for example in declared.examples:
            table += _ways(declared, list(example.arguments))
    return table


def _ways(declared: Declaration, given: list[Any]) -> list[Call]:
    """Return one call with its arguments given in every way that a sheet offers."""
    name = declared.name
    result = _whole(declared, given)
    required = sum(argument.required for argument in declared.arguments)
    omitted = [MISSING] * (len(declared.arguments) - len(given))
    empty = [{"range": [[None]]}] * len(omitted)
    ranges = [_range(value) for value in given]
    table = [
        (name, [_typed(value) for value in given], result),
        (name, ranges + omitted, result),
        (name, ranges + empty, result),
        (name, [_money(value) for value in given], result),
        (name, [*ranges[: required - 1], {"range": [[{"error": "#REF!"}]]}], {"error": "#REF!"}),
        (name, [{"value": {"error": "#NUM!"}}, *ranges[1:]], {"error": "#NUM!"}),
        (name, [{"range": [[None]]}, *ranges[1:]], _refused(declared)),
        (name, [{"value": "x"}, *ranges[1:]], _refused(declared)),
    ]
    for place, argument in enumerate(declared.arguments[: len(given)]):
        if argument.kind == "Numbers" and _is_elementwise(declared):
            cells = [given[place], *ODD, given[place]]
            expected = [_element(declared, given, place, cell) for cell in cells]
            column = {"range": [[cell] for cell in cells]}
            row = {"range": [cells]}
            array = {"array": [[given[place], given[place]]]}
            table.append((name, _put(ranges, place, column), [[cell] for cell in expected]))
            table.append((name, _put(ranges, place, row), [expected]))
            table.append((name, _put(ranges, place, array), [[expected[0]] * 2]))
            break
    for place, argument in enumerate(declared.arguments[: len(given)]):
        if argument.kind == "Column" and not _is_table(declared):
            cells = [row[:] for row in _rows(given[place])]
            cells[-1] = [{"error": "#DIV/0!"}]
            table.append((name, _put(ranges, place, {"range": cells}), {"error": "#DIV/0!"}))
            across = {"range": [[row[0] for row in _rows(given[place])]]}
            table.append((name, _put(ranges, place, across), result))
    return table


def _whole(declared: Declaration, given: list[Any]) -> Any:
    """Return what the engine gives for the call as it stands."""
    try:
        result = declared.engine(*given)
    except NoValueError:
        return {"error": "#N/A"}
    if _is_table(declared):
        return [list(result.HEADER), *[list(row) for row in result.rows()]]
    return _cell(result)


def _element(declared: Declaration, given: list[Any], place: int, cell: Any) -> Any:
    """Return what stands in the result where `cell` stands in an argument."""
    if cell is None:
        return ""
    if isinstance(cell, dict) and "error" in cell:
        return cell
    if isinstance(cell, str | bool | dict):
        return {"error": "#VALUE!"}
    try:
        return _cell(declared.engine(*given[:place], cell, *given[place + 1 :]))
    except DomainError:
        return {"error": "#NUM!"}
    except NoValueError:
        return {"error": "#N/A"}


def _cell(result: Any) -> Any:
    if isinstance(result, float) and math.isinf(result):
        return {"error": "#N/A"}
    return result if isinstance(result, str) else float(result)


def _refused(declared: Declaration) -> Any:
    return {"error": "#VALUE!"}


def _is_table(declared: Declaration) -> bool:
    return declared.name == "HEDGE_SCENARIO"


def _is_elementwise(declared: Declaration) -> bool:
    kinds = {argument.kind for argument in declared.arguments}
    return kinds <= {"Numbers", "Word"} and declared.name != "HEDGE_ADVICE"


def _rows(value: Any) -> list[list[Any]]:
    return value if isinstance(value, list) else [[value]]


def _range(value: Any) -> dict[str, Any]:
    return {"range": _rows(value)}


def _typed(value: Any) -> dict[str, Any]:
    return {"array": value} if isinstance(value, list) else {"value": value}


def _money(value: Any) -> dict[str, Any]:
    """Return cells with a currency format, which must not cost a digit."""
    rows = [
        [cell if isinstance(cell, str) else {"currency": cell} for cell in row]
        for row in _rows(value)
    ]
    return {"range": rows}


def _put(arguments: list[Any], place: int, argument: Any) -> list[Any]:
    return [*arguments[:place], argument, *arguments[place + 1 :]]
