"""Sheet Hedge: inputs, market data, the answer and its chart on one page."""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from template import chart_data, look, words
from template.cells import (
    Rule,
    computed,
    fade_missing,
    heading,
    live,
    mark_alarm_if,
    mark_old,
    mark_warning_if,
    name,
    note,
    page,
    put,
    sentence,
    typed,
    widths,
)
from template.model import FORMULAS, HEDGE

VENUES = "binance,bybit,bingx,mexc,weex,okx,deribit,kraken"
WARNED = 'AND(live_status="LIVE",live_note<>"")'
RESULT_ROWS = (("down20", -0.2), ("flat", 0.0), ("up20", 0.2))

# name, label, first value, format, rule, prompt, unit (a formula where it depends on another input)
POSITION = (
    ("in_coin", "Coin", "BTC", look.TEXT, Rule("textLength", "1", "15"),
     "The coin you hold, as the venue writes it: BTC, ETH, SOL.", "held in the bag"),
    ("in_quantity", "Quantity held", 5, look.COINS, Rule("decimal", above="0"),
     "Coins in the bag you want to protect, a number above 0. Coins you move from the bag to the "
     "venue as margin still count here.", "=in_coin"),
    ("in_extra_margin", "Extra margin", None, look.COINS, Rule("decimal", "0"),
     "Collateral posted on top of the initial margin. Coins: bought in addition to the bag, so "
     "they are exposure too and are hedged with it (for coins out of the bag, lower the leverage). "
     "Margin currency usd: dollars. Empty: none.",
     f'=IF({HEDGE.usd},"USD",in_coin&" bought on top")'),
    ("in_venue", "Venue", "bybit", look.TEXT, Rule("list", words=VENUES),
     "The exchange of the contract. After a change, refresh: until then no numbers are shown.",
     "refresh after a change"),
    ("in_symbol", "Contract", "BTCUSD", look.TEXT, Rule("textLength", "1", "40"),
     "The venue's own name of an inverse (coin-margined) perpetual, such as BTCUSD. After a "
     "change, refresh: until then no numbers are shown.", "refresh after a change"),
    ("in_hedge_ratio", "Hedge ratio", 1, look.RATIO, Rule("decimal", "0", "2"),
     "Share of the bag's value to sell short: 1 hedges all of it, 0.5 half, 0 nothing.",
     "1 = whole bag"),
    ("in_leverage", "Leverage", 1, look.RATIO, Rule("decimal", "0.01", "200"),
     "Position value over initial margin, 0.01 to 200. At 1 with coin margin, a rising price never "
     "liquidates the short.", "1 = fully covered"),
    ("in_margin_currency", "Margin currency", "coin", look.TEXT, Rule("list", words="coin,usd"),
     "What the collateral is: coin (the usual way for an inverse contract) or usd (a stablecoin in "
     "a hybrid or cross account). Dollars do not grow with the price, so liquidation is nearer.",
     "coin or usd"),
    ("in_horizon_days", "Horizon", 30, look.WHOLE, Rule("decimal", "0", "3650"),
     "Days the hedge stays open, 0 to 3650. Funding is counted over these days.", "days"),
)  # fmt: skip

