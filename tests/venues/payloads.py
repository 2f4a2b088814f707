"""Real captured replies, where the folder of them lies beside the repository."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from xlhedge.quotes import utc_now
from xlhedge.transport import Reply

FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "payloads"

needs_payloads = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="captured replies are not part of the repository"
)


def payload(name: str) -> dict[str, Any]:
    """Return one captured reply: its body under "body", and what the capture says of it."""
    text = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    return json.loads(text, parse_float=Decimal)


class Canned:
    """Stands in for Http: answers a path with a captured body."""

    used_kept = False

    def __init__(self, bodies: Mapping[str, Any], status: int = 200) -> None:
        self.bodies = bodies
        self.status = status

    def get(self, host: str, path: str, params: Any = None, *, keep: bool = False) -> Reply:
        """Return the body under the longest key that the path ends with."""
        key = max((k for k in self.bodies if path.endswith(k)), key=len)
        return Reply(self.bodies[key], self.status, utc_now(), host.partition("//")[2] + path)

    def together(self, calls: Any) -> list[Any]:
        """Make the calls one after the other."""
        return [call() for call in calls]

    def once(self, key: Any, work: Any) -> Any:
        """Do the work."""
        return work()

    def drop_kept(self, *, parsed: bool = True) -> None:
        """Nothing is kept."""
