"""MEXC: coin-margined (BTC_USD, ETH_USD) and USDT-margined perpetuals.

Documentation: www.mexc.com/api-docs/futures. Limits by address: contract/detail 1 request in 5
seconds, everything else read here 20 in 2 seconds. Numbers are JSON numbers, not text.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from xlhedge.errors import BadReply, HedgeError, NotOffered, RateLimited, UnknownSymbol
from xlhedge.quotes import (
    INTERVAL_STATED,
    FundingRow,
    Instrument,
    Quote,
    Tier,
    contract_type,
)
from xlhedge.venues._base import Offers, Venue
from xlhedge.venues._listing import of_symbol, only_row, readable, rows_by_symbol
from xlhedge.venues._reading import Row, list_rows, round_to_minute

if TYPE_CHECKING:
    from xlhedge.transport import Http, Reply

__all__ = ["VENUE", "Mexc"]

# The documentation moved from contract.mexc.com (pages of 2025-10) to api.mexc.com (its present
# examples), and ccxt 4.5.90 asks api.mexc.com. The paths are the same on both: the older host is
# XLHEDGE_URL_MEXC=https://contract.mexc.com.
HOST = "https://api.mexc.com"
PATH = "/api/v1/contract"

# "20 times / 2 seconds" for funding_rate/{symbol} and funding_rate/history: with a little room
BATCH = 18
BATCH_SECONDS = 2.0
# "page_size: default 20, max 1000"; ccxt says 100. The reply states the size that was served.
HISTORY_PAGE = 1000
MOST_PAGES = 1000

ENABLED = 0  # state: 0 enabled, 1 delivery, 2 completed, 3 offline, 4 pause
STATES = {0: "enabled", 1: "delivery", 2: "completed", 3: "offline", 4: "paused"}
MOST_TIERS = 200


class Mexc(Venue):
    """MEXC's public contract interface.

    Parameters
    ----------
    wait : callable
        Takes seconds; called between requests that the venue wants apart.
    """

    name = "mexc"
    title = "MEXC"
    hosts = (HOST,)
    list_retry_seconds = 5.0
    offers = Offers(inverse=True, linear=True, history="since launch", tiers="public")
    # No table: contract/detail states the fees of each contract. They are uncertain for one
    # account: MEXC grades them by region and, since 2026-05-01, apart for orders by API
    # (announcement "updates to our Futures trading fees for API Futures").
    fees = ()

    def __init__(self, wait: Callable[[float], None] = time.sleep) -> None:
        self._wait = wait

    def fetch_instruments(self, http: Http, kind: str) -> list[Instrument]:
        """Read contract/detail: one list of both kinds, asked for once a refresh."""
        return readable(self._details(http, kind), self._instrument)

    def fetch_quotes(
        self, http: Http, instruments: Sequence[Instrument]
    ) -> dict[str, Quote | HedgeError]:
        """Read ticker (mark and index, all symbols) and each contract's funding_rate."""
        symbol = instruments[0].symbol if len(instruments) == 1 else None
        asked = [lambda item=item: self._funding(http, item) for item in instruments]
        first, *fundings = http.together(
            [lambda: self._get(http, "ticker", {"symbol": symbol}), *asked[:BATCH]]
        )
        if isinstance(first, HedgeError):
            raise first
        for start in range(BATCH, len(asked), BATCH):
            self._wait(BATCH_SECONDS)
            fundings += http.together(asked[start : start + BATCH])
        for outcome in fundings:
            if isinstance(outcome, RateLimited):
                raise outcome
        data, reply = first
        wanted = {item.symbol for item in instruments}
        tickers = rows_by_symbol(self.name, "ticker", data, wanted)
        details = self._detail(http, instruments)
        answers: dict[str, Quote | HedgeError] = {}
        for item, funding in zip(instruments, fundings, strict=True):
            if isinstance(funding, HedgeError):
                answers[item.symbol] = funding
                continue
            try:
                if item.symbol in tickers:
                    tiers = self._tiers_or_none(details.get(item.symbol))
                    answers[item.symbol] = self._quote(
                        item, tickers[item.symbol], funding, tiers, reply
                    )
            except BadReply as error:
                answers[item.symbol] = error
        return answers

    def fetch_history(
        self, http: Http, instrument: Instrument, since: datetime, until: datetime
    ) -> Iterator[FundingRow]:
        """Turn pages, newest first: there is no filter by time.

        A settlement between two pages moves every row down by one, which repeats a row and never
        skips one.
        """
        for number in range(1, MOST_PAGES + 1):
            if number > 1 and number % BATCH == 1:
                self._wait(BATCH_SECONDS)
            params = {
                "symbol": instrument.symbol,
                "page_num": number,
                "page_size": HISTORY_PAGE,
            }
            data, _ = self._get(http, "funding_rate/history", params)
            page = self.row("funding_rate/history", data)
            times = []
            for row in page.rows("resultList"):
                of_symbol(row, instrument.symbol)
                times.append(row.milliseconds("settleTime"))
                yield FundingRow(time=round_to_minute(times[-1]), rate=row.number("fundingRate"))
            if times != sorted(times, reverse=True):
                raise BadReply(self.name, "funding_rate/history is not in order, newest first")
            if not times or times[-1] < since or number >= page.number("totalPage"):
                return
        raise BadReply(self.name, f"funding_rate/history has more than {MOST_PAGES} pages")

    def fetch_tiers(self, http: Http, instrument: Instrument) -> list[Tier]:
        """Build the ladder from contract/detail; the users' own one needs a key."""
        row = self._detail(http, [instrument]).get(instrument.symbol)
        if row is None:
            raise NotOffered(self.name, f"MEXC no longer lists {instrument.symbol}")
        return self._tiers(row)

    def check_envelope(self, reply: Reply, where: str) -> Any:
        """Read the envelope: success, code, data; failures say `message`, some `msg` (ccxt)."""
        envelope = self.row(where, reply.body)
        code = 0 if envelope.missing("code") else envelope.number("code")  # ping has none
        if envelope.data.get("success") is True and code == 0 and reply.status == 200:
            return envelope.data.get("data")
        message = envelope.data.get("message") or envelope.data.get("msg") or ""
        said = f"{where} answers {code:g}: {str(message)[:200]}"
        if code == 510:  # requests are too frequent
            raise RateLimited(self.name, said, reply.received.timestamp() + 10)
        if code == 1001:  # contract does not exist
            raise UnknownSymbol(self.name, said)
        raise BadReply(self.name, said)

    def _get(
        self, http: Http, what: str, params: dict[str, Any] | None = None, keep: bool = False
    ) -> tuple[Any, Reply]:
        return self.ask(http, HOST, f"{PATH}/{what}", params, keep=keep)

    def _details(self, http: Http, kind: str) -> list[Row]:
        """Return the rows of contract/detail of one kind, with quanto contracts."""
        data = http.once(
            (self.name, "detail"), lambda: self._get(http, "detail", keep=True)[0] or []
        )
        return [
            row
            for row in list_rows(self.name, "detail", [data] if isinstance(data, dict) else data)
            # ccxt meets contracts without coins, and leaves them out too
            if not (row.missing("baseCoin") or row.missing("quoteCoin"))
            and _type_or_none(row) in (kind, "quanto", None)
        ]

    def _detail(self, http: Http, items: Sequence[Instrument]) -> dict[str, Row]:
        """Return the rows of contract/detail of some contracts of one kind, by symbol."""
        rows = [row.data for row in self._details(http, items[0].contract_type)]
        return rows_by_symbol(self.name, "detail", rows, {item.symbol for item in items})

    def _funding(self, http: Http, item: Instrument) -> Row:
        data, _ = self._get(http, f"funding_rate/{item.symbol}")
        return only_row(self.name, "funding_rate", data, item.symbol)

    def _instrument(self, row: Row) -> Instrument:
        state = row.number("state")
        kind = _type(row)
        return Instrument(
            venue=self.name,
            symbol=row.text("symbol"),
            coin=row.coin("baseCoin"),
            quote_currency=row.text("quoteCoin"),
            contract_type=kind,
            # Coins a contract for linear (0.0001 BTC); USD for coin-M: BTC_USD 100, ETH_USD 10
            # (mexc.com/learn/article/17827791514437; recorded rows of detail have 100 too)
            contract_size=row.positive("contractSize"),
            size_unit="base" if kind == "linear" else "quote",
            margin_coin=row.coin("settleCoin"),
            lot_size=row.positive_or_none("volUnit"),  # contracts
            tick_size=row.positive_or_none("priceUnit"),  # priceScale is for display only
            # apiAllowed is about orders by API; market data come regardless
            active=state == ENABLED,
            status=STATES.get(int(state), f"state {state:g}"),
            maker_fee=row.number_or_none("makerFeeRate"),
            taker_fee=row.number_or_none("takerFeeRate"),
        )

    def _quote(
        self, item: Instrument, ticker: Row, funding: Row, tiers: Sequence[Tier], reply: Reply
    ) -> Quote:
        return self.new_quote(
            item,
            reply,
            mark=ticker.positive("fairPrice"),
            index=ticker.positive("indexPrice"),
            funding_rate=funding.number("fundingRate"),  # to be charged at nextSettleTime
            funding_kind="predicted",
            interval_hours=funding.positive("collectCycle"),  # HOURS (WEEX: minutes, same name)
            interval_source=INTERVAL_STATED,
            next_funding=funding.milliseconds("nextSettleTime"),
            # Two replies make the quote: it is as old as the older one
            time=min(ticker.milliseconds("timestamp"), funding.milliseconds("timestamp")),
            funding_cap=funding.number_or_none("maxFundingRate"),
            funding_floor=funding.number_or_none("minFundingRate"),
            tiers=tiers,
        )

    def _tiers_or_none(self, row: Row | None) -> Sequence[Tier]:
        # A missing ladder costs the maintenance rate, not the quote
        try:
            return self._tiers(row) if row is not None else ()
        except BadReply:
            return ()

    def _tiers(self, row: Row) -> list[Tier]:
        kind = row.text_or("riskLimitType", "BY_VOLUME")
        if kind != "BY_VOLUME":  # BY_VALUE: its unit is not documented
            raise row.bad("riskLimitType", "'BY_VOLUME'")
        if row.text_or("riskLimitMode") == "CUSTOM":  # a table of its own, in rows of 2026
            levels = [
                (level.positive("maxVol"), level.number("mmr"))
                for level in row.rows("riskLimitCustom")
            ]
        else:
            # Tier k: rate + k x step of the rate, up to base + k x step of the volume
            count = 1 if row.missing("riskLevelLimit") else int(row.number("riskLevelLimit"))
            rate, base = row.number("maintenanceMarginRate"), row.positive("riskBaseVol")
            rate_step, step = row.number("riskIncrMmr"), row.number("riskIncrVol")
            if step <= 0:
                count = 1
            levels = [
                (base + k * step, round(rate + k * rate_step, 10))
                for k in range(max(1, min(count, MOST_TIERS)))
            ]
        tiers = [Tier(up_to, "contracts", mmr) for up_to, mmr in sorted(levels) if mmr < 1]
        if not tiers or not all(tier.maintenance_rate > 0 for tier in tiers):
            raise row.bad("maintenanceMarginRate", "a maintenance rate between 0 and 1")
        return tiers


def _type(row: Row) -> str:
    return contract_type(row.coin("baseCoin"), row.text("quoteCoin"), row.coin("settleCoin"))


def _type_or_none(row: Row) -> str | None:
    try:
        return _type(row)
    except BadReply:  # so that the row is read, and says what is wrong with it
        return None


VENUE = Mexc()
