"""A replay server, a clock that stands still, and connections to the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.replay import ReplayServer
from xlhedge.transport import Http


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as replay:
        yield replay


@pytest.fixture
def connect(server: ReplayServer) -> Iterator[Callable[[str], Http]]:
    opened: list[Http] = []

    def connect_to(venue: str, **options: object) -> Http:
        http = Http(venue, clock=lambda: server.world.now, base=server.url(venue), **options)
        opened.append(http)
        return http

    yield connect_to
    for http in opened:
        http.close()
