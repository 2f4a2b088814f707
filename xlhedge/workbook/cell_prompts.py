"""Short notes that a spreadsheet program shows beside a cell while it is selected."""

from __future__ import annotations

from lxml import etree

from xlhedge.workbook.addresses import address, split
from xlhedge.workbook.cells import Sheet
from xlhedge.workbook.text import cell_text
from xlhedge.workbook.xml import local_name, tag

__all__ = ["add_prompt"]

TITLE, TEXT = 32, 255  # characters that Excel takes
# what stands behind dataValidations in a sheet, in the order of the schema
_BEHIND = ("hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks",
           "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing",
           "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls",
           "webPublishItems", "tableParts", "extLst", "AlternateContent")  # fmt: skip


def add_prompt(sheet: Sheet, row: int, column: int, title: str, text: str) -> bool:
    """Show a note beside a cell while it is selected; anything may still be typed there.

    Returns
    -------
    bool
        False for a cell that has a validation of its own, which stays as it is.
    """
    holder = sheet.root.find(tag("dataValidations"))
    if holder is None:
        holder = etree.Element(tag("dataValidations"))
        behind = (e for e in sheet.root if isinstance(e.tag, str) and local_name(e) in _BEHIND)
        following = next(behind, None)
        if following is None:
            sheet.root.append(holder)
        else:
            following.addprevious(holder)
    elif any(_covers(rule.get("sqref", ""), row, column) for rule in holder):
        return False
    rule = etree.SubElement(holder, tag("dataValidation"), allowBlank="1", showInputMessage="1")
    rule.set("promptTitle", cell_text(title)[:TITLE])
    rule.set("prompt", cell_text(text)[:TEXT])
    rule.set("sqref", address(row, column))
    holder.set("count", str(len(holder)))
    sheet.changed = True
    return True


def _covers(references: str, row: int, column: int) -> bool:
    for reference in references.split():
        first, _, last = reference.partition(":")
        (top, left), (bottom, right) = split(first), split(last or first)
        if top <= row <= bottom and left <= column <= right:
            return True
    return False
