"""``xlhedge inspect BOOK``: what a workbook that somebody sent holds, before it is opened.

Stored values are compared with what the formulas give. Nothing is fetched or changed. Exit code: 0
if the workbook could be read, 1 if not.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from xlhedge.workbook.inspection import Inspection

SHOWN = 20  # changed formulas and links that are listed
WIDTH = 70


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("book", metavar="BOOK", help="the workbook")
    parser.add_argument("--all", action="store_true", help="list every changed formula")


def run(args: argparse.Namespace) -> int:
    """Print what was found, a line for each kind of thing."""
    from udfs import DECLARED
    from xlhedge.commands._functions import worksheet_functions
    from xlhedge.commands._printing import printable
    from xlhedge.quotes import utc_now
    from xlhedge.workbook.inspection import inspect_workbook

    found = inspect_workbook(Path(args.book), worksheet_functions)
    shown = None if args.all else SHOWN
    for label, text in _lines(found, frozenset(DECLARED), shown, utc_now()):
        print(printable(f"{label:<10} {text}").rstrip())
    return 0


def _lines(
    found: Inspection, own: frozenset[str], shown: int | None, now: datetime
) -> Iterator[tuple[str, str]]:
    from xlhedge.commands._printing import age

    facts = {name: "" if value is None else str(value) for name, value in found.facts.items()}
    yield "file", f"{found.path.name}, {found.path.stat().st_size:,} bytes"
    if found.missing:
        yield "names", f"{len(found.missing)} of the contract are missing: no scenario workbook"
    else:
        schema = facts["xlhedge_schema"].removesuffix(".0")
        yield "schema", f"{schema}, filled by xlhedge {facts['xlhedge_version'] or '(unknown)'}"
        yield "filled", f"{facts['xlhedge_filled_at'] or 'never'}"
        yield "from", facts.get("xlhedge_filled_from") or "nothing"
        of = " ".join(filter(None, (facts.get("live_venue"), facts.get("live_symbol"))))
        status = facts["live_status"] or "NO MARKET DATA"
        status = "LIVE when it was filled" if status == "LIVE" else status
        quote = f"quote of {facts['live_quote_time'] or '-'}"
        old = "" if found.quoted is None else f", {age(found.quoted, now)} ago"
        yield "data", f"{status}: {of or 'no contract'}, {quote}{old}"
    hidden = [title for title, state in found.sheets if state]
    yield "sheets", ", ".join(title for title, state in found.sheets if not state)
    yield "hidden", ", ".join(hidden) or "none"
    yield from _formulas(found, own)
    for what in ("macros (VBA)", "macro sheet (Excel 4)", "link to another workbook"):
        parts = found.special.pop(what, [])
        label = "macros" if what.startswith("macro") else "links"
        if parts:
            yield label, f"{what}: {', '.join(parts)}"
        elif what != "macro sheet (Excel 4)":
            yield label, "none" if label == "macros" else "no other workbook"
    for link in found.links[:shown]:
        yield "links", f"outside: {link}"
    for what, parts in found.special.items():
        yield "holds", f"{what}: {', '.join(parts)}"
    yield "people", ", ".join(f"{word}: {name}" for word, name in found.people.items()) or "none"
    yield from _values(found, shown)
    yield from _changes(found, shown)


def _values(found: Inspection, shown: int | None) -> Iterator[tuple[str, str]]:
    if found.outdated is None:
        yield "values", "not checked: the formulas cannot be computed"
        return
    checked, count = found.formulas - len(found.unchecked), len(found.outdated)
    if count:
        yield "values", f"{count} stored value(s) are NOT what the formula gives: recalculate first"
    elif checked > 0:
        yield "values", f"{checked:,} were checked: each is what its formula gives"
    for one in found.outdated[:shown]:
        stored, computed = _cut(one.stored, one.computed), _cut(one.computed, one.stored)
        yield "outdated", f"{one.where} shows {stored}, its formula gives {computed}"
    yield from _more("outdated", count, shown)
    if found.unchecked:
        first = ", ".join(found.unchecked[:3]) + (", ..." if len(found.unchecked) > 3 else "")
        yield "unchecked", f"{len(found.unchecked):,} formula(s) that only Excel computes: {first}"


def _more(label: str, count: int, shown: int | None) -> Iterator[tuple[str, str]]:
    """Say how many lines were left out."""
    if shown is not None and count > shown:
        yield label, f"and {count - shown} more (--all lists them)"


def _formulas(found: Inspection, own: frozenset[str]) -> Iterator[tuple[str, str]]:
    from xlhedge.workbook.inspection import VOLATILE

    called = sorted(found.functions)
    yield "formulas", f"{found.formulas:,} cells"
    yield "functions", ", ".join(name for name in called if name not in own) or "none"
    ours = [f"{name} ({found.functions[name]})" for name in called if name in own]
    yield "xlhedge", ", ".join(ours) or "no function of the add-in is called"
    if found.lambdas:
        names = ", ".join(sorted(name.upper() for name in found.lambdas))
        yield "lambdas", f"{len(found.lambdas)} names are functions of Excel 365: {names}"
    volatile = [name for name in called if name in VOLATILE]
    if volatile:
        yield "volatile", f"{', '.join(volatile)}: computed anew at every change"


def _changes(found: Inspection, shown: int | None) -> Iterator[tuple[str, str]]:
    if found.changes is None:
        yield "template", "another layout than xlhedge's template: formulas are not compared"
        return
    if not found.changes:
        yield "template", "every name and formula is the template's"
        return
    yield "template", f"{len(found.changes)} name(s) and formula(s) differ from the template"
    for change in found.changes[:shown]:
        here, there = _formula(change.here, change.template), _formula(change.template, change.here)
        yield "changed", f"{change.where}: {here} instead of {there}"
    yield from _more("changed", len(found.changes), shown)


def _formula(formula: str, other: str) -> str:
    """Return a formula with its sign, cut to what surrounds its first difference from another."""
    text = _cut(formula, other)
    return text if not formula or text.startswith("...") else f"={text}"


def _cut(text: str, other: str) -> str:
    """Return a text, cut to what surrounds its first difference from another."""
    if len(text) < WIDTH:
        return text or "nothing"
    pairs = enumerate(zip(text, other, strict=False))
    same = next((place for place, (one, two) in pairs if one != two), len(other))
    start = max(0, min(same - WIDTH // 3, len(text) - WIDTH))
    end = "..." if start + WIDTH < len(text) else ""
    return f"{'...' if start else ''}{text[start : start + WIDTH]}{end}"
