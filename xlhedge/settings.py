"""The settings of a user: what each means, its limits, and where its value comes from.

A value comes from the environment (``XLHEDGE_MAX_AGE_MINUTES``), else from the store, where
``xlhedge settings NAME VALUE`` puts it, else it is the default.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from xlhedge.errors import DomainError, UnknownWordError, WrongTypeError

__all__ = ["MAX_AGE", "MINIMUM_REFRESH", "SETTINGS", "Setting", "setting"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One number that a user may set.

    Parameters
    ----------
    name : str
        Name in the store and on the command line.
    default : float
        Value where nothing is set.
    lowest, highest : float
        Range; `lowest` itself is allowed only with `lowest_allowed`.
    unit : str
        What the number counts.
    about : str
        What it does, in a sentence.
    """

    name: str
    default: float
    lowest: float
    highest: float
    unit: str
    about: str
    lowest_allowed: bool = False

    @property
    def variable(self) -> str:
        """Name of the environment variable that overrules the store."""
        return f"XLHEDGE_{self.name.upper()}"

    @property
    def expected(self) -> str:
        """What a value must be, in words."""
        above = f"from {self.lowest:g}" if self.lowest_allowed else f"above {self.lowest:g}"
        return f"{self.unit}, as a number {above} to {self.highest:g}"

    def checked(self, text: str, called: str | None = None) -> float:
        """Return the number that a text means, or raise an error that names the setting."""
        called = called or self.name
        try:
            number = float(text)
        except ValueError:
            raise WrongTypeError(called, text, self.expected) from None
        high_enough = number >= self.lowest if self.lowest_allowed else number > self.lowest
        if not (math.isfinite(number) and high_enough and number <= self.highest):
            raise DomainError(called, number, self.expected)
        return number

    def value(self, stored: Mapping[str, str], environ: Mapping[str, str]) -> float:
        """Return the value that holds: the environment's, else the stored one, else the default."""
        if environ.get(self.variable):
            return self.checked(environ[self.variable], self.variable)
        if self.name in stored:
            return self.checked(stored[self.name], f"setting {self.name}")
        return self.default

    def source(self, stored: Mapping[str, str], environ: Mapping[str, str]) -> str:
        """Say where the value comes from."""
        if environ.get(self.variable):
            return f"environment ({self.variable})"
        return "set" if self.name in stored else "default"


MAX_AGE = Setting(
    "max_age_minutes",
    default=60,
    lowest=0,
    highest=1440,  # a day holds three settlements or more: nothing older is the present
    unit="minutes",
    about="a quote older than this is STALE, and its cells show #N/A",
)
MINIMUM_REFRESH = Setting(
    "minimum_refresh_seconds",
    default=10,
    lowest=0,
    highest=3600,
    unit="seconds",
    about="a quote younger than this is not asked for again, so that venues do not ban you",
    lowest_allowed=True,
)
SETTINGS = {setting.name: setting for setting in (MAX_AGE, MINIMUM_REFRESH)}


def setting(name: str) -> Setting:
    """Return the setting of that name, or raise an error that lists all of them."""
    known = SETTINGS.get(name.strip().lower().replace("-", "_"))
    if known is None:
        raise UnknownWordError("setting", name, f"one of {', '.join(SETTINGS)}")
    return known
