"""requests sessions that read no more than they should; loaded by :mod:`xlhedge.transport` only."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util.retry import Retry

__all__ = ["ReplyTooLarge", "new_session", "slow_answer"]

KEPT_FOR = timedelta(days=1)
CHUNK = 64 * 1024
LONGEST_PACE = 2.0  # seconds; what would have to wait longer is left to the next refresh


class ReplyTooLarge(requests.RequestException):
    """The reply is longer than any this venue should send."""


class _SparingRetry(Retry):
    """Retry what may pass at once; a reply that says when to come back is not retried here.

    Parameters
    ----------
    pace : float
        Least seconds before each retry.
    """

    def __init__(self, *args: Any, pace: float = 0.0, **options: Any) -> None:
        super().__init__(*args, **options)
        self.pace = pace

    def new(self, **changes: Any) -> _SparingRetry:
        return super().new(**{"pace": self.pace, **changes})

    def get_backoff_time(self) -> float:
        return max(self.pace, super().get_backoff_time()) if self.history else 0.0

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        return not has_retry_after and super().is_retry(method, status_code, has_retry_after)


def _retry(pace: float) -> _SparingRetry:
    return _SparingRetry(
        total=2 if pace <= LONGEST_PACE else 0,
        connect=1,
        read=1,
        redirect=0,
        status=2,
        status_forcelist=(500, 502, 503, 504),
        allowed_methods=("GET",),
        backoff_factor=pace,
        respect_retry_after_header=False,
        raise_on_status=False,
        pace=pace,
    )


class _CappedAdapter(HTTPAdapter):
    """Reads the whole body itself, decompressed, up to a cap and a deadline."""

    def __init__(self, cap: int, deadline: Callable[[], float | None], pace: float) -> None:
        self._cap = cap
        self._deadline_of = deadline
        super().__init__(max_retries=_retry(pace))

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        response = super().send(request, **{**options, "stream": True})
        raw = response.raw
        try:
            body = self._read(raw)
        except requests.RequestException:
            raise
        except ReadTimeoutError as error:
            raise requests.ReadTimeout(error, request=request) from None
        except (HTTPError, OSError) as error:
            raise requests.exceptions.ChunkedEncodingError(error, request=request) from None
        finally:
            raw.close()
            raw.release_conn()
        response.raw = HTTPResponse(
            body=io.BytesIO(body),
            headers={k: v for k, v in raw.headers.items() if k.lower() not in _CODING},
            status=raw.status,
            version=raw.version,
            reason=raw.reason,
            preload_content=False,
            decode_content=False,
            request_method=request.method,
            request_url=request.url,
        )
        return response

    def _read(self, raw: Any) -> bytes:
        if int(raw.headers.get("Content-Length") or 0) > self._cap:
            raise ReplyTooLarge(f"more than {self._cap // 2**20} MiB")
        body = bytearray()
        while chunk := raw.read1(CHUNK, decode_content=True):
            body += chunk
            if len(body) > self._cap:
                raise ReplyTooLarge(f"more than {self._cap // 2**20} MiB")
            deadline = self._deadline_of()
            if deadline is not None and time.monotonic() > deadline:
                raise requests.ReadTimeout("the reply was too slow")
        return bytes(body)


_CODING = ("content-encoding", "content-length", "transfer-encoding")


def new_session(
    kept: Path | None,
    cap: int,
    deadline: Callable[[], float | None],
    pace: float,
) -> requests.Session:
    """Return a session whose retries are `pace` seconds apart.

    With `kept`, one that keeps good replies in that file for a day.
    """
    session = requests.Session() if kept is None else _keeping_session(kept)
    adapter = _CappedAdapter(cap, deadline, pace)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.auth = lambda request: request  # public data: nothing from .netrc is ever sent
    session.headers["Accept"] = "application/json"
    session.headers["User-Agent"] = "xlhedge"
    return session


def slow_answer(error: Exception) -> bool:
    """Tell whether an error means that the other side took too long."""
    return isinstance(error, requests.Timeout) or "timed out" in str(error).lower()


def _keeping_session(kept: Path) -> requests.Session:
    from requests_cache import CachedSession
    from requests_cache.backends.sqlite import SQLiteCache

    kept.parent.mkdir(parents=True, exist_ok=True)
    return CachedSession(
        backend=SQLiteCache(
            kept, wal=True, busy_timeout=2000, serializer="json", decode_content=False
        ),
        expire_after=KEPT_FOR,
        allowable_codes=(200,),
        allowable_methods=("GET",),
        ignored_parameters=["timestamp"],  # BingX wants one on every call
        match_headers=False,
    )
