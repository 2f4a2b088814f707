"""Make the built file the same bytes every time: fixed dates, fixed order, fixed compression."""

from __future__ import annotations

import io
import re
import zipfile

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip entry can carry
CREATED = b"2026-01-01T00:00:00Z"
# openpyxl gives empty cells the type of a number, which some engines then read as 0
_EMPTY_NUMBER = re.compile(rb'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?) t="n"(?: ?/>|></c>)')
_DATES = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


def fixed(package: bytes) -> bytes:
    """Return the package with fixed document dates, zip timestamps and empty cells."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out,
    ):
        for entry in source.infolist():
            part = source.read(entry.filename)
            if entry.filename == "docProps/core.xml":
                part = _DATES.sub(rb"\g<1>" + CREATED + rb"\g<3>", part)
            if entry.filename.startswith("xl/worksheets/sheet"):
                part = _EMPTY_NUMBER.sub(rb"\g<1>/>", part)
            info = zipfile.ZipInfo(entry.filename, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            out.writestr(info, part)
    return target.getvalue()
