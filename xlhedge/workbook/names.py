"""The defined names that a scenario workbook and every tool agree on.

`SCHEMA` rises when a name changes its meaning. A workbook of a company's own needs the names in
`REQUIRED`, at whatever addresses; those in `OPTIONAL` are filled where they exist.
"""

from __future__ import annotations

__all__ = ["INPUTS", "LIVE", "MORE_TABLES", "OPTIONAL", "REQUIRED", "RESULTS", "SCHEMA", "TABLES"]

SCHEMA = 1

# What a person types. Those of OVERRIDES may be empty: the cell use_... then follows live data.
POSITION = (
    "in_coin",
    "in_quantity",
    "in_extra_margin",
    "in_venue",
    "in_symbol",
    "in_hedge_ratio",
    "in_leverage",
    "in_margin_currency",
    "in_horizon_days",
)
OVERRIDES = (
    "in_entry_price",
    "in_funding_rate",
    "in_maintenance_rate",
    "in_open_fee",
    "in_close_fee",
)
INPUTS = POSITION + OVERRIDES
USED = tuple(name.replace("in_", "use_", 1) for name in OVERRIDES)

# What a venue said; tools write these cells and no formula stands in them.
LIVE = (
    "live_mark",
    "live_index",
    "live_funding_rate",
    "live_interval_hours",
    "live_next_funding",
    "live_contract_size",
    "live_maintenance_rate",
    "live_quote_time",
    "live_status",
    "live_source",
)

RESULTS = (
    "out_contracts",
    "out_notional",
    "out_coverage",
    "out_initial_margin",
    "out_liquidation_price",
    "out_liquidation_distance",
    "out_funding_usd",
    "out_fees_usd",
    "out_net_down20",
    "out_net_flat",
    "out_net_up20",
    "out_verdict",
)

TABLES = ("scenario_table", "funding_table", "history_table")
MORE_TABLES = ("bags_table", "ticket_table")  # what tools read or fill where a workbook has them

IDENTITY = ("xlhedge_schema", "xlhedge_version", "xlhedge_filled_at")

REQUIRED = INPUTS + USED + LIVE + RESULTS + TABLES + IDENTITY

# Filled where a workbook has them.
OPTIONAL = (
    "live_coin",
    "live_contract_type",
    "live_fee_source",
    "live_funding_kind",
    "live_interval_source",
    "live_lot_size",
    "live_maker_fee",
    "live_margin_coin",
    "live_note",
    "live_received",
    "live_size_unit",
    "live_symbol",
    "live_taker_fee",
    "live_venue",
    "refresh_status",
    "xlhedge_filled_from",
)
