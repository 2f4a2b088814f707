"""What a workbook that somebody sent holds, read without opening it in any program."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl.formula.tokenizer import Token

from xlhedge.errors import WorkbookError
from xlhedge.workbook import names
from xlhedge.workbook.addresses import address
from xlhedge.workbook.book import Book
from xlhedge.workbook.cells import Value
from xlhedge.workbook.checked_values import Outdated, outdated_values
from xlhedge.workbook.formula import moved, tokens_of
from xlhedge.workbook.integrity import NO_PARTS
from xlhedge.workbook.model_names import changed_names
from xlhedge.workbook.package import Package
from xlhedge.workbook.template import template_path
from xlhedge.workbook.xml import parse

if TYPE_CHECKING:
    from xlhedge.workbook.calculation import Functions

__all__ = [
    "Change",
    "Inspection",
    "formulas_of",
    "inspect_workbook",
    "links_of",
    "special_parts",
]

VOLATILE = frozenset({"NOW", "TODAY", "RAND", "RANDBETWEEN", "OFFSET", "INDIRECT", "CELL", "INFO"})
FACTS = ("xlhedge_schema", "xlhedge_version", "xlhedge_filled_at", "xlhedge_filled_from",
         "live_status", "live_venue", "live_symbol", "live_quote_time")  # fmt: skip
UNREADABLE = "(unreadable)"  # stands for the functions of what is no formula
_LAMBDA = re.compile(r"(?:_xlfn\.)?LAMBDA\(", re.I)
TIMES = ("xlhedge_filled_at", "live_quote_time")
# parts that hold something else than cells, and what to call them
SPECIAL = (
    (r".*vbaProject\.bin", "macros (VBA)"),
    (r"xl/macrosheets/.*\.xml", "macro sheet (Excel 4)"),
    (r"xl/externalLinks/externalLink\d+\.xml", "link to another workbook"),
    (r"xl/connections\.xml", "data connections"),
    (r"xl/queryTables/.*\.xml", "query table"),
    (r"xl/activeX/.*\.bin", "ActiveX control"),
    (r"xl/embeddings/.*", "embedded object"),
    (r"xl/webextensions/.*\.xml", "web add-in"),
    (r"customXml/item\d+\.xml", "custom XML"),
    (r"xl/comments\d*\.xml|xl/comments/.*\.xml", "notes of people"),
    (r"xl/threadedComments/.*\.xml", "comments of people"),
    (r"xl/revisions/.*\.xml", "history of changes"),
    (r"xl/pivotTables/.*\.xml", "pivot table"),
    (r"customUI/.*\.xml", "ribbon of its own"),
    (r"_xmlsignatures/[^/]*\.xml", "digital signature"),
)


@dataclass(frozen=True)
class Change:
    """A formula or name that differs from the template's; "" where one of the two has none."""

    where: str
    here: str
    template: str


@dataclass
class Inspection:
    """What was found.

    Attributes
    ----------
    path : Path
        The file.
    facts : dict
        Values of the cells that say what the workbook is, by name; a name it lacks is missing.
    quoted : datetime, or None
        When its quote was taken, UTC.
    missing : list of str
        Names of the contract that it lacks.
    sheets : list of (str, str)
        Title, and "" or "hidden".
    formulas : int
        How many cells compute.
    functions : Counter
        How often each function is called, in capitals.
    special : dict
        What the package holds beside cells, and its parts.
    links : list of str
        Addresses outside the file that it refers to.
    people : dict
        Author, last editor and company of the document properties.
    changes : list of Change, or None
        Names and formulas that differ from the template's; None for a workbook of another layout.
    lambdas : list of str
        Names that are functions, as a shared copy can have them.
    outdated : list of Outdated, or None
        Stored values that are not what their formulas give; None if they cannot be computed.
    unchecked : list of str
        Addresses of formulas that only a spreadsheet program can compute.
    """

    path: Path
    facts: dict[str, Value] = field(default_factory=dict)
    quoted: datetime | None = None
    missing: list[str] = field(default_factory=list)
    sheets: list[tuple[str, str]] = field(default_factory=list)
    formulas: int = 0
    functions: Counter[str] = field(default_factory=Counter)
    special: dict[str, list[str]] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)
    changes: list[Change] | None = None
    lambdas: list[str] = field(default_factory=list)
    outdated: list[Outdated] | None = None
    unchecked: list[str] = field(default_factory=list)


