"""Hedging a spot bag with inverse perpetuals: arithmetic, live quotes, scenario workbooks."""

from __future__ import annotations

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    if name == "__version__":  # read from the metadata, and only when asked for
        from importlib.metadata import version

        return version("xlhedge")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
