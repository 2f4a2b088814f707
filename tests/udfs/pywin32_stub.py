"""Enough of pywin32 for xlwings' classic Windows path to import and run on any system.

Import this before xlwings. What runs then is xlwings' own code: its reading of the declarations,
its stub writer, its conversion of arguments and results, and ``call_udf``.
"""

from __future__ import annotations

import atexit
import ctypes
import datetime as dt
import subprocess
import sys
import types
from typing import Any

RANGE_IID = "{00020846-0000-0000-C000-000000000046}"
MISSING = -2147352572  # what COM passes for an omitted argument


class ComError(Exception):
    """pywintypes.com_error."""


class AnyCall:
    """Stands for a DLL: every name is there, every call returns 0."""

    def __getattr__(self, name: str) -> AnyCall:
        return AnyCall()

    def __call__(self, *args: Any) -> int:
        return 0


class Dispatched:
    """win32com.client.CDispatch: the base of everything that came over COM."""


def _module(name: str, **names: Any) -> None:
    module = types.ModuleType(name)
    module.__dict__.update(names)
    sys.modules[name] = module
    if "." in name:
        parent, child = name.rsplit(".", 1)
        setattr(sys.modules[parent], child, module)


def install() -> None:
    """Put the stub modules in place and import xlwings as if on Windows."""
    assert "xlwings" not in sys.modules, "xlwings was imported before the stub"
    time_type = type("TimeType", (dt.datetime,), {})
    errors = {"com_error": ComError}
    _module("pywintypes", error=ComError, TimeType=time_type, IID=str, Time=lambda t: t, **errors)
    _module(
        "pythoncom",
        ole_error=ComError,
        IID_IDispatch="IDispatch",
        TypeIIDs={"IDispatch": type("PyIDispatch", (), {})},
        CoInitialize=lambda: None,
        CoUninitialize=lambda: None,
        Empty=object(),
        Missing=object(),
        CLSCTX_LOCAL_SERVER=4,
        REGCLS_MULTIPLEUSE=1,
        REGCLS_SUSPENDED=4,
        **errors,
    )
    sys.modules["pythoncom"].__file__ = "stub"
    dispatch = {"Dispatch": lambda o, *_: o, "DispatchEx": lambda o, *_: o}
    bases = dict.fromkeys(("CDispatch", "CoClassBaseClass", "DispatchBaseClass"), Dispatched)
    _module("win32com")
    _module("win32com.client", **dispatch, **bases)
    _module("win32com.client.gencache", EnsureModule=lambda *_, **__: None)
    _module("win32com.client.dynamic")
    _module("win32com.server")
    _module("win32com.server.dispatcher")
    _module("win32com.server.policy", DefaultPolicy=object)
    _module("win32com.server.util", wrap=lambda o, *_, **__: o, unwrap=lambda o: o)
    _module("win32api", GetCurrentThreadId=lambda: 1)
    _module("win32con")
    _module("win32event")
    _module("win32gui")
    _module("win32process", GetWindowThreadProcessId=lambda _: (0, 1))
    _module("win32timezone", TimeZoneInfo=type("TZ", (), {"utc": staticmethod(lambda: dt.UTC)}))
    ctypes.windll = ctypes.oledll = AnyCall()  # type: ignore[attr-defined]
    real_dll = ctypes.PyDLL
    ctypes.PyDLL = lambda path, *a, **k: AnyCall() if path == "stub" else real_dll(path, *a, **k)
    if not hasattr(ctypes, "WINFUNCTYPE"):
        ctypes.WINFUNCTYPE = ctypes.CFUNCTYPE  # type: ignore[attr-defined]
    for flag in ("CREATE_NO_WINDOW", "STARTF_USESHOWWINDOW"):
        if not hasattr(subprocess, flag):
            setattr(subprocess, flag, 0)
    # libraries that look at the platform are imported as what this system is
    import asyncio  # noqa: F401
    import concurrent.futures  # noqa: F401
    import logging  # noqa: F401
    import tempfile  # noqa: F401

    import numpy  # noqa: F401

    register, platform = atexit.register, sys.platform
    atexit.register = lambda function, *_, **__: function  # xlwings would end Excel at exit
    sys.platform = "win32"
    try:
        import xlwings  # noqa: F401
    finally:
        sys.platform, atexit.register = platform, register


class Count:
    """A collection that only knows its length."""

    def __init__(self, count: int) -> None:
        self.Count = count


class Range(Dispatched):
    """What Excel passes for a cell reference; ``Value`` as pywin32 hands it over."""

    CLSID = "stub"
    Address = "$A$1"

    def __init__(self, value: Any, row: int = 1, column: int = 1) -> None:
        self.Value = self.Value2 = value
        self.Row, self.Column = row, column
        height, width = (len(value), len(value[0])) if isinstance(value, tuple) else (1, 1)
        self.Rows, self.Columns, self.Count = Count(height), Count(width), height * width
        self.Worksheet = self.Parent = Sheet()
        self.Application = self.Worksheet.Application

    @property
    def _oleobj_(self) -> Any:
        attributes = types.SimpleNamespace(iid=RANGE_IID)
        info = types.SimpleNamespace(GetTypeAttr=lambda: attributes)
        return types.SimpleNamespace(GetTypeInfo=lambda: info)

    def GetAddress(self, *_: Any) -> str:
        return self.Address


class Sheet:
    """A worksheet of a book that is only a name."""

    def __init__(self) -> None:
        self.Name = "Sheet1"
        self.Parent = Book()
        self.Application = self.Parent.Application

    def Range(self, *_: Any) -> Range:
        return Range(1.0)


class Book:
    """A workbook that is only a name."""

    def __init__(self, name: str = "Book1.xlsx") -> None:
        self.Name = name
        self.FullName = f"C:\\books\\{name}"
        self.Application = types.SimpleNamespace(Version="16.0", Hwnd=1)
