"""Table of blocks of power for own use."""

from __future__ import annotations

from allocator.plan.columns import NODE, SITE, number, table

BLOCKS = table(
    "power_blocks",
    "node site",
    "Blocks of power for own use: one row a node and site with one, all its blocks together. By node, then site.",
    {
        "node": NODE,
        "site": SITE,
        "delivered_mwh": number("MWh", "delivered by the blocks of the site"),
        "paid_usd": number("USD", "their fixed price, used or not"),
        "used_mwh": number("MWh", "drawn of them"),
        "replaced_usd": number("USD", "what that would have cost at spot"),
    },
)
