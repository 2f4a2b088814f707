"""Profit and loss of the bag and of contracts; average entry of fills; break-even price."""

from __future__ import annotations

from xlhedge.domain import COUNT, FEE, POSITIVE, Column, Numbers, arithmetic, same_length
from xlhedge.errors import NoValueError
from xlhedge.words import CONTRACT_TYPE, CURRENCY, SIDE, Word

__all__ = [
    "average_entry",
    "breakeven_price",
    "inverse_pnl",
    "linear_pnl",
    "quanto_pnl",
    "spot_pnl",
]


@arithmetic
def spot_pnl(quantity: Numbers, entry_price: Numbers, exit_price: Numbers) -> Numbers:
    """Return the profit (+) or loss (-) of the bag itself, in USD.

    Parameters
    ----------
    quantity : float or array
        Coins held, above 0.
    entry_price, exit_price : float or array
        Price then and now, USD per coin, above 0.

    Returns
    -------
    float or numpy.ndarray
        USD, positive is a gain.

    Raises
    ------
    DomainError
        When an argument lies outside the range above.

    Notes
    -----
    .. math:: Q (P_1 - P_0)

    Examples
    --------
    >>> spot_pnl(5, 50000, 40000)
    -50000.0
    """
    quantity = POSITIVE("quantity", quantity)
    entry_price = POSITIVE("entry_price", entry_price)
    exit_price = POSITIVE("exit_price", exit_price)
    return quantity * (exit_price - entry_price)


@arithmetic
def inverse_pnl(
    contracts: Numbers,
    contract_size: Numbers,
    entry_price: Numbers,
    exit_price: Numbers,
    side: Word = "short",
    currency: Word = "coin",
) -> Numbers:
    """Return the profit (+) or loss (-) of an inverse (coin-margined) position.

    Parameters
    ----------
    contracts : float or array
        Contracts held, 0 or more.
    contract_size : float or array
        Face value, USD per contract, above 0.
    entry_price, exit_price : float or array
        Prices of the contract, USD per coin, above 0.
    side : {"short", "long"}
        Side of the position.
    currency : {"coin", "usd"}
        Unit of the result: coin, as the venue settles it, or its value in USD at the exit price.

    Returns
    -------
    float or numpy.ndarray
        Coin or USD, positive is a gain. A short gains coins when the price falls.

    Raises
    ------
    DomainError, UnknownWordError
        When an argument lies outside the range or list above.

    Notes
    -----
    .. math:: s N (1/P_0 - 1/P_1) = s N (P_1 - P_0) / (P_0 P_1), \\quad N = n F

    The second form is computed: it loses no digits when the exit is close to the entry. In USD it
    is :math:`s N (P_1 - P_0)/P_0`, linear in the exit price. At :math:`P_1 = P_0` both are 0.

    References
    ----------
    BitMEX, *Perpetual Contracts Guide*; Kraken, *Calculation of profit and loss*.

    Examples
    --------
    >>> inverse_pnl(2500, 100, 50000, 40000)
    1.25
    >>> inverse_pnl(2500, 100, 50000, 40000, currency="usd")
    50000.0
    """
    contracts = COUNT("contracts", contracts)
    contract_size = POSITIVE("contract_size", contract_size)
    entry_price = POSITIVE("entry_price", entry_price)
    exit_price = POSITIVE("exit_price", exit_price)
    coins_at_entry = SIDE("side", side) * contracts * contract_size / entry_price
    if CURRENCY("currency", currency) == "usd":
        return (exit_price - entry_price) * coins_at_entry
    return (exit_price - entry_price) / exit_price * coins_at_entry


@arithmetic
def linear_pnl(
    contracts: Numbers,
    contract_size: Numbers,
    entry_price: Numbers,
    exit_price: Numbers,
    side: Word = "short",
) -> Numbers:
    """Return the profit (+) or loss (-) of a linear (USD-margined) position, in the quote currency.

    Parameters
    ----------
    contracts : float or array
        Contracts held, 0 or more.
    contract_size : float or array
        Coins per contract, above 0.
    entry_price, exit_price : float or array
        Prices of the contract, quote per coin, above 0.
    side : {"short", "long"}
        Side of the position.

    Returns
    -------
    float or numpy.ndarray
        Quote currency (USD, USDT, USDC), positive is a gain.

    Raises
    ------
    DomainError, UnknownWordError
        When an argument lies outside the range or list above.

    Notes
    -----
    .. math:: s n F (P_1 - P_0)

    References
    ----------
    Kraken, *Calculation of profit and loss*.

    Examples
    --------
    >>> linear_pnl(5, 1, 35000, 40000, "long")
    25000.0
    """
    contracts = COUNT("contracts", contracts)
    contract_size = POSITIVE("contract_size", contract_size)
    entry_price = POSITIVE("entry_price", entry_price)
    exit_price = POSITIVE("exit_price", exit_price)
    return (exit_price - entry_price) * (SIDE("side", side) * contracts * contract_size)


