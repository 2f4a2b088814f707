"""The zip package of a workbook: read it with bounds, replace some parts, write it at once."""

from __future__ import annotations

import io
import os
import posixpath
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from lxml import etree

from xlhedge.errors import WorkbookError
from xlhedge.workbook.xml import parse

__all__ = ["Package", "refuse_if_open", "write_atomically"]

# Bounds on what is unpacked: far above any workbook, far below what hurts
PART_LIMIT = 256 * 1024 * 1024
TOTAL_LIMIT = 768 * 1024 * 1024
ENTRY_LIMIT = 10_000
LEVEL = 4  # of compression: two thirds of the usual level's time, 7 % more bytes
LEFT_OVER = 3600  # seconds after which a file beside is nobody's any more
MARKUP = (".xml", ".rels", ".vml")

COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an encrypted package, or the .xls format
EXPECTED = "expected a workbook of Excel (.xlsx, .xlsm)"


class Package:
    """The parts of one workbook, in the order of the file.

    Parameters
    ----------
    data : bytes
        The file.
    label : str
        What to call it in messages: the file's name.

    Raises
    ------
    WorkbookError
        Not a workbook package, encrypted, damaged, or beyond the bounds.
    """

    def __init__(self, data: bytes, label: str) -> None:
        self.label = label
        self._roots: dict[str, etree._Element] = {}
        if data.startswith(COMPOUND_FILE):
            raise WorkbookError(
                f"{label} is encrypted with a password or in the old .xls format; "
                "save it as an .xlsx without a password to open"
            )
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                self.entries = archive.infolist()
                self._check_entries()
                _check_headers(data, self.entries)
                self.parts = {entry.filename: _read(archive, entry) for entry in self.entries}
                self._check_declarations()
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
            ValueError,
            UnicodeDecodeError,
            struct.error,
        ) as error:
            why = "".join(c if c.isprintable() else "?" for c in str(error)[:120])
            raise WorkbookError(
                f"{label} is damaged or not a workbook ({why}); {EXPECTED}"
            ) from None

    @classmethod
    def open(cls, path: Path) -> Package:
        """Read a workbook from disk."""
        try:
            size = path.stat().st_size
            if size > TOTAL_LIMIT:
                raise WorkbookError(f"{path.name} has {size:,} bytes, which is too large")
            return cls(path.read_bytes(), path.name)
        except OSError as error:
            raise WorkbookError(f"{path}: {error.strerror or error}") from None

    def _check_entries(self) -> None:
        names = [entry.filename for entry in self.entries]
        if len(names) > ENTRY_LIMIT:
            raise WorkbookError(f"{self.label} holds {len(names):,} parts, which is too many")
        if len({name.lower() for name in names}) != len(names):
            raise WorkbookError(f"{self.label} holds a part twice; {EXPECTED}")
        for name in names:
            steps = name.split("/")
            if name.startswith("/") or "\\" in name or ":" in name or ".." in steps:
                raise WorkbookError(f"{self.label} holds a part outside the package: {name!r:.80}")
        if sum(entry.file_size for entry in self.entries) > TOTAL_LIMIT:
            raise WorkbookError(f"{self.label} unpacks to more than {TOTAL_LIMIT:,} bytes; refused")

    def _check_declarations(self) -> None:
        """Refuse document types, and with them all entities, in whatever part they stand."""
        for name, part in self.parts.items():
            if name.endswith(MARKUP) and (b"<!DOCTYPE" in part or b"<!ENTITY" in part):
                raise WorkbookError(
                    f"{self.label}: its part {name!r:.80} declares a document type; refused"
                )

    def root(self, name: str) -> etree._Element:
        """Return the root of an XML part, read once: what one caller changes, the others see."""
        if name not in self._roots:
            self._roots[name] = parse(self.part(name), name)
        return self._roots[name]

    def part(self, name: str) -> bytes:
        """Return a part, or refuse the workbook that lacks it."""
        try:
            return self.parts[name]
        except KeyError:
            raise WorkbookError(f"{self.label} lacks its part {name!r:.80}; {EXPECTED}") from None

    def relations(self, part: str) -> list[tuple[str, str, str]]:
        """Return id, type and target part of each internal relation of a part ("" = package)."""
        folder, base = posixpath.split(part)
        source = posixpath.join(folder, "_rels", f"{base}.rels")
        found = []
        for relation in self.root(source):
            target = relation.get("Target", "")
            if relation.get("TargetMode") == "External":
                continue
            whole = target[1:] if target.startswith("/") else posixpath.join(folder, target)
            kind = relation.get("Type", "").rsplit("/", 1)[-1]
            found.append((relation.get("Id", ""), kind, posixpath.normpath(whole)))
        return found

    def packed(self, changed: Mapping[str, bytes], compress: bool = True) -> bytes:
        """Return the file with some parts replaced and every other part as it was."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as out:
            for entry in self.entries:
                part = changed.get(entry.filename, self.parts[entry.filename])
                info = zipfile.ZipInfo(entry.filename, entry.date_time)
                info.compress_type = entry.compress_type if compress else zipfile.ZIP_STORED
                info.external_attr = entry.external_attr
                info.create_system = entry.create_system
                out.writestr(info, part, compresslevel=LEVEL)
        return target.getvalue()


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.flag_bits & 0x1:
        raise RuntimeError(f"part {entry.filename!r:.80} is encrypted")
    if entry.file_size > PART_LIMIT:
        raise ValueError(f"part {entry.filename!r:.80} unpacks to {entry.file_size:,} bytes")
    with archive.open(entry) as stream:
        part = stream.read(entry.file_size + 1)
    if len(part) != entry.file_size:
        raise ValueError(f"part {entry.filename!r:.80} has another size than stated")
    return part


def _check_headers(data: bytes, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse a file whose list of parts and whose parts contradict each other.

    Programs differ in which of the two they believe.
    """
    end = data.rfind(b"PK\x05\x06")
    disk, list_disk, here, all_of_them = struct.unpack_from("<4H", data, end + 4)
    many = all_of_them == 0xFFFF  # the count stands elsewhere
    if disk or list_disk or here != all_of_them or not (many or here == len(entries)):
        raise ValueError("its list of parts is not complete")
    for entry in entries:
        flags, method, _, _, *sizes = struct.unpack_from("<4H3I", data, entry.header_offset + 6)
        stated = [entry.CRC, entry.compress_size, entry.file_size]
        later = flags & 0x8  # what is 0 here follows the part
        agree = all(a == b or (later and a == 0) for a, b in zip(sizes, stated, strict=True))
        if (flags, method) != (entry.flag_bits, entry.compress_type) or not (
            agree or 0xFFFFFFFF in sizes
        ):
            raise ValueError(f"part {entry.filename!r:.80} is not as the list of parts says")


