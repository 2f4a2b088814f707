"""Sheet Bags: up to 20 coins, the hedge of each, and all of them together."""

from __future__ import annotations

from dataclasses import replace

from openpyxl.worksheet.worksheet import Worksheet

from template import funding_sheet, look
from template.bag_cells import (
    ANSWER,
    BAGS,
    END,
    FIRST,
    HEAD_ROW,
    HEADERS,
    LAST,
    MARKET,
    MARKET_FIRST,
    MARKET_HEAD_ROW,
    MARKET_LAST,
    NUMBER,
    TYPED,
    WARNED,
    column,
    figure,
)
from template.cells import (
    Rule,
    computed,
    fade_missing,
    heading,
    mark_alarm_if,
    mark_old_if,
    mark_warning_if,
    name,
    note,
    page,
    put,
    rule_off_if,
    sentence,
    typed,
    widths,
)
from template.model import HEDGE, Terms
from template.shortening import shortened

VENUES = "binance,bybit,bingx,mexc,weex,okx,deribit,kraken"
TOTAL_ROW = LAST + 1
ANSWER_FORMAT = {header: fmt for header, _, fmt in ANSWER}
LEFT = ("coin", "venue", "symbol", "remark", "note", "contract type", "margin coin", "status")

# header: rule, prompt
RULES = {
    "coin": (Rule("textLength", "1", "15"), "The coin you hold: BTC, ETH, SOL."),
    "quantity": (Rule("decimal", above="0"), "Coins in the bag, a number above 0. Coins moved to "
                 "the venue as margin still count here."),
    "extra margin": (Rule("decimal", "0"), "Coins bought in addition to the bag and posted on top "
                     "of the initial margin. They are exposure too and are hedged. Empty: none."),
    "venue": (Rule("list", words=VENUES), "The exchange of the contract. Refresh after a change."),
    "symbol": (Rule("textLength", "1", "40"), "The venue's own name of an inverse (coin-margined) "
               "perpetual, or the coin for its usual one. Refresh after a change."),
    "hedge ratio": (Rule("decimal", "0", "2"), "Share of the bag's value to sell short: 1 hedges "
                    "all of it, 0.5 half."),
    "leverage": (Rule("decimal", "0.01", "200"), "Position value over initial margin. At 1 a "
                 "rising price never liquidates the short."),
}  # fmt: skip

# shown figure of bag 1: the cell of sheet Hedge
OF_HEDGE = {
    "coin": "in_coin",
    "quantity": "in_quantity",
    "extra margin": f'IF(OR(in_extra_margin="",{HEDGE.usd}),"",in_extra_margin)',
    "venue": "in_venue",
    "symbol": "in_symbol",
    "hedge ratio": "in_hedge_ratio",
    "leverage": "in_leverage",
    "price": "use_entry_price",
    "contracts": "out_contracts",
    "notional": "out_notional",
    "margin": "out_initial_margin",
    "liquidation price": "out_liquidation_price",
    "distance": "out_liquidation_distance",
}
MARKET_OF_HEDGE = {
    "coin": "live_coin",
    "margin coin": "live_margin_coin",
    "contract type": "live_contract_type",
    "venue": "live_venue",
    "symbol": "live_symbol",
    "lot size": "live_lot_size",
    "interval h": "live_interval_hours",
    "mark": "live_mark",
    "index": "live_index",
    "contract size": "live_contract_size",
    "size unit": "live_size_unit",
    "maintenance rate": "live_maintenance_rate",
    "taker fee": "live_taker_fee",
    "funding rate": "live_funding_rate",
    "status": "live_status",
    "quote time": "live_quote_time",
    "note": "live_note",
}
FORMATS = {
    "interval h": look.WHOLE,
    "lot size": look.WHOLE,
    "mark": look.PRICE,
    "index": look.PRICE,
    "contract size": look.WHOLE,
    "maintenance rate": look.RATE,
    "taker fee": look.RATE,
    "funding rate": look.RATE,
    "quote time": look.TIME,
}

ROW_HEIGHT = 29  # three lines of a remark
NOTE_HEIGHT = 32  # three lines of a note
# characters for which these lines, and the sentence on top, have room
REASON_LENGTH, NOTE_LENGTH, SENTENCE_LENGTH = 80, 92, 250

