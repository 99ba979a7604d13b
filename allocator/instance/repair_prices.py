"""What lifting a limit costs, and what dropping a contract loses; only infeasible scenarios are told so."""

from __future__ import annotations

from dataclasses import dataclass

from allocator.instance.tree import Floats


@dataclass(frozen=True)
class RepairPrices:
    """USD by unit, each as the scenario states it.

    Attributes:
        dropped_contract_usd, later_month_usd: (C,) what going back on each contract costs, and a month's delay of it.
    """

    site_power_usd_per_mw: float
    feeder_power_usd_per_mw: float
    hall_power_usd_per_mw: float
    air_cooling_usd_per_mw: float
    liquid_cooling_usd_per_mw: float
    hosting_usd_per_mw: float
    energy_budget_usd_per_mwh_per_month: float
    slot_usd: float
    conversion_usd: float
    probability_usd: float
    dropped_contract_usd: Floats
    later_month_usd: Floats
