"""The built files read back: by olevba, part by part, and twice over."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
import zipfile

import pytest
from lxml import etree
from oletools.olevba import VBA_Parser

from tests.addin.conftest import VERSION
from udfs.addin import build, stubs
from udfs.addin.macro_workbook import macro_workbook
from udfs.addin.runtime import runtime_module
from udfs.declaration import DECLARED, Argument
from xlhedge.errors import WorkbookError

UI = "{http://schemas.microsoft.com/office/2006/01/customui}"


def modules(path):
    """Return each module's text as another program reads it, without the attributes."""
    parser = VBA_Parser(str(path))
    try:
        assert parser.detect_vba_stomping() is False
        return {name: _lines(text) for _, _, name, text in parser.extract_macros()}
    finally:
        parser.close()


def _lines(text):
    lines = text.replace("\r\n", "\n").split("\n")
    return [line.rstrip() for line in lines if line.strip() and not line.startswith("Attribute ")]


def test_vba_of_the_addin_is_what_was_meant(addin):
    """olevba reads back every module, line by line as it was made, and no other code."""
    found = modules(addin)
    meant = {
        f"{name}.{'cls' if name == 'ThisWorkbook' else 'bas'}": _lines(text)
        for name, text in build.addin_modules().items()
    }
    assert {name: text for name, text in found.items() if text} == meant


def test_every_function_has_its_stub(addin):
    """Name and arguments in the order of the declaration, the optional ones marked."""
    stub = "\n".join(modules(addin)["xlhedge_functions.bas"])
    for name, declared in DECLARED.items():
        listed = [stubs.parameter(a) for a in declared.arguments]
        marked = ", ".join(
            n if a.required else f"Optional {n}"
            for n, a in zip(listed, declared.arguments, strict=True)
        )
        call = f'{name} = Called("{name}", Array({", ".join(listed)}))'
        assert f"Public Function {name}({marked})\n    {call}\nEnd Function" in stub
    assert stub.count("Public Function") == len(DECLARED)


def test_arguments_that_vba_reserves_get_another_name():
    """ "input" and "currency" are words of VBA; as argument names they would not compile."""
    reserved = {
        a.name for d in DECLARED.values() for a in d.arguments if stubs.parameter(a) != a.name
    }
    assert reserved == {"input", "currency"}
    for declared in DECLARED.values():
        for argument in declared.arguments:
            assert re.fullmatch(r"[a-z][a-z_0-9]*", stubs.parameter(argument))


def test_lines_keep_to_what_the_vba_editor_takes():
    """At most 1023 characters a line and 24 continuations a statement; plain ASCII."""
    for name, text in build.addin_modules().items():
        assert text.isascii(), name
        run = 0
        for line in text.split("\n"):
            assert len(line) <= 1023, name
            run = run + 1 if line.endswith(" _") else 0
            assert run <= 24, name


def test_help_that_excel_cannot_show_stops_the_build():
    """A text beyond 255 characters, or one that is not plain ASCII, never gets into a file."""
    declared = DECLARED["SPOT_PNL"]
    for text in ("x" * 256, "caf\xe9", "two\nlines"):
        wrong = type(declared)(
            "SPOT_PNL",
            "",
            text,
            (Argument("quantity", "Coins.", "Numbers", True, None),),
            (),
            declared.engine,
            None,
            "refuse",
        )
        with pytest.raises(ValueError, match="not a text for the wizard"):
            stubs.help_module([wrong])


def test_ribbon_has_the_buttons_and_each_macro_exists(addin):
    """Five buttons and the repair of links; the version is on the tab."""
    with zipfile.ZipFile(addin) as archive:
        root = etree.fromstring(archive.read("customUI/customUI.xml"))
        core = archive.read("docProps/core.xml").decode()
    buttons = {b.get("label"): b.get("onAction") for b in root.iter(f"{UI}button")}
    assert list(buttons) == [
        "Refresh funding",
        "New scenario workbook",
        "Share a copy",
        "Repair links",
        "Functions",
        "Check installation",
    ]
    code = modules(addin)
    for action in buttons.values():
        module, macro = action.split(".")
        assert f"Public Sub {macro}(control As IRibbonControl)" in code[f"{module}.bas"]
    assert f"xlhedge {VERSION}" in [g.get("label") for g in root.iter(f"{UI}group")]
    assert f"<dc:title>xlhedge {VERSION}</dc:title>" in core


