"""Putting the add-in where Excel loads it, and undoing exactly that.

Excel opens every file of the user's folder XLSTART, and trusts macros there. Three files are
written, all in folders of the user: the add-in, the settings that say which Python it starts, and a
record of what was there before.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

from udfs.addin.build import ADDIN_NAME, addin_bytes
from xlhedge.errors import HedgeError
from xlhedge.workbook.package import write_atomically

__all__ = ["InstallError", "Installation", "WindowsUser", "install", "status", "uninstall"]

XLSTART = ("Microsoft", "Excel", "XLSTART")
RECORD = "install.json"
_LINE = re.compile(r'^"([^"]*)","?([^"]*)"?\s*$')


class InstallError(HedgeError):
    """The add-in cannot be installed or taken out; the message says what to do."""


@dataclass(frozen=True)
class WindowsUser:
    """The folders of a user on Windows, and what the environment calls them.

    Parameters
    ----------
    profile : Path
        ``%USERPROFILE%``.
    roaming : Path
        ``%APPDATA%``.
    variables : mapping
        Environment variables by which settings may name folders.
    """

    profile: Path
    roaming: Path
    variables: Mapping[str, str]

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> WindowsUser:
        """Return the user that an environment describes."""
        try:
            return cls(Path(environ["USERPROFILE"]), Path(environ["APPDATA"]), environ)
        except KeyError as error:
            raise InstallError(f"the environment lacks {error}; run this in a terminal") from None

    @property
    def addin(self) -> Path:
        """Where Excel loads the add-in from."""
        return self.roaming.joinpath(*XLSTART, ADDIN_NAME)

    @property
    def settings(self) -> Path:
        """Where the add-in's VBA looks for its settings."""
        return self.profile / ".xlhedge" / "xlhedge.conf"

    @property
    def record(self) -> Path:
        """What an installation has changed."""
        return self.profile / ".xlhedge" / RECORD

    def shortened(self, path: str) -> str:
        """Return a path by the variable of its folder, so that letters of a name do not matter.

        VBA reads the settings in the system's code page, which may lack letters of a user's name.
        """
        for variable in ("LOCALAPPDATA", "APPDATA", "USERPROFILE", "ProgramFiles"):
            folder = self.variables.get(variable)
            if folder and PureWindowsPath(path).is_relative_to(PureWindowsPath(folder)):
                inside = PureWindowsPath(path).relative_to(PureWindowsPath(folder))
                return f"%{variable}%\\{inside}"
        return path


@dataclass(frozen=True)
class Installation:
    """What is installed.

    Attributes
    ----------
    addin, settings : Path
        Where the files are, or would be.
    version : str or None
        Of the installed add-in; None where there is none.
    interpreter : str or None
        The Python that the settings name.
    recorded : bool
        Whether ``xlhedge addin install`` put them there.
    """

    addin: Path
    settings: Path
    version: str | None
    interpreter: str | None
    recorded: bool


def install(user: WindowsUser, *, interpreter: str, version: str, encoding: str) -> Installation:
    """Put the add-in and its settings in place; a second time nothing else happens.

    Parameters
    ----------
    user : WindowsUser
        Whose folders.
    interpreter : str
        Path of the Python that has xlhedge.
    version : str
        Version that the add-in shows.
    encoding : str
        The system's code page, which VBA reads text files in.

    Raises
    ------
    InstallError
        Excel holds the file open, or the path cannot be written in the code page.
    """
    record = _read_record(user) or {"before": {}, "folders": [], "written": {}}
    wanted = {
        "INTERPRETER_WIN": user.shortened(interpreter),
        "UDF MODULES": "udfs",
        "USE UDF SERVER": "True",
    }
    lines = _merged(user, wanted, encoding)
    try:
        settings = "".join(f'"{k}","{v}"\r\n' for k, v in lines.items()).encode(encoding)
    except UnicodeEncodeError:
        raise InstallError(
            f"the path of Python, {interpreter}, has letters that Excel cannot read here; "
            "install Python into a folder with plain letters, such as C:\\Python"
        ) from None
    files = {user.addin: addin_bytes(version), user.settings: settings}
    for path in files:
        _remember(user, record, path)
    record["settings"] = wanted
    try:
        for path, data in files.items():
            record["written"][_name(user, path)] = hashlib.sha256(data).hexdigest()
        _write_record(user, record)
        for path, data in files.items():
            if not path.is_file() or path.read_bytes() != data:
                write_atomically(path, data)
    except (HedgeError, OSError) as error:
        raise InstallError(f"{error}; close Excel, then try again") from None
    return status(user, encoding=encoding)


