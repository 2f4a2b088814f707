"""No text of the workbook is cut, on the screen or on paper, with usual and with long contents."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workbook import cases
from tests.workbook.text_widths import cut_texts, width
from xlhedge.quotes import Status
from xlhedge.snapshot import bundled_quotes
from xlhedge.workbook import new_workbook
from xlhedge.workbook.template import template_path

LONG = {"venue": "kraken", "symbol": "PF_1000000PEPEUSD_SWAP_INVERSE", "coin": "1000000PEPE"}
ETH = {"symbol": "ETHUSD", "coin": "ETH", "margin_coin": "ETH", "mark": 3001.0, "index": 3000.0}
BAG = {"coin": "ETH", "quantity": 4_000_000, "extra margin": 12_345.678, "venue": "bybit",
       "symbol": "ETHUSD", "hedge ratio": 1, "leverage": 3}  # fmt: skip
DOUBT = (
    "CHECK RATE: -0.234 % is 40 times the usual rate of the last 30 days; a slip of the unit or of "
    "the sign at the venue is possible, look there first"
)


def written(path: Path, inputs: dict, quotes: list, **more: object) -> Path:
    """Write a workbook."""
    new_workbook(path, inputs=cases.POSITION | inputs, quotes=quotes,
                 history=cases.settlements(90), clock=cases.clock, **more)  # fmt: skip
    return path


def test_the_template() -> None:
    """As it comes, without any data."""
    assert cut_texts(template_path()) == []


@pytest.mark.parametrize("usd", [False, True])
@pytest.mark.parametrize("status", list(Status))
def test_usual_contents(tmp_path: Path, status: Status, usd: bool) -> None:
    """Fresh and old data, collateral in coins and in dollars, twenty bags."""
    quotes = [cases.a_quote(status=status), cases.a_quote(**ETH, status=status)]
    inputs = {"in_leverage": 3, "in_margin_currency": "usd" if usd else "coin"}
    assert cut_texts(written(tmp_path / "a.xlsx", inputs, quotes, bags=[BAG] * 19)) == []


def test_bundled_quotes(tmp_path: Path) -> None:
    """What ``make demo`` writes without a network: long sources, several venues."""
    quotes = list(bundled_quotes().values())
    inputs = {"in_venue": quotes[0].venue, "in_symbol": quotes[0].symbol}
    assert cut_texts(written(tmp_path / "a.xlsx", inputs, quotes)) == []


def test_long_contents(tmp_path: Path) -> None:
    """A coin with a long name and a tiny price, a huge quantity, a warning of two lines."""
    quote = cases.a_quote(
        **LONG, margin_coin=LONG["coin"], mark=0.0000123456, index=0.0000123111,
        funding_rate=-0.00234, maintenance_rate=0.00512345, lot_size=0.001,
    )  # fmt: skip
    inputs = {
        "in_coin": LONG["coin"], "in_quantity": 123_456_789_012.123, "in_venue": LONG["venue"],
        "in_symbol": LONG["symbol"], "in_leverage": 17.77, "in_extra_margin": 98_765_432.123,
        "in_horizon_days": 365,
    }  # fmt: skip
    reasons = {(LONG["venue"], LONG["symbol"]): DOUBT}
    assert cut_texts(written(tmp_path / "a.xlsx", inputs, [quote], reasons=reasons)) == []


def test_text_that_is_cut_is_found(tmp_path: Path) -> None:
    """A column made narrow, a row made low."""
    import openpyxl

    path = written(tmp_path / "a.xlsx", {}, [cases.a_quote()])
    book = openpyxl.load_workbook(path, data_only=True)
    book["Hedge"].column_dimensions["B"].width = 5
    book["Guide"].row_dimensions[6].height = 10
    book.save(path)
    found = " ".join(cut_texts(path))
    assert "Hedge!B6: 'Coin'" not in found
    assert "Hedge!B7: 'Quantity held'" in found
    assert "Guide!C6" in found
    assert width("iiii", 10, False) < width("WWWW", 10, False) < width("WWWW", 10, True) + 1
