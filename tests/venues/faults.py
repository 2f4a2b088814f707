"""Where venues say what their quotes are made of, and a bench that tries faults there."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

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
        self._settle()

    def _settle(self) -> None:
        """Wait until no thread of the first refresh holds a file of the store open any more."""
        until = monotonic() + 10
        while any((self.folder / "good").glob("*-wal")) and monotonic() < until:
            sleep(0.05)

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
        shutil.copytree(self.folder / "good", folder)  # nobody writes to it any more
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
