"""Installing into a made-up user folder in the Windows layout, and taking it out again."""

from __future__ import annotations

from pathlib import Path

import pytest

from udfs.addin.build import addin_bytes
from udfs.addin.install import InstallError, WindowsUser, install, status, uninstall
from xlhedge.commands import addin as command

PYTHON = r"C:\Users\Jürgen\AppData\Local\Programs\Python\Python312\python.exe"
ANSI = "cp1252"


@pytest.fixture
def user(tmp_path):
    """A user's folders as Windows makes them, with files of other programs in them."""
    profile = tmp_path / "Users" / "Jürgen"
    roaming = profile / "AppData" / "Roaming"
    others = {
        roaming / "Microsoft" / "Excel" / "Excel15.xlb": b"toolbar",
        roaming / "Microsoft" / "AddIns" / "other.xlam": b"another add-in",
        profile / ".xlwings" / "xlwings.conf": b'"INTERPRETER_WIN","C:\\other\\python.exe"\r\n',
        profile / "Documents" / "hedge.xlsx": b"a workbook",
    }
    for path, data in others.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    local = r"C:\Users\Jürgen\AppData\Local"
    return WindowsUser(profile, roaming, {"LOCALAPPDATA": local})


def everything(user: WindowsUser) -> dict[str, bytes | None]:
    """Return every file and folder of the user."""
    return {
        str(path.relative_to(user.profile)): path.read_bytes() if path.is_file() else None
        for path in user.profile.rglob("*")
    }


def put(user: WindowsUser, version: str = "1.2.3", python: str = PYTHON):
    """Install a version."""
    return install(user, interpreter=python, version=version, encoding=ANSI)


def test_install_writes_the_addin_the_settings_and_its_record(user):
    """Three files appear, where Excel and the add-in's VBA look; nothing else changes."""
    before = everything(user)
    done = put(user)
    after = everything(user)
    start = Path("AppData", "Roaming", "Microsoft", "Excel", "XLSTART")
    assert set(after) - set(before) == {
        str(start),
        str(start / "xlhedge.xlam"),
        ".xlhedge",
        str(Path(".xlhedge", "xlhedge.conf")),
        str(Path(".xlhedge", "install.json")),
    }
    assert {name: after[name] for name in before} == before
    assert user.addin.read_bytes() == addin_bytes("1.2.3")
    assert (done.version, done.interpreter, done.recorded) == ("1.2.3", PYTHON, True)


def test_settings_are_as_vba_writes_and_reads_them(user):
    """Quoted pairs, a line each; a folder with the user's name in it as a variable."""
    put(user)
    text = user.settings.read_bytes().decode(ANSI)
    assert text.split("\r\n") == [
        r'"INTERPRETER_WIN","%LOCALAPPDATA%\Programs\Python\Python312\python.exe"',
        '"UDF MODULES","udfs"',
        '"USE UDF SERVER","True"',
        "",
    ]


def test_second_installation_is_harmless(user):
    """Installing again changes nothing; a newer version replaces the add-in alone."""
    put(user)
    once = everything(user)
    put(user)
    assert everything(user) == once
    put(user, version="1.3.0")
    changed = {name for name, data in everything(user).items() if once[name] != data}
    assert {Path(name).name for name in changed} == {"xlhedge.xlam", "install.json"}


def test_uninstall_restores_what_was_there(user):
    """After one installation or two, the folder is as it was, empty folders and all."""
    before = everything(user)
    put(user)
    put(user, version="1.3.0")
    said = uninstall(user, encoding=ANSI)
    assert everything(user) == before
    assert [line.split()[0] for line in said] == ["removed", "removed"]
    assert uninstall(user, encoding=ANSI) == ["xlhedge is not installed in Excel: nothing to undo"]


def test_uninstall_brings_back_files_of_before(user):
    """An add-in and settings that somebody else had put there come back byte for byte."""
    user.addin.parent.mkdir(parents=True)
    user.addin.write_bytes(b"somebody's own xlhedge.xlam")
    user.settings.parent.mkdir()
    user.settings.write_bytes(
        b'"INTERPRETER_WIN","C:\\mine\\python.exe"\r\n"SHOW CONSOLE","True"\r\n'
    )
    before = everything(user)
    put(user)
    assert '"SHOW CONSOLE","True"' in user.settings.read_text(ANSI)
    said = uninstall(user, encoding=ANSI)
    assert everything(user) == before
    assert [line.split()[0] for line in said] == ["restored", "restored"]


def test_uninstall_keeps_what_a_person_changed_since(user):
    """Own settings stay when ours go; an add-in of another origin is not deleted."""
    put(user)
    with user.settings.open("ab") as settings:
        settings.write(b'"SHOW CONSOLE","True"\r\n')
    user.addin.write_bytes(b"edited")
    said = uninstall(user, encoding=ANSI)
    assert user.settings.read_bytes() == b'"SHOW CONSOLE","True"\r\n'
    assert user.addin.read_bytes() == b"edited"
    assert [line.split()[0] for line in said] == ["kept", "cleaned"]


def test_path_that_excel_cannot_read_is_refused_before_anything_is_written(user):
    """Letters outside the code page would leave an add-in that cannot find Python."""
    before = everything(user)
    with pytest.raises(InstallError, match="letters that Excel cannot read"):
        put(user, python=r"D:\Питон\python.exe")
    assert everything(user) == before


def test_open_addin_says_to_close_excel(user, monkeypatch):
    """Excel holds the file of a loaded add-in: the message says what to do."""
    put(user)
    from udfs.addin import install as module
    from xlhedge.errors import WorkbookError

    def held(path, data):
        raise WorkbookError(f"cannot write {path.name}: Permission denied")

    monkeypatch.setattr(module, "write_atomically", held)
    with pytest.raises(InstallError, match="close Excel"):
        put(user, version="1.3.0")


def test_status_without_an_installation(user):
    """Nothing installed is a state, not an error."""
    found = status(user, encoding=ANSI)
    assert (found.version, found.interpreter, found.recorded) == (None, None, False)


def test_command_installs_reports_and_undoes(user, capsys):
    """The command line on Windows: install, status, uninstall, each with its exit code."""
    environ = {"USERPROFILE": str(user.profile), "APPDATA": str(user.roaming)}
    before = everything(user)
    assert command.on_windows("status", environ, "python.exe", ANSI) == 1
    assert command.on_windows("install", environ, r"C:\Python312\pythonw.exe", ANSI) == 0
    assert command.on_windows("status", environ, "python.exe", ANSI) == 0
    output = capsys.readouterr().out
    assert r"C:\Python312\python.exe" in output
    assert "=HEDGE_CONTRACTS(5,50000,100)" in output
    assert command.on_windows("uninstall", environ, "python.exe", ANSI) == 0
    assert everything(user) == before
    with pytest.raises(InstallError, match="USERPROFILE"):
        command.on_windows("status", {}, "python.exe", ANSI)
