"""``xlhedge addin install | uninstall | status | build``: the add-in in Excel on Windows.

Exit code: 0 done, 1 not done.
"""

from __future__ import annotations

import argparse
import locale
import os
import sys
from pathlib import Path

ELSEWHERE = """\
The add-in runs in Excel on Windows only: there Excel can talk to Python.
On this system you can
  - use the functions in Python:          from udfs import HEDGE_CONTRACTS
  - make and refresh scenario workbooks:  xlhedge new hedge.xlsx, xlhedge refresh hedge.xlsx
  - build the add-in for another person:  xlhedge addin build xlhedge.xlam
docs/elsewhere.md says what works on a Mac, on the web and in LibreOffice."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("install", help="put the add-in where Excel loads it (for this user)")
    actions.add_parser("uninstall", help="undo the installation, and nothing else")
    actions.add_parser("status", help="say what is installed and where")
    build = actions.add_parser("build", help="write the add-in to a file")
    build.add_argument("out", metavar="OUT.xlam", nargs="?", default="xlhedge.xlam")
    build.add_argument("--force", action="store_true", help="replace the file if it exists")


def run(args: argparse.Namespace) -> int:
    """Do one of the four."""
    if args.action == "build":
        return _build(Path(args.out), args.force)
    if sys.platform != "win32":
        print(ELSEWHERE)
        return 1
    return on_windows(args.action, os.environ, sys.executable, locale.getpreferredencoding(False))


def on_windows(action: str, environ: dict[str, str], interpreter: str, encoding: str) -> int:
    """Install, take out or describe the add-in of the user that an environment describes."""
    from udfs.addin.install import WindowsUser, install, status, uninstall
    from xlhedge import __version__

    user = WindowsUser.of(environ)
    if action == "uninstall":
        print("\n".join(uninstall(user, encoding=encoding)))
        return 0
    if action == "install":
        python = interpreter.replace("pythonw.exe", "python.exe")
        install(user, interpreter=python, version=__version__, encoding=encoding)
    found = status(user, encoding=encoding)
    if found.version is None:
        print(f"not installed; 'xlhedge addin install' would put it at {found.addin}")
        return 1
    print(f"add-in     {found.version}, {found.addin}")
    print(f"settings   {found.settings}")
    print(f"Python     {found.interpreter or 'not set'}")
    if found.version != __version__:
        print(f"xlhedge    {__version__}: run 'xlhedge addin install' again, with Excel closed")
        return 1
    if action == "install":
        print("Start Excel (again), type =HEDGE_CONTRACTS(5,50000,100) into a cell: 2500.")
    return 0


def _build(out: Path, force: bool) -> int:
    from udfs.addin.build import addin_bytes
    from xlhedge import __version__
    from xlhedge.errors import WorkbookError
    from xlhedge.workbook.package import write_atomically

    if out.suffix.lower() != ".xlam":
        raise WorkbookError(f"{out.name}: expected a name that ends in .xlam")
    if out.exists() and not force:
        raise WorkbookError(f"{out} exists; give another name, or --force to replace it")
    write_atomically(out, addin_bytes(__version__))
    print(f"wrote {out}, xlhedge {__version__}")
    return 0
