"""Hedging a spot bag with inverse perpetuals: arithmetic, live quotes, scenario workbooks.

The arithmetic is here by name and loads numpy when first used:

>>> import xlhedge
>>> xlhedge.inverse_pnl(2500, 100, 50000, 40000)
1.25
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_ARITHMETIC = (
    "sizing",
    "pnl",
    "funding",
    "margin",
    "liquidation",
    "basis",
    "cross_hedge",
    "scenario",
    "advice",
)


def __getattr__(name: str) -> Any:
    if name == "__version__":  # read from the metadata, and only when asked for
        from importlib.metadata import version

        return version("xlhedge")
    if name == "__all__" or name in _exports():
        return sorted([*_exports(), "__version__"]) if name == "__all__" else _exports()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_exports(), "__version__"])


def _exports() -> dict[str, Any]:
    """Return the public functions of the arithmetic modules by name."""
    modules = (import_module(f"xlhedge.{module}") for module in _ARITHMETIC)
    return {name: getattr(module, name) for module in modules for name in module.__all__}
