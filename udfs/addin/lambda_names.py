"""Worksheet functions as LAMBDA names for Excel 365, under their own names.

A workbook that carries them computes without the add-in. They come from the same formulas as
:mod:`udfs.addin.native`, with those of margin and liquidation added, and from
:mod:`udfs.addin.lambda_columns`; optional arguments may be left out. Functions that read live quotes
are not among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from udfs.addin.lambda_columns import COLUMNS, stored
from udfs.addin.native import ABOVE_0, ANY, FEE, FRACTION, FROM_0, NATIVE, Native
from udfs.declaration import DECLARED, Argument
from xlhedge.words import CONTRACT_TYPE, CURRENCY, INPUT, SIDE, Words

__all__ = ["lambda_names"]

WORDS = {"contract_type": CONTRACT_TYPE, "currency": CURRENCY, "input": INPUT, "side": SIDE}
LIMIT = 8000  # characters of a name's formula, below Excel's 8,192
LAMBDA, LET, OMITTED = "_xlfn.LAMBDA", "_xlfn.LET", "_xlfn.ISOMITTED"

_N = "({contracts}*{contract_size})"
_COINS = f"({_N}/{{entry_price}})"
_OWED = f"({_COINS}-{{margin}}-{{maintenance_amount}})"
_BUFFER = "({maintenance_rate}+{close_fee})"
_SIDED = {"side": SIDE}
_MARGIN = {
    "contracts": FROM_0,
    "contract_size": ABOVE_0,
    "entry_price": ABOVE_0,
    "maintenance_rate": FRACTION,
    "close_fee": FEE,
    "maintenance_amount": FROM_0,
}


def _at_least_0(formula: str) -> str:
    return f"IF({formula}>0,{formula},0)"


def _inverse(formula: str) -> str:
    return f"IF({formula}<=0,NA(),1/{formula})"


# what NATIVE leaves out, because a call inside another formula would become too long
MORE = {
    "FUNDING_APY": Native(
        "(1+{funding_rate})^(24/{interval_hours}*365)-1",
        {"funding_rate": (">-1",), "interval_hours": ABOVE_0},
    ),
    "LIQUIDATION_PRICE": Native(
        "",
        _MARGIN | {"margin": FROM_0},
        _SIDED,
        {
            (-1.0,): f"IF({_OWED}<=2^-50*{_COINS},NA(),{_N}*(1-{_BUFFER})/{_OWED})",
            (1.0,): f"IF({_N}<=0,NA(),{_N}*(1+{_BUFFER})"
            f"/({{margin}}+{{maintenance_amount}}+{_COINS}))",
        },
    ),
    "LIQUIDATION_AT_LEVERAGE": Native(
        "",
        {"entry_price": ABOVE_0, "leverage": ABOVE_0, "maintenance_rate": FRACTION,
         "close_fee": FEE},
        _SIDED,
        {
            (-1.0,): "IF(1-1/{leverage}<=2^-50,NA(),{entry_price}*(1-" + _BUFFER
            + ")/(1-1/{leverage}))",
            (1.0,): "{entry_price}*(1+" + _BUFFER + ")/(1+1/{leverage})",
        },
    ),
    "LIQUIDATION_PRICE_USD_MARGIN": Native(
        "",
        {name: _MARGIN[name] for name in
         ("contracts", "contract_size", "entry_price", "maintenance_rate", "close_fee")}
        | {"margin_usd": FROM_0},
        _SIDED,
        {
            (-1.0,): f"IF({_N}*(1-{_BUFFER})+{{margin_usd}}<=0,NA(),"
            f"IF({_N}<=0,NA(),{{entry_price}}*({_N}*(1-{_BUFFER})+{{margin_usd}})/{_N}))",
            (1.0,): f"IF({_N}*(1+{_BUFFER})-{{margin_usd}}<=0,NA(),"
            f"{{entry_price}}*({_N}*(1+{_BUFFER})-{{margin_usd}})/{_N})",
        },
    ),
    "MARGIN_TO_SURVIVE": Native(
        "",
        _MARGIN | {"price": ABOVE_0},
        _SIDED,
        {
            (-1.0,): _at_least_0(
                f"({_COINS}-{_N}*(1-{_BUFFER})/{{price}}-{{maintenance_amount}})"
            ),
            (1.0,): _at_least_0(
                f"({_N}*(1+{_BUFFER})/{{price}}-{_COINS}-{{maintenance_amount}})"
            ),
        },
    ),
    "MAX_LEVERAGE": Native(
        "",
        {"entry_price": ABOVE_0, "survive_price": ABOVE_0, "maintenance_rate": FRACTION,
         "close_fee": FEE},
        _SIDED,
        {
            (-1.0,): _inverse("(1-{entry_price}*(1-" + _BUFFER + ")/{survive_price})"),
            (1.0,): _inverse("({entry_price}*(1+" + _BUFFER + ")/{survive_price}-1)"),
        },
    ),
}  # fmt: skip


def lambda_names() -> dict[str, str]:
    """Return the text of each name, without "=", as a workbook stores it."""
    of_numbers = {name: _lambda(name, native) for name, native in (NATIVE | MORE).items()}
    of_columns = {name: _of_columns(name, formula) for name, formula in COLUMNS.items()}
    return dict(sorted((of_numbers | of_columns).items()))


def _of_columns(name: str, formula: str) -> str:
    variables = []
    for argument in DECLARED[name].arguments:
        given = f"_xlpm.{argument.name}"
        if argument.kind == "Word":
            meaning = _meaning(given, argument, WORDS[argument.name])
            variables += [f"{given}_", meaning]
        elif not argument.required:
            variables += [f"{given}_", _or_default(given, f"{argument.default or 0:g}")]
    return _whole(name, variables, stored(formula))


def _whole(name: str, variables: list[str], text: str) -> str:
    arguments = DECLARED[name].arguments
    parameters = [f"_xlpm.{a.name}" if a.required else f"_xlop.{a.name}" for a in arguments]
    if variables:
        text = f"{LET}({','.join([*variables, text])})"
    whole = f"{LAMBDA}({','.join([*parameters, text])})"
    if len(whole) > LIMIT:
        raise ValueError(f"{name} has {len(whole)} characters, too many for a name")
    return whole


def _lambda(name: str, native: Native) -> str:
    arguments = DECLARED[name].arguments
    variables, conditions, words, places = [], [], [], {}
    for argument in arguments:
        given = f"_xlpm.{argument.name}"
        used = f"_xlpm.{argument.name}_"
        if argument.name in native.words:
            variables += [used, _meaning(given, argument, native.words[argument.name])]
            words.append((used, native.words[argument.name]))
            places[argument.name] = used
            continue
        if not argument.required:
            variables += [used, _or_default(given, f"{argument.default:g}")]
        places[argument.name] = given if argument.required else used
        conditions.append((places[argument.name], native.domains[argument.name]))
    body = _body(native, words, places)
    numbers = "*".join(f"ISNUMBER({place})" for place, _ in conditions)
    known = "*".join(f"({used}<>0)" for used, _ in words)
    typed = f"{numbers}*{known}" if known else numbers
    inside = "*".join(
        f"({place}{check})" for place, domain in conditions for check in _checks(domain)
    )
    text = f'IF({typed},{f"IF({inside},{body},SQRT(-1))" if inside else body},VALUE(""))'
    return _whole(name, variables, text)


def _body(native: Native, words: list[tuple[str, Words]], places: dict[str, str]) -> str:
    if not native.by_words:
        return _filled(native.formula, places)
    text = "NA()"
    for meanings, formula in reversed(native.by_words.items()):
        same = "*".join(
            f"({used}={_number(of, meaning)})"
            for (used, of), meaning in zip(words, meanings, strict=True)
        )
        text = f"IF({same},{_filled(formula, places)},{text})"
    return text


def _filled(formula: str, places: dict[str, str]) -> str:
    return "(" + re.sub(r"\{(\w+)\}", lambda found: places[found.group(1)], formula) + ")"


def _or_default(given: str, default: str) -> str:
    return f'IF({OMITTED}({given}),{default},IF({given}="",{default},{given}))'


def _meaning(given: str, argument: Argument, words: Words) -> str:
    """Return a formula that is the number of what a word means, or 0 for an unknown one."""
    text = "0"
    for meaning in dict.fromkeys(words.spellings.values()):
        spelled = [w for w, what in words.spellings.items() if what == meaning]
        tests = "+".join(f'(_xlpm.w="{word}")' for word in spelled)
        text = f"IF({tests},{_number(words, meaning)},{text})"
    default = _number(words, words(argument.name, argument.default))
    plain = f"{LET}(_xlpm.w,LOWER(TRIM({given})),{text})"
    return f'IF({OMITTED}({given}),{default},IF({given}="",{default},{plain}))'


def _number(words: Words, meaning: Any) -> str:
    """Return a number for a meaning: itself if it is one, else its place, from 1."""
    if isinstance(meaning, float):
        return f"({meaning:g})"
    return str(list(dict.fromkeys(words.spellings.values())).index(meaning) + 1)


def _checks(domain: Any) -> Iterator[str]:
    if isinstance(domain, str):
        domain = (domain,) if domain != ANY else ()
    yield from domain
