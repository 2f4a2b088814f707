"""Repairing links to an add-in of another computer.

Excel saves the function of an add-in with a link to the add-in's path. Where that path is not,
cells show ``'C:\\...\\xlhedge.xlam'!HEDGE_CONTRACTS(...)``. The repair points the link to the add-in
of this computer; formulas, values and every other part stay byte for byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from udfs.addin.without_parts import addin_links
from udfs.declaration import DECLARED
from xlhedge.errors import WorkbookError
from xlhedge.workbook.book import Book
from xlhedge.workbook.package import Package, refuse_if_open, write_atomically
from xlhedge.workbook.protection import check_changeable, refuse_if_read_only
from xlhedge.workbook.xml import parse, serialize

__all__ = ["Repaired", "repair"]

_LINK_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath"
# the path itself in a formula, as other programs write it
_PATH_IN_FORMULA = re.compile(
    rb"(?:'|&apos;)[^'<>]*?xlhedge\.xlam(?:'|&apos;)!(?=(?:"
    + b"|".join(name.encode() for name in DECLARED)
    + rb")\()",
    re.I,
)


@dataclass
class Repaired:
    """What a repair changed.

    Attributes
    ----------
    links : dict
        Where each link pointed, and where it points now.
    formulas : int
        How many paths inside formulas were taken out.
    """

    links: dict[str, str] = field(default_factory=dict)
    formulas: int = 0


def repair(path: Path, addin: str) -> Repaired:
    """Point a workbook's links to the add-in to one path.

    Parameters
    ----------
    path : Path
        The workbook, replaced in one step, or left alone when nothing is broken.
    addin : str
        Where the add-in is on the computer that will open it, as Windows writes it.

    Raises
    ------
    WorkbookError
        It is no workbook, is open in a program, or somebody asked that it not be changed.
    """
    path = Path(path)
    refuse_if_open(path)
    refuse_if_read_only(path)
    package = Package.open(path)
    check_changeable(Book(package))
    done = Repaired()
    changed: dict[str, bytes] = {}
    target = _url(addin)
    for part, was in addin_links(package.parts).items():
        folder, base = part.rsplit("/", 1)
        relations = f"{folder}/_rels/{base}.rels"
        root = parse(package.part(relations), relations)
        for relation in root:
            if relation.get("Type", "").endswith("/xlStartup") and "XLSTART" in addin.upper():
                continue  # relative to the folder that Excel starts with: right on any computer
            if relation.get("Target") != target or relation.get("Type") != _LINK_TYPE:
                relation.set("Target", target)
                relation.set("Type", _LINK_TYPE)
                done.links[was] = addin
                changed[relations] = serialize(root)
    for name, part in package.parts.items():
        if re.fullmatch(r"xl/(?:worksheets/[^/]+|workbook)\.xml", name):
            fixed, count = _PATH_IN_FORMULA.subn(b"", part)
            if count:
                changed[name] = fixed
                done.formulas += count
    if changed:
        write_atomically(path, package.packed(changed))
    return done


def _url(addin: str) -> str:
    """Return a path as Excel writes it into a link.

    >>> _url("C:\\\\Users\\\\Ann B\\\\xlhedge.xlam")
    'file:///C:\\\\Users\\\\Ann%20B\\\\xlhedge.xlam'
    """
    if not re.search(r"(?:^|[/\\])xlhedge\.xlam$", addin, re.I):
        raise WorkbookError(f"{addin}: expected the path of xlhedge.xlam")
    start = "file:///" if re.match(r"[A-Za-z]:", addin) else ""
    return start + quote(addin, safe="\\/:.()_-~!$&',;=+@")
