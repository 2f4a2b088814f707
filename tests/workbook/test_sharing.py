"""``xlhedge share``: a copy that needs nothing, tells no names and passes nothing off as live."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import ironcalc
import openpyxl
import pytest

from tests.addin.saved_by_excel import saved
from tests.workbook import cases, office, rich
from tests.workbook.damage import packed, unpacked
from tests.workbook.lint import problems
from tests.workbook.reading import Shown, same
from tests.workbook.test_text_paths import type_in
from xlhedge.cli import main
from xlhedge.errors import WorkbookError
from xlhedge.quotes import Status
from xlhedge.workbook import Filled, refresh_workbook
from xlhedge.workbook.book import Book
from xlhedge.workbook.inspection import inspect_workbook
from xlhedge.workbook.outside_links import LINKED

Fill = Callable[..., Filled]
SECRETS = ("Jane Doe", "Acme Treasury", "C:\\Users\\jane", "LAPTOP-JANE", "\\\\print-server")
CORE = "docProps/core.xml"
COMPATIBLE = "http://schemas.openxmlformats.org/markup-compatibility/2006"
EXTERNAL = "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"


def share(*words: object) -> int:
    """Run the command."""
    return main(["share", *map(str, words)])


def with_secrets(path: Path) -> Path:
    """Put names and paths where Excel puts them."""
    rich.enrich(path)
    parts = unpacked(path.read_bytes())
    core = re.sub(rb"<dc:creator>[^<]*</dc:creator>", b"", parts[CORE])
    parts[CORE] = core.replace(
        b"</cp:coreProperties>",
        b'<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">Jane Doe</dc:creator>'
        b"<cp:lastModifiedBy>Jane Doe</cp:lastModifiedBy>"
        b"</cp:coreProperties>",
    )
    parts["docProps/app.xml"] = re.sub(
        rb"</Properties>|<Properties ([^>]*)/>",
        b"<Company>Acme Treasury</Company><Manager>Jane Doe</Manager></Properties>",
        parts["docProps/app.xml"],
    )
    place = (
        f'<mc:AlternateContent xmlns:mc="{COMPATIBLE}">'
        '<mc:Choice Requires="x15"><x15ac:absPath url="C:\\Users\\jane\\Desktop\\" '
        'xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac"/></mc:Choice>'
        "</mc:AlternateContent>"
    )
    book = parts["xl/workbook.xml"].decode()
    parts["xl/workbook.xml"] = re.sub(
        r"(<workbookPr[^>]*/>)", lambda m: m[1] + place, book
    ).encode()
    parts["xl/persons/person.xml"] = parts["xl/persons/person.xml"].replace(b'"Me"', b'"Jane Doe"')
    parts["xl/printerSettings/printerSettings1.bin"] = "\\\\print-server".encode("utf-16-le") * 9
    path.write_bytes(packed(parts))
    assert problems(path) == []
    return path


def text_of(path: Path) -> str:
    """Return every part, however its text is coded."""
    return "".join(
        part.decode("latin-1") + part.decode("utf-16-le", errors="ignore")
        for part in unpacked(path.read_bytes()).values()
    )


@pytest.mark.parametrize("options", [[], ["--values"], ["--functions"]])
def test_nobody_is_named(fill: Fill, tmp_path: Path, options: list[str]) -> None:
    """Author, editor, company, path, commenter and printer are gone; the file is well-formed."""
    book = with_secrets(fill("rich.xlsx").path)
    for secret in SECRETS[:3]:
        assert secret in text_of(book)
    out = tmp_path / "copy.xlsx"
    assert share(book, out, *options) == 0
    for secret in SECRETS:
        assert secret not in text_of(out)
    assert problems(out) == []
    assert not inspect_workbook(out).people


def test_what_stays_is_said(fill: Fill, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """Pivot tables, custom XML and hyperlinks are the user's: they stay, and a line names each."""
    path = with_secrets(fill("rich.xlsx").path)
    parts = unpacked(path.read_bytes())
    _insert(parts, "xl/worksheets/_rels/sheet6.xml.rels", "</Relationships>",
            f'<Relationship Id="rIdH" Type="{rich.R}/hyperlink" TargetMode="External" '
            'Target="file:///C:/desk/plan.docx"/>')  # fmt: skip
    path.write_bytes(packed(parts))
    assert share(path, tmp_path / "copy.xlsx") == 0
    said = capsys.readouterr().err
    for what in ("pivot table", "custom XML", "a link to file:///C:/desk/plan.docx"):
        assert f"the copy still holds {what}: look whether" in said


