"""Table of what batteries do in a node."""

from __future__ import annotations

from allocator.plan.columns import NODE, SITE, number, table

BATTERIES = table(
    "batteries",
    "node site",
    "What each battery did: one row a node and site where there is one. By node, then site.",
    {
        "node": NODE,
        "site": SITE,
        "charged_mwh": number("MWh", "taken at the meter"),
        "discharged_mwh": number("MWh", "given at the meter"),
        "charging_cost_usd": number("USD", "what was taken, at the hour's price, positive"),
        "saved_usd": number("USD", "grid energy that what was given replaced, at the hour's price"),
        "wear_cost_usd": number("USD", "wear of what was given, positive"),
        "foresight_usd": number("USD", "what of the rest only foresight earns: left out, positive"),
        "margin_usd": number("USD", "saved - charging - wear - foresight"),
    },
)
