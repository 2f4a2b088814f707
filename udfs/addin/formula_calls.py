"""Finding calls of the worksheet functions inside formulas, and writing them anew."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from openpyxl.formula.tokenizer import Token

from udfs.addin.native import NoNativeFormula, native_formula
from udfs.declaration import DECLARED
from xlhedge.workbook.formula import tokens_of

__all__ = ["ADDIN_PATH", "Rewriter", "function_called", "has_call"]

# an add-in's path before a function's name: [2]! in a file, 'C:\\...\\xlhedge.xlam'! as shown
ADDIN_PATH = r"(?:\[\d+\]!|'[^']*xlhedge\.xlam'!|[\w.\\/:-]*xlhedge\.xlam!|_xll\.)"
_CALL = re.compile(
    rf"(?:^|[^\w.])({ADDIN_PATH})?({'|'.join(DECLARED)})\s*\(",
    re.I,
)
_FUNCTION = re.compile(rf"(?:{ADDIN_PATH})?({'|'.join(DECLARED)})\(", re.I)
_CELL = re.compile(r"(?:(?:'[^']+'|[\w.]+)!)?\$?[A-Za-z]{1,3}\$?[1-9]\d*")


def has_call(formula: str) -> bool:
    """Return whether a formula calls a worksheet function of xlhedge.

    >>> has_call('=1+[1]!HEDGE_NOTIONAL(5,A1)'), has_call('=MY_BASIS(1,2)'), has_call('="BASIS("')
    (True, False, False)
    """
    if not _CALL.search(formula):
        return False
    return any(function_called(token) for token in tokens_of(formula))


def function_called(token: Token) -> str | None:
    """Return the worksheet function that a token opens a call of, or None."""
    if token.type != Token.FUNC or token.subtype != Token.OPEN:
        return None
    found = _FUNCTION.fullmatch(token.value.lstrip("@"))
    return found.group(1).upper() if found else None


@dataclass
class Rewriter:
    """Writes formulas anew with native formulas in place of calls.

    Parameters
    ----------
    is_cell : callable
        Says whether a defined name means one cell.
    """

    is_cell: Callable[[str], bool]

    def rewritten(self, formula: str) -> str:
        """Return a formula without calls of xlhedge; without "=" as it was given.

        Raises
        ------
        NoNativeFormula
            A call has no native equivalent.
        """
        tokens = tokens_of(formula)
        text, end = self._until(tokens, 0)
        if end != len(tokens):
            raise NoNativeFormula("the formula cannot be read")
        return text

    def _until(self, tokens: list[Token], place: int) -> tuple[str, int]:
        """Return the text up to an argument's end or a call's, with calls replaced."""
        text = ""
        while place < len(tokens):
            token = tokens[place]
            name = function_called(token)
            if name is not None:
                arguments, place = self._arguments(tokens, place + 1)
                text += native_formula(name, arguments)
                continue
            if token.subtype == Token.OPEN:
                inner, place = self._nested(tokens, place + 1)
                text += token.value + inner
                continue
            if token.subtype == Token.CLOSE or token.type == Token.SEP:
                break
            text += token.value
            place += 1
        return text, place

    def _nested(self, tokens: list[Token], place: int) -> tuple[str, int]:
        """Return what stands in another function's brackets, its end included."""
        text = ""
        while place < len(tokens):
            part, place = self._until(tokens, place)
            if place >= len(tokens):
                break
            text += part + tokens[place].value
            place += 1
            if tokens[place - 1].subtype == Token.CLOSE:
                return text, place
        raise NoNativeFormula("a bracket is open")

    def _arguments(self, tokens: list[Token], place: int) -> tuple[list[str], int]:
        """Return the arguments of a call, each one a single value, and the place after it."""
        arguments = []
        while place < len(tokens):
            start = place
            text, place = self._until(tokens, place)
            if place >= len(tokens):
                break
            for token in tokens[start:place]:
                self._refuse_ranges(token)
            arguments.append(text)
            closed = tokens[place].subtype == Token.CLOSE
            place += 1
            if closed:
                return ([] if arguments == [""] else arguments), place
        raise NoNativeFormula("a bracket is open")

    def _refuse_ranges(self, token: Token) -> None:
        if token.type == Token.ARRAY or (token.type, token.value) == (Token.OP_IN, ":"):
            raise NoNativeFormula("an argument is a range")
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            value = token.value
            if not (_CELL.fullmatch(value) or self.is_cell(value)):
                raise NoNativeFormula(f"{value} is a range")
