"""Connections: faults below HTTP are sentences, and nothing keeps a process past its deadline."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.quote_examples import NOW
from tests.replay import ReplayServer
from xlhedge._refusals import refused
from xlhedge.errors import BadReply, VenueUnreachable
from xlhedge.refresh import refresh
from xlhedge.store import Store
from xlhedge.transport import Http


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as replay:
        yield replay


def http_to(base: str, **options: object) -> Http:
    """Return connections of Bybit to a base URL."""
    return Http("bybit", clock=lambda: NOW, base=base, **options)


def test_a_server_without_tls_is_not_believed(server: ReplayServer) -> None:
    """Where https is asked for and the other side does not speak it, the sentence says TLS."""
    with pytest.raises(VenueUnreachable, match="could not prove who it is"):
        http_to(server.url("bybit").replace("http:", "https:")).get("", "/v5/market/time")


def test_a_name_that_does_not_exist() -> None:
    """A host that cannot be looked up is named."""
    with pytest.raises(VenueUnreachable, match=r"the name venue\.invalid could not be looked up"):
        http_to("https://venue.invalid").get("", "/time")


def test_nobody_listens() -> None:
    """A refused connection says so, without an exception's inside."""
    with pytest.raises(
        VenueUnreachable,
        match=r"127\.0\.0\.1:9/time could not be reached: it refuses the connection$",
    ):
        http_to("http://127.0.0.1:9").get("", "/time")


def test_a_connection_closed_unanswered(server: ReplayServer) -> None:
    """A server that hangs up says so."""
    server.misbehave("bybit", "reset")
    with pytest.raises(VenueUnreachable, match="could not be reached: it hung up unanswered"):
        http_to(server.url("bybit")).get("", "/v5/market/time")


def test_calls_together_end_at_the_deadline() -> None:
    """Of calls at the same time, one that never ends is given up and the others are kept."""
    never = threading.Event()
    http = http_to("http://127.0.0.1:9", deadline=time.monotonic() + 0.3)
    first, stuck, third = http.together([lambda: 1, never.wait, lambda: 3])
    assert (first, third) == (1, 3)
    assert isinstance(stuck, VenueUnreachable)
    assert "deadline" in str(stuck)


def test_calls_together_hand_errors_back_and_faults_up() -> None:
    """A venue's error is a result; a fault of the program is raised."""
    http = http_to("http://127.0.0.1:9")

    def fails() -> None:
        raise BadReply("bybit", "no")

    assert isinstance(http.together([fails, lambda: 2])[0], BadReply)
    with pytest.raises(ZeroDivisionError):
        http.together([lambda: 1 / 0, lambda: 2])


STUCK = """
import socket, sys, threading
from pathlib import Path
never = threading.Event()
socket.getaddrinfo = lambda *args, **more: never.wait()  # a name server that never answers
from xlhedge.quotes import utc_now
from xlhedge.refresh import refresh
from xlhedge.store import Store
outcomes = refresh([("bybit", "BTC"), ("binance", "BTC")], store=Store(Path(sys.argv[1])),
                   clock=utc_now, environ={}, deadline_seconds=0.5, history_days=5)
print([type(o.error).__name__ for o in outcomes], len(Store(Path(sys.argv[1])).failures()))
"""


def test_a_hanging_name_server_does_not_keep_the_process(tmp_path: Path) -> None:
    """The refresh ends at its deadline with reasons, and the process ends with it."""
    start = time.monotonic()
    shown = subprocess.run(
        [sys.executable, "-c", STUCK, str(tmp_path)], capture_output=True, text=True, timeout=30
    )
    assert shown.stdout.startswith("['VenueUnreachable', 'VenueUnreachable'] 4"), shown.stderr
    assert time.monotonic() - start < 10  # start-up of a process on a busy machine included


@pytest.mark.parametrize(
    ("pace", "keep", "requests", "least"),
    [
        # seconds between retries, a list that is kept, requests in all, seconds that they take
        ({}, False, 3, 0.0),
        ({"retry_seconds": 0.3}, False, 3, 0.6),
        ({"retry_seconds": 0.3}, True, 3, 0.0),
        ({"list_retry_seconds": 0.3}, True, 3, 0.6),
        ({"list_retry_seconds": 5.0}, True, 1, 0.0),  # longer than a refresh can wait
    ],
)
def test_retries_keep_the_distance_that_a_venue_wants(
    pace: dict[str, float], keep: bool, requests: int, least: float, server: ReplayServer
) -> None:
    """A fault of the moment is tried again at the venue's pace, or not at all."""
    server.misbehave("bybit", "500")
    start = time.monotonic()
    with pytest.raises(VenueUnreachable, match="HTTP 500"):
        http_to(server.url("bybit"), **pace).get("", "/v5/market/time", keep=keep)
    assert len(server.requests) == requests
    assert time.monotonic() - start >= least


def test_bingx_is_asked_once_a_second_also_when_it_fails(
    server: ReplayServer, tmp_path: Path
) -> None:
    """BingX allows one request a second: its retries are as far apart in a refresh."""
    server.misbehave("bingx", "500")
    store, start = Store(tmp_path), time.monotonic()
    (outcome,) = refresh(
        [("bingx", "BTC")], store=store, clock=lambda: NOW, environ=server.environ()
    )
    store.close()
    assert "HTTP 500" in str(outcome.error)
    assert time.monotonic() - start >= len(server.requests) - 1 == 2


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        # Retry-After, how long the venue is left alone after a 429
        ("30", 30),
        ("1.5", 1.5),
        ("Mon, 23 Nov 2026 13:19:00 GMT", 120),
        ("Mon, 23 Nov 2026 13:19:00", 120),
        (None, 60),
        ("", 60),
        ("soon", 60),
        ("nan", 60),
        ("-5", 60),
        ("0", 60),
        ("Mon, 23 Nov 2020 13:19:00 GMT", 60),
        ("1e300", 7 * 86400),
        ("inf", 7 * 86400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 7 * 86400),
    ],
)
def test_how_long_a_refusal_lasts(header: str | None, seconds: float) -> None:
    """The stated time is honoured; what is no time in the future counts as not stated."""
    error = refused("bybit", "host/path", 429, header, NOW)
    assert error.retry_at == (NOW + timedelta(seconds=seconds)).timestamp()
    stated = "it does not say how long" if seconds == 60 else "it says"
    assert stated in str(error)
