"""What a command does not load, so that nobody waits for it."""

from __future__ import annotations

import os
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import xlhedge

NEW = ["new", "{book}", "--offline"]
REFRESH = ["refresh", "{book}", "--offline"]
SLOW = {"numpy", "openpyxl", "requests", "rich", "statistics", "importlib.metadata", "xlwings"}
RUN = """
import sys
from xlhedge.cli import main
code = main(sys.argv[1:])
print("LOADED", *sys.modules)
sys.exit(code)
"""


@pytest.mark.parametrize("words", [NEW, REFRESH], ids=["new", "refresh"])
def test_an_offline_command_loads_nothing_slow(words: list[str], tmp_path: Path) -> None:
    book = tmp_path / "hedge.xlsx"
    if words is REFRESH:
        _loaded(NEW, book)
    assert not SLOW & _loaded(words, book)


def _loaded(words: list[str], book: Path) -> set[str]:
    """Run a command in a new process and return the names of the modules that it loaded."""
    command = [sys.executable, "-c", RUN, *(word.format(book=book) for word in words)]
    environ = {**os.environ, "XLHEDGE_HOME": str(book.parent)}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_functions_and_modules_have_names_of_their_own() -> None:
    """A module imported later never takes the place of a function of the package."""
    modules = {module.name for module in pkgutil.iter_modules(xlhedge.__path__)}
    assert modules.isdisjoint(xlhedge.__all__)
    for module in modules:
        import_module(f"xlhedge.{module}")
    assert all(callable(getattr(xlhedge, name)) for name in set(xlhedge.__all__) - {"__version__"})
