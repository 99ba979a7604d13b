"""Table of what tenants did not get."""

from __future__ import annotations

from allocator.plan.columns import FIT_OUT, HALL, NODE, SITE, number, table, text

CURTAILED = table(
    "curtailed",
    "node contract hall fit_out",
    "Tenant energy not served, by contract and hall; only rows with energy. By node, site, contract, hall and fit-out.",
    {
        "node": NODE,
        "site": SITE,
        "contract": text("contract"),
        "hall": HALL,
        "fit_out": FIT_OUT,
        "unserved_mwh": number("MWh", "not served, critical IT"),
        "allowed_mwh": number("MWh", "what its terms allow in the node at its curtailment credit"),
        "beyond_mwh": number("MWh", "what is not served beyond that"),
        "credits_usd": number("USD", "curtailment credits and SLA credits, positive"),
        "pass_through_lost_usd": number("USD", "what the tenant would have paid for that energy"),
    },
)
