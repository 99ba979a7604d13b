"""Table of demand charges."""

from __future__ import annotations

from allocator.plan.columns import NODE, SITE, number, table, text

DEMAND_CHARGES = table(
    "demand_charges",
    "node site charge",
    "Peaks and what is billed on them: one row a node and demand charge that is billed there. By node, site, charge.",
    {
        "node": NODE,
        "site": SITE,
        "charge": text("demand charge"),
        "metered_mw": number("MW", "highest draw in the hours that count, gross, of the hours that are represented"),
        "billed_mw": number("MW", "peak that is billed"),
        "set_by": text("metered; opening: what was metered or billed before the plan begins; ratchet: an earlier node"),
        "charge_usd": number("USD", "what is billed, positive"),
    },
)
