"""Table of hashrate: what stands, and what runs of it."""

from __future__ import annotations

from allocator.plan.columns import NODE, SITE, number, table

HASHRATE = table(
    "hashrate",
    "node site",
    "Hashrate of the miners of each site: one row a node and site. By node, then site.",
    {
        "node": NODE,
        "site": SITE,
        "deployed_ph_per_s": number("PH/s", "nameplate of the miners standing in halls, at their top mode"),
        "deployed_mw": number("MW", "nameplate draw of those miners, critical IT"),
        "operating_ph_per_s": number(
            "PH/s", "average over the hours of the node, less what ancillary services are expected to call"
        ),
        "operating_mwh": number("MWh", "energy of that hashrate, critical IT"),
    },
)
