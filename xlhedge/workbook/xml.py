"""Reading and writing the XML parts of a workbook, with a parser that reaches for nothing."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from xlhedge.errors import WorkbookError

__all__ = [
    "LIMIT",
    "MAIN",
    "RELATION_ID",
    "TYPES",
    "drop_elements",
    "local_name",
    "parse",
    "serialize",
    "tag",
]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LIMIT = 32 * 1024 * 1024  # bytes of a part that is read as a whole: its elements take 30 times that
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
TYPES = "[Content_Types].xml"
# one for all parts: they share their names
_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, collect_ids=False
)


def tag(name: str) -> str:
    """Return the qualified name of a spreadsheet element."""
    return f"{{{MAIN}}}{name}"


def parse(part: bytes, where: str) -> etree._Element:
    """Return the root of an XML part; no entity is expanded and nothing is fetched.

    Raises
    ------
    WorkbookError
        The part is not well-formed, is too large, or declares a document type, which no workbook
        needs.
    """
    if len(part) > LIMIT:
        size, most = len(part) / 2**20, LIMIT / 2**20
        raise WorkbookError(
            f"{where} inside the workbook has {size:,.0f} MB, and {most:.0f} MB are the most that "
            "can be worked on; keep the names of the contract on smaller sheets"
        )
    try:
        root = etree.fromstring(part, _PARSER)
    except etree.XMLSyntaxError as error:
        why = " ".join(str(error).split())
        raise WorkbookError(f"{where} inside the workbook is not well-formed: {why}") from None
    if root.getroottree().docinfo.doctype:
        raise WorkbookError(f"{where} inside the workbook declares a document type; refused")
    return root


def serialize(root: etree._Element) -> bytes:
    """Return the bytes of a part."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def local_name(element: etree._Element) -> str:
    """Return an element's name without its namespace."""
    return etree.QName(element).localname


def drop_elements(
    parts: dict[str, bytes], name: str, which: Callable[[etree._Element], bool]
) -> int:
    """Take elements out from under the root of a part; return how many."""
    root = parse(parts[name], name)
    found = [element for element in root if which(element)]
    for element in found:
        root.remove(element)
    if found:
        parts[name] = serialize(root)
    return len(found)
