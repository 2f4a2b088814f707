"""How commands show what they found: tables and progress on a terminal, plain text elsewhere.

A word, never a colour alone, says what a row is. Text that came from a venue is made printable: it
cannot move the cursor or change the terminal.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlhedge.outcome import Outcome
    from xlhedge.quotes import Quote

__all__ = [
    "EXIT_NOT_LIVE",
    "age",
    "complain",
    "printable",
    "progress",
    "quote_record",
    "show_table",
    "utc",
]

EXIT_NOT_LIVE = 3  # something was shown, but not all of it is live
NOTHING = "-"

STYLES = {
    "LIVE": "green",
    "LIVE, CHECK RATE": "yellow",
    "STALE": "yellow",
    "SNAPSHOT": "yellow",
    "FAILED": "red",
}


def printable(text: str) -> str:
    r"""Return a text without control characters.

    >>> printable("very\x1b[31m red\nline")
    'very?[31m red?line'
    """
    return "".join(char if char.isprintable() else "?" for char in text)


def utc(time: datetime | None) -> str:
    """Return a time as a reader wants it."""
    return NOTHING if time is None else f"{time:%Y-%m-%d %H:%M} UTC"


def age(time: datetime, now: datetime) -> str:
    """Return how long ago a time was, in the unit that fits."""
    seconds = max((now - time).total_seconds(), 0)
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return "1 second" if round(seconds) == 1 else f"{seconds:.0f} seconds"


def quote_record(quote: Quote) -> dict[str, Any]:
    """Return a quote as JSON values: what it is of, and the fields of PERP()."""
    named = {
        name: getattr(quote, name)
        for name in (
            "venue",
            "symbol",
            "coin",
            "contract_type",
            "source",
            "interval_source",
            "unconfirmed",
        )
    }
    return {
        name: iso(value) if isinstance(value, datetime) else value
        for name, value in (named | quote.fields()).items()
    }


def iso(time: datetime) -> str:
    """Return a UTC time as JSON has it."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def complain(text: object) -> None:
    """Print a sentence on the error output."""
    print(f"xlhedge: {printable(str(text))}", file=sys.stderr)


def show_table(headers: Sequence[str], rows: Sequence[Sequence[str]], right: str = "") -> None:
    """Print a table; `right` names the columns of numbers.

    On a terminal it has lines and colours, unless it is wider than the terminal: a number that is
    cut off is worse than a line that wraps.
    """
    rows = [[printable(cell) for cell in row] for row in rows]
    numbers = right.split()
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    room = sum(widths) + 3 * len(widths) + 1
    if sys.stdout.isatty() and os.get_terminal_size(sys.stdout.fileno()).columns >= room:
        _rich_table(headers, rows, numbers)
        return
    for row in (headers, *rows):
        cells = [
            cell.rjust(width) if header in numbers else cell.ljust(width)
            for cell, width, header in zip(row, widths, headers, strict=True)
        ]
        print("  ".join(cells).rstrip())


def _rich_table(headers: Sequence[str], rows: Sequence[Sequence[str]], right: list[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for header in headers:
        table.add_column(header, justify="right" if header in right else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(cell, style=STYLES.get(cell, "")) for cell in row))
    Console().print(table)


@contextmanager
def progress(count: int) -> Iterator[Callable[[Outcome], None] | None]:
    """Give what a refresh tells its outcomes to; on a terminal they are shown as they come."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.text import Text

    came: set[tuple[str, str]] = set()

    def told(outcome: Outcome) -> None:
        came.add((outcome.venue, outcome.asked))
        how = "came" if outcome.error is None else "failed"
        last = printable(f"{outcome.venue} {outcome.asked} {how}")
        status.update(Text(f"{len(came)} of {count}: {last}"))

    with Console(stderr=True).status(Text(f"0 of {count}")) as status:
        yield told