def uninstall(user: WindowsUser, *, encoding: str) -> list[str]:
    """Undo an installation; return what was done, a line each.

    What was there before comes back. A file that was changed since is kept, and said.
    """
    record = _read_record(user)
    if record is None:
        return ["xlhedge is not installed in Excel: nothing to undo"]
    said = []
    for path in (user.addin, user.settings):
        name = _name(user, path)
        before = record["before"].get(name)
        ours = _is_ours(path, record["written"].get(name))
        try:
            if not path.exists():
                said.append(f"was gone   {path}")
            elif not ours and path == user.settings:
                said.append(_without_ours(path, record, before, encoding))
            elif not ours:
                said.append(f"kept       {path}: it was changed since the installation")
            elif before is None:
                path.unlink()
                said.append(f"removed    {path}")
            else:
                write_atomically(path, base64.b64decode(before))
                said.append(f"restored   {path}")
        except (HedgeError, OSError) as error:
            raise InstallError(f"{error}; close Excel, then try again") from None
    user.record.unlink()
    for folder in reversed(record["folders"]):
        place = Path(folder)
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()
    return said


def status(user: WindowsUser, *, encoding: str) -> Installation:
    """Return what is installed."""
    interpreter = _read_settings(user.settings, encoding).get("INTERPRETER_WIN")
    if interpreter:
        for variable, folder in user.variables.items():
            interpreter = interpreter.replace(f"%{variable}%", folder)
    return Installation(
        user.addin,
        user.settings,
        _version(user.addin),
        interpreter,
        user.record.is_file(),
    )


def _version(addin: Path) -> str | None:
    try:
        with zipfile.ZipFile(addin) as archive:
            core = archive.read("docProps/core.xml").decode("utf-8", "replace")
    except (OSError, zipfile.BadZipFile, KeyError):
        return None
    found = re.search(r"<dc:title>xlhedge ([^<]+)</dc:title>", core)
    return found.group(1) if found else "unknown"


def _merged(user: WindowsUser, wanted: Mapping[str, str], encoding: str) -> dict[str, str]:
    """Return the settings with ours set, and whatever else a person has put there."""
    lines = _read_settings(user.settings, encoding)
    kept = {key: value for key, value in lines.items() if key.upper() not in wanted}
    return {**wanted, **kept}


def _read_settings(path: Path, encoding: str) -> dict[str, str]:
    if not path.is_file():
        return {}
    found = {}
    for line in path.read_text(encoding, "replace").splitlines():
        match = _LINE.match(line)
        if match:
            found[match.group(1)] = match.group(2)
    return found


def _without_ours(path: Path, record: dict[str, Any], before: str | None, encoding: str) -> str:
    """Take our settings out of a file that a person has changed since."""
    earlier = {}
    if before is not None:
        for line in base64.b64decode(before).decode(encoding, "replace").splitlines():
            match = _LINE.match(line)
            if match:
                earlier[match.group(1)] = match.group(2)
    lines = {}
    for key, value in _read_settings(path, encoding).items():
        if record["settings"].get(key) != value:
            lines[key] = value
        elif key in earlier:
            lines[key] = earlier[key]
    text = "".join(f'"{key}","{value}"\r\n' for key, value in lines.items())
    write_atomically(path, text.encode(encoding))
    return f"cleaned    {path}: your own settings stay"


def _remember(user: WindowsUser, record: dict[str, Any], path: Path) -> None:
    """Keep what was there before the first installation, and which folders were not."""
    missing = []
    folder = path.parent
    while not folder.exists():
        missing.append(str(folder))
        folder = folder.parent
    record["folders"] += [one for one in reversed(missing) if one not in record["folders"]]
    path.parent.mkdir(parents=True, exist_ok=True)
    name = _name(user, path)
    if name not in record["before"]:
        there = path.read_bytes() if path.is_file() else None
        record["before"][name] = base64.b64encode(there).decode() if there is not None else None


def _is_ours(path: Path, digest: str | None) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest


def _name(user: WindowsUser, path: Path) -> str:
    return {user.addin: "addin", user.settings: "settings"}[path]


def _read_record(user: WindowsUser) -> dict[str, Any] | None:
    try:
        return json.loads(user.record.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InstallError(
            f"{user.record} cannot be read ({error}); delete it, then install again"
        ) from None


def _write_record(user: WindowsUser, record: dict[str, Any]) -> None:
    user.record.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(user.record, json.dumps(record, indent=1).encode("utf-8"))
