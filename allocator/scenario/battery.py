"""A battery behind the meter of a site."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from allocator.scenario.months import Month
from allocator.scenario.record import NonNegative, Positive, Record, Share

Efficiency = Annotated[float, Field(strict=True, gt=0.0, le=1.0)]
"""A share above 0 and at most 1."""

StandingLoss = Annotated[float, Field(strict=True, ge=0.0, le=0.1)]
"""A share of at most a tenth."""


class Battery(Record):
    """It stands behind the meter and serves the site's own loads; nothing is exported, and it gives nothing in hours of
    a negative price. Every period begins and ends at the opening level, and so does every representative day."""

    power_mw: Positive
    """Most it gives, MW at the meter."""
    charge_power_mw: Positive | None = None
    """Most it takes, MW at the meter; null: as `power_mw`."""
    energy_mwh: Positive
    """Most it stores, MWh."""
    charge_efficiency_share: Efficiency
    """Stored per MWh taken, share."""
    discharge_efficiency_share: Efficiency
    """Given per MWh that leaves the store, share."""
    opening_stored_share: Share = 0.5
    """Stored at the beginning and at the end of each period, share of `energy_mwh`."""
    wear_usd_per_mwh: NonNegative
    """What giving a MWh wears off the battery, USD per MWh given."""
    standing_loss_share_per_hour: StandingLoss = 0.0
    """What an hour of standing loses of what is stored, share."""
    available_from: Month | None = None
    """First month in which it is there, YYYY-MM; a period of several months has it from the first one that begins in or
    after it. null: from the start."""
    capture_share: Share | None = None
    """Share of what trading hours earns with foresight of a whole period that a real schedule earns, from backtests of
    the schedule that will be used. What it carries over a peak for the site's limit is not reduced. null: all of it is
    counted, and the plan remarks that this is an upper bound."""
