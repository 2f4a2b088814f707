"""Whether the names of the template's own model are whole in a workbook that was made from it.

A workbook of a company's own has the names of the contract and whatever else it likes. One that
still has the template's layout has its model too, whose formulas read names such as
``chosen_price``: of those, each has to be the cell or the block that it is in the template.
"""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

from xlhedge.errors import WorkbookError
from xlhedge.workbook.addresses import COLUMNS, ROWS, address
from xlhedge.workbook.named_cells import parsed_reference
from xlhedge.workbook.template import template_path
from xlhedge.workbook.xml import parse, tag

if TYPE_CHECKING:
    from xlhedge.workbook.book import Book

__all__ = ["changed_names", "check_model"]

MOVED = 0.1  # of the template's names: with more of them elsewhere the layout is another one


def check_model(book: Book) -> None:
    """Refuse a workbook made from the template in which a name of the model is broken.

    Rows that were inserted or cells that were moved are no damage: the name stays a cell, or a
    block of the same width or height. A name that was removed, or whose cells were, is none unless
    a formula needs it.

    Raises
    ------
    WorkbookError
        A name refers to no cells, or to a block in place of a cell.
    """
    for name, (here, there) in (changed_names(book) or {}).items():
        if here is None or "#REF!" in here:  # removed, or left over from what was removed
            user = _user(book, name)
            if user:
                what = "lacks" if here is None else "has lost the cells of"
                raise WorkbookError(
                    f"{book.label} {what} the name {name}, which {user} needs; it was {there} when "
                    "xlhedge made the workbook"
                )
        elif not _alike(book, here, there):
            raise WorkbookError(
                f"{book.label}: the name {name} refers to {here!r:.60}; it was {there} when "
                "xlhedge made the workbook. Put it right in Excel (Formulas, Name Manager), or "
                "make a new workbook"
            )


def changed_names(book: Book) -> dict[str, tuple[str | None, str]] | None:
    """Return the template's names that are elsewhere: where here (None: nowhere), and there.

    Returns
    -------
    dict or None
        None for a workbook of another layout: it lacks a sheet, or has too many names elsewhere.
    """
    with zipfile.ZipFile(template_path()) as archive:
        root = parse(archive.read("xl/workbook.xml"), "the template")
    titles = {sheet.get("name") for sheet in root.iter(tag("sheet"))}
    model = {
        defined.get("name", ""): defined.text or ""
        for defined in root.iter(tag("definedName"))
        if defined.get("localSheetId") is None
    }
    found = {
        name: (here, there)
        for name, there in model.items()
        if (here := book.references.get(name.lower())) != there and not _same(here, there)
    }
    return found if titles <= set(book.titles()) and len(found) <= MOVED * len(model) else None


def _same(here: str | None, there: str) -> bool:
    """Whether two references are the same one: programs differ in quotes around titles."""
    return here is not None and parsed_reference(here) == parsed_reference(there) is not None


def _alike(book: Book, here: str, there: str) -> bool:
    """Whether a reference is of the kind that it was: a cell, or a block as wide or as high."""
    one, other = parsed_reference(here), parsed_reference(there)
    if one is None or other is None or one[0] not in book.titles():
        return False
    _, top, left, bottom, right = one
    if not (top <= bottom <= ROWS and left <= right <= COLUMNS):
        return False
    sizes = bottom - top, right - left
    sizes_there = other[3] - other[1], other[4] - other[2]
    if (0, 0) in (sizes, sizes_there):
        return sizes == sizes_there
    return sizes[0] == sizes_there[0] or sizes[1] == sizes_there[1]


def _user(book: Book, name: str) -> str:
    """Return the address of a cell whose formula uses a name; "" if there is none."""
    word = re.compile(rf"(?<![\w.]){re.escape(name)}(?![\w.(])", re.I)
    for title in book.titles():
        for row, column, _, formula in book.sheet(title).formula_cells():
            if word.search(formula.text or ""):
                return f"{title}!{address(row, column)}"
    return ""
