"""How the refresh of one asked symbol ended."""

from __future__ import annotations

from dataclasses import dataclass

from xlhedge.errors import HedgeError, NotOffered, UnknownSymbol
from xlhedge.quotes import Quote

__all__ = ["CHECK", "Asked", "Outcome", "status", "status_shown"]

CHECK = "CHECK RATE"

Asked = tuple[str, str]  # venue, and its symbol or a coin


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the refresh of one asked symbol ended: a quote, or an error and the last good quote.

    Attributes
    ----------
    last_good : Quote or None
        With status STALE; None where nothing was ever stored.
    settlements : int or None
        How many past settlements of the days asked for are stored now; None: not asked for.
    history_error : HedgeError or None
        Why the settlements could not be brought up to date.
    warning : str or None
        Why the rate of the quote that came is doubtful, though it is possible and was stored.
    """

    venue: str
    asked: str
    quote: Quote | None
    error: HedgeError | None
    last_good: Quote | None
    seconds: float
    settlements: int | None = None
    history_error: HedgeError | None = None
    warning: str | None = None

    @property
    def shown(self) -> Quote | None:
        """The quote to show: the one that came, or the last good one, which is STALE."""
        return self.quote or self.last_good


def status(outcome: Outcome) -> str:
    """Return the word for an outcome: LIVE, STALE, NOT OFFERED or FAILED."""
    if outcome.shown is not None:
        return outcome.shown.status.value
    not_there = isinstance(outcome.error, NotOffered | UnknownSymbol)
    return "NOT OFFERED" if not_there else "FAILED"


def status_shown(outcome: Outcome) -> str:
    """Return the word for an outcome as tables show it, with a mark where the rate is doubtful."""
    return status(outcome) + (f", {CHECK}" if outcome.warning else "")
