"""Which formulas of a workbook rest on given cells, by the references and names in them.

What is found is never too little: a reference that cannot be resolved, such as one that INDIRECT
makes, counts as one to every cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from xlhedge.workbook.addresses import COLUMNS, ROWS, column_number

__all__ = ["Dependents", "Formula", "Place", "without_texts"]

Place = tuple[str, int, int]  # sheet, row, column
Area = tuple[str, int, int, int, int]  # sheet, top, left, bottom, right
ANYWHERE = "*"  # stands for every sheet

_TEXT = re.compile(r'"[^"]*"')
_OPERAND = re.compile(
    r"(?:('(?:[^']|'')+'|[\w.\[\]:]+)!)?"  # sheet
    r"(\$?[A-Za-z]{1,3}\$?[1-9]\d*(?::\$?[A-Za-z]{1,3}\$?[1-9]\d*)?|\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}"
    r"|\$?[1-9]\d*:\$?[1-9]\d*|[^\W\d][\w.\\?]*)(?![\w(!.])"
)
_CORNER = re.compile(r"(\$?)([A-Za-z]{0,3})(\$?)(\d*)")
# [Rate] in a row of a table, which is on the same sheet; not [1], another workbook
_OWN_TABLE = re.compile(r"(?<![\w\]'\[,:.?])\[(?!\d+\])")
_MOVING = re.compile(r"\b(?:INDIRECT|OFFSET)\(", re.I)
DEPTH = 8  # of names that stand for names


@dataclass(frozen=True)
class Formula:
    """A formula, and how far it has moved from the cell for which it was written.

    Attributes
    ----------
    text : str
        Without texts, see :func:`without_texts`.
    rows, columns : int
        Its own cell's distance from that for which relative references are written.
    """

    text: str
    rows: int = 0
    columns: int = 0


def without_texts(formula: str) -> str:
    """Return a formula with its texts emptied.

    >>> without_texts('IF(A1="B1","SUM(",2)')
    'IF(A1="","",2)'
    """
    return _TEXT.sub('""', formula)


class Dependents:
    """The formulas of a workbook by what they refer to.

    Parameters
    ----------
    formulas : mapping
        Formulas by their cells.
    titles : iterable of str
        The sheets' titles.
    names : mapping
        What names and tables (lower case) refer to.
    """

    def __init__(
        self,
        formulas: Mapping[Place, Formula],
        titles: Iterable[str],
        names: Mapping[str, str],
    ) -> None:
        areas_of = _reader({title.lower(): title for title in titles}, names)
        self._users: dict[Area, list[Place]] = {}
        for place, formula in formulas.items():
            for area in set(areas_of(formula, place[0], DEPTH)):
                self._users.setdefault(area, []).append(place)

    def of(self, given: Iterable[Place]) -> set[Place]:
        """Return the formulas that refer to some cells."""
        areas = _Areas(self._users)
        return {
            user for cell in given for area in areas.taken_at(cell) for user in self._users[area]
        }

    def all_of(self, given: Iterable[Place]) -> set[Place]:
        """Return the formulas that rest on some cells, however many others lie between."""
        areas = _Areas(self._users)
        found: set[Place] = set()
        todo = list(given)
        while todo:
            for area in areas.taken_at(todo.pop()):
                fresh = [user for user in self._users[area] if user not in found]
                found.update(fresh)
                todo += fresh
        return found


class _Areas:
    """Areas by the cells in them; each is given out once.

    Every area is cut into blocks whose height, width and place are multiples of powers of two, so
    that a cell lies in one block of each size, and an area in few blocks.
    """

    def __init__(self, areas: Iterable[Area]) -> None:
        self.taken: set[Area] = set()
        sizes: dict[str, dict[tuple[int, int], dict[tuple[int, int], list[Area]]]] = {}
        for area in areas:
            sheet, top, left, bottom, right = area
            of_sheet = sizes.setdefault(sheet, {})
            rows = list(_blocks(top, bottom))
            for wide, column in _blocks(left, right):
                for high, row in rows:
                    grid = of_sheet.setdefault((high, wide), {})
                    grid.setdefault((row, column), []).append(area)
        self.sizes = sizes

    def taken_at(self, cell: Place) -> list[Area]:
        """Return the areas around a cell that were not given out before."""
        sheet, row, column = cell
        found: dict[Area, None] = {}
        for title in (sheet, ANYWHERE):
            for (high, wide), grid in self.sizes.get(title, {}).items():
                around = grid.pop(((row - 1) >> high, (column - 1) >> wide), ())
                found |= dict.fromkeys(area for area in around if area not in self.taken)
        self.taken.update(found)
        return list(found)


def _blocks(first: int, last: int) -> Iterator[tuple[int, int]]:
    """Cut a run of rows or columns into blocks of 2**size at multiples of their size.

    >>> list(_blocks(1, 7))  # 4 from 0, 2 from 4, 1 from 6
    [(2, 0), (1, 2), (0, 6)]
    """
    start, end = first - 1, last
    while start < end:
        size = (end - start).bit_length() - 1
        if start:
            size = min(size, (start & -start).bit_length() - 1)
        yield size, start >> size
        start += 1 << size


def _reader(
    titles: Mapping[str, str], names: Mapping[str, str]
) -> Callable[[Formula, str, int], Iterator[Area]]:
    def areas_of(formula: Formula, own: str, depth: int) -> Iterator[Area]:
        if _MOVING.search(formula.text):
            yield ANYWHERE, 1, 1, ROWS, COLUMNS
        if _OWN_TABLE.search(formula.text):
            yield own, 1, 1, ROWS, COLUMNS
        for sheet, operand in _OPERAND.findall(formula.text):
            if "[" in sheet:
                continue  # of another workbook
            title = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
            area = _area(operand, formula)
            if area is not None:
                known = titles.get(title.lower(), ANYWHERE) if sheet else own
                yield known, *area
            elif operand.lower() in names:
                if depth:
                    yield from areas_of(Formula(names[operand.lower()]), own, depth - 1)
                else:
                    yield ANYWHERE, 1, 1, ROWS, COLUMNS

    return areas_of


def _area(operand: str, moved: Formula) -> tuple[int, int, int, int] | None:
    """Return top, left, bottom and right of a reference; None for a name."""
    first, _, last = operand.partition(":")
    corners = [_CORNER.fullmatch(corner) for corner in (first, last or first)]
    rows, columns = [], []
    for corner in corners:
        if corner is None or not (last or (corner[2] and corner[4])):
            return None
        dollar, letters, second_dollar, digits = corner.groups()
        if letters:
            columns.append(column_number(letters) + (0 if dollar else moved.columns))
        if digits:
            fixed = second_dollar or (dollar and not letters)
            rows.append(int(digits) + (0 if fixed else moved.rows))
    if max(columns, default=1) > COLUMNS or max(rows, default=1) > ROWS:
        return None
    return (
        max(min(rows, default=1), 1),
        max(min(columns, default=1), 1),
        max(rows, default=ROWS),
        max(columns, default=COLUMNS),
    )