USED, TOTALS = "SUM(bag_used)", "SUM(bag_without_numbers)=0"
FIRST_WRONG = "MATCH(1,bag_without_numbers,0)"
VERDICT = (
    f'IF({TOTALS},{USED}&IF({USED}=1," bag"," bags")&" worth "&FIXED(out_bags_exposure,0)&" USD. '
    'Shorts of "&FIXED(out_bags_notional,0)&" USD leave "&FIXED(out_bags_exposure_after,0)&" USD '
    'exposed to prices, for "&FIXED(out_bags_margin_usd,0)&" USD of initial margin. At the present '
    'rates the hedges "&IF(out_bags_funding_a_day<0,"PAY ","RECEIVE ")'
    '&FIXED(ABS(out_bags_funding_a_day),2)&" USD of funding a day.",'
    f'"No totals: bag "&{FIRST_WRONG}&" ("&INDEX(bag_coin,{FIRST_WRONG})&"): "'
    f'&{shortened(f"INDEX(bag_reason,{FIRST_WRONG})", SENTENCE_LENGTH)}&".")'
)
STATUS = (
    f'IF(SUM(bag_not_live)=0,"The data of all bags were LIVE when they were fetched. This file '
    'does not follow the market by itself: refresh it before you act.",'
    f'"The data of "&SUM(bag_not_live)&" of "&{USED}&" bags are not LIVE (amber on sheet Bags): '
    'refresh before you act.")'
    f'&IF({WARNED}=0,""," WITH A WARNING, see sheet Bags: "&{WARNED}&" of "&{USED}&".")'
)


def draw(ws: Worksheet) -> None:
    """Draw the sheet."""
    widths(ws, {"A": 1.5, NUMBER: 4} | {column(header): width for header, width, _ in
                                        TYPED + ANSWER})  # fmt: skip
    put(ws, "B1", "Bags", size=16, bold=True, color=look.NAVY)
    ws.row_dimensions[1].height = 26
    sentence(ws, 2, END, f"={VERDICT}", 11, 34)
    sentence(ws, 3, END, f"={STATUS}", 10, 20)
    name(ws, "out_bags_verdict", "B2")
    name(ws, "out_bags_status", "B3")
    mark_old_if(ws, f"B3:{END}3", "SUM(bag_not_live)>0")
    mark_warning_if(ws, f"B3:{END}3", f"{WARNED}>0")
    ws.row_dimensions[4].height = 8
    _heads(ws)
    for bag in range(1, BAGS + 1):
        _bag(ws, bag)
    _totals(ws)
    _market(ws)
    _formats(ws)
    ws.freeze_panes = f"D{FIRST}"
    last, first = TOTAL_ROW + 1, MARKET_HEAD_ROW - 1
    areas = f"A1:{END}{last}", f"A{first}:{END}{MARKET_LAST}"
    page(ws, *areas, active=f"C{FIRST + 1}")


def _heads(ws: Worksheet) -> None:
    row = HEAD_ROW
    heading(ws, f"B{row - 1}", f"{END}{row - 1}", {f"B{row - 1}": "Your bags", f"J{row - 1}": ""})
    ws[f"J{row - 1}"].value = "The hedge of each, in USD but for the contracts and the margin"
    ws[f"J{row - 1}"].font = look.font(10, True, color="FFFFFF")
    ws[f"J{row - 1}"].alignment = look.aligned("left", indent=1)
    heading(ws, f"B{row}", f"{END}{row}", {f"B{row}": "bag"})
    _captions(ws, row, {column(header): header for header in HEADERS})
    ws.row_dimensions[row].height = 28


def _captions(ws: Worksheet, row: int, captions: dict[str, str]) -> None:
    for letter, caption in captions.items():
        cell = ws[f"{letter}{row}"]
        cell.value = caption
        cell.font = look.font(8.5, True, color="FFFFFF")
        cell.alignment = look.Alignment(
            "left" if caption in LEFT else "right",
            "center",
            wrap_text=True,
            indent=1 if caption in LEFT else 0,
        )
    ws[f"B{row}"].font = look.font(9, True, color="FFFFFF")
    ws[f"B{row}"].alignment = look.aligned("left")


def terms_of(bag: int) -> Terms:
    """Return where the figures of a bag other than the first stand on sheet Bags."""
    row, below = FIRST + bag - 1, MARKET_FIRST + bag - 1
    lot = f"$H{below}"
    return replace(
        HEDGE,
        exposure=f"($D{row}+N($E{row}))",
        price=f"$J{row}",
        size=f"$L{below}",
        in_coins=f'LOWER($M{below})="base"',
        lot=f"IF(N({lot})>0,{lot},1)",
        maintenance=f"N($N{below})",
        leverage=f"$I{row}",
        extra=f"N($E{row})",
        usd="FALSE",
        contracts=f"$L{row}",
        notional=f"$M{row}",
        liquidation=f"$P{row}",
    )


