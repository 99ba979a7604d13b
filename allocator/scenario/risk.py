"""How much the worst paths of the tree weigh in what a plan maximises."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from allocator.scenario.record import Number, Record


class RiskView(Record):
    """(1 - tail_weight) x expected value + tail_weight x mean of the worst paths (CVaR at tail_level).

    Discount rates should then carry no risk premium: risk is charged once.
    """

    tail_weight: Annotated[Number, Field(ge=0.0, lt=1.0)]
    """Weight of the worst paths, share; 0: only the expected value counts."""
    tail_level: Annotated[Number, Field(gt=0.0, lt=1.0)] = 0.9
    """Level: the worst 1 - tail_level of all paths count, share."""
