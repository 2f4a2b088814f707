"""Liquidation price of an inverse position, isolated margin.

The venue closes the position when what is left of the margin no longer covers the maintenance
margin, taken at the mark price (Binance, OKX, Bybit since 2026; see the notes of
:func:`liquidation_price` for the others). A price that does not exist is an infinity: *never*.
"""

from __future__ import annotations

from xlhedge.domain import COUNT, FEE, FRACTION, NOT_NEGATIVE, POSITIVE, Numbers, arithmetic
from xlhedge.margin import divide_or_never, liquidation_buffer
from xlhedge.words import SIDE, Word

__all__ = ["liquidation_at_leverage", "liquidation_price", "liquidation_price_usd_margin"]

# A 1x short posts exactly N/P0. Margin within four units in the last place of that is that:
# the difference of the two roundings is no liquidation price at 1e20.
_ROUNDING = 4 * 2.0**-52


@arithmetic
def liquidation_price(
    contracts: Numbers,
    contract_size: Numbers,
    entry_price: Numbers,
    margin: Numbers,
    maintenance_rate: Numbers,
    side: Word = "short",
    close_fee: Numbers = 0,
    maintenance_amount: Numbers = 0,
) -> Numbers:
    """Return the price at which an inverse position with coin as margin is liquidated.

    Parameters
    ----------
    contracts : float or array
        Contracts, 0 or more.
    contract_size : float or array
        Face value, USD per contract, above 0.
    entry_price : float or array
        Entry price, USD per coin, above 0.
    margin : float or array
        Margin posted for the position, coin, 0 or more.
    maintenance_rate : float or array
        Maintenance-margin rate of the tier, fraction from 0 to below 1.
    side : {"short", "long"}
        Side of the position.
    close_fee : float or array, default 0
        Fee to close, fraction, where the venue counts it (Bybit, OKX); 0 for Binance.
    maintenance_amount : float or array, default 0
        Deduction of the tier, coin, where the venue has one (Binance).

    Returns
    -------
    float or numpy.ndarray
        USD per coin; infinity means never. A short with margin of its full value
        (``margin >= N / entry_price``, leverage 1) can never be liquidated by a rising price.

    Raises
    ------
    DomainError, UnknownWordError
        When an argument lies outside the range or list above.

    Notes
    -----
    .. math:: \\frac{N (s + m + f)}{M + a + s N/P_0}

    For a short :math:`N(1 - m - f)/(N/P_0 - M - a)`, never when the denominator is 0 or less.
    Without a position (0 contracts) there is nothing to liquidate: never.
    Venues that take maintenance at the entry value (BitMEX, Kraken, KuCoin) differ a little:
    55,248.62 instead of 55,277.78 for a 10x short at 50,000 and 0.5 %.

    References
    ----------
    Binance, *How to calculate liquidation price of COIN-M futures contracts*.

    Examples
    --------
    >>> round(liquidation_price(2500, 100, 50000, 5 / 3, 0.005), 6)
    74625.0
    >>> liquidation_price(2500, 100, 50000, 5, 0.005)
    inf
    """
    contracts = COUNT("contracts", contracts)
    contract_size = POSITIVE("contract_size", contract_size)
    entry_price = POSITIVE("entry_price", entry_price)
    margin = NOT_NEGATIVE("margin", margin)
    maintenance_rate = FRACTION("maintenance_rate", maintenance_rate)
    sign = SIDE("side", side)
    buffer = liquidation_buffer(maintenance_rate, FEE("close_fee", close_fee), sign)
    backing = margin + NOT_NEGATIVE("maintenance_amount", maintenance_amount)
    notional = contracts * contract_size
    coins = notional / entry_price
    owed = coins + sign * backing  # short: N/P0 - M - a; long: N/P0 + M + a
    never = (owed <= _ROUNDING * coins) if sign < 0 else (notional <= 0)
    return divide_or_never(notional * (1 + sign * buffer), owed, never)


