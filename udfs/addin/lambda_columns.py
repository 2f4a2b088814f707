"""LAMBDA formulas of the functions that read whole columns, spill a table or give a sentence.

They are written as Excel shows them, with ``~`` before each parameter and variable. ``~word_`` is the
number of what a word means, from 1; 0 for an unknown one. A check comes before what it makes safe,
because IF computes only the branch that it needs.
"""

from __future__ import annotations

import re

__all__ = ["COLUMNS", "stored"]

_NUM, _VALUE = "SQRT(-1)", 'VALUE("")'  # formulas whose results are #NUM! and #VALUE!
_FUNCTIONS = re.compile(r"(?<![\w.])(LET|TOCOL|DROP|HSTACK|VSTACK|FILTER)\(")
_NEVER = "1E+300"  # a price above every other


def stored(formula: str) -> str:
    """Return a formula as a file holds it.

    >>> stored("LET(~x,FILTER(~a,~k),SUM(~x))")
    '_xlfn.LET(_xlpm.x,_xlfn._xlws.FILTER(_xlpm.a,_xlpm.k),SUM(_xlpm.x))'
    """
    formula = re.sub(r"\s*\n\s*", "", formula).replace("~", "_xlpm.")
    sheet = "_xlws."
    return _FUNCTIONS.sub(
        lambda found: f"_xlfn.{sheet if found[1] == 'FILTER' else ''}{found[1]}(", formula
    )


def _alike(one: str, two: str) -> str:
    return f"(ROWS({one})=ROWS({two}))*(COLUMNS({one})=COLUMNS({two}))"


def _numbers(column: str) -> str:
    """Return a test that a column holds nothing but numbers and empty cells."""
    return f'(COUNT({column})=SUM(IF({column}="",0,1)))'


def _both(one: str, two: str) -> str:
    """Return a test that no row is filled in part."""
    return f'(SUM((({one}="")*1-({two}="")*1)^2)=0)'


def _single(column: str) -> str:
    return f"(ROWS({column})*COLUMNS({column})=1)"


def _checked(*checks: tuple[str, str], result: str) -> str:
    for check, otherwise in reversed(checks):
        result = f"IF({check},{result},{otherwise})"
    return result


def _held(column: str) -> str:
    """Return a test of a number that is the same throughout, or of a column beside the rates."""
    beside = f"IF({_alike(column, '~funding_rates')},{_both(column, '~funding_rates')}*1,0)"
    return f"IF({_single(column)},1,{beside})*(COUNT({column})>0)*{_numbers(column)}"


_AVERAGE_ENTRY = _checked(
    (_alike("~contracts", "~prices"), _VALUE),
    (_both("~contracts", "~prices") + "*" + _numbers("~contracts") + "*" + _numbers("~prices")
     + "*(~contract_type_>0)", _VALUE),
    ("COUNT(~prices)>0", "NA()"),
    ("(MIN(~contracts)>=0)*(MIN(~prices)>0)", _NUM),
    ("SUM(~contracts)>0", "NA()"),
    result='IF(~contract_type_=1,SUM(~contracts)/SUM(IF(~prices="",0,~contracts/~prices)),'
    "SUMPRODUCT(~contracts,~prices)/SUM(~contracts))",
)  # fmt: skip

_FUNDING_ACCRUED = _checked(
    (_alike("~funding_rates", "~mark_prices"), _VALUE),
    (_both("~funding_rates", "~mark_prices") + "*" + _numbers("~funding_rates") + "*"
     + _numbers("~mark_prices") + "*" + _held("~contracts") + "*" + _held("~contract_size")
     + "*(~side_<>0)*(~currency_>0)", _VALUE),
    ("COUNT(~mark_prices)>0", "0"),
    ("(MIN(~contracts)>=0)*(MIN(~contract_size)>0)*(MIN(~mark_prices)>0)", _NUM),
    result='-~side_*SUM(IF(~mark_prices="",0,~funding_rates*~contracts*~contract_size'
    "/IF(~currency_=1,~mark_prices,1)))",
)  # fmt: skip


def _of_returns(result: str) -> str:
    """Return a formula of ~own and ~other, the returns of asset and hedge in rows that both fill."""
    varies = "MAX(MAX(~other)-AVERAGE(~other),AVERAGE(~other)-MIN(~other))>2^-50*MAX(MAX(~other),-MIN(~other))"
    returns = "IF(~input_=1,DROP({0},1)/DROP({0},-1)-1,{0})"
    return _checked(
        (_alike("~asset_prices", "~hedge_prices"), _VALUE),
        (_numbers("~asset_prices") + "*" + _numbers("~hedge_prices") + "*(~input_>0)", _VALUE),
        result='LET(~filled,(~asset_prices<>"")*(~hedge_prices<>""),'
        + _checked(
            ("SUM(~filled)>=IF(~input_=1,3,2)", "NA()"),
            result="LET(~asset,FILTER(TOCOL(~asset_prices),TOCOL(~filled)),"
            "~hedge,FILTER(TOCOL(~hedge_prices),TOCOL(~filled)),"
            + _checked(
                ("IF(~input_=1,(MIN(~asset)>0)*(MIN(~hedge)>0),1)", _NUM),
                result=f"LET(~own,{returns.format('~asset')},~other,{returns.format('~hedge')},"
                + _checked((varies, "NA()"), result=result)
                + ")",
            )
            + ")",
        )
        + ")",
    )


