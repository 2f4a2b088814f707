"""Scenario workbooks as files: filled and refreshed in place, without Excel.

Cells are found by their defined names (:mod:`xlhedge.workbook.names`), only the parts that hold
them change, and a file is replaced in one step or not at all.
"""

from __future__ import annotations

from xlhedge.workbook.fill import Filled, new_workbook, read_inputs, refresh_workbook, wanted

__all__ = ["Filled", "new_workbook", "read_inputs", "refresh_workbook", "wanted"]
