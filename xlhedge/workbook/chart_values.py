"""The values that charts carry with them, which previews and viewers draw from.

Only values that a chart holds already are brought up to date, and only of cells on sheets whose
part has changed; every other chart stays byte for byte as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lxml import etree

from xlhedge.workbook.named_cells import parsed_reference
from xlhedge.workbook.xml import parse, serialize

if TYPE_CHECKING:
    from xlhedge.workbook.book import Book
    from xlhedge.workbook.cells import Value

__all__ = ["refreshed_charts"]

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_CHART = re.compile(r"xl/charts/chart[^/]*\.xml")
LIMIT = 100_000  # points of one series


def refreshed_charts(book: Book, changed: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the chart parts whose stored points differ from their cells."""
    sheets = {title for title in book.titles() if book.part_of(title) in changed}
    found = {}
    for name, part in book.package.parts.items():
        if not _CHART.fullmatch(name) or b"Cache>" not in part:
            continue
        root = parse(part, name)
        differing = [_refresh(book, cache, sheets) for cache in _caches(root)]
        if any(differing):
            found[name] = serialize(root)
    return found


def _caches(root: etree._Element) -> list[etree._Element]:
    return [*root.iter(f"{C}numCache"), *root.iter(f"{C}strCache")]


def _refresh(book: Book, cache: etree._Element, sheets: set[str]) -> bool:
    """Bring one cache up to date; return whether anything differed."""
    reference = parsed_reference(cache.getparent().findtext(f"{C}f") or "")
    if reference is None or reference[0] not in sheets:
        return False
    title, top, left, bottom, right = reference
    if (bottom - top + 1) * (right - left + 1) > LIMIT:
        return False
    sheet = book.sheet(title)
    numbers = cache.tag == f"{C}numCache"
    cells = [(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)]
    wanted = {}
    for index, at in enumerate(cells):
        text = _text(sheet.value(*at), numbers)
        if text is not None:
            wanted[str(index)] = text
    held = {p.get("idx", ""): p.findtext(f"{C}v") or "" for p in cache.iterchildren(f"{C}pt")}
    count = cache.find(f"{C}ptCount")
    if _alike(held, wanted, numbers) and count is not None and count.get("val") == str(len(cells)):
        return False
    _write(cache, wanted, len(cells))
    return True


def _text(value: Value, number: bool) -> str | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return repr(float(value)).removesuffix(".0")
    if number:  # Excel draws text at 0, and nothing for an error
        return None if value.startswith("#") else "0"
    return str(value)


def _alike(held: Mapping[str, str], wanted: Mapping[str, str], numbers: bool) -> bool:
    if held.keys() != wanted.keys():
        return False
    if not numbers:
        return all(held[index] == text for index, text in wanted.items())
    try:
        return all(float(held[index]) == float(text) for index, text in wanted.items())
    except ValueError:
        return False


def _write(cache: etree._Element, points: Mapping[str, str], count: int) -> None:
    kept = [p.get("formatCode") for p in cache.iterchildren(f"{C}pt")]
    code = next((one for one in kept if one), None)
    for tag in ("ptCount", "pt"):
        for old in cache.findall(f"{C}{tag}"):
            cache.remove(old)
    head = cache.find(f"{C}formatCode")
    at = 0 if head is None else 1
    cache.insert(at, etree.Element(f"{C}ptCount", val=str(count)))
    for step, (index, text) in enumerate(points.items(), at + 1):
        point = etree.Element(f"{C}pt", idx=index)
        if code:
            point.set("formatCode", code)
        etree.SubElement(point, f"{C}v").text = text
        cache.insert(step, point)
