"""``xlhedge repair BOOK``: point links to an add-in of another computer to the one of this.

Exit code: 0 if the workbook is in order now, 1 if it could not be written.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from xlhedge.errors import WorkbookError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("books", metavar="BOOK", nargs="+", help="workbooks to repair")
    parser.add_argument(
        "--addin", metavar="PATH", help="where xlhedge.xlam is (default: where it is installed)"
    )


def run(args: argparse.Namespace) -> int:
    """Repair the workbooks and say what changed."""
    from udfs.addin.links import repair

    addin = args.addin or _installed()
    for book in args.books:
        done = repair(Path(book), addin)
        for was, now in done.links.items():
            print(f"{book}: {was} -> {now}")
        if done.formulas:
            print(f"{book}: {done.formulas} path(s) taken out of formulas")
        if not done.links and not done.formulas:
            print(f"{book}: nothing to repair")
    return 0


def _installed() -> str:
    from udfs.addin.install import InstallError, WindowsUser

    try:
        addin = WindowsUser.of(os.environ).addin
    except InstallError:
        addin = None
    if addin is None or not addin.is_file():
        raise WorkbookError(
            "no add-in is installed here; say where it is on the computer that opens the workbook: "
            "--addin C:\\...\\xlhedge.xlam"
        )
    return str(addin)
