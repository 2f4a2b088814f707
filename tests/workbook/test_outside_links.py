"""A shared copy reads nothing from outside: names, rules, charts, queries; and names nobody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from tests.workbook import cases, rich
from tests.workbook.damage import packed, unpacked
from tests.workbook.lint import problems
from tests.workbook.test_sharing import EXTERNAL, _insert, share, text_of
from xlhedge.workbook import Filled, refresh_workbook
from xlhedge.workbook.book import Book
from xlhedge.workbook.inspection import inspect_workbook

Fill = Callable[..., Filled]
GUIDE = "xl/worksheets/sheet6.xml"
CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
CT = "application/vnd.openxmlformats-officedocument"


def linked(parts: dict[str, bytes]) -> None:
    """Link a workbook to another one."""
    parts["xl/externalLinks/externalLink1.xml"] = (
        f'<externalLink xmlns="{rich.MAIN}"><externalBook xmlns:r="{rich.R}" r:id="rId1">'
        '<sheetNames><sheetName val="Rates"/></sheetNames></externalBook></externalLink>'
    ).encode()
    parts["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="rId1" TargetMode="External" Target="C:\\desk\\rates.xlsx" '
        b'Type="' + rich.R.encode() + b'/externalLinkPath"/></Relationships>'
    )
    _insert(
        parts,
        "[Content_Types].xml",
        "</Types>",
        f'<Override PartName="/xl/externalLinks/externalLink1.xml" ContentType="{EXTERNAL}"/>',
    )
    _insert(parts, "xl/_rels/workbook.xml.rels", "</Relationships>",
            f'<Relationship Id="rIdX" Type="{rich.R}/externalLink" '
            'Target="externalLinks/externalLink1.xml"/>')  # fmt: skip
    _insert(parts, "xl/workbook.xml", "<definedNames>",
            f'<externalReferences><externalReference xmlns:r="{rich.R}" r:id="rIdX"/>'
            "</externalReferences>")  # fmt: skip


def cell(parts: dict[str, bytes], row: int, formula: str, value: float) -> None:
    """Put a formula with its value on sheet Guide."""
    _insert(parts, GUIDE, "</sheetData>",
            f'<row r="{row}"><c r="A{row}"><f>{formula}</f><v>{value}</v></c></row>')  # fmt: skip


def test_formulas_that_use_a_linked_name_become_values(fill: Fill, tmp_path: Path) -> None:
    """The name goes, and so does one that uses it; what they gave stays, in a refresh too."""
    path, out = fill().path, tmp_path / "copy.xlsx"
    parts = unpacked(path.read_bytes())
    linked(parts)
    _insert(parts, "xl/workbook.xml", "</definedNames>",
            '<definedName name="Their_Rate">[1]Rates!$A$1</definedName>'
            '<definedName name="twice">their_rate*2</definedName>')  # fmt: skip
    cell(parts, 900, "their_rate*in_quantity", 42)
    cell(parts, 901, "Twice+1", 43)
    cell(parts, 902, "in_quantity*2", 10)
    path.write_bytes(packed(parts))
    refresh_workbook(path, quotes=[cases.a_quote(mark=51_000.0)], clock=cases.clock)
    assert [Book.open(path).sheet("Guide").value(row, 1) for row in (900, 901)] == [42, 43]
    assert share(path, out) == 0
    book = Book.open(out)
    guide = book.sheet("Guide")
    assert [guide.value(row, 1) for row in (900, 901, 902)] == [42, 43, 10]
    assert [guide.holds_formula(row, 1) for row in (900, 901, 902)] == [False, False, True]
    assert not {"their_rate", "twice"} & set(book.references)
    assert problems(out) == []
    assert "rates.xlsx" not in text_of(out)


def test_rules_of_excel_2010_too(fill: Fill, tmp_path: Path) -> None:
    """Conditional formats and validations in extensions; the others stay, and are counted."""
    path, out = fill().path, tmp_path / "copy.xlsx"
    parts = unpacked(path.read_bytes())
    linked(parts)
    uri = "{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"
    rules = "".join(
        f'<x14:dataValidation type="list"><x14:formula1><xm:f>{source}</xm:f></x14:formula1>'
        "<xm:sqref>A900</xm:sqref></x14:dataValidation>"
        for source in ("[1]Rates!$A$1:$A$9", "Bags!$B$7:$B$9")
    )
    _insert(parts, GUIDE, "</worksheet>",
            f'<extLst><ext xmlns:x14="{rich.X14}" xmlns:xm="{rich.XM}" uri="{uri}">'
            f'<x14:dataValidations count="2">{rules}</x14:dataValidations></ext></extLst>'
            )  # fmt: skip
    path.write_bytes(packed(parts))
    assert share(path, out) == 0
    sheet = unpacked(out.read_bytes())[GUIDE]
    assert b"[1]" not in sheet
    assert b"Bags!$B$7:$B$9" in sheet
    assert b'x14:dataValidations count="1"' in sheet
    assert problems(out) == []


def test_titles_of_a_chart_are_texts(fill: Fill, tmp_path: Path) -> None:
    """Where a series or an axis takes its title from another workbook, the words stay."""
    path, out = fill().path, tmp_path / "copy.xlsx"
    parts = unpacked(path.read_bytes())
    linked(parts)
    name = "xl/charts/chart1.xml"
    root = etree.fromstring(parts[name])
    title = (
        f'<tx xmlns="{CHART}"><strRef><f>[1]Rates!$A$1</f><strCache><ptCount val="1"/><pt idx="0">'
        "<v>their words</v></pt></strCache></strRef></tx>"
    )
    for holder in (next(root.iter(f"{{{CHART}}}ser")), next(root.iter(f"{{{CHART}}}title"))):
        old = holder.find(f"{{{CHART}}}tx")
        holder.replace(old, etree.fromstring(title))
    parts[name] = etree.tostring(root)
    path.write_bytes(packed(parts))
    assert share(path, out) == 0
    root = etree.fromstring(unpacked(out.read_bytes())[name])
    series, heading = next(root.iter(f"{{{CHART}}}ser")), next(root.iter(f"{{{CHART}}}title"))
    assert series.findtext(f"{{{CHART}}}tx/{{{CHART}}}v") == "their words"
    assert heading.findtext(f"{{{CHART}}}tx//{{{rich.ART}}}t") == "their words"
    assert not list(root.iter(f"{{{CHART}}}strLit"))


def with_query(parts: dict[str, bytes]) -> None:
    """Fill a table on sheet Guide from a database."""
    parts["xl/connections.xml"] = (
        f'<connections xmlns="{rich.MAIN}"><connection id="1" name="Ledger" type="1" '
        'refreshedVersion="6"><dbPr connection="DSN=ledger;UID=jane"/></connection></connections>'
    ).encode()
    parts["xl/queryTables/queryTable1.xml"] = (
        f'<queryTable xmlns="{rich.MAIN}" name="Ledger" connectionId="1"/>'.encode()
    )
    parts["xl/tables/table9.xml"] = (
        f'<table xmlns="{rich.MAIN}" id="9" name="Ledger" displayName="Ledger" ref="A900:A901" '
        'tableType="queryTable" totalsRowShown="0"><tableColumns count="1"><tableColumn id="1" '
        'uniqueName="1" name="usd" queryTableFieldId="1"/></tableColumns></table>'
    ).encode()
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts["xl/tables/_rels/table9.xml.rels"] = (
        f'<Relationships xmlns="{space}"><Relationship Id="rId1" Type="{rich.R}/queryTable" '
        'Target="../queryTables/queryTable1.xml"/></Relationships>'
    ).encode()
    parts["xl/worksheets/_rels/sheet6.xml.rels"] = (
        f'<Relationships xmlns="{space}"><Relationship Id="rId1" Type="{rich.R}/table" '
        'Target="../tables/table9.xml"/></Relationships>'
    ).encode()
    _insert(parts, GUIDE, "</sheetData>", '<row r="900"><c r="A900" t="inlineStr"><is><t>usd</t>'
            '</is></c></row><row r="901"><c r="A901"><v>7</v></c></row>')  # fmt: skip
    _insert(parts, GUIDE, "</worksheet>", f'<tableParts count="1"><tablePart xmlns:r="{rich.R}" '
            'r:id="rId1"/></tableParts>')  # fmt: skip
    _insert(
        parts,
        "xl/_rels/workbook.xml.rels",
        "</Relationships>",
        f'<Relationship Id="rIdC" Type="{rich.R}/connections" Target="connections.xml"/>',
    )
    _insert(parts, "[Content_Types].xml", "</Types>", "".join(
        f'<Override PartName="/xl/{part}" ContentType="{CT}.spreadsheetml.{kind}+xml"/>'
        for part, kind in (("connections.xml", "connections"), ("tables/table9.xml", "table"),
                           ("queryTables/queryTable1.xml", "queryTable"))))  # fmt: skip


@pytest.mark.parametrize("pivot", [False, True])
def test_connections(
    fill: Fill, tmp_path: Path, capsys: pytest.CaptureFixture[str], pivot: bool
) -> None:
    """A table keeps what a query brought, without the query; a pivot from outside is told."""
    path, out = fill().path, tmp_path / "copy.xlsx"
    parts = unpacked(path.read_bytes())
    with_query(parts)
    if pivot:
        cache = "xl/pivotCache/pivotCacheDefinition1.xml"
        parts[cache] = (
            f'<pivotCacheDefinition xmlns="{rich.MAIN}" refreshedBy="jane"><cacheSource '
            'type="external" connectionId="1"/><cacheFields count="0"/></pivotCacheDefinition>'
        ).encode()
        _insert(parts, "[Content_Types].xml", "</Types>", f'<Override PartName="/{cache}" '
                f'ContentType="{CT}.spreadsheetml.pivotCacheDefinition+xml"/>')  # fmt: skip
        _insert(parts, "xl/_rels/workbook.xml.rels", "</Relationships>",
                f'<Relationship Id="rIdP" Type="{rich.R}/pivotCacheDefinition" '
                'Target="pivotCache/pivotCacheDefinition1.xml"/>')  # fmt: skip
    path.write_bytes(packed(parts))
    assert problems(path) == []
    assert share(path, out) == 0
    said = capsys.readouterr()
    assert problems(out) == []
    assert Book.open(out).sheet("Guide").value(901, 1) == 7
    assert "refreshedBy" not in text_of(out)
    if pivot:
        assert "the copy still holds data connections" in said.err
        return
    assert "connections to files, databases or the web removed" in said.out
    assert inspect_workbook(out).special == {}
    assert "jane" not in text_of(out)
    assert b"queryTable" not in unpacked(out.read_bytes())["xl/tables/table9.xml"]


def test_the_picture_of_the_workbook_goes(fill: Fill, tmp_path: Path) -> None:
    """It shows what stood there before; notes of people stay, and are told."""
    path, out = fill().path, tmp_path / "copy.xlsx"
    parts = unpacked(path.read_bytes())
    parts["docProps/thumbnail.wmf"] = b"a picture"
    kind = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail"
    _insert(
        parts,
        "_rels/.rels",
        "</Relationships>",
        f'<Relationship Id="rIdT" Type="{kind}" Target="docProps/thumbnail.wmf"/>',
    )
    _insert(
        parts,
        "[Content_Types].xml",
        "</Types>",
        '<Default Extension="wmf" ContentType="image/x-wmf"/>',
    )
    path.write_bytes(packed(parts))
    assert problems(path) == []
    assert share(path, out) == 0
    assert "docProps/thumbnail.wmf" not in unpacked(out.read_bytes())
    assert problems(out) == []


def test_comments_are_told(fill: Fill, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What people wrote to each other stays in the copy: whoever shares it is told."""
    path = fill().path
    rich.enrich(path)
    assert share(path, tmp_path / "copy.xlsx") == 0
    assert "the copy still holds comments of people: look whether" in capsys.readouterr().err
