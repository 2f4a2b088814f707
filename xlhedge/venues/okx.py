"""OKX v5: inverse (BTC-USD-SWAP) and linear (BTC-USDT-SWAP) perpetual swaps.

Documentation: www.okx.com/docs-v5. Limits there, each by address and 2 seconds: instruments and
index-tickers 20 requests, mark-price, position-tiers and funding-rate 10. One batch asks for all
swaps at once, and for the position tiers of each contract, which are kept for a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from xlhedge.errors import BadReply, HedgeError, RateLimited, UnknownSymbol
from xlhedge.quotes import (
    INTERVAL_STATED,
    Fee,
    FundingRow,
    Instrument,
    Quote,
    Tier,
    contract_type,
)
from xlhedge.venues._base import Offers, Venue
from xlhedge.venues._listing import of_symbol, readable, rows_by_symbol
from xlhedge.venues._reading import Row, coin_name, list_rows, round_to_minute, to_milliseconds

if TYPE_CHECKING:
    from xlhedge.transport import Http, Reply

__all__ = ["OKX", "VENUE"]

HOST = "https://www.okx.com"
HISTORY_PAGE = 100  # the page that ccxt 4.5.90 asks for (okx.py, fetch_funding_rate_history)
ALL_SWAPS = "ANY"  # instId of funding-rate that stands for all swaps (ccxt, fetch_funding_rates)
HOUR = timedelta(hours=1)

# Error codes, www.okx.com/docs-v5, "Error Code": too frequent; this address; instrument unknown
TOO_FREQUENT = ("50011", "50061")
NO_SUCH_INSTRUMENT = "51001"


class OKX(Venue):
    """OKX's public v5 interface."""

    name = "okx"
    title = "OKX"
    offers = Offers(inverse=True, linear=True, history="the last 3 months", tiers="public")
    hosts = (HOST,)
    # Lowest tier, fractions
    fees = (
        Fee("inverse", 0.0002, 0.0005, "ccxt 4.5.90, okx.py, fees swap", "2026-11"),
        Fee("linear", 0.0002, 0.0005, "ccxt 4.5.90, okx.py, fees swap", "2026-11"),
    )

    def fetch_instruments(self, http: Http, kind: str) -> list[Instrument]:
        """Read instruments: one list of all swaps, told apart by ctType."""
        data, _ = self._get(http, "public/instruments", {"instType": "SWAP"}, keep=True)
        listed = list_rows(self.name, "instruments", data)
        return readable(
            (row for row in listed if row.data.get("ctType") == kind), self._instrument, "instId"
        )

    def fetch_quotes(
        self, http: Http, instruments: Sequence[Instrument]
    ) -> dict[str, Quote | HedgeError]:
        """Read funding-rate, mark-price, index-tickers and position-tiers at the same time."""
        alone = instruments[0].symbol if len(instruments) == 1 else None
        currencies = sorted({item.quote_currency for item in instruments})
        index_of = {"instId": _index(alone)} if alone else None
        calls = [
            lambda: self._get(http, "public/funding-rate", {"instId": alone or ALL_SWAPS}),
            lambda: self._get(http, "public/mark-price", {"instType": "SWAP", "instId": alone}),
        ]
        calls += [
            lambda c=c: self._get(http, "market/index-tickers", index_of or {"quoteCcy": c})
            for c in currencies
        ]
        calls += [lambda item=item: self.fetch_tiers(http, item) for item in instruments]
        outcomes = http.together(calls)
        answered, ladders = outcomes[: -len(instruments)], outcomes[-len(instruments) :]
        for outcome in answered:
            if isinstance(outcome, HedgeError):
                raise outcome
        wanted = {item.symbol for item in instruments}
        funding = self._by_symbol("funding-rate", answered[0][0], wanted)
        marks = self._by_symbol("mark-price", answered[1][0], wanted)
        indices: dict[str, Row] = {}
        for data, _ in answered[2:]:
            indices |= self._by_symbol("index-tickers", data, {_index(s) for s in wanted})
        answers: dict[str, Quote | HedgeError] = {}
        for item, ladder in zip(instruments, ladders, strict=True):
            rows = [
                funding.get(item.symbol),
                marks.get(item.symbol),
                indices.get(_index(item.symbol)),
            ]
            if None in rows:
                continue
            # Missing tiers cost the maintenance rate, not the quote
            tiers = () if isinstance(ladder, HedgeError) else ladder
            try:
                answers[item.symbol] = self._quote(item, *rows, answered[0][1], tiers)
            except BadReply as error:
                answers[item.symbol] = error
        return answers

    def fetch_history(
        self, http: Http, instrument: Instrument, since: datetime, until: datetime
    ) -> Iterator[FundingRow]:
        """Page back from `until`: the reply is newest first, `after` means earlier than."""
        before = to_milliseconds(until) + 1
        while before > to_milliseconds(since):
            params = {"instId": instrument.symbol, "after": before, "limit": HISTORY_PAGE}
            data, _ = self._get(http, "public/funding-rate-history", params)
            rows = list(list_rows(self.name, "funding-rate-history", data))
            times = [row.milliseconds("fundingTime") for row in rows]
            for row, time in zip(rows, times, strict=True):
                of_symbol(row, instrument.symbol, "instId")
                # fundingRate is what was predicted, realizedRate what was paid: the example of
                # BTC-USD-SWAP in the documentation has 0.00007466050 and 0.00007465724.
                yield FundingRow(time=round_to_minute(time), rate=row.number("realizedRate"))
            if len(rows) < HISTORY_PAGE:
                return
            oldest = to_milliseconds(min(times))
            if oldest >= before:
                raise BadReply(self.name, "funding-rate-history does not move back page by page")
            before = oldest

    def fetch_tiers(self, http: Http, instrument: Instrument) -> list[Tier]:
        """Read position-tiers of cross margin; sizes of swaps are in contracts."""
        params = {
            "instType": "SWAP",
            "tdMode": "cross",
            "instFamily": _index(instrument.symbol),
        }
        data, _ = self._get(http, "public/position-tiers", params, keep=True)
        rows = list(list_rows(self.name, "position-tiers", data))
        for row in rows:  # both are "" in some examples
            for key in ("instFamily", "uly"):
                if row.text_or(key, params["instFamily"]) != params["instFamily"]:
                    raise row.bad(key, repr(params["instFamily"]))
        return sorted((self._tier(row) for row in rows), key=lambda tier: tier.up_to)

    def check_envelope(self, reply: Reply, where: str) -> Any:
        """Read the envelope: the code is text, "0" means success, errors may have HTTP 200."""
        envelope = self.row(where, reply.body)
        code = str(envelope.data.get("code"))
        if code == "0" and reply.status == 200:
            return envelope.data.get("data")
        said = f"{where} answers {code[:20]}: {str(envelope.data.get('msg', ''))[:200]}"
        if code in TOO_FREQUENT:
            raise RateLimited(self.name, said, reply.received.timestamp() + 60)
        if code == NO_SUCH_INSTRUMENT:
            raise UnknownSymbol(self.name, said)
        raise BadReply(self.name, said)

    def _get(
        self, http: Http, what: str, params: dict[str, Any], keep: bool = False
    ) -> tuple[Any, Reply]:
        return self.ask(http, HOST, f"/api/v5/{what}", params, keep=keep)

    def _by_symbol(self, what: str, data: Any, wanted: set[str]) -> dict[str, Row]:
        return rows_by_symbol(self.name, what, data, wanted, key="instId")

    def _instrument(self, row: Row) -> Instrument:
        symbol = row.text("instId")
        # baseCcy and quoteCcy are "" for swaps (captured 2022-05-13); uly is "BTC-USD"
        coin, _, quote = (row.text_or("uly") or _index(symbol)).partition("-")
        coin, margin = coin_name(coin), row.coin("settleCcy")
        kind = contract_type(coin, quote, margin)
        status, face_in = row.text_or("state"), row.coin("ctValCcy")
        active = status == "live"
        if kind != "quanto" and face_in != (quote if kind == "inverse" else coin):
            # A face value in another currency than the formulas take it in: not to be traded on
            active, status = False, f"{status}, with a face value in {face_in}"
        return Instrument(
            venue=self.name,
            symbol=symbol,
            coin=coin,
            quote_currency=quote,
            contract_type=kind,
            # "Contract value" times "contract multiplier"; the latter is 1 for swaps so far
            contract_size=float(row.decimal("ctVal") * row.decimal("ctMult")),
            size_unit="quote" if kind == "inverse" else "base",
            margin_coin=margin,
            lot_size=row.positive("lotSz"),
            tick_size=row.positive("tickSz"),
            active=active,
            status=status,
        )

    def _quote(
        self,
        item: Instrument,
        funding: Row,
        mark: Row,
        index: Row,
        reply: Reply,
        tiers: Sequence[Tier],
    ) -> Quote:
        settles = funding.milliseconds("fundingTime")
        # The interval is nowhere stated but in these two; it changes by contract and over time.
        hours = (funding.milliseconds("nextFundingTime") - settles) / HOUR
        # Older replies of funding-rate have no time of their own; the oldest part dates the quote
        times = [row.milliseconds_or_none("ts") for row in (funding, index)]
        return self.new_quote(
            item,
            reply,
            mark=mark.positive("markPx"),
            index=index.positive("idxPx"),
            # What is charged at fundingTime, updated every minute until then (help article
            # 360053909272); nextFundingRate is for the settlement after that, and often "".
            funding_rate=funding.number("fundingRate"),
            funding_kind="predicted",
            interval_hours=hours,
            interval_source=INTERVAL_STATED,
            next_funding=settles,
            time=min([mark.milliseconds("ts"), *filter(None, times)]),
            funding_cap=funding.number_or_none("maxFundingRate"),
            funding_floor=funding.number_or_none("minFundingRate"),
            tiers=tiers,
        )

    def _tier(self, row: Row) -> Tier:
        rate = row.positive("mmr")
        if rate >= 1:
            raise row.bad("mmr", "a maintenance rate between 0 and 1")
        return Tier(up_to=row.positive("maxSz"), unit="contracts", maintenance_rate=rate)


def _index(symbol: str) -> str:
    """Return the index and instrument family of a swap: BTC-USD of BTC-USD-SWAP."""
    return symbol.removesuffix("-SWAP")


VENUE = OKX()
