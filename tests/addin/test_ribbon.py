"""The ribbon's macros, run in pyOpenVBA's model of Excel with RunPython stubbed."""

from __future__ import annotations

import pytest
from pyopenvba.apps.excel import ExcelApplication, Workbook
from pyopenvba.apps.excel._model import Application
from pyopenvba.exceptions import VBARuntimeError
from pyopenvba.interpreter import EMPTY, VBAArray, VBAObject
from pyopenvba.interpreter._objects import MemberSpec, method

from udfs import button
from udfs.addin.build import CALLS, RIBBON, addin_modules

XLWINGS = """
Public Function RunPython(PythonCommand As String)
    Python_.Asked PythonCommand
End Function
Public Function XLPy() As Object
    Err.Raise 1000, , "no Python here"
End Function
"""
HERE = r"C:\Users\Ann\AppData\Roaming\Microsoft\Excel\XLSTART\xlhedge.xlam"


class Asked(VBAObject):
    """Keeps the command that VBA gives to Python, or refuses to start."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.broken = ""

    @method
    def Asked(self, command: object) -> object:
        if self.broken:
            raise VBARuntimeError(1000, self.broken)
        self.commands.append(str(command))
        return EMPTY


class Ribbon:
    """Excel with the add-in's buttons, and a workbook whose links are made up."""

    def __init__(self) -> None:
        self.app = ExcelApplication()
        self.app.add_workbook()
        self.python = Asked()
        self.chosen: object = False
        self.links: list[str] = []
        self.changed: list[tuple[str, str]] = []
        found = self.app.interpreter.host.global_object
        self.app.interpreter.host.global_object = lambda name: (
            self.python if name == "python_" else found(name)
        )
        self.later: list[str] = []
        _member(Application, "OnTime", lambda _, when, macro: self.later.append(str(macro)), 2)
        _member(Application, "GetSaveAsFilename", lambda *_: self.chosen, 5)
        _member(Workbook, "LinkSources", lambda *_: self._links(), 1)
        _member(Workbook, "ChangeLink", self._change, 3)
        modules = addin_modules()
        self.app.add_module(XLWINGS, name="xlwings")
        for name in (CALLS, RIBBON):
            self.app.add_module(modules[name], name=name)

    def click(self, name: str) -> None:
        """Run a button's macro."""
        self.app.run(name)

    @property
    def status_bar(self) -> str:
        """What Excel's status bar says."""
        return str(self.app.evaluate("Application.StatusBar"))

    def _links(self) -> object:
        return VBAArray([(1, len(self.links))], items=list(self.links)) if self.links else EMPTY

    def _change(self, _: object, old: object, new: object, kind: object) -> object:
        self.changed.append((str(old), str(new)))
        return EMPTY


def _member(of: type, name: str, function: object, count: int) -> None:
    parameters = tuple(f"argument{n}" for n in range(count))
    of._vba_members[name.lower()] = MemberSpec(name, "method", function, parameters=parameters)


@pytest.fixture
def ribbon():
    """The buttons before any click."""
    return Ribbon()


@pytest.mark.parametrize(
    ("macro", "function"),
    [
        ("RefreshFunding", "main"),
        ("ShowFunctions", "show_functions"),
        ("CheckInstallation", "check_installation"),
    ],
)
def test_button_asks_python_for_its_function(ribbon, macro, function):
    """One command a click, and the function that it names exists."""
    ribbon.click(macro)
    assert ribbon.python.commands == [f"import udfs.button; udfs.button.{function}()"]
    assert callable(getattr(button, function))


@pytest.mark.parametrize(
    ("macro", "function"), [("NewScenario", "new_workbook"), ("ShareCopy", "share_copy")]
)
def test_chosen_path_reaches_python_whole(ribbon, monkeypatch, macro, function):
    """Whatever a path holds, it arrives as one text; a cancelled dialog does nothing."""
    ribbon.click(macro)
    assert ribbon.python.commands == []
    path = "C:\\My books\\it's (1); import os #\u20ac.xlsx"
    ribbon.chosen = path
    ribbon.click(macro)
    received = []
    monkeypatch.setattr(button, function, received.append)
    exec(ribbon.python.commands[0], {})
    assert received == [path]


def test_python_that_does_not_start_is_a_sentence(ribbon):
    """The dialog says what failed and which command looks into it; no traceback."""
    ribbon.python.broken = 'Traceback\n  File "x"\nCould not load xlwings64.dll'
    ribbon.click("RefreshFunding")
    ((_, text, title, _),) = ribbon.app.dialogs
    assert title == "xlhedge"
    assert "Could not load xlwings64.dll" in text
    assert "xlhedge doctor" in text
    assert "Traceback" not in text
    assert ribbon.status_bar == "xlhedge: Could not load xlwings64.dll"


def test_status_bar_is_given_back_after_a_while(ribbon):
    """Excel keeps a status text for ever: ours goes after a minute, another program's stays."""
    ribbon.click("RefreshFunding")
    (macro,) = ribbon.later
    assert macro.endswith("!ClearStatusBar")
    assert ribbon.status_bar.startswith("xlhedge: ")
    ribbon.click("ClearStatusBar")
    assert ribbon.status_bar == "False"
    ribbon.app.application.vba_set("StatusBar", "another add-in")
    ribbon.click("ClearStatusBar")
    assert ribbon.status_bar == "another add-in"


def test_links_to_an_addin_elsewhere_are_changed(ribbon, monkeypatch):
    """Only links to another xlhedge.xlam change, to the add-in that is running."""
    ribbon.links = [r"D:\Bob\xlhedge.xlam", r"D:\Bob\prices.xlsx", "https://x.example/XLHEDGE.XLAM"]
    ribbon.click("RepairLinks")
    assert [old for old, _ in ribbon.changed] == [ribbon.links[0], ribbon.links[2]]
    assert "2 link(s)" in ribbon.status_bar
    ribbon.links, ribbon.changed = [], []
    ribbon.click("RepairLinks")
    assert ribbon.changed == []
    assert "0 link(s)" in ribbon.status_bar


def test_run_main_of_xlwings_needs_one_line(tmp_path, monkeypatch):
    """Beside hedge.xlsx a file hedge.py with one import: xlwings' "Run main" finds main()."""
    (tmp_path / "hedge.py").write_text("from udfs.button import main\n")
    monkeypatch.syspath_prepend(tmp_path)
    exec("import hedge; hedge.main()", {})
