"""From a cell through the built add-in's VBA and xlwings' ``CallUDF`` to Python, and back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.addin.calls import calls
from udfs.declaration import DECLARED
from xlhedge.quotes import from_record

ROOT = Path(__file__).parents[2]
CALLS = calls()

# the live functions read what is stored: a quote of bybit is, put there by the fixture
LIVE = [
    ("MARK_PRICE", [{"value": "bybit"}, {"value": "BTC"}], 50010.0),
    ("INDEX_PRICE", [{"range": [["Bybit"]]}, {"range": [["BTCUSD"]]}], 50000.0),
    ("FUNDING_RATE", [{"value": "bybit"}, {"value": "btcusd"}], 0.0001),
    ("FUNDING_INTERVAL", [{"value": "bybit"}, {"value": "BTC"}], 8.0),
    ("CONTRACT_SIZE", [{"value": "bybit"}, {"value": "BTC"}], 1.0),
    ("MAINTENANCE_RATE", [{"value": "bybit"}, {"value": "BTC"}, {"missing": True}], 0.005),
    ("NEXT_FUNDING", [{"value": "bybit"}, {"value": "BTC"}], {"date": "2100-01-01T08:00:00"}),
    ("QUOTE_TIME", [{"value": "bybit"}, {"value": "BTC"}], {"date": "2100-01-01T00:00:00"}),
    ("PERP", [{"value": "bybit"}, {"value": "BTC"}, {"value": "lot_size"}], 1.0),
    ("PERP", [{"value": "bybit"}, {"value": "BTC"}, {"range": [["mark"], ["no"]]}],
     [[50010.0], [{"error": "#VALUE!"}]]),
    ("FUNDING_RATE", [{"value": "bybit"}, {"value": "NOSUCHCOIN"}], {"error": "#N/A"}),
    ("FUNDING_RATE", [{"value": "binanse"}, {"value": "BTC"}], {"error": "#VALUE!"}),
    ("FUNDING_RATE", [{"range": [["bybit"], ["okx"]]}, {"value": "NOSUCHCOIN"}],
     [[{"error": "#N/A"}], [{"error": "#N/A"}]]),
    ("FUNDING_HISTORY", [{"value": "bybit"}, {"value": "BTC"}, {"value": 2}],
     [[{"date": "2099-12-31T16:00:00"}, 0.0002], [{"date": "2099-12-31T08:00:00"}, -0.0001]]),
]  # fmt: skip


@pytest.fixture(scope="module")
def excel(tmp_path_factory, addin):
    """Make all calls once, in a process where pywin32 is a stub."""
    home = tmp_path_factory.mktemp("home")
    _store_quote(home)
    asked = [[name, arguments] for name, arguments, _ in CALLS + LIVE]
    done = subprocess.run(
        [sys.executable, "-m", "tests.addin.run_cells"],
        input=json.dumps({"addin": str(addin), "calls": asked}),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"XLHEDGE_HOME": str(home), "XLHEDGE_MAX_AGE_MINUTES": "1440"},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def _store_quote(home: Path) -> None:
    """Store a quote and settlements of the present, as the functions of a new process see it."""
    from datetime import UTC, datetime, timedelta

    from tests.workbook.cases import a_quote
    from xlhedge.quotes import FundingRow, to_record
    from xlhedge.store import Store

    now = datetime.now(UTC).replace(microsecond=0)
    quote = a_quote(time=now, received=now, next_funding=now + timedelta(hours=8))
    assert from_record(to_record(quote)) == quote
    store = Store(home)
    store.save_quotes([quote])
    times = [now - timedelta(hours=16), now - timedelta(hours=8)]
    rows = [FundingRow(t, r) for t, r in zip(times, (-0.0001, 0.0002), strict=True)]
    store.save_history("bybit", "BTCUSD", rows, times[0], now)
    store.close()


def test_table_has_two_hundred_calls_of_every_function():
    """Every function of the contract is called, by a table of at least 200 calls."""
    assert len(CALLS) + len(LIVE) >= 200
    assert {name for name, _, _ in CALLS + LIVE} == set(DECLARED) - {"HEDGE_ERRORS"}


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_cell_shows_what_the_engine_says(excel, number):
    """Typed, in rows and columns, blank, omitted, beside odd cells: what the engine says."""
    name, arguments, expected = CALLS[number]
    assert _same(excel["cells"][number], expected), (name, arguments, excel["cells"][number])


@pytest.mark.parametrize("number", range(len(LIVE)))
def test_cell_shows_what_is_stored(excel, number):
    """Live functions give numbers, true dates and true error values."""
    name, arguments, expected = LIVE[number]
    got = excel["cells"][len(CALLS) + number]
    assert _same(_dateless(got), _dateless(expected)), (name, arguments, got)


def test_errors_in_single_cells_do_not_wake_python(excel):
    """A single argument that is an error value is the result at once, as in Excel's functions."""
    for (_, arguments, _), count in zip(CALLS, excel["calls"], strict=False):
        held = [_single(argument) for argument in arguments]
        single = any(isinstance(cell, dict) and "error" in cell for cell in held)
        assert count == (0 if single else 1), arguments


def test_no_cell_shows_a_traceback(excel):
    """No text of an exception is in any cell, whatever stands in the arguments."""
    for text in _texts(excel["cells"]):
        assert "Traceback" not in text
        assert "Error" not in text


def test_lost_server_is_started_again(excel):
    """When the Python process is gone, the next call finds a new one, and the cell its number."""
    assert excel["restarted"] == 250_000


def test_exception_in_python_is_an_error_value_with_its_reason_kept(excel):
    """A fault that nobody thought of: #VALUE! in the cell, its last line in HEDGE_ERRORS()."""
    assert excel["raised"] == {"error": "#VALUE!"}
    assert excel["reason"][1:] == ["HEDGE_NOTIONAL", "ZeroDivisionError: by 'zero'"]


def test_wizard_is_told_every_function_and_argument(excel):
    """What Application.MacroOptions receives is the declaration, within Excel's 255 characters."""
    told = {macro.rsplit("!", 1)[1]: texts for macro, texts in excel["registered"].items()}
    assert list(told) == list(DECLARED)
    for name, texts in told.items():
        declared = DECLARED[name]
        assert texts == {
            "help": declared.help,
            "category": "xlhedge",
            "arguments": [argument.help for argument in declared.arguments],
        }
        for text in (texts["help"], *texts["arguments"]):
            assert 0 < len(text) <= 255


def _single(argument: dict[str, Any]) -> Any:
    """Return the one cell of an argument, None for a range."""
    if argument.get("range") is not None and len(argument["range"]) == 1:
        (row,) = argument["range"]
        return row[0] if len(row) == 1 else None
    return argument.get("value")


def _same(got: Any, expected: Any) -> bool:
    if isinstance(expected, list):
        return (
            isinstance(got, list)
            and len(got) == len(expected)
            and all(_same(g, e) for g, e in zip(got, expected, strict=True))
        )
    if isinstance(expected, float) and not isinstance(got, bool | str | dict | list | None):
        return got == pytest.approx(expected, rel=1e-12, abs=0)
    return got == expected


def _dateless(cells: Any) -> Any:
    """Return cells with every date alike: the stored quote is of now."""
    if isinstance(cells, list):
        return [_dateless(cell) for cell in cells]
    return {"date": ""} if isinstance(cells, dict) and "date" in cells else cells


def _texts(cells: Any) -> list[str]:
    if isinstance(cells, list):
        return [text for cell in cells for text in _texts(cell)]
    return [cells] if isinstance(cells, str) else []
