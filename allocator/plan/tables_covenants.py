"""Table of covenants: what each test found."""

from __future__ import annotations

from allocator.plan.columns import NODE, number, table, text

COVENANTS = table(
    "covenants",
    "node covenant",
    "Tests of covenants: one row a node and covenant tested there. By node, then covenant.",
    {
        "node": NODE,
        "covenant": text("covenant"),
        "income_usd": number("USD", "income of its sites in the trailing months; 0 for liquidity"),
        "claim_usd": number(
            "USD",
            "what is asked for: least liquidity, debt service of the trailing months, or net debt",
        ),
        "carried_usd": number(
            "USD", "what there is for it: liquidity, or what the income carries at the limit; 0 where nothing is earned"
        ),
        "value_times": number(
            "times",
            "liquidity over what is asked for, income over debt service, or net debt over a year of income; "
            "0 where nothing is there to divide by",
        ),
        "limit_times": number("times", "least coverage or most leverage; 1 of liquidity"),
        "headroom_usd": number("USD", "carried - claim, negative in breach"),
        "breach_usd": number("USD", "claim that is not carried, where a breach has a price"),
    },
)
