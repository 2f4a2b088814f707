"""Faults of venues, where in their replies to put them, and a bench that tries them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.replay import ReplayServer, cases
from xlhedge import venues
from xlhedge.errors import HedgeError
from xlhedge.quotes import Quote
from xlhedge.refresh import Outcome, refresh
from xlhedge.store import Store

CASES = cases()
NAMES = venues.names()
LATER = timedelta(minutes=2)
PATIENT = 15.0  # seconds, for what must end by itself


@dataclass(frozen=True)
class Place:
    """Where a venue says what its quote is made of: parts of paths, and the fields' names."""

    prices: str
    mark: str
    index: str
    rates: str
    rate: str
    sizes: str
    size: str | None  # as text in the instrument list; None: the face value is no field
    busy: str  # an error of the venue's own, with HTTP 200
    indices: str = ""  # where the index is, if not with the mark


PLACES = {
    "binance": Place(
        "premiumIndex", "markPrice", "indexPrice", "premiumIndex", "lastFundingRate",
        "exchangeInfo", '"contractSize":100',
        '{"code":-1000,"msg":"An unknown error occurred."}',
    ),
    "bingx": Place(
        "premiumIndex", "markPrice", "indexPrice", "premiumIndex", "lastFundingRate",
        "contracts", '"minTickSize":"100"',
        '{"code":100500,"msg":"The current system is busy","data":{}}',
    ),
    "bybit": Place(
        "tickers", "markPrice", "indexPrice", "tickers", "fundingRate",
        "instruments-info", None,  # a contract is 1 USD or 1 coin by the documentation
        '{"retCode":10016,"retMsg":"Server error","result":{},"time":1}',
    ),
    "deribit": Place(
        "ticker", "mark_price", "index_price", "ticker", "funding_8h",
        "get_instruments", '"contract_size":10.0',
        '{"jsonrpc":"2.0","error":{"code":10041,"message":"settlement_in_progress"}}',
    ),
    "kraken": Place(
        "tickers", "markPrice", "indexPrice", "tickers", "fundingRate",
        "instruments", '"contractSize":1,',
        '{"result":"error","error":"Server Error","serverTime":"2026-11-23T13:17:42Z"}',
    ),
    "mexc": Place(
        "ticker", "fairPrice", "indexPrice", "funding_rate", "fundingRate",
        "detail", '"contractSize":100',
        '{"success":false,"code":501,"message":"System busy"}',
    ),
    "okx": Place(
        "mark-price", "markPx", "idxPx", "funding-rate", "fundingRate",
        "instruments", '"ctVal":"100"',
        '{"code":"50001","msg":"Service temporarily unavailable","data":[]}',
        indices="index-tickers",
    ),
    "weex": Place(
        "premiumIndex", "markPrice", "indexPrice", "premiumIndex", "forecastFundingRate",
        "exchangeInfo", '"contractVal":0.0001',
        '{"code":-1054,"msg":"System error, please retry later."}',
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Result:
    """One venue's end of a refresh: its outcome, and what the store holds afterwards."""

    outcome: Outcome
    good: Quote
    stored: Quote
    reason: str | None  # from the store


Made = tuple[str, str]  # a fault of the server, and part of the paths it hits
Maker = Callable[["Bench", str], Made | None]


@dataclass(frozen=True)
class Fault:
    """One row of the matrix."""

    name: str
    make: Maker
    error: type[HedgeError]
    sentence: str  # part of what the user reads
    seconds: float = PATIENT
    off: timedelta = timedelta(0)  # of the venue's clock
    new_lists: bool = False
    one_by_one: bool = False


class Bench:
    """A server, and a store with one good quote of every venue; results are kept by fault."""

    def __init__(self, server: ReplayServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.present = server.world.now
        self._results: dict[str, dict[str, Result]] = {}
        store = Store(folder / "good")
        done = self._refreshed(store, NAMES, PATIENT)
        assert [o.error for o in done] == [None] * len(NAMES)
        self.good = {o.venue: o.quote for o in done}
        # venue -> path -> the text that it sends; of several pages the one with the contract
        self.replies: dict[str, dict[str, str]] = {venue: {} for venue in NAMES}
        for venue, path, query in server.requests:
            text = json.dumps(server.answer(venue, path, query).body, separators=(",", ":"))
            if CASES[venue].symbol not in self.replies[venue].get(path, ""):
                self.replies[venue][path] = text
        store.close()

    def results(self, fault: Fault) -> dict[str, Result]:
        """Return every venue's result under a fault, from one refresh of them all."""
        if fault.name not in self._results:
            made = {name: fault.make(self, name) for name in NAMES}
            groups = [[name] for name in NAMES] if fault.one_by_one else [list(NAMES)]
            self._results[fault.name] = {
                venue: result
                for group in groups
                for venue, result in self.tried(
                    {n: made[n] for n in group if made[n]}, fault
                ).items()
            }
        return self._results[fault.name]

    def tried(
        self, made: dict[str, Made], fault: Fault | None = None, others: tuple[str, ...] = ()
    ) -> dict[str, Result]:
        """Refresh a copy of the store while some venues misbehave."""
        fault = fault or Fault("", lambda *_: None, HedgeError, "")
        folder = self.folder / f"copy-{len(list(self.folder.iterdir()))}"
        shutil.copytree(self.folder / "good", folder)
        if fault.new_lists:
            for kept in folder.glob("lists-*"):
                kept.unlink()  # the day for which lists are kept is over
        store = Store(folder)
        self.server.faults = dict(made)
        self.server.world.now = self.present + LATER + fault.off
        try:
            wanted = (*made, *others)
            done = self._refreshed(store, wanted, fault.seconds)
            stored = store.quotes()
            reasons = {f.venue: f.message for f in store.failures()}
            return {
                o.venue: Result(
                    outcome=o,
                    good=self.good[o.venue],
                    stored=stored[o.venue, self.good[o.venue].symbol],
                    reason=reasons.get(o.venue),
                )
                for o in done
            }
        finally:
            self.server.faults = {}
            store.close()

    def text_of(self, venue: str, where: str) -> str:
        """Return the text of the reply whose path has `where` in it."""
        return next(text for path, text in self.replies[venue].items() if where in path)

    def field(self, venue: str, where: str, key: str, value: float) -> str:
        """Return a field as it stands in a reply, found by its name and number."""
        text = self.text_of(venue, where)
        for found in re.finditer(rf'"{key}":("?)([-0-9.eE+]+)\1', text):
            if abs(float(found[2]) - value) <= 1e-9 * abs(value):
                return found[0]
        raise AssertionError(f"{venue}: no {key} of {value} in {text}")

    def _refreshed(self, store: Store, names: Iterable[str], seconds: float) -> list[Outcome]:
        later = LATER if self.server.world.now != self.present else timedelta(0)
        return refresh(
            [(name, CASES[name].symbol) for name in names],
            store=store,
            clock=lambda: self.present + later,
            environ=self.server.environ(),
            deadline_seconds=seconds,
            minimum_age_seconds=0.0,
        )


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
