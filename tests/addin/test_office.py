"""LibreOffice, another VBA engine, opens the files, maps errors and clicks the button."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.addin.excel_book import opened
from tests.replay.server import ReplayServer
from tests.workbook.office import need_office

SCRIPT = Path(__file__).with_name("run_office.py")


def _python_with_uno() -> str:
    """Return a Python that has uno; without one skip, or fail where CI is set."""
    for program in (sys.executable, "/usr/bin/python3", shutil.which("python3")):
        if program and Path(program).exists():
            done = subprocess.run([program, "-c", "import uno"], capture_output=True, check=False)
            if done.returncode == 0:
                return program
    reason = "no Python has uno (package python3-uno)"
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and CI is set")
    pytest.skip(reason)


@pytest.fixture(scope="module")
def seen(addin, macro_book, tmp_path_factory):
    """What LibreOffice saw, in one run."""
    need_office()
    profile = tmp_path_factory.mktemp("office")
    done = subprocess.run(
        [_python_with_uno(), str(SCRIPT), str(addin), str(macro_book), str(profile)],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_both_files_open(seen):
    """All modules and sheets are there."""
    assert set(seen["addin"]["modules"]) >= {
        "xlhedge_calls",
        "xlhedge_functions",
        "xlhedge_help",
        "xlhedge_ribbon",
        "xlwings",
    }
    assert seen["book"]["sheets"][0] == "Hedge"
    assert {"xlhedge_button", "xlwings"} <= set(seen["book"]["modules"])


def test_texts_of_error_values_become_error_values(seen):
    """The mapping gives VBA's error values, and leaves other texts and numbers alone."""
    assert seen["addin"]["texts"] == {
        "#VALUE!": "Error 2015",
        "#NUM!": "Error 2036",
        "#N/A": "Error 2042",
        "#DIV/0!": "Error 2007",
        "#REF!": "Error 2023",
        "#NAME?": "Error 2029",
        "#NULL!": "Error 2000",
        "fine": "String fine",
        "": "String ",
    }
    assert seen["addin"]["OfNumber"] == "Double 1.5"


def test_error_values_in_arrays(seen):
    """A row of one dimension, and a block of two, from 0 as COM makes them."""
    row = "|Error 2042|Double 1.5|Error 2036|String text|String "
    block = "|Error 2015|Double 2.5|Error 2007|Error 2023|Error 2036|String x"
    assert seen["addin"]["OfRow"] == row
    assert seen["addin"]["OfBlock"] == block


def test_without_python_a_cell_shows_an_error_value(seen):
    """No Python: #VALUE!, not a dialog and not a text."""
    assert seen["addin"]["WithoutPython"] == "Error 2015"


def test_texts_reach_python_whole(seen):
    """A path with blanks, an apostrophe and other letters survives as Python source."""
    assert eval(seen["addin"]["python_text"]) == "C:\\a b\\it's (1) \u20ac.xlsx"


def test_ribbon_buttons_run_their_commands(seen):
    """Each macro of the ribbon asks Python for its own function, which exists."""
    from udfs import button

    commands = {name: seen["addin"][name] for name in ("RefreshFunding", "ShowFunctions")}
    commands["CheckInstallation"] = seen["addin"]["CheckInstallation"]
    assert commands == {
        "RefreshFunding": "import udfs.button; udfs.button.main()",
        "ShowFunctions": "import udfs.button; udfs.button.show_functions()",
        "CheckInstallation": "import udfs.button; udfs.button.check_installation()",
    }
    for command in commands.values():
        assert hasattr(button, command.rsplit(".", 1)[1].removesuffix("()"))


def test_click_on_the_sheets_button_refreshes_the_workbook(seen, macro_book, monkeypatch, tmp_path):
    """The button's own macro yields a command; that command, run, fills the live cells."""
    import xlwings as xw

    (found,) = seen["book"]["buttons"]
    assert found["label"] == "Refresh funding"
    assert "xlhedge_button.RefreshFunding" in found["scripts"][0]
    shown, model = opened(macro_book)
    monkeypatch.setattr(xw.Book, "caller", classmethod(lambda cls: shown))
    apps = type("Apps", (), {"active": xw.App(impl=model.app)})()
    monkeypatch.setattr(xw, "apps", apps)
    with ReplayServer() as server:
        server.world.now = _now()
        for name, value in server.environ(XLHEDGE_HOME=str(tmp_path)).items():
            monkeypatch.setenv(name, value)
        exec(seen["book"]["command"], {})
    assert "bybit BTCUSD LIVE" in model.app.status_bar
    assert model.cell("live_status").value == "LIVE"


def _now():
    from datetime import UTC, datetime

    return datetime.now(UTC)
