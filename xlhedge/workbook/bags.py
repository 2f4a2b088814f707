"""The bags of a workbook: what a person typed into ``bags_table``, a row a bag.

Columns are found by their header. Rows that hold formulas, such as the one that repeats the
position of sheet Hedge, are read but never written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from xlhedge.errors import WorkbookError
from xlhedge.workbook.cells import Value
from xlhedge.workbook.table import Table

if TYPE_CHECKING:
    from xlhedge.workbook.named_cells import NamedCells

__all__ = ["BAG_HEADERS", "bags_listed", "fill_bags"]

NAME = "bags_table"
BAG_HEADERS = (
    "coin",
    "quantity",
    "extra margin",
    "venue",
    "symbol",
    "hedge ratio",
    "leverage",
)


def bags_listed(book: NamedCells) -> list[tuple[str, str]]:
    """Return venue and symbol (or coin) of each bag that states both."""
    if not book.has(NAME):
        return []
    rows = Table(book, NAME, ("venue", "symbol"), BAG_HEADERS).rows()
    found = [(_text(row["venue"]), _text(row["symbol"])) for row in rows]
    return [(venue, symbol) for venue, symbol in found if venue and symbol]


def fill_bags(book: NamedCells, bags: Sequence[Mapping[str, Value]]) -> None:
    """Write bags into the rows that can be typed into, from the top, and empty the rest.

    Raises
    ------
    WorkbookError
        There are more bags than rows.
    """
    table = Table(book, NAME, BAG_HEADERS, BAG_HEADERS)
    free = [number for number in table.numbers() if not table.computed(number)]
    if len(bags) > len(free):
        raise WorkbookError(
            f"{book.label} has room for {len(free)} bags beside the first, not for {len(bags)}"
        )
    for step, number in enumerate(free):
        table.write_row(number, bags[step] if step < len(bags) else {})


def _text(value: Value) -> str:
    return str(value if value is not None else "").strip()
