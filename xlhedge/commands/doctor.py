"""``xlhedge doctor``: is everything in place, and what to do where it is not. One line a check.

Exit code: 0 if nothing is wrong, 1 if something is.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from xlhedge.errors import HedgeError, NotOffered, RateLimited, UnknownSymbol
from xlhedge.quotes import Clock, utc_now

OK, LOOK, WRONG = "ok", "look", "WRONG"
REACH_SECONDS = 10.0

Registry = Callable[[str, str], int | None]
"""Returns the number under a key and name of the user's registry, None where there is none."""

POLICIES = r"Software\Policies\Microsoft\office\16.0\excel\security"
USER_SECURITY = r"Software\Microsoft\Office\16.0\Excel\Security"
POLICY_KEPT = "ask the people who manage this computer; docs/for-it.md is written for them"


@dataclass(frozen=True)
class Check:
    """One thing looked at: how it is, and what to do."""

    name: str
    state: str
    found: str
    to_do: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--offline", action="store_true", help="do not ask the venues")


def run(args: argparse.Namespace) -> int:
    """Print a line for each check."""
    from xlhedge.commands._printing import printable

    checks = check(os.environ, offline=args.offline)
    for one in checks:
        print(printable(f"{one.state:<6} {one.name:<18} {one.found}"))
        if one.to_do:
            print(printable(f"{'':<26}-> {one.to_do}"))
    return 1 if any(one.state == WRONG for one in checks) else 0


def check(
    environ: Mapping[str, str],
    *,
    offline: bool = False,
    clock: Clock = utc_now,
    windows: bool = sys.platform == "win32",
    interpreter: str = sys.executable,
    registry: Registry | None = None,
) -> list[Check]:
    """Return all checks, in the order in which things depend on each other.

    Parameters
    ----------
    environ : mapping
        Names the user's folders and the venues' addresses.
    offline : bool
        Whether the venues are left alone.
    clock : callable
        Returns the present as an aware UTC datetime.
    windows : bool
        Whether Excel can load the add-in here.
    interpreter : str
        The Python that runs this.
    registry : callable, optional
        Reads the user's registry; the real one by default.
    """
    checks = list(_packages(interpreter))
    if windows:
        checks += _runtime(interpreter)
        checks += _addin(environ, interpreter)
        checks += _policy(registry or _registry)
    else:
        found = "not on this system: Excel loads the add-in on Windows only"
        checks.append(Check("add-in", OK, found))
    checks += _store(environ, clock)
    if not offline:
        checks += _venues(environ, clock)
    return checks


def _packages(interpreter: str) -> Iterator[Check]:
    bits = 64 if sys.maxsize > 2**32 else 32
    about = f"{platform.python_version()}, {bits} bit, {interpreter}"
    if "WindowsApps" in interpreter:
        to_do = "Python of the Microsoft Store hides files from Excel; install it from python.org"
        yield Check("Python", WRONG, about, to_do)
    else:
        yield Check("Python", OK, about)
    yield Check("xlhedge", OK, version("xlhedge"))
    needed = _needed_xlwings()
    try:
        found = version("xlwings")
    except PackageNotFoundError:
        found = "not installed"
    same = needed in (None, found)
    to_do = "" if same else f"pip install xlwings=={needed}"
    yield Check("xlwings", OK if same else WRONG, found, to_do)


def _needed_xlwings() -> str | None:
    for requirement in requires("xlhedge") or ():
        exact = re.match(r"xlwings\s*\(?==\s*([\w.]+)", requirement)
        if exact:
            return exact.group(1)
    return None


def _runtime(interpreter: str) -> Iterator[Check]:
    """Check what connects Excel to Python: pywin32, and xlwings' DLL where its VBA looks for it."""
    there = importlib.util.find_spec("win32api") is not None
    to_do = "" if there else "pip install pywin32"
    yield Check("pywin32", OK if there else WRONG, "there" if there else "missing", to_do)
    name = f"xlwings64-{version('xlwings')}.dll"
    folder = Path(interpreter).parent
    places = [place for place in (folder, folder.parent) if (place / name).is_file()]
    if places:
        yield Check("xlwings' DLL", OK, str(places[0] / name))
    else:
        to_do = "pip install --force-reinstall xlwings, without --user, into this Python"
        yield Check("xlwings' DLL", WRONG, f"{name} is not beside {interpreter}", to_do)


