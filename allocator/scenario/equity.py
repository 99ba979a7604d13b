"""New shares: how many may be sold for how much, and what selling them costs today's owners."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from allocator.scenario.months import Month
from allocator.scenario.record import NonNegative, Positive, Record, Share

BelowOne = Annotated[float, Field(strict=True, ge=0.0, lt=1.0)]


class EquityIssuance(Record):
    """Shares that the company may sell where it takes decisions; what new owners hold is no value of today's."""

    first_month: Month
    """First month in which shares may be sold, YYYY-MM."""
    discount_share: BelowOne = 0.0
    """What buyers pay less than the shares are worth, share of that worth."""
    fee_share: Share = 0.0
    """What underwriters keep of what buyers pay, share."""
    most_usd_per_issue: Positive | None = None
    """Most that buyers pay in one node, USD; null: no limit."""
    most_usd_per_year: Positive | None = None
    """Most that buyers pay in one calendar year, USD; null: no limit."""
    opening_year_usd: NonNegative = 0.0
    """Paid by buyers before the horizon in the calendar year in which it starts, USD; counts in `most_usd_per_year`."""
    most_usd: Positive | None = None
    """Most that buyers pay over the horizon, on every path, USD; null: no limit."""
    opening_claim_usd: NonNegative = 0.0
    """What those hold at the start who bought shares of a plan before, USD: no value of today's owners. It grows at the
    risk-free rate to the end of the horizon, as their shares do that are sold within it."""
