"""The cells of one sheet part: read values, write inputs and live data in place."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from lxml import etree

from xlhedge.errors import WorkbookError
from xlhedge.workbook.addresses import DIGITS, NUMBERS, address, split
from xlhedge.workbook.cell_integrity import DAMAGED, check_shared_formulas, checked_cells
from xlhedge.workbook.text import cell_text, plain_text
from xlhedge.workbook.xml import parse, serialize, tag

if TYPE_CHECKING:
    from xlhedge.workbook.named_cells import Area

__all__ = ["Sheet", "Value", "shared_texts"]

Value: TypeAlias = float | int | str | bool | None

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_ROW, _C, _V, _F, _IS, _T = (tag(name) for name in ("row", "c", "v", "f", "is", "t"))
MERGED = "merged cells"
_OWN_TYPE = ("t", "cm", "vm")  # attributes that belong to a value, not to the cell


class Sheet:
    """One worksheet part.

    Parameters
    ----------
    root : element
        Its XML, which writing changes.
    title : str
        The sheet's name, for messages.
    shared : callable
        Returns the shared strings.
    """

    def __init__(
        self, root: etree._Element, title: str, shared: Callable[[], Sequence[str]]
    ) -> None:
        self.title = title
        self.root = root
        self.changed = False
        self.written: set[tuple[int, int]] = set()  # by write, not as values of formulas
        self._shared = shared
        data = self.root.find(tag("sheetData"))
        if data is None:
            raise WorkbookError(f"sheet {title!r} has no cells; expected a worksheet")
        self._data = data
        self._blocked: list[tuple[tuple[int, int, int, int], str]] | None = None

    @cached_property
    def _cells(self) -> dict[str, etree._Element]:
        """The cells by address."""
        return checked_cells(self._data, lambda: len(self._shared()))

    def check(self, formulas_shared: bool = True) -> None:
        """Refuse a sheet with cells that Excel would repair or drop.

        Parameters
        ----------
        formulas_shared : bool
            Whether some cells may share formulas; False saves the look at them.
        """
        try:
            if formulas_shared:
                check_shared_formulas(self._data)
            self._cells  # noqa: B018
        except WorkbookError as error:
            raise WorkbookError(f"sheet {self.title!r}: {error}; {DAMAGED}") from None

    @cached_property
    def _rows(self) -> dict[int, etree._Element]:
        rows, number = {}, 0
        for row in self._data.iterchildren(_ROW):
            number = _whole(row.get("r"), number + 1, self.title)
            rows[number] = row
        return rows

    def formulas(self) -> dict[tuple[int, int], etree._Element]:
        """Return the cells that hold a formula, by row and column."""
        return {(row, column): cell for row, column, cell, _ in self.formula_cells()}

    def formula_cells(self) -> Iterator[tuple[int, int, etree._Element, etree._Element]]:
        """Yield row, column, cell and formula of each cell that holds one and has an address."""
        for formula in self._data.iter(_F):
            cell = formula.getparent()
            reference = cell.get("r")
            if reference is None:
                continue
            letters = reference.rstrip(DIGITS)
            column = NUMBERS.get(letters)
            if column is None:
                yield *split(reference), cell, formula
            else:  # as in almost every file
                yield int(reference[len(letters) :]), column, cell, formula

    def element(self, row: int, column: int) -> etree._Element | None:
        """Return the element of a cell, if it has one."""
        return self._cells.get(address(row, column))

    def holds_formula(self, row: int, column: int) -> bool:
        """Whether a cell's value is computed."""
        cell = self._cells.get(address(row, column))
        return cell is not None and any(child.tag == _F for child in cell)

    def value(self, row: int, column: int) -> Value:
        """Return a cell's stored value; an error value as its text."""
        cell = self._cells.get(address(row, column))
        return None if cell is None else self.value_of(cell)

    def value_of(self, cell: etree._Element) -> Value:
        """Return the stored value of a cell element."""
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            inline = cell.find(_IS)
            return None if inline is None else _joined(inline)
        text = next((child.text or "" for child in cell if child.tag == _V), None)
        if not text:  # some programs leave an empty element where no value is known
            return text if kind == "str" else None
        try:
            if kind == "s":
                return self._shared()[int(text)]
            if kind == "b":
                return text.strip().lower() in ("1", "true")
            if kind in ("str", "e", "d"):
                return plain_text(text)
            number = float(text)
        except (ValueError, IndexError):
            where = f"{self.title}!{cell.get('r', '?')}"
            raise WorkbookError(f"{where} holds {text!r:.40}, which is not of its type") from None
        if not math.isfinite(number):
            raise WorkbookError(f"{self.title}!{cell.get('r', '?')} holds {text!r:.40}")
        return number

    def write(self, row: int, column: int, value: Value) -> None:
        """Write a value where no formula stands; None empties the cell and keeps its look."""
        if value is None and self._is_bare(row, column):
            return
        self._refuse(row, column)
        if self._same(row, column, value):
            return
        cell = self._cells.get(address(row, column))
        if cell is None:
            if value is None:
                return
            cell = self._new_cell(row, column)
        for child in list(cell):
            cell.remove(child)
        for name in _OWN_TYPE:
            cell.attrib.pop(name, None)
        _fill(cell, value, f"{self.title}!{address(row, column)}")
        self.changed = True
        self.written.add((row, column))

    def is_merged(self, area: Area) -> bool:
        """Whether a block is one merged cell."""
        block = (area.top, area.left, area.bottom, area.right)
        return (block, MERGED) in self._ranges()

    def errors(self) -> set[tuple[str, int, int]]:
        """Return sheet, row and column of the cells in which an error was typed."""
        return {
            (self.title, *split(reference))
            for reference, cell in self._cells.items()
            if cell.get("t") == "e" and all(child.tag != _F for child in cell)
        }

    def _is_bare(self, row: int, column: int) -> bool:
        """Whether a cell is absent, or holds neither value nor formula."""
        cell = self._cells.get(address(row, column))
        return cell is None or not len(cell)

    def _same(self, row: int, column: int, value: Value) -> bool:
        cell = self._cells.get(address(row, column))
        if cell is None or isinstance(value, bool) or cell.get("t") in ("b", "e", "d", "str"):
            return False
        stored = self.value_of(cell)
        return stored == value and isinstance(stored, str) == isinstance(value, str)

    def serialized(self) -> bytes:
        """Return the part."""
        return serialize(self.root)

    def _refuse(self, row: int, column: int) -> None:
        where = f"{self.title}!{address(row, column)}"
        if self.holds_formula(row, column):
            raise WorkbookError(f"{where} holds a formula; expected a cell for a plain value")
        for (top, left, bottom, right), what in self._ranges():
            inside = top <= row <= bottom and left <= column <= right
            if inside and not (what == MERGED and (row, column) == (top, left)):
                raise WorkbookError(f"{where} is inside {what}; expected a cell of its own")

    def _ranges(self) -> list[tuple[tuple[int, int, int, int], str]]:
        if self._blocked is None:
            found = [(merge.get("ref"), MERGED) for merge in self.root.iter(tag("mergeCell"))]
            for formula in self._data.iter(_F):
                if formula.get("t") in ("array", "dataTable") and formula.get("ref"):
                    what = "an array formula" if formula.get("t") == "array" else "a data table"
                    found.append((formula.get("ref"), what))
            self._blocked = [(_corners(reference), what) for reference, what in found if reference]
        return self._blocked

    def _new_cell(self, row: int, column: int) -> etree._Element:
        parent = self._rows.get(row)
        if parent is None:
            parent = etree.Element(_ROW, r=str(row))
            later = [number for number in self._rows if number > row]
            if later:
                self._rows[min(later)].addprevious(parent)
            else:
                self._data.append(parent)
            self._rows[row] = parent
        reference = address(row, column)
        cell = etree.Element(_C, r=reference)
        if parent.get("s"):
            cell.set("s", parent.get("s"))
        at = {id(other): name for name, other in self._cells.items() if other.getparent() is parent}
        for other in parent.iterchildren(_C):
            if split(at[id(other)])[1] > column:
                other.addprevious(cell)
                break
        else:
            parent.append(cell)
        self._cells[reference] = cell
        return cell


