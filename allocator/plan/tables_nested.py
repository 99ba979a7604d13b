"""Table of what every node is worth where the worst of its children weigh at every branching."""

from __future__ import annotations

from allocator.plan.columns import NODE, number, table

NESTED_VALUES = table(
    "nested_values",
    "node",
    "What every node and what follows is worth as seen from it: one row a node, none unless `risk` is nested.",
    {
        "node": NODE,
        "own_usd": number("USD", "sum of amount x discount factor of the lines of the node"),
        "chance_share": number("share", "probability among the children of the parent"),
        "worst_share": number("share", "part of it among the worst children of the parent"),
        "value_usd": number("USD", "own, expected value of the children and mean of the worst of them, mixed"),
    },
)
