"""The model's formulas, by the name of the cell that holds them.

They are those of xlhedge's arithmetic modules, for an inverse contract sold short: positive
funding means the short receives, and the spot bag and the short enter and leave at one price.
Only functions of Excel 2010, none volatile.
"""

from __future__ import annotations

USD_COLLATERAL = 'LOWER(TRIM(in_margin_currency))="usd"'
SIZED_IN_COINS = 'LOWER(TRIM(live_size_unit))="base"'
LOT = "IF(N(live_lot_size)>0,live_lot_size,1)"

# Margin within four units in the last place of the whole value is the whole value, as in
# xlhedge.liquidation: the difference of two roundings is no liquidation price.
ROUNDING = "2^-50"

NO_PRICE = "IF(ISNUMBER(live_index),live_index,live_mark)"


def contracts(ratio: str) -> str:
    """Contracts for a hedge ratio, rounded to the lot, half away from zero."""
    return (
        f"ROUND({ratio}*calc_exposure*IF({SIZED_IN_COINS},1,use_entry_price)"
        f"/live_contract_size/({LOT}),0)*({LOT})"
    )


def collateral(notional: str) -> str:
    """What is posted: coins, or dollars when the collateral is dollars."""
    return (
        f"IF({USD_COLLATERAL},{notional}/in_leverage,{notional}/(use_entry_price*in_leverage))"
        "+in_extra_margin"
    )


def liquidation(notional: str, posted: str) -> str:
    """Price at which the venue closes the short; #N/A when a rising price never does."""
    return (
        f"IF({notional}=0,NA(),IF({USD_COLLATERAL},"
        f"use_entry_price*({notional}*(1-use_maintenance_rate)+{posted})/{notional},"
        f"IF({notional}/use_entry_price-{posted}<={ROUNDING}*{notional}/use_entry_price,NA(),"
        f"{notional}*(1-use_maintenance_rate)/({notional}/use_entry_price-{posted}))))"
    )


def mean_inverse(price: str) -> str:
    """Mean of entry price over mark on the straight path to `price`, exact where they meet."""
    ratio = f"({price}/use_entry_price)"
    return f"IF({ratio}=1,1,LN({ratio})/({ratio}-1))"


def spot(price: str) -> str:
    """Result of the coins held, USD."""
    return f"calc_exposure*({price}-use_entry_price)"


def short(price: str, flag: str) -> str:
    """Result of the short, USD: its collateral once liquidated."""
    lost = f"-IF({USD_COLLATERAL},calc_collateral,calc_collateral*{price})"
    return f"IF({flag},{lost},out_notional*(1-{price}/use_entry_price))"


def funding(price: str, flag: str, rate: str = "use_funding_rate") -> str:
    """Funding received (+) or paid (-) until then, USD."""
    return (
        f"IF({flag},0,{rate}*calc_settlements*out_notional*{mean_inverse(price)}"
        f"*{price}/use_entry_price)"
    )


def fees(price: str, flag: str) -> str:
    """Fees of opening and closing, USD, as a cost."""
    return f"IF({flag},0,out_notional*(use_open_fee*{price}/use_entry_price+use_close_fee))"


def liquidated(price: str) -> str:
    """Whether the path to `price` reaches the liquidation price."""
    return (
        f'IF(check_reason<>"",NA(),IF(ISNUMBER(out_liquidation_price),'
        f"{price}>=out_liquidation_price,FALSE))"
    )


def price_text(cell: str) -> str:
    """Write a price with as many decimals as its size needs."""
    return f"FIXED({cell},IF({cell}>=100,2,IF({cell}>=1,4,8)))"


def coins_text(cell: str) -> str:
    """Write an amount of coins with at most 15 digits, which every program shows alike."""
    return f"ROUND({cell},IF({cell}>=1000,2,8))"


def clock_text(cell: str) -> str:
    """Write a date-time as 2026-01-31 08:00 in every language of Excel (TEXT would not)."""
    minutes = f"INT(ROUND({cell}*86400,0)/60)"
    day = f"INT({minutes}/1440)"

    def two(part: str) -> str:
        return f'RIGHT("0"&{part},2)'

    return (
        f'YEAR({day})&"-"&{two(f"MONTH({day})")}&"-"&{two(f"DAY({day})")}&" "'
        f'&{two(f"INT(MOD({minutes},1440)/60)")}&":"&{two(f"MOD({minutes},60)")}'
    )


FORMULAS = {
    "use_entry_price": f'IF(in_entry_price="",{NO_PRICE},in_entry_price)',
    "use_funding_rate": (
        'IF(in_funding_rate="",IF(ISNUMBER(live_funding_rate),live_funding_rate,NA()),'
        "in_funding_rate)"
    ),
    "use_maintenance_rate": (
        'IF(in_maintenance_rate="",N(live_maintenance_rate),in_maintenance_rate)'
    ),
    "use_open_fee": 'IF(in_open_fee="",N(live_taker_fee),in_open_fee)',
    "use_close_fee": 'IF(in_close_fee="",N(live_taker_fee),in_close_fee)',
    "calc_exposure": (
        f'IF(check_reason<>"",NA(),in_quantity+IF({USD_COLLATERAL},0,in_extra_margin))'
    ),
    "calc_settlements": 'IF(check_reason<>"",NA(),in_horizon_days*24/live_interval_hours)',
    "calc_basis": "IF(N(live_index)>0,(live_mark-live_index)/live_index,NA())",
    "calc_apr": (
        "IF(AND(ISNUMBER(use_funding_rate),N(live_interval_hours)>0),"
        "use_funding_rate*24/live_interval_hours*365,NA())"
    ),
    "out_contracts": contracts("in_hedge_ratio"),
    "out_notional": (f"out_contracts*live_contract_size*IF({SIZED_IN_COINS},use_entry_price,1)"),
    "out_coverage": "out_notional/(calc_exposure*use_entry_price)",
    "out_initial_margin": "out_notional/(use_entry_price*in_leverage)",
    "calc_collateral": collateral("out_notional"),
    "out_liquidation_price": liquidation("out_notional", "calc_collateral"),
    "out_liquidation_distance": "out_liquidation_price/use_entry_price-1",
    "out_funding_usd": ('IF(check_reason<>"",NA(),use_funding_rate*calc_settlements*out_notional)'),
    "out_fees_usd": 'IF(check_reason<>"",NA(),(use_open_fee+use_close_fee)*out_notional)',
}
