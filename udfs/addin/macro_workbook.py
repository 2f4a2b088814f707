"""A scenario workbook with a button of its own: the .xlsx, a form button, and the VBA behind it."""

from __future__ import annotations

import posixpath
from importlib.resources import files

from lxml import etree

from udfs.addin.build import BUTTON, packed, parts_of, vba_file, with_vba
from udfs.addin.runtime import MODULE as RUNTIME
from udfs.addin.runtime import runtime_module
from xlhedge.errors import WorkbookError
from xlhedge.workbook.book import Book
from xlhedge.workbook.integrity import check_whole
from xlhedge.workbook.package import Package
from xlhedge.workbook.xml import RELATION_ID, parse, serialize, tag

__all__ = ["macro_workbook"]

_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PLAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACROS = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_DRAWING = "xl/drawings/xlhedge_button.vml"
# what may follow legacyDrawing in a sheet, in the order of the schema
_AFTER = (
    "legacyDrawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
)


def macro_workbook(data: bytes, label: str = "the workbook") -> bytes:
    """Return a workbook with the button "Refresh funding" on the sheet of its live cells.

    Parameters
    ----------
    data : bytes
        An .xlsx with the names of the contract.
    label : str
        What to call it in messages.

    Raises
    ------
    WorkbookError
        The sheet has a drawing of the kind that a button needs already.
    """
    book = Book(Package(data, label))
    check_whole(book)
    sheet = book.part_of(book.area("live_status").sheet)
    parts = parts_of(data)
    _put_button(parts, sheet)
    _declare(parts)
    modules = {RUNTIME: runtime_module(addin=False), BUTTON: vba_file("sheet_button.bas")}
    try:
        made = with_vba(packed(parts), ".xlsm", modules)
    except (AssertionError, KeyError, StopIteration, UnicodeDecodeError) as error:
        raise WorkbookError(
            f"{label} is stored in a way that the button cannot be added to ({error!s:.80}); save "
            "it in Excel once, or write an .xlsx without a button"
        ) from None
    return packed(parts_of(made), compressed=True)


def _put_button(parts: dict[str, bytes], sheet: str) -> None:
    root = parse(parts[sheet], sheet)
    if root.find(tag("legacyDrawing")) is not None:
        raise WorkbookError("the sheet with the live cells has notes or buttons already")
    folder, name = posixpath.split(sheet)
    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    related = (
        parse(parts[relations], relations)
        if relations in parts
        else etree.Element(f"{_RELATIONS}Relationships", nsmap={None: _RELATIONS[1:-1]})
    )
    identity = "rIdXlhedgeButton"
    etree.SubElement(
        related,
        f"{_RELATIONS}Relationship",
        Id=identity,
        Type=f"{_OFFICE}/vmlDrawing",
        Target=f"/{_DRAWING}",
    )
    drawing = etree.Element(tag("legacyDrawing"), nsmap={"r": _OFFICE})
    drawing.set(RELATION_ID, identity)
    later = [child for child in root if etree.QName(child).localname in _AFTER]
    if later:
        later[0].addprevious(drawing)
    else:
        root.append(drawing)
    parts[sheet] = serialize(root)
    parts[relations] = serialize(related)
    parts[_DRAWING] = (files("udfs.addin") / "sheet_button.vml").read_bytes()


def _declare(parts: dict[str, bytes]) -> None:
    """Say what the new parts are, and that the workbook holds macros."""
    name = "[Content_Types].xml"
    types = parse(parts[name], name)
    for override in types.iter(f"{_TYPES}Override"):
        if override.get("ContentType") == _PLAIN:
            override.set("ContentType", _MACROS)
    if not any(d.get("Extension") == "vml" for d in types.iter(f"{_TYPES}Default")):
        kind = "application/vnd.openxmlformats-officedocument.vmlDrawing"
        types.insert(0, etree.Element(f"{_TYPES}Default", Extension="vml", ContentType=kind))
    parts[name] = serialize(types)