def _answers(bag: int) -> dict[str, str]:
    row, below = FIRST + bag - 1, MARKET_FIRST + bag - 1
    if bag == 1:
        own = {header: OF_HEDGE[header] for header, _, _ in ANSWER if header in OF_HEDGE}
        exposure, rate = "calc_exposure*use_entry_price", "use_funding_rate*24/live_interval_hours"
    else:
        terms = terms_of(bag)
        posted = f"(N{row}+{terms.extra})"
        own = {
            "price": f"IF(N($K{below})>0,$K{below},$J{below})",
            "contracts": terms.sized(f"$H{row}"),
            "notional": f"{terms.contracts}*{terms.face()}",
            "margin": f"{terms.notional}/({terms.price}*{terms.leverage})",
            "liquidation price": terms.reached(terms.notional, posted),
            "distance": f"{terms.liquidation}/{terms.price}-1",
        }
        exposure, rate = f"{terms.exposure}*{terms.price}", f"$P{below}*24/$I{below}"
    return own | {
        "exposure before": exposure,
        "margin USD": f"$N{row}*$J{row}",
        "funding a day": f"{rate}*$M{row}",
        "exposure after": f"$K{row}-$M{row}",
    }


def _remark(bag: int) -> str:
    row = FIRST + bag - 1
    used, reason = figure("used", bag), figure("reason", bag)
    status, said = (f"${MARKET[key]}{MARKET_FIRST + bag - 1}" for key in ("status", "note"))
    unknown = figure("maintenance_unknown", bag)
    room = (
        f'IF($M{row}=0,"The ratio rounds to no contract",IF(ISNUMBER($P{row}),IF($P{row}<=$J{row},'
        '"No room: liquidation is not above the price",'
        f'IF({unknown}=1,"No maintenance rate: liquidated EARLIER","")),'
        '"A rise never liquidates it"))'
    )
    old = (
        f'IF({status}="LIVE",IF({said}="","","WARNING: read the note below. "),'
        f'{status}&" data: refresh. ")'
    )
    why = shortened(reason, REASON_LENGTH)
    return f'IF({used}=0,"",IF({reason}<>"","No numbers: "&{why},{old}&{room}))'


def _bag(ws: Worksheet, bag: int) -> None:
    row = FIRST + bag - 1
    ws.row_dimensions[row].height = ROW_HEIGHT
    put(ws, f"B{row}", bag, color=look.GREY, align="left")
    for header, _, fmt in TYPED:
        at = f"{column(header)}{row}"
        if bag == 1:
            put(ws, at, f"={OF_HEDGE[header]}", fmt=fmt, align="right", shrink=True)
        else:
            rule, prompt = RULES[header]
            typed(ws, at, None, fmt, rule, header.capitalize(), prompt)
        if header in LEFT:
            ws[at].alignment = look.aligned("left", indent=1, shrink=True)
    for header, formula in _answers(bag).items():
        fmt = ANSWER_FORMAT[header]
        shown = f'IF({figure("state", bag)},{formula},"")'
        main = header in ("contracts", "liquidation price")
        computed(ws, f"{column(header)}{row}", f"={shown}", fmt, bold=main)
    put(ws, f"{END}{row}", f"={_remark(bag)}", size=8, color=look.GREY)
    ws[f"{END}{row}"].alignment = look.in_the_middle(indent=1)


def _totals(ws: Worksheet) -> None:
    row = TOTAL_ROW
    put(ws, f"C{row}", "All bags", bold=True)
    totals = {
        "exposure before": "out_bags_exposure",
        "notional": "out_bags_notional",
        "margin USD": "out_bags_margin_usd",
        "funding a day": "out_bags_funding_a_day",
        "exposure after": "out_bags_exposure_after",
    }
    for header, defined in totals.items():
        letter = column(header)
        at = f"{letter}{row}"
        total = f"=SUM({letter}{FIRST}:{letter}{LAST})"
        computed(ws, at, total, ANSWER_FORMAT[header], bold=True)
        name(ws, defined, at)
    ws.row_dimensions[row].height = 18
    note(ws, f"{END}{row}", '=IF(SUM(bag_without_numbers)=0,"USD","no totals: see above")')
    for letter in [NUMBER, *map(column, HEADERS)]:
        ws[f"{letter}{row}"].border = look.TOTAL
    name(ws, "bags_table", f"{NUMBER}{HEAD_ROW}:{END}{LAST}")