def refuse_if_open(path: Path) -> None:
    """Refuse a workbook that Excel or LibreOffice holds open, by the lock file beside it."""
    locks = {f"~${path.name}": "Excel", f".~lock.{path.name}#": "LibreOffice"}
    if len(path.name) > 8:  # Excel cuts two characters of longer names
        locks[f"~${path.name[2:]}"] = "Excel"
    for lock, program in locks.items():
        if path.with_name(lock).exists():
            raise WorkbookError(
                f"{path.name} is open in {program} ({lock} is beside it); close it there first"
            )


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside the file and put it in its place in one step, so that no half file is seen."""
    path = Path(os.path.realpath(path))
    try:
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise WorkbookError(f"cannot write into {path.parent}: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(beside, path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask())
        written = os.stat(beside).st_mtime
        os.replace(beside, path)
        _remove_leftovers(path, written)
    except OSError as error:
        raise WorkbookError(f"cannot write {path.name}: {error.strerror}") from None
    finally:
        if os.path.exists(beside):
            os.unlink(beside)


def _remove_leftovers(path: Path, now: float) -> None:
    """Remove what writers of the same file left that were killed, an hour ago or more."""
    with suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            ours = entry.name.startswith(f".{path.name}.") and entry.name.endswith(".tmp")
            if ours and now - entry.stat().st_mtime > LEFT_OVER:
                os.unlink(entry)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
