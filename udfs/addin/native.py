"""Worksheet functions as native formulas, for copies that must work without the add-in.

A native formula gives what the function gives: outside the function's domain an error value, not a
number. Functions whose result no single formula gives are not here; their cells become values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from udfs.declaration import DECLARED
from xlhedge.errors import HedgeError
from xlhedge.words import CONTRACT_TYPE, CURRENCY, ROUNDING, SIDE, SIZE_UNIT, Words

__all__ = ["NATIVE", "NoNativeFormula", "native_formula"]


class NoNativeFormula(Exception):
    """The call has no native equivalent; its cell becomes a value."""


ABOVE_0, FROM_0, ANY = ">0", ">=0", ""
FEE = (">-1", "<1")
FRACTION = (">=0", "<1")

NUM, VALUE = "SQRT(-1)", 'VALUE("")'  # formulas whose results are #NUM! and #VALUE!


@dataclass(frozen=True)
class Native:
    """A formula with the arguments' names in braces, and the domain of each number.

    ``by_words`` has a formula for each meaning of the words, where they change it.
    """

    formula: str
    domains: dict[str, Any]
    words: dict[str, Words] = field(default_factory=dict)
    by_words: dict[tuple[Any, ...], str] = field(default_factory=dict)


_POSITION = {"contracts": FROM_0, "contract_size": ABOVE_0}
_MOVE = {"entry_price": ABOVE_0, "exit_price": ABOVE_0}
_SIDE = {"side": SIDE}

NATIVE: dict[str, Native] = {
    "HEDGE_NOTIONAL": Native(
        "{hedge_ratio}*{quantity}*{price}",
        {"quantity": ABOVE_0, "price": ABOVE_0, "hedge_ratio": FROM_0},
    ),
    "HEDGE_CONTRACTS": Native(
        "",
        {
            "quantity": ABOVE_0,
            "price": ABOVE_0,
            "contract_size": ABOVE_0,
            "hedge_ratio": FROM_0,
            "lot_size": ABOVE_0,
        },
        {"size_unit": SIZE_UNIT, "rounding": ROUNDING},
        {
            ("quote", "nearest"): "ROUND({hedge_ratio}*{quantity}*{price}/{contract_size}"
            "/{lot_size},0)*{lot_size}",
            ("base", "nearest"): "ROUND({hedge_ratio}*{quantity}/{contract_size}"
            "/{lot_size},0)*{lot_size}",
        },
    ),
    "HEDGE_COVERAGE": Native(
        "",
        {"quantity": ABOVE_0, "price": ABOVE_0} | _POSITION,
        {"size_unit": SIZE_UNIT},
        {
            ("quote",): "{contracts}*{contract_size}/({quantity}*{price})",
            ("base",): "{contracts}*{contract_size}/{quantity}",
        },
    ),
    "NET_EXPOSURE": Native(
        "{quantity}+{side}*{contracts}*{contract_size}/{entry_price}",
        {"quantity": ABOVE_0, "entry_price": ABOVE_0} | _POSITION,
        _SIDE,
    ),
    "SPOT_PNL": Native("{quantity}*({exit_price}-{entry_price})", {"quantity": ABOVE_0} | _MOVE),
    "INVERSE_PNL": Native(
        "",
        _POSITION | _MOVE,
        _SIDE | {"currency": CURRENCY},
        {
            (-1.0, "coin"): "({exit_price}-{entry_price})/{exit_price}*(-{contracts}"
            "*{contract_size}/{entry_price})",
            (1.0, "coin"): "({exit_price}-{entry_price})/{exit_price}*({contracts}"
            "*{contract_size}/{entry_price})",
            (-1.0, "usd"): "({exit_price}-{entry_price})*(-{contracts}*{contract_size}"
            "/{entry_price})",
            (1.0, "usd"): "({exit_price}-{entry_price})*({contracts}*{contract_size}"
            "/{entry_price})",
        },
    ),
    "LINEAR_PNL": Native(
        "({exit_price}-{entry_price})*({side}*{contracts}*{contract_size})",
        _POSITION | _MOVE,
        _SIDE,
    ),
    "QUANTO_PNL": Native(
        "({exit_price}-{entry_price})*({side}*{contracts}*{multiplier})",
        {"contracts": FROM_0, "multiplier": ABOVE_0} | _MOVE,
        _SIDE,
    ),
    "FUNDING_COST": Native(
        "{side}*{funding_rate}*{notional}*{days}*24/{interval_hours}",
        {"notional": FROM_0, "funding_rate": ANY, "days": FROM_0, "interval_hours": ABOVE_0},
        _SIDE,
    ),
    "FUNDING_PAYMENT": Native(
        "",
        {"mark_price": ABOVE_0, "funding_rate": ANY} | _POSITION,
        _SIDE | {"currency": CURRENCY},
        {
            (-1.0, "coin"): "{contracts}*{contract_size}*{funding_rate}/{mark_price}",
            (1.0, "coin"): "-{contracts}*{contract_size}*{funding_rate}/{mark_price}",
            (-1.0, "usd"): "{contracts}*{contract_size}*{funding_rate}",
            (1.0, "usd"): "-{contracts}*{contract_size}*{funding_rate}",
        },
    ),
    "FUNDING_APR": Native(
        "{funding_rate}*24/{interval_hours}*365",
        {"funding_rate": ANY, "interval_hours": ABOVE_0},
    ),
    "FUNDING_BREAKEVEN": Native(
        "{side}*{protected_move}*{interval_hours}/({days}*24)",
        {"protected_move": FROM_0, "days": ABOVE_0, "interval_hours": ABOVE_0},
        _SIDE,
    ),
    "INITIAL_MARGIN": Native(
        "{contracts}*{contract_size}/{price}/{leverage}",
        {"price": ABOVE_0, "leverage": ABOVE_0} | _POSITION,
    ),
    "MAINTENANCE_MARGIN": Native(
        "{maintenance_rate}*({contracts}*{contract_size})/{mark_price}-{maintenance_amount}",
        {"mark_price": ABOVE_0, "maintenance_rate": FRACTION, "maintenance_amount": FROM_0}
        | _POSITION,
    ),
    "BREAKEVEN_PRICE": Native(
        "",
        {"entry_price": ABOVE_0, "open_fee": FEE, "close_fee": FEE},
        _SIDE | {"contract_type": CONTRACT_TYPE},
        {
            (-1.0, "inverse"): "{entry_price}*(1-{close_fee})/(1+{open_fee})",
            (1.0, "inverse"): "{entry_price}*(1+{close_fee})/(1-{open_fee})",
        },
    ),
    "BASIS": Native(
        "({futures_price}-{spot_price})/{spot_price}",
        {"futures_price": ABOVE_0, "spot_price": ABOVE_0},
    ),
    "BASIS_APR": Native(
        "({futures_price}-{spot_price})/{spot_price}*365/{days}",
        {"futures_price": ABOVE_0, "spot_price": ABOVE_0, "days": ABOVE_0},
    ),
}

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TEXT = re.compile(r'"((?:[^"]|"")*)"')


def native_formula(name: str, given: Sequence[str]) -> str:
    """Return a formula, without "=", that gives what a call gives.

    Parameters
    ----------
    name : str
        The worksheet function.
    given : sequence of str
        Its arguments as they stand in the formula; "" for one that was left out.

    Raises
    ------
    NoNativeFormula
        There is none for this function, or for this use of it.

    Examples
    --------
    >>> native_formula("HEDGE_NOTIONAL", ["5", "B2"])
    'IF(AND(B2>0),IF(AND(ISNUMBER(B2)),1*5*B2,VALUE("")),SQRT(-1))'
    >>> native_formula("BASIS", ["50500", "50000"])
    '((50500-50000)/50000)'
    """
    native, declared = NATIVE.get(name), DECLARED[name]
    if native is None:
        raise NoNativeFormula(f"{name} has no native formula")
    if len(given) > len(declared.arguments):
        raise NoNativeFormula(f"{name} has too many arguments")
    texts: dict[str, str] = {}
    conditions: list[str] = []
    numbers: list[str] = []
    meanings: list[Any] = []
    for place, argument in enumerate(declared.arguments):
        text = given[place].strip() if place < len(given) else ""
        if argument.name in native.words:
            meaning = _meaning(native.words[argument.name], argument.name, text, argument.default)
            meanings.append(meaning)
            texts[argument.name] = f"({meaning:g})" if isinstance(meaning, float) else ""
            continue
        if not text:
            if argument.required:
                raise NoNativeFormula(f"{argument.name} is missing")
            text = f"{argument.default:g}"
        elif not argument.required and not _NUMBER.fullmatch(text):
            text = f'IF({text}="",{argument.default:g},{text})'
        checks = _checks(native.domains[argument.name])
        if _NUMBER.fullmatch(text):
            if not all(_holds(float(text), check) for check in checks):
                raise NoNativeFormula(f"{argument.name} is outside its domain")
            texts[argument.name] = text if text[0] not in "+-" else f"({text})"
            continue
        plain = re.fullmatch(r"\$?[A-Za-z]{1,3}\$?\d+|[A-Za-z_][\w.]*", text)
        texts[argument.name] = text if plain else f"({text})"
        conditions += [f"{texts[argument.name]}{check}" for check in checks]
        numbers.append(f"ISNUMBER({text})")
    template = native.by_words.get(tuple(meanings)) if native.by_words else native.formula
    if template is None:
        raise NoNativeFormula(f"{name} has no native formula for these words")
    body = template.format(**texts)
    if numbers:
        body = f"IF(AND({','.join(numbers)}),{body},{VALUE})"
    if conditions:
        return f"IF(AND({','.join(conditions)}),{body},{NUM})"
    return body if numbers else f"({body})"


def _meaning(words: Words, argument: str, text: str, default: Any) -> Any:
    if not text:
        return words(argument, default)
    quoted = _TEXT.fullmatch(text)
    if quoted is None:
        raise NoNativeFormula(f"{argument} is not a word in quotes")
    try:
        return words(argument, quoted.group(1).replace('""', '"') or default)
    except HedgeError as error:
        raise NoNativeFormula(str(error)) from None


def _checks(domain: Any) -> tuple[str, ...]:
    return (domain,) if isinstance(domain, str) and domain else tuple(domain)


def _holds(number: float, check: str) -> bool:
    if check == ABOVE_0:
        return number > 0
    if check == FROM_0:
        return number >= 0
    return number > -1 if check == ">-1" else number < 1
