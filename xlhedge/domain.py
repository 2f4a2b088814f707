"""Domains of the arguments: which numbers an argument may take, and the error when it does not.

Every engine function passes each numeric argument through one of the domains below. A domain
returns a ``float`` for a number and a ``float64`` array for anything else, so that the formula
after it needs no branches, and raises an error that names the argument and the value.

The checks are reductions (``min`` and ``max``), which also catch NaN: on a million prices they
cost less than the division that follows.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import numpy as np

from xlhedge.errors import ArgumentError, DomainError, ShapeError, WrongTypeError

__all__ = [
    "COUNT",
    "FEE",
    "FINITE",
    "FRACTION",
    "NOT_NEGATIVE",
    "POSITIVE",
    "Column",
    "Domain",
    "Numbers",
    "Single",
    "arithmetic",
]

Numbers: TypeAlias = float | np.ndarray
"""A number, or an array that broadcasts with the other arguments."""

Column: TypeAlias = float | np.ndarray
"""A series of numbers (fills, settlements, prices): read as a whole, whatever its shape."""

Single: TypeAlias = float
"""One number for the whole call."""

_Function = TypeVar("_Function", bound=Callable[..., Any])

_INFINITY = math.inf
_JUST_BELOW_ZERO = -5e-324  # the open bound that lets 0 in and nothing below it


class Domain:
    """An open interval of numbers, and the words that describe it.

    Parameters
    ----------
    expected : str
        What the error message says was expected.
    low, high : float
        Open bounds: a value must lie strictly between them.
    """

    __slots__ = ("expected", "high", "low")

    def __init__(self, expected: str, low: float, high: float = _INFINITY) -> None:
        self.expected = expected
        self.low = low
        self.high = high

    def __call__(self, argument: str, value: Any) -> Any:
        """Return ``value`` as a float or a float array, or raise an error that names it.

        Parameters
        ----------
        argument : str
            Name of the argument, for the message.
        value : number or array_like
            What was given.

        Returns
        -------
        float or numpy.ndarray

        Raises
        ------
        WrongTypeError
            For text, TRUE/FALSE, dates and blanks.
        DomainError
            For a number outside the interval, NaN and infinities included.

        Examples
        --------
        >>> POSITIVE("price", 50000)
        50000.0
        >>> POSITIVE("price", 0)
        Traceback (most recent call last):
            ...
        xlhedge.errors.DomainError: price is 0; expected a finite number above 0
        """
        kind = value.__class__
        if kind is float or kind is int:
            if self.low < value < self.high:
                try:
                    return float(value)
                except OverflowError:  # an int beyond 1e308
                    pass
            raise DomainError(argument, value, self.expected)
        array = _as_floats(argument, value)
        if array.ndim == 0:
            return self(argument, array.item())
        if array.size == 0 or (array.min() > self.low and array.max() < self.high):
            return array
        wrong = ~((array > self.low) & (array < self.high))
        raise DomainError(argument, array[wrong][0], self.expected, where=wrong)


FINITE = Domain("a finite number", -_INFINITY)
POSITIVE = Domain("a finite number above 0", 0.0)
NOT_NEGATIVE = Domain("a finite number, 0 or more", _JUST_BELOW_ZERO)
COUNT = Domain("a number of contracts, 0 or more (the side is separate)", _JUST_BELOW_ZERO)
FRACTION = Domain("a fraction from 0 to below 1 (0.5 % is 0.005)", _JUST_BELOW_ZERO, 1.0)
FEE = Domain("a fee rate as a fraction between -1 and 1 (0.05 % is 0.0005)", -1.0, 1.0)


def arithmetic(function: _Function) -> _Function:
    """Give an engine function the two errors that numpy and Python would word differently.

    Blocks that do not broadcast raise :class:`~xlhedge.errors.ShapeError` with every shape, and a
    result beyond the range of a double raises :class:`~xlhedge.errors.DomainError`.
    """

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (OverflowError, ZeroDivisionError) as error:
            named = ", ".join(f"{k}={v!r}" for k, v in _bound(function, args, kwargs).items())
            expected = "arguments whose result is a finite number"
            raise DomainError("result", named, expected) from error
        except ValueError as error:
            if isinstance(error, ArgumentError):
                raise
            raise _shape_error(function, args, kwargs) from error

    return checked  # type: ignore[return-value]


def same_length(**columns: Any) -> list[np.ndarray]:
    """Return series flattened and of one length; single numbers are repeated.

    Raises
    ------
    ShapeError
        When two of them have different lengths, neither of them 1.

    Examples
    --------
    >>> [column.tolist() for column in same_length(contracts=2, prices=[[5], [6]])]
    [[2, 2], [5, 6]]
    """
    flat = {name: np.ravel(np.asarray(column)) for name, column in columns.items()}
    length = max((column.size for column in flat.values() if column.size != 1), default=1)
    for name, column in flat.items():
        if column.size not in (1, length):
            sizes = ", ".join(f"{other} {c.size}" for other, c in flat.items())
            raise ShapeError(
                name, f"{column.size} cells", f"columns of equal length (given: {sizes})"
            )
    return [np.broadcast_to(column, length) for column in flat.values()]


def _as_floats(argument: str, value: Any) -> np.ndarray:
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        raise ShapeError(argument, value, "rows of equal length") from None
    if array.dtype.kind == "f":
        return array.astype(np.float64, copy=False)
    if array.dtype.kind in "iu":
        return array.astype(np.float64)
    if array.dtype.kind == "O":  # Decimal, Fraction, mixed lists
        wrong = np.array([not _is_number(item) for item in array.flat], bool).reshape(array.shape)
        if not wrong.any():
            return array.astype(np.float64)
    else:
        wrong = np.ones(array.shape, bool)
    first = array[wrong][0] if array.ndim else array.item()
    raise WrongTypeError(argument, first, "a number", where=wrong if array.ndim else None)


def _is_number(item: Any) -> bool:
    return not isinstance(item, bool | str | bytes | None) and hasattr(item, "__float__")


def _bound(function: Callable[..., Any], args: tuple, kwargs: dict) -> dict[str, Any]:
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    return dict(zip(names, args, strict=False)) | kwargs


def _shape_error(function: Callable[..., Any], args: tuple, kwargs: dict) -> ShapeError:
    shapes = {k: np.shape(v) for k, v in _bound(function, args, kwargs).items()}
    blocks = {k: shape for k, shape in shapes.items() if shape}
    listed = ", ".join(f"{k} {'x'.join(map(str, shape))}" for k, shape in blocks.items())
    return ShapeError(
        next(iter(blocks), "arguments"),
        listed,
        "blocks of equal shape, single numbers, or a row with a column",
    )
