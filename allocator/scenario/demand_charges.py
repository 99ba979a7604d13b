"""Demand charges: what a tariff bills on the highest draw of each month."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from allocator.scenario.power_blocks import Days, Hour
from allocator.scenario.record import Name, NonNegative, Record, Share
from allocator.scenario.values import Value

CalendarMonth = Annotated[int, Field(strict=True, ge=1, le=12)]
"""Month of the year, 1 to 12."""

RatchetMonths = Annotated[int, Field(strict=True, ge=1, le=36)]
"""Months of a look back."""

EVERY_MONTH = tuple(range(1, 13))


class Ratchet(Record):
    """A floor under what is billed, set by what was billed before."""

    share: Share
    """Share of the highest billed peak of the months before that is billed at least, 0 to 1."""
    months: RatchetMonths
    """How many months before a month count, 1 to 36; those of which the charge is billed."""
    opening_billed_mw: tuple[NonNegative, ...] = ()
    """Peaks billed in the months before the plan begins, the latest last, gross MW; 0 where it was not billed."""


class DemandCharge(Record):
    """Billed on the highest metered draw of each calendar month, over the hours of a window.

    A site may have several, as tariffs do: one over all hours, one on peak, one in summer. A period of several months
    is billed on its highest draw in each of its months."""

    name: Name
    """Unique among the demand charges of its site."""
    usd_per_kw_month: Value
    """Rate, USD per kW of billed peak and month."""
    months: Annotated[tuple[CalendarMonth, ...], Field(min_length=1)] = EVERY_MONTH
    """Months of the year in which it is billed, 1 to 12."""
    days: Days = "all"
    """Days that count, in the scenario's time zone."""
    from_hour: Hour = 0
    """When the hours that count begin, hours after midnight in the scenario's time zone."""
    to_hour: Hour = 24
    """When they end, hours after midnight; below `from_hour` they run over midnight."""
    ratchet: Ratchet | None = None
    """Floor set by earlier months; null: none."""
    opening_peak_mw: NonNegative = 0.0
    """Peak already set in the first month before the plan begins, gross MW."""
