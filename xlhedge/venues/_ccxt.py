"""The long tail: any exchange that the ccxt library reads, as ``ccxt:<its name there>``.

ccxt is an optional extra, imported when such a venue is asked and not before. What it reads is
taken for no more than it says: a funding interval, a contract size or a mark price that ccxt does
not state is refused and never filled in, and every quote passes the checks of all others. The
requests run over this package's own session, with its cap, deadline and TLS rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from xlhedge.errors import (
    BadReply,
    HedgeError,
    NotOffered,
    RateLimited,
    UnknownSymbol,
    VenueUnreachable,
)
from xlhedge.quotes import Instrument, Quote, contract_type
from xlhedge.venues._base import Offers, Venue

if TYPE_CHECKING:
    from xlhedge.transport import Http

__all__ = ["CcxtVenue", "member"]

INSTALL = 'ccxt is not installed, which reads this exchange: pip install "xlhedge[ccxt]"'
# Where ccxt is known to be wrong and a venue of our own is right (tests/venues/test_ccxt_agrees.py)
READ_HERE = {
    "deribit": ("deribit", "steps in USD stand for contracts, what accrued for what is to come"),
    "krakenfutures": ("kraken", "rates of PI_ contracts are divided by a price"),
    "weex": ("weex", "the rate last settled stands for the one to come"),
}
PERPETUAL_TYPES = {"swap", "linear", "inverse", "contract"}  # what fetchMarkets may be limited to
TICK_SIZE = 4  # ccxt's precisionMode in which precisions are steps, not numbers of decimals
HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0}
SLACK = timedelta(minutes=10)  # a settlement this long ago may still be the one that is charged
PAUSE_SECONDS = 60


class CcxtVenue(Venue):
    """One exchange as ccxt reads it: quotes; no history and no tiers.

    Parameters
    ----------
    exchange_id : str
        ccxt's name of the exchange: "kucoinfutures".
    load : callable
        Imports ccxt, by name.
    """

    offers = Offers(inverse=True, linear=True, history="", tiers="")
    fees = ()

    def __init__(self, exchange_id: str, load: Callable[[str], Any] = import_module) -> None:
        self.name = f"ccxt:{exchange_id}"
        self.title = f"{exchange_id}, read by ccxt,"
        self._id = exchange_id
        self._load = load

    def fetch_instruments(self, http: Http, kind: str) -> list[Instrument]:
        """Read ccxt's markets: perpetuals by "swap", their type by what they are margined in."""
        perpetuals = [m for m in self._markets(http) if m.get("swap") and m.get("settle")]
        if not perpetuals:
            raise NotOffered(self.name, f"{self.title} lists no perpetuals")
        items = [self._instrument(http, market) for market in perpetuals]
        # Quanto contracts are listed among the inverse ones, to be refused by name
        return [i for i in items if (i.contract_type == "linear") == (kind == "linear")]

    def fetch_quotes(
        self, http: Http, instruments: Sequence[Instrument]
    ) -> dict[str, Quote | HedgeError]:
        """Read one contract after the other, at the pace that ccxt keeps for the exchange."""
        answers: dict[str, Quote | HedgeError] = {}
        for item in instruments:
            try:
                answers[item.symbol] = self._quote(http, item)
            except RateLimited:
                raise
            except HedgeError as error:
                answers[item.symbol] = error
        return answers

    def fee(self, instrument: Instrument) -> tuple[float | None, float | None, str | None]:
        """Return maker fee, taker fee and their source, which is ccxt's own table."""
        if instrument.taker_fee is None:
            return None, None, None
        return instrument.maker_fee, instrument.taker_fee, f"ccxt {self._library().__version__}"

    def _listed(self, http: Http, kind: str) -> list[Instrument]:
        # Unlike a venue of our own, an exchange may well have no perpetual of one kind
        return http.once((self.name, kind), lambda: self.fetch_instruments(http, kind))

    # -- ccxt -------------------------------------------------------------------------------

    def _library(self) -> Any:
        try:
            return self._load("ccxt")
        except ModuleNotFoundError:
            raise NotOffered(self.name, INSTALL) from None

    def _exchange(self, http: Http) -> Any:
        return http.once((self.name, "exchange"), lambda: self._new_exchange(http))

    def _new_exchange(self, http: Http) -> Any:
        library = self._library()
        if self._id in READ_HERE:
            ours, why = READ_HERE[self._id]
            raise NotOffered(self.name, f"xlhedge reads it itself: use {ours}; by ccxt, {why}")
        if self._id not in library.exchanges:
            near = get_close_matches(self._id, library.exchanges, n=3)
            hint = f"; nearest: {', '.join(near)}" if near else ""
            raise NotOffered(self.name, f"ccxt {library.__version__} has no such exchange{hint}")
        exchange = getattr(library, self._id)()
        exchange.session = http.lend_session()
        exchange.has["fetchCurrencies"] = False  # one more request, for nothing that is used here
        markets = exchange.options.get("fetchMarkets")
        types = markets.get("types") if isinstance(markets, dict) else None
        if isinstance(types, list):
            markets["types"] = [t for t in types if t in PERPETUAL_TYPES] or types
        elif isinstance(types, dict):
            markets["types"] = {t: on if t in PERPETUAL_TYPES else False for t, on in types.items()}
        exchange.urls["api"] = _each_url(
            exchange.urls["api"], lambda url: http.placed(exchange.implode_hostname(url))
        )
        return exchange

    def _markets(self, http: Http) -> list[Mapping[str, Any]]:
        with self._judging(http):
            return list(self._exchange(http).load_markets().values())

    @contextmanager
    def _judging(self, http: Http) -> Iterator[None]:
        """Turn what ccxt raises into this package's errors."""
        try:
            yield
        except HedgeError:
            raise
        except Exception as error:  # ccxt's own errors, and whatever a changed reply makes it raise
            library = self._library()
            said = f"ccxt says {type(error).__name__}: {str(error)[:200]}"
            if isinstance(error, library.RateLimitExceeded | library.DDoSProtection):
                retry_at = http.clock().timestamp() + PAUSE_SECONDS
                raise RateLimited(self.name, said, retry_at) from None
            if isinstance(error, library.BadSymbol):
                raise UnknownSymbol(self.name, said) from None
            if isinstance(error, library.NotSupported):
                raise NotOffered(self.name, said) from None
            if isinstance(error, library.NetworkError):
                raise VenueUnreachable(self.name, said) from None
            raise BadReply(self.name, said) from None

    # -- reading ----------------------------------------------------------------------------

    def _instrument(self, http: Http, market: Mapping[str, Any]) -> Instrument:
        coin, quote, margin = market["base"], market["quote"], market["settle"]
        kind = contract_type(coin, quote, margin)
        size = market.get("contractSize")
        active, status = market.get("active") is not False, "active by ccxt"
        if not active:
            status = "not active by ccxt"
        elif not isinstance(size, int | float) or not size > 0:
            active, status = False, "ccxt does not state a contract size"
        elif kind != "quanto" and bool(market.get("inverse")) != (kind == "inverse"):
            active, status = False, f"{kind} by its margin coin, but ccxt says otherwise"
        precision = market.get("precision") or {}
        steps = self._exchange(http).precisionMode == TICK_SIZE
        return Instrument(
            venue=self.name,
            symbol=market["id"],
            coin=coin,
            quote_currency=quote,
            contract_type=kind,
            contract_size=float(size) if active else 0.0,
            size_unit="quote" if kind == "inverse" else "base",
            margin_coin=margin,
            lot_size=precision.get("amount") if steps else None,
            tick_size=precision.get("price") if steps else None,
            active=active,
            status=status,
            maker_fee=market.get("maker"),
            taker_fee=market.get("taker"),
        )

    def _quote(self, http: Http, item: Instrument) -> Quote:
        from xlhedge.transport import Reply

        exchange = self._exchange(http)
        with self._judging(http):
            symbol = next(m["symbol"] for m in exchange.markets_by_id[item.symbol] if m.get("swap"))
            funding = exchange.fetch_funding_rate(symbol)
            source = urlsplit(exchange.last_request_url or "")
            replies = [funding]
            for name in ("fetchMarkPrice", "fetchTicker"):
                if all(_first(replies, key) is not None for key in ("markPrice", "indexPrice")):
                    break
                if exchange.has.get(name):
                    replies.append(getattr(exchange, name)(symbol))
            hours = self._hours(exchange, symbol, funding)
        time = self._time(exchange, replies)
        settles = _datetime(funding.get("fundingTimestamp"))
        return self.new_quote(
            item,
            Reply(None, 200, http.clock(), f"{source.netloc}{source.path}, read by ccxt"),
            mark=self._number(item, replies, "markPrice"),
            index=self._number(item, replies, "indexPrice"),
            funding_rate=self._number(item, [funding], "fundingRate"),
            # ccxt's fundingRate is the one charged at fundingTimestamp
            funding_kind="settled" if settles and settles < time - SLACK else "predicted",
            interval_hours=hours,
            interval_source=f"stated by ccxt {self._library().__version__}",
            next_funding=_upcoming(funding, time, hours),
            time=time,
        )

    def _number(self, item: Instrument, replies: Sequence[Mapping[str, Any]], key: str) -> float:
        value = _first(replies, key)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise BadReply(self.name, f"ccxt gives no {key} of {item.symbol}")
        return float(value)

    def _hours(self, exchange: Any, symbol: str, funding: Mapping[str, Any]) -> float:
        stated = funding.get("interval")
        if stated is None and exchange.has.get("fetchFundingInterval"):
            stated = exchange.fetch_funding_interval(symbol).get("interval")
        parts = re.fullmatch(r"(\d+)([mhd])", str(stated))
        if parts is None:
            raise BadReply(self.name, f"ccxt states no funding interval of {symbol} ({stated!r})")
        return int(parts[1]) * HOURS[parts[2]]

    def _time(self, exchange: Any, replies: Sequence[Mapping[str, Any]]) -> datetime:
        """Return the oldest of the times stated; where there is none, the server's Date."""
        times = [_datetime(reply.get("timestamp")) for reply in replies]
        stated = [time for time in times if time is not None]
        if stated:
            return min(stated)
        try:
            date = parsedate_to_datetime((exchange.last_response_headers or {})["Date"])
            return date.replace(tzinfo=date.tzinfo or UTC)  # always GMT (RFC 9110, 5.6.7)
        except (KeyError, TypeError, ValueError):
            raise BadReply(self.name, "neither ccxt nor the server states a time") from None


def member(name: str) -> CcxtVenue:
    """Return the venue of one of ccxt's exchanges; that it exists is found out when it is asked."""
    return CcxtVenue(name)


def _each_url(urls: Any, place: Callable[[str], str]) -> Any:
    """Return ccxt's nested addresses with each http address placed anew."""
    if isinstance(urls, Mapping):
        return {key: _each_url(value, place) for key, value in urls.items()}
    return place(urls) if isinstance(urls, str) and urls.startswith("http") else urls


def _first(replies: Sequence[Mapping[str, Any]], key: str) -> Any:
    return next((reply[key] for reply in replies if reply.get(key) is not None), None)


def _datetime(milliseconds: Any) -> datetime | None:
    if not isinstance(milliseconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _upcoming(funding: Mapping[str, Any], time: datetime, hours: float) -> datetime | None:
    """Return the first stated settlement within an interval from now.

    Some of ccxt's exchanges put other times there: for KuCoin, nextFundingTimestamp is when the
    interval last changed.
    """
    stated = [_datetime(funding.get(k)) for k in ("fundingTimestamp", "nextFundingTimestamp")]
    latest = time + timedelta(hours=hours) + SLACK
    return min((s for s in stated if s is not None and time <= s <= latest), default=None)
