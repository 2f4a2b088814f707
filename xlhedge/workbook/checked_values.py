"""Whether the values stored in a workbook, which previews show, are those of its formulas."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xlhedge.workbook.engine_answers import (
    Answered,
    answers_to,
    cell_name,
    is_rounding,
    stored_text,
)

if TYPE_CHECKING:
    from xlhedge.workbook.book import Book
    from xlhedge.workbook.calculation import Functions

__all__ = ["Outdated", "outdated_values"]

NEAR_ZERO = 1e-6  # where programs differ in what is left of two amounts that cancel out
_NO_WORDS = re.compile(r"[\d.,'’+\-\s]+")


@dataclass(frozen=True)
class Outdated:
    """A stored value that is not what its formula gives, both as text."""

    where: str
    stored: str
    computed: str


def outdated_values(
    book: Book, functions: Functions | None = None
) -> tuple[list[Outdated], list[str]]:
    """Compare every stored value with its formula; nothing is changed.

    Returns
    -------
    list of Outdated
        Those that differ by more than two programs' roundings, or in other words than numbers
        (programs write these in the language of their user).
    list of str
        Addresses of formulas that only a spreadsheet program can compute.

    Raises
    ------
    WorkbookError
        The formulas cannot be computed.
    """
    answers = answers_to(book, functions)
    found = [
        Outdated(cell_name(one.place), stored_text(one), one.answer[1])
        for one in answers.differing
        if one.answer is not None and not _alike(one, one.answer)
    ]
    doubtful = sorted(answers.doubts.cells)
    return found, [cell_name(at) for at in doubtful if book.sheet(at[0]).holds_formula(*at[1:])]


def _alike(one: Answered, answer: tuple[str, str]) -> bool:
    """Whether a stored value differs from the engine's by rounding, or the way of writing, only."""
    kind, text = answer
    held = stored_text(one)
    if kind == "str" and (not held or one.cell.get("t") == "str"):
        return _NO_WORDS.sub("", held) == _NO_WORDS.sub("", text)
    return is_rounding(one, NEAR_ZERO)
