"""How much the worst paths of the tree weigh in what a plan maximises."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from allocator.scenario.record import Number, Record


class RiskView(Record):
    """(1 - tail_weight) x expected value + tail_weight x mean of the worst paths (CVaR at tail_level).

    Where `nested`, the same mix is taken anew at every branching, over the children of the node: what is decided there
    is then the best as seen from there too. Discount rates should carry no risk premium: risk is charged once.
    """

    tail_weight: Annotated[Number, Field(ge=0.0, lt=1.0)]
    """Weight of the worst paths, share; 0: only the expected value counts."""
    tail_level: Annotated[Number, Field(gt=0.0, lt=1.0)] = 0.9
    """Level: the worst 1 - tail_level of all paths count (where nested, of the children of every node), share."""
    nested: bool = False
    """Whether the worst are told at every branching among the children of the node, and not once among all paths."""
