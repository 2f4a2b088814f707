"""What a venue says of a perpetual: instruments, quotes, settlements, margin tiers.

Everything is normalised once, where a venue module reads its replies:

* a funding rate is a fraction per interval, and above 0 longs pay shorts;
* an interval is in hours, and ``interval_source`` says who stated it;
* a time is an aware UTC datetime;
* a face value is in USD (``size_unit`` "quote") or in coins ("base").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

__all__ = [
    "FIELDS",
    "INTERVAL_DEFAULT",
    "INTERVAL_INFERRED",
    "INTERVAL_STATED",
    "LINEAR_CURRENCIES",
    "Clock",
    "Fee",
    "FundingRow",
    "Instrument",
    "Quote",
    "Status",
    "Tier",
    "contract_type",
    "from_record",
    "linear_coin",
    "to_record",
    "utc_now",
]

Clock = Callable[[], datetime]  # returns an aware UTC datetime; given by whoever starts the work

HOURS_A_DAY = 24
DAYS_A_YEAR = 365  # simple annualisation, as in FUNDING_APR

# Where an interval comes from (``Quote.interval_source``)
INTERVAL_STATED = "stated"  # the venue says it for this symbol
INTERVAL_DEFAULT = "default of the venue's documentation"
INTERVAL_INFERRED = "inferred"  # from the distance between settlements

# What a coin's linear perpetual is quoted in, the usual first
LINEAR_CURRENCIES = ("USDT", "USDC", "USD")
_LINEAR = "LINEAR:"

# The fields of PERP(), in the order of the worksheet function's description
FIELDS = (
    "mark",
    "index",
    "basis",
    "funding_rate",
    "funding_kind",
    "interval_hours",
    "apr",
    "next_funding",
    "contract_size",
    "size_unit",
    "margin_coin",
    "lot_size",
    "tick_size",
    "maintenance_rate",
    "taker_fee",
    "maker_fee",
    "time",
    "status",
)


class Status(StrEnum):
    """How far a quote can be trusted as the present: live, stored too long ago, or bundled."""

    LIVE = "LIVE"
    STALE = "STALE"
    SNAPSHOT = "SNAPSHOT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One perpetual contract, as the venue's instrument list describes it."""

    venue: str
    symbol: str
    coin: str  # base coin; XBT is written BTC
    quote_currency: str
    contract_type: str  # "inverse", "linear" or "quanto"
    contract_size: float  # face value of one contract, in size_unit
    size_unit: str  # "quote": USD a contract; "base": coins a contract
    margin_coin: str
    lot_size: float | None  # smallest step of an order, in contracts
    tick_size: float | None  # smallest step of a price
    interval_hours: float | None = None
    funding_cap: float | None = None  # highest rate an interval, as a fraction
    funding_floor: float | None = None  # lowest (a negative number)
    active: bool = True
    status: str = ""  # the venue's own word
    maker_fee: float | None = None  # None where the venue does not publish it
    taker_fee: float | None = None


@dataclass(frozen=True, slots=True)
class Fee:
    """A venue's fees of the lowest tier, as fractions of the notional, from a dated source."""

    contract_type: str
    maker: float
    taker: float
    source: str
    date: str


@dataclass(frozen=True, slots=True)
class Tier:
    """Maintenance rate of positions up to a size.

    Parameters
    ----------
    up_to : float
        Largest position of the tier, in `unit`.
    unit : str
        "coin", "quote" (USD) or "contracts".
    maintenance_rate : float
        Fraction of the position's value.
    maintenance_amount : float
        What the venue subtracts from rate times value, in coin for inverse contracts.
    """

    up_to: float
    unit: str
    maintenance_rate: float
    maintenance_amount: float = 0.0


@dataclass(frozen=True, slots=True)
class FundingRow:
    """One settlement of the past; `time` is rounded to the minute."""

    time: datetime
    rate: float
    kind: str = "settled"
    mark: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a venue said of one perpetual at one time."""

    venue: str
    symbol: str
    coin: str
    contract_type: str
    quote_currency: str
    mark: float
    index: float
    funding_rate: float  # fraction per interval; above 0 longs pay shorts
    funding_kind: str  # "predicted", "settled" or "accrued"
    interval_hours: float
    interval_source: str
    next_funding: datetime | None
    contract_size: float
    size_unit: str
    margin_coin: str
    lot_size: float | None
    tick_size: float | None
    maintenance_rate: float | None = None
    taker_fee: float | None = None
    maker_fee: float | None = None
    fee_source: str | None = None
    time: datetime  # the venue's own timestamp
    received: datetime
    source: str  # host and path of the reply, or "snapshot: ..."
    funding_cap: float | None = None
    funding_floor: float | None = None
    unconfirmed: str | None = None  # what of the rate the venue leaves open, as a clause
    tiers: tuple[Tier, ...] = ()
    status: Status = Status.LIVE

    @property
    def basis(self) -> float:
        """How far the mark stands above the index, as a fraction of the index."""
        return (self.mark - self.index) / self.index

    @property
    def apr(self) -> float:
        """The rate as a simple yearly rate."""
        return self.funding_rate * HOURS_A_DAY / self.interval_hours * DAYS_A_YEAR

    def fields(self) -> dict[str, Any]:
        """Return the fields of PERP(), in its order; times are datetimes, missing is None."""
        return {name: getattr(self, name) for name in FIELDS} | {"status": self.status.value}

    def with_status(self, status: Status) -> Quote:
        """Return the same quote under another status."""
        return self if status is self.status else replace(self, status=status)


def contract_type(coin: str, quote_currency: str, margin_coin: str) -> str:
    """Tell a contract's type by its margin coin.

    >>> contract_type("BTC", "USD", "BTC"), contract_type("BTC", "USDT", "USDT")
    ('inverse', 'linear')
    >>> contract_type("ETH", "USD", "BTC")
    'quanto'
    """
    if margin_coin == coin:
        return "inverse"
    return "linear" if margin_coin == quote_currency else "quanto"


def linear_coin(word: str) -> str | None:
    """Return the coin whose linear perpetual a word asks for, or None for any other word.

    >>> linear_coin("linear:xbt"), linear_coin("BTC")
    ('BTC', None)
    """
    word = word.strip().upper()
    if not word.startswith(_LINEAR):
        return None
    coin = word.removeprefix(_LINEAR).strip()
    return "BTC" if coin == "XBT" else coin


def utc_now() -> datetime:
    """Return the present: the clock that commands and the add-in hand down."""
    return datetime.now(UTC)


_TIMES = ("time", "received", "next_funding")
_NAMES = tuple(field.name for field in fields(Quote) if field.name != "status")


def to_record(quote: Quote) -> dict[str, Any]:
    """Return a quote as plain JSON values (times in UTC seconds), without its status."""
    record = {name: getattr(quote, name) for name in _NAMES}
    for name in _TIMES:
        record[name] = record[name].timestamp() if record[name] is not None else None
    record["tiers"] = [
        [tier.up_to, tier.unit, tier.maintenance_rate, tier.maintenance_amount]
        for tier in quote.tiers
    ]
    return record


def from_record(record: dict[str, Any], status: Status = Status.LIVE) -> Quote:
    """Read back what :func:`to_record` wrote; fields of other versions are left out."""
    known = {name: record[name] for name in _NAMES if name in record}
    for name in _TIMES:
        if known.get(name) is not None:
            known[name] = datetime.fromtimestamp(known[name], UTC)
    known["tiers"] = tuple(Tier(*tier) for tier in known.get("tiers", ()))
    return Quote(**known, status=status)
