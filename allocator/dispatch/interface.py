"""The boundary between planning and the hours: one site in one node.

Planning hands over a `Capacity`; whoever solves the hours returns a `SiteNodeValue`: the value of the
node's operation, the schedule that earns it and a `Cut` that bounds the value at every other capacity.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from allocator.instance.site_node import SiteNode
from allocator.instance.tree import Floats
from solvers.backends.highs_basis import Basis


@dataclass(frozen=True)
class Capacity:
    """What planning fixes for one site-node.

    Attributes:
        fitted: 1 where the bay is fitted and usable (fractions appear in relaxations), (B,).
        firm_mw: metered firm load of each tenancy, critical IT MW, at most what its bay holds, (K,).
        segment_mw: critical IT MW each segment can draw, uptime included, (J,).
        peak_mw: most gross draw in the hours of each of the site-node's demand charges, (P,).
    """

    fitted: Floats
    firm_mw: Floats
    segment_mw: Floats
    peak_mw: Floats = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True)
class Cut:
    """value <= intercept + fitted @ slope_fitted + firm_mw @ slope_firm + segment_mw @ slope_segment
    + peak_mw @ slope_peak.

    Valid at every capacity; built from one joint dual-feasible vector of the hour problems.
    """

    intercept_usd: float
    fitted_usd: Floats
    firm_usd_per_mw: Floats
    segment_usd_per_mw: Floats
    peak_usd_per_mw: Floats = field(default_factory=lambda: np.zeros(0))

    def at(self, capacity: Capacity) -> float:
        """The bound at a capacity, USD."""
        return float(
            self.intercept_usd
            + self.fitted_usd @ capacity.fitted
            + self.firm_usd_per_mw @ capacity.firm_mw
            + self.segment_usd_per_mw @ capacity.segment_mw
            + self.peak_usd_per_mw @ capacity.peak_mw
        )


Start = Basis | None
"""From where a linear program of hours starts; None: from nothing, or there is none."""


def _no_prices() -> Floats:
    """Of limits that a site-node does not have."""
    return np.zeros((0, 0))


@dataclass(frozen=True)
class LimitPrices:
    """Prices of the limits of every hour, USD per MW, hour weights included; negative ones count as 0.

    Attributes:
        site: (T,). hall, air, liquid: (B, T); the price of a limit that is infinite counts as 0.
        energy: of the energy budget, USD per gross MWh.
        feeder, plant: of the site-node's feeders and plants, (F, T) and (K, T).
        battery_power, battery_energy: of one more MW and one more MWh of the battery over all steps; no price of a
            limit that others share, so that cuts leave them out.
        reserve: of what ancillary services take, (K, T); None: no service, or none with a limit.
        peak: of the peaks of demand charges, (P, T), 0 in hours that do not count; empty: none.
    """

    site: Floats
    hall: Floats
    air: Floats
    liquid: Floats
    energy: float = 0.0
    feeder: Floats = field(default_factory=_no_prices)
    plant: Floats = field(default_factory=_no_prices)
    battery_power: float = 0.0
    battery_energy: float = 0.0
    reserve: Floats | None = None
    peak: Floats = field(default_factory=_no_prices)


@dataclass(frozen=True)
class StorageSchedule:
    """A battery's operation: MW taken and given at the meter, and MWh stored at the end of each step, (T,) each."""

    charge_mw: Floats
    discharge_mw: Floats
    stored_mwh: Floats


@dataclass(frozen=True)
class Schedule:
    """Hour-by-hour operation.

    Attributes:
        load_mw: critical IT MW of each segment, (J, T).
        shed_mw: firm critical IT MW of each tenancy not served, (K, T).
        grid_mw: gross MW drawn at the meter, (T,).
        storage: of the site's battery; None where there is none.
        offer_mw: load of each segment offered to each ancillary service, gross MW, (K, J, T); K may be 0.
        work_mw: load of each segment that does deferrable work, part of load_mw, (D, J, T); D may be 0.
        take_mwh: gross energy that has to be taken or paid for.
        beyond_mwh: of each tenancy, firm energy not served beyond an allowance that can run out, (K,); None: none.
    """

    load_mw: Floats
    shed_mw: Floats
    grid_mw: Floats
    storage: StorageSchedule | None = None
    offer_mw: Floats = field(default_factory=lambda: np.zeros((0, 0, 0)))
    beyond_mwh: Floats | None = None
    work_mw: Floats = field(default_factory=lambda: np.zeros((0, 0, 0)))
    take_mwh: float = 0.0


@dataclass(frozen=True)
class SiteNodeValue:
    """Value of a node's operation in USD: earnings of segments and offers - power - what is not served.

    Undiscounted.
    """

    value_usd: float
    schedule: Schedule
    cut: Cut


def with_premium(node: SiteNode, premium_usd_per_btc: float) -> SiteNode:
    """The same hours where a mined Bitcoin is worth `premium_usd_per_btc` more."""
    worth = node.segment_value_usd_per_mwh + premium_usd_per_btc * node.btc_per_mwh
    return replace(node, segment_value_usd_per_mwh=worth)


__all__ = [
    "Capacity",
    "Cut",
    "LimitPrices",
    "Schedule",
    "SiteNode",
    "SiteNodeDispatch",
    "SiteNodeValue",
    "Start",
    "StorageSchedule",
    "with_premium",
]


class SiteNodeDispatch(Protocol):
    """Solves the hours of one site-node at a given capacity."""

    def solve(self, capacity: Capacity) -> SiteNodeValue:
        """Optimal operation; the cut is tight at `capacity` when the solution is optimal."""
        ...

    def price(self, capacity: Capacity) -> tuple[float, Cut]:
        """Value in USD and the cut alone, without the schedule."""
        ...

    def prices(self, capacity: Capacity) -> LimitPrices:
        """Prices of the hourly limits, optimal at `capacity`."""
        ...

    def at_premium(self, premium_usd_per_btc: float) -> SiteNodeDispatch:
        """The same hours where a mined Bitcoin is worth that much more than its price; values include it."""
        ...

    def start(self) -> Start:
        """From where the next solve starts."""
        ...

    def start_from(self, start: Start) -> None:
        """Forget earlier solves: answers then depend on what is asked and on this start, and on nothing else."""
        ...
