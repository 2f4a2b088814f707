"""WEEX: USDT-margined perpetuals. No source shows an inverse one.

Documentation: www.weex.com/api-doc/contract (v3). What is read here weighs 1 by address, funding
history 5; ccxt 4.5.90 keeps to 10 weight a second. Successful replies have no envelope.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from xlhedge.errors import BadReply, HedgeError, NotOffered, RateLimited, UnknownSymbol
from xlhedge.quotes import INTERVAL_STATED, Fee, FundingRow, Instrument, Quote, contract_type
from xlhedge.venues._base import Offers, Venue
from xlhedge.venues._listing import of_symbol, readable, rows_by_symbol, step
from xlhedge.venues._reading import Row, list_rows, round_to_minute, to_milliseconds

if TYPE_CHECKING:
    from xlhedge.transport import Http, Reply

__all__ = ["VENUE", "Weex"]

HOST = "https://api-contract.weex.com"
PATH = "/capi/v3/market"
MINUTES_AN_HOUR = 60
HOURS_A_DAY = 24

# "The time span between startTime and endTime must not exceed 7 days"; "limit: 1-1000"
HISTORY_SPAN = timedelta(days=7)
HISTORY_PAGE = 1000
HISTORY_SECONDS = 0.5  # between requests of weight 5
TOO_OLD = -1170  # "startTime must be within the last days. Time range cannot exceed days."


class Weex(Venue):
    """WEEX's public contract interface.

    Parameters
    ----------
    wait : callable
        Takes seconds; called between requests that the venue wants apart.
    """

    name = "weex"
    title = "WEEX"
    hosts = (HOST,)
    offers = Offers(inverse=False, linear=True, history="in windows of 7 days", tiers="")
    # The contract list's own rates come first.
    fees = (
        Fee("linear", 0.0002, 0.0008, "reply of account/commissionRate recorded by ccxt", "2026"),
    )

    def __init__(self, wait: Callable[[float], None] = time.sleep) -> None:
        self._wait = wait

    def resolve(self, http: Http, asked: str) -> Instrument:
        """Return a linear instrument; a coin-margined one, should WEEX list any, is refused.

        The list has a flag for it, so that it could come without notice, but nothing documents the
        face value of such a contract.
        """
        item = super().resolve(http, asked)
        if item.contract_type != "linear":
            raise NotOffered(
                self.name,
                f"WEEX lists {item.symbol} as margined in {item.margin_coin}, not as USDT-M; what "
                "its contract is worth is not documented, so it is not read",
            )
        return item

    def fetch_instruments(self, http: Http, kind: str) -> list[Instrument]:
        """Read exchangeInfo. It has no status: what is listed is traded."""
        body, _ = self._get(http, "exchangeInfo", keep=True)
        return readable(self.row("exchangeInfo", body).rows("symbols"), self._instrument)

    def fetch_quotes(
        self, http: Http, instruments: Sequence[Instrument]
    ) -> dict[str, Quote | HedgeError]:
        """Read premiumIndex: always a list, of one symbol or of all."""
        symbol = instruments[0].symbol if len(instruments) == 1 else None
        body, reply = self._get(http, "premiumIndex", {"symbol": symbol})
        wanted = {item.symbol for item in instruments}
        rows = rows_by_symbol(self.name, "premiumIndex", body, wanted)
        answers: dict[str, Quote | HedgeError] = {}
        for item in instruments:
            try:
                if item.symbol in rows:
                    answers[item.symbol] = self._quote(item, rows[item.symbol], reply)
            except BadReply as error:
                answers[item.symbol] = error
        return answers

    def fetch_history(
        self, http: Http, instrument: Instrument, since: datetime, until: datetime
    ) -> Iterator[FundingRow]:
        """Go back from `until` window by window; a week without settlements is before launch.

        Both ends are inclusive, and the order of the rows is not documented.
        """
        end = until
        while end >= since:
            start = max(since, end - HISTORY_SPAN)
            params = {
                "symbol": instrument.symbol,
                "startTime": to_milliseconds(start),
                "endTime": to_milliseconds(end),
                "limit": HISTORY_PAGE,
            }
            try:
                body, _ = self._get(http, "fundingRate", params)
            except NotOffered:  # older than WEEX keeps
                if end == until:
                    raise
                return
            rows = list(list_rows(self.name, "fundingRate", body))
            if len(rows) >= HISTORY_PAGE:
                raise BadReply(self.name, f"fundingRate has {len(rows)} rows in 7 days")
            for row in rows:
                of_symbol(row, instrument.symbol)
                yield FundingRow(
                    time=round_to_minute(row.milliseconds("fundingTime")),
                    rate=row.number("fundingRate"),
                    mark=row.positive_or_none("markPrice"),
                )
            if not rows and end - start >= HISTORY_SPAN:
                return
            end = start - timedelta(milliseconds=1)
            if end >= since:
                self._wait(HISTORY_SECONDS)

    def check_envelope(self, reply: Reply, where: str) -> Any:
        """Read WEEX's errors, {"code": -1121, "msg": ...}; with which HTTP status is unknown."""
        body = reply.body
        if reply.status == 200 and not (isinstance(body, dict) and "code" in body):
            return body
        error = self.row(where, body)
        code, message = error.data.get("code"), str(error.data.get("msg", ""))[:200]
        said = f"{where} answers {code}: {message}"
        code = int(error.number("code")) if not error.missing("code") else 0
        if code == -1121:  # invalid symbol
            raise UnknownSymbol(self.name, said)
        if code == TOO_OLD:
            raise NotOffered(self.name, said)
        if "rate limit" in message.lower():  # "Rate limit exceeded", with HTTP 429 as a rule
            raise RateLimited(self.name, said, reply.received.timestamp() + 60)
        raise BadReply(self.name, said)

    def _get(
        self, http: Http, what: str, params: dict[str, Any] | None = None, keep: bool = False
    ) -> tuple[Any, Reply]:
        return self.ask(http, HOST, f"{PATH}/{what}", params, keep=keep)

    def _instrument(self, row: Row) -> Instrument:
        coin, quote, margin = row.coin("baseAsset"), row.text("quoteAsset"), row.coin("marginAsset")
        kind = contract_type(coin, quote, margin)
        # forwardContractFlag: "Whether the contract is USDT-margined"
        if row.data.get("forwardContractFlag") is not True and kind == "linear":
            kind = "not forward"
        size = row.positive("contractVal")  # coins a contract: BTC 0.0001, DOGE 100
        settlements = row.data.get("delivery")  # clock times; none, for what is not known
        count = len(settlements) if isinstance(settlements, list) else 0
        return Instrument(
            venue=self.name,
            symbol=row.text("symbol"),
            coin=coin,
            quote_currency=quote,
            contract_type=kind,
            contract_size=size,
            size_unit="base",
            margin_coin=margin,
            # Orders are in coins; quantityPrecision may be negative (DOGE -2: steps of 100 coins)
            lot_size=step(row, "quantityPrecision") / size,
            tick_size=step(row, "pricePrecision"),
            interval_hours=HOURS_A_DAY / count if count else None,
            maker_fee=row.number_or_none("makerFeeRate"),
            taker_fee=row.number_or_none("takerFeeRate"),
        )

    def _quote(self, item: Instrument, row: Row, reply: Reply) -> Quote:
        return self.new_quote(
            item,
            reply,
            mark=row.positive("markPrice"),
            index=row.positive("indexPrice"),
            # lastFundingRate is the one last SETTLED (ETHUSDT, 2026-04-07 21:33 UTC: equal to the
            # settlement of 16:00); the one to be charged next is the forecast. ccxt 4.5.90 reports
            # the settled one as the present rate.
            funding_rate=row.number("forecastFundingRate"),
            funding_kind="predicted",
            # collectCycle is in MINUTES ("Funding interval in minutes": 480); MEXC's in hours
            interval_hours=row.positive("collectCycle") / MINUTES_AN_HOUR,
            interval_source=INTERVAL_STATED,
            next_funding=row.milliseconds("nextFundingTime"),
            time=row.milliseconds("time"),
        )


VENUE = Weex()
