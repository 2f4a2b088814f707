"""The declarations themselves: complete, consistent, and quiet about network and clock."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import udfs
from udfs.declaration import DECLARED, worksheet

# the contract: every name, its arguments in order, and the defaults of the optional ones
CONTRACT = """
HEDGE_NOTIONAL(quantity, price, [hedge_ratio=1])
HEDGE_CONTRACTS(quantity, price, contract_size, [hedge_ratio=1], [size_unit="quote"], [lot_size=1], [rounding="nearest"])
HEDGE_COVERAGE(quantity, price, contracts, contract_size, [size_unit="quote"])
NET_EXPOSURE(quantity, contracts, contract_size, entry_price, [side="short"])
HEDGE_BETA(asset_prices, hedge_prices, [input="prices"])
HEDGE_EFFECTIVENESS(asset_prices, hedge_prices, [input="prices"])
SPOT_PNL(quantity, entry_price, exit_price)
INVERSE_PNL(contracts, contract_size, entry_price, exit_price, [side="short"], [currency="coin"])
LINEAR_PNL(contracts, contract_size, entry_price, exit_price, [side="short"])
QUANTO_PNL(contracts, multiplier, entry_price, exit_price, [side="short"])
AVERAGE_ENTRY(contracts, prices, [contract_type="inverse"])
BREAKEVEN_PRICE(entry_price, [open_fee=0], [close_fee=0], [side="short"], [contract_type="inverse"])
FUNDING_COST(notional, funding_rate, days, [interval_hours=8], [side="short"])
FUNDING_PAYMENT(contracts, contract_size, mark_price, funding_rate, [side="short"], [currency="coin"])
FUNDING_ACCRUED(contracts, contract_size, funding_rates, mark_prices, [side="short"], [currency="coin"])
FUNDING_APR(funding_rate, interval_hours)
FUNDING_APY(funding_rate, interval_hours)
FUNDING_BREAKEVEN(protected_move, days, [interval_hours=8], [side="short"])
INITIAL_MARGIN(contracts, contract_size, price, leverage)
MAINTENANCE_MARGIN(contracts, contract_size, mark_price, maintenance_rate, [maintenance_amount=0])
LIQUIDATION_PRICE(contracts, contract_size, entry_price, margin, maintenance_rate, [side="short"], [close_fee=0], [maintenance_amount=0])
LIQUIDATION_AT_LEVERAGE(entry_price, leverage, maintenance_rate, [side="short"], [close_fee=0])
LIQUIDATION_PRICE_USD_MARGIN(contracts, contract_size, entry_price, margin_usd, maintenance_rate, [side="short"], [close_fee=0])
MARGIN_TO_SURVIVE(contracts, contract_size, entry_price, price, maintenance_rate, [side="short"], [close_fee=0], [maintenance_amount=0])
MAX_LEVERAGE(entry_price, survive_price, maintenance_rate, [side="short"], [close_fee=0])
BASIS(futures_price, spot_price)
BASIS_APR(futures_price, spot_price, days)
HEDGE_SCENARIO(quantity, entry_price, contracts, contract_size, exit_prices, [leverage=1], [maintenance_rate=0], [funding_rate=0], [interval_hours=8], [days=0], [open_fee=0], [close_fee=0])
HEDGE_ADVICE(funding_rate, interval_hours, days, [futures_price], [spot_price])
FUNDING_RATE(venue, symbol)
FUNDING_INTERVAL(venue, symbol)
NEXT_FUNDING(venue, symbol)
MARK_PRICE(venue, symbol)
INDEX_PRICE(venue, symbol)
CONTRACT_SIZE(venue, symbol)
MAINTENANCE_RATE(venue, symbol, [notional=0])
QUOTE_TIME(venue, symbol)
PERP(venue, symbol, field)
FUNDING_HISTORY(venue, symbol, [count=90])
HEDGE_ERRORS()
"""


def test_functions_are_those_of_the_contract_in_its_order():
    """Names, argument order and defaults are a promise to every workbook out there."""
    assert [d.syntax for d in DECLARED.values()] == CONTRACT.strip().splitlines()


def test_python_signature_is_the_declared_one():
    """Help in an editor shows what the wizard shows."""
    for name, declared in DECLARED.items():
        function = getattr(udfs, name)
        assert list(inspect.signature(function).parameters) == [a.name for a in declared.arguments]
        assert function.__doc__ == declared.help
        assert function.__name__ == name


def test_every_pure_function_has_an_example():
    """What is declared is shown, and what is shown is tested."""
    assert [n for n, d in DECLARED.items() if d.subject != "Live quotes" and not d.examples] == []


def test_declaration_refuses_missing_and_overlong_help():
    """A help text that Excel would cut, or an argument without one, does not get in."""

    def spread(bid, ask):
        """Return the spread."""

    with pytest.raises(TypeError, match="no help for the argument ask"):
        worksheet(spread, "Test", "Spread.", bid="USD.")
    with pytest.raises(TypeError, match="no argument named size"):
        worksheet(spread, "Test", "Spread.", bid="USD.", ask="USD.", size="USD.")
    with pytest.raises(TypeError, match="256 characters"):
        worksheet(spread, "Test", "x" * 256, bid="USD.", ask="USD.")
    assert "SPREAD" not in DECLARED


def test_functions_open_no_socket(tmp_path):
    """Every function runs with sockets forbidden, the live ones too."""
    script = """
import socket
def refuse(*args, **kwargs):
    raise AssertionError("a worksheet function opened a socket")
socket.socket = socket.create_connection = socket.getaddrinfo = refuse
import sys, udfs
from udfs.declaration import DECLARED
for name, declared in DECLARED.items():
    for example in declared.examples:
        getattr(udfs, name)(*example.arguments)
print([udfs.PERP("binance", "BTC", f) for f in ("mark", "contract_size", "status")])
print(udfs.FUNDING_RATE("binance", "BTC"), udfs.HEDGE_ERRORS()[0][2])
print([m for m in ("requests", "openpyxl", "rich", "urllib3", "lxml") if m in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={"XLHEDGE_HOME": str(tmp_path), "PATH": ""},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    fields, rate, loaded = done.stdout.splitlines()
    assert fields == "['#N/A', 100, 'SNAPSHOT']"
    assert rate.startswith("#N/A")
    assert "2023-06-20" in rate
    assert loaded == "[]", "worksheet functions loaded libraries that they do not need"
