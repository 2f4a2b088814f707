"""Refreshing a file changes the cells that tools own, and nothing else."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from lxml import etree
from openpyxl.utils.datetime import to_excel

from tests.workbook import cases, office
from tests.workbook.lint import problems
from tests.workbook.reading import Shown, same
from xlhedge.errors import WorkbookError
from xlhedge.quotes import Status
from xlhedge.workbook import Filled, package, read_inputs, refresh_workbook, wanted
from xlhedge.workbook.inspection import inspect_workbook
from xlhedge.workbook.xml import tag

Fill = Callable[..., Filled]
SPARKLINES = (
    b'<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
    b'uri="{05C60535-1F16-4fd2-B633-F4F36F0B64E0}"><x14:sparklineGroups/></ext></extLst>'
)


def parts(path: Path) -> dict[str, bytes]:
    """Return the parts of a package."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def enriched(path: Path) -> None:
    """Add what openpyxl would drop: custom XML, printer settings, a sparkline, an unknown part."""
    whole = parts(path)
    whole["customXml/item1.xml"] = b"<note>kept</note>"
    whole["xl/printerSettings/printerSettings1.bin"] = bytes(range(256))
    whole["xl/unknown/thing.xml"] = b'<?xml version="1.0"?><thing   odd = "spacing" />'
    sheet = "xl/worksheets/sheet1.xml"
    whole[sheet] = whole[sheet].replace(b"</worksheet>", SPARKLINES + b"</worksheet>")
    types = whole["[Content_Types].xml"].replace(
        b"</Types>", b'<Default Extension="bin" ContentType="application/octet-stream"/></Types>'
    )
    whole["[Content_Types].xml"] = types
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in whole.items():
            archive.writestr(name, part)


def test_every_other_part_stays_byte_for_byte(fill: Fill) -> None:
    """Only sheets with filled or computed cells and the calculation settings may change."""
    path = fill().path
    enriched(path)
    before = parts(path)
    refresh_workbook(path, quotes=[cases.a_quote(mark=51_010.0, index=51_000.0)], clock=cases.clock)
    after = parts(path)
    assert list(before) == list(after)
    changed = {name for name in before if before[name] != after[name]}
    sheets = {f"xl/worksheets/sheet{n}.xml" for n in (1, 2, 3, 4, 5, 8)}
    charts = {f"xl/charts/chart{n}.xml" for n in (1, 2, 3)}
    assert changed <= {"xl/workbook.xml"} | sheets | charts
    assert "xl/worksheets/sheet1.xml" in changed
    for name in changed & sheets:
        assert _without_values(before[name]) == _without_values(after[name]), name
    for name in changed & charts:
        assert _without_points(before[name]) == _without_points(after[name]), name


def _without_points(part: bytes) -> bytes:
    """Return a chart part without the values of its points."""
    root = etree.fromstring(part)
    for cache in [*root.iter("{*}numCache"), *root.iter("{*}strCache")]:
        for point in cache.findall("{*}pt"):
            cache.remove(point)
    return etree.tostring(root, method="c14n2")


def test_charts_carry_the_values_of_their_cells(fill: Fill) -> None:
    """What a preview draws, without computing anything, is what the cells show."""
    path = fill(inputs={"in_leverage": 3}).path
    refresh_workbook(path, quotes=[cases.a_quote(mark=41_000.0, index=40_000.0)], clock=cases.clock)
    shown, found = Shown(path), 0
    for name, part in parts(path).items():
        if not name.startswith("xl/charts/chart"):
            continue
        for reference in etree.fromstring(part).iter("{*}numRef"):
            sheet, _, where = reference.findtext("{*}f").partition("!")
            cells = shown.book[sheet.strip("'")][where.replace("$", "")]
            held = {p.get("idx"): p.findtext("{*}v") for p in reference.iter("{*}pt")}
            for index, (cell,) in enumerate(cells):
                value = cell.value
                if isinstance(value, datetime):
                    value = to_excel(value)
                if isinstance(value, (int, float)):
                    assert float(held[str(index)]) == pytest.approx(value, rel=1e-9), where
                    found += 1
                else:
                    assert str(index) not in held
    assert found > 250


def _without_values(part: bytes) -> bytes:
    """Return a sheet part without what a refresh may change: values and their types."""
    root = etree.fromstring(part)
    for cell in root.iter(tag("c")):
        for child in cell:
            if child.tag != tag("f"):
                cell.remove(child)
        cell.attrib.pop("t", None)
    return etree.tostring(root, method="c14n2")


def test_a_refresh_with_the_same_quote_changes_no_number(fill: Fill) -> None:
    """Refreshing twice with one quote gives the same file."""
    path = fill().path
    refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
    first = path.read_bytes()
    refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
    assert path.read_bytes() == first


