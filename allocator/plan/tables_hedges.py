"""Table of instruments: what is held, what settles at which price, and what it pays."""

from __future__ import annotations

from allocator.plan.columns import NODE, number, table, text

HEDGES = table(
    "hedges",
    "node hedge",
    "Instruments: one row a node and instrument. Prices are USD per PH/s and day for a forward of hashprice, USD per "
    "BTC for options, USD per MWh for swaps. By node, then hedge.",
    {
        "node": NODE,
        "hedge": text("instrument"),
        "kind": text("hashprice_forward, btc_put, btc_collar or power_swap"),
        "unit": text("what a position counts in: PH/s, BTC or MW"),
        "held_units": number("units", "position when the node begins: what settles there"),
        "bought_units": number("units", "bought in the node; settles below it"),
        "premium_usd_per_unit": number("USD/unit", "price of a unit at the node, spread included; 0 where none is"),
        "premium_usd": number("USD", "paid for what is bought"),
        "settled_units": number("units", "what settles: PH/s and days, BTC at expiry, MWh delivered"),
        "settlement_usd": number("USD", "price it settles on: hashprice, price of a Bitcoin, mean spot of the hours"),
        "fixed_usd": number("USD", "fixed price, or strike of the put"),
        "call_usd": number("USD", "strike of the call sold, 0 where none is"),
        "payoff_usd": number("USD", "what settling brings, negative where it costs"),
    },
)
