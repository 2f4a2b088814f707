"""The worksheet functions, for workbooks that call them and are filled without Excel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["left_to_excel", "worksheet_functions"]


def worksheet_functions() -> Mapping[str, Callable[..., Any]]:
    """Load them; a workbook that calls none never waits for this."""
    from udfs.outside_excel import functions

    return functions()


def left_to_excel(addresses: Sequence[str]) -> str:
    """Say which formulas have no value until a spreadsheet program opens the workbook.

    >>> left_to_excel(["Ledger!B2"])
    '1 formula rests on functions that only Excel knows: no value until it opens it (Ledger!B2)'
    """
    many = f"{len(addresses)} formulas rest" if len(addresses) > 1 else "1 formula rests"
    first = f"{addresses[0]}, ..." if len(addresses) > 1 else addresses[0]
    return f"{many} on functions that only Excel knows: no value until it opens it ({first})"