def test_macros_and_links_are_gone(fill: Fill, tmp_path: Path) -> None:
    """A copy of a macro workbook as .xlsx holds no macro; a formula of another book is a value."""
    path = fill("rich.xlsm").path
    with_secrets(path)
    parts = unpacked(path.read_bytes())
    guide = parts["xl/worksheets/sheet6.xml"].decode()
    cell = '<row r="900"><c r="A900"><f>[1]Rates!$A$1*2</f><v>42</v></c></row></sheetData>'
    parts["xl/worksheets/sheet6.xml"] = guide.replace("</sheetData>", cell).encode()
    parts["xl/externalLinks/externalLink1.xml"] = (
        rich.HEAD
        + f'<externalLink xmlns="{rich.MAIN}"><externalBook xmlns:r="{rich.R}" '
        'r:id="rId1"><sheetNames><sheetName val="Rates"/></sheetNames><sheetDataSet><sheetData '
        'sheetId="0"><row r="1"><cell r="A1"><v>21</v></cell></row></sheetData></sheetDataSet>'
        "</externalBook></externalLink>".encode()
    )
    parts["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
        rich.HEAD + b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        b'relationships"><Relationship Id="rId1" TargetMode="External" Target="C:\\Users\\jane\\'
        b'rates.xlsx" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        b'externalLinkPath"/></Relationships>'
    )
    _insert(parts, "[Content_Types].xml", "</Types>",
            '<Override PartName="/xl/externalLinks/externalLink1.xml" '
            f'ContentType="{EXTERNAL}"/>')  # fmt: skip
    _insert(parts, "xl/_rels/workbook.xml.rels", "</Relationships>",
            f'<Relationship Id="rIdX" Type="{rich.R}/externalLink" '
            'Target="externalLinks/externalLink1.xml"/>')  # fmt: skip
    _insert(parts, "xl/workbook.xml", "<definedNames>",
            f'<externalReferences><externalReference xmlns:r="{rich.R}" r:id="rIdX"/>'
            "</externalReferences>", before=True)  # fmt: skip
    _insert(parts, "xl/workbook.xml", "</definedNames>",
            '<definedName name="zz_rates">[1]Rates!$A$1</definedName>')  # fmt: skip
    path.write_bytes(packed(parts))
    out = tmp_path / "copy.xlsx"
    assert share(path, out) == 0
    held = inspect_workbook(out)
    assert not [kind for kind in held.special if "macro" in kind or "link" in kind]
    assert not held.links
    assert "zz_rates" not in text_of(out)
    assert problems(out) == []
    assert Book.open(out).sheet("Guide").value(900, 1) == 42


def _insert(parts: dict[str, bytes], name: str, at: str, new: str, before: bool = True) -> None:
    assert at.encode() in parts[name]
    parts[name] = parts[name].replace(at.encode(), (new + at).encode(), 1)


