"""Faults of the NESTED family: what nodes earn and are worth, and which children are the worst."""

from __future__ import annotations

from tests.mutations.mutation import Mutation, cell
from tests.mutations.risk import head_field
from tests.verify.nested import nested

MUTATIONS = [
    Mutation(
        "NESTED.own",
        "a node states other earnings",
        cell("nested_values", "own_usd", lambda usd: usd + 300.0, node="node1"),
        place={"node": "node1"},
        amount=300.0,
        base=nested,
    ),
    Mutation(
        "NESTED.own",
        "a node states another chance",
        cell("nested_values", "chance_share", 0.4, node="node3"),
        place={"node": "node3"},
        amount=0.1,
        base=nested,
    ),
    Mutation(
        "NESTED.value",
        "a node is worth something else",
        cell("nested_values", "value_usd", lambda usd: usd - 500.0, node="node0"),
        place={"node": "node0"},
        amount=500.0,
        base=nested,
    ),
    Mutation(
        "NESTED.value",
        "the head states another worth of the start",
        head_field("nested_value_usd", 600.0),
        amount=600.0,
        also=frozenset({"CERTIFICATE.gap"}),
        base=nested,
    ),
    Mutation(
        "NESTED.value",
        "the head states another weight of the worst children",
        head_field("tail_weight", 0.05),
        amount=0.05,
        also=frozenset({"RISK.tail"}),
        base=nested,
    ),
    Mutation(
        "NESTED.below",
        "a child counts less among the worst",
        cell("nested_values", "worst_share", 0.5, node="node4"),
        place={"node": "node1"},
        amount=0.25,
        count=2,
        base=nested,
    ),
]