# name without in_, label, format, rule, prompt, where the default comes from
ASSUMPTIONS = (
    ("entry_price", "Entry price", look.PRICE, Rule("decimal", above="0"),
     "USD per coin for the bag and the short alike. Empty: the live index price.",
     'IF(ISNUMBER(live_index),"live index",IF(ISNUMBER(live_mark),"live mark: no index",'
     '"none yet"))'),
    ("funding_rate", "Funding rate", look.RATE, Rule("decimal", "-0.01", "0.01", style="warning"),
     "Average rate per funding interval, as a percentage. Above 0 longs pay shorts: your short "
     "hedge receives. Empty: the live rate. Beyond 1 % an interval Excel asks again.",
     'IF(ISNUMBER(live_funding_rate),"live rate","none yet")'),
    ("maintenance_rate", "Maintenance rate", look.RATE, Rule("decimal", "0", "0.5"),
     "Maintenance margin as a percentage of the position's value, from your venue's table. Empty: "
     "what the venue publishes. Where it publishes none, 0 is used and liquidation looks further "
     "away than it is: enter yours.",
     'IF(ISNUMBER(live_maintenance_rate),"venue, lowest tier","NONE KNOWN: 0 used")'),
    ("open_fee", "Fee to open", look.RATE, Rule("decimal", "-0.01", "0.05"),
     "Fee of opening the short, as a percentage of its value; a rebate is negative. Empty: the "
     "venue's taker fee of the lowest tier.",
     'IF(ISNUMBER(live_taker_fee),"venue\'s taker fee","NONE KNOWN: 0 used")'),
    ("close_fee", "Fee to close", look.RATE, Rule("decimal", "-0.01", "0.05"),
     "Fee of closing the short, as a percentage of its value; a rebate is negative. Empty: the "
     "venue's taker fee of the lowest tier.",
     'IF(ISNUMBER(live_taker_fee),"venue\'s taker fee","NONE KNOWN: 0 used")'),
)  # fmt: skip

# label, name, format, name or formula of the remark, name of the remark if it is live
MARKET = (
    ("Contract", "live_symbol", look.TEXT, None, "live_venue"),
    ("Type, margined in", "live_contract_type", look.TEXT, None, "live_margin_coin"),
    ("Mark price", "live_mark", look.PRICE, '="USD per "&live_coin', None),
    ("Index price", "live_index", look.PRICE, '="USD per "&live_coin', None),
    ("Basis, mark over index", "calc_basis", look.RATE, None, None),
    ("Funding rate", "live_funding_rate", look.RATE, None, "live_funding_kind"),
    ("Funding, simple a year", "calc_apr", look.PERCENT,
     '=IF(in_funding_rate="","from the live rate","from your override")', None),
    ("Funding interval", "live_interval_hours", look.HOURS, None, "live_interval_source"),
    ("Next settlement, UTC", "live_next_funding", look.TIME, None, None),
    ("Contract size", "live_contract_size", look.WHOLE,
     '=IF(LOWER(live_size_unit)="base",live_coin,"USD")&" a contract"', None),
    ("Smallest step", "live_lot_size", look.WHOLE, "contracts", None),
    ("Maintenance rate", "live_maintenance_rate", look.RATE,
     '=IF(ISNUMBER(live_maintenance_rate),"lowest tier","not published")', None),
    ("Taker fee", "live_taker_fee", look.RATE,
     '=IF(ISNUMBER(live_taker_fee),"lowest tier","not published")', None),
    ("Quote time, UTC", "live_quote_time", look.TIME, None, None),
    ("Status", "live_status", look.TEXT,
     f'=IF({WARNED},"warning: see on top","")', None),
    ("Source", "live_source", look.TEXT, None, None),  # over two columns and rows
)  # fmt: skip

ANSWER = (
    ("Coins to protect", "calc_exposure", look.COINS, "=in_coin"),
    ("Contracts to short", "out_contracts", look.WHOLE, "contracts"),
    ("Notional", "out_notional", look.USD_CENTS, "USD, constant"),
    ("Hedge ratio reached", "out_coverage", look.PERCENT, "after rounding to the lot"),
    ("Initial margin", "out_initial_margin", look.COINS, "=in_coin"),
    ("the same in USD", "calc_initial_margin_usd", look.USD_CENTS, "USD at entry"),
    ("Collateral posted", "calc_collateral", look.COINS, f"={words.collateral_unit(HEDGE)}"),
    ("Liquidation price", "out_liquidation_price", look.PRICE, f"={words.LIQUIDATION_NOTE}"),
    ("Distance from entry", "out_liquidation_distance", look.PERCENT, "price move up"),
    ("Settlements until then", "calc_settlements", look.WHOLE, "over the horizon"),
    ("Funding over the horizon", "out_funding_usd", look.USD_CENTS,
     '=IF(N(out_funding_usd)<0,"USD, you PAY",IF(N(out_funding_usd)>0,"USD, you RECEIVE","USD"))'),
    ("Fees, open and close", "out_fees_usd", look.USD_CENTS, "USD, a cost"),
    ("If the basis closes", "calc_basis_usd", look.USD_CENTS, "USD, not in any net"),
)  # fmt: skip

