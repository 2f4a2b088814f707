"""Workbooks damaged in many ways, the same for the same seed."""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable

from lxml import etree

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
    """Flip bytes inside one part until no parser reads it; packed as if nothing had happened."""
    parts = unpacked(data)
    name = draw.choice(list(parts))
    part = parts[name]
    while is_xml(part):
        part = flipped_bytes(part, draw)
    return packed(parts | {name: part})


def flipped_bytes(part: bytes, draw: random.Random) -> bytes:
    """Flip some bytes."""
    flipped = bytearray(part)
    for _ in range(draw.choice([1, 5, 50])):
        flipped[draw.randrange(len(flipped))] = draw.randrange(256)
    return bytes(flipped)


def is_xml(part: bytes) -> bool:
    """Whether a parser reads a part."""
    try:
        etree.fromstring(part)
    except etree.XMLSyntaxError:
        return False
    return True


def lost_part(data: bytes, draw: random.Random) -> bytes:
    """Lack a part."""
    parts = unpacked(data)
    del parts[draw.choice(list(parts))]
    return packed(parts)


def swapped_parts(data: bytes, draw: random.Random) -> bytes:
    """Hold one part under the name of another that is something else."""
    parts = unpacked(data)
    one, two = draw.sample(list(parts), 2)
    while what_it_is(one, parts[one]) == what_it_is(two, parts[two]):
        one, two = draw.sample(list(parts), 2)
    parts[one], parts[two] = parts[two], parts[one]
    return packed(parts)


def what_it_is(name: str, part: bytes) -> object:
    """Return what tells a part from others: its root, where relations lead, the first sheet."""
    root = etree.fromstring(part)
    if name.endswith(".rels"):
        return sorted(relation.get("Type") for relation in root)
    return root.tag, "worksheets/sheet1" in name


def hostile_part(data: bytes, draw: random.Random) -> bytes:
    """Hold an XML bomb, an external entity, deep nesting, or nothing in place of a part."""
    parts = unpacked(data)
    name = draw.choice([n for n in parts if n.endswith((".xml", ".rels"))])
    deep = b"<a>" * 100_000 + b"</a>" * 100_000
    return packed(parts | {name: draw.choice([BOMB, ENTITY, deep, b"", b"\x00" * 99])})


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


NUMBER = rb'(<c r="[A-Z]+\d+"(?: s="\d+")?>(?:<f>[^<]*</f>)?<v>)[^<]+'  # a cell with a number
FORMULA = rb"<f>[^<]*(</f><v>[^<])"  # a formula beside a value that it gave
CELL = rb'<c r="([A-Z]+\d+)"(?: s="\d+")?/><c r="([A-Z]+\d+)"'  # an empty cell before another
WRONG: list[tuple[bytes, bytes]] = [
    (NUMBER, rb"\g<1>1e999"), (NUMBER, rb"\g<1>nan"), (NUMBER, rb"\g<1>1,5"),
    (rb'(<c r="[A-Z]+\d+"(?: s="\d+")?)(?=><v>)', rb'\1 t="s"'),
    (rb'(<c r="[A-Z]+\d+")', rb'\1 t="zzz"'), (rb'<c r="[A-Z]+', b'<c r="ZZZZ'),
    (rb'<c r="[A-Z]+', b'<c r="XFE'), (CELL, rb'<c r="\2"/><c r="\2"'),
    (CELL, rb'<c r="\2"/><c r="\1"'), (rb'<row r="\d+', b'<row r="x'),
    (rb'<row r="\d+', b'<row r="0'), (rb'<row r="\d+', b'<row r="1048577'),
    (rb"<sheetData>", b"<sheetdata>"), (FORMULA, b"<f>" + b"(" * 9000 + rb"\1"),
    (FORMULA, rb"<f>A1:XFD1048576*2\1"), (FORMULA, rb"<f>1+\1"), (FORMULA, rb"<f>Nowhere!A1\1"),
    (FORMULA, rb"<f>SUM(no_such_name)\1"), (FORMULA, rb"<f>SUM((A1,A2)\1"),
    (FORMULA, rb'<f t="shared" si="7">\1'),
]  # fmt: skip


def wrong_values(data: bytes, draw: random.Random) -> bytes:
    """Hold numbers that are none, addresses and formulas that cannot be, cells twice."""
    parts = unpacked(data)
    name = draw.choice([n for n in parts if "worksheets/sheet" in n])
    old, new = draw.choice(WRONG)
    places = len(re.findall(old, parts[name]))
    if not places:
        return data
    skipped = draw.randrange(places)  # damage one of the places, or all from there on
    head_end = [found.start() for found in re.finditer(old, parts[name])][skipped]
    head, rest = parts[name][:head_end], parts[name][head_end:]
    return packed(parts | {name: head + re.sub(old, new, rest, count=draw.choice([0, 1, 5]))})