_POSITIVE = ("entry_price", "contract_size", "leverage_", "interval_hours_", "quantity")
_SCENARIO = _checked(
    ("*".join(f"ISNUMBER(~{name})" for name in (
        "quantity", "entry_price", "contracts", "contract_size", "leverage_", "maintenance_rate_",
        "funding_rate_", "interval_hours_", "days_", "open_fee_", "close_fee_")), _VALUE),
    ("*".join(f"(~{name}>0)" for name in _POSITIVE)
     + "*(~contracts>=0)*(~maintenance_rate_>=0)*(~maintenance_rate_<1)*(~days_>=0)"
     "*(~open_fee_>-1)*(~open_fee_<1)*(~close_fee_>-1)*(~close_fee_<1)",
     _NUM),
    result=f"""LET(~blank,TOCOL((~exit_prices="")*1),
~exit,TOCOL(IF(~exit_prices="",1,IF(~exit_prices*1>0,~exit_prices*1,SQRT(-1)))),
~notional,~contracts*~contract_size,
~coins,~notional/~entry_price,
~margin,~coins/~leverage_,
~liquidation,IF(~coins-~margin<=2^-50*~coins,{_NEVER},
~notional*(1-~maintenance_rate_)/(~coins-~margin)),
~move,(~exit-~entry_price)/~entry_price,
~per_coin,IF(~move^2<1E-8,1-~move/2+~move^2/3-~move^3/4,
LN(1+~move)/IF(~move=0,1,~move))/~entry_price,
~spot,~quantity*(~exit-~entry_price),
~short,IF(~exit>=~liquidation,-~margin*~exit,(~entry_price-~exit)*~coins),
~funding,IF(~exit>=~liquidation,0,
~exit*~per_coin*~notional*~funding_rate_*~days_*24/~interval_hours_),
~fees,IF(~exit>=~liquidation,0,~exit*~open_fee_*~coins+~close_fee_*~notional),
~net,~spot+~short+~funding-~fees,
VSTACK(HSTACK("exit price","move","spot","short","funding","fees","net","hedged value",
"liquidated"),IF(~blank=1,"",HSTACK(~exit,~move,~spot,~short,~funding,~fees,~net,
~quantity*~entry_price+~net,~exit>=~liquidation))))""",
)  # fmt: skip

_SHARE = 'FIXED(IF({0}<0,-1,1)*{0}*100,2,TRUE)&" %"'
_BOTH_PRICES = "(~futures_price_<>0)*(~spot_price_<>0)"
_AGAINST = '", against "&~dated_amount&" that the dated future\'s basis "&~dated_verb'
_AFTER = f'~horizon&" "&~a_year&IF(~dated_amount="","",{_AGAINST})'
_ADVICE = _checked(
    ("ISNUMBER(~funding_rate)*ISNUMBER(~interval_hours)*ISNUMBER(~days)*ISNUMBER(~futures_price_)"
     "*ISNUMBER(~spot_price_)*((~futures_price_<>0)=(~spot_price_<>0))", _VALUE),
    ("(~interval_hours>0)*(~days>0)*(~futures_price_>=0)*(~spot_price_>=0)", _NUM),
    result=f"""LET(~earned,~funding_rate*~days*24/~interval_hours,
~yearly,~funding_rate*365*24/~interval_hours,
~rate,"at "&FIXED(~funding_rate*100,4,TRUE)&" % every "&~interval_hours&" h",
~horizon,"over "&~days&" days",
~a_year,"("&{_SHARE.format("~yearly")}&" a year)",
~verb,IF(~earned>=0,"receives","pays"),
~amount,{_SHARE.format("~earned")},
~dated,IF({_BOTH_PRICES},(~futures_price_-~spot_price_)/IF(~spot_price_=0,1,~spot_price_),0),
~dated_verb,IF(~dated>=0,"earns","costs"),
~dated_amount,IF({_BOTH_PRICES},{_SHARE.format("~dated")},""),
IF((~dated_amount<>"")*(~dated>~earned),"Use the dated future: short, its basis "&~dated_verb
&" "&~dated_amount&" "&~horizon&", while "&~rate
&" a short perpetual "&~verb&" "&~amount&" "&~a_year&", before fees.",
IF(~earned>=0,"Keep the perpetual: "&~rate&" a short receives "&~amount&" of the position "&{_AFTER}
&", before fees.",
"Reduce the ratio: "&~rate&" a short pays "&~amount&" of the position "&{_AFTER}
&", before fees; hedge the part whose protection is worth that.")))""",
)  # fmt: skip

COLUMNS = {
    "AVERAGE_ENTRY": _AVERAGE_ENTRY,
    "FUNDING_ACCRUED": _FUNDING_ACCRUED,
    "HEDGE_ADVICE": _ADVICE,
    "HEDGE_BETA": _of_returns("SLOPE(~own,~other)"),
    "HEDGE_EFFECTIVENESS": _of_returns("IF(DEVSQ(~own)=0,NA(),MIN(1,RSQ(~own,~other)))"),
    "HEDGE_SCENARIO": _SCENARIO,
}
"""Formula by function; an optional argument's value is in its name with ``_`` behind."""
