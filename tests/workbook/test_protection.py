"""Workbooks that somebody asked not to be changed are left alone, with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workbook import cases
from tests.workbook.damage import packed, unpacked
from tests.workbook.lint import problems
from udfs.addin.links import repair
from udfs.addin.share import share
from xlhedge.errors import WorkbookError
from xlhedge.workbook import Filled, new_workbook, refresh_workbook
from xlhedge.workbook.inspection import inspect_workbook
from xlhedge.workbook.sharing import finished

Fill = Callable[..., Filled]
ADDIN = "C:\\Users\\Ann\\xlhedge.xlam"
HASH = b'algorithmName="SHA-512" hashValue="YQ==" saltValue="Yg==" spinCount="100000"'


def reserved(path: Path, attributes: bytes) -> None:
    """Say in a workbook how it is shared."""
    parts = unpacked(path.read_bytes())
    head = parts["xl/workbook.xml"]
    parts["xl/workbook.xml"] = head.replace(
        b"<workbookPr", b"<fileSharing " + attributes + b"/><workbookPr", 1
    )
    path.write_bytes(packed(parts))


def signed(path: Path) -> None:
    """Put a digital signature beside the parts of a workbook."""
    parts = unpacked(path.read_bytes())
    kind = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature"
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(
        b"</Relationships>",
        f'<Relationship Id="rId99" Type="{kind}/origin" Target="_xmlsignatures/origin.sigs"/>'
        "</Relationships>".encode(),
    )
    word = "application/vnd.openxmlformats-package.digital-signature"
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"</Types>",
        f'<Default Extension="sigs" ContentType="{word}-origin"/><Override PartName='
        f'"/_xmlsignatures/sig1.xml" ContentType="{word}-xmlsignature+xml"/></Types>'.encode(),
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts["_xmlsignatures/origin.sigs"] = b""
    parts["_xmlsignatures/_rels/origin.sigs.rels"] = (
        f'<Relationships xmlns="{space}"><Relationship Id="rId1" Type="{kind}/signature" '
        'Target="sig1.xml"/></Relationships>'.encode()
    )
    parts["_xmlsignatures/sig1.xml"] = b"<Signature>Ann Treasurer</Signature>"
    path.write_bytes(packed(parts))


def refused(path: Path, words: str) -> None:
    """Every command that changes a workbook refuses this one, and leaves it as it was."""
    before = path.read_bytes()
    for change in (
        lambda: refresh_workbook(path, quotes=[cases.a_quote(mark=1000.0)], clock=cases.clock),
        lambda: repair(path, ADDIN),
    ):
        with pytest.raises(WorkbookError, match=words):
            change()
    assert path.read_bytes() == before
    assert [other.name for other in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        (b'userName="Ann" ' + HASH, "protected by 'Ann' with a password to modify"),
        (b'reservationPassword="CC1A"', "protected with a password to modify"),
    ],
)
def test_a_password_to_modify(fill: Fill, attributes: bytes, words: str) -> None:
    """Without the password nobody changes it, and no tool."""
    path = fill().path
    reserved(path, attributes)
    refused(path, words)


def test_a_recommendation_is_no_protection(fill: Fill) -> None:
    """Excel only asks whether it should open such a file for reading."""
    path = fill().path
    reserved(path, b'readOnlyRecommended="1"')
    refresh_workbook(path, quotes=[cases.a_quote(mark=51_000.0)], clock=cases.clock)


def test_a_signature(fill: Fill, tmp_path: Path) -> None:
    """A signed workbook is not changed; a shared copy goes without the signature."""
    path = fill().path
    signed(path)
    assert problems(path) == []
    refused(path, "digitally signed")
    assert inspect_workbook(path).special["digital signature"] == ["_xmlsignatures/sig1.xml"]
    copy = tmp_path / "copy" / "copy.xlsx"
    copy.parent.mkdir()
    share(path, copy)
    done = finished(copy.read_bytes(), "copy", clock=cases.clock)
    copy.write_bytes(done.data)
    assert "digital signature removed: it holds for the original only" in done.done
    assert b"Ann Treasurer" not in b"".join(unpacked(done.data).values())
    assert problems(copy) == []
    refresh_workbook(copy, quotes=[cases.a_quote(mark=51_000.0)], clock=cases.clock)


def test_a_read_only_file(fill: Fill) -> None:
    """A file marked as read-only is neither refreshed nor replaced by a new one."""
    path = fill().path
    path.chmod(0o444)
    try:
        refused(path, "is read-only")
        with pytest.raises(WorkbookError, match="is read-only"):
            new_workbook(path, inputs={}, quotes=[], clock=cases.clock, force=True)
    finally:
        path.chmod(0o644)