ABSURD = [b"#REF!", b"Hedge!$A$1:$XFD$1048576", b"Nowhere!$A$1", b"Hedge!A1", b"[1]Hedge!$A$1",
          b"Hedge!$ZZZ$9999999", b"", b"1+1"]  # fmt: skip


def wrong_names(data: bytes, draw: random.Random) -> bytes:
    """Point a name at nothing, at a whole sheet, at a formula or at itself."""
    parts = unpacked(data)
    name = draw.choice(names_in(parts))
    where = draw.choice([*ABSURD, name])
    sheets = b"".join(part for part_name, part in parts.items() if "worksheets/" in part_name)
    if where == b"#REF!" and not re.search(rb"<f>[^<]*\b" + name + rb"\b", sheets):
        return data  # what somebody deleted and nothing needs is no damage
    return packed(renamed(parts, name, where))


def names_in(parts: Parts) -> list[bytes]:
    """Return the names of the whole workbook."""
    return re.findall(rb'<definedName name="([a-z]\w+)"', parts["xl/workbook.xml"])


def renamed(parts: Parts, name: bytes, where: bytes) -> Parts:
    """Point a name somewhere."""
    old = rb'(<definedName name="' + name + rb'"[^>]*>)[^<]*'
    book = re.sub(old, lambda found: found[1] + where, parts["xl/workbook.xml"])
    return parts | {"xl/workbook.xml": book}


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


Damage = Callable[[bytes, random.Random], bytes]
KINDS: dict[str, tuple[Damage, int]] = {
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
    """Return what was done to a workbook, and the result; what hits nothing is drawn again."""
    draw = random.Random(seed)
    (kind,) = draw.choices(list(KINDS), [weight for _, weight in KINDS.values()])
    result = KINDS[kind][0](data, draw)
    while is_same(result, data):
        result = KINDS[kind][0](data, draw)
    return kind, result


def is_same(data: bytes, whole: bytes) -> bool:
    """Whether a package reads as another does: a zip has bits that nobody looks at."""
    try:
        return unpacked(data) == unpacked(whole)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, NotImplementedError,
            RuntimeError):  # fmt: skip
        return False


# -- changed in a way that may leave it whole ------------------------------------------------


def flipped_anywhere(data: bytes, draw: random.Random) -> bytes:
    """Flip bytes of one part: a letter of a text, a width, a bracket."""
    parts = unpacked(data)
    name = draw.choice(list(parts))
    return packed(parts | {name: flipped_bytes(parts[name], draw)})


def swapped_anyhow(data: bytes, draw: random.Random) -> bytes:
    """Hold one part under another's name, of the same kind or not."""
    parts = unpacked(data)
    one, two = draw.sample(list(parts), 2)
    return packed(parts | {one: parts[two], two: parts[one]})


def other_encoding(data: bytes, draw: random.Random) -> bytes:
    """Hold a part in UTF-16."""
    parts = unpacked(data)
    name = draw.choice(list(parts))
    return packed(parts | {name: parts[name].decode().encode("utf-16")})


def other_place(data: bytes, draw: random.Random) -> bytes:
    """Point a name at the place of another, or at a title."""
    parts = unpacked(data)
    name, other = draw.sample(names_in(parts), 2)
    found = re.search(rb'name="' + other + rb'"[^>]*>([^<]*)', parts["xl/workbook.xml"])
    where = draw.choice([b"Hedge!$B$2", b"Guide!$B$2", found[1] if found else b""])
    return packed(renamed(parts, name, where))


def other_formula(data: bytes, draw: random.Random) -> bytes:
    """Hold another formula, or none, in some cells."""
    parts = unpacked(data)
    name = draw.choice([n for n in parts if "worksheets/sheet" in n])
    new = draw.choice([rb"\1", rb"<f>1+1\1", rb"<f>1/0\1", rb'<f>"text"\1', rb"<f>A1\1",
                       rb"<f>_xlfn.NOT_YET(1)\1", rb'<f t="shared" si="0">1+1\1'])  # fmt: skip
    return packed(parts | {name: re.sub(FORMULA, new, parts[name], count=draw.choice([1, 5]))})


ALTERED: list[Damage] = [
    flipped_anywhere, swapped_anyhow, other_encoding, other_place, other_formula,
]  # fmt: skip


def altered(data: bytes, seed: int) -> tuple[str, bytes]:
    """Return how a workbook was changed, and the result, which may still be whole."""
    draw = random.Random(seed)
    change = draw.choice(ALTERED)
    return change.__name__, change(data, draw)
