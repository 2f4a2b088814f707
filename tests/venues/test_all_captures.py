"""Every captured reply, whatever it is of: told from a failure by its own venue's envelope."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.venues.payloads import FOLDER
from xlhedge import venues
from xlhedge.errors import VenueError
from xlhedge.quotes import utc_now
from xlhedge.transport import Reply

PATHS = sorted(FOLDER.glob("*/*.json")) if FOLDER.is_dir() else []
VENUE_OF_FOLDER = {"kraken_futures": "kraken"}
WHOLE = ("captured", "doc-example")  # fragments and retired interfaces have no envelope of today


def _captures() -> list:
    found = []
    for path in PATHS:
        capture = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        streamed = path.name.startswith("ws_")
        if capture.get("kind") in WHOLE and not streamed and "body" in capture:
            name = f"{path.parent.name}-{path.stem}"
            found.append(pytest.param(path.parent.name, capture, "error" in name, id=name))
    return found


@pytest.mark.parametrize(("folder", "capture", "failed"), _captures())
def test_envelope_of_a_captured_reply(folder, capture, failed) -> None:
    """A reply passes its venue's envelope; an error raises, with HTTP 200 too."""
    venue = venues.venue(VENUE_OF_FOLDER.get(folder, folder))
    reply = Reply(capture["body"], capture.get("status") or 400, utc_now(), capture["url"])
    if failed:
        with pytest.raises(VenueError, match=venue.name):
            venue.check_envelope(reply, "captured")
    else:
        venue.check_envelope(reply, "captured")
