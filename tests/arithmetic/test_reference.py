"""The engine against 50-digit arithmetic, over inputs far wider than any market."""

from __future__ import annotations

import math
import random

import pytest
from mpmath import mpf

import xlhedge.funding
import xlhedge.futures_basis
import xlhedge.liquidation
import xlhedge.margin
import xlhedge.pnl
import xlhedge.sizing
from tests.arithmetic import reference
from xlhedge.scenario import hedge_scenario

DRAWS = 400
RELATIVE = mpf(10) ** -12
ULP = mpf(2) ** -52


class Draw:
    """Random arguments: prices over 13 decades, exits from a thousandth to a thousandfold."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def log(self, low: float, high: float) -> float:
        return math.exp(self.random.uniform(math.log(low), math.log(high)))

    def price(self) -> float:
        return self.log(1e-6, 1e7)

    def exit(self, entry: float) -> float:
        kind = self.random.randrange(4)
        if kind == 0:  # a few roundings away, or not at all
            return entry * (1 + self.random.choice([0, 1, -1, 1e-12, -1e-12]) * 1e-12)
        if kind == 1:
            return entry * (1 + self.random.uniform(-1e-6, 1e-6))
        return entry * self.log(1e-3, 1e3)

    def size(self) -> float:
        return self.log(1e-4, 1e7)

    def rate(self) -> float:
        return self.random.choice([0.0, self.random.uniform(-0.04, 0.04), 1e-4])

    def fee(self) -> float:
        return self.random.choice([0.0, self.random.uniform(-0.001, 0.005)])

    def maintenance(self) -> float:
        return self.random.choice([0.0, 0.005, self.random.uniform(0, 0.2)])

    def interval(self) -> float:
        return self.random.choice([1.0, 2.0, 4.0, 8.0, 24.0])

    def days(self) -> float:
        return self.random.choice([0.5, 30.0, self.random.uniform(0.01, 3650)])

    def side(self) -> str:
        return self.random.choice(["short", "long"])


def _sign(side: str) -> int:
    return -1 if side == "short" else 1


def assert_close(got: float, exact, largest) -> None:
    """Accept 1e-12 relative, or eight units in the last place of the largest term."""
    if exact is None:
        assert got == math.inf
        return
    assert math.isfinite(got), f"got {got}, exactly {exact}"
    error = abs(mpf(got) - exact)
    assert error <= max(RELATIVE * abs(exact), 8 * ULP * abs(largest)), (got, exact)


def _pnl(d: Draw):
    n, face, entry, side = d.size(), d.size(), d.price(), d.side()
    return (n, face, entry, d.exit(entry), side)


# function: a draw of its arguments, its terms' largest size
CASES = {
    "hedge_notional": (lambda d: (d.size(), d.price(), d.log(1e-3, 10)), None),
    "hedge_coverage": (lambda d: (d.size(), d.price(), d.size(), d.size()), None),
    "net_exposure": (
        lambda d: (d.size(), d.size(), d.size(), d.price(), d.side()),
        lambda q, n, f, p, s: max(q, n * f / p),
    ),
    "spot_pnl": (lambda d: (d.size(), (p := d.price()), d.exit(p)), None),
    "inverse_pnl": (_pnl, None),
    "linear_pnl": (_pnl, None),
    "breakeven_price": (lambda d: (d.price(), d.fee(), d.fee(), d.side()), None),
    "funding_cost": (lambda d: (d.size(), d.rate(), d.days(), d.interval(), d.side()), None),
    "funding_payment": (lambda d: (d.size(), d.size(), d.price(), d.rate(), d.side()), None),
    "funding_apr": (lambda d: (d.rate(), d.interval()), None),
    "funding_apy": (lambda d: (d.rate() / 10, d.interval()), None),
    "funding_breakeven": (lambda d: (d.rate() ** 2, d.days(), d.interval(), d.side()), None),
    "initial_margin": (lambda d: (d.size(), d.size(), d.price(), d.log(0.1, 125)), None),
    "maintenance_margin": (
        lambda d: (d.size(), d.size(), d.price(), d.maintenance(), d.log(1e-6, 1)),
        lambda n, f, p, m, a: max(m * n * f / p, a),
    ),
    "liquidation_at_leverage": (
        lambda d: (d.price(), d.log(0.5, 125), d.maintenance(), d.side(), d.fee()),
        None,
    ),
    "margin_to_survive": (
        lambda d: (
            d.size(),
            d.size(),
            (p := d.price()),
            d.exit(p),
            d.maintenance(),
            d.side(),
            d.fee(),
            d.log(1e-9, 1e-3),
        ),
        lambda n, f, p, s, m, side, fee, a: max(n * f / p, n * f / s, a),
    ),
    "basis": (lambda d: ((p := d.price()), d.exit(p)), None),
    "basis_apr": (lambda d: ((p := d.price()), d.exit(p), d.days()), None),
}

MODULES = [
    xlhedge.sizing,
    xlhedge.pnl,
    xlhedge.funding,
    xlhedge.margin,
    xlhedge.liquidation,
    xlhedge.futures_basis,
]


def _engine(name):
    return next(getattr(module, name) for module in MODULES if hasattr(module, name))


@pytest.mark.parametrize("name", CASES)
def test_engine_keeps_twelve_digits(name):
    """Each function agrees with 50-digit arithmetic, an exit within 1e-12 of the entry included."""
    draw_arguments, largest_term = CASES[name]
    draw = Draw(seed=20260101)
    for _ in range(DRAWS):
        arguments = draw_arguments(draw)
        exact = getattr(reference, name)(
            *(_sign(a) if a in ("short", "long") else a for a in arguments)
        )
        got = _engine(name)(*arguments)
        largest = 0 if largest_term is None else largest_term(*arguments)
        assert_close(got, exact, largest)


def test_inverse_pnl_in_usd_keeps_twelve_digits():
    """The result in USD is as exact as the one in coin."""
    draw = Draw(seed=7)
    for _ in range(DRAWS):
        n, face, entry, exit_price, side = _pnl(draw)
        exact = reference.inverse_pnl_usd(n, face, entry, exit_price, _sign(side))
        assert_close(xlhedge.pnl.inverse_pnl(n, face, entry, exit_price, side, "usd"), exact, 0)


def test_liquidation_price_keeps_twelve_digits_away_from_its_pole():
    """Coin margin: right to twelve digits unless margin nearly equals the position's value."""
    draw = Draw(seed=11)
    for _ in range(DRAWS):
        n, face, entry, side = draw.size(), draw.size(), draw.price(), draw.side()
        coins = n * face / entry
        margin = coins * draw.random.choice([0.01, 0.1, 1 / 3, 0.99, 1.01, 2.0])
        m, fee = draw.maintenance(), draw.fee()
        exact = reference.liquidation_price(n, face, entry, margin, m, _sign(side), fee, 0.0)
        assert_close(
            xlhedge.liquidation.liquidation_price(n, face, entry, margin, m, side, fee), exact, 0
        )


