"""Compute a workbook's formulas with formualizer, an engine that only reads the workbook.

It lacks what only a program with add-ins knows. Which functions those are is said, so that no
number rests on one of them unseen: ``IFERROR(OTHERS_FUNCTION(1),0)`` is 0 to the engine only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from xlhedge.errors import WorkbookError
from xlhedge.workbook.addresses import block
from xlhedge.workbook.cells import Sheet
from xlhedge.workbook.engine_limits import TEMPLATE, unproven
from xlhedge.workbook.precedents import without_texts
from xlhedge.workbook.xml import serialize

if TYPE_CHECKING:
    from xlhedge.workbook.book import Book

__all__ = ["Calculation", "Functions", "as_it_was", "calculated"]

Functions: TypeAlias = Callable[[], Mapping[str, Callable[..., Any]]]
"""Loads worksheet functions for the engine, by name; called only where a workbook needs one."""

SECONDS = 120  # for all formulas of a workbook; the project's own takes a tenth of one
STAND_IN = "\ue000"  # a character of the private use area
_ESCAPE = re.compile(rb"_(?=x[0-9A-Fa-f]{4}_)")
# what may stand before the name of an add-in's function
_PREFIX = r"(?:\[\d+\]!|_xll\.|'[^'<>]*\.xlam'!)"


@dataclass(frozen=True)
class Calculation:
    """A workbook's formulas, computed.

    Attributes
    ----------
    value : callable
        Returns the value of a cell by sheet, row and column; an error as a dict.
    lacking : frozenset of str
        Functions, in capitals, that formulas call and that were not computed.
    lent : frozenset of str
        Functions that were lent to the engine.
    names : frozenset of str
        Names (lower case) that the engine cannot resolve: of relative references, of tables.
    unproven : frozenset of str
        Functions that were computed, perhaps otherwise than Excel does.
    limited : bool
        Whether anything in the formulas is beyond what the template has: only then may a value be
        doubtful.
    """

    value: Callable[[str, int, int], Any]
    lacking: frozenset[str] = frozenset()
    lent: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    unproven: frozenset[str] = frozenset()
    limited: bool = False


def calculated(book: Book, functions: Functions | None = None) -> Calculation:
    """Compute every formula of a workbook.

    Parameters
    ----------
    book : Book
        The workbook, as it stands with what was written into it.
    functions : callable, optional
        Loads functions that the engine lacks.

    Raises
    ------
    WorkbookError
        The engine cannot read the workbook.
    """
    import formualizer

    called, brackets = _called(book)
    lacking = _lacking(called)
    lent = {}
    if lacking and functions is not None:
        lent = {name: work for name, work in functions().items() if name in lacking}
    settings = formualizer.EvaluationConfig()
    settings.enable_parallel = False  # starting threads takes longer than most workbooks
    settings.max_eval_time_ms = SECONDS * 1000
    settings.date_system = "1904" if book.starts_1904 else "1900"
    try:
        engine = formualizer.Workbook.from_bytes(
            book.package.packed(_readable(book, lent), compress=False),
            config=formualizer.WorkbookConfig(eval_config=settings),
        )
        for name, work in lent.items():
            engine.register_function(name, work)
        engine.evaluate_all()
    except Exception as error:  # the engine's errors share no base class
        raise WorkbookError(
            f"{book.label}: its formulas cannot be computed ({str(error)[:200]}); nothing written"
        ) from None
    omitted = {name["name"].lower() for name in engine.name_import_diagnostics}
    names = omitted | book.table_names
    return Calculation(
        engine.get_value,
        frozenset(lacking - lent.keys()),
        frozenset(lent),
        frozenset(names),
        unproven(called - lacking),
        limited=bool(called or brackets or names),
    )


def _called(book: Book) -> tuple[set[str], bool]:
    """Return what formulas call beyond the template's functions, in capitals.

    Returns
    -------
    set of str
    bool
        Whether a formula reads columns of a table, or another workbook: [Rate], [1]Sheet1!A1.
    """
    rough = []  # formulas with all that stands between them: quick, and mostly enough
    for title in book.titles():
        if book.has_formulas(title):
            part = book.package.part(book.part_of(title))
            rough.append(part[: part.rfind(b"</sheetData>")].decode("latin-1"))
    text = "\n".join([*rough, *book.references.values()])  # names may stand for formulas
    found, brackets = _before_parentheses(text) - TEMPLATE, "[" in text
    if not (found or brackets):
        return found, False
    texts = [text for title in book.titles() for text in book.formula_texts(title)]
    text = "\n".join(map(without_texts, [*texts, *book.references.values()]))
    return _before_parentheses(text) - TEMPLATE, "[" in text


def _before_parentheses(text: str) -> set[str]:
    """Return the words in front of parentheses, in capitals.

    >>> sorted(_before_parentheses("SUM(A1,_xlfn.LET(b,2,b*(1+b)))"))
    ['SUM', '_XLFN.LET']
    """
    found = set()
    ends = {piece.rpartition(",")[2] for piece in text.split("(")[:-1]}  # most of them alike
    for end in {end.rpartition(">")[2] for end in ends}:
        start = len(end)
        while start and (end[start - 1].isalnum() or end[start - 1] in "_."):
            start -= 1
        found.add(end[start:].upper().removeprefix("_XLL."))
    return {word for word in found if word and not word[0].isdigit()}


def _lacking(names: Iterable[str]) -> set[str]:
    """Return the functions that the engine does not know, by asking it."""
    asked = sorted(names)
    if not asked:
        return set()
    import formualizer

    probe = formualizer.Workbook()
    probe.add_sheet("Probe")
    for row, name in enumerate(asked, 1):
        probe.set_formula("Probe", row, 1, f"={name}()")
    probe.evaluate_all()
    values = {name: probe.get_value("Probe", row, 1) for row, name in enumerate(asked, 1)}
    return {
        name
        for name, value in values.items()
        if isinstance(value, dict) and value.get("kind") in ("Name", "NImpl")
    }


def _readable(book: Book, lent: Iterable[str]) -> dict[str, bytes]:
    """Return the changed parts with what the engine cannot read made harmless.

    It gives up at ``_x0041_`` in a text; with another character for the underscore, which
    :func:`as_it_was` puts back, it never sees one. Of an add-in's function it wants the name only.
    """
    parts = book.changed_parts() | _without_spilled(book)
    prefixed = re.compile(rf"{_PREFIX}(?=(?:{'|'.join(lent)})\()".encode(), re.I) if lent else None
    for name in book.package.parts:
        if not name.endswith(".xml"):
            continue
        part = parts.get(name, book.package.parts[name])
        if _ESCAPE.search(part):
            parts[name] = part = _ESCAPE.sub(STAND_IN.encode(), part)
        if prefixed is not None and prefixed.search(part):
            parts[name] = prefixed.sub(b"", part)
    return parts


def _without_spilled(book: Book) -> dict[str, bytes]:
    """Return the sheets with array formulas without the values that these put into other cells.

    A file holds them as plain values, which the engine takes for obstacles.
    """
    found = {}
    for title in book.titles():
        if not book.fills_blocks(title):
            continue
        root = deepcopy(book.sheet(title).root)
        sheet = Sheet(root, title, book.shared_texts)
        for _, _, cell, formula in sheet.formula_cells():
            if formula.get("t") == "array":
                for row, column in block(formula.get("ref") or cell.get("r", "")):
                    other = sheet.element(row, column)
                    if other is not None and not sheet.holds_formula(row, column):
                        other[:] = []
                        other.attrib.pop("t", None)
        found[book.part_of(title)] = serialize(root)
    return found


def as_it_was(text: str) -> str:
    """Return a text of the engine with the underscores that it never saw."""
    return text.replace(STAND_IN, "_")