def _fill(cell: etree._Element, value: Value, where: str) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        cell.set("t", "b")
        etree.SubElement(cell, _V).text = str(int(value))
    elif isinstance(value, (int, float)):
        if not math.isfinite(value):
            raise WorkbookError(f"{where} would hold {value}, which no cell can; nothing written")
        etree.SubElement(cell, _V).text = repr(float(value)).removesuffix(".0")
    else:
        cell.set("t", "inlineStr")
        text = etree.SubElement(etree.SubElement(cell, _IS), _T)
        text.text = cell_text(value)
        text.set(_SPACE, "preserve")


def _joined(inline: etree._Element) -> str:
    """Return the text of an inline or shared string, without phonetic readings."""
    texts = [text.text or "" for text in inline.iter(_T) if text.getparent().tag != tag("rPh")]
    return plain_text("".join(texts))


def shared_texts(part: bytes) -> list[str]:
    """Return the texts of the shared string part."""
    return [_joined(item) for item in parse(part, "the shared strings").iterchildren(tag("si"))]


def _corners(reference: str) -> tuple[int, int, int, int]:
    first, _, last = reference.partition(":")
    top, left = split(first)
    bottom, right = split(last or first)
    return top, left, bottom, right


def _whole(text: str | None, default: int, title: str) -> int:
    if text is None:
        return default
    if not text.isdigit():
        raise WorkbookError(f"sheet {title!r} has a row numbered {text!r:.20}")
    return int(text)
