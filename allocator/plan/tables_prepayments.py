"""Table of what tenants have paid ahead."""

from __future__ import annotations

from allocator.plan.columns import NODE, number, table, text

PREPAYMENTS = table(
    "prepayments",
    "node contract",
    "What tenants have paid ahead: one row a node and contract where it moves or is owed. By node, then contract.",
    {
        "node": NODE,
        "contract": text("contract"),
        "received_usd": number("USD", "paid ahead in the node"),
        "earned_usd": number("USD", "credited against rent"),
        "refunded_usd": number("USD", "given back: service is late, or the term ends before all is earned"),
        "penalty_usd": number("USD", "paid on top, where service is late"),
        "unearned_usd": number("USD", "owed to the tenant when the node has acted"),
    },
)
