"""What kind of document a package says it is: a workbook or a template, with macros or without."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from xlhedge.errors import WorkbookError
from xlhedge.workbook.xml import TYPES

if TYPE_CHECKING:
    from xlhedge.workbook.package import Package

__all__ = ["as_workbook", "holds_macros"]

PLAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
PLAIN_TEMPLATE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml"
MACROS = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
MACRO_TEMPLATE = b"application/vnd.ms-excel.template.macroEnabled.main+xml"


def as_workbook(package: Package, out: Path) -> None:
    """Make a template (.xltx, .xltm) a workbook; refuse an ending that Excel would not open.

    Raises
    ------
    WorkbookError
        The package holds macros and `out` does not end in .xlsm.
    """
    types = package.part(TYPES)
    as_book = types.replace(PLAIN_TEMPLATE, PLAIN).replace(MACRO_TEMPLATE, MACROS)
    if as_book != types:
        package.parts[TYPES] = as_book
    if holds_macros(package) and out.suffix.lower() != ".xlsm":
        raise WorkbookError(
            f"{package.label} holds macros, so {out.name} has to end in .xlsm instead"
        )


def holds_macros(package: Package) -> bool:
    """Whether the package says that it is a workbook with macros."""
    return MACROS in package.part(TYPES)
