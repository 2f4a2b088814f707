"""Workbooks that several tests look at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.workbook import cases
from xlhedge.workbook import Filled, new_workbook


@pytest.fixture
def fill(tmp_path: Path) -> Callable[..., Filled]:
    """Return a function that writes a workbook with some inputs and quote fields changed."""

    def written(
        name: str = "book.xlsx", inputs: dict[str, Any] | None = None, **quote: Any
    ) -> Filled:
        return new_workbook(
            tmp_path / name,
            inputs=cases.POSITION | (inputs or {}),
            quotes=[cases.a_quote(**quote)],
            history=cases.settlements(),
            clock=cases.clock,
            force=True,
        )

    return written
