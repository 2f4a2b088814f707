"""Draw the pictures of the README: ``python workbooks/render.py [BOOK.xlsx] [--all FOLDER]``.

Without a workbook, one is filled from the bundled snapshot, so that the pictures come out the same
everywhere. Needs LibreOffice (soffice) and poppler (pdftoppm).
"""

from __future__ import annotations

import argparse
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
PAGES = {"hedge": 1, "scenarios": 4}  # page of the PDF
PIXELS_PER_INCH = 120
ABOVE_FOOTER = 0.93  # of the page's height
SECONDS = 300
LEVELS = (np.round(np.arange(256) / 5) * 5).astype(np.uint8)  # 52 of 256: a smaller file


def main() -> int:
    """Render the pages and put them where the README shows them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("book", nargs="?", type=Path, help="a filled workbook")
    parser.add_argument("--all", metavar="FOLDER", type=Path, help="every page, into a folder")
    args = parser.parse_args()
    for program in ("soffice", "pdftoppm"):
        if shutil.which(program) is None:
            print(f"render: {program} is not installed", file=sys.stderr)
            return 1
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        book = args.book or _example(work)
        pdf = _printed(book, work)
        if args.all:
            args.all.mkdir(parents=True, exist_ok=True)
            _run("pdftoppm", "-r", str(PIXELS_PER_INCH), "-png", pdf, args.all / book.stem)
            return 0
        IMAGES.mkdir(parents=True, exist_ok=True)
        for picture, page in PAGES.items():
            _draw(pdf, page, IMAGES / picture)
            print(f"docs/images/{picture}.png")
    return 0


def _example(work: Path) -> Path:
    """Fill a workbook from the bundled snapshot, with an empty store."""
    book = work / "hedge.xlsx"
    command = [sys.executable, "-m", "xlhedge.cli", "new", str(book), "--offline"]
    environ = {**os.environ, "XLHEDGE_HOME": str(work / "home")}
    subprocess.run(command, env=environ, check=True, timeout=SECONDS, capture_output=True)
    return book


def _printed(book: Path, work: Path) -> Path:
    profile = (work / "profile").as_uri()
    _run(
        "soffice",
        f"-env:UserInstallation={profile}",
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        work,
        book,
    )
    return work / f"{book.stem}.pdf"


def _draw(pdf: Path, page: int, target: Path) -> None:
    """Draw one page without its margins and footer."""
    raw = pdf.with_name(target.name)
    _run("pdftoppm", "-r", str(PIXELS_PER_INCH), "-f", str(page), "-singlefile", pdf, raw)
    _, size, _, pixels = raw.with_suffix(".ppm").read_bytes().split(b"\n", 3)
    width, height = map(int, size.split())
    image = np.frombuffer(pixels, np.uint8).reshape(height, width, 3)[: int(height * ABOVE_FOOTER)]
    inked = (image != 255).any(axis=2)
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    edge = PIXELS_PER_INCH // 8
    image = image[
        max(rows[0] - edge, 0) : rows[-1] + edge, max(columns[0] - edge, 0) : columns[-1] + edge
    ]
    target.with_suffix(".png").write_bytes(_png(LEVELS[image]))


def _png(image: np.ndarray) -> bytes:
    """Return an RGB image as PNG; each row is stored as its difference from the row above."""
    height, width, _ = image.shape
    above = np.vstack([np.zeros_like(image[:1]), image[:-1]])
    rows = (image - above).reshape(height, -1)
    filtered = np.hstack([np.full((height, 1), 2, np.uint8), rows]).tobytes()

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(filtered, 9))
        + chunk(b"IEND", b"")
    )


def _run(*command: object) -> None:
    subprocess.run(
        [str(word) for word in command], check=True, timeout=SECONDS, capture_output=True
    )


if __name__ == "__main__":
    sys.exit(main())
