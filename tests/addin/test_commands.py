"""The commands addin, doctor, repair, share and new OUT.xlsm, as a person types them."""

from __future__ import annotations

import sys
from datetime import timedelta

import pytest

from tests.replay.server import ReplayServer
from tests.replay.world import PRESENT
from tests.workbook.cases import a_quote
from udfs.addin.build import addin_bytes
from udfs.addin.install import WindowsUser, install
from xlhedge import __version__
from xlhedge.cli import main
from xlhedge.commands.doctor import LOOK, OK, WRONG, check
from xlhedge.store import Store
from xlhedge.venues import names


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("XLHEDGE_HOME", str(tmp_path / "home"))


def test_new_xlsm_has_the_button_and_can_be_refreshed(tmp_path, capsys):
    """An .xlsm is a macro workbook; refreshing its file keeps the macros."""
    import zipfile

    book = tmp_path / "hedge.xlsm"
    assert main(["new", str(book), "--offline"]) == 0
    assert main(["refresh", str(book), "--offline"]) == 0
    with zipfile.ZipFile(book) as archive:
        assert "xl/vbaProject.bin" in archive.namelist()
        assert b"RefreshFunding" in archive.read("xl/drawings/xlhedge_button.vml")
        assert b"macroEnabled.main+xml" in archive.read("[Content_Types].xml")


def test_build_writes_the_addin(tmp_path, capsys):
    """`addin build` works on every system, and replaces nothing unasked."""
    out = tmp_path / "xlhedge.xlam"
    assert main(["addin", "build", str(out)]) == 0
    assert out.read_bytes() == addin_bytes(__version__)
    assert main(["addin", "build", str(out)]) == 1
    assert "--force" in capsys.readouterr().err
    assert main(["addin", "build", str(out), "--force"]) == 0
    assert main(["addin", "build", str(tmp_path / "xlhedge.zip")]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows it would install")
@pytest.mark.parametrize("action", ["install", "uninstall", "status"])
def test_elsewhere_the_command_says_what_is_possible(action, capsys):
    """Where Excel cannot load the add-in, nothing is touched and the way out is named."""
    assert main(["addin", action]) == 1
    assert "xlhedge new hedge.xlsx" in capsys.readouterr().out


def states(checks):
    """Return the state of each check by its name."""
    return {one.name: one.state for one in checks}


def test_doctor_asks_every_venue_and_stores_nothing(tmp_path):
    """With all venues answering, all is well but the empty store."""
    with ReplayServer() as server:
        environ = server.environ(XLHEDGE_HOME=str(tmp_path / "home"))
        checks = check(environ, clock=lambda: PRESENT, windows=False)
    found = states(checks)
    assert {name: found[name] for name in names()} == dict.fromkeys(names(), OK)
    assert found["quotes"] == LOOK
    assert not (tmp_path / "home").exists()


def test_doctor_names_the_venue_that_is_down_and_what_to_do(tmp_path):
    """One venue fails: its own line says so, the others are fine."""
    with ReplayServer() as server:
        server.misbehave("okx", "reset")
        environ = server.environ(XLHEDGE_HOME=str(tmp_path / "home"))
        checks = check(environ, clock=lambda: PRESENT, windows=False)
    (okx,) = (one for one in checks if one.name == "okx")
    assert okx.state == LOOK
    assert "XLHEDGE_URL_OKX" in okx.to_do
    assert states(checks)["bybit"] == OK


@pytest.mark.parametrize(("hours", "state"), [(0, OK), (5, LOOK)])
def test_doctor_says_how_old_the_quotes_are(tmp_path, hours, state):
    """Quotes beyond the age limit are something to look at."""
    store = Store(tmp_path / "home")
    store.save_quotes([a_quote(time=PRESENT - timedelta(hours=hours), received=PRESENT)])
    store.close()
    environ = {"XLHEDGE_HOME": str(tmp_path / "home")}
    checks = check(environ, offline=True, clock=lambda: PRESENT, windows=False)
    assert states(checks)["quotes"] == state
    assert states(checks)["store"] == OK


@pytest.fixture
def windows(tmp_path):
    """A user of Windows with the add-in installed, and the environment that names the folders."""
    profile = tmp_path / "Ann"
    environ = {"USERPROFILE": str(profile), "APPDATA": str(profile / "AppData" / "Roaming")}
    return environ | {"XLHEDGE_HOME": str(tmp_path / "home")}


def looked(environ, registry=lambda key, name: None, python=r"C:\Python312\python.exe"):
    """Return the state of each check on Windows."""
    return check(
        environ,
        offline=True,
        clock=lambda: PRESENT,
        windows=True,
        interpreter=python,
        registry=registry,
    )


def test_doctor_compares_the_addin_with_the_package(windows):
    """Not installed, of this version, of another, of another Python: each has its line."""
    assert states(looked(windows))["add-in"] == LOOK
    user = WindowsUser.of(windows)
    put = {"interpreter": r"C:\Python312\python.exe", "encoding": "cp1252"}
    install(user, version=__version__, **put)
    assert states(looked(windows))["add-in"] == OK
    assert states(looked(windows))["add-in's Python"] == OK
    other = looked(windows, python=r"D:\other\python.exe")
    assert states(other)["add-in's Python"] == LOOK
    install(user, version="0.0.1", **put)
    assert states(looked(windows))["add-in"] == WRONG


def test_doctor_finds_python_that_excel_cannot_reach(windows):
    """Python of the Microsoft Store, and a DLL that is not where VBA looks for it."""
    store = r"C:\Users\Ann\AppData\Local\Microsoft\WindowsApps\python.exe"
    assert states(looked(windows, python=store))["Python"] == WRONG
    assert states(looked(windows))["xlwings' DLL"] == WRONG


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("VBAWarnings", 4, "macros are switched off"),
        ("VBAWarnings", 3, "only signed macros run"),
        ("RequireAddinSig", 1, "only signed add-ins load"),
        ("AllLocationsDisabled", 1, "XLSTART is not trusted"),
        ("DisableAllAddins", 1, "all add-ins are switched off"),
    ],
)
def test_doctor_reads_the_policies_that_block_macros(windows, name, value, said):
    """Each policy of an organisation that stops the add-in is named, with whom to ask."""
    checks = looked(windows, lambda key, asked: value if asked == name else None)
    (policy,) = (one for one in checks if one.name == "macro policy")
    assert policy.state == WRONG
    assert said in policy.found
    assert "docs/for-it.md" in policy.to_do


def test_doctor_command_prints_a_line_for_each_check(capsys):
    """The lines end in what to do; nothing wrong is exit code 0."""
    assert main(["doctor", "--offline"]) == 0
    output = capsys.readouterr().out
    assert "Python" in output
    assert "-> press Refresh funding" in output


def test_repair_without_an_addin_asks_where_it_is(tmp_path, capsys, monkeypatch):
    """No add-in here and no path given: the message names the option."""
    monkeypatch.delenv("APPDATA", raising=False)
    assert main(["repair", str(tmp_path / "book.xlsx")]) == 1
    assert "--addin" in capsys.readouterr().err
