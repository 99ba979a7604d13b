"""One unit of equipment: the steps it runs in, what they earn, and what a unit costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from allocator.instance.envelope import envelope
from allocator.instance.market import gpu_draw_kw, mining_usd_per_mwh, rental_usd_per_mwh
from allocator.instance.market_state import MarketState
from allocator.instance.tree import Floats
from allocator.scenario.catalogue import bundled_catalogue
from allocator.scenario.equipment import Equipment
from allocator.scenario.resolve import ResolvedAsic, ResolvedGpu, resolve_equipment

Resolved = ResolvedAsic | ResolvedGpu


def resolve_all(entries: Mapping[str, Equipment]) -> dict[str, Resolved]:
    """Every entry completed from the bundled catalogue, in the order of the file."""
    return {name: resolve_equipment(entry, bundled_catalogue()) for name, entry in entries.items()}


@dataclass(frozen=True)
class UnitStep:
    """What one installed unit adds in one step.

    Attributes:
        mw: critical IT MW, times uptime share: machines that are down draw no power.
        ph_per_mw: PH/s per IT MW, 0 for GPU systems.
        usd_per_mwh: earnings per IT MWh less maintenance, before power, (N,).
    """

    mw: float
    ph_per_mw: float
    usd_per_mwh: Floats


def unit_steps(machine: Resolved, market: MarketState) -> tuple[UnitStep, ...]:
    """Steps of one unit, best first: the envelope of an ASIC's modes, or the average draw of a rented GPU system.

    A GPU system of which nothing is sold has no step.
    """
    return _asic_steps(machine, market) if isinstance(machine, ResolvedAsic) else _gpu_steps(machine, market)


def _asic_steps(machine: ResolvedAsic, market: MarketState) -> tuple[UnitStep, ...]:
    entry = machine.entry
    steps = []
    for step in envelope(machine.modes)[0]:
        ph_per_mw = 1000.0 * step.th_per_s / step.watts
        earnings = mining_usd_per_mwh(market.hashprice_usd_per_ph_day, market.mining_net_share, ph_per_mw)
        mw = step.watts / 1e6 * entry.uptime_share
        steps.append(UnitStep(mw, ph_per_mw, earnings - entry.maintenance_usd_per_mwh))
    return tuple(steps)


def _gpu_steps(machine: ResolvedGpu, market: MarketState) -> tuple[UnitStep, ...]:
    entry, rental = machine.entry, market.rentals[machine.rental_market]
    if rental.sold_share == 0.0:
        return ()
    draw_kw = gpu_draw_kw(machine.power_kw, rental.sold_share, machine.idle_share)
    earnings = rental_usd_per_mwh(rental.usd_per_gpu_hour, machine.gpus, rental.sold_share, draw_kw)
    return (UnitStep(draw_kw / 1e3 * entry.uptime_share, 0.0, earnings - entry.maintenance_usd_per_mwh),)


def top_th_per_s(machine: Resolved) -> float:
    """Hashrate at the top mode, 0 for GPU systems."""
    return max(th for th, _ in machine.modes) if isinstance(machine, ResolvedAsic) else 0.0


def top_power_kw(machine: Resolved) -> float:
    """Draw at the top mode worth running, kW."""
    if isinstance(machine, ResolvedGpu):
        return machine.power_kw
    return sum(step.watts for step in envelope(machine.modes)[0]) / 1e3


def dropped_modes(machines: Mapping[str, Resolved]) -> Iterator[str]:
    """Words for every power mode that is never worth running."""
    for name, machine in machines.items():
        if isinstance(machine, ResolvedAsic):
            for th_per_s, watts in envelope(machine.modes)[1]:
                yield f"equipment {name}: mode {th_per_s:g} TH/s at {watts:g} W lies below a mix of others; not used"


def grown(machine: Resolved, start: float, years: Floats) -> Floats:
    """A price `years` after the start: start * (1 + price growth) ** years, same shape as `years`."""
    return np.asarray(start * (1.0 + machine.entry.price_growth_per_year) ** years)
