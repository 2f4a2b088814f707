"""When to ask a venue again: after a fault of the moment, or when it asks to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from xlhedge.errors import RateLimited

__all__ = ["RETRY_SECONDS", "refused"]

RETRY_SECONDS = 0.2  # from a request to its retry, where a venue wants no longer distance

# How long to leave a venue alone when it does not say: HTTP status -> seconds.
# 403: Bybit, docs/v5/rate-limit.mdx: "stop all HTTP requests and wait at least 10 minutes".
# 418: Binance bans from 2 minutes to 3 days and says how long in Retry-After.
PAUSES = {429: 60, 418: 600, 403: 600, 503: 60}
LONGEST_PAUSE = timedelta(days=7)  # what asks for more is taken for a mistake

REASONS = {
    403: "refuses this address (too many requests, or not available in your region)",
    418: "has banned this address for too many requests",
    429: "asks for fewer requests",
    503: "is overloaded",
}


def refused(
    venue: str, source: str, status: int, retry_after: str | None, now: datetime
) -> RateLimited:
    """Return the error for a refusal, with the time until which nothing is asked again."""
    stated = retry_time(retry_after, now)
    until = stated or now + timedelta(seconds=PAUSES[status])
    by = "it says" if stated else "it does not say how long"
    return RateLimited(
        venue,
        f"{source} {REASONS[status]}; left alone until {until:%Y-%m-%d %H:%M:%S} UTC ({by})",
        until.timestamp(),
    )


def retry_time(header: str | None, now: datetime) -> datetime | None:
    """Read Retry-After: seconds, or an HTTP date (RFC 9110, 10.2.3); None if it says nothing.

    >>> now = datetime(2026, 11, 23, 13, tzinfo=UTC)
    >>> retry_time("90", now), retry_time("soon", now)
    (datetime.datetime(2026, 11, 23, 13, 1, 30, tzinfo=datetime.timezone.utc), None)
    """
    if not header:
        return None
    try:
        stated = now + timedelta(seconds=min(float(header), LONGEST_PAUSE.total_seconds()))
    except (ValueError, OverflowError):
        try:
            stated = parsedate_to_datetime(header)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    stated = stated if stated.tzinfo else stated.replace(tzinfo=UTC)
    return min(stated.astimezone(UTC), now + LONGEST_PAUSE) if stated > now else None
