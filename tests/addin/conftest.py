"""The add-in and a macro workbook, built once for all tests."""

from __future__ import annotations

import pytest

from tests.workbook import cases
from udfs.addin.build import ADDIN_NAME, addin_bytes
from udfs.addin.macro_workbook import macro_workbook
from xlhedge.workbook import new_workbook

VERSION = "9.8.7"


@pytest.fixture(scope="session")
def addin(tmp_path_factory):
    """The path of a built add-in."""
    path = tmp_path_factory.mktemp("addin") / ADDIN_NAME
    path.write_bytes(addin_bytes(VERSION))
    return path


@pytest.fixture(scope="session")
def macro_book(tmp_path_factory):
    """The path of a filled scenario workbook with the button."""
    folder = tmp_path_factory.mktemp("book")
    plain = folder / "hedge.xlsx"
    new_workbook(plain, inputs=cases.POSITION, quotes=[cases.a_quote()], clock=cases.clock)
    path = folder / "hedge.xlsm"
    path.write_bytes(macro_workbook(plain.read_bytes()))
    return path
