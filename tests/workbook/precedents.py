"""Which cells of a workbook rest on others, by the references and names in their formulas."""

from __future__ import annotations

from functools import cache

import openpyxl
from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.utils import range_boundaries

Place = tuple[str, int, int]


class Precedents:
    """The formulas of a workbook, and whether they rest on given cells."""

    def __init__(self, book: openpyxl.Workbook) -> None:
        self.names = {
            name.lower(): defined.attr_text for name, defined in book.defined_names.items()
        }
        self.formulas: dict[Place, str] = {
            (sheet.title, cell.row, cell.column): cell.value
            for sheet in book
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f"
        }

    def cells_of(self, reference: str, sheet: str) -> set[Place]:
        """Return the cells of a reference or a name, seen from a sheet."""
        text = self.names.get(reference.lower(), reference)
        title, _, area = text.rpartition("!")
        title = title.strip("'").replace("''", "'") or sheet
        try:
            left, top, right, bottom = range_boundaries(area.replace("$", ""))
        except ValueError:
            return set()  # TRUE, FALSE
        return {(title, r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)}

    def direct(self, at: Place) -> set[Place]:
        """Return the cells that a formula names."""
        found: set[Place] = set()
        for token in Tokenizer(self.formulas[at]).items:
            if token.type == Token.OPERAND and token.subtype == Token.RANGE:
                found |= self.cells_of(token.value, at[0])
        return found

    def resting_on(self, given: set[Place]) -> set[Place]:
        """Return the formulas that rest on some cells, however many formulas lie between."""
        direct = cache(self.direct)
        found: set[Place] = set()
        users: dict[Place, list[Place]] = {}
        for at in self.formulas:
            for cell in direct(at):
                users.setdefault(cell, []).append(at)
        todo = list(given)
        while todo:
            for user in users.get(todo.pop(), ()):
                if user not in found:
                    found.add(user)
                    todo.append(user)
        return found