def inspect_workbook(path: Path, functions: Functions | None = None) -> Inspection:
    """Read what a workbook holds; nothing is fetched or changed.

    Parameters
    ----------
    path : Path
        The workbook.
    functions : callable, optional
        Loads worksheet functions by name, with which stored values are checked.

    Raises
    ------
    WorkbookError
        It is not a workbook.
    """
    book = Book.open(path)
    found = Inspection(path)
    found.missing = [name for name in names.REQUIRED if not book.has(name)]
    for name in FACTS:
        if book.has(name):
            value = book.read(name)
            timed = name in TIMES and isinstance(value, float) and 0 < value < 2_958_466
            found.facts[name] = f"{book.time(value):%Y-%m-%d %H:%M} UTC" if timed else value
            if timed and name == "live_quote_time":
                found.quoted = book.time(value)
    found.sheets = book.sheet_states()
    of_book = {title: dict(formulas_of(book, title)) for title in book.titles()}
    found.formulas = sum(map(len, of_book.values()))
    for formulas in of_book.values():
        for formula in formulas.values():
            found.functions.update(functions_of(formula))
    found.special = special_parts(book.package)
    found.links = sorted(set(links_of(book.package)))
    found.people = _people(book)
    found.changes = _changes(book, of_book)
    found.lambdas = [name for name, text in book.references.items() if _LAMBDA.match(text)]
    with suppress(WorkbookError):  # a damaged workbook is described as far as it goes
        found.outdated, found.unchecked = outdated_values(book, functions)
    return found


def formulas_of(book: Book, title: str) -> Iterator[tuple[str, str]]:
    """Yield address and formula of each cell that computes, shared formulas written out."""
    masters: dict[str, tuple[str, str]] = {}
    for row, column, _, formula in book.sheet(title).formula_cells():
        at, text = address(row, column), formula.text or ""
        if formula.get("t") == "shared":
            key = formula.get("si", "")
            if text:
                masters[key] = (at, text)
            elif key in masters:
                origin, master = masters[key]
                text = moved(master, origin, at)
        yield at, text


def functions_of(formula: str) -> Iterator[str]:
    """Yield each function that a formula calls, in capitals and without a prefix.

    >>> list(functions_of('IF(_xlfn.LET(a,1,a)>0,"SUM(",[1]!basis(1,2))'))
    ['IF', 'LET', 'BASIS']
    """
    try:
        tokens = tokens_of(formula)
    except WorkbookError:
        yield UNREADABLE
        return
    for token in tokens:
        if token.type == Token.FUNC and token.subtype == Token.OPEN:
            yield token.value[:-1].rsplit("!", 1)[-1].rsplit(".", 1)[-1].lstrip("@").upper()


def special_parts(package: Package) -> dict[str, list[str]]:
    """Return what a package holds beside cells, and the parts that it is."""
    found: dict[str, list[str]] = {}
    for name in package.parts:
        for pattern, what in SPECIAL:
            if re.fullmatch(pattern, name, re.I):
                found.setdefault(what, []).append(name)
    return found


def links_of(package: Package) -> Iterator[str]:
    """Yield the addresses outside the file that it refers to."""
    for name, part in package.parts.items():
        if name.endswith(".rels") and not name.startswith(NO_PARTS):
            for relation in parse(part, name):
                if relation.get("TargetMode") == "External":
                    yield relation.get("Target", "")


def _people(book: Book) -> dict[str, str]:
    words = {"creator": "author", "lastModifiedBy": "last saved by", "Company": "company",
             "Manager": "manager"}  # fmt: skip
    found = {}
    for name in ("docProps/core.xml", "docProps/app.xml"):
        if name in book.package.parts:
            for element in parse(book.package.parts[name], name).iter("{*}*"):
                word = words.get(element.tag.rsplit("}", 1)[-1])
                if word and element.text:
                    found[word] = element.text
    return found


def _changes(book: Book, of_book: dict[str, dict[str, str]]) -> list[Change] | None:
    try:
        template = Book.open(template_path())
        names_elsewhere = changed_names(book)
    except WorkbookError:
        return None
    if names_elsewhere is None:
        return None
    found = [
        Change(f"name {name}", here or "", there) for name, (here, there) in names_elsewhere.items()
    ]
    for title in template.titles():
        here, there = of_book.get(title, {}), dict(formulas_of(template, title))
        for at in sorted(here.keys() | there.keys(), key=_place):
            mine, other = here.get(at, ""), there.get(at, "")
            if _bare(mine) != _bare(other):
                found.append(Change(f"{title}!{at}", mine, other))
    return found


def _place(at: str) -> tuple[int, str]:
    letters = at.rstrip("0123456789")
    return int(at[len(letters) :]), letters.rjust(3)


def _bare(formula: str) -> str:
    """Return a formula as programs agree on it.

    They differ in capitals, in quotes around titles, in blanks, and in FALSE or FALSE().
    """
    try:
        parts: Collection[Token] = tokens_of(formula) if formula else ()
    except WorkbookError:
        return formula
    kept = [t.value if t.subtype == Token.TEXT else _plain(t) for t in parts]
    return re.sub(r"\b(TRUE|FALSE)\(\)", r"\1", "".join(kept))


def _plain(token: Token) -> str:
    return "" if token.type == Token.WSPACE else re.sub(r"'(\w+)'!", r"\1!", token.value).upper()
