"""Quotes bundled with the package, for when there is no network: dated facts, never live.

Each row of ``data/snapshot.json`` names the reply that it was taken from and its date.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from xlhedge.quotes import Quote, Status, from_record

__all__ = ["bundled_quotes"]


@cache
def bundled_quotes() -> Mapping[tuple[str, str], Quote]:
    """Return the bundled quotes by venue and symbol, all with status SNAPSHOT."""
    text = files("xlhedge").joinpath("data", "snapshot.json").read_text(encoding="utf-8")
    quotes = (_read(row) for row in json.loads(text)["quotes"])
    return MappingProxyType({(quote.venue, quote.symbol): quote for quote in quotes})


def _read(row: dict) -> Quote:
    record = {name: value for name, value in row.items() if name != "notes"}
    for name in ("time", "next_funding"):
        if record[name] is not None:
            record[name] = datetime.fromisoformat(record[name]).timestamp()
    record["received"] = record["time"]
    record["source"] = f"snapshot: {row['source']}"
    return from_record(record, Status.SNAPSHOT)
