"""Whether the values stored in a workbook, which previews show, are those of its formulas."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xlhedge.workbook.engine_answers import Answered, answers_to, cell_name

if TYPE_CHECKING:
    from lxml import etree

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
        Outdated(cell_name(one.place), _as_text(one.stored), one.answer[1])
        for one in answers.differing
        if one.answer is not None and not _alike(one)
    ]
    return found, [cell_name(place) for place in sorted(answers.doubts.cells)]


def _as_text(stored: etree._Element | None) -> str:
    return "" if stored is None else stored.text or ""


def _alike(one: Answered) -> bool:
    """Whether a stored value differs from the engine's by rounding, or the way of writing, only."""
    assert one.answer is not None
    kind, text = one.answer
    held = _as_text(one.stored)
    stored_as = one.cell.get("t", "n")
    if stored_as != kind and {stored_as, kind} != {"b", "n"}:  # some programs count TRUE as 1
        return not held and not text
    if kind == "str":
        return _NO_WORDS.sub("", held) == _NO_WORDS.sub("", text)
    if kind not in ("b", "n"):
        return held == text
    try:
        mine, other = float(held), float(text)
    except ValueError:
        return False
    near_zero = min(abs(mine), abs(other)) < NEAR_ZERO
    return math.isclose(mine, other, rel_tol=1e-9, abs_tol=NEAR_ZERO if near_zero else 0)
