"""Bybit v5: inverse and linear perpetuals.

Documentation: bybit-exchange.github.io/docs/v5. Limit: 600 requests in 5 seconds and address;
beyond it HTTP 403 "access too frequent", then at least 10 minutes of silence (rate-limit.mdx).
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
from xlhedge.venues._reading import Row, round_to_minute, to_milliseconds

if TYPE_CHECKING:
    from xlhedge.transport import Http, Reply

__all__ = ["VENUE", "Bybit"]

HOST = "https://api.bybit.com"
INSTRUMENT_PAGE = 1000  # "limit: [1, 1000], default 500"
HISTORY_PAGE = 200  # "limit: [1, 200], default 200"
MOST_PAGES = 100  # a cursor that never ends is a fault
MINUTES_AN_HOUR = 60

PERPETUALS = {"inverse": "InversePerpetual", "linear": "LinearPerpetual"}


class Bybit(Venue):
    """Bybit's public v5 market interface."""

    name = "bybit"
    title = "Bybit"
    offers = Offers(inverse=True, linear=True, history="since launch", tiers="public")
    hosts = (HOST,)
    # Lowest tier, fractions. Only /v5/account/fee-rate (with a key) is authoritative.
    fees = (
        Fee("inverse", 0.0001, 0.0006, "ccxt 4.5.90, bybit.py, default of market rows", "2026-11"),
        Fee("linear", 0.0001, 0.0006, "ccxt 4.5.90, bybit.py, default of market rows", "2026-11"),
    )

    def fetch_instruments(self, http: Http, kind: str) -> list[Instrument]:
        """Read instruments-info; by default it lists only contracts that trade."""
        params = {"category": kind, "limit": INSTRUMENT_PAGE}
        perpetuals = (
            row
            for result in self._pages(http, "instruments-info", params, keep=True)
            for row in result.rows("list")
            # category=inverse also holds dated InverseFutures
            if row.data.get("contractType") == PERPETUALS[kind]
        )
        return readable(perpetuals, lambda row: self._instrument(row, kind))

    def fetch_quotes(
        self, http: Http, instruments: Sequence[Instrument]
    ) -> dict[str, Quote | HedgeError]:
        """Read tickers (one request) and, at the same time, each contract's risk limits."""
        kind = instruments[0].contract_type
        symbol = instruments[0].symbol if len(instruments) == 1 else None
        tickers, *ladders = http.together(
            [lambda: self._get(http, "tickers", {"category": kind, "symbol": symbol})]
            + [lambda item=item: self.fetch_tiers(http, item) for item in instruments]
        )
        if isinstance(tickers, HedgeError):
            raise tickers
        result, reply = tickers
        wanted = {item.symbol for item in instruments}
        rows = rows_by_symbol(self.name, "tickers", result.listed("list"), wanted)
        answers: dict[str, Quote | HedgeError] = {}
        for item, ladder in zip(instruments, ladders, strict=True):
            if item.symbol not in rows:
                continue
            # A missing ladder costs the maintenance rate, not the quote
            tiers = () if isinstance(ladder, HedgeError) else ladder
            try:
                answers[item.symbol] = self._quote(item, rows[item.symbol], reply, tiers)
            except BadReply as error:
                answers[item.symbol] = error
        return answers

    def fetch_history(
        self, http: Http, instrument: Instrument, since: datetime, until: datetime
    ) -> Iterator[FundingRow]:
        """Page back from `until`: the reply is newest first, and startTime alone is an error."""
        end = until
        while end >= since:
            params = {
                "category": instrument.contract_type,
                "symbol": instrument.symbol,
                "startTime": to_milliseconds(since),
                "endTime": to_milliseconds(end),
                "limit": HISTORY_PAGE,
            }
            result, _ = self._get(http, "funding/history", params)
            rows = list(result.rows("list"))
            times = [row.milliseconds("fundingRateTimestamp") for row in rows]
            for row, time in zip(rows, times, strict=True):
                of_symbol(row, instrument.symbol)
                yield FundingRow(time=round_to_minute(time), rate=row.number("fundingRate"))
            if len(rows) < HISTORY_PAGE:
                return
            oldest = min(times)
            if oldest > end:
                raise BadReply(self.name, "funding/history does not move back from page to page")
            end = oldest - timedelta(milliseconds=1)

    def fetch_tiers(self, http: Http, instrument: Instrument) -> list[Tier]:
        """Read risk-limit; riskLimitValue is in coin for inverse, in USDT or USDC for linear."""
        unit = "coin" if instrument.contract_type == "inverse" else "quote"
        params = {"category": instrument.contract_type, "symbol": instrument.symbol}
        tiers = [
            self._tier(row, unit)
            for result in self._pages(http, "risk-limit", params, keep=True)
            for row in result.rows("list")
            if row.text("symbol") == instrument.symbol
        ]
        return sorted(tiers, key=lambda tier: tier.up_to)

    def check_envelope(self, reply: Reply, where: str) -> Row:
        """Read the envelope: errors come with HTTP 200 and a retCode other than 0 (error.mdx)."""
        envelope = self.row(where, reply.body)
        code = envelope.number("retCode")
        if code == 0 and reply.status == 200:
            return envelope.row("result")
        message = str(envelope.data.get("retMsg", ""))[:200]
        said = f"{where} answers {code:g}: {message}"
        if code in (10006, 10018):  # too many visits; by this address
            raise RateLimited(self.name, said, reply.received.timestamp() + 60)
        # 10001 is "parameter error", for an unknown symbol too
        if code == 10001 and "symbol" in message.lower():
            raise UnknownSymbol(self.name, said)
        raise BadReply(self.name, said)

    def _get(
        self, http: Http, what: str, params: dict[str, Any], keep: bool = False
    ) -> tuple[Row, Reply]:
        return self.ask(http, HOST, f"/v5/market/{what}", params, keep=keep)

    def _pages(
        self, http: Http, what: str, params: dict[str, Any], keep: bool = False
    ) -> Iterator[Row]:
        cursor = None
        for _ in range(MOST_PAGES):
            result, _reply = self._get(http, what, {**params, "cursor": cursor}, keep)
            yield result
            following = result.text_or("nextPageCursor", longest=2000)
            if not following or following == cursor:
                return
            cursor = following
        raise BadReply(self.name, f"{what} has more than {MOST_PAGES} pages")

    def _instrument(self, row: Row, kind: str) -> Instrument:
        coin, quote, margin = row.coin("baseCoin"), row.text("quoteCoin"), row.coin("settleCoin")
        lots = row.row("lotSizeFilter")
        status = row.text_or("status")
        return Instrument(
            venue=self.name,
            symbol=row.text("symbol"),
            coin=coin,
            quote_currency=quote,
            contract_type=contract_type(coin, quote, margin),
            # Orders count USD (inverse; "unit is quote coin") or coins (linear): one contract is 1
            contract_size=1.0,
            size_unit="quote" if kind == "inverse" else "base",
            margin_coin=margin,
            lot_size=lots.positive("qtyStep"),
            tick_size=row.row("priceFilter").positive("tickSize"),
            # fundingInterval is in MINUTES (480); the ticker's fundingIntervalHour in hours
            interval_hours=row.positive("fundingInterval") / MINUTES_AN_HOUR,
            funding_cap=row.number_or_none("upperFundingRate"),
            funding_floor=row.number_or_none("lowerFundingRate"),
            active=status == "Trading",
            status=status,
        )

    def _quote(self, item: Instrument, row: Row, reply: Reply, tiers: Sequence[Tier]) -> Quote:
        # The interval can change: the ticker's is newer than the instrument list's.
        hours = row.positive_or_none("fundingIntervalHour") or item.interval_hours
        cap = row.positive_or_none("fundingCap")
        caps = {} if cap is None else {"funding_cap": cap, "funding_floor": -cap}
        return self.new_quote(
            item,
            reply,
            mark=row.positive("markPrice"),
            index=row.positive("indexPrice"),
            funding_rate=row.number("fundingRate"),
            funding_kind="predicted",
            interval_hours=hours,
            interval_source=INTERVAL_STATED,
            next_funding=row.milliseconds_or_none("nextFundingTime"),  # milliseconds as text
            # Tickers have no time of their own: the envelope's
            time=self.row("tickers", reply.body).milliseconds("time"),
            tiers=tiers,
            **caps,
        )

    def _tier(self, row: Row, unit: str) -> Tier:
        rate, initial = row.number("maintenanceMargin"), row.positive("initialMargin")
        # The documentation's example has maintenanceMargin "0.5", initialMargin "1" and
        # maxLeverage "100.00", which is percent; initial margin x leverage tells the unit.
        product = initial * row.positive("maxLeverage")
        if 50 <= product <= 200:
            rate /= 100
        elif not 0.5 <= product <= 2:
            raise BadReply(self.name, f"risk-limit: neither fractions nor percent ({product:g})")
        if not 0 < rate < 1:
            raise row.bad("maintenanceMargin", "a maintenance rate between 0 and 1")
        return Tier(
            up_to=row.positive("riskLimitValue"),
            unit=unit,
            maintenance_rate=rate,
            maintenance_amount=row.number_or_none("mmDeduction") or 0.0,  # "" on the first tier
        )


VENUE = Bybit()
