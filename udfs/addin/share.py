"""A copy of a workbook that needs no add-in: each call of a function as a formula or a value."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from udfs.addin.formula_calls import ADDIN_PATH, Rewriter, has_call
from udfs.addin.native import NoNativeFormula
from udfs.addin.without_parts import without_macros, without_unused
from udfs.declaration import DECLARED
from xlhedge.errors import WorkbookError
from xlhedge.workbook.addresses import address
from xlhedge.workbook.book import Book
from xlhedge.workbook.cells import Sheet
from xlhedge.workbook.doubts import call_of
from xlhedge.workbook.formula import moved
from xlhedge.workbook.integrity import check_whole
from xlhedge.workbook.named_cells import Area
from xlhedge.workbook.package import Package, refuse_if_open, write_atomically
from xlhedge.workbook.sharing import to_value
from xlhedge.workbook.xml import tag

__all__ = ["Replaced", "Shared", "share", "still_called"]

_F = tag("f")
_LIVE = call_of({d.name for d in DECLARED.values() if d.subject == "Live quotes"})


@dataclass(frozen=True)
class Replaced:
    """One cell whose formula called a worksheet function.

    Attributes
    ----------
    where : str
        Sheet and address.
    before : str
        The formula.
    after : str
        The native formula, or the value as text.
    why_value : str
        Why it became a value; "" for a formula.
    """

    where: str
    before: str
    after: str
    why_value: str = ""


@dataclass
class Shared:
    """What a copy replaced.

    Attributes
    ----------
    path : Path
        The copy.
    replaced : list of Replaced
        Every cell that called a function.
    left : list of str
        Where a function is still called: defined names, conditional formats, validations.
    """

    path: Path
    replaced: list[Replaced] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def live_calls(self) -> dict[str, str]:
        """Return the formulas that read live quotes and became values, by sheet and address."""
        return {
            one.where: re.sub(ADDIN_PATH, "", one.before)
            for one in self.replaced
            if one.why_value and _LIVE.search(one.before)
        }

    @property
    def line(self) -> str:
        """Say it in one line."""
        values = sum(bool(one.why_value) for one in self.replaced)
        formulas = len(self.replaced) - values
        line = f"{formulas} cell(s) with native formulas, {values} with values"
        return f"{line}; still called in {', '.join(self.left)}" if self.left else line


def share(source: Path, target: Path, *, force: bool = False) -> Shared:
    """Write a copy of a workbook in which no cell calls a worksheet function of xlhedge.

    Parameters
    ----------
    source : Path
        The workbook, with stored values.
    target : Path
        The copy; from an .xlsm an .xlsx is made by leaving its macros out.
    force : bool
        Whether an existing file may be replaced.

    Raises
    ------
    WorkbookError
        A cell has no stored value, or the copy cannot be written.
    """
    source, target = Path(source), Path(target)
    if target.resolve() == source.resolve():
        raise WorkbookError("the copy needs a name of its own")
    if target.exists() and not force:
        raise WorkbookError(f"{target} exists; give another name, or --force to replace it")
    _check_suffixes(source, target)
    refuse_if_open(target)
    book = Book(Package.open(source))
    check_whole(book)
    done = Shared(target)
    rewriter = Rewriter(lambda name: _is_cell(book, name))
    for title in book.titles():
        if book.has_formulas(title):
            _share_sheet(book.sheet(title), rewriter, done)
    done.left = still_called(book)
    parts = book.package.parts | book.changed_parts()
    parts = without_unused(parts, addin_is_used=bool(done.left))
    if source.suffix.lower() == ".xlsm":
        parts = without_macros(parts)
    write_atomically(target, _packed(book.package, parts))
    return done


def _check_suffixes(source: Path, target: Path) -> None:
    if source.suffix.lower() not in (".xlsx", ".xlsm"):
        raise WorkbookError(f"{source.name}: expected a workbook that ends in .xlsx or .xlsm")
    if target.suffix.lower() != ".xlsx":
        raise WorkbookError(
            f"{target.name}: expected a name that ends in .xlsx: no macros go along"
        )


def _share_sheet(sheet: Sheet, rewriter: Rewriter, done: Shared) -> None:
    cells = sheet.formulas()
    shared: dict[str, tuple[str, tuple[int, int]]] = {}
    groups: set[str] = set()
    for at, cell in cells.items():
        formula = cell.find(_F)
        if formula.get("t") == "shared" and formula.text:
            shared[formula.get("si", "")] = (formula.text, at)
            if has_call(formula.text):
                groups.add(formula.get("si", ""))
    for at, cell in cells.items():
        formula = cell.find(_F)
        text = formula.text or ""
        if formula.get("t") == "shared":
            if formula.get("si", "") not in groups:
                continue
            master, origin = shared[formula.get("si", "")]
            text = moved(master, address(*origin), address(*at))
        elif not has_call(text):
            continue
        where = f"{sheet.title}!{address(*at)}"
        done.replaced.append(_replace(sheet, cell, formula, text, where, rewriter))
        sheet.changed = True


def _replace(
    sheet: Sheet,
    cell: etree._Element,
    formula: etree._Element,
    text: str,
    where: str,
    rewriter: Rewriter,
) -> Replaced:
    try:
        if formula.get("t") in ("array", "dataTable"):
            raise NoNativeFormula("it is an array formula")
        native = rewriter.rewritten(text)
        if len(native) > 8000:
            raise NoNativeFormula("its native formula is too long")
    except NoNativeFormula as reason:
        return _as_value(sheet, cell, formula, text, where, str(reason))
    for name in ("t", "si", "ref"):
        formula.attrib.pop(name, None)
    formula.text = native
    return Replaced(where, f"={text}", f"={native}")


def _as_value(
    sheet: Sheet, cell: etree._Element, formula: etree._Element, text: str, where: str, why: str
) -> Replaced:
    shown = str(sheet.value_of(cell))
    to_value(sheet, cell, formula, where)
    return Replaced(where, f"={text}", shown, why)


def _is_cell(book: Book, name: str) -> bool:
    try:
        area: Area = book.area(name)
    except WorkbookError:
        return False
    return area.is_cell


def still_called(book: Book) -> list[str]:
    """Return where functions are called outside cells, whose formulas no value can replace."""
    left = [f"the name {name}" for name, text in book.references.items() if has_call(text)]
    for title in book.titles():
        root = book.sheet(title).root
        for word, what in (("cfRule", "a conditional format"), ("dataValidation", "a validation")):
            for rule in root.iter(tag(word)):
                texts: list[str] = [child.text or "" for child in rule]
                if any(_called_in(text, has_call) for text in texts):
                    left.append(f"{what} of {title}")
                    break
    return left


def _called_in(text: str, test: Callable[[str], bool]) -> bool:
    return bool(re.search(r"\(", text)) and test(text)


def _packed(package: Package, parts: dict[str, bytes]) -> bytes:
    """Return the file with the parts that are left, in their old order."""
    from copy import copy

    fewer = copy(package)
    fewer.entries = [entry for entry in package.entries if entry.filename in parts]
    return fewer.packed(parts)
