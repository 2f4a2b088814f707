"""Whether somebody asked that a workbook not be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlhedge.errors import WorkbookError

if TYPE_CHECKING:
    from pathlib import Path

    from xlhedge.workbook.book import Book

__all__ = ["SIGNATURES", "check_changeable", "refuse_if_read_only"]

SIGNATURES = "_xmlsignatures/"  # where a package keeps its digital signatures
_WRITE_BITS = 0o222


def check_changeable(book: Book) -> None:
    """Refuse a workbook with a password to modify, or with a signature that a change would break.

    The password of a sheet is no hindrance: it guards formulas, not the cells that tools write.

    Raises
    ------
    WorkbookError
        It is protected in one of these ways.
    """
    reserved = book.reserved_for()
    if reserved is not None:
        whose = f" by {reserved!r:.40}" if reserved else ""
        raise WorkbookError(
            f"{book.label} is protected{whose} with a password to modify; take that off in Excel "
            "(Save As, Tools, General Options), or work on a copy saved without it"
        )
    if any(name.startswith(SIGNATURES) for name in book.package.parts):
        raise WorkbookError(
            f"{book.label} is digitally signed, and a change would break the signature; work on a "
            "copy without it ('xlhedge share' makes one)"
        )


def refuse_if_read_only(path: Path) -> None:
    """Refuse to replace a file that is marked as read-only."""
    if path.exists() and not path.stat().st_mode & _WRITE_BITS:
        raise WorkbookError(f"{path.name} is read-only; allow changes to it first, or copy it")
