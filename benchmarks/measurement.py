"""A measurement: two calls timed in turns, and the ratio of their best times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

__all__ = ["Measurement", "compare"]


@dataclass(frozen=True)
class Measurement:
    """How many times as long one thing takes as another, and the most that is accepted."""

    what: str
    ratio: float
    limit: float | None
    beside: str


def compare(
    what: str,
    ours: Callable[[], Any],
    beside: str,
    theirs: Callable[[], Any],
    *,
    limit: float | None = None,
    calls: int = 1,
    turns: int = 7,
) -> Measurement:
    """Time both in turns and return the ratio of their best times."""
    best = [float("inf"), float("inf")]
    for _ in range(turns):
        for side, call in enumerate((ours, theirs)):
            start = perf_counter()
            for _ in range(calls):
                call()
            best[side] = min(best[side], perf_counter() - start)
    return Measurement(what, best[0] / best[1], limit, beside)
