"""What the store tells of refreshes: why one failed, and which settlements are there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["HISTORY", "QUOTE", "RATE", "Failure", "Span"]

# What an outcome is of: a quote, past settlements, or the rate of a quote that is doubtful
QUOTE, HISTORY, RATE = "quote", "history", "rate"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the last refresh of one asked symbol failed, or why what it gave is doubtful.

    `what` is "quote", "history" or "rate".
    """

    time: datetime
    venue: str
    asked: str
    kind: str
    message: str
    what: str = QUOTE


@dataclass(frozen=True, slots=True)
class Span:
    """The time from `first` to `last` of which all settlements of one contract are stored.

    `step` is the distance of the latest two of them, None where there is one at most.
    """

    first: datetime
    last: datetime
    step: timedelta | None = None

    def missing(self, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
        """Return what to fetch to have all from `since` to `until`, still as one span."""
        before = [(since, self.first)] if since < self.first else []
        after = [(self.last, until)] if until > self.last else []
        return before + after
