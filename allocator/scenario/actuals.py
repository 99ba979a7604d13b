"""What `allocator reconcile` reads: what meters, pools and invoices say, a CSV table by site and day or month."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.places import Quoted
from allocator.scenario.record import Name, NonNegative, Number, Positive, Record, Share
from allocator.scenario.record_table import Row, load_table


def _period(text: str) -> str:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", text):
            date.fromisoformat(text if len(text) > len("2027-06") else f"{text}-01")
            return text
    except ValueError:
        pass
    raise ValueError("a month 2027-06 or a day 2027-06-03")


class ActualLine(Record):
    """Row of a table of what was: one site in one month or day of the scenario's time zone."""

    site: Name
    """Site of the plan."""
    period: Annotated[str, AfterValidator(_period)]
    """Month YYYY-MM, or day YYYY-MM-DD."""
    meter_mwh: NonNegative
    """Energy by the meter, gross MWh."""
    pool_btc: NonNegative | None = None
    """Bitcoin that the pool credited, fee deducted, BTC; empty: not known."""
    energy_usd: Number | None = None
    """What the invoice asks for energy, adders included, USD; empty: not known."""
    other_usd: Number = 0.0
    """What the invoice asks besides, such as charges on peaks and fixed fees, USD."""
    btc_usd: Positive | None = None
    """Average price of the Bitcoin mined, USD; empty: as planned."""
    it_mwh: Positive | None = None
    """Energy of machines and tenants behind cooling and losses, MWh; empty: not known."""
    available_share: Annotated[Share, Field(gt=0.0)] | None = None
    """Share of the installed machines that could run, by the fleet manager; empty: not known."""


def load_actuals(path: Path) -> list[Row[ActualLine]]:
    """Read what was; raises ScenarioFaults with every fault of it."""
    rows = load_table(path, ActualLine, "a table of what meters, pools and invoices say")
    faults = list(_twice(rows))
    if faults:
        raise ScenarioFaults(faults)
    return rows


def _twice(rows: list[Row[ActualLine]]) -> Iterator[Fault]:
    seen = set[tuple[str, str]]()
    for row in rows:
        key = (row.record.site, row.record.period)
        if key in seen:
            yield row.places.fault((), Quoted(f"{key[0]} in {key[1]} again"), "each site and period once", "remove one")
        seen.add(key)