@arithmetic
def quanto_pnl(
    contracts: Numbers,
    multiplier: Numbers,
    entry_price: Numbers,
    exit_price: Numbers,
    side: Word = "short",
) -> Numbers:
    """Return the profit (+) or loss (-) of a quanto position, in its settlement coin.

    A quanto contract settles in a third coin at a fixed multiplier, whatever that coin is worth.
    It is not a word for every contract margined in dollars.

    Parameters
    ----------
    contracts : float or array
        Contracts held, 0 or more.
    multiplier : float or array
        Settlement coins per contract for each 1 of price, above 0.
    entry_price, exit_price : float or array
        Prices of the contract, above 0.
    side : {"short", "long"}
        Side of the position.

    Returns
    -------
    float or numpy.ndarray
        Settlement coin, positive is a gain.

    Raises
    ------
    DomainError, UnknownWordError
        When an argument lies outside the range or list above.

    Notes
    -----
    .. math:: s n m (P_1 - P_0)

    References
    ----------
    BitMEX, *Quanto futures guide* (ETHUSD, multiplier 0.000001 XBT).

    Examples
    --------
    >>> quanto_pnl(1000, 0.000001, 500, 600, "long")
    0.1
    """
    contracts = COUNT("contracts", contracts)
    multiplier = POSITIVE("multiplier", multiplier)
    entry_price = POSITIVE("entry_price", entry_price)
    exit_price = POSITIVE("exit_price", exit_price)
    return (exit_price - entry_price) * (SIDE("side", side) * contracts * multiplier)


@arithmetic
def average_entry(contracts: Column, prices: Column, contract_type: Word = "inverse") -> float:
    """Return the average price of several fills of one side.

    Parameters
    ----------
    contracts : array
        Contracts of each fill, 0 or more.
    prices : array
        Price of each fill, USD per coin, above 0.
    contract_type : {"inverse", "linear", "quanto"}
        An inverse position averages harmonically, the others arithmetically.

    Returns
    -------
    float
        USD per coin.

    Raises
    ------
    DomainError, UnknownWordError, ShapeError
        When an argument lies outside the range or list above, or lengths differ.
    NoValueError
        When there are no contracts to average over.

    Notes
    -----
    .. math:: \\sum n_k / \\sum (n_k / P_k) \\qquad\\text{or}\\qquad \\sum n_k P_k / \\sum n_k

    One fill gives its own price. Averaging an inverse position arithmetically, as some software
    does, overstates the entry: 5,666.67 instead of 5,625 below.

    References
    ----------
    Bybit, *Average entry price*; OKX, *Average open price*.

    Examples
    --------
    >>> average_entry([1000, 2000], [5000, 6000])
    5625.0
    """
    contracts = COUNT("contracts", contracts)
    prices = POSITIVE("prices", prices)
    kind = CONTRACT_TYPE("contract_type", contract_type)
    contracts, prices = same_length(contracts=contracts, prices=prices)
    total = contracts.sum()
    if total == 0:
        raise NoValueError("there is no average entry price: the fills hold no contracts")
    if kind == "inverse":
        return float(total / (contracts / prices).sum())
    return float((contracts * prices).sum() / total)


@arithmetic
def breakeven_price(
    entry_price: Numbers,
    open_fee: Numbers = 0,
    close_fee: Numbers = 0,
    side: Word = "short",
    contract_type: Word = "inverse",
) -> Numbers:
    """Return the exit price at which a position earns nothing after both fees.

    Parameters
    ----------
    entry_price : float or array
        Entry price, USD per coin, above 0.
    open_fee, close_fee : float or array, default 0
        Fee rates as fractions of the position's value; a rebate is below 0.
    side : {"short", "long"}
        Side of the position.
    contract_type : {"inverse", "linear", "quanto"}
        Fees of an inverse contract are paid in coin at each fill, so the two rates change places.

    Returns
    -------
    float or numpy.ndarray
        USD per coin: below the entry for a short that pays fees. Funding is not included.

    Raises
    ------
    DomainError, UnknownWordError
        When an argument lies outside the range or list above.

    Notes
    -----
    Inverse, :math:`s N (1/P_0 - 1/P_1) = f_0 N/P_0 + f_1 N/P_1`:

    .. math:: P_1 = P_0 \\frac{1 + s f_1}{1 - s f_0}

    Linear and quanto: :math:`P_1 = P_0 (1 + s f_0)/(1 - s f_1)`. Without fees: the entry price.
    Binance displays another figure: the entry moved by the opening fee alone.

    Examples
    --------
    >>> breakeven_price(50000, 0.0005, 0.0005)
    49950.02498750625
    """
    entry_price = POSITIVE("entry_price", entry_price)
    open_fee = FEE("open_fee", open_fee)
    close_fee = FEE("close_fee", close_fee)
    sign = SIDE("side", side)
    if CONTRACT_TYPE("contract_type", contract_type) != "inverse":
        open_fee, close_fee = close_fee, open_fee
    return entry_price * (1 + sign * close_fee) / (1 - sign * open_fee)
