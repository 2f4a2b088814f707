"""What the replayed venues agree on: a clock, two coins, and the form of an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

# A present that all tests share: not on a settlement, so that "next" and "last" differ
PRESENT = datetime(2026, 11, 23, 13, 17, 42, 250000, tzinfo=UTC)
INTERVAL = timedelta(hours=8)


@dataclass(frozen=True)
class Answer:
    """What a route answers: a JSON body, or bytes as they are."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Route = Callable[["World", Mapping[str, str]], Any]  # returns a body or an Answer


@dataclass
class World:
    """The state that replies are made from; a test may change it."""

    now: datetime = PRESENT
    changes: dict[str, Any] = field(default_factory=dict)  # a venue's own switches, by name

    @property
    def ms(self) -> int:
        """The present in milliseconds."""
        return round(self.now.timestamp() * 1000)

    def next_settlement(self, hours: float = 8) -> datetime:
        """Return the next whole multiple of some hours since midnight UTC."""
        step = hours * 3600
        return datetime.fromtimestamp((self.now.timestamp() // step + 1) * step, UTC)

    def settlements(self, count: int, hours: float = 8) -> list[tuple[datetime, float]]:
        """Return the last `count` settlements, oldest first, each with a rate of its own."""
        newest = self.next_settlement(hours) - timedelta(hours=hours)
        times = [newest - timedelta(hours=hours * n) for n in range(count)][::-1]
        return [(t, settled_rate(t)) for t in times]


def settled_rate(time: datetime) -> float:
    """Return the rate that every replayed venue settled at a time: of either sign, small."""
    return ((int(time.timestamp()) // 3600 * 7919) % 401 - 200) / 1_000_000


@dataclass(frozen=True)
class Case:
    """What the conformance test expects of one venue, in normalised units."""

    symbol: str  # the inverse perpetual of BTC; for WEEX the linear one
    mark: float
    index: float
    funding_rate: float
    funding_kind: str
    interval_hours: float
    next_funding: datetime | None
    contract_size: float
    size_unit: str
    coin_word: str | None = "BTC"  # what finds `symbol` by coin; None: has no inverse perpetual
    contract_type: str = "inverse"
    margin_coin: str = "BTC"
    linear: str | None = None  # a linear symbol to quote as well
    history: int = 0  # settlements available; more than one page of the venue; 0: none offered
    history_hours: float = 8
    tiers: bool = False
    rate_limited: tuple[str, ...] = ("429",)  # faults of the server that mean "too many requests"
    unknown: str = "NOSUCHCOIN"


@cache
def venue_modules() -> dict[str, Any]:
    """Return the replay modules by venue name: each defines ``ROUTES`` and ``CASE``."""
    from tests import replay

    package = import_module("tests.replay.venues")
    assert replay
    return {
        m.name: import_module(f"tests.replay.venues.{m.name}")
        for m in iter_modules(package.__path__)
    }


def cases() -> dict[str, Case]:
    """Return the conformance case of every replayed venue."""
    return {name: module.CASE for name, module in venue_modules().items()}
