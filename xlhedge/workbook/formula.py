"""Formulas taken apart, also those of damaged workbooks, which end in a sentence."""

from __future__ import annotations

import re
from collections.abc import Container

from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError
from openpyxl.formula.translate import Translator

from xlhedge.errors import WorkbookError

__all__ = ["moved", "tokens_of", "what_is_broken"]

_NAME = re.compile(r"[A-Za-z_\\][\w.\\?]*")
_CELLS = re.compile(r"[A-Za-z]{1,3}\d{1,7}|R\d*C\d*|R|C", re.I)
STAND_INS = {"[": "\ue001", "]": "\ue002"}  # characters of the private use area
_ESCAPED = str.maketrans({stand_in: sign for sign, stand_in in STAND_INS.items()})
_LOCAL = ("_xlpm.", "_xlnm.", "_xleta.", "true", "false")  # names that a formula brings with it


def tokens_of(formula: str) -> list[Token]:
    """Return the tokens of a formula, with or without "=" in front.

    Raises
    ------
    WorkbookError
        It is no formula.

    Examples
    --------
    >>> [token.value for token in tokens_of("=SUM([Rate '[%']])")]
    ['SUM(', "[Rate '[%']]", ')']
    """
    escaped = _without_escapes(formula) if "'[" in formula or "']" in formula else formula
    try:
        tokens = Tokenizer(escaped if escaped.startswith("=") else f"={escaped}").items
    except (TokenizerError, IndexError, ValueError) as error:
        raise WorkbookError(f"a formula cannot be read: {formula!r:.80} ({error!s:.80})") from None
    if escaped != formula:
        for token in tokens:
            token.value = token.value.translate(_ESCAPED)
    return tokens


def _without_escapes(formula: str) -> str:
    """Return a formula with stand-ins for the brackets that belong to a table column's name.

    Excel writes an apostrophe in front of them, which the tokenizer does not know.
    """
    found, quote, depth, place = [], "", 0, 0
    while place < len(formula):
        sign = formula[place]
        if quote:
            quote = "" if sign == quote else quote
        elif depth and sign == "'":  # what follows belongs to the name
            place += 1
            following = formula[place : place + 1]
            sign += STAND_INS.get(following, following)
        elif sign in "\"'" and not depth:
            quote = sign
        else:
            depth += (sign == "[") - (sign == "]")
        found.append(sign)
        place += 1
    return "".join(found)


def moved(formula: str, origin: str, at: str) -> str:
    """Return a formula without "=" as it is in another cell that shares it.

    Raises
    ------
    WorkbookError
        It is no formula.
    """
    try:
        return Translator(f"={formula}", origin).translate_formula(at).removeprefix("=")
    except (TokenizerError, IndexError, ValueError) as error:
        raise WorkbookError(f"a formula cannot be read: {formula!r:.80} ({error!s:.80})") from None


def what_is_broken(formula: str, titles: Container[str], names: Container[str]) -> str:
    """Say what in a formula no program can resolve; "" where nothing is.

    Parameters
    ----------
    formula : str
        With or without "=" in front.
    titles, names : container of str
        The sheets' titles and what a name may be (defined names, tables), in lower case.

    Examples
    --------
    >>> what_is_broken("Hedge!A1+rate", {"hedge"}, {"rate"})
    ''
    >>> what_is_broken("SUM((A1,A2)", {"hedge"}, ())
    'its parentheses do not match'
    >>> what_is_broken("Nowhere!A1", {"hedge"}, ())
    "there is no sheet 'Nowhere'"
    """
    try:
        tokens = [token for token in tokens_of(formula) if token.type != Token.WSPACE]
    except WorkbookError:
        return "it cannot be read as a formula"
    depth = 0
    for token in tokens:
        depth += (token.subtype == Token.OPEN) - (token.subtype == Token.CLOSE)
        if depth < 0:
            break
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            broken = _broken_operand(token.value, titles, names)
            if broken:
                return broken
    if depth:
        return "its parentheses do not match"
    if not tokens or tokens[-1].type in (Token.OP_IN, Token.OP_PRE):
        return "it ends before it is complete"
    return ""


def _broken_operand(text: str, titles: Container[str], names: Container[str]) -> str:
    sheet, mark, rest = text.rpartition("!")
    if mark:
        title = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
        if any(sign in sheet for sign in "[:#|") or title.lower() in titles:
            return ""  # of another workbook, of several sheets, or of one that is there
        return f"there is no sheet {title!r:.40}"
    if not _NAME.fullmatch(rest) or _CELLS.fullmatch(rest) or rest.lower() in names:
        return ""
    return "" if rest.lower().startswith(_LOCAL) else f"there is no name {rest!r:.60}"
