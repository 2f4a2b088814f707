"""Kraken Futures: inverse (PI_XBTUSD) and multi-collateral linear (PF_XBTUSD) perpetuals.

Documentation: docs.kraken.com, Futures REST API v3; support.kraken.com article 360022835911
("Perpetual Contract Funding Rate Information"). The public endpoints state no limit of their own;
one batch is a list of instruments once a day and one list of all tickers.

Funding is continuous within the hour, at a rate that is fixed when the hour begins, and settles
at the end of each hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from xlhedge.errors import BadReply, HedgeError, RateLimited, UnknownSymbol
from xlhedge.quotes import (
    INTERVAL_DEFAULT,
    Fee,
    FundingRow,
    Instrument,
    Quote,
    Tier,
    contract_type,
)
from xlhedge.venues._base import Offers, Venue
from xlhedge.venues._listing import readable, rows_by_symbol
from xlhedge.venues._reading import Row, coin_name, round_to_minute

if TYPE_CHECKING:
    from xlhedge.transport import Http, Reply

__all__ = ["VENUE", "Kraken"]

HOST = "https://futures.kraken.com"
# "Auto-Roll Period: every 1 hour at the end of the hour" (support article 360022835911)
INTERVAL = timedelta(hours=1)
# Before, rows are 4 hours apart and their rates per hour, so that adding them up counts a quarter
# (support article 9618146737172: the timescale changed from 4 hours to 1 at this time)
HOURLY_SINCE = datetime(2022, 9, 29, 12, tzinfo=UTC)
# No reply that was recorded shows a PI_ ticker's rate together with the settlement that it led to
PI_UNCONFIRMED = "no recorded settlement confirms that the rate in a PI_ ticker is for one hour"
PI_INTERVAL = f"{INTERVAL_DEFAULT}; for PI_ tickers not confirmed by a recorded settlement"
# maxRelativeFundingRate limits the relative rate, which Kraken makes absolute with the price at
# the beginning of the hour; with the price of now it comes out higher by as much as the price has
# moved since. ccxt issue 25343 shows PF_BANUSD at its cap of 0.25 % and 0.2627 % by the mark.
PRICE_MOVE_IN_AN_HOUR = 0.10
# marginLevels give where a level begins; the last one ends nowhere (JSON has no infinity)
NO_LIMIT = 1e15

PREFIXES = {"inverse": "PI_", "linear": "PF_"}  # FI_ and FF_ are dated, in_ and rr_ indices


class Kraken(Venue):
    """Kraken's public futures interface."""

    name = "kraken"
    title = "Kraken Futures"
    offers = Offers(
        inverse=True, linear=True, history="hourly since 2022-09-29, one dump", tiers="public"
    )
    hosts = (HOST,)
    # Lowest tier, fractions. The feeschedules endpoint is deprecated and wrong since 2026-06-22.
    fees = (
        Fee("inverse", 0.0002, 0.0005, "ccxt 4.5.90, krakenfutures.py, fees trading", "2026-11"),
        Fee("linear", 0.0002, 0.0005, "ccxt 4.5.90, krakenfutures.py, fees trading", "2026-11"),
    )

    def fetch_instruments(self, http: Http, kind: str) -> list[Instrument]:
        """Read instruments: perpetuals have no lastTradingTime; symbols may be in lower case."""
        perpetuals = (
            row
            for row in self._listing(http)
            if row.text("symbol").upper().startswith(PREFIXES[kind])
            and row.missing("lastTradingTime")
            and (row.data.get("type") == "futures_inverse") == (kind == "inverse")
        )
        return readable(perpetuals, self._instrument)

    def fetch_quotes(
        self, http: Http, instruments: Sequence[Instrument]
    ) -> dict[str, Quote | HedgeError]:
        """Read tickers: all contracts and indices in one reply."""
        body, reply = self._get(http, "tickers")
        wanted = {item.symbol for item in instruments}
        rows = rows_by_symbol(
            self.name, "tickers", body.listed("tickers"), wanted, spelled=str.upper
        )
        answers: dict[str, Quote | HedgeError] = {}
        for item in instruments:
            if item.symbol not in rows:
                continue
            try:
                tiers = self._tiers_or_none(http, item)
                time = body.iso("serverTime")
                answers[item.symbol] = self._quote(item, rows[item.symbol], time, reply, tiers)
            except (BadReply, UnknownSymbol) as error:
                answers[item.symbol] = error
        return answers

    def fetch_history(
        self, http: Http, instrument: Instrument, since: datetime, until: datetime
    ) -> Iterator[FundingRow]:
        """Read historical-funding-rates: the whole series; there is no paging and no filter."""
        body, _ = self._get(http, "historical-funding-rates", {"symbol": instrument.symbol})
        for row in body.rows("rates"):
            settlement = self._settlement(row)
            if settlement.time > HOURLY_SINCE:
                yield settlement

    def fetch_tiers(self, http: Http, instrument: Instrument) -> list[Tier]:
        """Read marginLevels of the instrument list."""
        inverse = instrument.contract_type == "inverse"
        # "the lower limit of the number of contracts" or "of non-contract units (i.e. quote
        # currency units for linear futures) that this margin level applies to"
        key, unit = ("contracts", "contracts") if inverse else ("numNonContractUnits", "quote")
        for listed in self._listing(http):
            if listed.text("symbol").upper() == instrument.symbol:
                levels = sorted(listed.rows("marginLevels"), key=lambda level: level.number(key))
                break
        else:
            raise BadReply(self.name, f"instruments: {instrument.symbol} is missing")
        starts = [level.number(key) for level in levels]
        if starts[:1] != [0]:
            raise BadReply(self.name, f"instruments {instrument.symbol}: no level begins at 0")
        return [
            Tier(up_to=end, unit=unit, maintenance_rate=self._maintenance(level))
            for level, (_, end) in zip(levels, pairwise([*starts, NO_LIMIT]), strict=True)
        ]

    def check_envelope(self, reply: Reply, where: str) -> Row:
        """Read the envelope: result "success", or "error" with HTTP 200 and error or errors."""
        body = self.row(where, reply.body)
        if body.data.get("result") == "success" and reply.status == 200:
            return body
        said = f"{where} answers {str(body.data.get('error') or body.data.get('errors'))[:200]}"
        if "apiLimitExceeded" in said:
            raise RateLimited(self.name, said, reply.received.timestamp() + 60)
        raise BadReply(self.name, said)

    def _get(
        self, http: Http, what: str, params: dict[str, Any] | None = None, keep: bool = False
    ) -> tuple[Row, Reply]:
        return self.ask(http, HOST, f"/derivatives/api/v3/{what}", params, keep=keep)

    def _listing(self, http: Http) -> list[Row]:
        def read() -> list[Row]:
            body, _ = self._get(http, "instruments", keep=True)
            return list(body.rows("instruments"))

        return http.once((self.name, "instruments"), read)

    def _instrument(self, row: Row) -> Instrument:
        symbol = row.text("symbol").upper()
        inverse = symbol.startswith(PREFIXES["inverse"])
        # Newer replies state base and quote (BTC, USD); all symbols are PI_ or PF_, coin, USD
        coin = coin_name(row.text_or("base") or symbol[3:].removesuffix("USD"))
        quote = row.text_or("quote", "USD")
        # Inverse contracts have a wallet in their coin; of PF_ the multi-collateral one, in USD
        margin = coin if inverse else quote
        active = row.data.get("tradeable") is True
        cap = row.positive_or_none("maxRelativeFundingRate")
        cap = None if cap is None else cap * (1 + PRICE_MOVE_IN_AN_HOUR)
        return Instrument(
            venue=self.name,
            symbol=symbol,
            coin=coin,
            quote_currency=quote,
            contract_type=contract_type(coin, quote, margin),
            contract_size=row.positive("contractSize"),  # 1 USD; 1 coin
            size_unit="quote" if inverse else "base",
            margin_coin=margin,
            lot_size=self._lot(row),
            tick_size=row.positive("tickSize"),
            interval_hours=INTERVAL / timedelta(hours=1),
            funding_cap=cap,
            funding_floor=None if cap is None else -cap,
            active=active,
            status="tradeable" if active else "not tradeable",
        )

    def _lot(self, row: Row) -> float | None:
        """Read contractValueTradePrecision: 4 means steps of 0.0001 contracts, -3 of 1000."""
        if row.missing("contractValueTradePrecision"):  # replies of 2021
            return None
        digits = row.number("contractValueTradePrecision")
        if not (digits == int(digits) and abs(digits) <= 12):
            raise row.bad("contractValueTradePrecision", "a number of decimals")
        return float(Decimal(1).scaleb(-int(digits)))

    def _quote(
        self, item: Instrument, row: Row, time: datetime, reply: Reply, tiers: Sequence[Tier]
    ) -> Quote:
        if row.data.get("suspended") is True:
            raise UnknownSymbol(self.name, f"{item.symbol} is not trading (suspended)")
        mark, absolute = row.decimal("markPrice"), row.decimal("fundingRate")
        if mark <= 0:
            raise row.bad("markPrice", "a number above 0")
        inverse = item.contract_type == "inverse"
        # fundingRate is absolute, per contract and hour. Of PI_, coins a contract of 1 USD: times
        # the price it is relative (historical rows of 2022: relative / absolute = 20713 = BTC's
        # price). Of PF_, USD a coin: divided by the price (row of 2026: absolute / relative =
        # 71683.64). With the mark, what a position is worth times the rate is exactly what is paid.
        # fundingRatePrediction, of the hour to come, is no substitute: it is not yet capped.
        relative = absolute * mark if inverse else absolute / mark
        return self.new_quote(
            item,
            reply,
            mark=float(mark),
            index=row.positive("indexPrice"),
            funding_rate=float(relative),
            funding_kind="accrued",
            interval_source=PI_INTERVAL if inverse else INTERVAL_DEFAULT,
            unconfirmed=PI_UNCONFIRMED if inverse else None,
            # Tickers do not state it: "settling at the end of each hour" (article 360022835911)
            next_funding=time.replace(minute=0, second=0, microsecond=0) + INTERVAL,
            time=time,  # the envelope's; lastTime is when somebody last traded
            tiers=tiers,
        )

    def _settlement(self, row: Row) -> FundingRow:
        return FundingRow(
            time=round_to_minute(row.iso("timestamp")), rate=row.number("relativeFundingRate")
        )

    def _tiers_or_none(self, http: Http, item: Instrument) -> Sequence[Tier]:
        # A missing ladder costs the maintenance rate, not the quote
        try:
            return self.fetch_tiers(http, item)
        except BadReply:
            return ()

    def _maintenance(self, level: Row) -> float:
        rate = level.positive("maintenanceMargin")
        if rate >= 1:
            raise level.bad("maintenanceMargin", "a maintenance rate between 0 and 1")
        return rate


VENUE = Kraken()