def test_what_a_person_typed_stays(fill: Fill) -> None:
    """All inputs and overrides are the same after a refresh; the live cells are the quote's."""
    path = fill(inputs={"in_quantity": 7.25, "in_funding_rate": 0.0003, "in_open_fee": 0}).path
    typed = read_inputs(path)
    quote = cases.a_quote(mark=40_020.0, index=40_000.0, funding_rate=-0.0002)
    filled = refresh_workbook(path, quotes=[quote], clock=cases.clock)
    assert read_inputs(path) == typed == filled.inputs
    shown = Shown(path)
    assert shown.value("live_mark") == 40_020
    assert shown.value("live_funding_rate") == -0.0002
    assert shown.value("use_entry_price") == 40_000
    assert shown.value("use_funding_rate") == 0.0003
    assert shown.value("out_notional") == 7.25 * 40_000


def test_a_failed_refresh_keeps_the_numbers_and_marks_them(fill: Fill) -> None:
    """Without a quote the old numbers stay, STALE, with the reason in words."""
    path = fill().path
    reasons = {("bybit", "BTCUSD"): "bybit: no answer within 10 seconds"}
    filled = refresh_workbook(path, quotes=[], reasons=reasons, clock=cases.clock)
    shown = Shown(path)
    assert shown.value("live_mark") == 50_010
    assert shown.value("live_status") == "STALE"
    assert "Reason: bybit: no answer within 10 seconds" in filled.said
    assert shown.block("funding_table")[1][13] == "STALE"


def test_an_older_quote_never_replaces_a_newer_one(fill: Fill) -> None:
    """A stored quote that is older than the file's leaves the file's numbers, marked STALE."""
    path = fill().path
    hour = cases.a_quote().time.replace(hour=10)
    older = cases.a_quote(mark=1.0, index=1.0, time=hour, status=Status.STALE)
    refresh_workbook(path, quotes=[older], clock=cases.clock)
    shown = Shown(path)
    assert shown.value("live_mark") == 50_010
    assert shown.value("live_status") == "STALE"
    assert shown.block("funding_table")[1][9] == 50_010


def test_snapshot_data_are_never_promoted(fill: Fill) -> None:
    """A failed refresh of bundled data leaves them SNAPSHOT, not STALE."""
    path = fill(status=Status.SNAPSHOT).path
    refresh_workbook(path, quotes=[], clock=cases.clock)
    assert Shown(path).value("live_status") == "SNAPSHOT"


def test_tables_hold_all_quotes_and_the_history(fill: Fill) -> None:
    """The selected contract comes first, the others after it, and settlements newest first."""
    path = fill().path
    other = cases.a_quote(venue="okx", symbol="BTC-USD-SWAP", funding_rate=0.0002)
    refresh_workbook(
        path, quotes=[other, cases.a_quote()], history=cases.settlements(), clock=cases.clock
    )
    rows = Shown(path).block("funding_table")
    assert [row[1] for row in rows[1:4]] == ["BTCUSD", "BTC-USD-SWAP", None]
    assert rows[2][7] == pytest.approx(0.0002 * 3 * 365)
    times = [row[0] for row in Shown(path).block("history_table")[1:6]]
    assert times == sorted(times, reverse=True)
    assert wanted(path) == [("bybit", "BTCUSD"), ("okx", "BTC-USD-SWAP")]


def test_a_table_that_is_full_says_what_it_left_out(fill: Fill) -> None:
    """More contracts than rows: the selected one is kept, the rest is named."""
    path = fill().path
    many = [cases.a_quote(symbol=f"COIN{n}USD", coin=f"COIN{n}") for n in range(35)]
    filled = refresh_workbook(path, quotes=[*many, cases.a_quote()], clock=cases.clock)
    assert Shown(path).block("funding_table")[1][1] == "BTCUSD"
    assert len(filled.left_out) == 6


def test_the_refreshed_file_is_well_formed(fill: Fill) -> None:
    """A refreshed package passes the same checks as the template, and openpyxl reads it."""
    path = fill().path
    enriched(path)
    refresh_workbook(path, quotes=[cases.a_quote(mark=49_000.0)], clock=cases.clock)
    assert [p for p in problems(path) if "content type" not in p] == []
    openpyxl.load_workbook(path)


def test_names_may_be_anywhere(fill: Fill, tmp_path: Path) -> None:
    """A company's own workbook, names at other addresses, is filled and refreshed alike."""
    from tests.workbook.company import company_workbook
    from xlhedge.workbook import new_workbook

    template = company_workbook(tmp_path / "company.xlsx")
    out = tmp_path / "out.xlsx"
    new_workbook(
        out,
        inputs=cases.POSITION | {"in_quantity": 2},
        quotes=[cases.a_quote()],
        clock=cases.clock,
        template=template,
    )
    refresh_workbook(out, quotes=[cases.a_quote(mark=51_000.0, index=51_000.0)], clock=cases.clock)
    shown = Shown(out)
    assert shown.value("live_mark") == 51_000
    assert shown.value("out_notional") == 2 * 51_000
    assert shown.book["Our sheet"]["A1"].value == "=not a formula"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.xlsx", b"", "damaged or not a workbook"),
        ("a.xlsx", b"PK\x03\x04 but no more", "damaged or not a workbook"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "encrypted"),
        ("a.csv", b"venue,symbol\n", "damaged or not a workbook"),
    ],
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    """A file of another kind is refused in a sentence, and stays as it was."""
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(WorkbookError, match=words):
        refresh_workbook(path, quotes=[], clock=cases.clock)
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"},
         "is an OpenDocument file; save it as an .xlsx"),
        ({"_rels/.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
          b'relationships"><Relationship Id="rId1" Type="x/officeDocument" '
          b'Target="xl/workbook.bin"/></Relationships>', "xl/workbook.bin": b"\x83\x01"},
         "is a binary workbook (.xlsb); save it as an .xlsx"),
        ({"word/document.xml": b"<x/>"}, "lacks its part '_rels/.rels'; expected a workbook"),
    ],
)  # fmt: skip
def test_other_kinds_of_documents_are_named(
    tmp_path: Path, parts: dict[str, bytes], words: str
) -> None:
    """What another program saves under the same ending is refused by its own name."""
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    with pytest.raises(WorkbookError, match=re.escape(words)):
        refresh_workbook(path, quotes=[], clock=cases.clock)


