"""Where the bundled template is: inside the installed package, or in a checkout beside it."""

from __future__ import annotations

from pathlib import Path

from xlhedge.errors import WorkbookError

__all__ = ["template_path"]

NAME = "hedge.xlsx"


def template_path() -> Path:
    """Return the path of the scenario workbook that ``xlhedge new`` fills."""
    package = Path(__file__).resolve().parent.parent
    for path in (package / "data" / NAME, package.parent / "workbooks" / NAME):
        if path.is_file():
            return path
    raise WorkbookError(f"the template {NAME} is missing from the installation; install it again")
