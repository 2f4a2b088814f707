"""Replies of venues with one thing wrong in them, made from the replies that the bench recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tests.venues.faults import CASES, PLACES, Bench, Made, Maker


def over_http(fault: str) -> Maker:
    """A fault of the transport, where the venue sends its prices."""
    return lambda bench, venue: (fault, PLACES[venue].prices)


def envelope(bench: Bench, venue: str) -> Made:
    """The venue's own word for an error, with HTTP 200."""
    return f"body {PLACES[venue].busy}", PLACES[venue].prices


def mark(new: str) -> Maker:
    """Another mark price; {} stands for the true one as a number."""
    return lambda bench, venue: _changed(
        bench, venue, PLACES[venue].prices, PLACES[venue].mark, CASES[venue].mark, new
    )


def index(new: str) -> Maker:
    """Another index price."""
    return lambda bench, venue: _changed(
        bench,
        venue,
        PLACES[venue].indices or PLACES[venue].prices,
        PLACES[venue].index,
        CASES[venue].index,
        new,
    )


def rate(new: str | float) -> Maker:
    """Another rate: a text as it is, or a number relative to the position's value."""

    def make(bench: Bench, venue: str) -> Made:
        case = CASES[venue]
        # Kraken sends coins a contract of 1 USD: the relative rate divided by the price
        scale = case.mark if venue == "kraken" else 1.0
        text = new if isinstance(new, str) else json.dumps(str(new / scale))
        place = PLACES[venue]
        return _changed(bench, venue, place.rates, place.rate, case.funding_rate / scale, text)

    return make


def _changed(bench: Bench, venue: str, where: str, key: str, value: float, new: str) -> Made:
    old = bench.field(venue, where, key, value)
    if new == "missing":
        return f'replace {old}=>"moved":1', where
    times = re.fullmatch(r"x ([-0-9.]+)", new)
    new = json.dumps(str(value * float(times[1]))) if times else new
    return f'replace {old}=>"{key}":{new}', where


def face(bench: Bench, venue: str) -> Made | None:
    """A contract ten times larger than the one that was stored."""
    size, where = PLACES[venue].size, PLACES[venue].sizes
    if size is None:
        return None
    assert size in bench.text_of(venue, where)
    larger = re.sub(r"[0-9.]+", lambda n: f"{float(n[0]) * 10:g}", size, count=1)
    return f"replace {size}=>{larger}", where


def other_symbol(bench: Bench, venue: str) -> Made:
    """A reply about another contract, in the documented shape."""
    return f'replace "{CASES[venue].symbol}"=>"OTHERCOIN"', PLACES[venue].prices


def repeated(what: str, times: float = 1.0) -> Maker:
    """Each row twice, the second with another mark, rate or index; a lone object as a list."""

    def make(bench: Bench, venue: str) -> Made:
        place, symbol = PLACES[venue], CASES[venue].symbol
        where, key = {
            "mark": (place.prices, place.mark),
            "rate": (place.rates, place.rate),
            "index": (place.indices or place.prices, place.index),
        }[what]
        body = json.loads(bench.text_of(venue, where))
        named = symbol.removesuffix("-SWAP") if what == "index" else symbol

        def twin(row: dict[str, Any]) -> dict[str, Any]:
            return row if times == 1 else row | {key: str(float(row[key]) * times)}

        _double(body, named, twin)
        return f"body {json.dumps(body)}", where

    return make


def listed_twice(bench: Bench, venue: str) -> Made:
    """The instrument list has the contract twice, once with other terms."""
    place = PLACES[venue]
    key, _, size = (place.size or '"fundingInterval":480').partition(":")
    body = json.loads(bench.text_of(venue, place.sizes))

    def twin(row: dict[str, Any]) -> dict[str, Any]:
        other = json.loads(re.sub(r"[0-9.]+", lambda n: f"{float(n[0]) * 10:g}", size.strip(",")))
        return row | {json.loads(key): other}

    _double(body, CASES[venue].symbol, twin)
    return f"body {json.dumps(body)}", place.sizes


def unreadable(bench: Bench, venue: str) -> Made:
    """The contract's row of the instrument list lacks a field that every contract has."""
    place = PLACES[venue]
    size = place.size or '"fundingInterval":480'
    key = size.partition(":")[0]
    return f"replace {size}=>{key}:null{',' if size.endswith(',') else ''}", place.sizes


def odd_one_beside(bench: Bench, venue: str) -> Made:
    """The instrument list has one more contract, whose row cannot be read."""
    place, symbol = PLACES[venue], CASES[venue].symbol
    key = json.loads((place.size or '"fundingInterval":480').partition(":")[0])
    body = json.loads(bench.text_of(venue, place.sizes))
    named = {"okx": "instId", "deribit": "instrument_name"}.get(venue, "symbol")
    _double(body, symbol, lambda row: row | {named: f"X{row[named]}", key: None})
    return f"body {json.dumps(body)}", place.sizes


def _double(body: Any, symbol: str, twin: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Put a twin beside each row of a symbol; where the row is no element of a list, make one."""
    for key, part in list(body.items() if isinstance(body, dict) else enumerate(body)):
        if isinstance(part, dict) and symbol in part.values():
            if isinstance(body, list):
                body.append(twin(part))
            else:
                body[key] = [part, twin(part)]
        elif isinstance(part, dict | list):
            _double(part, symbol, twin)


def fine(bench: Bench, venue: str) -> Made:
    """Nothing wrong with the reply itself."""
    return "replace nothing=>nothing", PLACES[venue].prices
