"""The add-in and the macro workbook, packed: the same bytes from the same input.

Both start from the files that the xlwings package carries. Parts are named, ordered and dated by
this module alone, so that two builds of one version can be compared byte by byte.
"""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from xml.sax.saxutils import escape

from udfs import DECLARED
from udfs.addin import stubs
from udfs.addin.runtime import MODULE as RUNTIME
from udfs.addin.runtime import runtime_module

__all__ = [
    "ADDIN_NAME",
    "addin_bytes",
    "addin_modules",
    "packed",
    "parts_of",
    "ribbon",
    "vba_file",
    "with_vba",
]

ADDIN_NAME = "xlhedge.xlam"
SETTINGS_SHEET = "xlhedge"
START = "quickstart_addin_ribbon.xlam"  # of the xlwings package
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the date of every part: zip knows none earlier

CALLS, RIBBON, BUTTON = "xlhedge_calls", "xlhedge_ribbon", "xlhedge_button"
BOOK_MODULE = "ThisWorkbook"

_CORE = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>xlhedge {version}</dc:title>\
<dc:creator>the xlhedge authors</dc:creator><dc:description>Functions for hedging coins with \
inverse perpetuals, and live funding rates.</dc:description>\
<dcterms:created xsi:type="dcterms:W3CDTF">1980-01-01T00:00:00Z</dcterms:created>\
</cp:coreProperties>"""

_SHEET = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">\
<sheetPr codeName="Sheet2"/><dimension ref="A1:B2"/><sheetData>\
<row r="1"><c r="A1" t="inlineStr"><is><t>xlhedge</t></is></c>\
<c r="B1" t="inlineStr"><is><t>{version}</t></is></c></row>\
<row r="2"><c r="A2" t="inlineStr"><is><t>xlwings</t></is></c>\
<c r="B2" t="inlineStr"><is><t>{xlwings}</t></is></c></row>\
</sheetData></worksheet>"""


def vba_file(name: str) -> str:
    """Return a VBA text of this package."""
    return (files("udfs.addin") / "vba" / name).read_text(encoding="ascii")


def addin_modules() -> dict[str, str]:
    """Return the text of every module of the add-in by name, document modules' headers aside."""
    return {
        BOOK_MODULE: vba_file("this_workbook.cls"),
        RUNTIME: runtime_module(addin=True),
        stubs.FUNCTIONS: stubs.functions_module(DECLARED.values()),
        CALLS: vba_file("calls.bas"),
        stubs.HELP: stubs.help_module(DECLARED.values()),
        RIBBON: vba_file("ribbon.bas"),
    }


def ribbon(version: str) -> str:
    """Return the ribbon's XML, with the version that its tab shows."""
    text = (files("udfs.addin") / "ribbon.xml").read_text(encoding="ascii")
    return text.replace("{version}", escape(version, {'"': "&quot;"}))


def addin_bytes(version: str) -> bytes:
    """Return the add-in as a file.

    Parameters
    ----------
    version : str
        What Excel shows: on the ribbon, in the list of add-ins, on the add-in's own sheet.
    """
    from importlib.metadata import version as version_of

    start = (files("xlwings") / START).read_bytes()
    project = with_vba(start, ".xlam", addin_modules(), unwanted=("RibbonMyAddin", "Dictionary"))
    parts = parts_of(project)
    parts["customUI/customUI.xml"] = ribbon(version).encode("ascii")
    parts["docProps/core.xml"] = _CORE.format(version=escape(version)).encode("utf-8")
    sheet = _SHEET.format(version=escape(version), xlwings=escape(version_of("xlwings")))
    parts["xl/worksheets/sheet1.xml"] = sheet.encode("utf-8")
    book = parts["xl/workbook.xml"].decode("utf-8")
    # the path of the computer that xlwings' file was made on, and an empty list that Excel repairs
    book = re.sub(r"<mc:AlternateContent.*?</mc:AlternateContent>", "", book, flags=re.S)
    book = book.replace("<definedNames />", "").replace("_myaddin.conf", SETTINGS_SHEET)
    parts["xl/workbook.xml"] = book.encode("utf-8")
    return packed(parts)


def with_vba(
    data: bytes, suffix: str, modules: Mapping[str, str], unwanted: tuple[str, ...] = ()
) -> bytes:
    """Return a macro file with modules set or added, in the order given.

    Parameters
    ----------
    data : bytes
        The file; without a VBA project it gets one.
    suffix : str
        ".xlam" or ".xlsm".
    modules : mapping
        Text by name.
    unwanted : tuple of str
        Modules to be taken out.
    """
    from pyopenvba import ExcelFile

    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, f"before{suffix}"), Path(folder, f"after{suffix}")
        before.write_bytes(data)
        with ExcelFile(before) as host:
            project = host.vba_project() if host.has_vba_project() else host.add_vba_project()
            there = set(project.module_names())
            for name in unwanted:
                project.delete_module(name)
            for name, text in modules.items():
                if name in there:
                    host.set_module(name, _windows_lines(text))
                else:
                    project.add_module(name, _windows_lines(text))
            host.save(after)
        return after.read_bytes()


def packed(parts: Mapping[str, bytes], *, compressed: bool = False) -> bytes:
    """Return a package of parts, the content types first, the others by name.

    Not compressed unless asked for: two versions of zlib may compress the same bytes differently.
    """
    target = io.BytesIO()
    order = sorted(parts, key=lambda name: (name != "[Content_Types].xml", name))
    with zipfile.ZipFile(target, "w") as archive:
        for name in order:
            info = zipfile.ZipInfo(name, LONG_AGO)
            info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
            info.create_system = 0  # as on Windows, wherever it is built
            archive.writestr(info, parts[name])
    return target.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    """Return the parts of a package by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _windows_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")
