"""Values inside the chart parts, so that previews and viewers draw the lines."""

from __future__ import annotations

from lxml import etree

from xlhedge.workbook.book import Book
from xlhedge.workbook.chart_values import refreshed_charts
from xlhedge.workbook.package import Package

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
CACHES = {"numRef": "numCache", "strRef": "strCache"}


def with_caches(data: bytes) -> bytes:
    """Return a workbook whose charts hold the values of their cells."""
    package = Package(data, "the template")
    charts = {name: part for name, part in package.parts.items() if name.startswith("xl/charts/")}
    package = Package(package.packed({name: _prepared(p) for name, p in charts.items()}), "")
    book = Book(package)
    sheets = {book.part_of(title): b"" for title in book.titles()}
    return package.packed(refreshed_charts(book, sheets))


def _prepared(part: bytes) -> bytes:
    """Return a chart with an empty cache beside every reference; a refresh fills it."""
    root = etree.fromstring(part)
    for reference, cache in CACHES.items():
        for element in root.iter(f"{C}{reference}"):
            if element.find(f"{C}{cache}") is None:
                holder = etree.SubElement(element, f"{C}{cache}")
                if cache == "numCache":
                    etree.SubElement(holder, f"{C}formatCode").text = "General"
                etree.SubElement(holder, f"{C}ptCount", val="0")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
