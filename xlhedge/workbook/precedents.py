"""Which formulas of a workbook rest on given cells, by the references and names in them.

What is found is never too little: a reference that cannot be resolved, such as one that INDIRECT
makes, counts as one to every cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from xlhedge.workbook.addresses import COLUMNS, ROWS, column_number

__all__ = ["Place", "resting_on", "without_texts"]

Place = tuple[str, int, int]  # sheet, row, column
Area = tuple[str, int, int, int, int]  # sheet, top, left, bottom, right
ANYWHERE = "*"  # stands for every sheet

_TEXT = re.compile(r'"[^"]*"')
_OPERAND = re.compile(
    r"(?:('(?:[^']|'')+'|[\w.\[\]:]+)!)?"  # sheet
    r"(\$?[A-Za-z]{1,3}\$?[1-9]\d*(?::\$?[A-Za-z]{1,3}\$?[1-9]\d*)?|\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}"
    r"|\$?[1-9]\d*:\$?[1-9]\d*|[^\W\d][\w.\\?]*)(?![\w(!.])"
)
_CORNER = re.compile(r"\$?([A-Za-z]{0,3})\$?(\d*)")
_MOVING = re.compile(r"\b(?:INDIRECT|OFFSET)\(", re.I)
DEPTH = 8  # of names that stand for names


def without_texts(formula: str) -> str:
    """Return a formula with its texts emptied.

    >>> without_texts('IF(A1="B1","SUM(",2)')
    'IF(A1="","",2)'
    """
    return _TEXT.sub('""', formula)


def resting_on(
    given: Iterable[Place],
    formulas: Mapping[Place, str],
    titles: Iterable[str],
    names: Mapping[str, str],
) -> set[Place]:
    """Return the formulas that rest on some cells, however many others lie between.

    Parameters
    ----------
    given : iterable of (sheet, row, column)
        Cells.
    formulas : mapping
        Formulas by their cells.
    titles : iterable of str
        The sheets' titles.
    names : mapping
        What names and tables (lower case) refer to.
    """
    areas_of = _reader({title.lower(): title for title in titles}, names)
    users: dict[Place, list[Place]] = {}  # of one cell
    blocks: dict[str, list[tuple[Area, Place]]] = {}  # of several, by sheet
    for place, formula in formulas.items():
        for area in set(areas_of(formula, place[0], DEPTH)):
            sheet, top, left, bottom, right = area
            if sheet != ANYWHERE and (top, left) == (bottom, right):
                users.setdefault((sheet, top, left), []).append(place)
            else:
                blocks.setdefault(sheet, []).append((area, place))
    found: set[Place] = set()
    todo = list(given)
    while todo:
        cell = todo.pop()
        for user in (*users.get(cell, ()), *_of_blocks(cell, blocks)):
            if user not in found:
                found.add(user)
                todo.append(user)
    return found


def _of_blocks(cell: Place, blocks: Mapping[str, list[tuple[Area, Place]]]) -> Iterator[Place]:
    title, row, column = cell
    for sheet in (title, ANYWHERE):
        for (_, top, left, bottom, right), user in blocks.get(sheet, ()):
            if top <= row <= bottom and left <= column <= right:
                yield user


def _reader(
    titles: Mapping[str, str], names: Mapping[str, str]
) -> Callable[[str, str, int], Iterator[Area]]:
    def areas_of(formula: str, own: str, depth: int) -> Iterator[Area]:
        bare = without_texts(formula)
        if _MOVING.search(bare):
            yield ANYWHERE, 1, 1, ROWS, COLUMNS
        for sheet, operand in _OPERAND.findall(bare):
            if "[" in sheet:
                continue  # of another workbook
            title = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
            area = _area(operand)
            if area is not None:
                known = titles.get(title.lower(), ANYWHERE) if sheet else own
                yield known, *area
            elif operand.lower() in names:
                if depth:
                    yield from areas_of(names[operand.lower()], own, depth - 1)
                else:
                    yield ANYWHERE, 1, 1, ROWS, COLUMNS

    return areas_of


def _area(operand: str) -> tuple[int, int, int, int] | None:
    """Return top, left, bottom and right of a reference; None for a name."""
    first, _, last = operand.partition(":")
    one, other = _CORNER.fullmatch(first), _CORNER.fullmatch(last or first)
    if one is None or other is None or not (last or (one[1] and one[2])):
        return None
    columns = [column_number(letters) for letters in (one[1], other[1]) if letters]
    rows = [int(digits) for digits in (one[2], other[2]) if digits]
    if max(columns, default=0) > COLUMNS or max(rows, default=0) > ROWS:
        return None
    return (
        min(rows, default=1),
        min(columns, default=1),
        max(rows, default=ROWS),
        max(columns, default=COLUMNS),
    )
