"""Blocks of power bought at a fixed price for the site's own use: paid whether they are used or not, never resold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.months import Month
from allocator.scenario.record import Name, Number, Positive, Record

Days = Literal["all", "weekdays", "weekends"]
"""Days of delivery."""

Hour = Annotated[int, Field(strict=True, ge=0, le=24)]
"""Hours after midnight, 0 to 24."""


class PowerBlock(Record):
    """A block bought already. What it delivers replaces spot energy as far as the site draws any, and is lost where it
    does not; in hours of negative spot it is left untaken. For a block that is resold at spot see `hedges`."""

    name: Name
    """Unique among the blocks of its site."""
    mw: Positive
    """Delivered in its hours, gross MW."""
    fixed_usd_per_mwh: Number
    """Fixed price, USD per MWh delivered; the site's adder is paid on what is drawn besides."""
    first_month: Month
    """First calendar month of delivery, YYYY-MM; may lie before the horizon."""
    last_month: Month
    """Last calendar month of delivery, YYYY-MM; may lie beyond it."""
    days: Days = "all"
    """Days of delivery in the scenario's time zone."""
    from_hour: Hour = 0
    """When delivery begins, hours after midnight in the scenario's time zone."""
    to_hour: Hour = 24
    """When it ends, hours after midnight; below `from_hour` it runs over midnight."""
