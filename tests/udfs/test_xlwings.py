"""What Excel would see: xlwings' real code reads the declarations and converts the cells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import udfs
from udfs.declaration import DECLARED

ROOT = Path(__file__).parents[2]


def value(cell):
    return {"value": cell}


def cells(*rows):
    return {"range": [list(row) for row in rows]}


MISSING = {"missing": True}

# what a person does in a sheet, and the same call in Python
CALLS = [
    ("INVERSE_PNL", [value(2500), value(100), value(50000), value(40000)], 1.25),
    ("INVERSE_PNL", [cells([2500]), cells([100]), cells([50000]), cells([40000])], 1.25),
    (
        "INVERSE_PNL",
        [cells([2500]), value(100), value(50000), value(40000), MISSING, MISSING],
        1.25,
    ),
    (
        "INVERSE_PNL",
        [value(2500), value(100), value(50000), value(40000), value("S"), value("USD")],
        50000.0,
    ),
    (
        "INVERSE_PNL",
        [value(2500), value(100), value(50000), cells([40000, 50000])],
        [[1.25, 0.0]],
    ),
    (
        "INVERSE_PNL",
        [value(2500), value(100), value(50000), cells([40000], [50000])],
        [[1.25], [0.0]],
    ),
    (
        "SPOT_PNL",
        [value(1), cells([10, 20]), cells([10], [20])],
        [[0.0, -10.0], [10.0, 0.0]],
    ),
    (
        "SPOT_PNL",
        [value(1), value(10), cells([20], [None], ["x"], [True], [-1])],
        [[10.0], [""], ["#VALUE!"], ["#VALUE!"], ["#NUM!"]],  # xlwings shows a blank as empty text
    ),
    ("SPOT_PNL", [value(1), value(10), cells([None])], "#VALUE!"),
    ("SPOT_PNL", [value(1), value(10), {"date": {"date": "2026-01-01"}}], "#VALUE!"),
    ("SPOT_PNL", [value(1), value(10), MISSING], "#VALUE!"),
    (
        "LIQUIDATION_AT_LEVERAGE",
        [value(50000), cells([1], [3]), value(0.005)],
        [["#N/A"], [74625.0]],
    ),
    ("AVERAGE_ENTRY", [cells([1000], [2000]), cells([5000], [6000])], 5625.0),
    ("AVERAGE_ENTRY", [cells([1000, 2000]), cells([5000, 6000]), value("linear")], 17000 / 3),
    ("FUNDING_RATE", [value("binance"), value("NOSUCHCOIN")], "#N/A"),
    ("FUNDING_RATE", [cells(["binanse"]), cells(["BTC"])], "#VALUE!"),
]


@pytest.fixture(scope="module")
def excel(tmp_path_factory):
    """Run all calls once, in a process where pywin32 is a stub."""
    environment = os.environ | {"XLHEDGE_HOME": str(tmp_path_factory.mktemp("home"))}
    done = subprocess.run(
        [sys.executable, "-m", "tests.udfs.run_in_excel"],
        input=json.dumps({"calls": [[name, arguments] for name, arguments, _ in CALLS]}),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_cell_receives_what_python_returns(excel, number):
    """Ranges, rows, columns, blanks, text, dates and omissions arrive as documented."""
    name, _, expected = CALLS[number]
    got = excel["cells"][number]
    rows = expected if isinstance(expected, list) else [[expected]]  # one cell crosses as 1x1
    for got_row, row in zip(got, rows, strict=True):
        for cell, wanted in zip(got_row, row, strict=True):
            assert cell == (pytest.approx(wanted) if isinstance(wanted, float) else wanted), name


def test_importer_sees_every_function_with_its_help(excel):
    """The wizard's texts are the declaration's, each within Excel's 255 characters."""
    assert set(excel["declared"]) == set(udfs.__all__) == set(DECLARED)
    for name, seen in excel["declared"].items():
        declared = DECLARED[name]
        assert seen["help"] == declared.help
        assert seen["category"] == "xlhedge"
        assert seen["volatile"] is False
        assert [(a["name"], a["help"], a["optional"]) for a in seen["arguments"]] == [
            (a.name, a.help, not a.required) for a in declared.arguments
        ]
        for text in (seen["help"], *(a["help"] for a in seen["arguments"])):
            assert 0 < len(text) <= 255


def test_vba_stub_declares_every_function_with_its_arguments(excel):
    """xlwings writes a stub of the right name and arguments, optional ones marked."""
    for name, declared in DECLARED.items():
        arguments = ", ".join(
            a.name if a.required else f"Optional {a.name}" for a in declared.arguments
        )
        assert f"Function {name}({arguments})" in excel["vba"]
    assert "Application.Volatile" not in excel["vba"]
