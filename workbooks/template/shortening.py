"""Texts from outside, of any length, in places that have room for some of them."""

from __future__ import annotations


def shortened(text: str, most: int) -> str:
    """Return a formula for a text of at most some characters; "..." stands for the rest."""
    return f'IF(LEFT({text},{most})={text}&"",{text}&"",LEFT({text},{most - 3})&"...")'