NEXT = (
    ("1", "Refresh: the line on top must begin with LIVE."),
    ("2", "No maintenance rate known? Enter the venue's under Assumptions."),
    ("3", "Compare venues and past funding on sheet Funding."),
    ("4", "Other prices, funding rates and hedge ratios: sheet Scenarios."),
    ("5", "More coins: sheet Bags. The orders: sheet Ticket; none is sent."),
    ("6", "What these numbers leave out: sheet Guide."),
)

FIRST_ROW = 5
CHART = f"K{FIRST_ROW}:P22"
ASSUMPTION_ROW = 16
ANSWER_ROW = TABLE_ROW = LEGEND_ROW = 24
NEXT_ROW = 31
LAST_ROW = 37


def draw(ws: Worksheet) -> None:
    """Draw the sheet, except its chart, which needs the Scenarios sheet."""
    widths(ws, {"A": 1, "B": 18, "C": 14.5, "D": 13, "E": 20.5, "F": 1.5, "G": 22, "H": 18,
                "I": 21.5, "J": 1.5} | dict.fromkeys("KLMNOP", 12))  # fmt: skip
    _headline(ws)
    _position(ws)
    _assumptions(ws)
    _legend(ws)
    _market(ws)
    _answer(ws)
    _three_prices(ws)
    _next(ws)
    mark_old(ws, f"H{FIRST_ROW + 1}:H{FIRST_ROW + len(MARKET) - 1}")
    mark_old(ws, f"H{FIRST_ROW + len(MARKET)}:I{FIRST_ROW + len(MARKET) + 1}")
    mark_old(ws, f"D{ASSUMPTION_ROW + 1}:D{ASSUMPTION_ROW + len(ASSUMPTIONS)}")
    for row in range(FIRST_ROW, LAST_ROW + 1):
        ws.row_dimensions[row].height = 17.5
    rate = [defined for _, defined, *_ in MARKET].index("live_funding_rate") + FIRST_ROW + 1
    mark_warning_if(ws, "B3:P3", WARNED, ruled=False)
    mark_warning_if(ws, f"H{rate}:I{rate}", WARNED, ruled=False)
    mark_warning_if(
        ws, f"H{FIRST_ROW + len(MARKET) - 1}:I{FIRST_ROW + len(MARKET) - 1}", WARNED, ruled=False
    )
    ws.freeze_panes = f"A{FIRST_ROW}"
    page(ws, f"A1:P{LAST_ROW}", active=f"C{FIRST_ROW + 2}")


def _headline(ws: Worksheet) -> None:
    put(ws, "B1", "Hedge a spot bag with an inverse perpetual", size=16, bold=True, color=look.NAVY)
    put(ws, "P1", '="xlhedge "&xlhedge_version', size=8, color=look.GREY, align="right")
    ws.row_dimensions[1].height = 26
    sentence(ws, 2, "P", f"={words.verdict(HEDGE)}", 11, 54)
    sentence(ws, 3, "P", f"={words.status(HEDGE)}", 10, 30)
    ws.merge_cells("B4:P4")
    live(ws, "B4", look.TEXT, "left").font = look.font(8, color=look.GREY)
    ws.row_dimensions[4].height = 12
    name(ws, "out_verdict", "B2")
    name(ws, "out_status", "B3")
    name(ws, "refresh_status", "B4")
    mark_old(ws, "B3:P3")