def test_same_input_gives_the_same_bytes():
    """Built in other processes, with other hash seeds, the file is the same byte by byte."""
    code = (
        "import hashlib; from udfs.addin.build import addin_bytes;"
        "print(hashlib.sha256(addin_bytes('9.8.7')).hexdigest())"
    )
    seen = {hashlib.sha256(build.addin_bytes(VERSION)).hexdigest()}
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        )
        seen.add(done.stdout.strip())
    assert len(seen) == 1


def test_nothing_of_another_computer_is_in_the_files(addin, macro_book):
    """No path, no author and no date of the machines that the starting files were made on."""
    for path in (addin, macro_book):
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                assert entry.date_time == build.LONG_AGO
                if entry.filename.endswith((".xml", ".rels", ".vml")):
                    text = archive.read(entry).decode()
                    assert "felix" not in text.lower(), entry.filename
                    assert "absPath" not in text


@pytest.mark.parametrize("addin_kind", [True, False])
def test_no_workbook_chooses_what_runs(addin_kind):
    """Settings come from the user's own file; no folder of a workbook is searched for modules."""
    text = runtime_module(addin=addin_kind)
    settings = text[text.index("Function GetConfig(") :]
    settings = settings[: settings.index("End Function")]
    assert "Workbook" not in settings
    assert "GetConfigFromSheet" not in text
    assert len(re.findall(r'PYTHONPATH = "false;;;;;"', text)) == 3
    assert 'PYTHONPATH = AddExcelDir & ";" & ThisWorkbook' not in text
    assert text.count("-B -P -c") == 2
    assert 'PROJECT_NAME As String = "xlhedge"' in text
    assert "Redistribution and use in source and binary forms" in text


def test_unknown_runtime_is_refused(monkeypatch):
    """Another xlwings, whose module could read settings elsewhere, is not built in unseen."""
    from udfs.addin import runtime

    monkeypatch.setattr(runtime, "_CURRENT_FOLDER", re.compile("not there"))
    with pytest.raises(WorkbookError, match="install the version"):
        runtime.runtime_module(addin=True)


def test_macro_workbook_keeps_every_part_of_the_plain_one(macro_book):
    """The .xlsm is the .xlsx, a button and VBA: cells, formulas, charts and names are the same."""
    plain = macro_book.with_suffix(".xlsx")
    with zipfile.ZipFile(plain) as before, zipfile.ZipFile(macro_book) as after:
        old = {name: before.read(name) for name in before.namelist()}
        new = {name: after.read(name) for name in after.namelist()}
    assert set(new) - set(old) == {"xl/vbaProject.bin", "xl/drawings/xlhedge_button.vml"}
    assert set(old) <= set(new)
    changed = {name for name in old if old[name] != new[name]}
    sheets = {name for name in old if name.startswith("xl/worksheets/sheet")}
    assert changed == {
        "[Content_Types].xml",
        "xl/_rels/workbook.xml.rels",
        "xl/workbook.xml",
        "xl/worksheets/_rels/sheet1.xml.rels",
        *sheets,
    }
    for name in sheets:
        assert _data(old[name]) == _data(new[name])
    code = modules(macro_book)
    assert "Public Sub RefreshFunding()" in code["xlhedge_button.bas"]
    assert code["xlwings.bas"] == _lines(runtime_module(addin=False))


def _data(part):
    root = etree.parse(io.BytesIO(part)).getroot()
    data = root.find("{*}sheetData")
    return etree.tostring(data, method="c14n")


def test_sheet_with_notes_gets_no_second_drawing(macro_book):
    """A button beside notes would need their drawing changed: refused, with the reason."""
    with pytest.raises(WorkbookError, match="notes or buttons already"):
        macro_workbook(macro_book.read_bytes())
