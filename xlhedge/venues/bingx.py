"""BingX: coin-margined (cswap, inverse) and USDT-/USDC-margined (swap, linear) perpetuals.

Documentation: bingx-api.github.io/docs-v3 and github.com/BingX-API/api-ai-skills. Limit of coin-M:
1 request a second, address and endpoint; what is read here asks each endpoint once a batch. Every
request carries the time in milliseconds: "a timestamp query parameter is required".
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from xlhedge.errors import BadReply, HedgeError, NotOffered, RateLimited, UnknownSymbol
from xlhedge.quotes import INTERVAL_STATED, Fee, FundingRow, Instrument, Quote, contract_type
from xlhedge.venues._base import Offers, Venue
from xlhedge.venues._listing import of_symbol, readable, rows_by_symbol, step
from xlhedge.venues._reading import Row, coin_name, list_rows, round_to_minute, to_milliseconds

if TYPE_CHECKING:
    from xlhedge.transport import Http, Reply

__all__ = ["VENUE", "BingX"]

# open-api.bingx.pro is for when this one cannot be reached (base-urls.md of api-ai-skills)
HOST = "https://open-api.bingx.com"


@dataclass(frozen=True, slots=True)
class _Api:
    contracts: str
    premium: str


APIS = {
    "inverse": _Api("/openApi/cswap/v1/market/contracts", "/openApi/cswap/v1/market/premiumIndex"),
    "linear": _Api("/openApi/swap/v2/quote/contracts", "/openApi/swap/v2/quote/premiumIndex"),
}
LINEAR_HISTORY = "/openApi/swap/v2/quote/fundingRate"

# Coin-M states no interval, and older USDT-M replies neither. Recorded next settlements (2026-02-17
# 16:00, 2026-08-22 00:00 UTC) fit 00:00, 08:00, 16:00; what does not is refused.
ASSUMED_HOURS = 8
INTERVAL_ASSUMED = "assumed: BingX states none for this contract"
UNCONFIRMED = "BingX does not say whether the rate was settled last or is still to come"
UNCONFIRMED_INTERVAL = f"{UNCONFIRMED}, nor how long its interval is"

HISTORY_PAGE = 1000  # "limit: maximum 1000" (ccxt 4.5.90, bingx.py)
SECOND_APART = 1.0
ACTIVE = 1  # status; 25 and others: suspended. apiStateOpen is about orders by API only


class BingX(Venue):
    """BingX's public market interfaces.

    Parameters
    ----------
    wait : callable
        Takes seconds; called between requests that the venue wants apart.
    """

    name = "bingx"
    title = "BingX"
    hosts = (HOST,)
    list_retry_seconds = retry_seconds = SECOND_APART
    offers = Offers(
        inverse=True, linear=True, history="linear only: none is published of coin-M", tiers=""
    )
    # Lowest tier, fractions. Coin-M: a reply of /cswap/v1/user/commissionRate of 2024-07-19 (taker
    # 0.0005, maker 0.0002), measured again by others in 2026-09. USDT-M: the contract list's own
    # rates come first.
    fees = (
        Fee("inverse", 0.0002, 0.0005, "ccxt 4.5.90, bingx.py, reply of commissionRate", "2024-07"),
        Fee("linear", 0.0002, 0.0005, "ccxt 4.5.90, bingx.py, reply of contracts", "2026-11"),
    )

    def __init__(self, wait: Callable[[float], None] = time.sleep) -> None:
        self._wait = wait

    def fetch_instruments(self, http: Http, kind: str) -> list[Instrument]:
        """Read contracts, of coin-M or of USDT-M and USDC-M."""
        data, _ = self._get(http, APIS[kind].contracts, keep=True)
        read = self._inverse if kind == "inverse" else self._linear
        return readable(list_rows(self.name, "contracts", data), read)

    def fetch_quotes(
        self, http: Http, instruments: Sequence[Instrument]
    ) -> dict[str, Quote | HedgeError]:
        """Read premiumIndex: one request, of one symbol or of all."""
        symbol = instruments[0].symbol if len(instruments) == 1 else None
        path = APIS[instruments[0].contract_type].premium
        data, reply = self._get(http, path, {"symbol": symbol})
        # Coin-M with a symbol: documented as an object with `time`, captured (2026-08-21) as a list
        # of one without it. USDT-M with a symbol: an object.
        wanted = {item.symbol for item in instruments}
        rows = rows_by_symbol(self.name, "premiumIndex", data, wanted)
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
        """Page back from `until`; the reply is newest first. There is none for coin-M."""
        if instrument.contract_type == "inverse":
            raise NotOffered(
                self.name,
                f"BingX publishes no funding history of its coin-M contracts ({instrument.symbol})",
            )
        return self._pages(http, instrument, to_milliseconds(since), to_milliseconds(until))

    def _pages(
        self, http: Http, instrument: Instrument, start: int, end: int
    ) -> Iterator[FundingRow]:
        while end >= start:
            params = {
                "symbol": instrument.symbol,
                "startTime": start,
                "endTime": end,
                "limit": HISTORY_PAGE,
            }
            data, _ = self._get(http, LINEAR_HISTORY, params)
            rows = list(list_rows(self.name, "fundingRate", data))
            times = [row.milliseconds("fundingTime") for row in rows]
            for row, settled in zip(rows, times, strict=True):
                of_symbol(row, instrument.symbol)
                yield FundingRow(time=round_to_minute(settled), rate=row.number("fundingRate"))
            if len(rows) < HISTORY_PAGE:
                return
            oldest = to_milliseconds(min(times))
            if oldest > end:
                raise BadReply(self.name, "fundingRate does not move back from page to page")
            end = oldest - 1
            self._wait(SECOND_APART)

    def check_envelope(self, reply: Reply, where: str) -> Any:
        """Read the envelope: errors come with HTTP 200 and a code other than 0 (error-codes.md)."""
        envelope = self.row(where, reply.body)
        code = envelope.number("code")
        if code == 0 and reply.status == 200:
            return envelope.data.get("data")
        message = str(envelope.data.get("msg", ""))[:200]
        said = f"{where} answers {code:g}: {message}"
        if code == 100410:
            raise RateLimited(self.name, said, _unblocked_at(message, reply))
        # 80014 is the older "Invalid parameters", of whatever parameter
        if code == 109425 or (code == 80014 and "Symbol" in message):
            raise UnknownSymbol(self.name, said)
        raise BadReply(self.name, said)

    def _get(
        self, http: Http, path: str, params: dict[str, Any] | None = None, keep: bool = False
    ) -> tuple[Any, Reply]:
        # Without the time, coin-M answers 104414
        dated = {**(params or {}), "timestamp": to_milliseconds(http.clock())}
        return self.ask(http, HOST, path, dated, keep=keep)

    def _inverse(self, row: Row) -> Instrument:
        coin, _, quote = row.text("symbol").partition("-")
        status = row.number("status")
        return Instrument(
            venue=self.name,
            symbol=row.text("symbol"),
            coin=coin_name(coin),
            quote_currency=quote,
            # No margin coin is stated; coin-M is margined and settled in the base coin
            contract_type="inverse",
            # Despite its name, minTickSize is the FACE VALUE ("minimum contract value, in USD"):
            # 10 for SOL-USD fits a captured position; BTC-USD is 100 in recorded rows of 2026 and
            # by its traded volume, although the documentation's example has 10.
            contract_size=row.positive("minTickSize"),
            size_unit="quote",
            margin_coin=coin_name(coin),
            lot_size=1.0,  # orders count whole contracts
            tick_size=step(row, "pricePrecision"),
            active=status == ACTIVE,
            status=f"{status:g}",
        )

    def _linear(self, row: Row) -> Instrument:
        _, _, quote = row.text("symbol").partition("-")
        coin, margin = row.coin("asset"), row.coin("currency")
        status = row.number("status")
        return Instrument(
            venue=self.name,
            symbol=row.text("symbol"),
            coin=coin,
            quote_currency=quote,
            contract_type=contract_type(coin, quote, margin),
            contract_size=1.0,  # orders are in coins
            size_unit="base",
            margin_coin=margin,
            lot_size=step(row, "quantityPrecision"),
            tick_size=step(row, "pricePrecision"),
            active=status == ACTIVE,
            status=f"{status:g}",
            maker_fee=row.number_or_none("makerFeeRate"),
            taker_fee=row.number_or_none("takerFeeRate"),
        )

    def _quote(self, item: Instrument, row: Row, reply: Reply) -> Quote:
        next_funding = row.milliseconds("nextFundingTime")
        hours = row.positive_or_none("fundingIntervalHours")  # newer, USDT-M only
        stated = hours is not None
        if not stated and (next_funding.hour % ASSUMED_HOURS or next_funding.minute):
            raise row.bad(
                "nextFundingTime", f"one that fits the {ASSUMED_HOURS} hours that are assumed"
            )
        return self.new_quote(
            item,
            reply,
            mark=row.positive("markPrice"),
            index=row.positive("indexPrice"),
            # "Most recent funding rate": nothing says whether the one last settled or the running
            # estimate (WEEX uses the same words for the one last settled). "settled" promises
            # nothing about the next settlement, so it is the label that misleads least.
            funding_rate=row.number("lastFundingRate"),
            funding_kind="settled",
            interval_hours=hours if stated else float(ASSUMED_HOURS),
            interval_source=INTERVAL_STATED if stated else INTERVAL_ASSUMED,
            unconfirmed=UNCONFIRMED if stated else UNCONFIRMED_INTERVAL,
            next_funding=next_funding,
            time=self._time(item, row, reply),
            # Newer fields, USDT-M only
            funding_cap=row.number_or_none("maxFundingRate"),
            funding_floor=row.number_or_none("minFundingRate"),
        )

    def _time(self, item: Instrument, row: Row, reply: Reply) -> datetime:
        """Return when the figures are of: the row's time, the envelope's, or when they came.

        A row's updateTime is no such time: in ccxt's example it is the last settlement's.
        """
        if not row.missing("time"):
            return row.milliseconds("time")
        envelope = self.row("premiumIndex", reply.body)
        if item.contract_type == "linear" and envelope.missing("timestamp"):
            return reply.received  # USDT-M examples state no time at all
        return envelope.milliseconds("timestamp")


def _unblocked_at(message: str, reply: Reply) -> float:
    """Read "... in the disabled period and will be unblocked after 1727193814249"."""
    found = re.search(r"\b(\d{13})\b", message)
    now = reply.received.timestamp()
    stated = int(found[1]) / 1000 if found else 0.0
    return stated if now < stated < now + 7 * 86400 else now + 60


VENUE = BingX()
