"""Where the calculation engine does not give what Excel gives, or is not known to.

A number that is only almost Excel's must not stand in a file: what is not proven is left to the
program that opens the workbook. Tests compare every function of `PROVEN` with LibreOffice (with
ironcalc where LibreOffice lacks one), and with Excel's documentation where it departs from that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = [
    "IGNORES_ERRORS",
    "PROVEN",
    "TEMPLATE",
    "follows_arguments",
    "formats_are_proven",
    "plain_name",
    "unproven",
]

# functions of the template; UPPER changes a to z only, which coins and symbols consist of
TEMPLATE = frozenset(
    {"ABS", "AND", "AVERAGE", "CHAR", "COUNT", "COUNTIF", "DAY", "FIXED", "IF", "IFERROR", "INDEX",
     "INT", "ISNUMBER", "LEFT", "LN", "LOWER", "MATCH", "MAX", "MEDIAN", "MIN", "MOD", "MONTH", "N",
     "NA", "NOT", "OR", "RIGHT", "ROUND", "SUBSTITUTE", "SUM", "SUMPRODUCT", "TRIM", "UPPER",
     "YEAR"}
)  # fmt: skip
# conditions pick cells; an error among the picked ones is an error in Excel, and passed over here
IGNORES_ERRORS = frozenset({"AVERAGEIF", "AVERAGEIFS", "SUMIF", "SUMIFS", "SUBTOTAL"})
PROVEN = TEMPLATE | IGNORES_ERRORS | frozenset(
    {"ACOS", "ADDRESS", "ASIN", "ATAN", "ATAN2", "AVEDEV", "AVERAGEA", "CHOOSE", "CLEAN", "CODE",
     "COLUMN", "COLUMNS", "COMBIN", "CONCAT", "CONCATENATE", "CORREL", "COS", "COSH", "COUNTA",
     "COUNTBLANK", "COUNTIFS", "COVAR", "DATE", "DATEDIF", "DATEVALUE", "DAYS", "DAYS360", "DB",
     "DDB", "DEGREES", "DEVSQ", "EDATE", "EFFECT", "EOMONTH", "EVEN", "EXACT", "EXP", "FACT",
     "FALSE", "FIND", "FORECAST", "FV", "GCD", "GEOMEAN", "HARMEAN", "HLOOKUP", "HOUR", "IFNA",
     "IFS", "INDIRECT", "INTERCEPT", "IPMT", "IRR", "ISBLANK", "ISERR", "ISERROR", "ISEVEN",
     "ISLOGICAL", "ISNA", "ISNONTEXT", "ISODD", "ISOWEEKNUM", "ISTEXT", "LARGE", "LCM", "LEN",
     "LOG", "LOG10", "LOOKUP", "MAXA", "MAXIFS", "MID", "MINA", "MINIFS", "MINUTE", "MODE",
     "MROUND", "NETWORKDAYS", "NOMINAL", "NORM.DIST", "NORM.INV", "NORM.S.DIST", "NORM.S.INV",
     "NORMDIST", "NORMINV", "NORMSDIST", "NORMSINV", "NPER", "NPV", "ODD", "OFFSET", "PERCENTILE",
     "PERCENTILE.EXC", "PERCENTILE.INC", "PERCENTRANK", "PI", "PMT", "POWER", "PPMT", "PRODUCT",
     "PROPER", "PV", "QUARTILE", "QUOTIENT", "RADIANS", "RANK", "RANK.AVG", "RANK.EQ", "RATE",
     "REPT", "ROUNDDOWN", "ROUNDUP", "ROW", "ROWS", "RSQ", "SEARCH", "SECOND", "SIGN", "SIN",
     "SINH", "SLN", "SLOPE", "SMALL", "SQRT", "STDEV", "STDEV.P", "STDEV.S", "STDEVP", "SUMSQ",
     "SUMX2MY2", "SUMXMY2", "SWITCH", "SYD", "T", "TAN", "TANH", "TEXT", "TEXTJOIN", "TIME",
     "TRUE", "TRUNC", "TYPE", "VAR", "VAR.P", "VAR.S", "VARP", "VLOOKUP", "WEEKDAY",
     "WEEKNUM", "WORKDAY", "XLOOKUP", "XMATCH", "XNPV", "XOR",
     "YEARFRAC"}
)  # fmt: skip

# functions of Excel's own whose results follow more than their arguments
OUTSIDE = frozenset(
    {"CELL", "CUBEKPIMEMBER", "CUBEMEMBER", "CUBEMEMBERPROPERTY", "CUBERANKEDMEMBER", "CUBESET",
     "CUBESETCOUNT", "CUBEVALUE", "GETPIVOTDATA", "INFO", "NOW", "RAND", "RANDARRAY",
     "RANDBETWEEN", "RTD", "STOCKHISTORY", "TODAY", "WEBSERVICE"}
)  # fmt: skip

_TEXT_CALL = re.compile(r"(?<![\w.])TEXT\(", re.I)
_FORMATTED = re.compile(
    r"(?<![\w.])TEXT\((?:[^()\"]|\([^()\"]*\))*,\s*\"((?:[^\"]|\"\")*)\"\s*\)", re.I
)
# a number, a date or a time; not powers of ten, fractions, padding or digits left out
_FORMAT = re.compile(
    r"[-+$€£ ]*(?:#,##)?0+(?:\.0+)?%?(?: ?\"[^\"]*\")?|[ymdhs]+(?:[-/:. ,]+[ymdhs]+)*", re.I
)


def plain_name(function: str) -> str:
    """Return a function's name without what files write before those younger than 2007.

    >>> plain_name("_XLFN.STDEV.S"), plain_name("SUM")
    ('STDEV.S', 'SUM')
    """
    return function.removeprefix("_XLFN.").removeprefix("_XLWS.")


def unproven(functions: Iterable[str]) -> frozenset[str]:
    """Return the functions, in capitals, whose results are not known to be Excel's."""
    return frozenset(name for name in functions if plain_name(name) not in PROVEN)


def follows_arguments(function: str) -> bool:
    """Whether a function, in capitals, is one of Excel that gives the same for the same arguments.

    >>> follows_arguments("XIRR"), follows_arguments("_XLFN.XLOOKUP")
    (True, True)
    >>> follows_arguments("RTD"), follows_arguments("OTHERS_FUNCTION")
    (False, False)
    """
    from openpyxl.utils import FORMULAE  # takes its time to start

    name = plain_name(function)
    return name not in OUTSIDE and (name in FORMULAE or name != function)


def formats_are_proven(formula: str) -> bool:
    """Whether every format that a formula gives to TEXT is one of a number, a date or a time.

    >>> formats_are_proven('TEXT(A1,"#,##0.00")&" at "&TEXT(MAX(B1:B9),"yyyy-mm-dd hh:mm")')
    True
    >>> formats_are_proven('TEXT(A1,"0.0E+00")'), formats_are_proven("TEXT(A1,B1)")
    (False, False)
    """
    formats = [found.replace('""', '"') for found in _FORMATTED.findall(formula)]
    known = all(_FORMAT.fullmatch(one) for one in formats)
    return known and len(formats) == len(_TEXT_CALL.findall(formula))