def _position(ws: Worksheet) -> None:
    heading(ws, f"B{FIRST_ROW}", f"E{FIRST_ROW}",
            {f"B{FIRST_ROW}": "Your position", f"C{FIRST_ROW}": "type here"})  # fmt: skip
    for row, (defined, label, value, fmt, rule, prompt, unit) in enumerate(POSITION, FIRST_ROW + 1):
        put(ws, f"B{row}", label)
        typed(ws, f"C{row}", value, fmt, rule, label, prompt)
        note(ws, f"D{row}", unit)
        name(ws, defined, f"C{row}")


def _assumptions(ws: Worksheet) -> None:
    row = ASSUMPTION_ROW
    heading(ws, f"B{row}", f"E{row}", {f"B{row}": "Assumptions", f"C{row}": "override",
                                       f"D{row}": "in use", f"E{row}": "which is"})  # fmt: skip
    ws[f"E{row}"].alignment = look.aligned("left", indent=1)
    for step, (key, label, fmt, rule, prompt, default) in enumerate(ASSUMPTIONS, 1):
        row = ASSUMPTION_ROW + step
        put(ws, f"B{row}", label)
        typed(ws, f"C{row}", None, fmt, rule, label, prompt)
        computed(ws, f"D{row}", f"={FORMULAS[f'use_{key}']}", fmt)
        note(ws, f"E{row}", f'=IF(in_{key}="",{default},"your override")')
        name(ws, f"in_{key}", f"C{row}")
        name(ws, f"use_{key}", f"D{row}")
    fade_missing(ws, f"D{ASSUMPTION_ROW + 1}:D{row}")
    unknown = f'LEFT($E{ASSUMPTION_ROW + 1},4)="NONE"'
    mark_alarm_if(ws, f"D{ASSUMPTION_ROW + 1}:E{row}", unknown)


def _legend(ws: Worksheet) -> None:
    row = LEGEND_ROW
    heading(ws, f"B{row}", f"E{row}", {f"B{row}": "How to read this page"})
    put(ws, f"B{row + 1}", "boxed, blue", color=look.INPUT_BLUE).border = look.BOX
    ws[f"B{row + 1}"].fill = look.ground(look.INPUT_GROUND)
    put(ws, f"B{row + 2}", "green", color=look.LIVE_GREEN)
    put(ws, f"B{row + 3}", "black")
    put(ws, f"B{row + 4}", "amber, italic", italic=True, color=look.OLD_INK)
    ws[f"B{row + 4}"].fill = look.ground(look.OLD_GROUND)
    put(ws, f"B{row + 5}", "#N/A", color=look.FAINT).data_type = "s"  # the word, not the error
    put(ws, f"B{row + 6}", "vermillion, bold", bold=True, color=look.WARNING_INK)
    ws[f"B{row + 6}"].fill = look.ground(look.WARNING_GROUND)
    for step, text in enumerate(
        ("you type it; an empty override follows the venue",
         "the venue said it; only a refresh changes it",
         "computed from the two",
         "rests on stale or bundled data: refresh first",
         "there is no such number (the words beside say why)",
         "a warning: read it before you act"), 1):  # fmt: skip
        note(ws, f"C{row + step}", text)
    text = (
        "Funding: the market's rule is that a positive rate is paid by longs to shorts, so a short "
        "hedge receives. Every result is in USD unless it says otherwise; a plus is your gain."
    )
    ws.merge_cells(f"B{row + 8}:E{row + 10}")
    note(ws, f"B{row + 8}", text, wrap=True)


