"""What is refused before a refresh writes anything, and what people change that is no damage."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workbook import cases
from tests.workbook.damage import CELL, FORMULA, NUMBER, packed, unpacked
from tests.workbook.lint import problems
from tests.workbook.reading import Shown
from tests.workbook.test_inspect import edited, said
from xlhedge.errors import WorkbookError
from xlhedge.workbook import Filled, new_workbook, refresh_workbook
from xlhedge.workbook.cell_integrity import checked_cells
from xlhedge.workbook.xml import MAIN, parse

Fill = Callable[..., Filled]
HEDGE, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
CHART_1 = "xl/charts/chart1.xml"
RELATIONS = "xl/worksheets/_rels/sheet1.xml.rels"


def at(name: str) -> bytes:
    """Return a pattern of what a defined name refers to."""
    return rb'(<definedName name="' + name.encode() + rb'">)[^<]*'


REFUSED = [
    (HEDGE, rb'<row r="2"', b'<row r="1"', "row '1' follows row 1"),
    (HEDGE, CELL, rb'<c r="\2"/><c r="\2"', "cell '[A-Z]+[0-9]+' follows [A-Z]+[0-9]+"),
    (HEDGE, rb'<c r="B5"', b'<c r="B6"', "cell 'B6' is in row 5"),
    (HEDGE, NUMBER, rb"\g<1>1e999", "holds '1e999', which is not of its type"),
    (HEDGE, rb'(<c r="[A-Z]+\d+" s="\d+")/>', rb'\1 t="zzz"/>', "of the type 'zzz', which is none"),
    (HEDGE, rb"<f>[^<]+</f>", b'<f t="shared" si="7"/>', "shares a formula that no cell holds"),
    (HEDGE, FORMULA, rb"<f>SUM((A1,A2)\1", "parentheses do not match"),
    (HEDGE, FORMULA, rb"<f>1+\1", "ends before it is complete|cannot be read"),
    (HEDGE, FORMULA, rb"<f>Nowhere!A1\1", "there is no sheet 'Nowhere'"),
    (HEDGE, FORMULA, rb"<f>no_such_name\1", "there is no name 'no_such_name'"),
    (HEDGE, FORMULA, rb"<f>P1\1", "formula in Hedge!P1 depends on itself"),
    (BOOK, at("chosen_price"), rb"\1#REF!", "has lost the cells of the name chosen_price, which"),
    (BOOK, at("chosen_price"), rb"\1Hedge!A1", "the name chosen_price refers to 'Hedge!A1'"),
    (BOOK, at("chosen_price"), rb"\1Hedge!$A$1:$B$2", "the name chosen_price refers to"),
    (BOOK, at("bag_coin"), rb"\1Nowhere!$C$7:$C$26", "the name bag_coin refers to 'Nowhere"),
    (BOOK, rb'<definedName name="chosen_price">[^<]*</definedName>', b"",
     "lacks the name chosen_price, which [A-Z]?[a-z]+![A-Z]+[0-9]+ needs"),
    (CHART_1, rb"drawingml/2006/chart", b"drawingml/2006/trahc", "is no chartSpace"),
    (CHART_1, rb"<chart>", b"<chart>stray", "holds 'stray' between its elements"),
    (RELATIONS, rb"relationships/drawing", b"relationships/image",
     "as a drawing, which .* says is 'image'"),
    (HEDGE, rb"<drawing ", b"<legacyDrawing ", "as a legacyDrawing, which .* says is 'drawing'"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "old", "new", "says"), REFUSED)
def test_damage_is_refused_with_its_place(
    fill: Fill, part: str, old: bytes, new: bytes, says: str
) -> None:
    """The sentence names the part, the cell or the name; the file is what it was."""
    path = fill().path
    parts = unpacked(path.read_bytes())
    damaged = re.sub(old, new, parts[part], count=1)
    assert damaged != parts[part]
    path.write_bytes(packed(parts | {part: damaged}))
    data = path.read_bytes()
    with pytest.raises(WorkbookError, match=says):
        refresh_workbook(path, quotes=[cases.a_quote(mark=51_000.0)], clock=cases.clock)
    assert path.read_bytes() == data


def added(part: str, *changes: tuple[bytes, bytes]) -> Callable[[dict[str, bytes]], None]:
    """Return a function that changes one part by patterns, each of which has to be found."""

    def change(parts: dict[str, bytes]) -> None:
        for old, new in changes:
            parts[part], count = re.subn(old, new, parts[part], count=1)
            assert count == 1, old

    return change


LAST_ROW = rb"(</sheetData>)"
WHOLE = {
    "a name of one's own that lost its cells": added(
        BOOK, (rb"</definedNames>", b'<definedName name="ours">#REF!</definedName></definedNames>')
    ),
    "a name of the model that nothing uses": added(
        BOOK, (rb'<definedName name="ticket_table">[^<]*</definedName>', b"")
    ),
    "a name of the model that lost its cells and nothing uses": added(
        BOOK, (at("ticket_table"), rb"\1Ticket!#REF!")
    ),
    "a block that moved down a row": added(BOOK, (at("note_numbers"), rb"\1xlhedge!$AI$5:$AI$34")),
    "a formula of one's own that shows an error": added(
        HEDGE, (LAST_ROW, rb'<row r="900"><c r="B900" t="e"><f>gone+1</f><v>#NAME?</v></c></row>\1')
    ),
    "a function that only the add-in knows": added(
        HEDGE, (LAST_ROW, rb'<row r="900"><c r="B900"><f>HEDGE_NOTIONAL(5,2)</f><v>10</v></c></row>'
                rb"\1")
    ),
    "cells without addresses": added(
        HEDGE, (LAST_ROW, rb'<row r="900"><c><v>1</v></c><c><v>2</v></c></row>\1')
    ),
    "a shared formula": added(
        HEDGE, (LAST_ROW, rb'<row r="900"><c r="B900"><f t="shared" ref="B900:C900" si="0">1+1</f>'
                rb'<v>2</v></c><c r="C900"><f t="shared" si="0"/><v>2</v></c></row>\1')
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WHOLE)
def test_what_people_change_is_no_damage(fill: Fill, what: str) -> None:
    """The workbook is refreshed, and its results follow."""
    path = edited(fill().path, WHOLE[what])
    filled = refresh_workbook(path, quotes=[cases.a_quote(index=40_000.0)], clock=cases.clock)
    assert filled.results["out_contracts"] == 200_000
    assert Shown(path).value("out_contracts") == 200_000


def test_a_circle_is_allowed_where_excel_goes_round(fill: Fill) -> None:
    """With iterative calculation switched on, a formula may depend on itself."""
    circle = rb'<row r="900"><c r="B900"><f>B900+1</f><v>9</v></c></row>\1'
    path = edited(fill().path, added(HEDGE, (LAST_ROW, circle)))
    with pytest.raises(WorkbookError, match=r"Hedge!B900 depends on itself.*iterative"):
        refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
    edited(path, added(BOOK, (rb"<calcPr ", b'<calcPr iterate="1" ')))
    refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
    assert Shown(path).value("out_contracts") == 250_000


def test_a_name_elsewhere_is_told(fill: Fill, capsys: pytest.CaptureFixture[str]) -> None:
    """A name of the model at another cell is allowed, and inspect says so."""
    path = edited(fill().path, added(BOOK, (at("chosen_rate"), rb"\1Hedge!$B$2")))
    refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
    text = said(path, capsys)
    assert "1 name(s) and formula(s) differ from the template" in text
    assert "name chosen_rate: =Hedge!$B$2 instead of =xlhedge!$C$50" in text


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ('<row r="1"><c r="XFE1"/></row>', "cell 'XFE1' is in row 1"),
        ('<row r="1"><c r="AAA1"/><c r="B1"/></row>', "cell 'B1' follows AAA1"),
        ('<row r="1"><c r="b1"/></row>', "cell 'b1' is in row 1"),
        ('<row r="1048577"/>', "row '1048577' follows row 0"),
        ('<row r="1"><c r="A1" t="s"><v>3</v></c></row>', "A1 holds '3', which is not"),
        ('<row r="1"><c r="A1" t="s"><v>-1</v></c></row>', "A1 holds '-1', which is not"),
        ('<row r="1"><c r="A1" t="b"><v>2</v></c></row>', "A1 holds '2', which is not"),
        ('<row r="1"><c r="A1" t="zzz"/></row>', "A1 is of the type 'zzz'"),
    ],
)
def test_cells_that_excel_would_repair(rows: str, says: str) -> None:
    """Three shared strings, and cells beside the order, the sheet or their types."""
    data = parse(f'<sheetData xmlns="{MAIN}">{rows}</sheetData>'.encode(), "rows")
    with pytest.raises(WorkbookError, match=says):
        checked_cells(data, lambda: 3)


def test_cells_that_excel_reads() -> None:
    """Rows and cells may lack their numbers; values of every type are read."""
    rows = (
        '<row><c/><c><v>1.5E-7</v></c><c r="AAB1" t="s"><v>2</v></c></row>'
        '<row r="7"><c t="str"><f>A1</f><v>nan</v></c><c t="b"><v>1</v></c><c t="n"><v></v></c>'
        '<c t="e"><v>#N/A</v></c><c t="inlineStr"><is><t>x</t></is></c><c r="XFD7"/></row>'
    )
    data = parse(f'<sheetData xmlns="{MAIN}">{rows}</sheetData>'.encode(), "rows")
    assert list(checked_cells(data, lambda: 3)) == [
        "A1", "B1", "AAB1", "A7", "B7", "C7", "D7", "E7", "XFD7",
    ]  # fmt: skip


def without_sheet(parts: dict[str, bytes], title: bytes) -> None:
    """Delete a sheet as Excel does: its names stay behind, with an error for a reference."""
    book = parts[BOOK]
    titles = re.findall(rb'<sheet [^>]*name="([^"]*)"', book)
    number = titles.index(title)
    found = re.search(rb'<sheet [^>]*name="' + title + rb'"[^>]*id="(rId\d+)"[^>]*/>', book)
    book = book.replace(found[0], b"")
    book = re.sub(rb'<definedName [^>]*localSheetId="%d"[^>]*>[^<]*</definedName>' % number, b"",
                  book)  # fmt: skip
    book = re.sub(rb'localSheetId="(\d+)"',
                  lambda at: b'localSheetId="%d"' % (int(at[1]) - (int(at[1]) > number)),
                  book)  # fmt: skip
    parts[BOOK] = re.sub(rb">'?" + title + rb"'?!", b">#REF!", book)
    links = "xl/_rels/workbook.xml.rels"
    target = re.search(rb'<Relationship [^>]*Target="/?([^"]*)"[^>]*Id="' + found[1] + rb'"[^>]*/>',
                       parts[links])  # fmt: skip
    parts[links] = parts[links].replace(target[0], b"")
    types = "[Content_Types].xml"
    parts[types] = re.sub(rb'<Override PartName="/' + target[1] + rb'"[^>]*/>', b"", parts[types])
    del parts[target[1].decode()]


@pytest.mark.parametrize("title", [b"Ticket", b"Guide", b"Functions"])
def test_a_sheet_may_be_deleted(fill: Fill, tmp_path: Path, title: bytes) -> None:
    """What nothing else needs can go; the rest is refreshed, and can be a template."""
    path = edited(fill().path, lambda parts: without_sheet(parts, title))
    assert problems(path) == []
    filled = refresh_workbook(path, quotes=[cases.a_quote(index=40_000.0)], clock=cases.clock)
    assert filled.results["out_contracts"] == 200_000
    out = tmp_path / "out.xlsx"
    quote = cases.a_quote(index=25_000.0)
    new_workbook(out, inputs=cases.POSITION, quotes=[quote], clock=cases.clock, template=path)
    assert Shown(out).value("out_contracts") == 125_000


def test_a_deleted_input_is_missed(fill: Fill) -> None:
    """A name of the contract that has lost its cell is one that is missing."""
    path = edited(fill().path, added(BOOK, (at("in_coin"), rb"\1#REF!")))
    with pytest.raises(WorkbookError, match=r"lacks 1 defined name\(s\), or their cells: in_coin"):
        refresh_workbook(path, quotes=[cases.a_quote()], clock=cases.clock)