def _addin(environ: Mapping[str, str], interpreter: str) -> Iterator[Check]:
    import locale

    from udfs.addin.install import WindowsUser, status

    again = "close Excel, then: xlhedge addin install"
    try:
        found = status(WindowsUser.of(environ), encoding=locale.getpreferredencoding(False))
    except HedgeError as error:
        yield Check("add-in", WRONG, str(error), again)
        return
    if found.version is None:
        yield Check("add-in", LOOK, f"not installed ({found.addin})", "xlhedge addin install")
        return
    same = found.version == version("xlhedge")
    state = OK if same else WRONG
    yield Check("add-in", state, f"{found.version}, {found.addin}", "" if same else again)
    python = found.interpreter or "no Python"
    there = python.lower() == interpreter.replace("pythonw.exe", "python.exe").lower()
    to_do = "" if there else f"to use this Python instead, {again}"
    yield Check("add-in's Python", OK if there else LOOK, python, to_do)


def _policy(registry: Registry) -> Iterator[Check]:
    """Check what an organisation or a person forbids macros to do."""
    found = []
    if registry(POLICIES, "VBAWarnings") == 4:
        found.append("macros are switched off")
    elif registry(POLICIES, "VBAWarnings") == 3:
        found.append("only signed macros run")
    if registry(POLICIES, "DisableAllAddins") == 1 or registry(USER_SECURITY, "DisableAllAddins"):
        found.append("all add-ins are switched off")
    if registry(POLICIES, "RequireAddinSig") == 1:
        found.append("only signed add-ins load")
    locations = rf"{POLICIES}\trusted locations"
    if registry(locations, "AllLocationsDisabled") == 1:
        found.append("the folder XLSTART is not trusted")
    if found:
        yield Check("macro policy", WRONG, "; ".join(found), POLICY_KEPT)
    else:
        yield Check("macro policy", OK, "nothing forbids the add-in's macros")


def _registry(key: str, name: str) -> int | None:
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:  # type: ignore[attr-defined]
            value = winreg.QueryValueEx(opened, name)[0]  # type: ignore[attr-defined]
    except OSError:
        return None
    return value if isinstance(value, int) else None


def _store(environ: Mapping[str, str], clock: Clock) -> Iterator[Check]:
    from xlhedge.commands._printing import age
    from xlhedge.live import open_live

    try:
        live = open_live(environ, clock)
        quotes = live.store.quotes()
    except HedgeError as error:
        yield Check("store", WRONG, str(error), "the message says what to do")
        return
    yield Check("store", OK, f"{len(quotes)} quote(s), {live.store.path}")
    if not quotes:
        found = "nothing is stored yet"
        yield Check("quotes", LOOK, found, "press Refresh funding, or: xlhedge quote bybit BTC")
        return
    now = clock()
    newest = max(quote.time for quote in quotes.values())
    fresh = sum(now - quote.time <= live.max_age for quote in quotes.values())
    found = f"{fresh} of {len(quotes)} live; the newest is {age(newest, now)} old"
    to_do = "" if fresh else "press Refresh funding, or: xlhedge refresh"
    yield Check("quotes", OK if fresh else LOOK, found, to_do)


def _venues(environ: Mapping[str, str], clock: Clock) -> Iterator[Check]:
    """Ask every venue for one contract, into a store that is thrown away."""
    from xlhedge import venues
    from xlhedge.refresh import refresh
    from xlhedge.store import Store

    asked = [
        (name, "BTC" if venues.venue(name).offers.inverse else "linear:BTC")
        for name in venues.names()
    ]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        store = Store(Path(folder))
        outcomes = refresh(
            asked, store=store, clock=clock, environ=environ, deadline_seconds=REACH_SECONDS
        )
        store.close()
    for outcome in outcomes:
        error = outcome.error
        if error is None or isinstance(error, NotOffered | UnknownSymbol):
            yield Check(outcome.venue, OK, f"answers ({outcome.seconds:.1f} s)")
        elif isinstance(error, RateLimited):
            yield Check(outcome.venue, LOOK, str(error), "wait, then refresh again")
        else:
            to_do = f"check network, proxy and country; XLHEDGE_URL_{outcome.venue.upper()} helps"
            yield Check(outcome.venue, LOOK, str(error), to_do)
