"""Deribit v2: inverse (BTC-PERPETUAL) and USDC-margined linear (BTC_USDC-PERPETUAL) perpetuals.

Documentation: docs.deribit.com, JSON-RPC over GET. Limits there: an ordinary request costs 500
credits of 50000, of which 10000 come back each second (20 requests a second); get_instruments is
apart, "1 request per 10 seconds, with a burst of 5". One batch asks once a day for the
instruments and then for one ticker a contract.

Funding accrues continuously, every millisecond: there is no settlement to wait for, so a quote has
no next funding time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from xlhedge.errors import BadReply, HedgeError, RateLimited, UnknownSymbol
from xlhedge.quotes import (
    INTERVAL_DEFAULT,
    Fee,
    FundingRow,
    Instrument,
    Quote,
    contract_type,
)
from xlhedge.venues._base import Offers, Venue
from xlhedge.venues._listing import only_row, readable
from xlhedge.venues._reading import Row, list_rows, round_to_minute, to_milliseconds

if TYPE_CHECKING:
    from xlhedge.transport import Http, Reply

__all__ = ["VENUE", "Deribit"]

HOST = "https://www.deribit.com"
# funding_8h, the field that the quote's rate is read from, covers 8 hours by its name.
RATE_HOURS = 8.0
# "seems exchange returns max 744 items per request": 31 days (ccxt 4.5.90, deribit.py)
HISTORY_PAGE = timedelta(hours=744)
HOUR = timedelta(hours=1)

# What future_type (instrument_type in newer replies) calls them
TYPES = {"inverse": "reversed", "linear": "linear"}

# Error codes, docs.deribit.com, "RPC Error Codes"
INVALID_PARAMS, NOT_FOUND, TOO_MANY_REQUESTS = -32602, 13020, 10028


class Deribit(Venue):
    """Deribit's public interface."""

    name = "deribit"
    title = "Deribit"
    # Margin grows with the position by a formula per account: the public interface has no tiers
    offers = Offers(inverse=True, linear=True, history="since launch, hourly", tiers="")
    hosts = (HOST,)
    # Used only where the instrument list, which states each contract's fees, does not
    fees = (
        Fee("inverse", 0.0, 0.0005, "public/get_instruments, reply for BTC-PERPETUAL", "2025-12"),
    )

    def fetch_instruments(self, http: Http, kind: str) -> list[Instrument]:
        """Read get_instruments: futures of all currencies, told apart by their type."""
        params = {"currency": "any", "kind": "future", "expired": "false"}
        result, _ = self._get(http, "get_instruments", params, keep=True)
        perpetuals = (
            row
            for row in list_rows(self.name, "get_instruments", result)
            if row.data.get("settlement_period") == "perpetual" and _type(row) == TYPES[kind]
        )
        return readable(perpetuals, lambda row: self._instrument(row, kind), "instrument_name")

    def fetch_quotes(
        self, http: Http, instruments: Sequence[Instrument]
    ) -> dict[str, Quote | HedgeError]:
        """Read the ticker of each contract, at the same time; a list of tickers has no index."""

        def one(item: Instrument) -> Quote | HedgeError:
            result, reply = self._get(http, "ticker", {"instrument_name": item.symbol})
            row = only_row(self.name, "ticker", result, item.symbol, "instrument_name")
            return self._quote(item, row, reply)

        outcomes = http.together([lambda item=item: one(item) for item in instruments])
        return {item.symbol: out for item, out in zip(instruments, outcomes, strict=True)}

    def fetch_history(
        self, http: Http, instrument: Instrument, since: datetime, until: datetime
    ) -> Iterator[FundingRow]:
        """Read windows of at most 744 hours, one row an hour; both times are required."""
        start = since
        while start <= until:
            end = min(start + HISTORY_PAGE - HOUR, until)
            params = {
                "instrument_name": instrument.symbol,
                "start_timestamp": to_milliseconds(start),
                "end_timestamp": to_milliseconds(end),
            }
            result, _ = self._get(http, "get_funding_rate_history", params)
            for row in list_rows(self.name, "get_funding_rate_history", result):
                yield FundingRow(
                    time=round_to_minute(row.milliseconds("timestamp")),
                    # What accrued over the hour. interest_8h is over the trailing 8 hours, so
                    # that hourly rows of it overlap: their sum would count everything 8 times.
                    rate=row.number("interest_1h"),
                    kind="accrued",
                )
            start = end + timedelta(milliseconds=1)

    def check_envelope(self, reply: Reply, where: str) -> Any:
        """Read the JSON-RPC envelope: a result, or an error with a code."""
        envelope = self.row(where, reply.body)
        if "error" not in envelope.data and "result" in envelope.data and reply.status == 200:
            return envelope.data["result"]
        error = envelope.row("error")
        code, data = error.data.get("code"), error.data.get("data")
        said = f"{where} answers {code}: {str(error.data.get('message', ''))[:200]}"
        if code == TOO_MANY_REQUESTS:
            raise RateLimited(self.name, said, reply.received.timestamp() + 60)
        param = data.get("param") if isinstance(data, dict) else None
        if code == NOT_FOUND or (code == INVALID_PARAMS and param == "instrument_name"):
            raise UnknownSymbol(self.name, said)
        raise BadReply(self.name, said)

    def _get(
        self, http: Http, what: str, params: dict[str, Any], keep: bool = False
    ) -> tuple[Any, Reply]:
        return self.ask(http, HOST, f"/api/v2/public/{what}", params, keep=keep)

    def _instrument(self, row: Row, kind: str) -> Instrument:
        coin, quote = row.coin("base_currency"), row.text("quote_currency")
        # Replies of 2021 have no settlement_currency; then every perpetual was margined in its coin
        margin = coin if row.missing("settlement_currency") else row.coin("settlement_currency")
        size = row.decimal("contract_size")
        if size <= 0:
            raise row.bad("contract_size", "a number above 0")
        return Instrument(
            venue=self.name,
            symbol=row.text("instrument_name"),
            coin=coin,
            quote_currency=quote,
            contract_type=contract_type(coin, quote, margin),
            contract_size=float(size),  # USD for inverse contracts, coins for linear ones
            size_unit="quote" if kind == "inverse" else "base",
            margin_coin=margin,
            # Orders are in USD or coins, in steps of min_trade_amount; here in contracts
            lot_size=float(row.decimal("min_trade_amount") / size),
            tick_size=row.positive("tick_size"),
            active=row.data.get("is_active") is True,
            status="active" if row.data.get("is_active") is True else "not active",
            maker_fee=row.number_or_none("maker_commission"),
            taker_fee=row.number_or_none("taker_commission"),
        )

    def _quote(self, item: Instrument, row: Row, reply: Reply) -> Quote:
        state = row.text("state")
        if state != "open":
            raise UnknownSymbol(self.name, f"{item.symbol} is not trading (state {state})")
        return self.new_quote(
            item,
            reply,
            mark=row.positive("mark_price"),
            index=row.positive("index_price"),
            # funding_8h is what accrued over the last 8 hours. current_funding is the rate of the
            # moment: 0 whenever the premium is small (recorded 2025-12-12: 0 beside 0.00001742).
            # Both are fractions, although the OpenAPI text says "typically a percentage".
            funding_rate=row.number("funding_8h"),
            funding_kind="accrued",
            interval_hours=RATE_HOURS,
            interval_source=INTERVAL_DEFAULT,
            next_funding=None,
            time=row.milliseconds("timestamp"),
        )


def _type(row: Row) -> str:
    """Return "reversed" or "linear"; replies of 2021 have neither field and no linear contract."""
    stated = row.data.get("future_type") or row.data.get("instrument_type")
    if stated:
        return str(stated)
    return "reversed" if row.data.get("quote_currency") == "USD" else ""


VENUE = Deribit()
