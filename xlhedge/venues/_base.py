"""What all venues share: finding the instrument that was asked for, and the order of the work.

A venue module defines a subclass and its single instance ``VENUE``. It says how to read the
venue's instrument list, the quotes of some instruments, the past settlements of one; all else is
here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from xlhedge._refusals import RETRY_SECONDS
from xlhedge.errors import BadReply, HedgeError, NotOffered, RateLimited, UnknownSymbol, VenueError
from xlhedge.quotes import Fee, FundingRow, Instrument, Quote, Tier, linear_coin
from xlhedge.venues._finding import is_inverse_of, linear_of, not_found, usable
from xlhedge.venues._listing import ladder
from xlhedge.venues._reading import Row, coin_name, round_to_minute

if TYPE_CHECKING:
    from xlhedge.transport import Http, Reply

__all__ = ["Offers", "Venue"]

JITTER = timedelta(minutes=1)  # settlements are stamped up to seconds off their whole minute

# What a quote takes from its instrument, unless the venue's reply says otherwise
SHARED = (
    "symbol",
    "coin",
    "contract_type",
    "quote_currency",
    "contract_size",
    "size_unit",
    "margin_coin",
    "lot_size",
    "tick_size",
    "interval_hours",
    "funding_cap",
    "funding_floor",
)


@dataclass(frozen=True, slots=True)
class Offers:
    """What a venue's public interface offers, for ``xlhedge venues``."""

    inverse: bool
    linear: bool
    history: str  # how far back or why not; "" for none
    tiers: str  # "" for none


