"""Why a position has no numbers: conditions in order, each with its sentence."""

from __future__ import annotations

from collections.abc import Mapping

FILL = "Fill it with: xlhedge refresh FILE"


def _number(cell: str, low: str | None = None, high: str | None = None) -> str:
    tests = [f"ISNUMBER({cell})"]
    tests += [f"{cell}{low}"] if low else []
    tests += [f"{cell}{high}"] if high else []
    return f"IF(AND({','.join(tests)}),0,1)"


def _number_or_empty(cell: str) -> str:
    return f'IF({cell}="",0,{_number(cell, ">=0")})'


# In this order: a sentence, and a formula that is 1 where the sentence applies.
CHECKS = (
    (
        f"there are no market data in this file yet. {FILL}",
        "IF(AND(N(live_mark)>0,N(live_contract_size)>0),0,1)",
    ),
    (
        '="the market data below are for "&live_venue&" "&live_symbol&", not for "&in_venue&" "'
        f'&in_symbol&". {FILL}"',
        "IF(AND(LOWER(TRIM(in_venue))=LOWER(live_venue),OR(UPPER(TRIM(in_symbol))="
        "UPPER(live_symbol),UPPER(TRIM(in_symbol))=UPPER(live_coin))),0,1)",
    ),
    (
        '="the contract is "&live_contract_type&", margined in "&live_margin_coin&". This page '
        'sizes inverse (coin-margined) contracts only: choose one"',
        'IF(LOWER(live_contract_type)="inverse",0,1)',
    ),
    (
        '="the bag is "&in_coin&" but the contract moves with "&live_coin&". A hedge with another '
        'coin needs a ratio from price history (HEDGE_BETA)"',
        "IF(UPPER(TRIM(in_coin))=UPPER(live_coin),0,1)",
    ),
    ("the quantity must be a number above 0", _number("in_quantity", ">0")),
    ("the extra margin must be a number, 0 or more", _number_or_empty("in_extra_margin")),
    ("the hedge ratio must be a number, 0 or more", _number("in_hedge_ratio", ">=0")),
    ("the leverage must be a number above 0", _number("in_leverage", ">0")),
    (
        'the margin currency must be "coin" or "usd"',
        'IF(OR(LOWER(TRIM(in_margin_currency))="coin",LOWER(TRIM(in_margin_currency))="usd"),0,1)',
    ),
    ("the horizon must be a number of days, 0 or more", _number("in_horizon_days", ">=0")),
    ("the entry price must be a number above 0", _number("use_entry_price", ">0")),
    (
        "there is no funding rate: the venue gave none, so enter yours",
        _number("use_funding_rate", ">-1", "<1"),
    ),
    ("the venue stated no funding interval", _number("live_interval_hours", ">0")),
    (
        "the maintenance rate must be a number from 0 to below 100 %",
        _number("use_maintenance_rate", ">=0", "<1"),
    ),
    (
        "the opening fee must be a rate between -100 % and 100 %",
        _number("use_open_fee", ">-1", "<1"),
    ),
    (
        "the closing fee must be a rate between -100 % and 100 %",
        _number("use_close_fee", ">-1", "<1"),
    ),
)


MESSAGES = (
    "the coin is missing",
    "the quantity must be a number above 0",
    "the extra margin must be a number, 0 or more",
    "the venue or the contract is missing",
    "the hedge ratio must be a number, 0 or more",
    "the leverage must be a number above 0",
    "the horizon on sheet Hedge must be a number of days, 0 or more",
    # from here on they are about the contract, which is named behind them
    "no market data yet, refresh this file",
    "no market data",
    "not an inverse contract, and only those are sized here",
    "the contract moves with another coin",
    "the venue stated no contract size or funding interval",
    "the venue stated no price",
    "the venue gave no funding rate",
    "the maintenance rate is not below 100 %",
)
FIRST_OF_CONTRACT = 8


def code_of_bag(found: str, typed: Mapping[str, str], market: Mapping[str, str]) -> str:
    """Find the first of `MESSAGES` that applies to a bag, counted from 1; 0 for none.

    Parameters
    ----------
    found : str
        Cell that is 0 where the file has no data of the bag's contract.
    typed, market : mapping
        Cells of the bag's inputs and of its contract's data, by header.
    """

    def not_above_0(cell: str) -> str:
        return f"N({cell})<=0"  # N of a text is 0

    def below_0(cell: str, otherwise: str = "TRUE") -> str:
        return f"IF(ISNUMBER({cell}),{cell}<0,{otherwise})"

    extra, kind = typed["extra margin"], market["contract type"]
    conditions = (
        f'{typed["coin"]}=""',
        not_above_0(typed["quantity"]),
        below_0(extra, f'{extra}<>""'),
        f'OR({typed["venue"]}="",{typed["symbol"]}="")',
        below_0(typed["hedge ratio"]),
        not_above_0(typed["leverage"]),
        below_0("in_horizon_days"),
        f"{found}=0",
        f'{market["status"]}="NO DATA"',
        f'LOWER({kind})<>"inverse"',
        f"UPPER(TRIM({typed['coin']}))<>UPPER({market['coin']})",
        f"OR({not_above_0(market['contract size'])},{not_above_0(market['interval h'])})",
        f"AND({not_above_0(market['index'])},{not_above_0(market['mark'])})",
        f"NOT(ISNUMBER({market['funding rate']}))",
        f"N({market['maintenance rate']})>=1",
    )
    formula = "0"
    for number, condition in reversed(list(enumerate(conditions, 1))):
        formula = f"IF({condition},{number},{formula})"
    return formula


def reason_of_bag(code: str, typed: Mapping[str, str], market: Mapping[str, str]) -> str:
    """Compose why a bag has no numbers from its code, or ""."""
    note = market["note"]  # says of which contract it is
    contract = f'": "&IF({note}="",{typed["venue"]}&" "&{typed["symbol"]},{note})'
    named = f'IF({code}<{FIRST_OF_CONTRACT},"",{contract})'
    return f'IF({code}=0,"",INDEX(bag_messages,{code})&{named})'
