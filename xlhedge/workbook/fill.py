"""Write a new scenario workbook, or refresh one that exists; read what a workbook holds."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from xlhedge.errors import WorkbookError
from xlhedge.workbook import names
from xlhedge.workbook.bags import fill_bags
from xlhedge.workbook.book import Book
from xlhedge.workbook.cells import Value
from xlhedge.workbook.integrity import check_whole
from xlhedge.workbook.layout import check_inputs, check_names, check_results, check_schema
from xlhedge.workbook.live_block import chosen, fill_live, mark_stale
from xlhedge.workbook.model_names import check_model
from xlhedge.workbook.named_cells import NamedCells
from xlhedge.workbook.package import refuse_if_open, write_atomically
from xlhedge.workbook.package_kind import as_workbook
from xlhedge.workbook.protection import check_changeable, refuse_if_read_only
from xlhedge.workbook.stored_values import store_values
from xlhedge.workbook.tables import contracts_listed, fill_funding, fill_history, reason_of
from xlhedge.workbook.template import template_path

if TYPE_CHECKING:
    from xlhedge.quotes import Clock, FundingRow, Quote
    from xlhedge.workbook.calculation import Functions

__all__ = ["Filled", "new_workbook", "read_inputs", "refresh_workbook", "wanted"]

Reasons = Mapping[tuple[str, str], str]  # venue and symbol or coin in upper case: why no quote


@dataclass(frozen=True)
class Filled:
    """A workbook as it stands after it was written.

    Attributes
    ----------
    path : Path
        The file.
    inputs, results : dict
        Values of the cells ``in_...`` and ``out_...`` by name; an error value as its text.
    status : str
        LIVE, STALE or SNAPSHOT; "" where no market data are in it.
    said : str
        The workbook's own sentence about its data.
    left_out : list of str
        Contracts for which the funding table has no room.
    not_computed : list of str
        Addresses of formulas that rest on functions which only a spreadsheet program knows; they
        have no stored value until one opens the workbook.
    """

    path: Path
    inputs: dict[str, Value]
    results: dict[str, Value]
    status: str
    said: str
    left_out: list[str] = field(default_factory=list)
    not_computed: list[str] = field(default_factory=list)


def new_workbook(
    out: str | os.PathLike[str],
    *,
    inputs: Mapping[str, Value],
    quotes: Sequence[Quote],
    history: Sequence[FundingRow] = (),
    bags: Sequence[Mapping[str, Value]] = (),
    clock: Clock,
    reasons: Reasons | None = None,
    force: bool = False,
    template: str | os.PathLike[str] | None = None,
    finish: Callable[[bytes], bytes] = bytes,
    functions: Functions | None = None,
) -> Filled:
    """Write a new workbook from a template.

    Parameters
    ----------
    out : path
        The file to write.
    inputs : mapping
        Values by defined name (``in_quantity``); names that are left out keep the template's.
    quotes : sequence of Quote
        Quotes for the funding table; the one of ``in_venue`` and ``in_symbol`` fills the live
        block, and its own symbol replaces a coin's name in ``in_symbol``.
    history : sequence of FundingRow
        Past settlements of the selected contract.
    bags : sequence of mapping
        Bags beside the one of the inputs, for ``bags_table``: values by its headers.
    clock : callable
        Returns the present as an aware UTC datetime.
    reasons : mapping, optional
        Why quotes are not fresh, by venue and symbol or coin (upper case); for a LIVE quote, by
        its symbol, what is doubtful about it.
    force : bool
        Whether an existing file may be replaced.
    template : path, optional
        A workbook or template of your own with the names of the contract; with macros it needs
        an `out` that ends in .xlsm.
    finish : callable, optional
        Makes the file's bytes into those that are written.
    functions : callable, optional
        Loads worksheet functions by name, for formulas that call them; each takes cells and
        ranges as the calculation engine gives them.

    Returns
    -------
    Filled

    Raises
    ------
    WorkbookError
        The file exists, or cannot be written; nothing is changed then.
    """
    out = Path(out)
    refuse_target(out, force)
    source = Path(template) if template is not None else template_path()
    if template is not None and out.exists() and out.samefile(source):
        raise WorkbookError(f"{out} is the template itself; give the new workbook another name")
    book = _opened(source)
    as_workbook(book.package, out)
    unknown = [name for name in inputs if name not in names.INPUTS]
    if unknown:
        raise WorkbookError(f"{', '.join(unknown)} is no input of the workbook")
    for name, value in inputs.items():
        book.write(name, value)
    if bags:
        fill_bags(book, bags)
    return _written(book, out, quotes, history, clock, reasons or {}, None, finish=finish,
                    functions=functions)  # fmt: skip


def refuse_target(out: Path, force: bool) -> None:
    """Refuse a file that cannot or must not be written, before any work is done for it."""
    if out.suffix.lower() not in (".xlsx", ".xlsm"):
        raise WorkbookError(f"{out.name}: expected a name that ends in .xlsx")
    if out.is_dir():
        raise WorkbookError(f"{out} is a folder; expected the name of a file")
    if out.exists() and not force:
        raise WorkbookError(f"{out} exists; give another name, or --force to replace it")
    if not out.parent.is_dir():
        raise WorkbookError(f"the folder {out.parent} does not exist")
    refuse_if_open(out)
    refuse_if_read_only(out)


def refresh_workbook(
    path: str | os.PathLike[str],
    *,
    quotes: Sequence[Quote],
    history: Sequence[FundingRow] = (),
    clock: Clock,
    reasons: Reasons | None = None,
    functions: Functions | None = None,
) -> Filled:
    """Put new quotes into a workbook that exists; every other cell and part stays as it is.

    Parameters
    ----------
    path : path
        The workbook, replaced in one step.
    quotes, history, clock, reasons, functions
        As for :func:`new_workbook`. Without a quote of the selected contract the old numbers
        stay and are marked STALE with the reason.

    Returns
    -------
    Filled

    Raises
    ------
    WorkbookError
        It is not a workbook with the contract's names, or is open in a program.
    """
    path = Path(path)
    refuse_if_open(path)
    refuse_if_read_only(path)
    before = _signature(path)
    book = _opened(path)
    was = None
    if book.has("live_venue") and book.has("live_symbol"):
        was = (book.read("live_venue"), book.read("live_symbol"))
    return _written(book, path, quotes, history, clock, reasons or {}, was, before,
                    functions=functions)  # fmt: skip


def read_inputs(path: str | os.PathLike[str]) -> dict[str, Value]:
    """Return the inputs of a workbook by name; an empty cell is None."""
    book = _opened(Path(path))
    return {name: book.read(name) for name in names.INPUTS}


def wanted(path: str | os.PathLike[str]) -> list[tuple[str, str]]:
    """Return venue and symbol of all contracts in a workbook, the selected one first."""
    book = _opened(Path(path))
    venue, symbol = book.read("in_venue"), book.read("in_symbol")
    if not str(venue or "").strip() or not str(symbol or "").strip():
        raise WorkbookError(f"{book.label}: in_venue or in_symbol is empty; fill both in first")
    selected = (str(venue).strip(), str(symbol).strip())
    return list(dict.fromkeys([selected, *contracts_listed(book)]))


def _opened(path: Path) -> Book:
    if path.is_dir():
        raise WorkbookError(f"{path} is a folder; expected a workbook")
    book = Book.open(path)
    check_whole(book)
    check_changeable(book)
    book.require(names.REQUIRED)
    check_names(book)
    check_schema(book)
    check_inputs(book)
    check_results(book)
    check_model(book)
    return book


def _written(
    book: Book,
    path: Path,
    quotes: Sequence[Quote],
    history: Sequence[FundingRow],
    clock: Clock,
    reasons: Reasons,
    contract_was: tuple[Value, Value] | None,
    before: tuple[int, int] | None = None,
    finish: Callable[[bytes], bytes] = bytes,
    functions: Functions | None = None,
) -> Filled:
    _, left_out = put_market(book, quotes, history, clock, reasons, contract_was)
    if book.has("refresh_status"):
        book.write("refresh_status", None)  # what the button did before is past
    stored, not_computed = store_values(book, functions)
    data = finish(stored)
    filled = Filled(  # read before the file is replaced: what cannot be read is refused
        path=path,
        inputs={name: book.read(name) for name in names.INPUTS},
        results={name: book.read(name) for name in names.RESULTS},
        status=str(book.read("live_status") or ""),
        said=str(book.read("out_status") or "") if book.has("out_status") else "",
        left_out=left_out,
        not_computed=not_computed,
    )
    if before is not None and _signature(path) != before:
        raise WorkbookError(f"{path.name} was changed by another program meanwhile; try again")
    refuse_if_open(path)
    write_atomically(path, data)
    return filled


def put_market(
    book: NamedCells,
    quotes: Sequence[Quote],
    history: Sequence[FundingRow],
    clock: Clock,
    reasons: Reasons,
    contract_was: tuple[Value, Value] | None,
) -> tuple[Quote | None, list[str]]:
    """Write market data into the named cells of a workbook, in a file or open in Excel.

    Parameters
    ----------
    book : NamedCells
        With the inputs ``in_venue`` and ``in_symbol`` and the live cells; tables and identity are
        filled where it has them.
    quotes, history, clock, reasons
        As for :func:`new_workbook`.
    contract_was : (venue, symbol), optional
        What the live cells were of; None for a new workbook, whose ``in_symbol`` becomes the
        venue's own symbol.

    Returns
    -------
    Quote or None
        That of the selected contract.
    list of str
        Contracts for which the funding table has no room.

    Raises
    ------
    WorkbookError
        Its names have another meaning, or a cell cannot be written.
    """
    from xlhedge import __version__

    check_schema(book)
    venue, symbol = book.read("in_venue"), book.read("in_symbol")
    quote = chosen(quotes, venue, symbol)
    reason = reasons.get((str(venue or "").lower(), str(symbol or "").upper()))
    if quote is not None:
        own = reason_of(quote, reasons)
        fill_live(book, quote, own if str(quote.status) == "LIVE" else own or reason)
        if contract_was is None and symbol != quote.symbol:
            book.write("in_symbol", quote.symbol)
    else:
        mark_stale(book, reason or f"no quote of {venue} {symbol}")
    changed_contract = quote is not None and contract_was != (quote.venue, quote.symbol)
    if book.has("history_table") and (history or changed_contract):
        fill_history(book, history)
    left_out = fill_funding(book, quotes, reasons, quote) if book.has("funding_table") else []
    identity = {
        "xlhedge_schema": names.SCHEMA,
        "xlhedge_version": __version__,
        "xlhedge_filled_at": clock(),
    }
    if quote is not None:
        identity["xlhedge_filled_from"] = f"{quote.status}: {quote.source}"
    for name, value in identity.items():
        if book.has(name):
            book.write(name, value)
    return quote, left_out


def _signature(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
