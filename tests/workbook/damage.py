"""Workbooks damaged in many ways, the same for the same seed."""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
from collections.abc import Callable

Parts = dict[str, bytes]
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaaaaaaaaaaaa">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><x>&a9;</x>"
).replace(b"&a0;", b"&a;")
ENTITY = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'


def unpacked(data: bytes) -> Parts:
    """Return the parts of a package."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Parts) -> bytes:
    """Return a package of parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


def flipped_bits(data: bytes, draw: random.Random) -> bytes:
    """Flip bits of the file as it lies on the disk."""
    damaged = bytearray(data)
    for _ in range(draw.choice([1, 3, 30, 300])):
        place = draw.randrange(len(damaged))
        damaged[place] ^= 1 << draw.randrange(8)
    return bytes(damaged)


def cut(data: bytes, draw: random.Random) -> bytes:
    """Lose the end, the start or the middle."""
    first, second = sorted(draw.randrange(len(data)) for _ in range(2))
    return draw.choice([data[:second], data[first:], data[:first] + data[second:]])


def other_bytes(data: bytes, draw: random.Random) -> bytes:
    """Be something else altogether."""
    start = draw.choice(
        [b"", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{"]
    )
    return start + draw.randbytes(draw.choice([0, 10, 5000]))


def flipped_xml(data: bytes, draw: random.Random) -> bytes:
    """Flip bytes inside one part, packed again as if nothing had happened."""
    parts = unpacked(data)
    name = draw.choice(list(parts))
    part = bytearray(parts[name])
    for _ in range(draw.choice([1, 5, 50])):
        part[draw.randrange(len(part))] = draw.randrange(256)
    return packed(parts | {name: bytes(part)})


def lost_part(data: bytes, draw: random.Random) -> bytes:
    """Lack a part."""
    parts = unpacked(data)
    del parts[draw.choice(list(parts))]
    return packed(parts)


def swapped_parts(data: bytes, draw: random.Random) -> bytes:
    """Hold one part under another's name."""
    parts = unpacked(data)
    one, two = draw.sample(list(parts), 2)
    parts[one], parts[two] = parts[two], parts[one]
    return packed(parts)


def hostile_part(data: bytes, draw: random.Random) -> bytes:
    """Hold an XML bomb, an external entity, deep nesting, or nothing in place of a part."""
    parts = unpacked(data)
    name = draw.choice([n for n in parts if n.endswith((".xml", ".rels"))])
    deep = b"<a>" * 100_000 + b"</a>" * 100_000
    utf16 = parts[name].decode().encode("utf-16")
    return packed(parts | {name: draw.choice([BOMB, ENTITY, deep, b"", b"\x00" * 99, utf16])})


def bomb_in_front(data: bytes, draw: random.Random) -> bytes:
    """Declare entities in front of a part that is otherwise whole."""
    parts = unpacked(data)
    name = draw.choice([n for n in parts if n.endswith((".xml", ".rels"))])
    body = re.sub(rb"^<\?xml[^>]*\?>", b"", parts[name])
    head = draw.choice([BOMB, ENTITY]).split(b"]>")[0] + b"]>"
    return packed(parts | {name: head + body})


def outside_path(data: bytes, draw: random.Random) -> bytes:
    """Hold a part whose name points out of the package, or one name twice."""
    parts = unpacked(data)
    name = draw.choice(["/etc/passwd", "../../x.xml", "C:\\x.xml", "xl\\..\\x", "xl/../../x",
                        "XL/WORKBOOK.XML"])  # fmt: skip
    return packed(parts | {name: b"<x/>"})


def zip_bomb(data: bytes, draw: random.Random) -> bytes:
    """Unpack to far more than its size: zeros in a part, or a size that is a lie."""
    parts = unpacked(data)
    name = draw.choice(["xl/media/big.bin", "xl/worksheets/sheet1.xml"])
    whole = bytearray(packed(parts | {name: bytes(draw.choice([2, 300]) * 1024 * 1024)}))
    if draw.random() < 0.7:  # lie about the sizes in the directory
        for found in re.finditer(rb"PK\x01\x02", bytes(whole)):
            struct.pack_into("<I", whole, found.start() + 24, draw.choice([10, 2**31]))
    return bytes(whole)


def wrong_values(data: bytes, draw: random.Random) -> bytes:
    """Hold numbers that are none, texts out of range, addresses that do not exist."""
    parts = unpacked(data)
    name = draw.choice([n for n in parts if "worksheets/sheet" in n and n.endswith(".xml")])
    part = parts[name]
    old, new = draw.choice([
        (rb"<v>[^<]*</v>", b"<v>1e999</v>"), (rb"<v>[^<]*</v>", b"<v>nan</v>"),
        (rb't="s"><v>\d+', b't="s"><v>999999'), (rb'<c r="[A-Z]+', b'<c r="ZZZZ'),
        (rb'<c r="B', b'<c r="C'), (rb'<row r="\d+', b'<row r="x'), (rb'<row r="\d+', b'<row r="7'),
        (rb"<sheetData>", b"<sheetdata>"), (rb"<f>[^<]*", b"<f>" + b"(" * 9000),
        (rb"<f>[^<]*", b"<f>A1:XFD1048576*2"), (rb"<f>", b'<f t="shared" si="0">'),
        (rb'<c r="H8"', b'<c r="H8" t="zzz"'),
    ])  # fmt: skip
    return packed(parts | {name: re.sub(old, new, part, count=draw.choice([0, 1, 5]))})


def wrong_names(data: bytes, draw: random.Random) -> bytes:
    """Point names at nothing, at blocks, at other sheets or at themselves."""
    parts = unpacked(data)
    book = parts["xl/workbook.xml"]
    names = re.findall(rb'<definedName name="([a-z_]\w+)"[^>]*>([^<]+)<', book)
    name, where = draw.choice(names)
    new = draw.choice([
        b"#REF!", b"Hedge!$A$1:$XFD$1048576", b"Nowhere!$A$1", b"Hedge!A1", name,
        b"[1]Hedge!$A$1", b"Hedge!$ZZZ$9999999", b"", b"1+1", b"Hedge!$B$2",
    ])  # fmt: skip
    book = book.replace(b">" + where + b"<", b">" + new + b"<")
    return packed(parts | {"xl/workbook.xml": book})


def huge_sheet(data: bytes, draw: random.Random) -> bytes:
    """Hold a sheet of many rows, with a formula in a cell that a tool owns."""
    parts = unpacked(data)
    name = "xl/worksheets/sheet6.xml"
    rows = b"".join(
        b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (n, n, n) for n in range(900, 60_000)
    )
    parts[name] = parts[name].replace(b"</sheetData>", rows + b"</sheetData>")
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = re.sub(
        rb'<c r="H8"([^>]*?)/?>', rb'<c r="H8"\1><f>1+1</f></c><c r="H8">', parts[sheet], count=1
    )
    return packed(parts)


KINDS: dict[str, tuple[Callable[[bytes, random.Random], bytes], int]] = {
    "flipped bits": (flipped_bits, 25),
    "cut": (cut, 15),
    "other bytes": (other_bytes, 5),
    "flipped XML": (flipped_xml, 15),
    "lost part": (lost_part, 8),
    "swapped parts": (swapped_parts, 6),
    "hostile part": (hostile_part, 8),
    "bomb in front": (bomb_in_front, 6),
    "outside path": (outside_path, 4),
    "zip bomb": (zip_bomb, 1),
    "wrong values": (wrong_values, 10),
    "wrong names": (wrong_names, 8),
    "huge sheet": (huge_sheet, 1),
}


def damaged(data: bytes, seed: int) -> tuple[str, bytes]:
    """Return what was done to a workbook, and the result."""
    draw = random.Random(seed)
    weights = [weight for _, weight in KINDS.values()]
    (kind,) = draw.choices(list(KINDS), weights)
    return kind, KINDS[kind][0](data, draw)
