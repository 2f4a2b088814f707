"""Sheet Guide: how to go about a hedge, what the words mean, and what the numbers leave out."""

from __future__ import annotations

import textwrap

from openpyxl.worksheet.worksheet import Worksheet

from template import look
from template.cells import heading, page, put, widths

STEPS = (
    ("1  Assess", "Count the coins you hold and the days you want them protected. Type both on "
     "sheet Hedge. Decide which share of the value must not move: the hedge ratio."),
    ("2  Select", "Choose an inverse (coin-margined) perpetual of the same coin. Its face value is "
     "in USD, its margin and result are in the coin: your bag is its own collateral."),
    ("3  Size", "Notional = ratio x coins x price, in USD. For an inverse contract it stays "
     "constant: a full hedge of 5 BTC at 50,000 shorts 250,000 USD, and bag and short together are "
     "worth 250,000 USD at every later price. No rebalancing is needed for a price move."),
    ("4  Quantity", "Contracts = notional / contract size, rounded to the venue's smallest step. "
     "The ratio really reached stands beside it."),
    ("5  Margin", "Post notional / (price x leverage) coins. At leverage 1 the collateral is worth "
     "the whole short and grows with the price: a rising price cannot liquidate it. Above 1, look "
     "at the liquidation price first."),
    ("6  Monitor", "Refresh before you act. Watch the funding rate, the distance to liquidation "
     "and the basis. Deposits, withdrawals, funding, fees and realised results change the size of "
     "the hedge you need; a price move alone does not."),
    ("7  Unwind", "Buy the contracts back, reduce-only, or sell the bag with them. The closing fee "
     "and the basis at that moment are part of the result."),
)  # fmt: skip

PARAMETERS = (
    ("Contract type", "inverse (coin-margined)", "Linear contracts (margined in USDT or USDC) earn "
     "dollars, not coins, and need a dollar balance; this page does not size them. The guide this "
     "project started from calls every USD-margined contract a quanto; in the market a quanto "
     "settles in a third coin at a fixed multiplier."),
    ("Hedge ratio", "0 to 1", "1 turns the bag into a synthetic dollar. Above 1 is a net short."),
    ("Direction", "short", "The short gains coins when the price falls and loses them when it "
     "rises."),
    ("Collateral", "coin or usd", "Coins keep up with the price. Dollars do not: the same value in "
     "dollars is liquidated nearer."),
    ("Leverage", "1", "More leverage frees coins and brings a liquidation price into reach."),
    ("Funding", "the live rate", "Paid or received at every settlement, at the symbol's own "
     "interval of 1, 2, 4 or 8 hours. It changes all the time: try others on sheet Scenarios."),
)  # fmt: skip

MATTERS = (
    ("Sign of funding", "A positive funding rate means longs pay shorts, at every venue: a short "
     "hedge RECEIVES. A negative rate means shorts pay longs: the hedge PAYS. The guide this "
     "project started from says this correctly in one section and the other way round in three; "
     "this workbook follows the market."),
    ("Basis risk", "The perpetual trades above or below the index. You sell at its price and later "
     "buy back at its price, while the bag is worth the index: a basis that widens while you are "
     "short costs, one that closes earns. The scenarios use one price for both; the line 'If the "
     "basis closes' on sheet Hedge shows what today's basis is worth."),
    ("Liquidation risk", "Above leverage 1 a rise can liquidate the short: its collateral is lost, "
     "the bag stays unhedged from there on, and a later fall hurts in full. Rows marked TRUE have "
     "reached that price. The path can get there even if it ends lower."),
    ("Old data", "LIVE means live when fetched, at the time shown. STALE and SNAPSHOT numbers are "
     "amber and in italics wherever they are used. This file cannot fetch by itself."),
)  # fmt: skip

LEFT_OUT = (
    "The path between entry and exit: prices are taken to move in a straight line, the funding "
    "rate to stay the same.",
    "Maintenance tiers of large positions, maintenance amounts and the fee inside the venue's own "
    "liquidation formula: liquidation can come somewhat earlier.",
    "Slippage, withdrawal fees, auto-deleveraging, insolvency of the venue, taxes, accounting.",
    "Stablecoins are taken to be worth one dollar.",
    "Nothing here is advice, and nothing is sent to any venue.",
)

TEXT_WIDTH = 130  # characters that fit into column D
BOTH_WIDTH = 150  # and into columns C and D together
LINE = 13.5


def draw(ws: Worksheet) -> None:
    """Draw the sheet."""
    widths(ws, {"A": 1, "B": 20, "C": 26, "D": 110})
    put(ws, "B1", "Guide", size=16, bold=True, color=look.NAVY)
    ws.row_dimensions[1].height = 26
    row = _section(ws, 3, "Steps", [(step, None, text) for step, text in STEPS])
    row = _section(ws, row, "Parameters", list(PARAMETERS), ("usual value", "what it does"))
    row = _section(ws, row, "What decides the result", [(key, None, text) for key, text in MATTERS])
    lines = [(str(number), None, text) for number, text in enumerate(LEFT_OUT, 1)]
    row = _section(ws, row, "What the numbers leave out", lines)
    page(ws, f"A1:D{row - 2}", active="B3")


def _section(
    ws: Worksheet,
    row: int,
    title: str,
    lines: list[tuple[str, str | None, str]],
    captions: tuple[str, str] | None = None,
) -> int:
    heading(ws, f"B{row}", f"D{row}", {f"B{row}": title})
    if captions:
        for column, caption in zip("CD", captions, strict=True):
            ws[f"{column}{row}"].value = caption
            ws[f"{column}{row}"].font = look.font(9, color="FFFFFF")
    for key, middle, text in lines:
        row += 1
        put(ws, f"B{row}", key, bold=not key.isdigit(), wrap=True)
        if middle is None:
            ws.merge_cells(f"C{row}:D{row}")
            put(ws, f"C{row}", text, wrap=True)
            width = BOTH_WIDTH
        else:
            put(ws, f"C{row}", middle, wrap=True)
            put(ws, f"D{row}", text, wrap=True)
            width = TEXT_WIDTH
        for column in "BCD":
            ws[f"{column}{row}"].border = look.UNDER
        ws.row_dimensions[row].height = 4 + LINE * len(textwrap.wrap(text, width))
    return row + 2