def test_rules_and_charts_that_look_into_another_workbook(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """A conditional format goes, a chart keeps its points, and the copy is whole."""
    rule = (
        '<conditionalFormatting sqref="A1"><cfRule type="expression" priority="1">'
        "<formula>[1]!BASIS(A1,1)&gt;0</formula></cfRule></conditionalFormatting>"
    )
    book = saved(tmp_path / "book.xlsx", {"A1": ("[1]!BASIS(2,1)", 1)}, extra=rule)
    parts = unpacked(book.read_bytes())
    space = "http://schemas.openxmlformats.org/drawingml/2006/chart"
    parts["xl/charts/chart1.xml"] = (
        f'<chartSpace xmlns="{space}"><val><numRef><f>[1]Data!$A$1:$A$2</f><numCache>'
        '<ptCount val="1"/><pt idx="0"><v>7</v></pt></numCache></numRef></val></chartSpace>'
    ).encode()
    _insert(parts, "[Content_Types].xml", "</Types>",
            '<Override PartName="/xl/charts/chart1.xml" ContentType='
            '"application/vnd.openxmlformats-officedocument.drawingml.chart+xml"/>')  # fmt: skip
    book.write_bytes(packed(parts))
    out = tmp_path / "copy.xlsx"
    assert share(book, out) == 0
    said = capsys.readouterr().out
    assert "a conditional format of Data read another workbook: removed" in said
    assert "chart1.xml took points from another workbook" in said
    copy = unpacked(out.read_bytes())
    assert b"<numLit" in copy["xl/charts/chart1.xml"]
    assert b"<v>7</v>" in copy["xl/charts/chart1.xml"]
    assert not [name for name in copy if "externalLink" in name]
    assert b"[1]" not in b"".join(copy.values())
    assert problems(out) == []


def test_live_data_are_frozen_with_their_time(fill: Fill, tmp_path: Path) -> None:
    """What was LIVE here is not live for whoever opens the copy; numbers and time stay."""
    book, out = fill().path, tmp_path / "copy.xlsx"
    before = Shown(book)
    assert before.value("live_status") == "LIVE"
    assert share(book, out) == 0
    after = Shown(out)
    assert after.value("live_status") == "STALE"
    assert "frozen" in after.value("live_note")
    assert "frozen" in after.value("out_status")
    for name in ("live_mark", "live_funding_rate", "live_quote_time", "out_contracts",
                 "out_net_down20", "out_net_up20"):  # fmt: skip
        assert after.value(name) == before.value(name)
    statuses = [row[before.block("funding_table")[0].index("status")]
                for row in after.block("funding_table")[1:]]  # fmt: skip
    assert "LIVE" not in statuses
    assert "STALE" in statuses
    assert Shown(book).value("live_status") == "LIVE"  # the workbook itself is as it was


def test_a_warning_goes_along(fill: Fill, tmp_path: Path) -> None:
    """What was doubtful about a live rate is still said in the copy."""
    book, out = fill().path, tmp_path / "copy.xlsx"
    doubt = {("bybit", "BTCUSD"): "CHECK RATE: a slip of the unit?"}
    refresh_workbook(book, quotes=[cases.a_quote()], clock=cases.clock, reasons=doubt)
    assert share(book, out) == 0
    shown = Shown(out)
    assert re.fullmatch("frozen .*; CHECK RATE: a slip of the unit.", shown.value("live_note"))
    header, first, *_ = shown.block("funding_table")
    assert first[header.index("note")].endswith("; CHECK RATE: a slip of the unit?")


def test_a_live_row_beside_a_stale_selection_is_frozen_too(fill: Fill, tmp_path: Path) -> None:
    """No row of the funding table passes for live because the selected contract is stale."""
    book, out = fill().path, tmp_path / "copy.xlsx"
    other = cases.a_quote(venue="okx", symbol="BTC-USD-SWAP")
    refresh_workbook(book, quotes=[other], clock=cases.clock, reasons={})
    before = Shown(book)
    type_in(book, "funding_table", "LIVE", 2, "status")
    assert before.value("live_status") == "STALE"
    assert share(book, out) == 0
    header, *rows = Shown(out).block("funding_table")
    assert "LIVE" not in [row[header.index("status")] for row in rows]


def test_values_only(fill: Fill, tmp_path: Path) -> None:
    """No cell computes, every number is there, and the sheet says that it does not compute."""
    book, out = fill().path, tmp_path / "copy.xlsx"
    plain = tmp_path / "plain.xlsx"
    assert share(book, plain) == 0
    assert share(book, out, "--values") == 0
    assert inspect_workbook(out).formulas == 0
    shown, wanted = Shown(out), Shown(plain)
    status = shown.value("out_status")
    assert status.startswith(wanted.value("out_status"))
    assert "VALUES ONLY" in status
    cells = shown.cells()
    off = [at for at, value in wanted.cells().items()
           if cells.get(at) != value and cells.get(at) != status]  # fmt: skip
    assert off == []
    assert problems(out) == []


def test_a_copy_of_values_is_never_refreshed(fill: Fill, tmp_path: Path) -> None:
    """New data beside results that do not follow them would be stale numbers shown as live."""
    book, out = fill().path, tmp_path / "copy.xlsx"
    assert share(book, out, "--values") == 0
    data = out.read_bytes()
    with pytest.raises(WorkbookError, match="holds a plain value, which does not follow new data"):
        refresh_workbook(out, quotes=[cases.a_quote(mark=70_000.0)], clock=cases.clock)
    assert out.read_bytes() == data


def test_functions_compute_in_the_copy(fill: Fill, tmp_path: Path) -> None:
    """The copy's own names compute what the add-in would, beside the model as it was."""
    book, out = fill().path, tmp_path / "copy.xlsx"
    assert share(book, out, "--functions") == 0
    assert problems(out) == []
    assert Shown(out).value("out_contracts") == Shown(book).value("out_contracts")
    copy = openpyxl.load_workbook(out)
    copy["Guide"]["A900"] = "=HEDGE_CONTRACTS(5,50000,100)"
    copy["Guide"]["A901"] = '=INVERSE_PNL(2500,100,50000,40000,"short","usd")'
    copy.save(tmp_path / "typed.xlsx")
    model = ironcalc.load_from_xlsx(str(tmp_path / "typed.xlsx"), "en", "UTC", "en")
    model.evaluate()
    sheet = copy.sheetnames.index("Guide")
    assert same(model.get_cell_value(sheet, 900, 1), 2500.0)
    assert same(model.get_cell_value(sheet, 901, 1), 50_000.0)


def test_names_that_are_taken_stay(fill: Fill, tmp_path: Path) -> None:
    """A name of the user's own is not replaced by a function."""
    book, out = fill().path, tmp_path / "copy.xlsx"
    parts = unpacked(book.read_bytes())
    _insert(parts, "xl/workbook.xml", "</definedNames>",
            '<definedName name="Basis">Hedge!$A$1</definedName>')  # fmt: skip
    book.write_bytes(packed(parts))
    assert share(book, out, "--functions") == 0
    assert problems(out) == []
    names = openpyxl.load_workbook(out).defined_names
    assert names["Basis"].attr_text == "Hedge!$A$1"
    assert "BASIS" not in names


def test_pdf(fill: Fill, tmp_path: Path) -> None:
    """LibreOffice prints the copy beside it; an existing PDF is kept without --force."""
    office.need_office()
    book, out = fill().path, tmp_path / "copy.xlsx"
    assert share(book, out, "--pdf") == 0
    pdf = tmp_path / "copy.pdf"
    assert pdf.read_bytes().startswith(b"%PDF")
    out.unlink()
    assert share(book, out, "--pdf") == 1
    assert not out.exists()
    assert share(book, out, "--pdf", "--force") == 0


def test_pdf_without_libreoffice(
    fill: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    """Without the program the copy is there, and a sentence says what is missing."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    out = tmp_path / "copy.xlsx"
    assert share(fill().path, out, "--pdf") == 1
    assert out.exists()
    assert "LibreOffice is not installed" in capsys.readouterr().err


def test_the_copy_needs_a_name_of_its_own(fill: Fill, capsys: pytest.CaptureFixture) -> None:
    """The workbook itself is never replaced."""
    book = fill().path
    data = book.read_bytes()
    assert share(book, book, "--force") == 1
    assert "name of its own" in capsys.readouterr().err
    assert book.read_bytes() == data


def test_a_formula_without_a_value_is_refused(fill: Fill, tmp_path: Path) -> None:
    """A value that is not in the file cannot be shared; nothing is written."""
    book, out = fill(status=Status.STALE).path, tmp_path / "copy.xlsx"
    parts = unpacked(book.read_bytes())
    name = "xl/worksheets/sheet6.xml"
    _insert(parts, name, "</sheetData>", '<row r="900"><c r="A900"><f>1+1</f></c></row>')
    book.write_bytes(packed(parts))
    assert share(book, out, "--values") == 1
    assert not out.exists()


def test_a_copy_recalculates_to_itself(fill: Fill, tmp_path: Path) -> None:
    """LibreOffice computes the copy anew and shows what is stored."""
    book, out = fill(inputs={"in_leverage": 3.0}).path, tmp_path / "copy.xlsx"
    assert share(book, out) == 0
    (anew,) = office.recalculated([out], tmp_path / "office")
    cells = Shown(anew).cells()
    size = cases.POSITION["in_quantity"] * 100_000
    off = [at for at, value in Shown(out).cells().items() if not same(cells.get(at), value, size)]
    assert off == []


@pytest.mark.parametrize(
    ("formula", "linked"),
    [
        ("[1]Rates!$A$1*2", True),
        ("SUM('[12]My (old) rates'!A1:B2)", True),
        ("[1]!BASIS(2,1)", True),
        ("SUM(Table1[2023])", False),
        ("SUM(Table1[[2023]:[2024]])+Sheet2!A1", False),
        ("Table1[2023]+'My sheet'!A1", False),
    ],
)
def test_a_column_named_by_a_year_is_no_other_workbook(formula: str, linked: bool) -> None:
    """Only what reads another workbook becomes a value for that."""
    assert bool(LINKED.search(formula)) is linked
