"""The sentences that the workbook composes: verdict, data status, remarks beside numbers."""

from __future__ import annotations

from template.model import HEDGE, Terms
from template.shortening import shortened

NOTE_LENGTH = 180  # characters of a note for which the status line has room


def price_text(cell: str) -> str:
    """Write a price with as many decimals as its size needs."""
    return f"FIXED({cell},IF({cell}>=100,2,IF({cell}>=1,4,8)))"


def coins_text(cell: str) -> str:
    """Write an amount of coins with at most 15 digits, which every program shows alike."""
    return f"IF({cell}>=1000,FIXED({cell},IF({cell}=INT({cell}),0,2)),ROUND({cell},8))"


def contracts_text(cell: str) -> str:
    """Write a number of contracts, which some venues split: many of them to a thousandth."""
    part = f'IF({cell}>=1000,FIXED({cell},3),ROUND({cell},8)&"")'
    return f"IF({cell}=INT({cell}),FIXED({cell},0),{part})"


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


def collateral_unit(terms: Terms) -> str:
    """Say what the collateral is."""
    return f'IF({terms.usd},"USD",{terms.coin})'


def _position(terms: Terms) -> str:
    return (
        f'IF({terms.notional}=0,"No short: the hedge ratio rounds to no contract at all.",'
        f'"Short "&{contracts_text(terms.contracts)}&" contracts of "&{terms.venue}&" "'
        f'&{terms.symbol}&", "&FIXED({terms.notional},0)&" USD, against "'
        f'&{coins_text(terms.exposure)}&" "&{terms.coin}&": "'
        f'&FIXED({terms.coverage}*100,2)&" % of its value is hedged.")'
    )


def _funding(terms: Terms) -> str:
    rate = terms.rate
    return (
        f'IF({terms.notional}=0,"",IF({rate}=0,"Funding is zero: neither side pays.",'
        f'IF({rate}>0,"Funding is positive, so longs pay shorts: this hedge RECEIVES about ",'
        '"Funding is negative, so shorts pay longs: this hedge PAYS about ")'
        f'&FIXED(ABS({terms.funding_usd}),2)&" USD over "&ROUND(in_horizon_days,2)&" days ("'
        f'&FIXED(ABS({terms.apr})*100,2)&" % a year) if the rate stays at "'
        f'&FIXED({rate}*100,4)&" % per "&ROUND({terms.hours},2)&" h."))'
    )


def _liquidation(terms: Terms) -> str:
    reached, posted = terms.liquidation, terms.collateral
    return (
        f'IF({terms.notional}=0,"",IF(ISNUMBER({reached}),'
        f"IF({reached}<={terms.price},"
        '"This leverage leaves no room: the liquidation price is not above the entry price.",'
        f'"A rise of "&FIXED({terms.distance}*100,2)&" % to "'
        f'&{price_text(reached)}&" USD liquidates the short; its collateral of "'
        f'&IF({terms.usd},FIXED({posted},2),{coins_text(posted)})&" "'
        f'&{collateral_unit(terms)}&" is then lost.")'
        f'&IF({terms.unknown_maintenance}," No maintenance rate is known, so 0 is used: the venue '
        'liquidates EARLIER. Enter yours.",""),'
        '"The collateral covers the whole short: a rising price never liquidates it."))'
    )


def old(terms: Terms) -> str:
    """Say that the data are old or doubtful, in front of what rests on them."""
    return (
        f'IF({terms.status}="LIVE",IF({terms.note}="","","LIVE WITH A WARNING, see the status '
        f'line. "),{terms.status}&" data of "&'
        f'{clock_text(terms.time)}&" UTC, not the present market. ")'
    )


def verdict(terms: Terms) -> str:
    """Compose the answer in three sentences, or the reason why there is none."""
    return (
        f'IF({terms.reason}<>"","No numbers: "&{terms.reason}&".",{old(terms)}&{_position(terms)}'
        f"&CHAR(10)&{_funding(terms)}&CHAR(10)&{_liquidation(terms)})"
    )


def status(terms: Terms) -> str:
    """Say how old the market data are and where they come from."""
    about = f'{terms.venue}&" "&{terms.symbol}&", "&{clock_text(terms.time)}&" UTC"'
    said = shortened(terms.note, NOTE_LENGTH)
    why = f'IF({terms.note}="","",". Reason: "&{said})'
    return (
        f'IF(OR({terms.status}="",{terms.status}="NO DATA"),"NO MARKET DATA in this file yet.",'
        f'IF({terms.status}="LIVE",IF({terms.note}="","","LIVE, WITH A WARNING: "&{said}&'
        f'". ")&"LIVE when it was fetched: "&{about}&". This file does not follow the market by '
        'itself: refresh it before you act.",'
        f'IF({terms.status}="SNAPSHOT","SNAPSHOT, not today\'s market: example data from xlhedge, '
        f'"&{about}&"."&" Refresh before you act"&{why}&".",'
        f'"STALE, an old quote: "&{about}&"."&" Refresh before you act"&{why}&".")))'
    )


LIQUIDATION_NOTE = (
    'IF(check_reason<>"","",IF(out_notional=0,"no short position",'
    "IF(ISNUMBER(out_liquidation_price),"
    f'IF({HEDGE.unknown_maintenance},"too far: no maintenance rate","USD per "&in_coin),'
    '"never, by a rising price")))'
)
