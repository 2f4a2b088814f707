"""Hedging a spot bag with inverse perpetuals: arithmetic, live quotes, scenario workbooks.

The arithmetic is here by name and loads numpy when first used:

>>> import xlhedge
>>> xlhedge.inverse_pnl(2500, 100, 50000, 40000)
1.25
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

__version__ = "0.1.0"

_ARITHMETIC = (
    "sizing",
    "pnl",
    "funding",
    "margin",
    "liquidation",
    "futures_basis",
    "cross_hedge",
    "scenario",
    "advice",
)


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return sorted([*_exports(), "__version__"])
    # "from xlhedge import venues" asks here before it imports the module: no reason to load numpy
    other_module = name not in _ARITHMETIC and find_spec(f"{__name__}.{name}") is not None
    if not other_module and name in (exports := _exports()):
        globals().update(exports)
        return exports[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_exports()])


def _exports() -> dict[str, Any]:
    """Return the public functions of the arithmetic modules by name."""
    modules = (import_module(f"xlhedge.{module}") for module in _ARITHMETIC)
    return {name: getattr(module, name) for module in modules for name in module.__all__}
