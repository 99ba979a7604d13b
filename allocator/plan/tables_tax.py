"""Table of the tax on income."""

from __future__ import annotations

from allocator.plan.columns import NODE, number, table

TAX = table(
    "tax",
    "node",
    "Tax on income by calendar year: one row a node, none without a tax.",
    {
        "node": NODE,
        "written_off_usd": number("USD", "capital written off in the node"),
        "income_usd": number("USD", "operating income and machines sold, less interest and what is written off"),
        "year_income_usd": number("USD", "the same of the calendar year so far, on the path"),
        "used_usd": number("USD", "losses of earlier years that offset it, where the year closes"),
        "tax_usd": number("USD", "tax of the year, where it closes"),
        "carried_usd": number("USD", "losses carried on from the node"),
        "unwritten_usd": number("USD", "capital not yet written off at its end"),
    },
)