def test_liquidation_price_with_dollar_margin_keeps_twelve_digits():
    """Dollar margin: always finite for a short, never for a long that is fully covered."""
    draw = Draw(seed=13)
    never = 0
    for _ in range(DRAWS):
        n, face, entry, side = draw.size(), draw.size(), draw.price(), draw.side()
        margin = n * face * draw.random.choice([0.01, 0.1, 1 / 3, 0.9, 1.5])
        m, fee = draw.maintenance(), draw.fee()
        arguments = (n, face, entry, margin, m)
        exact = reference.liquidation_price_usd_margin(*arguments, _sign(side), fee)
        got = xlhedge.liquidation.liquidation_price_usd_margin(*arguments, side, fee)
        # a long's dollars cancel against the position's value: measure against the entry price
        assert_close(got, exact, entry * (2 + margin / (n * face)))
        never += exact is None
        assert exact is not None or side == "long"
    assert never > 0


def test_max_leverage_keeps_twelve_digits():
    """Where a margin is needed; where none is, there is no highest leverage."""
    draw = Draw(seed=17)
    for _ in range(DRAWS):
        entry, side, m, fee = draw.price(), draw.side(), draw.maintenance(), abs(draw.fee())
        survive = entry * draw.random.choice([0.5, 0.9, 1.1, 1.5, 20.0])
        exact = reference.max_leverage(entry, survive, m, _sign(side), fee)
        assert_close(xlhedge.margin.max_leverage(entry, survive, m, side, fee), exact, 0)


def test_scenario_keeps_twelve_digits():
    """Every column of the scenario, liquidated rows and exits beside the entry included."""
    draw = Draw(seed=19)
    liquidated = 0
    for _ in range(DRAWS):
        entry = draw.price()
        quantity, face = draw.size(), draw.log(1e-3, 100)
        n = quantity * entry / face * draw.random.uniform(0, 1.5)
        rest = (
            draw.random.choice([1.0, 2.0, 5.0, 20.0]),
            draw.random.choice([0.0, 0.005, 0.02]),
            draw.rate(),
            draw.interval(),
            draw.days(),
            draw.fee(),
            draw.fee(),
        )
        exit_price = draw.exit(entry)
        *legs, flag = reference.hedge_scenario(quantity, entry, n, face, exit_price, *rest)
        got = hedge_scenario(quantity, entry, n, face, exit_price, *rest)
        assert bool(got.liquidated) == flag
        liquidated += flag
        spot, short, funding, fees, net, value = legs
        assert_close(got.spot.item(), spot, 0)
        assert_close(got.short.item(), short, 0)
        assert_close(got.funding.item(), funding, 0)
        assert_close(got.fees.item(), fees, max(abs(rest[5] * n * face), abs(rest[6] * n * face)))
        largest = max(abs(leg) for leg in (spot, short, funding, fees, quantity * entry))
        assert_close(got.net.item(), net, largest)
        assert_close(got.hedged_value.item(), value, largest)
    assert liquidated > 10


def test_average_entry_and_accrued_funding_keep_twelve_digits():
    """Sums over a thousand fills and settlements of either sign."""
    draw = Draw(seed=23)
    sizes = [draw.size() for _ in range(1000)]
    prices = [draw.price() for _ in range(1000)]
    rates = [draw.rate() for _ in range(1000)]
    exact = sum(map(mpf, sizes)) / sum(mpf(n) / mpf(p) for n, p in zip(sizes, prices, strict=True))
    assert_close(xlhedge.pnl.average_entry(sizes, prices), exact, 0)
    payments = [
        reference.funding_payment(n, 100.0, p, r, -1)
        for n, p, r in zip(sizes, prices, rates, strict=True)
    ]
    got = xlhedge.funding.funding_accrued(sizes, 100.0, rates, prices)
    assert_close(got, sum(payments), max(abs(payment) for payment in payments))


def test_compounding_keeps_digits_at_extreme_rates():
    """(1 + r)^k - 1 holds for tiny and for absurd rates, down to the loss of everything."""
    for rate in (1e-15, -1e-15, 1e-8, 0.01, -0.01, -0.5):
        for interval in (1.0, 8.0):
            exact = reference.funding_apy(rate, interval)
            assert_close(xlhedge.funding.funding_apy(rate, interval), exact, 1e-3)
