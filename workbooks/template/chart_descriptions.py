"""What a chart shows, in words, for people who do not see it: programs read it aloud."""

from __future__ import annotations

from lxml import etree

from xlhedge.workbook.book import Book
from xlhedge.workbook.package import Package
from xlhedge.workbook.xml import serialize

DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
# by sheet: the chart's name, and what it shows
DESCRIPTIONS = {
    "Hedge": (
        "Gain or loss by price move",
        "Lines of spot, short and net in USD at the end of the horizon, over price moves from "
        "-60 % to +100 %. The same numbers stand on sheet Scenarios.",
    ),
    "Scenarios": (
        "Gain or loss of all bags by price move",
        "Lines of spot, short and net of all bags in USD at the end of the horizon, over one price "
        "move of every coin from -60 % to +100 %. The numbers stand in the table beside it.",
    ),
    "Funding": (
        "Past funding rates",
        "Line of the funding rate at each past settlement of the selected contract, above 0 the "
        "short received; a dashed line is the rate of the last quote. The numbers stand beside it.",
    ),
}


def with_descriptions(data: bytes) -> bytes:
    """Return a workbook whose charts have a name and a description."""
    package = Package(data, "the template")
    book = Book(package)
    changed = {}
    for title, (name, text) in DESCRIPTIONS.items():
        relations = package.relations(book.part_of(title))
        (part,) = (target for _, kind, target in relations if kind == "drawing")
        root = etree.fromstring(package.part(part))
        (frame,) = root.iter(f"{DRAWING}cNvPr")
        frame.set("name", name)
        frame.set("descr", text)
        changed[part] = serialize(root)
    return package.packed(changed)
