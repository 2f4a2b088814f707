"""``xlhedge share BOOK OUT``: a copy that opens and computes without the add-in.

Calls of xlhedge's functions become native formulas where there are equal ones, values elsewhere;
each is listed. Live data are frozen with their time; author, paths and links go. Exit code: 0 if
the copy was written, 1 if not, 3 if a function is still called outside cells (in a name, a
conditional format, a validation).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from xlhedge.errors import WorkbookError

EXIT_STILL_CALLED = 3
PDF_SECONDS = 300


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("book", metavar="BOOK", help="the workbook, saved with its values")
    parser.add_argument("out", metavar="OUT", help="the copy")
    parser.add_argument("--force", action="store_true", help="replace the copy if it exists")
    parser.add_argument("--values", action="store_true", help="every formula becomes its value")
    parser.add_argument(
        "--functions",
        action="store_true",
        help="add the functions as LAMBDA names, which Excel 365 computes without the add-in",
    )
    parser.add_argument(
        "--pdf", action="store_true", help="print the copy into a PDF beside it, with LibreOffice"
    )


def run(args: argparse.Namespace) -> int:
    """Write the copy and say what was replaced."""
    from udfs.addin.lambda_names import lambda_names
    from udfs.addin.share import share, still_called
    from xlhedge.commands._printing import complain, printable
    from xlhedge.live import open_live
    from xlhedge.workbook.book import Book
    from xlhedge.workbook.fill import refuse_target
    from xlhedge.workbook.package import Package, write_atomically
    from xlhedge.workbook.sharing import finished

    source, out = Path(args.book), Path(args.out)
    if out.resolve() == source.resolve():
        raise WorkbookError("the copy needs a name of its own")
    refuse_target(out, args.force)
    pdf = out.with_suffix(".pdf")
    if args.pdf and pdf.exists() and not args.force:
        raise WorkbookError(f"{pdf} exists; give another name, or --force to replace it")
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder, out.name)
        done = share(source, draft)
        copy = finished(
            draft.read_bytes(),
            source.name,
            clock=open_live(os.environ).clock,
            values=args.values,
            functions=lambda_names() if args.functions else None,
            live_calls=done.live_calls,
        )
    done.left = still_called(Book(Package(copy.data, out.name)))
    write_atomically(out, copy.data)
    for one in done.replaced:
        why = f"  (value: {one.why_value})" if one.why_value else ""
        print(printable(f"{one.where}: {one.before} -> {one.after}{why}"))
    for line in copy.done:
        print(printable(line))
    print(printable(f"wrote {out}" + (f": {done.line}" if done.replaced or done.left else "")))
    for line in copy.unsaid:
        complain(line)
    for what in copy.kept:
        complain(f"the copy still holds {what}: look whether it may be passed on")
    if args.pdf:
        print(printable(f"wrote {_printed(out, pdf)}"))
    if done.left:
        complain(f"functions of xlhedge are still called in {', '.join(done.left)}")
        return EXIT_STILL_CALLED
    return 0


def _printed(book: Path, pdf: Path) -> Path:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise WorkbookError(f"{book} was written, but no PDF: LibreOffice is not installed")
    with tempfile.TemporaryDirectory() as folder:
        command = [program, f"-env:UserInstallation={Path(folder, 'profile').as_uri()}",
                   "--headless", "--convert-to", "pdf", "--outdir", folder, str(book)]  # fmt: skip
        try:
            subprocess.run(command, capture_output=True, timeout=PDF_SECONDS, check=True)
            shutil.copyfile(Path(folder, f"{book.stem}.pdf"), pdf)
        except (subprocess.SubprocessError, OSError) as error:
            raise WorkbookError(f"{book} was written, but LibreOffice made no PDF of it") from error
    return pdf
