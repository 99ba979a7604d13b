"""Work of GPU machines that may be done in any hour of a month: training, rendering, batches."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from allocator.scenario.record import Name, NonNegative, Positive, Record


class DeferrableWork(Record):
    """Work owed every month, done by GPU machines of the site instead of being rented out, in the hours that suit."""

    name: Name
    """Unique among the work of the site."""
    work_mwh_per_month: Positive
    """Work of each calendar month, MWh of IT load. A period of several months may do the sum of theirs freely. Nothing
    beyond the horizon."""
    most_mw: Positive | None = None
    """Most that works on it in any hour, critical IT MW; null: no limit."""
    rate_usd_per_mwh: NonNegative
    """Paid for work done, USD per MWh of IT load."""
    penalty_usd_per_mwh: NonNegative = 0.0
    """Owed for work of a period that is not done, USD per MWh of IT load."""
    halls: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    """Halls of the site whose GPU machines may do it; null: all."""
