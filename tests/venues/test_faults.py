"""What venues may do wrong, fault by venue: nothing wrong is stored, and the reason is readable.

Every fault is done by all venues at once, in one refresh; each pair of fault and venue is then one
test. The store is a copy of one that holds a good quote of each venue.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.replay import ReplayServer
from tests.venues.faults import CASES, LATER, NAMES, PLACES, Bench, Fault
from tests.venues.spoilt_replies import (
    envelope,
    face,
    fine,
    index,
    listed_twice,
    mark,
    odd_one_beside,
    other_symbol,
    over_http,
    rate,
    repeated,
    unreadable,
)
from xlhedge.errors import BadReply, NotOffered, RateLimited, VenueUnreachable
from xlhedge.quotes import Status
from xlhedge.refresh import refresh
from xlhedge.store import Store

QUICK = 1.5  # seconds, for what never ends

FAULTS = [
    # name, what the venue does, class of the error, what it says
    Fault("429 with Retry-After", over_http("429 30"), RateLimited, "13:20:12 UTC .it says"),
    Fault("429 without", over_http("429"), RateLimited, "asks for fewer requests.*does not say"),
    Fault("418", over_http("418 120"), RateLimited, "has banned this address"),
    Fault("403", over_http("403"), RateLimited, "refuses this address"),
    Fault("503 with Retry-After", over_http("503 20"), RateLimited, "is overloaded"),
    Fault("500", over_http("500"), VenueUnreachable, "HTTP 500: a fault of theirs"),
    Fault("reset", over_http("reset"), VenueUnreachable, "could not be reached|broke off"),
    Fault("broken off", over_http("broken"), VenueUnreachable, "broke off in the middle"),
    Fault("time-out", over_http("slow 4"), VenueUnreachable, "no answer|in time", QUICK),
    Fault("dripping body", over_http("drip"), VenueUnreachable, "no answer|in time", QUICK),
    Fault("truncated", over_http("truncated"), BadReply, "no valid JSON"),
    Fault("HTML with 200", over_http("html"), BadReply, "no valid JSON .*text/html"),
    Fault("giant body", over_http("giant"), BadReply, "more than .* MiB", one_by_one=True),
    Fault("redirect", over_http("redirect"), BadReply, "redirects elsewhere"),
    Fault("empty list", over_http("body []"), BadReply, ""),
    Fault("empty object", over_http("body {}"), BadReply, ""),
    Fault("null", over_http("body null"), BadReply, ""),
    Fault("a number alone", over_http("body 17"), BadReply, ""),
    Fault("a text alone", over_http('body "ok"'), BadReply, ""),
    Fault("error with HTTP 200", envelope, BadReply, "answers"),
    Fault("other symbol", other_symbol, BadReply, "missing|OTHERCOIN"),
    Fault("mark missing", mark("missing"), BadReply, "is missing; expected a number"),
    Fault("mark null", mark("null"), BadReply, "is None; expected a number"),
    Fault("mark empty", mark('""'), BadReply, "is ''; expected a number"),
    Fault("mark a list", mark("[1]"), BadReply, "expected a number"),
    Fault("mark an object", mark('{"value":1}'), BadReply, "expected a number"),
    Fault("mark true", mark("true"), BadReply, "is True; expected a number"),
    Fault("mark a word", mark('"n/a"'), BadReply, "'n/a'; expected a number"),
    Fault("mark NaN", mark("NaN"), BadReply, "NaN stands where a number should"),
    Fault("mark 'NaN'", mark('"NaN"'), BadReply, "expected a finite number"),
    Fault("mark Infinity", mark("Infinity"), BadReply, "Infinity stands where a number should"),
    Fault("mark 1e999", mark("1e999"), BadReply, "finite number|inf"),
    Fault("mark negative", mark("x -1"), BadReply, "expected a number above 0"),
    Fault("mark zero", mark("0"), BadReply, "expected a number above 0"),
    Fault("mark 30 % off", mark("x 1.3"), BadReply, "from index .*beyond 20%"),
    Fault("mark in cents", mark("x 100"), BadReply, "from index"),
    Fault("index null", index("null"), BadReply, "is None; expected a number"),
    Fault("index zero", index("0"), BadReply, "expected a number above 0"),
    Fault("index 30 % off", index("x 0.7"), BadReply, "from index .*beyond 20%"),
    Fault("rate missing", rate("missing"), BadReply, "is missing; expected a number"),
    Fault("rate null", rate("null"), BadReply, "is None; expected a number"),
    Fault("rate empty", rate('""'), BadReply, "is ''; expected a number"),
    Fault("rate 'NaN'", rate('"NaN"'), BadReply, "expected a finite number"),
    Fault("rate 1e999", rate("1e999"), BadReply, "finite number|inf"),
    Fault("rate 10 %", rate(0.10), BadReply, "funding rate .10.0000% is outside"),
    Fault("rate -10 %", rate(-0.10), BadReply, "funding rate -10.0000% is outside"),
    Fault("face value changed", face, BadReply, "face value changed", new_lists=True),
    Fault("two marks", repeated("mark", 1.01), BadReply, "two different rows of"),
    Fault("two rates", repeated("rate", 1.5), BadReply, "two different rows of"),
    Fault("two indices", repeated("index", 1.01), BadReply, "two different rows of"),
    Fault("listed twice", listed_twice, BadReply, "two different rows of", new_lists=True),
    Fault("row of the list", unreadable, BadReply, "is None; expected a number", new_lists=True),
    Fault("time ahead", fine, BadReply, "in the future", off=timedelta(hours=2)),
    Fault("time old", fine, BadReply, "minutes old", off=timedelta(hours=-2)),
]
MATRIX = [(fault, name) for fault in FAULTS for name in NAMES]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with ReplayServer() as server:
        yield Bench(server, tmp_path_factory.mktemp("faults"))


def test_every_venue_has_its_place() -> None:
    """A venue cannot be added without saying where its prices, rates and sizes are."""
    assert set(PLACES) == set(NAMES)


@pytest.mark.parametrize(("fault", "name"), MATRIX, ids=[f"{f.name}-{n}" for f, n in MATRIX])
def test_fault(fault: Fault, name: str, bench: Bench) -> None:
    """A fault gives its class of error and a sentence; the last good quote stays, as STALE."""
    result = bench.results(fault).get(name)
    if result is None:
        pytest.skip(f"{name} has no such field")
    error = result.outcome.error
    assert isinstance(error, fault.error), error
    assert str(error).startswith(f"{name}: ")
    assert re.search(fault.sentence, str(error)), error
    assert result.outcome.quote is None
    assert result.stored == result.good
    assert result.outcome.last_good == result.good.with_status(Status.STALE)
    assert result.reason == str(error)
    if isinstance(error, RateLimited):
        assert error.retry_at > (bench.present + LATER).timestamp()


@pytest.mark.parametrize("name", NAMES)
def test_a_fault_stays_with_its_venue(name: str, bench: Bench) -> None:
    """While one venue is unreachable all others are refreshed."""
    others = tuple(n for n in NAMES if n != name)
    results = bench.tried({name: ("reset", "")}, others=others)
    assert isinstance(results.pop(name).outcome.error, VenueUnreachable)
    for result in results.values():
        assert result.outcome.error is None
        assert result.stored.received == bench.present + LATER


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("new", ["null", '""', "[]", '"-"'])
def test_any_field_spoilt_stores_nothing_else(new: str, name: str, bench: Bench) -> None:
    """Whichever field of the prices is spoilt, what is stored is what the venue says, or nothing.

    Fields that do not matter may be anything, and what is unknown may be missing: the next
    settlement, caps, tiers.
    """
    case, place = CASES[name], PLACES[name]
    for where in sorted({place.prices, place.rates, place.indices} - {""}):
        row = _row_of(json.loads(bench.text_of(name, where)), case.symbol)
        for key, value in row.items():
            old = f'"{key}":{json.dumps(value)}'
            ((_, result),) = bench.tried({name: (f'replace {old}=>"{key}":{new}', where)}).items()
            if result.outcome.error is not None:
                assert str(result.outcome.error).startswith(f"{name}: ")
                assert result.stored == result.good
                continue
            quote = result.stored
            assert (quote.mark, quote.index) == (case.mark, case.index), key
            assert quote.funding_rate == pytest.approx(case.funding_rate, rel=1e-12), key
            assert (quote.interval_hours, quote.contract_size) == (
                case.interval_hours,
                case.contract_size,
            ), key
            assert quote.next_funding in (case.next_funding, None), key


def _row_of(body: Any, symbol: str) -> dict[str, Any]:
    """Return the object of a reply that is about a symbol or its index."""
    found = [body] if isinstance(body, dict) else body
    for part in found:
        if isinstance(part, dict):
            words = [w for w in part.values() if isinstance(w, str)]
            if any(w == symbol or f"{w}-SWAP" == symbol for w in words):
                return part
            deeper = [p for p in part.values() if isinstance(p, dict | list)]
            for inner in deeper:
                row = _row_of(inner, symbol)
                if row:
                    return row
    return {}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("what", ["mark", "rate", "index"])
def test_the_same_row_twice_changes_nothing(what: str, name: str, bench: Bench) -> None:
    """A reply that has every row of the contract twice is read as if it had each once."""
    result = bench.tried({name: repeated(what)(bench, name)})[name]
    assert result.outcome.error is None
    assert result.stored.mark == CASES[name].mark


@pytest.mark.parametrize("name", NAMES)
def test_an_odd_contract_in_a_list_costs_no_other(name: str, bench: Bench) -> None:
    """A row of the instrument list that cannot be read is the trouble of its own contract only."""
    fault = Fault("odd", odd_one_beside, BadReply, "", new_lists=True)
    result = bench.tried({name: odd_one_beside(bench, name)}, fault)[name]
    assert result.outcome.error is None


def test_no_contract_is_asked_that_is_not_offered(bench: Bench) -> None:
    """WEEX's inverse contract is refused by name, and nothing is stored for it."""
    store = Store(bench.folder / "inverse")
    (outcome,) = refresh(
        [("weex", "BTC")],
        store=store,
        clock=lambda: bench.present,
        environ=bench.server.environ(),
    )
    store.close()
    assert isinstance(outcome.error, NotOffered)
    assert "its linear one is BTCUSDT" in str(outcome.error)
    assert outcome.last_good is None
