"""Equipment: models with their prices, the bays they may stand in, and their power-mode steps with earnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from allocator.instance.envelope import envelope
from allocator.instance.halls import BayOption
from allocator.instance.market import Market, gpu_draw_kw, mining_usd_per_mwh, rental_usd_per_mwh
from allocator.instance.tree import Floats, NodeTree
from allocator.instance.types import Models, Placements, Segments
from allocator.scenario.equipment import STORAGE, Fleet
from allocator.scenario.resolve import ResolvedAsic, ResolvedGpu

Resolved = ResolvedAsic | ResolvedGpu


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


def unit_steps(machine: Resolved, market: Market) -> tuple[UnitStep, ...]:
    """Steps of one unit, best first: the envelope of an ASIC's modes, or the average draw of a rented GPU system.

    A GPU system of which nothing is sold has no step.
    """
    return _asic_steps(machine, market) if isinstance(machine, ResolvedAsic) else _gpu_steps(machine, market)


def _asic_steps(machine: ResolvedAsic, market: Market) -> tuple[UnitStep, ...]:
    entry = machine.entry
    steps = []
    for step in envelope(machine.modes)[0]:
        ph_per_mw = 1000.0 * step.th_per_s / step.watts
        earnings = mining_usd_per_mwh(market.hashprice_usd_per_ph_day, market.mining_net_share, ph_per_mw)
        mw = step.watts / 1e6 * entry.uptime_share
        steps.append(UnitStep(mw, ph_per_mw, earnings - entry.maintenance_usd_per_mwh))
    return tuple(steps)


def _gpu_steps(machine: ResolvedGpu, market: Market) -> tuple[UnitStep, ...]:
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


def compile_models(machines: Mapping[str, Resolved], fleets: Sequence[Fleet], tree: NodeTree) -> Models:
    """Models in the order of the file; prices and resale grow alike, to the start of each node."""
    entries = [machine.entry for machine in machines.values()]
    years = tree.first_month / 12.0
    return Models(
        names=tuple(machines),
        block_units=np.array([e.block_units for e in entries], dtype=np.int64),
        slots_per_unit=np.array([e.slots_per_unit for e in entries], dtype=float),
        price_usd=_by_node([grown(m, m.price_usd, years) for m in machines.values()], tree),
        resale_usd=_by_node([grown(m, m.entry.resale_usd, years) for m in machines.values()], tree),
        install_usd=np.array([e.install_usd for e in entries], dtype=float),
        lead_months=np.array([e.lead_months for e in entries], dtype=np.int64),
        refund_share=np.array([e.refund_share for e in entries], dtype=float),
        purchase_limit_units=np.array([np.inf if e.max_units is None else e.max_units for e in entries], dtype=float),
        buyable=np.array([e.buyable for e in entries], dtype=np.bool_),
        opening_stored_units=np.array([_units(fleets, name, STORAGE) for name in machines], dtype=float),
        hash_th_per_s=np.array([top_th_per_s(m) for m in machines.values()], dtype=float),
        power_kw=np.array([top_power_kw(m) for m in machines.values()], dtype=float),
        gpus=np.array([m.gpus if isinstance(m, ResolvedGpu) else 0 for m in machines.values()], dtype=float),
    )


def _by_node(rows: list[Floats], tree: NodeTree) -> Floats:
    return np.array(rows, dtype=float).reshape(len(rows), len(tree))


def _units(fleets: Sequence[Fleet], equipment: str, hall: str) -> int:
    return sum(fleet.units for fleet in fleets if (fleet.equipment, fleet.hall) == (equipment, hall))


def compile_placements(
    machines: Mapping[str, Resolved], options: Sequence[BayOption], hall_names: Sequence[str], fleets: Sequence[Fleet]
) -> Placements:
    """Compatible (model, bay) pairs, bay by bay; opening units stand in the opening bay of their hall."""
    pairs = [
        (e, b, _units(fleets, name, hall_names[bay.hall]) if bay.is_opening else 0)
        for b, bay in enumerate(options)
        for e, (name, machine) in enumerate(machines.items())
        if bay.fit_out.kind in machine.fit_out_kinds
    ]
    return Placements(
        model=np.array([e for e, _, _ in pairs], dtype=np.int64),
        bay=np.array([b for _, b, _ in pairs], dtype=np.int64),
        opening_units=np.array([units for _, _, units in pairs], dtype=float),
    )


def compile_segments(
    machines: Sequence[Resolved],
    steps: Sequence[tuple[UnitStep, ...]],
    placements: Placements,
    site_of_bay: Sequence[int],
    tree: NodeTree,
) -> Segments:
    """Every step of every placement, in the order of the placements: by site, bay, model, step."""
    rows = [
        (p, b, i, step, machines[e].air_heat_share)
        for p, (e, b) in enumerate(zip(placements.model.tolist(), placements.bay.tolist(), strict=True))
        for i, step in enumerate(steps[e])
    ]
    air = np.array([share for *_, share in rows], dtype=float)
    return Segments(
        placement=np.array([p for p, *_ in rows], dtype=np.int64),
        bay=np.array([b for _, b, *_ in rows], dtype=np.int64),
        site=np.array([site_of_bay[b] for _, b, *_ in rows], dtype=np.int64),
        step=np.array([i for _, _, i, *_ in rows], dtype=np.int64),
        mw_per_unit=np.array([step.mw for *_, step, _ in rows], dtype=float),
        hash_ph_per_mw=np.array([step.ph_per_mw for *_, step, _ in rows], dtype=float),
        air_share=air,
        liquid_share=1.0 - air,
        value_usd_per_mwh=_by_node([step.usd_per_mwh for *_, step, _ in rows], tree),
    )
