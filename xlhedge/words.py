"""The words that functions accept: side, currency, unit of size, rounding, contract type.

Words are matched without regard to case and surrounding spaces; the common spellings of trading
screens and of spreadsheets are accepted.
"""

from __future__ import annotations

from typing import Any

from xlhedge.errors import UnknownWordError

__all__ = ["CONTRACT_TYPE", "CURRENCY", "INPUT", "ROUNDING", "SIDE", "SIZE_UNIT", "Word", "Words"]

Word = str
"""A word from one of the lists below."""


class Words:
    """A list of accepted words and what each of them means.

    Parameters
    ----------
    meanings : dict
        From the word itself (the first spelling, shown in messages) and its other spellings to
        what it means: ``{("short", "sell", "s"): -1.0}``.

    Examples
    --------
    >>> SIDE("side", " Sell ")
    -1.0
    >>> SIDE("side", "shrot")
    Traceback (most recent call last):
        ...
    xlhedge.errors.UnknownWordError: side is 'shrot'; expected "short" or "long"
    """

    def __init__(self, meanings: dict[tuple[str, ...], Any]) -> None:
        self._meaning = {word: value for words, value in meanings.items() for word in words}
        names = [f'"{words[0]}"' for words in meanings]
        self.expected = " or ".join([", ".join(names[:-1]), names[-1]])

    @property
    def spellings(self) -> dict[str, Any]:
        """What each accepted word means, in lower case."""
        return dict(self._meaning)

    def __call__(self, argument: str, word: Any) -> Any:
        """Return what ``word`` means, or raise an error that lists the accepted words."""
        try:
            return self._meaning[word]
        except (KeyError, TypeError):
            pass
        if isinstance(word, str):
            meaning = self._meaning.get(word.strip().lower())
            if meaning is not None:
                return meaning
        raise UnknownWordError(argument, word, self.expected)


SIDE = Words({("short", "sell", "s"): -1.0, ("long", "buy", "l", "b"): 1.0})

CURRENCY = Words(
    {
        ("coin", "coins", "base", "crypto", "btc", "xbt", "eth"): "coin",
        ("usd", "quote", "dollar", "dollars", "$", "usdt", "usdc"): "usd",
    }
)

SIZE_UNIT = Words(
    {
        ("quote", "usd", "dollar", "dollars", "$", "usdt", "usdc"): "quote",
        ("base", "coin", "coins", "crypto", "btc", "xbt", "eth"): "base",
    }
)

ROUNDING = Words(
    {
        ("nearest", "round", "half up"): "nearest",
        ("down", "floor", "rounddown"): "down",
        ("up", "ceiling", "ceil", "roundup"): "up",
    }
)

CONTRACT_TYPE = Words(
    {
        ("inverse", "coin-margined", "coin-m", "coinm", "coin"): "inverse",
        ("linear", "usd-margined", "usd-m", "usdm", "usdt-m", "usdt", "usdc"): "linear",
        ("quanto",): "quanto",
    }
)

INPUT = Words({("prices", "price", "p"): "prices", ("returns", "return", "r"): "returns"})
