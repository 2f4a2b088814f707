"""The sentences that the workbook composes: verdict, data status, reasons for showing nothing."""

from __future__ import annotations

from template.model import USD_COLLATERAL, clock_text, coins_text, price_text

FILL = "Fill it with: xlhedge refresh FILE"
COLLATERAL_UNIT = f'IF({USD_COLLATERAL},"USD",in_coin)'


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

NO_MAINTENANCE_RATE = 'AND(in_maintenance_rate="",NOT(ISNUMBER(live_maintenance_rate)))'

_CONTRACTS = 'IF(out_contracts=INT(out_contracts),FIXED(out_contracts,0),ROUND(out_contracts,8)&"")'
_POSITION = (
    'IF(out_notional=0,"No short: the hedge ratio rounds to no contract at all.",'
    f'"Short "&{_CONTRACTS}&" contracts of "&live_venue&" "&live_symbol&", "'
    f'&FIXED(out_notional,0)&" USD, against "&{coins_text("calc_exposure")}&" "&in_coin&": "'
    '&FIXED(out_coverage*100,2)&" % of its value is hedged.")'
)
_FUNDING_AMOUNT = (
    'FIXED(ABS(out_funding_usd),2)&" USD over "&ROUND(in_horizon_days,2)&" days ("'
    '&FIXED(ABS(calc_apr)*100,2)&" % a year) if the rate stays at "'
    '&FIXED(use_funding_rate*100,4)&" % per "&ROUND(live_interval_hours,2)&" h."'
)
_FUNDING = (
    'IF(out_notional=0,"",IF(use_funding_rate=0,"Funding is zero: neither side pays.",'
    'IF(use_funding_rate>0,"Funding is positive, so longs pay shorts: this hedge RECEIVES about ",'
    '"Funding is negative, so shorts pay longs: this hedge PAYS about ")'
    f"&{_FUNDING_AMOUNT}))"
)
_LIQUIDATION = (
    'IF(out_notional=0,"",IF(ISNUMBER(out_liquidation_price),'
    "IF(out_liquidation_price<=use_entry_price,"
    '"This leverage leaves no room: the liquidation price is not above the entry price.",'
    '"A rise of "&FIXED(out_liquidation_distance*100,2)&" % to "'
    f'&{price_text("out_liquidation_price")}&" USD liquidates the short; its collateral of "'
    f'&IF({USD_COLLATERAL},FIXED(calc_collateral,2),{coins_text("calc_collateral")})&" "'
    f'&{COLLATERAL_UNIT}&" is then lost.")'
    f'&IF({NO_MAINTENANCE_RATE}," No maintenance rate is known, so 0 is used: the venue '
    'liquidates EARLIER. Enter yours.",""),'
    '"The collateral covers the whole short: a rising price never liquidates it."))'
)
_OLD = (
    'IF(live_status="LIVE","",live_status&" data of "&'
    f'{clock_text("live_quote_time")}&" UTC, not the present market. ")'
)
VERDICT = (
    f'IF(check_reason<>"","No numbers: "&check_reason&".",'
    f"{_OLD}&{_POSITION}&CHAR(10)&{_FUNDING}&CHAR(10)&{_LIQUIDATION})"
)

_ABOUT = f'live_venue&" "&live_symbol&", "&{clock_text("live_quote_time")}&" UTC"'
_WHY = 'IF(live_note="","",". Reason: "&live_note)'
STATUS = (
    'IF(live_status="","NO MARKET DATA in this file yet.",'
    f'IF(live_status="LIVE","LIVE when it was fetched: "&{_ABOUT}&". This file does not follow the '
    'market by itself: refresh it before you act.",'
    'IF(live_status="SNAPSHOT","SNAPSHOT, not today\'s market: example data from xlhedge, '
    f'"&{_ABOUT}&"."&" Refresh before you act"&{_WHY}&".",'
    f'"STALE, an old quote: "&{_ABOUT}&"."&" Refresh before you act"&{_WHY}&".")))'
)

LIQUIDATION_NOTE = (
    'IF(check_reason<>"","",IF(out_notional=0,"no short position",'
    "IF(ISNUMBER(out_liquidation_price),"
    f'IF({NO_MAINTENANCE_RATE},"too far: no maintenance rate","USD per "&in_coin),'
    '"never, by a rising price")))'
)
