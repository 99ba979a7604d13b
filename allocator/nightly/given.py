"""Prices that somebody states for the hours of a week, in place of those that would be expected."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats
from allocator.nightly.prices import Expected
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.week.interface import Structure

COLUMNS = ("time", "site", "usd_per_mwh")
AHEAD = "day_ahead_usd_per_mwh"
Stated = Mapping[tuple[str, str], float]
"""USD/MWh by site and hour, ISO text (UTC)."""


@dataclass(frozen=True)
class Given:
    """Prices of whole hours, before what the meter costs on top: at which it settles, and of the market a day ahead."""

    spot: Stated = field(default_factory=dict)
    day_ahead: Stated = field(default_factory=dict)

    def over(self, structure: Structure, expected: Expected) -> Expected:
        """What is expected, with what is stated in its place."""
        hours = [pd.Timestamp(stamp, tz="UTC").floor("h").isoformat() for stamp in structure.utc]
        prices = expected.prices
        spot = _over(self.spot, structure.site, hours, prices.spot_usd_per_mwh)
        ahead = _over(self.day_ahead, structure.site, hours, prices.day_ahead_usd_per_mwh)
        return replace(expected, prices=replace(prices, spot_usd_per_mwh=spot, day_ahead_usd_per_mwh=ahead))


NOTHING = Given()


def _over(stated: Stated, site: str, hours: Sequence[str], usd_per_mwh: Floats) -> Floats:
    return np.array([stated.get((site, hour), usd) for hour, usd in zip(hours, usd_per_mwh, strict=True)])


def read_given(file: Path, sites: Sequence[str]) -> Given:
    """Prices of a CSV file with the columns time, site, usd_per_mwh and, if wanted, day_ahead_usd_per_mwh.

    Raises:
        ScenarioFaults: every row that cannot be, or a file that cannot be read.
    """
    faults: list[Fault] = []
    spot, ahead = dict[tuple[str, str], float](), dict[tuple[str, str], float]()
    for line, row in _lines(file):
        place = f"{file.name}: line {line}"
        hour = _hour(row["time"], place, faults)
        key = row["site"], hour
        if row["site"] not in sites:
            faults.append(Fault(place, f"site {row['site']!r}", f"one of {', '.join(sites)}", "correct the name"))
        elif key in spot:
            faults.append(Fault(place, f"{row['site']} {hour} again", "one row a site and hour", "remove one"))
        spot[key] = _number(row["usd_per_mwh"], place, faults)
        if row.get(AHEAD):
            ahead[key] = _number(row[AHEAD], place, faults)
    if faults:
        raise ScenarioFaults(faults)
    return Given(spot, ahead)


def _lines(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            names = tuple(reader.fieldnames or ())
            if names not in (COLUMNS, (*COLUMNS, AHEAD)):
                expected = f"{', '.join(COLUMNS)} and, if wanted, {AHEAD}"
                fault = Fault(f"{file.name}: line 1", ", ".join(names) or "nothing", expected, "name the columns so")
                raise ScenarioFaults([fault])
            for row in reader:
                yield reader.line_num, {name: row[name] or "" for name in names}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ScenarioFaults([Fault(file.name, str(error), "a CSV file in UTF-8", "name another file")]) from None


def _hour(text: str, place: str, faults: list[Fault]) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or (moment.minute, moment.second) != (0, 0):
        expected = "the start of an hour with its offset, such as 2027-06-01T14:00Z"
        faults.append(Fault(place, repr(text), expected, "correct the time"))
        return text
    return moment.astimezone(UTC).isoformat()


def _number(text: str, place: str, faults: list[Fault]) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        faults.append(Fault(place, repr(text), "a price in USD/MWh", "correct the number"))
    return number
