"""The worksheet functions, under their Excel names.

>>> from udfs import INVERSE_PNL
>>> INVERSE_PNL(2500, 100, 50000, 40000)
1.25
>>> INVERSE_PNL(2500, 100, 50000, [[40000], [0], [None]])
[[1.25], ['#NUM!'], [None]]

They take what cells hold (numbers, text, blanks, rows of those) and never raise: a wrong argument
gives Excel's own error value, and ``HEDGE_ERRORS()`` the reason. The engine functions behind them,
in :mod:`xlhedge`, take numbers and arrays and raise errors that name the argument.
"""

from __future__ import annotations

from udfs import funding, live, margin, profit_and_loss, scenario, sizing
from udfs.declaration import DECLARED

# in the order of the documentation
for _module in (sizing, profit_and_loss, funding, margin, scenario, live):
    for _name in [name for name in vars(_module) if name in DECLARED]:
        DECLARED[_name] = DECLARED.pop(_name)
        # xlwings looks for the functions in this module, so each has to be a name of it
        globals()[_name] = getattr(_module, _name)

__all__ = sorted(DECLARED)
