"""OKX v5: everything is text, codes too; the interval is a distance of two times; newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.replay.world import PRESENT, Case, World

ROWS = {  # swap: mark, index, rate, hours, face value, its currency
    "BTC-USD-SWAP": ("87125.6", "87112.3", "0.0000792386885340", 8, "100", "USD"),
    "ETH-USD-SWAP": ("2901.31", "2900.75", "-0.0001418433662153", 8, "10", "USD"),
    "SOL-USD-SWAP": ("131.125", "131.055", "0.0000500000000000", 4, "10", "USD"),
    "BTC-USDT-SWAP": ("87131.2", "87126.1", "0.0001000000000000", 8, "0.01", "BTC"),
}
HISTORY = 270  # three pages of 100; three months


def _envelope(data: Any, code: str = "0", message: str = "") -> Any:
    return {"code": code, "msg": message, "data": data}


def _ms(time: Any) -> str:
    return str(round(time.timestamp() * 1000))


def _asked(query: Mapping[str, str]) -> list[str]:
    symbol = query.get("instId", "ANY")
    return list(ROWS) if symbol == "ANY" else [symbol]


def instruments(world: World, _: Mapping[str, str]) -> Any:
    """Base and quote currency are "" for swaps; one swap is suspended."""
    listed = []
    for symbol, (*_, face, face_in) in ROWS.items():
        base, quote, _swap = symbol.split("-")
        inverse = quote == "USD"
        listed.append(
            {
                "instType": "SWAP",
                "instId": symbol,
                "uly": f"{base}-{quote}",
                "instFamily": f"{base}-{quote}",
                "baseCcy": "",
                "quoteCcy": "",
                "settleCcy": base if inverse else quote,
                "ctVal": face,
                "ctMult": world.changes.get("ct_mult", "1"),
                "ctValCcy": face_in,
                "ctType": "inverse" if inverse else "linear",
                "lotSz": "1" if inverse else "0.01",
                "minSz": "1" if inverse else "0.01",
                "tickSz": "0.1",
                "state": "live",
                "expTime": "",
            }
        )
    stopped = {"instId": "LUNA-USD-SWAP", "uly": "LUNA-USD", "settleCcy": "LUNA"}
    return _envelope([*listed, listed[0] | stopped | {"state": "suspend"}])


def funding_rate(world: World, query: Mapping[str, str]) -> Any:
    """One swap, or all with instId=ANY; nextFundingRate is ""."""
    rows = []
    for symbol in _asked(query):
        if symbol not in ROWS:
            return _envelope([], "51001", "Instrument ID doesn't exist.")
        _, _, rate, hours, *_ = ROWS[symbol]
        settles = world.next_settlement(hours)
        rows.append(
            {
                "instType": "SWAP",
                "instId": symbol,
                "method": "current_period",
                "fundingRate": rate,
                "nextFundingRate": "",
                "fundingTime": _ms(settles),
                "nextFundingTime": str(int(_ms(settles)) + hours * 3_600_000),
                "minFundingRate": "-0.00375",
                "maxFundingRate": "0.00375",
                "settFundingRate": "0.0001418433662153",
                "settState": "settled",
                "ts": str(world.ms),
            }
        )
    return _envelope(rows)


def mark_price(world: World, query: Mapping[str, str]) -> Any:
    """One swap, or all."""
    return _envelope(
        [
            {"instType": "SWAP", "instId": s, "markPx": ROWS[s][0], "ts": str(world.ms)}
            for s in _asked(query)
        ]
    )


def index_tickers(world: World, query: Mapping[str, str]) -> Any:
    """One index, or all of a quote currency."""
    pairs = {s.removesuffix("-SWAP"): row[1] for s, row in ROWS.items()}
    if "instId" in query:
        pairs = {query["instId"]: pairs[query["instId"]]}
    return _envelope(
        [
            {"instId": pair, "idxPx": price, "high24h": "", "ts": str(world.ms - 900)}
            for pair, price in pairs.items()
            if pair.endswith(f"-{query.get('quoteCcy', pair.partition('-')[2])}")
        ]
    )


def history(world: World, query: Mapping[str, str]) -> Any:
    """Newest first, earlier than `after`; the predicted rate differs from the one paid."""
    before = int(query.get("after", world.ms))
    rows = [
        {
            "instType": "SWAP",
            "instId": query["instId"],
            "fundingRate": f"{rate + 3e-9:.16f}",
            "realizedRate": f"{rate:.16f}",
            "fundingTime": _ms(time),
            "method": "current_period",
        }
        for time, rate in reversed(world.settlements(HISTORY))
        if time.timestamp() * 1000 < before
    ]
    return _envelope(rows[: min(int(query.get("limit", 100)), 100)])


def position_tiers(world: World, query: Mapping[str, str]) -> Any:
    """Sizes are in contracts."""
    ladder = [("0", "5000", "0.004", "0.008"), ("5001", "10000", "0.005", "0.0133")]
    return _envelope(
        [
            {
                "instFamily": query["instFamily"],
                "uly": query["instFamily"],
                "instId": "",
                "tier": str(n),
                "minSz": low,
                "maxSz": high,
                "mmr": mmr,
                "imr": imr,
                "maxLever": "125",
                "optMgnFactor": "0",
                "quoteMaxLoan": "",
                "baseMaxLoan": "",
            }
            for n, (low, high, mmr, imr) in enumerate(ladder, 1)
        ]
    )


ROUTES = {
    "/api/v5/public/instruments": instruments,
    "/api/v5/public/funding-rate": funding_rate,
    "/api/v5/public/mark-price": mark_price,
    "/api/v5/market/index-tickers": index_tickers,
    "/api/v5/public/funding-rate-history": history,
    "/api/v5/public/position-tiers": position_tiers,
}

CASE = Case(
    symbol="BTC-USD-SWAP",
    mark=87125.6,
    index=87112.3,
    funding_rate=0.000079238688534,
    funding_kind="predicted",
    interval_hours=8,
    next_funding=World(PRESENT).next_settlement(),
    contract_size=100,
    size_unit="quote",
    linear="BTC-USDT-SWAP",
    history=HISTORY,
    tiers=True,
    rate_limited=("429", 'body {"code":"50011","msg":"Too Many Requests","data":[]}'),
)
