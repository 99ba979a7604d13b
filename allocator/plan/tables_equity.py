"""Table of shares sold to new owners."""

from __future__ import annotations

from allocator.plan.columns import NODE, number, table

EQUITY = table(
    "equity",
    "node",
    "Shares sold to new owners: one row a node, none where none may be sold.",
    {
        "node": NODE,
        "issued_usd": number("USD", "paid by buyers"),
        "fees_usd": number("USD", "kept by underwriters"),
        "claim_usd": number("USD", "what buyers come to hold for it, at the same moment"),
    },
)
