"""``xlhedge venues``: what each venue offers, its fees with their source, and where it is asked."""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

from xlhedge.commands._printing import printable, show_table

UNKNOWN_FEES = "stated for each contract by the venue (xlhedge quote shows them)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--json", action="store_true", help="print one JSON list")


def run(args: argparse.Namespace) -> int:
    """Show what the venues offer; nothing is fetched."""
    from xlhedge import venues

    records = [_record(name) for name in venues.names()]
    if args.json:
        print(json.dumps(records, allow_nan=False))
        return 0
    show_table(
        ("venue", "inverse", "linear", "history", "margin tiers", "base URL"),
        [
            [
                record["venue"],
                "yes" if record["inverse"] else "no",
                "yes" if record["linear"] else "no",
                record["history"] or "no",
                record["tiers"] or "no",
                ", ".join(record["base_urls"]) + (" (set)" if record["overridden"] else ""),
            ]
            for record in records
        ],
    )
    print("\nFees of the lowest tier, of the notional:")
    for record in records:
        for fee in record["fees"]:
            print(
                f"  {record['venue']:<9}{fee['contract_type']:<9}maker {fee['maker']:.4%}  taker "
                f"{fee['taker']:.4%}  {printable(fee['source'])} ({fee['date']})"
            )
        if not record["fees"]:
            print(f"  {record['venue']:<9}{UNKNOWN_FEES}")
    print("\nXLHEDGE_URL_<VENUE> replaces the base URL of a venue.")
    return 0


def _record(name: str) -> dict[str, Any]:
    from xlhedge import venues
    from xlhedge.transport import base_override

    venue = venues.venue(name)
    override = base_override(name, os.environ)
    return {
        "venue": name,
        "title": venue.title,
        "inverse": venue.offers.inverse,
        "linear": venue.offers.linear,
        "history": venue.offers.history,
        "tiers": venue.offers.tiers,
        "fees": [
            {
                "contract_type": fee.contract_type,
                "maker": fee.maker,
                "taker": fee.taker,
                "source": fee.source,
                "date": fee.date,
            }
            for fee in venue.fees
        ],
        "base_urls": [override] if override else list(venue.hosts),
        "overridden": override is not None,
    }
