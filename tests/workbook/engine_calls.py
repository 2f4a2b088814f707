"""Calls of every function that the calculation engine is trusted with, and cells to call it on.

Arguments of one function are parted by " | "; cells are those of `CELLS`. `DEPARTURES` are the
calls for which LibreOffice does not give what Excel gives, with Excel's value.
"""

from __future__ import annotations

# column: cells from row 1 on; None is an empty cell, "=..." a formula
CELLS: dict[str, list[object]] = {
    "A": [5, -3, 0, 2.5, 1e6, 7, 7, -1.25, 100, 3],
    "B": [1, "two", None, True, 3.5, "", "'4", -2, 0, "two"],
    "C": ["apple", "Banana", "cherry pie", "", "a,b", "  pad  ", "APPLE", "x-1", "'10", "ünï"],
    "D": [45_000, 45_000.75, 44_986, 36_526, 1, 60, 61, 2, 59, 45_291],
    "E": [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
    "F": [10, 20, 30, 40, 50, 60, 70, 80, 90, 100],
    "G": [1, 2, 3, "=NA()", 5, "=1/0", 7, 8, 9, 10],
    "H": [5, "'5", 3, "x", 7, None, 5, True, 1, 2],
    "I": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    "J": ["a", "b", "c", "d"],
    "K": [1, 2, 3, 4],
    "L": [10, 9, 8, 7, 6],
    "M": [-100, 30, 40, 50, 10],
}
CALLS = {
    "ABS": "A2 | 0 | B4 | C1 | B3",
    "ACOS": "0.5 | 2 | -1",
    "ADDRESS": "2,3 | 2,3,4",
    "AND": "TRUE,1 | A1>0,A2>0 | B1:B5 | C1 | A1:A10 | G1:G10",
    "ASIN": "0.5 | 2",
    "ATAN": "A2 | 1",
    "ATAN2": "1,2 | -1,0 | 0,0",
    "AVEDEV": "A1:A10 | G1:G10 | G1:G3",
    "AVERAGE": "A1:A10 | B1:B10 | B1:B3,5 | C1:C3 | TRUE,3 | G1:G10 | G1:G3",
    "AVERAGEA": "A1:A10 | B1:B5 | G1:G10 | G1:G3",
    "AVERAGEIF": (
        'A1:A10,">0" | C1:C10,"apple",A1:A10 | A1:A10,">1e9" | C1:C10,"a*",F1:F10 | '
        'E1:E10,">8",G1:G10 | E1:E10,"<=2",G1:G10'
    ),
    "AVERAGEIFS": (
        'F1:F10,A1:A10,">0",E1:E10,"<100" | F1:F10,A1:A10,">1e9" | G1:G10,E1:E10,">8" | '
        'G1:G10,E1:E10,"<=2"'
    ),
    "CHAR": "65 | 10 | 0 | 300",
    "CHOOSE": "2,10,20,30 | 4,1,2,3 | 0,1 | 2.9,1,2,3",
    "CLEAN": 'C1 | "a"&CHAR(7)&"b"',
    "CODE": 'C1 | "" | "A"',
    "COLUMN": " | B7 | C1:E1",
    "COLUMNS": "A1:C2",
    "COMBIN": "5,2 | 2,5 | 5.9,2",
    "CONCAT": "A1:A3,C1 | G1:G2 | G1:G10",
    "CONCATENATE": 'A1,C1,TRUE | A4,"" | 1/3 | B3,"x"',
    "CORREL": "A1:A10,E1:E10 | E1:E10,F1:F10 | A1,E1 | G1:G10,E1:E10",
    "COS": "1",
    "COSH": "1",
    "COUNT": 'A1:A10 | B1:B10 | C1:C10 | TRUE,"3","x" | D1:D3 | G1:G10 | G1:G3',
    "COUNTA": "A1:A10 | B1:B10 | C1:C10 | G1:G10 | G1:G3",
    "COUNTBLANK": "B1:B10 | C1:C10 | L6:L10 | G1:G10 | G1:G3",
    "COUNTIF": (
        'A1:A10,">0" | C1:C10,"apple" | C1:C10,"a*" | B1:B10,"two" | B1:B10,"" | '
        'B1:B10,0 | C1:C10,10 | A1:A10,7 | C1:C10,"<>" | C1:C10,"?pple" | B1:B10,TRUE | '
        'A1:A10,"<>7" | G1:G10,">0" | G1:G10,"#N/A" | G1:G10,NA() | H1:H10,5 | '
        'H1:H10,"5" | B1:B10,"=" | H1:H10,">4" | C1:C10,"A*" | C1:C10,"~*" | '
        'C1:C10,">b" | D1:D10,">"&DATE(2020,1,1)'
    ),
    "COUNTIFS": 'A1:A10,">0",E1:E10,"<100" | C1:C10,"a*",A1:A10,">0" | G1:G10,">0",E1:E10,">2"',
    "COVAR": "A1:A10,E1:E10 | G1:G10,E1:E10",
    "DATE": "2024,2,29 | 2024,14,1 | 2024,1,0 | 2023,2,30 | 100,1,1 | 2024,-1,1",
    "DATEDIF": 'D4,D1,"y" | D4,D1,"m" | D4,D1,"d"',
    "DATEVALUE": '"2024-03-05" | "x"',
    "DAY": "D1 | D2 | 0",
    "DAYS": "D1,D3",
    "DAYS360": "D3,D1",
    "DB": "1000,100,5,1",
    "DDB": "1000,100,5,2",
    "DEGREES": "1",
    "DEVSQ": "A1:A10 | G1:G10 | G1:G3",
    "EDATE": "D1,1 | D1,-13 | 45322,1",
    "EFFECT": "0.1,12",
    "EOMONTH": "D1,0 | D1,-2 | 45322,1",
    "EVEN": "3 | -1",
    "EXACT": 'C1,C7 | C1,"apple"',
    "EXP": "1 | A2",
    "FACT": "5 | 0 | -1 | 4.9",
    "FALSE": "",
    "FIND": '"p",C1 | "P",C1 | "p",C1,3 | "",C1',
    "FIXED": "1234.567,2 | 1234.567,2,TRUE | -0.5,0 | 1234567.891,0",
    "FORECAST": "3,A1:A10,E1:E10",
    "FV": "0.01,12,-100 | 0,12,-100 | 0.01,12,-100,-1000,1",
    "GCD": "12,18",
    "GEOMEAN": "E1:E10 | G1:G10 | G1:G3",
    "HARMEAN": "E1:E10",
    "HLOOKUP": "5,A1:F3,2,FALSE | 5,A1:F3,3,TRUE | 5,A1:G3,7,FALSE",
    "HOUR": "D2 | 0.999",
    "IF": 'A1>0,"y","n" | A3,1,2 | TRUE,,5 | FALSE,1 | C1,1,2 | B3,1,2',
    "IFERROR": '1/0,5 | A1,5 | NA(),"x" | 1/0,',
    "IFNA": "NA(),3 | 1/0,3",
    "IFS": "A1>10,1,A1>1,2 | A1>10,1",
    "INDEX": "A1:C10,2,3 | A1:A10,3 | A1:C1,2 | A1:C10,11,1 | G1:G10,4",
    "INDIRECT": '"A1" | "A"&2',
    "INT": "2.7 | -2.7 | A8",
    "INTERCEPT": "A1:A10,E1:E10",
    "IPMT": "0.01,1,12,1000",
    "IRR": "M1:M5 | G1:G10 | G1:G3",
    "ISBLANK": "B3 | B6 | A1",
    "ISERR": "1/0 | NA()",
    "ISERROR": "1/0 | A1 | NA()",
    "ISEVEN": "A1 | A4 | 2.9",
    "ISLOGICAL": "B4 | A1",
    "ISNA": "NA() | 1/0",
    "ISNONTEXT": "B3 | C1",
    "ISNUMBER": "A1 | B2 | B7 | B4 | B3",
    "ISODD": "A1",
    "ISOWEEKNUM": "D1",
    "ISTEXT": "C1 | A1 | B3 | B6",
    "LARGE": "A1:A10,2 | A1:A10,11 | B1:B10,1 | G1:G10,1",
    "LCM": "4,6",
    "LEFT": "C1,2 | C1 | A5,3 | C1,0 | C1,99 | C1,-1",
    "LEN": "C1 | A1 | C10 | B3",
    "LN": "2 | 0 | -1 | C1",
    "LOG": "100 | 8,2 | 0 | 10,1",
    "LOG10": "1000 | -1",
    "LOOKUP": (
        '5,E1:E10,F1:F10 | 0,E1:E10,F1:F10 | 600,E1:E10,F1:F10 | "bb",J1:J4,K1:K4 | '
        "9,E1:E10 | 9,E1:F10"
    ),
    "LOWER": "C2",
    "MATCH": (
        '4,E1:E10,0 | 5,E1:E10,1 | 5,E1:E10,0 | 0,E1:E10,1 | "apple",C1:C10,0 | '
        '"b*",C1:C10,0 | 7,A1:A10,0 | 4,G1:G10,0 | NA(),E1:E10,0 | 5,H1:H10,0 | '
        '"5",H1:H10,0 | "bb",J1:J4,1 | 7,E1:E10,-1 | 7,L1:L5,-1 | TRUE,B1:B10,0'
    ),
    "MAX": "A1:A10 | B1:B10 | C1:C3 | TRUE,0 | G1:G10 | G1:G3",
    "MAXA": "B1:B10 | G1:G10 | G1:G3",
    "MAXIFS": (
        'F1:F10,A1:A10,">0" | F1:F10,A1:A10,">1e9" | G1:G10,E1:E10,">8" | G1:G10,E1:E10,"<=2"'
    ),
    "MEDIAN": "A1:A10 | B1:B10 | C1:C3 | G1:G10 | G1:G3",
    "MID": "C1,2,3 | C1,99,1 | C1,0,1 | C1,1,0",
    "MIN": "A1:A10 | B1:B10 | C1:C3 | G1:G10 | G1:G3",
    "MINA": "B1:B10",
    "MINIFS": 'F1:F10,A1:A10,">0" | G1:G10,E1:E10,">8" | G1:G10,E1:E10,"<=2"',
    "MINUTE": "D2 | 0.51",
    "MOD": "7,3 | -7,3 | 7,-3 | 7,0 | 5.5,2 | -1e-9,1",
    "MODE": "A1:A10 | E1:E10 | G1:G10 | G1:G3",
    "MONTH": "D1 | D3",
    "MROUND": "10,3 | -10,-3 | 10,-3 | 1.3,0.2",
    "N": "A1 | C1 | B4 | B3",
    "NA": "",
    "NETWORKDAYS": "D3,D1",
    "NOMINAL": "0.1,12",
    "NORM.DIST": "1,0,2,TRUE",
    "NORM.INV": "0.9,1,2",
    "NORM.S.DIST": "1,TRUE",
    "NORM.S.INV": "0.9",
    "NORMDIST": "1,0,2,TRUE",
    "NORMINV": "0.9,1,2",
    "NORMSDIST": "1",
    "NORMSINV": "0.9",
    "NOT": "A3 | TRUE | C1",
    "NPER": "0.01,-100,1000",
    "NPV": "0.1,A1:A5 | 0.1,G1:G10",
    "ODD": "2 | -2",
    "OFFSET": "A1,1,1 | A1,2,0",
    "OR": "FALSE,0 | A1:A3 | B1:B5 | G1:G10",
    "PERCENTILE": "A1:A10,0.3 | A1:A10,0 | A1:A10,1.1 | G1:G10,0.5",
    "PERCENTILE.EXC": "A1:A10,0.9",
    "PERCENTILE.INC": "A1:A10,0.9",
    "PERCENTRANK": "E1:E10,5",
    "PI": "",
    "PMT": "0.01,12,1000 | 0,12,1000 | 0.01,12,1000,0,1",
    "POWER": "2,10 | -8,1/3 | 0,0 | 0,-1",
    "PPMT": "0.01,1,12,1000",
    "PRODUCT": "A1:A2,2 | B1:B10 | C1:C2 | G1:G10 | G1:G3",
    "PROPER": 'C3 | "o\'neil mc-x"',
    "PV": "0.01,12,-100 | 0,12,-100",
    "QUARTILE": "A1:A10,1 | A1:A10,5 | G1:G10,1",
    "QUOTIENT": "7,2 | -7,2 | 1,0",
    "RADIANS": "180",
    "RANK": "7,A1:A10 | 7,A1:A10,1 | 8,A1:A10 | 5,G1:G10",
    "RANK.AVG": "7,A1:A10",
    "RANK.EQ": "7,A1:A10",
    "RATE": "12,-100,1000",
    "REPT": '"ab",3 | "a",0 | "a",-1',
    "RIGHT": "C1,2 | C1 | A5,3",
    "ROUND": "2.5,0 | -2.5,0 | 1.005,2 | 1234,-2 | 2.675,2 | 0.5,0 | 1.15,1",
    "ROUNDDOWN": "2.9,0 | -2.9,0 | 1250,-2",
    "ROUNDUP": "2.1,0 | -2.1,0 | 1234,-2 | 2,0 | 0.1+0.2,1",
    "ROW": " | B7",
    "ROWS": "A1:C5",
    "RSQ": "A1:A10,E1:E10 | G1:G10,E1:E10",
    "SEARCH": '"P",C1 | "z",C1 | "p?e",C1 | "l*e",C1',
    "SECOND": "0.123456",
    "SIGN": "A2 | A3",
    "SIN": "1",
    "SINH": "1",
    "SLN": "1000,100,5",
    "SLOPE": "A1:A10,E1:E10 | A1,E1 | G1:G10,E1:E10",
    "SMALL": "A1:A10,1 | A1:A10,0 | G1:G10,1",
    "SQRT": "2 | -1",
    "STDEV": "A1:A10 | A1 | B1:B10 | G1:G10 | G1:G3",
    "STDEV.P": "A1:A10",
    "STDEV.S": "A1:A10 | G1:G10 | G1:G3",
    "STDEVP": "A1:A10 | G1:G10 | G1:G3",
    "SUBSTITUTE": 'C1,"p","q" | C1,"p","q",2 | C1,"","x" | C1,"P","q"',
    "SUBTOTAL": "9,A1:A10 | 109,A1:A10 | 3,B1:B10 | 1,A1:A10 | 9,G1:G10 | 2,G1:G10",
    "SUM": 'A1:A10 | B1:B10 | A1:A3,5,"3" | C1:C3 | TRUE,1 | A1:B10 | G1:G10 | G1:G3',
    "SUMIF": (
        'A1:A10,">0" | C1:C10,"apple",A1:A10 | C1:C10,"a*",F1:F10 | A1:A10,7 | '
        'C1:C10,"<>apple",F1:F10 | A1:A10,">0",F1 | G1:G10,">0" | E1:E10,">8",G1:G10 | '
        'E1:E10,"<=2",G1:G10 | G1:G10,">0",E1:E10 | G1:G10,NA(),E1:E10 | A1:A10,1/0 | '
        'A1:A10,"" | B1:B10,"=",A1:A10 | H1:H10,"5",A1:A10 | H1:H10,5,A1:A10 | A1:A10,H1'
    ),
    "SUMIFS": (
        'F1:F10,A1:A10,">0",E1:E10,"<100" | F1:F10,C1:C10,"a*" | G1:G10,E1:E10,">8" | '
        'G1:G10,E1:E10,"<=2" | E1:E10,G1:G10,">0" | F1:F10,H1:H10,5'
    ),
    "SUMPRODUCT": (
        'A1:A10,E1:E10 | (A1:A10>0)*F1:F10 | --(C1:C10="apple") | A1:A10,B1:B10 | '
        "A1:A10,E1:E5 | G1:G10,E1:E10 | (E1:E10>8)*G1:G10"
    ),
    "SUMSQ": "A1:A4 | B1:B5 | G1:G10 | G1:G3",
    "SUMX2MY2": "A1:A10,E1:E10",
    "SUMXMY2": "A1:A10,E1:E10",
    "SWITCH": 'A1,5,"five","other" | A1,1,2',
    "SYD": "1000,100,5,2",
    "T": "C1 | A1",
    "TAN": "1",
    "TANH": "1",
    "TEXT": (
        '1234.567,"0.00" | 0.1234,"0.0%" | D1,"yyyy-mm-dd" | 1234567,"#,##0" | '
        '-5,"0;(0)" | D2,"hh:mm" | 1234.5,"#,##0.00" | A1,"000" | C1,"0" | 0.5,"0%" | '
        'D1,"mmm d, yyyy" | D1,"ddd"'
    ),
    "TEXTJOIN": '",",TRUE,C1:C5 | ",",FALSE,C1:C5 | ",",TRUE,G1:G3',
    "TIME": "12,30,15 | 25,0,0",
    "TRIM": 'C6 | " a  b "',
    "TRUE": "",
    "TRUNC": "-2.7 | 2.567,2 | 1234,-2",
    "TYPE": "A1 | C1",
    "UPPER": "C1",
    "VAR": "A1:A10 | G1:G10 | G1:G3",
    "VAR.P": "A1:A10",
    "VAR.S": "A1:A10 | G1:G10 | G1:G3",
    "VARP": "A1:A10",
    "VLOOKUP": (
        "4,E1:F10,2,FALSE | 5,E1:F10,2,TRUE | 5,E1:F10,2,FALSE | 0,E1:F10,2,TRUE | "
        '"apple",C1:F10,4,FALSE | "APPLE",C1:F10,4,FALSE | "a*",C1:F10,4,FALSE | '
        "4,E1:F10,3,FALSE | 1000,E1:F10,2 | 4,E1:F10,0,FALSE | 8,E1:G10,3,FALSE | "
        "16,E1:G10,3,FALSE | NA(),E1:G10,3,FALSE | 5,H1:I10,2,FALSE | "
        '"5",H1:I10,2,FALSE | "b",J1:K4,2,TRUE | "bb",J1:K4,2,TRUE | "zz",J1:K4,2,TRUE | '
        '"A",J1:K4,2,TRUE | 3,H1:I10,2,TRUE'
    ),
    "WEEKDAY": "D1 | D1,2 | D1,3",
    "WEEKNUM": "D1",
    "WORKDAY": "D1,10 | D1,-3",
    "XLOOKUP": (
        '4,E1:E10,F1:F10 | 5,E1:E10,F1:F10 | 5,E1:E10,F1:F10,"none" | 5,E1:E10,F1:F10,0,-1 | '
        "5,E1:E10,F1:F10,0,1 | 0,E1:E10,F1:F10,0,-1 | 600,E1:E10,F1:F10,0,1 | "
        '"APPLE",C1:C10,F1:F10 | "a*",C1:C10,F1:F10,0,2 | "apple",C1:C10,F1:F10,0,0,-1 | '
        '4,E1:E10,F1:F10,0,0,2 | "zz",C1:C10,F1:F10,1/0'
    ),
    "XMATCH": '4,E1:E10 | 5,E1:E10 | 5,E1:E10,-1 | 5,E1:E10,1 | "APPLE",C1:C10 | "b*",C1:C10,2',
    "XNPV": "0.1,F1:F3,D1:D3",
    "XOR": "TRUE,TRUE | TRUE,FALSE,TRUE",
    "YEAR": "D1 | D4 | A2",
    "YEARFRAC": "D3,D1 | D3,D1,1 | D3,D1,3",
}

# What Excel gives where LibreOffice gives something else
DEPARTURES: dict[tuple[str, str], object] = {
    # a logical value in a range is no number (LibreOffice loses its type when it reads .xlsx)
    ("AVERAGE", "B1:B10"): 0.625,
    ("COUNT", "B1:B10"): 4,
    ("COUNTIF", "B1:B10,TRUE"): 1,
    ("ISNUMBER", "B4"): False,
    ("MATCH", "TRUE,B1:B10,0"): 4,
    ("MEDIAN", "B1:B10"): 0.5,
    ("STDEV", "B1:B10"): 2.286737122335374,
    ("SUM", "B1:B10"): 2.5,
    ("SUM", "A1:B10"): 1_000_122.75,
    ("SUMPRODUCT", "A1:A10,B1:B10"): 3_500_038,
    ("SUMSQ", "B1:B5"): 13.25,
    ("CONCATENATE", "A1,C1,TRUE"): "5appleTRUE",
    # a condition that is a number picks text that looks like it, too
    ("COUNTIF", "C1:C10,10"): 1,
    ("COUNTIF", "H1:H10,5"): 3,
    ("SUMIF", "H1:H10,5,A1:A10"): 9,
    ("SUMIFS", "F1:F10,H1:H10,5"): 100,
    # text is not looked for among numbers
    ("MATCH", '"5",H1:H10,0'): 2,
    ("VLOOKUP", '"5",H1:I10,2,FALSE'): 2,
    # days before March 1900, and years of less than four digits
    ("DATE", "100,1,1"): 36_526,
    ("DAY", "0"): 0,
    ("YEAR", "A2"): "#NUM!",
    # text in an argument of its own is read as a number
    ("SUM", 'A1:A3,5,"3"'): 10,
    # errors of their own kinds
    ("ATAN2", "0,0"): "#DIV/0!",
    ("CHAR", "0"): "#VALUE!",
    ("CODE", '""'): "#VALUE!",
    ("FIND", '"",C1'): 1,
    ("HLOOKUP", "5,A1:F3,3,TRUE"): "#N/A",
    ("HLOOKUP", "5,A1:G3,7,FALSE"): "#REF!",
    ("INDEX", "A1:C10,11,1"): "#REF!",
    ("IRR", "G1:G3"): "#NUM!",
    ("IRR", "G1:G10"): "#NUM!",
    ("MODE", "E1:E10"): "#N/A",
    ("MODE", "G1:G3"): "#N/A",
    ("MROUND", "10,-3"): "#NUM!",
    ("POWER", "-8,1/3"): "#NUM!",
    ("QUOTIENT", "1,0"): "#DIV/0!",
    ("RANK", "8,A1:A10"): "#N/A",
    ("SUM", "G1:G10"): "#N/A",
    ("VLOOKUP", "4,E1:F10,3,FALSE"): "#REF!",
}