class Venue(ABC):
    """One venue. Instances hold no state: the connection is handed to every method."""

    name: ClassVar[str]
    title: ClassVar[str]
    offers: ClassVar[Offers]
    hosts: ClassVar[tuple[str, ...]] = ()  # base URLs, for ``xlhedge venues``
    fees: ClassVar[tuple[Fee, ...]]
    # Seconds from a request that met a fault of the moment to its retry: of instrument lists, and
    # of everything else. What would take longer than a refresh can wait is not retried.
    list_retry_seconds: ClassVar[float] = RETRY_SECONDS
    retry_seconds: ClassVar[float] = RETRY_SECONDS

    # -- what a venue module writes ---------------------------------------------------------

    @abstractmethod
    def fetch_instruments(self, http: Http, kind: str) -> list[Instrument]:
        """Return the perpetuals of a kind ("inverse" or "linear"), quanto and halted ones too."""

    @abstractmethod
    def fetch_quotes(
        self, http: Http, instruments: Sequence[Instrument]
    ) -> Mapping[str, Quote | HedgeError]:
        """Return symbol -> quote or error for instruments of one contract type."""

    def fetch_history(
        self, http: Http, instrument: Instrument, since: datetime, until: datetime
    ) -> Iterable[FundingRow]:
        """Return the settlements from `since` to `until`, in any order, repeats allowed."""
        raise NotOffered(self.name, f"{self.title} publishes no funding history of this contract")

    def fetch_tiers(self, http: Http, instrument: Instrument) -> list[Tier]:
        """Return the maintenance tiers, smallest position first."""
        raise NotOffered(self.name, f"{self.title} publishes no margin tiers without a key")

    def check_envelope(self, reply: Reply, where: str) -> Any:
        """Return the payload of a reply, or raise what its envelope says went wrong."""
        return reply.body

    def search_order(self, asked: str) -> tuple[str, ...]:
        """Return the kinds of contract to search for a symbol, likeliest first."""
        word = asked.upper()
        linear_first = "USDT" in word or "USDC" in word
        return ("linear", "inverse") if linear_first else ("inverse", "linear")

    # -- what callers use -------------------------------------------------------------------

    def instruments(self, http: Http, kind: str | None = None) -> list[Instrument]:
        """Return the venue's perpetuals, of one kind ("inverse", "linear") or of all it offers."""
        kinds = [kind] if kind else [k for k in ("inverse", "linear") if getattr(self.offers, k)]
        return [found for k in kinds for found in self._listed(http, k)]

    def quote(self, http: Http, asked: str) -> Quote:
        """Return the quote of one symbol, or of a coin's inverse perpetual."""
        answer = self.quotes(http, [asked])[asked]
        if isinstance(answer, HedgeError):
            raise answer
        return answer

    def quotes(self, http: Http, asked: Sequence[str]) -> dict[str, Quote | HedgeError]:
        """Return a quote or an error for each symbol or coin asked, with the fewest requests."""
        found: dict[str, Instrument | HedgeError] = {}
        for word in dict.fromkeys(asked):
            try:
                found[word] = self.resolve(http, word)
            except RateLimited as error:
                return dict.fromkeys(asked, error)
            except HedgeError as error:
                found[word] = error
        answers: dict[str, Quote | HedgeError] = {}
        for kind in ("inverse", "linear"):
            wanted = {
                item.symbol: item
                for item in found.values()
                if isinstance(item, Instrument) and item.contract_type == kind
            }
            if wanted:
                answers |= self._asked(http, list(wanted.values()))
        return {
            word: answers[item.symbol] if isinstance(item, Instrument) else item
            for word, item in found.items()
        }

    def history(self, http: Http, asked: str, since: datetime, until: datetime) -> list[FundingRow]:
        """Return the settlements from `since` to `until`, oldest first, each once.

        Pages may repeat a row; two rows of one time with different rates cannot both be true.
        """
        item, found = self.resolve(http, asked), {}
        for row in self.fetch_history(http, item, since - JITTER, until + JITTER):
            if not since <= row.time <= until:
                continue
            if found.setdefault(row.time, row).rate != row.rate:
                raise BadReply(
                    self.name,
                    f"the history has two different settlements of {item.symbol} at "
                    f"{row.time:%Y-%m-%d %H:%M} UTC",
                )
        return [found[time] for time in sorted(found)]

    def tiers(self, http: Http, asked: str) -> list[Tier]:
        """Return the maintenance tiers of a contract, smallest position first."""
        item = self.resolve(http, asked)
        found = self.fetch_tiers(http, item)
        if found and not ladder(found):
            raise BadReply(self.name, f"the margin tiers of {item.symbol} contradict each other")
        return list(ladder(found))

    def resolve(self, http: Http, asked: str) -> Instrument:
        """Return the instrument that a symbol or a coin's name means.

        A coin's name means its inverse perpetual: margin coin = base coin, quoted in USD, active,
        by what the instrument list says. ``linear:BTC`` means its linear one, in USDT if there is
        one.

        Raises
        ------
        UnknownSymbol
            Nothing of that name, with the nearest symbols; also for a halted contract.
        NotOffered
            A quanto contract, or a coin without an inverse perpetual here.
        BadReply
            The list's row of it cannot be read, or contradicts another row of it.
        """
        try:
            return self._resolve(http, asked)
        except (UnknownSymbol, NotOffered, BadReply) as error:
            if not http.used_kept:
                if isinstance(error, BadReply):
                    http.drop_kept(parsed=False)  # what is wrong is not kept for a day
                raise
        http.drop_kept()  # a contract newer than the lists that were kept for a day
        return self._resolve(http, asked)

    def fee(self, instrument: Instrument) -> tuple[float | None, float | None, str | None]:
        """Return maker fee, taker fee and their source: the instrument list's, or the table's."""
        if instrument.taker_fee is not None:
            return instrument.maker_fee, instrument.taker_fee, "the venue's instrument list"
        for fee in self.fees:
            if fee.contract_type == instrument.contract_type:
                return fee.maker, fee.taker, f"{fee.source} ({fee.date})"
        return None, None, None

    def new_quote(self, instrument: Instrument, reply: Reply, **read: Any) -> Quote:
        """Return a quote from what was `read` of a reply and what the instrument says."""
        maker, taker, fee_source = self.fee(instrument)
        shared = {name: getattr(instrument, name) for name in SHARED}
        tiers = ladder(read.pop("tiers", ()))
        if read["next_funding"] is not None:  # Binance and WEEX stamp milliseconds off the minute
            read["next_funding"] = round_to_minute(read["next_funding"])
        defaults = {
            "venue": self.name,
            "maker_fee": maker,
            "taker_fee": taker,
            "fee_source": fee_source,
            "maintenance_rate": tiers[0].maintenance_rate if tiers else None,
            "tiers": tiers,
            "received": reply.received,
            "source": reply.source,
        }
        return Quote(**{**shared, **defaults, **read})

    def ask(
        self,
        http: Http,
        host: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        keep: bool = False,
    ) -> tuple[Any, Reply]:
        """Fetch one document; return its payload and the whole reply. A refusal is not kept."""
        reply = http.get(host, path, params, keep=keep)
        try:
            return self.check_envelope(reply, path.rpartition("/")[2]), reply
        except VenueError:
            if keep:
                http.drop_kept()
            raise

    def row(self, where: str, data: Any) -> Row:
        """Return a reader of one JSON object."""
        return Row(self.name, where, data)

    # -- inside -----------------------------------------------------------------------------

    def _listed(self, http: Http, kind: str) -> list[Instrument]:
        def fetch() -> list[Instrument]:
            try:
                listed = self.fetch_instruments(http, kind)
                if not listed:
                    raise BadReply(self.name, f"the list of {kind} perpetuals is empty")
            except BadReply:
                http.drop_kept()
                raise
            return listed

        return http.once((self.name, kind), fetch)

    def _asked(self, http: Http, wanted: list[Instrument]) -> dict[str, Quote | HedgeError]:
        try:
            answers = dict(self.fetch_quotes(http, wanted))
        except HedgeError as error:
            return {item.symbol: error for item in wanted}
        for item in wanted:
            nothing = BadReply(self.name, f"{item.symbol} is missing from the reply")
            answers.setdefault(item.symbol, nothing)
        return answers

    def _resolve(self, http: Http, asked: str) -> Instrument:
        word = asked.strip().upper()
        coin = linear_coin(word)
        if coin is not None:
            listed = self._listed(http, "linear") if self.offers.linear else []
            return usable(self, linear_of(self, coin, listed), listed)
        seen: list[Instrument] = []
        for kind in self.search_order(word):
            if not getattr(self.offers, kind):
                continue
            listed = self._listed(http, kind)
            seen += listed
            for item in listed:
                if item.symbol.upper() == word:
                    return usable(self, item, seen)
            for item in listed:
                if is_inverse_of(item, coin_name(word)):
                    return usable(self, item, seen)
        raise not_found(self, asked, coin_name(word), seen)
