"""Colours, fonts and number formats of the workbook.

Financial-model convention: blue is typed, black is computed, green comes from a venue. Each of
the three also differs in something other than colour: inputs are boxed on a pale ground, venue
data stand under a heading that says so. Line and scale colours are those of Okabe and Ito, which
people with the common colour-vision deficiencies can tell apart; lines differ in dash as well.
"""

from __future__ import annotations

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

FACE = "Arial"  # on every system, and with the same widths as Liberation Sans

NAVY = "1F3A5F"
INK = "1A1A1A"
GREY = "6B7280"
RULE = "C9CED6"
PALE = "F3F5F8"
INPUT_BLUE = "0000FF"
INPUT_GROUND = "FFFBE8"
LIVE_GREEN = "00693E"
OLD_GROUND = "FDF0D9"
OLD_INK = "8A4B00"
OLD_INK_ON_COLORS = "4A2800"  # darker: legible on the strongest colour of a map
WARNING_GROUND = "F7CDB6"
WARNING_INK = "7A2E00"
ALARM = "B04A00"  # dark enough for white text
FAINT = "8E95A1"

# Okabe-Ito
BLUE = "0072B2"
ORANGE = "E69F00"
VERMILLION = "D55E00"
BLACK = "000000"
# lighter tints of vermillion and blue, on which dark figures stay readable
LOSS = "F0A27B"
GAIN = "8FC4EA"

COINS = "[>=10000000]#,##0;[>=1000]#,##0.0###;0.0#######"
USD = "#,##0"
USD_CENTS = "#,##0.00"
PRICE = "[>=100]#,##0.00;[>=1]#,##0.0000;0.00######"
RATE = "0.0000%"
PERCENT = "0.00%"
MOVE = "+0%;-0%;0%"
WHOLE = "#,##0.########"
RATIO = "0.00"
HOURS = '0.##" h"'
TIME = "yyyy-mm-dd hh:mm"
TEXT = "@"
GENERAL = "General"
# Excel shows TRUE and FALSE in any format. LibreOffice would replace General while it prints, and
# crash over that
LOGICAL = '"TRUE";"TRUE";"FALSE"'


def font(size: float = 10, bold: bool = False, italic: bool = False, color: str = INK) -> Font:
    """Return the workbook's face in one size and colour."""
    return Font(name=FACE, size=size, bold=bold, italic=italic, color=color)


def ground(color: str) -> PatternFill:
    """Return a solid fill."""
    return PatternFill("solid", fgColor=color)


def aligned(
    horizontal: str = "general", wrap: bool = False, indent: int = 0, shrink: bool = False
) -> Alignment:
    """Return a vertically centred alignment (top for wrapped text).

    Figures that are shrunk to their cell are small where they are long, and never ####.
    """
    return Alignment(
        horizontal=horizontal,
        vertical="top" if wrap else "center",
        wrap_text=wrap,
        indent=indent,
        shrink_to_fit=shrink,
    )


def in_the_middle(indent: int = 0) -> Alignment:
    """Return the alignment of a sentence that may take several lines."""
    return Alignment(horizontal="left", vertical="center", wrap_text=True, indent=indent)


THIN = Side(style="thin", color=RULE)
HAIR = Side(style="hair", color=RULE)
MEDIUM = Side(style="medium", color=NAVY)
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
UNDER = Border(bottom=HAIR)
RULED = Border(bottom=THIN)
TOTAL = Border(top=THIN, bottom=THIN)