def test_missing_names_are_listed(tmp_path: Path) -> None:
    """A workbook without the contract's names is refused, naming some of them."""
    path = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(WorkbookError, match=r"lacks .* defined name.*in_coin"):
        refresh_workbook(path, quotes=[], clock=cases.clock)


def test_a_formula_in_a_live_cell_is_refused(fill: Fill) -> None:
    """Where a formula stands in a cell that a tool should write, nothing is written."""
    path = fill().path
    whole = parts(path)
    sheet = etree.fromstring(whole["xl/worksheets/sheet1.xml"])
    cell = next(c for c in sheet.iter(tag("c")) if c.get("r") == "H8")
    etree.SubElement(cell, tag("f")).text = "1+1"
    whole["xl/worksheets/sheet1.xml"] = etree.tostring(sheet)
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in whole.items():
            archive.writestr(name, part)
    before = path.read_bytes()
    with pytest.raises(WorkbookError, match="live_mark: Hedge!H8 holds a formula"):
        refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
    assert path.read_bytes() == before


@pytest.mark.parametrize("lock", ["~$book.xlsx", ".~lock.book.xlsx#"])
def test_an_open_file_is_refused(fill: Fill, lock: str) -> None:
    """A lock file of Excel or LibreOffice beside the workbook stops the refresh."""
    path = fill().path
    before = path.read_bytes()
    path.with_name(lock).write_bytes(b"someone")
    with pytest.raises(WorkbookError, match="is open in"):
        refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
    assert path.read_bytes() == before


def test_a_failed_write_leaves_the_file_and_no_litter(
    fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the last step fails, the old file is whole and nothing else is in the folder."""
    path = fill().path
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(package.os, "replace", full)
    with pytest.raises(WorkbookError, match="No space left"):
        refresh_workbook(path, quotes=[cases.a_quote(mark=1000.0)], clock=cases.clock)
    assert path.read_bytes() == before
    assert [other.name for other in path.parent.iterdir()] == [path.name]


def test_a_document_type_is_refused(fill: Fill) -> None:
    """An entity declaration in a part, as in an XML bomb, is refused before it is expanded."""
    path = fill().path
    whole = parts(path)
    bomb = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">]>'
    whole["xl/workbook.xml"] = bomb + whole["xl/workbook.xml"].split(b"?>", 1)[-1]
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in whole.items():
            archive.writestr(name, part)
    with pytest.raises(WorkbookError, match="document type"):
        refresh_workbook(path, quotes=[], clock=cases.clock)


def by_openpyxl(path: Path, folder: Path) -> Path:
    """Save a workbook with openpyxl, which keeps no value of a formula."""
    openpyxl.load_workbook(path).save(folder / "saved.xlsx")
    return folder / "saved.xlsx"


def by_libreoffice(path: Path, folder: Path) -> Path:
    """Save a workbook with LibreOffice."""
    office.need_office()
    return office.recalculated([path], folder)[0]


@pytest.mark.parametrize("save", [by_openpyxl, by_libreoffice])
def test_a_workbook_that_another_program_saved(
    fill: Fill, tmp_path: Path, save: Callable[[Path, Path], Path]
) -> None:
    """It is refreshed like one that nobody saved, and is the template's to an inspection."""
    leveraged = {"inputs": {"in_leverage": 3}}  # with rows that are liquidated
    saved = save(fill(**leveraged).path, tmp_path)
    if save is by_libreoffice:
        assert inspect_workbook(saved).outdated == []
    quote = cases.a_quote(mark=40_010.0, index=40_000.0, funding_rate=-0.0002)
    filled = refresh_workbook(saved, quotes=[quote], clock=cases.clock)
    beside = fill("beside.xlsx", **leveraged).path
    wanted_results = refresh_workbook(beside, quotes=[quote], clock=cases.clock).results
    for name, value in wanted_results.items():
        assert same(filled.results[name], value), name
    assert filled.not_computed == []
    found = inspect_workbook(saved)
    assert (found.changes, found.outdated, found.unchecked) == ([], [], [])
