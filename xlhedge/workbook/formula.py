"""Formulas taken apart, also those of damaged workbooks, which end in a sentence."""

from __future__ import annotations

from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError
from openpyxl.formula.translate import Translator

from xlhedge.errors import WorkbookError

__all__ = ["moved", "tokens_of"]


def tokens_of(formula: str) -> list[Token]:
    """Return the tokens of a formula, with or without "=" in front.

    Raises
    ------
    WorkbookError
        It is no formula.
    """
    try:
        return Tokenizer(formula if formula.startswith("=") else f"={formula}").items
    except (TokenizerError, IndexError, ValueError) as error:
        raise WorkbookError(f"a formula cannot be read: {formula!r:.80} ({error!s:.80})") from None


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
