"""Limits on how likely something bad may be: that a lender calls for margin, or that cash runs short."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.record import Positive, Record, Share


class _Chance(Record):
    """How likely an event may be. At least one of the two probabilities is stated."""

    kind: Literal["chance"]
    """It may happen, but only so often."""
    probability_by_month: Share | None = None
    """Most probability of the event in the nodes that start in any one month, share of all futures; null: no limit."""
    probability_of_path: Share | None = None
    """Most probability that the event happens at all on the way to the end of the horizon, share; null: no limit."""


class ChanceOfShortfall(_Chance):
    """Cash may fall below its minimum in some futures: no more of them than stated, and by no more than stated."""

    most_missing_usd: Positive
    """Most that may be missing at the end of a node, USD: what lenders or suppliers would wait for."""
    penalty_per_usd: Annotated[float, Field(strict=True, ge=0.0, le=1e4)] = 1.0
    """Price of one USD missing at the end of one node, USD per USD, expected and not discounted; outside the value."""


class ChanceOfCall(_Chance):
    """Margin calls that free Bitcoin does not meet may happen in some futures, no more of them than stated; beyond the
    liquidation level the lender sells."""

    penalty_per_usd: Annotated[float, Field(strict=True, ge=0.0, le=1e4)] = 0.1
    """Price of one USD owed above the call level at a node, USD per USD, expected and not discounted; outside the
    value."""