@arithmetic
def liquidation_at_leverage(
    entry_price: Numbers,
    leverage: Numbers,
    maintenance_rate: Numbers,
    side: Word = "short",
    close_fee: Numbers = 0,
) -> Numbers:
    """Return the liquidation price of an inverse position opened with a leverage.

    Parameters
    ----------
    entry_price : float or array
        Entry price, USD per coin, above 0.
    leverage : float or array
        Position value over margin, above 0.
    maintenance_rate : float or array
        Maintenance-margin rate of the tier, fraction from 0 to below 1.
    side : {"short", "long"}
        Side of the position.
    close_fee : float or array, default 0
        Fee to close, fraction, where the venue counts it.

    Returns
    -------
    float or numpy.ndarray
        USD per coin; infinity (never) for a short at leverage 1 or less.

    Raises
    ------
    DomainError, UnknownWordError
        When an argument lies outside the range or list above.

    Notes
    -----
    .. math:: P_0 L \\frac{1 + s (m + f)}{L + s}

    Examples
    --------
    >>> liquidation_at_leverage(50000, 3, 0.005)
    74625.0
    >>> liquidation_at_leverage(50000, 1, 0.005)
    inf
    """
    entry_price = POSITIVE("entry_price", entry_price)
    leverage = POSITIVE("leverage", leverage)
    maintenance_rate = FRACTION("maintenance_rate", maintenance_rate)
    sign = SIDE("side", side)
    buffer = liquidation_buffer(maintenance_rate, FEE("close_fee", close_fee), sign)
    denominator = leverage + sign
    return divide_or_never(
        entry_price * leverage * (1 + sign * buffer), denominator, denominator <= 0
    )


@arithmetic
def liquidation_price_usd_margin(
    contracts: Numbers,
    contract_size: Numbers,
    entry_price: Numbers,
    margin_usd: Numbers,
    maintenance_rate: Numbers,
    side: Word = "short",
    close_fee: Numbers = 0,
) -> Numbers:
    """Return the liquidation price of an inverse position whose collateral is dollars, not coin.

    Parameters
    ----------
    contracts : float or array
        Contracts, 0 or more.
    contract_size : float or array
        Face value, USD per contract, above 0.
    entry_price : float or array
        Entry price, USD per coin, above 0.
    margin_usd : float or array
        Collateral, USD (a stablecoin in a cross or hybrid account), 0 or more.
    maintenance_rate : float or array
        Maintenance-margin rate of the tier, fraction from 0 to below 1.
    side : {"short", "long"}
        Side of the position.
    close_fee : float or array, default 0
        Fee to close, fraction, where the venue counts it.

    Returns
    -------
    float or numpy.ndarray
        USD per coin. Always finite for a short, and nearer than with coin of the same value: coin
        collateral grows with the price, dollars do not. Infinity (never) for a long whose
        collateral covers the whole position.

    Raises
    ------
    DomainError, UnknownWordError
        When an argument lies outside the range or list above.

    Notes
    -----
    Equity in coin is :math:`M_{usd}/P + s N (1/E - 1/P)`, so

    .. math:: P = E\\,(1 + s (m + f) - s M_{usd}/N)

    Examples
    --------
    >>> round(liquidation_price_usd_margin(2500, 100, 50000, 250000 / 3, 0.005), 6)
    66416.666667
    """
    contracts = COUNT("contracts", contracts)
    contract_size = POSITIVE("contract_size", contract_size)
    entry_price = POSITIVE("entry_price", entry_price)
    margin_usd = NOT_NEGATIVE("margin_usd", margin_usd)
    maintenance_rate = FRACTION("maintenance_rate", maintenance_rate)
    sign = SIDE("side", side)
    buffer = liquidation_buffer(maintenance_rate, FEE("close_fee", close_fee), sign)
    notional = contracts * contract_size
    # N (1 + s (m + f)) - s M: what the dollars leave for the price to carry
    carried = notional * (1 + sign * buffer) - sign * margin_usd
    never = (notional <= 0) | (carried <= 0)
    return divide_or_never(entry_price * carried, notional, never)
