"""The model's formulas, for whichever cells hold the figures of a position.

They are those of xlhedge's arithmetic modules, for an inverse contract sold short: positive
funding means the short receives, and the spot bag and the short enter and leave at one price.
Only functions of Excel 2010, none volatile.
"""

from __future__ import annotations

from dataclasses import dataclass

# Margin within four units in the last place of the whole value is the whole value, as in
# xlhedge.liquidation: the difference of two roundings is no liquidation price.
ROUNDING = "2^-50"


@dataclass(frozen=True)
class Terms:
    """Where the figures of one position stand: names of cells, addresses or expressions.

    `usd`, `in_coins` and `unknown_maintenance` are conditions: whether the collateral is dollars,
    the contract size is coins, and no maintenance rate is known. `lot` is a number above 0.
    """

    reason: str
    coin: str
    venue: str
    symbol: str
    status: str
    time: str
    note: str
    exposure: str
    price: str
    size: str
    in_coins: str
    lot: str
    rate: str
    hours: str
    maintenance: str
    unknown_maintenance: str
    open_fee: str
    close_fee: str
    leverage: str
    extra: str
    usd: str
    contracts: str
    notional: str
    coverage: str
    collateral: str
    liquidation: str
    distance: str
    settlements: str
    funding_usd: str
    apr: str

    def _if_usd(self, dollars: str, coins: str) -> str:
        return coins if self.usd == "FALSE" else f"IF({self.usd},{dollars},{coins})"

    def sized(self, ratio: str) -> str:
        """Contracts for a hedge ratio, rounded to the lot, half away from zero."""
        return (
            f"ROUND({ratio}*{self.exposure}*IF({self.in_coins},1,{self.price})"
            f"/{self.size}/({self.lot}),0)*({self.lot})"
        )

    def face(self) -> str:
        """USD of one contract."""
        return f"{self.size}*IF({self.in_coins},{self.price},1)"

    def posted(self, notional: str) -> str:
        """What is posted: coins, or dollars when the collateral is dollars."""
        dollars, coins = f"{notional}/{self.leverage}", f"{notional}/({self.price}*{self.leverage})"
        return f"{self._if_usd(dollars, coins)}+{self.extra}"

    def reached(self, notional: str, posted: str) -> str:
        """Price at which the venue closes the short; #N/A when a rising price never does."""
        price, kept = self.price, f"{notional}*(1-{self.maintenance})"
        dollars = f"{price}*({kept}+{posted})/{notional}"
        coins = (
            f"IF({notional}/{price}-{posted}<={ROUNDING}*{notional}/{price},NA(),"
            f"{kept}/({notional}/{price}-{posted}))"
        )
        return f"IF({notional}=0,NA(),{self._if_usd(dollars, coins)})"

    def spot(self, move: str) -> str:
        """Result of the coins held, USD, after a move of the price."""
        return f"{self.exposure}*{self.price}*{move}"

    def short(self, move: str, flag: str) -> str:
        """Result of the short, USD: its collateral once liquidated."""
        lost = self._if_usd(self.collateral, f"{self.collateral}*{self.price}*(1+{move})")
        return f"IF({flag},-{lost},{self.notional}*(0-{move}))"

    def funding(self, grown: str, flag: str, rate: str | None = None) -> str:
        """Funding received (+) or paid (-) until then, USD; `grown` is :func:`growth`."""
        return f"IF({flag},0,{rate or self.rate}*{self.settlements}*{self.notional}*{grown})"

    def fees(self, move: str, flag: str) -> str:
        """Fees of opening and closing, USD, as a cost."""
        return f"IF({flag},0,{self.notional}*({self.open_fee}*(1+{move})+{self.close_fee}))"

    def liquidated(self, price: str) -> str:
        """Whether the path to `price` reaches the liquidation price."""
        return (
            f'IF({self.reason}<>"",NA(),IF(ISNUMBER({self.liquidation}),'
            f"{price}>={self.liquidation},FALSE))"
        )


def growth(move: str) -> str:
    """USD at the end of the path for each USD of funding at the entry's mark.

    That is the mean of entry price over mark on the straight path, LN(1 + move) / move, times the
    exit price over the entry price; 1 where they meet.
    """
    return f"IF({move}=0,1,LN(1+{move})*(1+{move})/{move})"


HEDGE = Terms(
    reason="check_reason",
    coin="in_coin",
    venue="live_venue",
    symbol="live_symbol",
    status="live_status",
    time="live_quote_time",
    note="live_note",
    exposure="calc_exposure",
    price="use_entry_price",
    size="live_contract_size",
    in_coins='LOWER(TRIM(live_size_unit))="base"',
    lot="IF(N(live_lot_size)>0,live_lot_size,1)",
    rate="use_funding_rate",
    hours="live_interval_hours",
    maintenance="use_maintenance_rate",
    unknown_maintenance='AND(in_maintenance_rate="",NOT(ISNUMBER(live_maintenance_rate)))',
    open_fee="use_open_fee",
    close_fee="use_close_fee",
    leverage="in_leverage",
    extra="in_extra_margin",
    usd='LOWER(TRIM(in_margin_currency))="usd"',
    contracts="out_contracts",
    notional="out_notional",
    coverage="out_coverage",
    collateral="calc_collateral",
    liquidation="out_liquidation_price",
    distance="out_liquidation_distance",
    settlements="calc_settlements",
    funding_usd="out_funding_usd",
    apr="calc_apr",
)

FORMULAS = {
    "use_entry_price": (
        'IF(in_entry_price="",IF(ISNUMBER(live_index),live_index,live_mark),in_entry_price)'
    ),
    "use_funding_rate": (
        'IF(in_funding_rate="",IF(ISNUMBER(live_funding_rate),live_funding_rate,NA()),'
        "in_funding_rate)"
    ),
    "use_maintenance_rate": (
        'IF(in_maintenance_rate="",N(live_maintenance_rate),in_maintenance_rate)'
    ),
    "use_open_fee": 'IF(in_open_fee="",N(live_taker_fee),in_open_fee)',
    "use_close_fee": 'IF(in_close_fee="",N(live_taker_fee),in_close_fee)',
    "calc_exposure": (f'IF(check_reason<>"",NA(),in_quantity+IF({HEDGE.usd},0,in_extra_margin))'),
    "calc_settlements": 'IF(check_reason<>"",NA(),in_horizon_days*24/live_interval_hours)',
    "calc_basis": "IF(N(live_index)>0,(live_mark-live_index)/live_index,NA())",
    "calc_apr": (
        "IF(AND(ISNUMBER(use_funding_rate),N(live_interval_hours)>0),"
        "use_funding_rate*24/live_interval_hours*365,NA())"
    ),
    "out_contracts": HEDGE.sized("in_hedge_ratio"),
    "out_notional": f"out_contracts*{HEDGE.face()}",
    "out_coverage": "out_notional/(calc_exposure*use_entry_price)",
    "out_initial_margin": "out_notional/(use_entry_price*in_leverage)",
    "calc_initial_margin_usd": "out_initial_margin*use_entry_price",
    "calc_collateral": HEDGE.posted("out_notional"),
    "out_liquidation_price": HEDGE.reached("out_notional", "calc_collateral"),
    "out_liquidation_distance": "out_liquidation_price/use_entry_price-1",
    "out_funding_usd": ('IF(check_reason<>"",NA(),use_funding_rate*calc_settlements*out_notional)'),
    "out_fees_usd": 'IF(check_reason<>"",NA(),(use_open_fee+use_close_fee)*out_notional)',
    "calc_basis_usd": "out_notional*calc_basis/(1+calc_basis)",
}