def _market(ws: Worksheet) -> None:
    text = (
        "Bag 1 is the position of sheet Hedge, with its overrides; change it there. The others use "
        "their contract's own index price, funding rate and taker fee, and the horizon of sheet "
        "Hedge. Exposure after = value at entry - notional; it stays so at every later price."
    )
    note(ws, f"B{TOTAL_ROW + 1}", text)
    row = MARKET_HEAD_ROW
    heading(ws, f"B{row - 1}", f"{END}{row - 1}",
            {f"B{row - 1}": "Market data of each contract: sheets Hedge, Funding"})  # fmt: skip
    heading(ws, f"B{row}", f"{END}{row}", {f"B{row}": "bag"})
    _captions(ws, row, {letter: header for header, letter in MARKET.items()})
    ws.row_dimensions[row].height = 28
    for bag in range(1, BAGS + 1):
        row = MARKET_FIRST + bag - 1
        ws.merge_cells(f"R{row}:S{row}")  # the quote time
        ws.row_dimensions[row].height = NOTE_HEIGHT
        number = f'=IF({figure("used", bag)}=0,"",{bag})'
        put(ws, f"B{row}", number, color=look.GREY, align="left")
        for header, letter in MARKET.items():
            fmt = FORMATS.get(header, look.GENERAL)
            left = header in LEFT
            put(ws, f"{letter}{row}", f"={_market_formula(bag, header)}", fmt=fmt,
                color=look.LIVE_GREEN, align="left" if left else "right",
                size=8 if header == "note" else 10, indent=1 if left else 0,
                shrink=header != "note")  # fmt: skip
        ws[f"{MARKET['note']}{row}"].alignment = look.aligned("left", wrap=True, indent=1)


def _market_formula(bag: int, header: str) -> str:
    if bag == 1:
        cell = MARKET_OF_HEDGE[header]
        if header == "note":
            return shortened(cell, NOTE_LENGTH)
        return f'IF({cell}="","",{cell})'
    found = figure("found", bag)
    cell = f"INDEX({funding_sheet.column(header)},{found})"
    if header not in FORMATS:  # a text: an empty cell is none, and not 0
        shown = shortened(cell, NOTE_LENGTH) if header == "note" else f'{cell}&""'
        return f'IF({found}=0,"",{shown})'
    return f'IF({found}=0,"",IF({cell}="","",{cell}))'


def _formats(ws: Worksheet) -> None:
    figures = f"{column('price')}{FIRST}:{column('exposure after')}{LAST}"
    market = f"C{MARKET_FIRST}:{END}{MARKET_LAST}"
    totals = f"{column('price')}{TOTAL_ROW}:{column('exposure after')}{TOTAL_ROW}"
    fade_missing(ws, figures)
    fade_missing(ws, totals)
    remarks = f"{END}{FIRST}:{END}{LAST}"
    mark_alarm_if(ws, remarks, f'LEFT(${END}{FIRST},10)="No numbers"', bold=False)
    mark_warning_if(ws, remarks, f'LEFT(${END}{FIRST},8)="WARNING:"', bold=False)
    status, said = (f"${MARKET[key]}{MARKET_FIRST}" for key in ("status", "note"))
    for key in ("funding rate", "note"):
        letter = MARKET[key]
        warned = f'AND({status}="LIVE",{said}<>"")'
        mark_warning_if(
            ws, f"{letter}{MARKET_FIRST}:{letter}{MARKET_LAST}", warned, bold=key != "note"
        )
    old = f'AND({status}<>"",{status}<>"LIVE")'
    mark_old_if(ws, figures, old, ruled=True)
    mark_old_if(ws, remarks, old, ruled=True)
    mark_old_if(ws, market, old, ruled=True)
    corner = totals.split(":")[0]
    mark_old_if(ws, totals, f'AND({corner}<>"",SUM(bag_not_live)>0)')
    rule_off_if(ws, f"B{FIRST}:{END}{LAST}", f'$C{FIRST}<>""')
    rule_off_if(ws, f"B{MARKET_FIRST}:{END}{MARKET_LAST}", f'$G{MARKET_FIRST}<>""')
