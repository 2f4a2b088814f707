"""Binance: COIN-M (dapi, inverse) and USDT-M (fapi, linear) perpetuals.

Documentation: developers.binance.com/docs/derivatives. Since 2026-06-30 both share one budget of
2400 weight a minute and address (notice of 2026-06-10); one batch here weighs at most 13.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from xlhedge.errors import BadReply, HedgeError, RateLimited, UnknownSymbol
from xlhedge.quotes import (
    INTERVAL_DEFAULT,
    INTERVAL_STATED,
    Fee,
    FundingRow,
    Instrument,
    Quote,
    contract_type,
)
from xlhedge.venues._base import Offers, Venue
from xlhedge.venues._listing import of_symbol, readable, rows_by_symbol
from xlhedge.venues._reading import Row, list_rows, round_to_minute, to_milliseconds

if TYPE_CHECKING:
    from xlhedge.transport import Http, Reply

__all__ = ["VENUE", "Binance"]

# fundingInfo: "Query funding rate info for symbols that had FundingRateCap/FundingRateFloor/
# fundingIntervalHours adjustment". A symbol that it does not list settles every 8 hours.
DEFAULT_INTERVAL_HOURS = 8.0
# "limit: default 100, max 1000" (fundingRate, both APIs)
HISTORY_PAGE = 1000


@dataclass(frozen=True, slots=True)
class _Api:
    host: str
    path: str


APIS = {
    "inverse": _Api("https://dapi.binance.com", "/dapi/v1"),
    "linear": _Api("https://fapi.binance.com", "/fapi/v1"),
}


class Binance(Venue):
    """Binance's public futures interface."""

    name = "binance"
    title = "Binance"
    offers = Offers(inverse=True, linear=True, history="since launch", tiers="")
    hosts = tuple(api.host for api in APIS.values())
    # Lowest tier, fractions. COIN-M and USDT-M: ccxt 4.5.90 binance.py, class default fees.
    fees = (
        Fee("inverse", 0.0001, 0.0005, "ccxt 4.5.90, binance.py, fees inverse", "2026-11"),
        Fee("linear", 0.0002, 0.0005, "ccxt 4.5.90, binance.py, fees linear", "2026-11"),
    )

    def fetch_instruments(self, http: Http, kind: str) -> list[Instrument]:
        """Read exchangeInfo (weight 1, all symbols; there is no filter by symbol)."""
        body = self._get(http, kind, "exchangeInfo", keep=True)
        info = self.row("exchangeInfo", body[0])
        # Quarterly contracts are CURRENT_QUARTER and NEXT_QUARTER; an unknown kind is neither
        perpetuals = (r for r in info.rows("symbols") if r.data.get("contractType") == "PERPETUAL")
        return readable(perpetuals, lambda row: self._instrument(row, kind))

    def fetch_quotes(
        self, http: Http, instruments: Sequence[Instrument]
    ) -> dict[str, Quote | HedgeError]:
        """Read premiumIndex (mark, index, rate) and fundingInfo (interval) at the same time."""
        kind = instruments[0].contract_type
        # dapi weighs 10 with and without a symbol; fapi 1 with, 10 without.
        symbol = instruments[0].symbol if len(instruments) == 1 else None
        prices, intervals = http.together(
            [
                lambda: self._get(http, kind, "premiumIndex", {"symbol": symbol}),
                lambda: self._get(http, kind, "fundingInfo"),
            ]
        )
        for outcome in (prices, intervals):
            if isinstance(outcome, HedgeError):
                raise outcome
        # dapi's premiumIndex is a list also for one symbol (captured 2023-06-20), fapi's an
        # object; fundingInfo may be null or [] when no symbol was adjusted (captured).
        wanted = {item.symbol for item in instruments}
        rows = rows_by_symbol(self.name, "premiumIndex", prices[0], wanted)
        adjusted = rows_by_symbol(self.name, "fundingInfo", intervals[0], wanted)
        answers: dict[str, Quote | HedgeError] = {}
        for item in instruments:
            try:
                if item.symbol in rows:
                    answers[item.symbol] = self._quote(
                        item, rows[item.symbol], adjusted.get(item.symbol), prices[1]
                    )
            except BadReply as error:
                answers[item.symbol] = error
        return answers

    def fetch_history(
        self, http: Http, instrument: Instrument, since: datetime, until: datetime
    ) -> Iterator[FundingRow]:
        """Page through fundingRate, oldest first; startTime and endTime are both inclusive."""
        start, end = to_milliseconds(since), to_milliseconds(until)
        while start <= end:
            params = {
                "symbol": instrument.symbol,
                "startTime": start,
                "endTime": end,
                "limit": HISTORY_PAGE,
            }
            body, _ = self._get(http, instrument.contract_type, "fundingRate", params)
            rows = list(list_rows(self.name, "fundingRate", body))
            for row in rows:
                of_symbol(row, instrument.symbol)
                yield FundingRow(
                    # fundingTime jitters by milliseconds: 1605513600010 (captured 2020-11-16)
                    time=round_to_minute(row.milliseconds("fundingTime")),
                    rate=row.number("fundingRate"),
                    mark=row.positive_or_none("markPrice"),  # newer documentation; "" on old rows
                )
            if len(rows) < 2:
                return
            *_, before, newest = sorted(
                to_milliseconds(r.milliseconds("fundingTime")) for r in rows
            )
            if newest < start:
                raise BadReply(self.name, "fundingRate does not move on from page to page")
            # dapi may serve fewer rows than are asked for: its maximum is not documented
            if len(rows) < HISTORY_PAGE and newest + (newest - before) > end:
                return
            start = newest + 1

    def check_envelope(self, reply: Reply, where: str) -> Any:
        """Read Binance's errors: HTTP 4xx with {"code": -1121, "msg": "Invalid symbol."}."""
        body = reply.body
        if reply.status == 200 and not (isinstance(body, dict) and "code" in body):
            return body
        error = self.row(where, body)
        code, message = error.data.get("code"), str(error.data.get("msg", ""))[:200]
        said = f"{where} answers {code}: {message}"
        if code == -1121:  # Invalid symbol
            raise UnknownSymbol(self.name, said)
        if code == -1003:  # TOO_MANY_REQUESTS
            raise RateLimited(self.name, said, reply.received.timestamp() + 60)
        raise BadReply(self.name, said)

    def _get(
        self,
        http: Http,
        kind: str,
        what: str,
        params: dict[str, Any] | None = None,
        keep: bool = False,
    ) -> tuple[Any, Reply]:
        api = APIS[kind]
        return self.ask(http, api.host, f"{api.path}/{what}", params, keep=keep)

    def _instrument(self, row: Row, kind: str) -> Instrument:
        filters = {f.text_or("filterType"): f for f in row.rows("filters")}
        coin, quote, margin = row.coin("baseAsset"), row.text("quoteAsset"), row.coin("marginAsset")
        inverse = kind == "inverse"
        status = row.text_or("contractStatus") or row.text_or("status")  # dapi; fapi
        lot, price = filters.get("LOT_SIZE"), filters.get("PRICE_FILTER")
        return Instrument(
            venue=self.name,
            symbol=row.text("symbol"),
            coin=coin,
            quote_currency=quote,
            contract_type=contract_type(coin, quote, margin),
            # dapi: USD a contract (100 for BTC, 10 for other coins); fapi: sizes are in coins
            contract_size=row.positive("contractSize") if inverse else 1.0,
            size_unit="quote" if inverse else "base",
            margin_coin=margin,
            lot_size=lot.positive("stepSize") if lot else None,
            tick_size=price.positive("tickSize") if price else None,
            active=status == "TRADING",
            status=status,
        )

    def _quote(self, item: Instrument, row: Row, adjusted: Row | None, reply: Reply) -> Quote:
        read: dict[str, Any] = {
            "interval_hours": DEFAULT_INTERVAL_HOURS,
            "interval_source": INTERVAL_DEFAULT,
        }
        if adjusted is not None:
            if not adjusted.missing("fundingIntervalHours"):
                read["interval_hours"] = adjusted.positive("fundingIntervalHours")
                read["interval_source"] = INTERVAL_STATED
            read["funding_cap"] = adjusted.number_or_none("adjustedFundingRateCap")
            read["funding_floor"] = adjusted.number_or_none("adjustedFundingRateFloor")
        return self.new_quote(
            item,
            reply,
            mark=row.positive("markPrice"),
            index=row.positive("indexPrice"),
            # Despite its name, lastFundingRate is the running estimate for nextFundingTime
            # (ccxt issue 9118: it differs from the rate last settled and equals the site's).
            funding_rate=row.number("lastFundingRate"),
            funding_kind="predicted",
            next_funding=row.milliseconds_or_none("nextFundingTime"),
            time=row.milliseconds("time"),
            **read,
        )


VENUE = Binance()
