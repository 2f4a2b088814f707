"""LibreOffice as an independent calculation engine: every formula computed anew, from a file."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import pytest

# LibreOffice trusts stored values unless this is 0, "always recalculate"
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"
 xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
SECONDS = 600
AT_ONCE = 100  # in one process, which ends early and silently when it is given many hundreds


def need_office() -> str:
    """Return the program's path; skip the test where it is missing, fail where CI is set."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        missing("LibreOffice Calc (soffice)")
    return program


def missing(what: str) -> NoReturn:
    """Skip the test for want of a program; fail it where CI is set."""
    reason = f"{what} is not installed"
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and CI is set")
    pytest.skip(reason)


def recalculated(books: Sequence[Path], folder: Path) -> list[Path]:
    """Return copies of workbooks that LibreOffice has computed anew and saved as .xlsx."""
    return _converted(books, folder, "xlsx:Calc MS Excel 2007 XML", "xlsx")


def printed(books: Sequence[Path], folder: Path) -> list[Path]:
    """Return workbooks as PDF."""
    return _converted(books, folder, "pdf", "pdf")


def _converted(books: Sequence[Path], folder: Path, target: str, suffix: str) -> list[Path]:
    program = need_office()
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
    out = folder / "converted"
    command = [
        program,
        f"-env:UserInstallation={profile.resolve().as_uri()}",
        "--headless",
        "--norestore",
        "--convert-to",
        target,
        "--outdir",
        str(out),
    ]
    copies = []
    for books_now in (books[n : n + AT_ONCE] for n in range(0, len(books), AT_ONCE)):
        done = subprocess.run(
            [*command, *map(str, books_now)], capture_output=True, text=True, timeout=SECONDS
        )
        made = [out / f"{book.stem}.{suffix}" for book in books_now]
        missing = [copy.name for copy in made if not copy.exists()]
        assert not missing, (missing, done.stdout[-2000:], done.stderr)
        copies += made
    return copies
