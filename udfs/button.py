"""What the buttons do: on the ribbon, on a sheet, from ``RunPython`` and from xlwings' "Run main".

Nothing here raises: Excel would show a traceback in a dialog. What went wrong is said in the
workbook's status cell (``live_note``, and ``refresh_status`` where a workbook has it) and on Excel's
status bar. For "Run main", put ``from udfs.button import main`` into a file that is called like the
workbook.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import xlwings as xw

from udfs.open_refresh import Refreshed, refresh_book

if TYPE_CHECKING:
    from xlhedge.live import LiveQuotes

__all__ = [
    "check_installation",
    "main",
    "new_workbook",
    "refresh",
    "share_copy",
    "show_functions",
]


def main() -> None:
    """Refresh the workbook whose button was clicked."""
    _said(lambda: refresh(xw.Book.caller()).line)


def refresh(
    book: xw.Book, live: LiveQuotes | None = None, environ: Mapping[str, str] | None = None
) -> Refreshed:
    """Fetch rates for an open workbook, store them, and write its live cells by name.

    Parameters
    ----------
    book : xlwings.Book
        Any workbook with the names of the contract; another one gets no cell written, only the
        quotes that its functions asked for are refreshed.
    live : LiveQuotes, optional
        The store and the clock; this user's by default.
    environ : mapping, optional
        For ``XLHEDGE_URL_<VENUE>``; the process's environment by default.

    Returns
    -------
    Refreshed
        Never an exception: its ``line`` says what failed.
    """
    environ = os.environ if environ is None else environ
    return refresh_book(book, live, environ)


def new_workbook(path: str) -> None:
    """Write a scenario workbook and open it."""

    def work() -> str:
        from xlhedge.cli import main as command

        with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as said:
            code = command(["new", path, "--force"])
        if code != 0:
            return said.getvalue().strip().removeprefix("xlhedge: ")
        xw.apps.active.books.open(path)
        return f"wrote {path}"

    _said(work)


def share_copy(path: str) -> None:
    """Save a copy of the active workbook in which no cell needs the add-in."""

    def work() -> str:
        from udfs.addin.share import share

        book = xw.Book.caller()
        suffix = Path(book.name).suffix or ".xlsx"
        draft = Path(path).with_name(f"~xlhedge{suffix}")
        book.api.SaveCopyAs(str(draft))
        try:
            done = share(draft, Path(path), force=True)  # the dialog has asked
        finally:
            draft.unlink(missing_ok=True)
        return f"wrote {path}: {done.line}"

    _said(work)


def show_functions() -> None:
    """List every function, with its arguments and an example, in a new workbook."""

    def work() -> str:
        from udfs.documentation import functions_table

        rows = functions_table()
        _new_sheet("Functions", rows, widths=(60, 70, 60, 20))
        return f"{len(rows) - 1} functions"

    _said(work)


def check_installation() -> None:
    """Run the checks of ``xlhedge doctor`` and show them in a new workbook."""

    def work() -> str:
        from xlhedge.commands.doctor import check

        checks = check(os.environ)
        rows = [["check", "state", "what was found", "what to do"]]
        rows += [[c.name, c.state, c.found, c.to_do] for c in checks]
        _new_sheet("xlhedge check", rows, widths=(22, 10, 70, 70))
        wrong = sum(c.state != "ok" for c in checks)
        return f"{len(checks)} checks, {wrong} to look at" if wrong else f"{len(checks)} checks, ok"

    _said(work)


def _new_sheet(title: str, rows: list[list[str]], widths: tuple[int, ...]) -> None:
    """Show a table in a workbook of its own, every cell as text."""
    sheet = xw.apps.active.books.add().sheets[0]
    sheet.name = title
    block = sheet.range((1, 1), (len(rows), len(rows[0])))
    block.number_format = "@"
    block.value = rows
    for column, width in enumerate(widths, 1):
        sheet.range((1, column)).column_width = width


def _said(work: Callable[[], str]) -> None:
    """Do something and say on the status bar how it ended; never raise."""
    from xlhedge.errors import HedgeError

    try:
        line = work()
    except HedgeError as error:
        line = str(error)
    except Exception as error:
        line = f"failed ({type(error).__name__}: {error})"
    _tell(line)


def _tell(line: str) -> None:
    try:
        xw.apps.active.status_bar = f"xlhedge: {line}"[:255]
    except Exception:
        return  # no Excel to tell
