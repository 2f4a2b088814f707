"""HTTP to the venues: the one module that opens sockets.

A reply is distrusted before anybody reads it: https only (plain http to this computer alone), no
redirects, a cap on its size, JSON with numbers kept as written, no NaN. Importing this module
loads requests; what only reads stored quotes does not import it.
"""

from __future__ import annotations

import ipaddress
import json
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from xlhedge._refusals import RETRY_SECONDS, refused
from xlhedge._session import ReplyTooLarge, new_session, slow_answer
from xlhedge.errors import BadReply, VenueError, VenueUnreachable
from xlhedge.quotes import Clock

__all__ = ["Http", "Reply", "base_override"]

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
REPLY_CAP = 32 * 2**20  # bytes after decompression; Binance's USDT-M list, the largest, is ~1 MiB
AT_ONCE = 4  # requests of one venue in the air together

TOO_LATE = "no answer before the deadline of the refresh"


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON reply: its body with numbers as Decimal or int, and where and when it came from."""

    body: Any
    status: int
    received: datetime
    source: str  # host and path


def base_override(venue: str, environ: Mapping[str, str]) -> str | None:
    """Return the base URL that replaces all hosts of a venue, from ``XLHEDGE_URL_<VENUE>``."""
    return environ.get(_variable(venue)) or None


class Http:
    """Requests to one venue during one refresh.

    Parameters
    ----------
    venue : str
        Name that errors carry.
    clock : callable
        Returns the present as an aware UTC datetime.
    base : str, optional
        Base URL instead of the venue's own hosts.
    folder : Path, optional
        Where instrument lists are kept between runs; None keeps nothing.
    deadline : float, optional
        ``time.monotonic()`` after which no request is started or waited for.
    cap : int
        Bytes of a reply, decompressed, beyond which it is not read.
    retry_seconds, list_retry_seconds : float
        Distance from a request to its retry: of what moves, and of what is kept.
    """

    def __init__(
        self,
        venue: str,
        *,
        clock: Clock,
        base: str | None = None,
        folder: Path | None = None,
        deadline: float | None = None,
        cap: int = REPLY_CAP,
        retry_seconds: float = RETRY_SECONDS,
        list_retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self.venue = venue
        self.clock = clock
        self._base = base
        self._folder = folder
        self._deadline = deadline
        self._cap = cap
        self._retry_seconds = {False: retry_seconds, True: list_retry_seconds}
        self._sessions: dict[bool, requests.Session] = {}
        self._parsed: dict[Any, Any] = {}
        self.used_kept = False

    def get(
        self, host: str, path: str, params: Mapping[str, Any] | None = None, *, keep: bool = False
    ) -> Reply:
        """Fetch one JSON document.

        Parameters
        ----------
        host : str
            The venue's base URL; the override takes its place.
        path : str
            Path below it.
        params : mapping, optional
            Query; entries that are None are left out.
        keep : bool
            Whether the reply may be kept on disk for a day (instrument lists).

        Returns
        -------
        Reply
            Also for a 4xx with a JSON body, which the venue's module has to judge.
        """
        url = self._checked((self._base or host).rstrip("/") + path)
        parts = urlsplit(url)
        source = f"{parts.netloc}{parts.path}"
        query = {key: value for key, value in (params or {}).items() if value is not None}
        try:
            response = self._fetched(url, query, keep)
        except ReplyTooLarge as error:
            raise BadReply(self.venue, f"{source} sent {error}; nothing of it was read") from None
        except requests.RequestException as error:
            raise self._unreachable(source, error) from None
        if getattr(response, "from_cache", False):
            self.used_kept = True
        return self._judged(response, source)

    def together(self, calls: Sequence[Callable[[], Any]]) -> list[Any]:
        """Run independent calls at the same time; return their results, errors among them.

        A call that has not ended at the deadline is given up, also if it never ends.
        """

        if len(calls) < 2:
            return [_settled(call) for call in calls]
        # Daemon threads, not a pool: one stuck in looking up a name must not keep the process
        todo: queue.SimpleQueue = queue.SimpleQueue()
        done: queue.SimpleQueue = queue.SimpleQueue()
        for number, call in enumerate(calls):
            todo.put((number, call))

        def work() -> None:
            with suppress(queue.Empty):
                while True:
                    number, call = todo.get_nowait()
                    try:
                        done.put((number, _settled(call), None))
                    except Exception as error:
                        done.put((number, None, error))

        for _ in range(min(AT_ONCE, len(calls))):
            threading.Thread(target=work, daemon=True).start()
        results: list[Any] = [VenueUnreachable(self.venue, TOO_LATE)] * len(calls)
        with suppress(queue.Empty):
            for _ in calls:
                number, result, fault = done.get(timeout=self._seconds_left())
                if fault is not None:
                    raise fault
                results[number] = result
        return results

    def once(self, key: Any, work: Callable[[], Any]) -> Any:
        """Return what `work` gave the first time it was asked for under `key` in this refresh."""
        if key not in self._parsed:
            self._parsed[key] = work()
        return self._parsed[key]

    def placed(self, url: str) -> str:
        """Return an address under the override, if there is one; refuse it if it is not https."""
        return self._checked(self._base.rstrip("/") + urlsplit(url).path if self._base else url)

    def lend_session(self) -> requests.Session:
        """Return a session with the cap and the deadline to a library that makes the requests."""
        session = self._session(keep=False)
        session.max_redirects = 0
        return session

    def drop_kept(self, *, parsed: bool = True) -> None:
        """Forget lists kept from earlier runs; the next ones come from the venue.

        With `parsed` False what was made of them still serves this refresh.
        """
        if parsed:
            self._parsed.clear()
        session = self._sessions.get(True)
        if session is not None and hasattr(session, "cache"):
            with suppress(sqlite3.Error):
                session.cache.clear()
        self.used_kept = False

    def close(self) -> None:
        """Close the connections."""
        for session in self._sessions.values():
            session.close()

    def _fetched(self, url: str, query: Mapping[str, Any], keep: bool) -> requests.Response:
        try:
            return self._session(keep).get(
                url, params=query, timeout=self._timeouts(), allow_redirects=False
            )
        except sqlite3.Error:  # the kept lists are damaged or locked: do without them
            if not keep:
                raise
            return self._fetched(url, query, keep=False)

    def _session(self, keep: bool) -> requests.Session:
        if keep not in self._sessions:
            on_disk = keep and self._folder is not None
            kept = self._folder / f"lists-{self.venue}.sqlite" if on_disk else None
            self._sessions[keep] = new_session(
                kept, self._cap, lambda: self._deadline, self._retry_seconds[keep]
            )
        return self._sessions[keep]

    def _checked(self, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname)):
            return url
        raise VenueUnreachable(
            self.venue,
            f"{parts.scheme}://{parts.netloc} is refused: https is required except to this "
            f"computer (see {_variable(self.venue)})",
        )

    def _seconds_left(self) -> float | None:
        return None if self._deadline is None else max(self._deadline - time.monotonic(), 0.0)

    def _timeouts(self) -> tuple[float, float]:
        left = self._seconds_left()
        if left is None:
            return CONNECT_SECONDS, READ_SECONDS
        if left <= 0:
            raise VenueUnreachable(self.venue, TOO_LATE)
        return min(CONNECT_SECONDS, left), min(READ_SECONDS, left)

    def _unreachable(self, source: str, error: Exception) -> VenueUnreachable:
        if slow_answer(error):
            return VenueUnreachable(self.venue, f"{source} did not answer in time")
        if isinstance(error, requests.exceptions.SSLError):
            return VenueUnreachable(self.venue, f"{source} could not prove who it is (TLS failed)")
        if "NameResolution" in repr(error) or "getaddrinfo" in repr(error):
            host = source.partition("/")[0]
            return VenueUnreachable(self.venue, f"the name {host} could not be looked up")
        if isinstance(error, requests.exceptions.ChunkedEncodingError):
            return VenueUnreachable(self.venue, f"{source} broke off in the middle of its reply")
        if isinstance(error, requests.exceptions.ProxyError):
            return VenueUnreachable(self.venue, f"the proxy on the way to {source} does not answer")
        if "refused" in str(error):
            return VenueUnreachable(
                self.venue, f"{source} could not be reached: it refuses the connection"
            )
        if "RemoteDisconnected" in str(error) or "reset by peer" in str(error):
            return VenueUnreachable(
                self.venue, f"{source} could not be reached: it hung up unanswered"
            )
        return VenueUnreachable(self.venue, f"{source} could not be reached ({_short(error)})")

    def _judged(self, response: requests.Response, source: str) -> Reply:
        status = response.status_code
        retry_after = response.headers.get("Retry-After")
        if status in (429, 418, 403) or (status == 503 and retry_after):
            raise refused(self.venue, source, status, retry_after, self.clock())
        if status >= 500:
            raise VenueUnreachable(self.venue, f"{source} answers HTTP {status}: a fault of theirs")
        if 300 <= status < 400:
            raise BadReply(self.venue, f"{source} redirects elsewhere; that is not followed")
        try:
            body = json.loads(response.content, parse_float=Decimal, parse_constant=_no_constant)
        except (ValueError, RecursionError, ArithmeticError) as error:
            kind = response.headers.get("Content-Type", "no stated type")
            raise BadReply(
                self.venue, f"{source} sent no valid JSON (HTTP {status}, {kind}): {_short(error)}"
            ) from None
        return Reply(body, status, self.clock(), source)


def _variable(venue: str) -> str:
    """Return the variable of a venue's base URL: XLHEDGE_URL_CCXT_KUCOINFUTURES, for one."""
    return f"XLHEDGE_URL_{venue.upper().replace(':', '_')}"


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _settled(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except VenueError as error:
        return error


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} stands where a number should")


def _short(error: Exception) -> str:
    text = str(error).split("(Caused by ")[-1]
    return text if len(text) <= 120 else text[:117] + "..."