def _market(ws: Worksheet) -> None:
    heading(ws, f"G{FIRST_ROW}", f"I{FIRST_ROW}",
            {f"G{FIRST_ROW}": "Market data", f"H{FIRST_ROW}": "from the venue"})  # fmt: skip
    for row, (label, defined, fmt, remark, live_remark) in enumerate(MARKET, FIRST_ROW + 1):
        put(ws, f"G{row}", label)
        if defined.startswith("live_"):
            live(ws, f"H{row}", fmt, "left" if defined == "live_source" else "right")
        else:
            computed(ws, f"H{row}", f"={FORMULAS[defined]}", fmt)
            fade_missing(ws, f"H{row}")
        name(ws, defined, f"H{row}")
        if live_remark:
            live(ws, f"I{row}", look.TEXT, "left").font = look.font(9, color=look.LIVE_GREEN)
            name(ws, live_remark, f"I{row}")
        elif remark:
            note(ws, f"I{row}", remark)
    source = FIRST_ROW + len(MARKET)
    ws.merge_cells(f"H{source}:I{source + 1}")
    ws[f"H{source}"].font = look.font(8, color=look.LIVE_GREEN)
    ws[f"H{source}"].alignment = look.aligned("left", wrap=True)
    ws[f"H{FIRST_ROW + len(MARKET) - 1}"].font = look.font(10, True, color=look.LIVE_GREEN)


def _answer(ws: Worksheet) -> None:
    heading(ws, f"G{ANSWER_ROW}", f"I{ANSWER_ROW}", {f"G{ANSWER_ROW}": "Answer"})
    for row, (label, defined, fmt, remark) in enumerate(ANSWER, ANSWER_ROW + 1):
        main = defined in ("out_contracts", "out_liquidation_price")
        indent = 1 if label.startswith("the same") else 0
        put(ws, f"G{row}", label, bold=main, align="left", indent=indent)
        computed(ws, f"H{row}", f"={FORMULAS[defined]}", fmt, bold=main)
        note(ws, f"I{row}", remark)
        name(ws, defined, f"H{row}")
    area = f"H{ANSWER_ROW + 1}:H{ANSWER_ROW + len(ANSWER)}"
    fade_missing(ws, area)
    mark_old(ws, area)


def _three_prices(ws: Worksheet) -> None:
    row = TABLE_ROW
    heads = ("Price move", "spot", "short", "funding", "fees", "net")
    captions = {f"{column}{row}": head for column, head in zip("KLMNOP", heads, strict=True)}
    heading(ws, f"K{row}", f"P{row}", captions)
    for step, (key, move) in enumerate(RESULT_ROWS, 1):
        row = TABLE_ROW + step
        price = f"(use_entry_price*(1+$K{row}))"
        flag = f"({HEDGE.liquidated(price)})"
        put(ws, f"K{row}", move, fmt=look.MOVE, align="left")
        moved, grown = f"$K{row}", chart_data.growth_at(move)
        formulas = [
            HEDGE.spot(moved),
            HEDGE.short(moved, flag),
            HEDGE.funding(grown, flag),
            HEDGE.fees(moved, flag),
        ]
        for column, formula in zip("LMNO", formulas, strict=True):
            computed(ws, f"{column}{row}", f"={formula}", look.USD)
        computed(ws, f"P{row}", f"=L{row}+M{row}+N{row}-O{row}", look.USD, bold=True)
        for column in "KLMNOP":
            ws[f"{column}{row}"].border = look.UNDER
        name(ws, f"out_net_{key}", f"P{row}")
    area = f"L{TABLE_ROW + 1}:P{row}"
    fade_missing(ws, area)
    mark_old(ws, area)
    text = (
        "USD. Net = spot + short + funding - fees, with one price for the bag and the short. "
        "All other prices and funding rates: sheet Scenarios."
    )
    ws.merge_cells(f"K{row + 1}:P{row + 2}")
    note(ws, f"K{row + 1}", text, wrap=True)


def _next(ws: Worksheet) -> None:
    heading(ws, f"K{NEXT_ROW}", f"P{NEXT_ROW}", {f"K{NEXT_ROW}": "Before you trade"})
    for row, (number, text) in enumerate(NEXT, NEXT_ROW + 1):
        put(ws, f"K{row}", f"{number}  {text}", size=9, align="left", indent=1)
