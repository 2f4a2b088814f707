"""``xlhedge share BOOK OUT``: a copy that opens and computes without the add-in.

Calls of xlhedge's functions become native formulas where there are equal ones, values elsewhere;
each is listed. Exit code: 0 if the copy was written, 1 if not, 3 if a function is still called
outside cells (in a name, a conditional format, a validation).
"""

from __future__ import annotations

import argparse
from pathlib import Path

EXIT_STILL_CALLED = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("book", metavar="BOOK", help="the workbook, saved with its values")
    parser.add_argument("out", metavar="OUT", help="the copy")
    parser.add_argument("--force", action="store_true", help="replace the copy if it exists")


def run(args: argparse.Namespace) -> int:
    """Write the copy and say what was replaced."""
    from udfs.addin.share import share
    from xlhedge.commands._printing import complain, printable

    done = share(Path(args.book), Path(args.out), force=args.force)
    for one in done.replaced:
        why = f"  (value: {one.why_value})" if one.why_value else ""
        print(printable(f"{one.where}: {one.before} -> {one.after}{why}"))
    print(printable(f"wrote {done.path}: {done.line}"))
    if done.left:
        complain(f"functions of xlhedge are still called in {', '.join(done.left)}")
        return EXIT_STILL_CALLED
    return 0
