"""The ``xlhedge`` command.

Each sub-command is one module of :mod:`xlhedge.commands` with ``add_arguments(parser)`` and
``run(args)``. Only the module of the command that was asked for is imported, so that
``xlhedge --version`` does not wait for libraries it does not use.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from xlhedge import __version__

__all__ = ["main"]

# name: one-line help; the module of the same name in xlhedge.commands does the work
COMMANDS = {
    "new": "write a scenario workbook and fill it",
    "refresh": "fetch live rates into the workbooks given (no workbook: into the store only)",
    "inspect": "say what a workbook holds: data, functions, macros, links, changed formulas",
    "rates": "compare the funding of one coin at every venue",
    "quote": "show what one venue says of one contract",
    "history": "show past settlements of one contract, and write them to a file",
    "venues": "list what each venue offers",
    "settings": "show or change the age limit and other settings",
    "addin": "install the add-in into Excel, take it out, say what is installed, or build it",
    "doctor": "check the installation, the store and the venues, and say what to do",
    "repair": "point links to an add-in of another computer to the one of this",
    "share": "write a copy of a workbook that needs no add-in",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code (0 done, 1 failed, 2 wrong usage)."""
    argv = list(sys.argv[1:] if argv is None else argv)
    asked = next((word for word in argv if not word.startswith("-")), None)
    parser = argparse.ArgumentParser(
        prog="xlhedge",
        description="Hedge a spot bag with inverse perpetuals: live funding rates and workbooks.",
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"xlhedge {__version__}",
        help="print the version and exit",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    module = None
    for name, summary in COMMANDS.items():
        sub = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:])
        if name == asked:
            module = import_module(f"xlhedge.commands.{name}")
            module.add_arguments(sub)
    args = parser.parse_args(argv)
    if module is None:
        parser.print_help()
        return 2
    from xlhedge.errors import HedgeError

    try:
        return module.run(args) or 0
    except HedgeError as error:
        print(f"xlhedge: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # what was printed into, such as head, has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("xlhedge: stopped; nothing further was written", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
