"""Writing a file that a user named: whole or not at all, and never over another by mistake."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from xlhedge.errors import HedgeError

__all__ = ["as_csv", "refuse_target", "write_beside_and_rename"]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(headers: Sequence[str], rows: Sequence[Sequence[str | float | None]]) -> str:
    r"""Return rows as CSV whose text a spreadsheet cannot take for a formula.

    Examples
    --------
    >>> as_csv(["symbol", "rate"], [["=1+1", -0.0001]])
    "symbol,rate\r\n'=1+1,-0.0001\r\n"
    """
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(headers)
    for row in rows:
        table.writerow([_harmless(cell) for cell in row])
    return text.getvalue()


def refuse_target(path: Path, force: bool) -> None:
    """Refuse a file that must not or cannot be written, before any work is done for it."""
    if path.is_dir():
        raise HedgeError(f"{path} is a folder; expected the name of a file")
    if not path.parent.is_dir():
        raise HedgeError(f"the folder {path.parent} does not exist")
    if path.exists() and not force:
        raise HedgeError(f"{path} exists; give another name, or --force to replace it")


def write_beside_and_rename(path: Path, text: str, force: bool) -> None:
    """Write a text beside its place, then put it there in one step."""
    refuse_target(path, force)
    beside = None
    try:
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(beside, 0o666 & ~mask)  # mkstemp makes files that only their owner may read
        _put(beside, path, force)
    except OSError as error:
        raise HedgeError(f"{path} cannot be written ({error.strerror})") from None
    finally:
        if beside is not None:
            with suppress(OSError):
                os.unlink(beside)


def _put(beside: str, path: Path, force: bool) -> None:
    if not force:
        try:
            os.link(beside, path)  # fails where a file has appeared meanwhile
            return
        except FileExistsError:
            raise HedgeError(f"{path} exists by now; nothing was written") from None
        except OSError:  # no hard links on this file system
            refuse_target(path, force)
    os.replace(beside, path)


def _harmless(cell: str | float | None) -> str | float:
    if cell is None:
        return ""
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell
