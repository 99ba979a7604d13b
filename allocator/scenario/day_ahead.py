"""The market in which a site buys hours on the day before."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from allocator.scenario.record import Name, Record

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def _check_clock(text: str) -> str:
    if not _CLOCK.fullmatch(text):
        raise ValueError("a time of day between 00:00 and 23:59, in quotes")
    return text


ClockTime = Annotated[str, AfterValidator(_check_clock)]
"""A time of day, HH:MM."""


class DayAhead(Record):
    """Prices of the market in which a day's hours are bought on the day before, and when it is heard of them."""

    series: Name
    """Name of a series in USD/MWh. It may have gaps, whatever `gaps` of it says."""
    bids_until: ClockTime = "10:00"
    """Until when bids for a day are taken on the day before, HH:MM in the zone of the horizon. The default is that of
    ERCOT."""
    published: ClockTime = "13:30"
    """When the prices of a day are published on the day before, HH:MM in the zone of the horizon. The default is that
    of ERCOT."""
