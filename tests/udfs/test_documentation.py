"""The README says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import udfs
from udfs.documentation import with_functions

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_table_of_functions_is_made_from_the_declarations():
    """After a change of a declaration: python -m udfs.documentation README.md."""
    assert with_functions(README) == README


def test_formulas_at_the_top_give_what_stands_beside_them():
    """The first thing that a reader tries works."""
    for name, arguments, result in re.findall(r"^=(\w+)\((.*?)\)\s+(-?[\d.]+)", README, re.M):
        assert getattr(udfs, name)(*map(float, arguments.split(","))) == float(result)


def test_python_example_gives_its_comments():
    """So does the second."""
    for call, result in re.findall(r"^(\S.*\))\s+# (\S+.*)$", README, re.M):
        assert eval(call, {"xlhedge": __import__("xlhedge"), **vars(udfs)}) == eval(result)
