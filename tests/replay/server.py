"""The replay server: a threaded HTTP server on loopback that can be told to misbehave."""

from __future__ import annotations

import gzip
import json
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.replay.world import Answer, World, venue_modules

GIANT = 64 * 2**20  # bytes after decompression: more than any reply may have


class ReplayServer:
    """Answers ``/<venue>/<the venue's own path>``; give ``url(venue)`` as XLHEDGE_URL_<VENUE>."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.requests: list[tuple[str, str, dict[str, str]]] = []  # venue, path, query
        self.faults: dict[str, tuple[str, str]] = {}  # venue: fault, part of the paths it hits
        self.delay = 0.0  # seconds before each answer
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def __enter__(self) -> ReplayServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, venue: str) -> str:
        """Return the base URL of one venue."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/{venue}"

    def environ(self, **more: str) -> dict[str, str]:
        """Return an environment that sends every venue here."""
        return {f"XLHEDGE_URL_{v.upper()}": self.url(v) for v in venue_modules()} | more

    def misbehave(self, venue: str, fault: str | None, where: str = "") -> None:
        """Make a venue answer with a fault, on paths that contain `where`; None heals it."""
        if fault is None:
            self.faults.pop(venue, None)
        else:
            self.faults[venue] = (fault, where)

    def answer(self, venue: str, path: str, query: dict[str, str]) -> Answer:
        """Return what the venue answers when all is well."""
        routes = venue_modules()[venue].ROUTES
        for route, make in routes.items():
            start, _, tail = route.partition("*")
            if path == route or ("*" in route and path.startswith(start) and path.endswith(tail)):
                made = make(self.world, {**query, "*": path[len(start) :]})
                return made if isinstance(made, Answer) else Answer(made)
        return Answer({"error": f"no such path {path}"}, 404)


def _handler(replay: ReplayServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            _, venue, *rest = parts.path.split("/")
            path = "/" + "/".join(rest)
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            replay.requests.append((venue, path, query))
            if replay.delay:
                time.sleep(replay.delay)
            fault, where = replay.faults.get(venue, (None, ""))
            with suppress(ConnectionError, TimeoutError):
                if fault is not None and where in path:
                    self._fail(fault, replay.answer(venue, path, query))
                else:
                    self._send(replay.answer(venue, path, query))

        def _send(self, answer: Answer, body: bytes | None = None) -> None:
            data = _dumped(answer.body) if body is None else body
            headers = {"Content-Type": "application/json", "Content-Length": str(len(data))}
            self.send_response(answer.status)
            for name, value in (headers | dict(answer.headers)).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def _fail(self, fault: str, good: Answer) -> None:
            word, _, detail = fault.partition(" ")
            text = _dumped(good.body)
            if word in ("429", "418", "403", "500", "502", "503"):
                headers = {"Retry-After": detail} if detail else {}
                self._send(Answer({"msg": "refused"}, int(word), headers))
            elif word == "body":  # an error of the venue's own, with HTTP 200
                self._send(good, detail.encode())
            elif word == "html":
                page = {"Content-Type": "text/html"}
                self._send(Answer(None, 200, page), b"<html><body>Just a moment...</body></html>")
            elif word == "truncated":  # valid HTTP, half of the JSON
                self._send(good, text[: len(text) // 2])
            elif word == "broken":  # the connection ends in mid body
                self.send_response(200)
                self.send_header("Content-Length", str(len(text) + 10))
                self.end_headers()
                self.wfile.write(text[: len(text) // 2])
                self.close_connection = True
            elif word == "reset":
                self.connection.close()
                self.close_connection = True
            elif word == "slow":
                time.sleep(float(detail))
                self._send(good)
            elif word == "drip":  # a byte now and then, for ever
                self.send_response(200)
                self.send_header("Content-Length", "100000")
                self.end_headers()
                for _ in range(400):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.05)
            elif word == "giant":
                self._send(
                    Answer(None, 200, {"Content-Encoding": "gzip"}),
                    gzip.compress(b" " * GIANT, compresslevel=1),
                )
            elif word == "redirect":
                self._send(Answer({}, 302, {"Location": "https://example.com" + self.path}))
            elif word == "replace":  # "old=>new" in the replies' text, where it stands
                old, _, new = detail.partition("=>")
                self._send(good, text.replace(old.encode(), new.encode()))
            else:
                raise AssertionError(f"unknown fault {fault}")

    return Handler


def _dumped(body: Any) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
