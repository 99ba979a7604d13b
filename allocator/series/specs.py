"""What a series is read from and what comes out: plain frozen records, no pydantic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Times = NDArray[np.datetime64]
Span = tuple[np.datetime64, np.datetime64]
"""UTC start and end, the end not included."""

RepairMethod = Literal["interpolate", "previous", "previous_day"]
Stamp = Literal["start", "end"]
Repeat = Literal["no", "yearly"]


@dataclass(frozen=True)
class GapRepair:
    """How missing steps may be filled, and the longest run of them, in hours."""

    method: RepairMethod
    max_hours: float


@dataclass(frozen=True)
class FileSpec:
    """One column of a CSV or Parquet file.

    Attributes:
        column: name of the column that holds the values. unit: as in `units.UNITS`.
        time_column: name of the column that holds the time stamps.
        time_zone: zone of stamps that carry no offset: a tz database name, "UTC" or "-06:00".
        stamp: whether a stamp names the start or the end of its step ("hour ending").
        repair: how gaps are filled; None: a gap is a fault.
        range: least and greatest plausible value in `unit`; None: the range of the unit.
        repeat: "yearly" lets a series shorter than the horizon stand for later years, see `window.window`.
    """

    column: str
    unit: str
    time_column: str
    time_zone: str | None = None
    stamp: Stamp = "start"
    repair: GapRepair | None = None
    range: tuple[float, float] | None = None
    repeat: Repeat = "no"


@dataclass(frozen=True)
class ProfileSpec:
    """A table of quantiles, expanded with a seed; hours of the table are local to `time_zone`."""

    unit: str
    seed: int
    time_zone: str


@dataclass(frozen=True)
class Repair:
    """One run of missing steps that was filled: how many steps, how, first and last step (UTC starts)."""

    count: int
    method: RepairMethod
    first: np.datetime64
    last: np.datetime64


@dataclass(frozen=True)
class HourlySeries:
    """A checked series without holes.

    Attributes:
        name: file and column, for messages.
        utc: start of each step, datetime64[s], evenly spaced, (T,).
        values: in `unit`, (T,).
        step_minutes: length of a step; a file of calendar days comes out as hours.
        repairs: every run of steps that was filled.
        unit: canonical unit, see `units.UNITS`.
        repeat: whether its years may stand for later ones, see `window.window`.
    """

    name: str
    utc: Times
    values: Floats
    step_minutes: int
    repairs: tuple[Repair, ...]
    unit: str
    repeat: Repeat = "no"
