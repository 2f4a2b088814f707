"""Text from outside, made fit for a cell: it lands as text, whatever it holds or starts with."""

from __future__ import annotations

import re

__all__ = ["CELL_LIMIT", "cell_text", "plain_text", "storable"]

CELL_LIMIT = 32_767  # characters Excel keeps in one cell
REPLACEMENT = "\ufffd"

# What XML 1.0 cannot carry: control characters but tab and line ends, lone surrogates, U+FFFE/F
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Excel reads _x000D_ as one character; a literal one has its underscore escaped
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def cell_text(text: str) -> str:
    r"""Return text as it is to be written inside ``<t>``.

    >>> cell_text("=1+1"), cell_text("a\x00b"), cell_text("_x0041_")
    ('=1+1', 'a�b', '_x005F_x0041_')
    """
    return _ESCAPE.sub("_x005F_", storable(text.replace("\r\n", "\n").replace("\r", "\n")))


def storable(text: str) -> str:
    r"""Return text without what XML cannot carry, and no longer than a cell can be.

    >>> storable("a\x07b")
    'a�b'
    """
    return _FORBIDDEN.sub(REPLACEMENT, text)[:CELL_LIMIT]


def plain_text(text: str) -> str:
    """Undo the escapes of :func:`cell_text`.

    >>> plain_text("_x005F_x0041_")
    '_x0041_'
    """
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found.group(1), 16)), text)
