"""How the hours of the coming days are decided, night by night."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.record import NonNegative, Record, Share


class Operations(Record):
    """What the schedule of a night goes by. No plan of months depends on it. A price is expected, and settles
    otherwise: how much so moves the prices at which slow machines stop and start."""

    step_minutes: Literal[15, 60] = 60
    """Length of a step of the schedule, minutes."""
    expected_prices: Literal["scenario", "recent"] = "scenario"
    """`scenario`: prices settle as the site's price series has them. `recent`: as the four weeks before and published
    day-ahead prices say, where the series holds at least two weeks of recorded prices up to now; the spread is
    estimated then too. A hosting agreement whose price is indexed follows its series so too."""
    spread_usd_per_mwh: NonNegative = 0.0
    """Standard deviation of the price that settles around the expected one, USD/MWh."""
    spread_persistence_share: Annotated[Share, Field(lt=1.0)] = 0.0
    """Correlation of that deviation with that of the hour before, share."""
    price_lag_hours: Annotated[int, Field(strict=True, ge=0, le=24)] = 0
    """Hours with which machines follow the prices that settle. Strike prices then allow for what a price that is seen
    says of the hours to come, as far as the spread tells; 0: within the hour."""
    day_ahead_share: Share = 1.0
    """Most that is bought a day ahead, share of what the schedule draws in the hour."""
    day_ahead_premium_usd_per_mwh: NonNegative = 0.0
    """What is paid at most on top of the expected price to be rid of the spread, USD/MWh."""
    churn_usd_per_mw: NonNegative = 0.0
    """Price of moving a MW of IT load in a step against the schedule of the night before, USD/MW. It decides, and is no
    cost of the plan."""
    most_moved_mw: NonNegative | None = None
    """Most IT load of a site that may be moved in a step against it, MW; null: any."""
